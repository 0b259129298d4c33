"""Guarded writes: whatever was read must still be so, else nothing is written.

Called by actions alone, inside their transaction.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from floorday.db import Insert, Statement, dialect, folding, run_sql, together, uuid7
from floorday.errors import NotFound, Raced
from floorday.issues.queries import IssueRow, Saved, TeamRow
from floorday.issues.queries.persons import TEAM, the_team
from floorday.issues.tables import Issue, IssueEvent, IssueWords, Note, Photo, SavedSearch
from floorday.people.moves import one_external_id
from floorday.render.words import gettext as _

_NUMBER = {
    "sqlite": Statement("UPDATE counter SET value = value + 1 WHERE name = 'issue' RETURNING value"),
    "postgres": Statement("SELECT nextval('issue_number') AS value"),
}
_ISSUE, _NOTE, _EVENT, _PHOTO = Insert(Issue), Insert(Note), Insert(IssueEvent), Insert(Photo)
_WORDS = Insert(IssueWords)
_SAID = Statement("UPDATE issue_words SET whole = whole || {} WHERE number = {}")

PART = 200
"""As many issues as are folded anew in one go."""


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


def add_photo(**values: Any) -> None:
    """Write a photo of a note with what follows in the transaction."""
    _PHOTO.later(**values)


async def forget_photos(note: UUID) -> None:
    """Take away the photos of a note."""
    await Photo.delete().where(Photo.note == note)


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


# --- what is looked for ------------------------------------------------------------------------------------------


def add_words(number: int, title: str, *texts: str) -> None:
    """Let a new issue be found, by its title and by its first notes."""
    _WORDS.later(number=number, face=folding.fold(title), whole=folding.together((title, *texts)))


def add_said(number: int, text: str) -> None:
    """Let an issue be found by one more note, which whoever sees it whole may read."""
    # Also where it is due to be folded: whoever folds it at this moment may not see the note yet.
    _SAID.later(f" {folding.MARK} {folding.fold(text)}", number)


async def fold_due(*, limit: int = PART) -> int:
    """Fold anew what has changed, some of it at a time, and never the same by two; returns how many issues."""
    locked = " FOR UPDATE SKIP LOCKED" if dialect() == "postgres" else ""
    due = [row["number"] for row in await run_sql(
        f"SELECT number FROM issue_words WHERE due ORDER BY number LIMIT {{}}{locked}", limit)]  # fmt: skip  # noqa: S608
    if not due:
        return 0
    among = ", ".join(["{}"] * len(due))
    texts = {row["number"]: [row["title"]] for row in await run_sql(
        f"SELECT number, title FROM issue WHERE number IN ({among})", *due)}  # fmt: skip  # noqa: S608
    for row in await run_sql(
        "SELECT w.number, n.text, n.at, n.id FROM issue w JOIN note n ON n.issue = w.id"  # noqa: S608 - own words
        f" WHERE w.number IN ({among}) AND n.withdrawn_at IS NULL UNION ALL"
        " SELECT w.number, n.text, n.at, n.id FROM issue w JOIN issue p ON p.joined_into = w.id"
        f" JOIN note n ON n.issue = p.id WHERE w.number IN ({among}) AND n.withdrawn_at IS NULL ORDER BY 1, 3, 4",
        *due, *due,
    ):  # fmt: skip
        texts[row["number"]].append(row["text"])
    values = ", ".join(["(CAST({} AS INTEGER), CAST({} AS TEXT), CAST({} AS TEXT))"] * len(texts))
    fresh = [one for number, said in texts.items() for one in (number, folding.fold(said[0]), folding.together(said))]
    await run_sql(
        f"WITH fresh(number, face, whole) AS (VALUES {values}) UPDATE issue_words"  # noqa: S608 - own words
        " SET face = fresh.face, whole = fresh.whole, due = FALSE FROM fresh WHERE issue_words.number = fresh.number",
        *fresh,
    )  # fmt: skip
    return len(due)


async def save_search(person: UUID, name: str, query: str, *, now: datetime) -> UUID:
    """Keep a search under a name, instead of one that had it."""
    rows = await run_sql(
        "INSERT INTO saved_search (id, person, name, query, created_at) VALUES ({}, {}, {}, {}, {})"
        " ON CONFLICT (person, name) DO UPDATE SET query = EXCLUDED.query RETURNING id",
        uuid7(), person, name, query, now,
    )  # fmt: skip
    found = rows[0]["id"]
    return found if isinstance(found, UUID) else UUID(found)


async def delete_search(person: UUID, search: UUID) -> Saved:
    """Forget an own search, and give what it was."""
    gone = await SavedSearch.delete().where(SavedSearch.id == search, SavedSearch.person == person).returning(
        SavedSearch.id, SavedSearch.name, SavedSearch.query)
    if not gone:
        raise NotFound(_("There is no such search."))
    return Saved(search, gone[0]["name"], gone[0]["query"])


async def forget_searches(person: UUID) -> None:
    """Forget all searches of somebody."""
    await SavedSearch.delete().where(SavedSearch.person == person)
