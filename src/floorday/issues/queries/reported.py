"""Notes that somebody said name a colleague, and what was done with them: for coordinators alone."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import run_sql
from floorday.issues.blots import unpack
from floorday.issues.queries.asked import among
from floorday.issues.rules import Naming
from floorday.people.tables import Person

SETTLES = ("masked", "restricted", "issue restricted", "dismissed")
MOST = 200


class Report(Struct, frozen=True, kw_only=True):
    """Somebody's word about a note. `act` is what settled it ("" while it is open)."""

    id: UUID
    note: UUID
    by_name: str | None
    at: datetime
    word: str
    act: str | None = None


class NoteActRow(Struct, frozen=True, kw_only=True):
    """What was done with a note; `before` is what its line said until then, "" where it said the same."""

    id: UUID
    note: UUID
    at: datetime
    by_name: str | None
    what: str
    text: str
    kept: str
    taken_back_at: datetime | None

    @property
    def before(self) -> str:
        """Say what the note's line was."""
        return next((one.was for one in unpack(self.kept) if (one.table, one.column) == ("note", "text")), "")


class Reported(Struct, frozen=True, kw_only=True):
    """A note that was reported, as a list shows it."""

    note: UUID
    issue: UUID | None
    number: int | None
    team_name: str
    team_zone: str
    text: str
    restricted: bool
    withdrawn_at: datetime | None
    reports: int
    open: int
    last_at: datetime
    asked: bool
    corrected: bool


LIST = """
SELECT n.id AS note, n.issue, i.number, t.name AS team_name, t.zone AS team_zone, n.text, n.restricted, n.withdrawn_at,
       COUNT(*) AS reports, SUM(CASE WHEN r.act IS NULL THEN 1 ELSE 0 END) AS open, MAX(r.at) AS last_at,
       (SELECT COUNT(*) FROM note_act a WHERE a.note = n.id AND a.what = 'asked' AND a.taken_back_at IS NULL) AS asked,
       (SELECT COUNT(*) FROM note_act a WHERE a.note = n.id AND a.what = 'corrected' AND a.at >= MIN(r.at)) AS corrected
  FROM note_report r JOIN note n ON n.id = r.note JOIN team t ON t.id = n.team LEFT JOIN issue i ON i.id = n.issue
 GROUP BY n.id, n.issue, i.number, t.name, t.zone, n.text, n.restricted, n.withdrawn_at
 ORDER BY SUM(CASE WHEN r.act IS NULL THEN 1 ELSE 0 END) > 0 DESC, MAX(r.at) DESC, n.id
 LIMIT {}
"""


async def reported() -> list[Reported]:
    """List the notes that were reported: those that wait first, then by the last report, the newest first."""
    rows = await run_sql(LIST, MOST)
    kept = await kept_words([_uuid(row["note"]) for row in rows if row["restricted"]])
    texts = {note: words["text"] for note, words in kept.items() if "text" in words}
    return [
        msgspec.convert(
            {**row, "text": texts.get(_uuid(row["note"]), row["text"]),
             **{name: bool(row[name]) for name in ("restricted", "asked", "corrected")}}, Reported)
        for row in rows
    ]  # fmt: skip


async def reports(note: UUID) -> list[Report]:
    """List who said that a note names somebody, the first first."""
    rows = await run_sql(
        "SELECT r.id, r.note, p.name AS by_name, r.at, r.word, a.what AS act FROM note_report r"
        ' LEFT JOIN person p ON p.id = r."by" LEFT JOIN note_act a ON a.id = r.act'
        " WHERE r.note = {} ORDER BY r.at, r.id", note)  # fmt: skip
    return msgspec.convert(rows, list[Report])


async def note_acts(note: UUID) -> list[NoteActRow]:
    """List what was done with a note, the first first."""
    rows = await run_sql(
        "SELECT a.id, a.note, a.at, p.name AS by_name, a.what, a.text, a.kept, a.taken_back_at FROM note_act a"
        ' LEFT JOIN person p ON p.id = a."by" WHERE a.note = {} ORDER BY a.at, a.id', note)  # fmt: skip
    return msgspec.convert(rows, list[NoteActRow])


