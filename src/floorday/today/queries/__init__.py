"""What a person's first page and a day's brief show of issues; each list is one query."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from floorday.db import run_sql
from floorday.inbox.queries import WAITS
from floorday.issues import queries as issues
from floorday.issues.queries import Filters
from floorday.issues.rules import Ending, Stage, Turn
from floorday.issues.tables import Issue, Note
from floorday.people.access import Actor

MOST = 30
MOST_SEEN = 1000


class Line(Struct, frozen=True):
    """An issue in a short list."""

    id: UUID
    number: int
    title: str
    team_name: str
    turn: Turn
    ending: Ending
    owner_name: str | None
    sponsor: UUID | None
    promised_for: date | None
    question: str
    done: str
    restricted: bool
    raised_at: datetime
    changed_at: datetime
    hard: str | None = None
    vendor_name: str | None = None
    vendor_says: str = ""
    vendor_date: date | None = None

    @property
    def stage(self) -> Stage:
        """Say in one word where it stands."""
        return Stage.of(self.turn, self.ending)


_LINE = (
    Issue.id, Issue.number, Issue.title, Issue.team._.name.as_alias("team_name"), Issue.turn, Issue.ending,
    Issue.owner._.name.as_alias("owner_name"), Issue.sponsor, Issue.promised_for, Issue.question, Issue.done,
    Issue.restricted, Issue.raised_at, Issue.changed_at, Issue.vendor._.name.as_alias("vendor_name"), Issue.vendor_says,
    Issue.vendor_date,
)  # fmt: skip


async def _lines(where: Any) -> list[Line]:
    rows = (
        await Issue.select(*_LINE)
        .where(where & (Issue.ending != Ending.JOINED.value))
        .order_by(Issue.changed_at, Issue.id, ascending=False)
        .limit(MOST)
    )
    return msgspec.convert(rows, list[Line])


async def raised(person: UUID) -> list[Line]:
    """List what somebody raised and what became of it; a joined issue shows as the one it joined."""
    rows = await run_sql(
        "SELECT DISTINCT COALESCE(i.joined_into, i.id) AS id FROM note n JOIN issue i ON i.id = n.issue"
        " WHERE n.reporter = {} AND n.withdrawn_at IS NULL",
        person,
    )
    ids = [UUID(str(row["id"])) for row in rows]
    return await _lines(Issue.id.is_in(ids)) if ids else []


_SPONSORED = """
SELECT i.id, i.number, i.title, t.name AS team_name, i.turn, i.ending, o.name AS owner_name, i.sponsor,
       i.promised_for, i.question, i.done, i.restricted, i.raised_at, i.changed_at, h.month AS hard
  FROM issue i JOIN team t ON t.id = i.team LEFT JOIN person o ON o.id = i.owner
  LEFT JOIN hard_one h ON h.issue = i.id AND h.month = {}
 WHERE i.sponsor = {} AND i.turn <> 'closed' ORDER BY h.place IS NULL, h.place, i.changed_at DESC, i.id DESC LIMIT {}
"""


async def sponsored(person: UUID, month: str = "") -> list[Line]:
    """List the open issues that somebody sponsors: what they owe, the hard ones of a month ("2026-11") first."""
    return msgspec.convert(await run_sql(_SPONSORED, month, person, MOST), list[Line])


async def owned(person: UUID) -> list[Line]:
    """List the open issues that somebody owns."""
    return await _lines((Issue.owner == person) & (Issue.turn != Turn.CLOSED.value))


class Desk(Struct, frozen=True):
    """How much waits for whoever keeps the programme going: mails, letters, notes, suggestions, what has no place."""

    mails: int
    letters: int
    unplaced: int
    reported: int = 0
    suggested: int = 0


async def desk() -> Desk:
    """Count what waits for a coordinator, in one query."""
    (row,) = await run_sql(
        "SELECT (SELECT count(*) FROM inbound_mail WHERE decided_at IS NULL AND outcome IN"  # noqa: S608 - own words
        f" ({', '.join(['{}'] * len(WAITS))})) AS mails,"
        " (SELECT count(*) FROM letter WHERE failed_at IS NOT NULL) AS letters,"
        " (SELECT count(DISTINCT note) FROM note_report WHERE act IS NULL) AS reported,"
        " (SELECT count(*) FROM join_suggestion WHERE outcome = '') AS suggested,"
        " (SELECT count(*) FROM issue WHERE turn = {} AND turn <> 'closed' AND snoozed_until IS NULL"
        " AND department IS NULL) AS unplaced",
        *WAITS, Turn.NEEDS_OWNER.value)  # fmt: skip
    return msgspec.convert(row, Desk)


async def awaited_by(teams: frozenset[UUID] | set[UUID]) -> list[Line]:
    """List the open issues of some teams: what they still wait for."""
    if not teams:
        return []
    return await _lines(Issue.team.is_in(sorted(teams)) & (Issue.turn != Turn.CLOSED.value))


async def awaited_for(actor: Actor, team: UUID) -> list[Line]:
    """List what a team still waits for, as far as a reader may see it."""
    lines = await awaited_by({team})
    if all(not line.restricted for line in lines):
        return lines
    whole = await _seen_whole(actor, Filters(team=team, limit=MOST_SEEN))
    return [line for line in lines if not line.restricted or line.id in whole]


async def owed_for(actor: Actor, manager: UUID) -> list[Line]:
    """List what a manager still owes, as far as a reader may see it: of many an issue that is the face alone."""
    lines = await sponsored(manager)
    if actor.person == manager or not lines:
        return lines
    whole = await _seen_whole(actor, Filters(sponsor=manager, limit=MOST_SEEN))
    return [
        line if line.id in whole else structs.replace(line, team_name="", owner_name=None, question="", done="")
        for line in lines if line.id in whole or not line.restricted
    ]  # fmt: skip


async def _seen_whole(actor: Actor, filters: Filters) -> set[UUID]:
    return {row.id for row in await issues.board(actor, filters) if row.whole}


async def notes_of_day(booking: UUID) -> int:
    """Count what was noted on a day."""
    return await Note.count().where((Note.day == booking) & Note.withdrawn_at.is_null())
