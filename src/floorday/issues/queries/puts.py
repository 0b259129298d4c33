"""Questions to those who raised an issue: what is asked of whom, and who has answered.

A question is a line of the issue's history, and so is each answer (`other` names the question). Who was asked stands
beside the line and is shown to nobody, for it may be somebody who hides the name.
"""

# pyright: reportUnknownMemberType=false
# (Piccolo's queries are typed without the row.)

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import run_sql
from floorday.issues.queries.listed import uuid_of
from floorday.issues.queries.rows import IssueRow, Pass, Put
from floorday.mail.tables import MailToken
from floorday.people.access import Actor
from floorday.render import tokens

QUESTION = "asked"
"""The purpose of the links to answer; each is of one person alone: `asked.<person>`."""

ONE = "one"
"""What a question to one alone `says`."""


class Asked(Struct, frozen=True, kw_only=True):
    """A question as it is stored: to a person, to the writer of a note, or (neither) to everybody who raised it."""

    id: UUID
    issue: UUID
    text: str
    at: datetime
    by: UUID | None
    by_name: str | None
    says: str
    reporter: UUID | None
    note: UUID | None

    def to(self, *, person: UUID | None = None, note: UUID | None = None) -> bool:
        """Say whether somebody who raised it is asked: a person, or who wrote an anonymous note."""
        if self.says != ONE:
            return True
        return self.reporter == person if person is not None else self.reporter is None and self.note == note


async def asked(row: IssueRow) -> Asked | None:
    """Find what those who raised an issue are asked."""
    return await question_of(row.asks) if row.asks is not None else None


async def question_of(question: UUID) -> Asked | None:
    """Find a question, whether or not it still waits for answers."""
    rows = await run_sql(
        'SELECT e.id, e.issue, e.text, e.at, e."by", p.name AS by_name, e.says, e.reporter, e.note FROM issue_event e'
        ' LEFT JOIN person p ON p.id = e."by" WHERE e.id = {} AND e.what = \'asked the floor\'', question)  # fmt: skip
    return msgspec.convert(rows[0], Asked) if rows else None


async def has_answered(question: Asked, *, person: UUID | None = None, note: UUID | None = None) -> bool:
    """Say whether a person, or who wrote an anonymous note, has answered a question."""
    column, who = ("reporter", person) if person is not None else ("note", note)
    rows = await run_sql(
        f"SELECT 1 AS one FROM issue_event WHERE issue = {{}} AND what = 'answered' AND other = {{}} AND {column} = {{}}",  # noqa: S608, E501 - own words
        question.issue, question.id, who)  # fmt: skip
    return bool(rows)


def put_to(
    row: IssueRow, lines: Iterable[Mapping[str, Any]], actor: Actor
) -> Put | None:
    """Say, of an issue that its reader sees whole, what is asked, and whether it is asked of them."""
    if row.asks is None:
        return None
    for line in lines:
        if uuid_of(line["id"]) != row.asks:
            continue
        found = msgspec.convert(line, Asked)
        raised = actor.person in row.reporters and found.by != actor.person
        answered = any(
            one["what"] == "answered" and uuid_of(one["other"]) == row.asks and one["reporter"] == actor.person
            for one in lines
        )
        return put(found, mine=raised and found.to(person=actor.person), answered=answered)
    return None


def put(question: Asked, *, mine: bool, answered: bool) -> Put:
    """Say a question as somebody sees it."""
    return Put(
        id=question.id, issue=question.issue, text=question.text, at=question.at, by=question.by,
        by_name=question.by_name or "", one=question.says == ONE, mine=mine, answered=answered,
    )  # fmt: skip


def question_for(person: UUID) -> str:
    """Name the purpose of a link to answer: one person's alone."""
    return f"{QUESTION}.{person.hex}"


async def question_link(token: str, *, now: datetime) -> Pass | None:
    """Find which question a link answers, and whose it is; nothing when it is unknown, too old or revoked."""
    row = (
        await MailToken.select(
            MailToken.purpose, MailToken.about, MailToken.person, MailToken.expires_at, MailToken.revoked_at)
        .where(MailToken.hash == tokens.digest(token)).first()
    )  # fmt: skip
    if row is None or row["person"] is None or row["revoked_at"] is not None:
        return None
    if row["purpose"].partition(".")[0] != QUESTION or (row["expires_at"] is not None and row["expires_at"] <= now):
        return None
    return Pass(row["about"], row["person"])