async def has_reported(note: UUID, person: UUID) -> bool:
    """Say whether somebody has reported a note, and waits for what becomes of it."""
    rows = await run_sql(
        'SELECT 1 AS one FROM note_report WHERE note = {} AND "by" = {} AND act IS NULL', note, person)
    return bool(rows)


async def is_reported(note: UUID) -> bool:
    """Say whether somebody has said of a note that it names a colleague, and nobody dismissed that."""
    rows = await run_sql(
        "SELECT 1 AS one FROM note_report r LEFT JOIN note_act a ON a.id = r.act WHERE r.note = {}"
        " AND (a.id IS NULL OR a.what <> 'dismissed')", note)  # fmt: skip
    return bool(rows)


async def kept_words(notes: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Give what restricted notes say, by note and column; for their reporters and coordinators alone."""
    if not notes:
        return {}
    which = among("a.note", sorted(notes))
    rows = await run_sql(
        f"SELECT a.note, a.kept FROM note_act a WHERE {which.sql} AND a.what = 'restricted'"  # noqa: S608 - own words
        " AND a.taken_back_at IS NULL ORDER BY a.at, a.id", *which.args)  # fmt: skip
    found: dict[UUID, dict[str, str]] = {}
    for row in rows:
        own = _uuid(row["note"])
        found[own] = {one.column: one.was for one in unpack(row["kept"]) if one.table == "note" and one.id == own}
    return found


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


async def places(note: UUID, issue: UUID | None) -> list[tuple[str, str, UUID, str]]:
    """List where words of a note may stand: itself, its issue and the one that this is part of, letters that wait."""
    found: list[tuple[str, str, UUID, str]] = []
    own = await run_sql("SELECT id, text, idea, fixed_like FROM note WHERE id = {}", note)
    found += _each("note", own, "text", "idea", "fixed_like")
    if issue is None:
        return found
    both = "(SELECT w.id FROM issue w WHERE w.id = {} OR w.id = (SELECT p.joined_into FROM issue p WHERE p.id = {}))"
    issues = await run_sql(f"SELECT id, title, question, done FROM issue WHERE id IN {both} ORDER BY id", issue, issue)  # noqa: S608
    events = await run_sql(
        f"SELECT id, text, undo FROM issue_event WHERE issue IN {both} ORDER BY at, id", issue, issue)  # noqa: S608
    letters = await run_sql(
        f"SELECT id, facts FROM letter WHERE about IN {both} AND content IS NULL AND sent_at IS NULL"  # noqa: S608
        " AND failed_at IS NULL AND taken_back_at IS NULL ORDER BY id", issue, issue)  # fmt: skip
    said = await run_sql(
        f"SELECT id, word, because FROM join_suggestion WHERE issue IN {both} OR other IN {both} ORDER BY id",  # noqa: S608
        issue, issue, issue, issue)
    found += _each("issue", issues, "title", "question", "done") + _each("join_suggestion", said, "word", "because")
    found += _each("issue_event", events, "text", "undo")
    return found + _each("letter", letters, "facts")


def _each(table: str, rows: list[dict[str, Any]], *columns: str) -> list[tuple[str, str, UUID, str]]:
    return [(table, column, _uuid(row["id"]), row[column]) for row in rows for column in columns if row[column]]


async def names_in(*texts: str) -> list[str]:
    """List the words of some texts that are part of the name of somebody who is here, as they stand there."""
    said = list(dict.fromkeys(word for text in texts for word in re.findall(r"[^\W\d_]{2,}", text)))
    capital = [word for word in said if word[0].isupper()]
    if not capital:
        return []
    rows = await Person.select(Person.name).where(Person.left_at.is_null())
    known = {part.casefold() for row in rows for part in re.findall(r"[^\W\d_]{2,}", row["name"])}
    return [word for word in capital if word.casefold() in known]


def may_be_asked(naming: Naming, reporter: UUID | None) -> bool:
    """Say whether there is somebody to ask for better words."""
    return naming is not Naming.ANONYMOUS and reporter is not None
