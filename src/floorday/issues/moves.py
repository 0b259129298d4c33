"""Guarded writes: whatever was read must still be so, else nothing is written.

Called by actions alone, inside their transaction.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from floorday.db import Insert, Statement, dialect, together
from floorday.errors import Raced
from floorday.issues.queries import IssueRow, TeamRow
from floorday.issues.queries.persons import TEAM, the_team
from floorday.issues.tables import Issue, IssueEvent, Note
from floorday.people.moves import one_external_id
from floorday.render.words import gettext as _

_NUMBER = {
    "sqlite": Statement("UPDATE counter SET value = value + 1 WHERE name = 'issue' RETURNING value"),
    "postgres": Statement("SELECT nextval('issue_number') AS value"),
}
_ISSUE, _NOTE, _EVENT = Insert(Issue), Insert(Note), Insert(IssueEvent)


async def next_number(team: UUID) -> tuple[TeamRow, int]:
    """Take the next public number, for an issue of a team that is not closed.

    PostgreSQL does not give the number to another issue if this one is not saved.
    """
    found, given = await together(TEAM.of(team), _NUMBER[dialect()].of())
    return the_team(found), given[0]["value"]


def add_issue(**values: Any) -> None:
    """Write a new issue with what follows in the transaction."""
    _ISSUE.later(**values)


def add_note(**values: Any) -> None:
    """Write a new note with what follows in the transaction."""
    _NOTE.later(**values)


def add_event(values: dict[str, Any]) -> None:
    """Write a line of history with what follows in the transaction."""
    _EVENT.later(**values)


async def save(issue: IssueRow, values: dict[Any, Any]) -> None:
    """Change an issue that still stands as it was read; else somebody was faster."""
    saved = await Issue.update({**values, Issue.version: issue.version + 1}).where(
        Issue.id == issue.id, Issue.version == issue.version).returning(Issue.id)
    if not saved:
        raise Raced(_("Somebody else has just changed this issue. Look at it again, then decide."))


async def match(issue: IssueRow, external_id: str | None, *, now: datetime) -> None:
    """Keep what another program calls an issue that still stands as it was read."""
    async with one_external_id():
        await save(issue, {Issue.external_id: external_id, Issue.changed_at: now})


async def carry_along(issue: UUID, into: UUID) -> None:
    """Let what was joined into an issue go with it, so that a join is never more than one step long."""
    await Issue.update({Issue.joined_into: into}).where(Issue.joined_into == issue)


async def withdraw(note: UUID, *, now: datetime) -> None:
    """Mark a note as withdrawn, once."""
    gone = await Note.update({Note.withdrawn_at: now}).where(
        Note.id == note, Note.withdrawn_at.is_null()).returning(Note.id)
    if not gone:
        raise Raced(_("This note has been withdrawn already."))


async def correct(note: UUID, *, was: str, text: str) -> None:
    """Write a note anew that still stands as it was read."""
    saved = await Note.update({Note.text: text}).where(
        Note.id == note, Note.text == was, Note.withdrawn_at.is_null()).returning(Note.id)
    if not saved:
        raise Raced(_("This note has just been changed. Look at it again."))


async def undone(event: UUID, text: str) -> None:
    """Say of a line of history that it was undone, so that no figure counts it; raise Raced the second time."""
    gone = await IssueEvent.update({IssueEvent.what: "undone", IssueEvent.text: text, IssueEvent.undo: ""}).where(
        IssueEvent.id == event, IssueEvent.undo != "").returning(IssueEvent.id)
    if not gone:
        raise Raced(_("This has already been undone."))
