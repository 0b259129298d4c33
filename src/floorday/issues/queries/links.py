"""What a link in a letter, or a follow-up code, stands for."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import run_sql
from floorday.issues.queries.clocks import WORD
from floorday.issues.queries.listed import issue
from floorday.issues.queries.rows import DECISION, VERDICT, EventRow, Face, Heard, Pass, Written
from floorday.issues.queries.told import NOTES
from floorday.issues.rules import Naming, Verdict
from floorday.issues.tables import Issue, IssueEvent
from floorday.mail.tables import MailToken
from floorday.people.queries import reader
from floorday.render import tokens


def purpose_for(reporter: UUID) -> str:
    """Name the purpose of a verdict link: one reporter's alone."""
    return f"{VERDICT}.{reporter.hex}"


async def verdict_link(token: str, *, now: datetime) -> Pass | None:
    """Find what a verdict link stands for; nothing when it is unknown, revoked, or of an older resolution."""
    row = await _token(token, VERDICT, now)
    if row is None:
        return None
    found = await Issue.select(Issue.round).where(Issue.id == row["about"]).first()
    if found is None or found["round"] != row["generation"]:
        return None
    return Pass(row["about"], row["person"])


async def decision_link(token: str, *, now: datetime) -> Pass | None:
    """Find what a decision link stands for; nothing when it is unknown or revoked, or another sponsor answers now."""
    row = await _token(token, DECISION, now)
    if row is None:
        return None
    found = await Issue.select(Issue.sponsor).where(Issue.id == row["about"]).first()
    if found is None or found["sponsor"] != row["person"]:
        return None
    return Pass(row["about"], row["person"])


async def word_link(token: str, *, now: datetime) -> Pass | None:
    """Find what a link for a word stands for; nothing when it is unknown or revoked."""
    row = await _token(token, WORD, now)
    return Pass(row["about"], row["person"]) if row else None


UNMASK = "unmask"


async def unmask_link(token: str, *, now: datetime) -> Pass | None:
    """Find whose note a link from a letter of thanks is about; the note stands where others have the issue."""
    row = await _token(token, UNMASK, now)
    return Pass(row["about"], row["person"]) if row else None


class Beside(Struct, frozen=True):
    """What a note says beside its line, and whether its issue was opened by it."""

    idea: str
    fixed_like: str
    opened: bool


async def beside_text(note: UUID) -> Beside:
    """Find what a note says beside its line."""
    rows = await run_sql(
        "SELECT n.idea, n.fixed_like, (SELECT COUNT(*) FROM note o WHERE o.issue = n.issue"
        " AND (o.at < n.at OR (o.at = n.at AND o.id < n.id))) AS earlier FROM note n WHERE n.id = {}", note)
    return Beside(rows[0]["idea"], rows[0]["fixed_like"], rows[0]["earlier"] == 0)


async def reply_pass(token: str, purpose: str, *, now: datetime) -> Pass | None:
    """Find what the token in an address for replies stands for; nothing when it is unknown or over."""
    row = await _token(token, purpose, now)
    return Pass(row["about"], row["person"]) if row else None


async def word_pass(token: str, now: datetime) -> Face | None:
    """Give what the page behind a link for a word shows."""
    return await _face(await word_link(token, now=now))


async def verdict_pass(token: str, now: datetime) -> Face | None:
    """Give what the page behind a verdict link shows."""
    return await _face(await verdict_link(token, now=now))


async def decision_pass(token: str, now: datetime) -> Face | None:
    """Give what the page behind a decision link shows."""
    return await _face(await decision_link(token, now=now))


async def _token(token: str, purpose: str, now: datetime) -> dict[str, Any] | None:
    row = await held_token(token, purpose, now)
    return row if row is not None and row["person"] is not None else None


async def held_token(token: str, purpose: str, now: datetime) -> dict[str, Any] | None:
    """Find a token that works, of this purpose, also one that is no person's."""
    row = (
        await MailToken.select(
            MailToken.purpose,
            MailToken.about,
            MailToken.person,
            MailToken.generation,
            MailToken.expires_at,
            MailToken.revoked_at,
        )
        .where(MailToken.hash == tokens.digest(token))
        .first()
    )
    if row is None or row["revoked_at"] is not None:
        return None
    if row["purpose"].partition(".")[0] != purpose or (row["expires_at"] is not None and row["expires_at"] <= now):
        return None
    return row


async def _face(held: Pass | None) -> Face | None:
    if held is None:
        return None
    found = await reader(held.person)
    if found is None:
        return None
    row = await issue(None, held.issue)
    return Face(
        id=row.id, number=row.number, title=row.title, turn=row.turn, ending=row.ending, question=row.question,
        resolution=row.resolution, done=row.done, promised_for=row.promised_for, person=found.name,
        person_id=found.id, zone=found.zone, language=found.language,
    )  # fmt: skip


async def last_word(issue: UUID) -> EventRow | None:
    """Give what those who raised an issue heard last from whoever fixes it; no name of the floor is in it."""
    rows = await run_sql(
        'SELECT e.id, e.issue, e.at, e.what, e."by", COALESCE(p.name, \'\') AS by_name, e.door, e.text, e.for_date,'
        " e.says, e.other, e.round FROM issue_event e LEFT JOIN person p ON p.id = e.\"by\" WHERE e.issue = {}"
        " AND e.what IN ('acknowledged', 'promised', 'updated', 'decided', 'resolved', 'declined')"
        " ORDER BY e.at DESC, e.id DESC LIMIT 1",
        issue,
    )
    return msgspec.convert(rows[0], EventRow) if rows else None


async def by_code(digest: str) -> Written | None:
    """Find the anonymous note that a follow-up code opens, by the code's keyed hash."""
    rows = await run_sql(
        f"{NOTES} WHERE n.follow_up = {{}} AND n.naming = {{}} AND n.withdrawn_at IS NULL",
        digest, Naming.ANONYMOUS.value,
    )  # fmt: skip
    return msgspec.convert(rows[0], Written) if rows else None


TOLD = (
    "acknowledged", "promised", "updated", "decided", "resolved", "declined", "reopened", "returned", "joined", "split",
    "taken out",
)  # fmt: skip


OWN = ("verdict", "word", "answered")
"""What a reporter without a name says with the code, and reads there again."""


async def heard(issues: Collection[UUID], *, note: UUID) -> list[Heard]:
    """List what was told to everybody who raised an issue, and what was said as this note, oldest first.

    It names nobody; that somebody else says "not fixed" opens it again, and of that no word is here.
    """
    event: Any = IssueEvent
    said = (event.note == note) & event.what.is_in(list(OWN))
    back = (event.what == "verdict") & event.says.is_in([Verdict.PARTLY.value, Verdict.NOT.value])
    rows = await IssueEvent.select(
        event.at, event.what, event.says, event.text, event.for_date, event.note,
    ).where(event.issue.is_in(sorted(issues)), event.what.is_in(list(TOLD)) | said | back).order_by(
        event.at, event.id)  # fmt: skip
    return [
        msgspec.convert(row if row["note"] == note or row["what"] not in OWN
                        else row | {"what": "reopened", "says": "", "text": ""}, Heard)
        for row in rows
    ]  # fmt: skip
