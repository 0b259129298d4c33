"""What was said and done about an issue: notes, history, letters."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from floorday.bookings.tables import Booking
from floorday.errors import NotFound
from floorday.issues.queries.listed import ISSUE_COLUMNS, as_seen, seen_whole, with_parts
from floorday.issues.queries.persons import day_of
from floorday.issues.queries.rows import PAGE, EventRow, IssueRow, Last, LetterRow, NoteRow, Opened, Written
from floorday.issues.rules import Naming, Resolution, Stream, Turn, Verdict
from floorday.issues.tables import Issue, IssueEvent, Note
from floorday.mail.tables import Letter
from floorday.people.access import Act, Actor, Role, What, can, visible
from floorday.render.words import gettext as _

NOTE_COLUMNS = (
    Note.id, Note.issue, Note.issue._.number.as_alias("issue_number"), Note.team,
    Note.team._.name.as_alias("team_name"), Note.team._.zone.as_alias("team_zone"), Note.day, Note.stream, Note.text,
    Note.naming, Note.reporter, Note.reporter._.name.as_alias("reporter_name"), Note.at, Note.withdrawn_at,
)  # fmt: skip


def shown_name(note: Written, actor: Actor) -> str:
    """Give the name beside a note as this reader may see it; "" where it is not for them, or nobody knows it."""
    if note.naming is Naming.ANONYMOUS or note.reporter is None:
        return ""
    if note.naming is Naming.HIDDEN and note.reporter != actor.person and not actor.has(Role.COORDINATOR):
        return ""
    return note.reporter_name or ""


async def notes(actor: Actor, row: IssueRow) -> list[NoteRow]:
    """List what was said about an issue, joined ones included; nothing to whoever sees its face alone."""
    if not row.whole:
        return []
    return _shown(await _notes(Note.issue.is_in(with_parts([row.id]))), actor)


async def good_news(actor: Actor, *, limit: int = PAGE) -> list[NoteRow]:
    """List the good news of the teams that somebody may read, newest first, and the own."""
    condition: Any = Note.stream == Stream.GOOD_NEWS.value
    scope = visible(actor, What.ISSUES)
    if not scope.all:
        days = Booking.select(Booking.id).where(Booking.manager == actor.person)
        theirs: Any = (Note.reporter == actor.person) | Note.day.is_in(days)
        condition = condition & (theirs | Note.team.is_in(sorted(scope.teams)) if scope.teams else theirs)
    return _shown(await _notes(condition, newest=limit), actor)


async def listed_notes(
    actor: Actor, *, only: UUID | None = None, after: UUID | None = None, limit: int = 1, issue: UUID | None = None,
    day: UUID | None = None, team: UUID | None = None, stream: Stream | None = None, mine: bool = False,
    withdrawn: bool = True,
) -> list[NoteRow]:  # fmt: skip
    """List by id the notes that somebody may read: the own, those of issues seen whole, good news of the own teams."""
    wanted: list[Any] = []
    for column, value in (
        (Note.id, only), (Note.issue, issue), (Note.day, day), (Note.team, team),
        (Note.stream, stream and stream.value), (Note.reporter, actor.person if mine else None),
    ):  # fmt: skip
        if value is not None:
            wanted.append(column == value)
    if after is not None:
        wanted.append(Note.id > after)
    if not withdrawn:
        wanted.append(Note.withdrawn_at.is_null())
    if (whole := seen_whole(actor)) is not None:
        issues = Issue.select(Issue.id).where(whole)
        seen: Any = (Note.reporter == actor.person) | Note.issue.is_in(issues) | Note.issue._.joined_into.is_in(issues)
        good: Any = Note.stream == Stream.GOOD_NEWS.value
        theirs: Any = Note.day.is_in(Booking.select(Booking.id).where(Booking.manager == actor.person))
        if teams := visible(actor, What.ISSUES).teams:
            theirs = theirs | Note.team.is_in(sorted(teams))
        wanted.append(seen | (good & theirs))
    query = Note.select(*NOTE_COLUMNS)
    if wanted:
        query = query.where(*wanted)
    return _shown(await query.order_by(Note.id).limit(limit), actor)


async def day_notes(actor: Actor, booking: UUID) -> list[NoteRow]:
    """List what was said on a day; whoever may see the day's brief reads it, anybody else the own."""
    thing = await day_of(booking)
    condition: Any = Note.day == booking
    whole = actor.has(Role.COORDINATOR, Role.HEAD_OF_SERVICE) or can(actor, Act.RAISE, thing)
    if not whole:
        condition = condition & (Note.reporter == actor.person)
    return _shown(await _notes(condition), actor)


async def note(note_id: UUID) -> Written:
    """Find a note as it is stored."""
    row = await Note.select(*NOTE_COLUMNS).where(Note.id == note_id).first()
    if row is None:
        raise NotFound(_("There is no such note."))
    return msgspec.convert(row, Written)


async def _notes(condition: Any, *, newest: int | None = None) -> list[dict[str, Any]]:
    query = Note.select(*NOTE_COLUMNS).where(condition)
    if newest is None:
        return await query.order_by(Note.at, Note.id)
    return await query.order_by(Note.at, Note.id, ascending=False).limit(newest)


def _shown(raw: list[dict[str, Any]], actor: Actor) -> list[NoteRow]:
    return [
        msgspec.convert(
            {**row, "name": shown_name(msgspec.convert(row, Written), actor),
             "mine": row["reporter"] is not None and row["reporter"] == actor.person}, NoteRow)
        for row in raw
    ]  # fmt: skip


FROM_THE_FLOOR = frozenset({"raised", "noted", "verdict", "reopened", "returned", "withdrawn", "corrected", "word"})


"""Lines that reporters cause: a hidden reporter stays hidden in them."""


async def history(actor: Actor, row: IssueRow) -> list[EventRow]:
    """List what happened to an issue and to those joined into it, oldest first."""
    if not row.whole:
        return []
    noted = await Note.select(Note.reporter, Note.naming).where(
        Note.issue.is_in(with_parts([row.id])), Note.reporter.is_not_null()
    )
    lines = await _lines(row.id)
    return [msgspec.convert(_unnamed(line, _hidden(noted, actor)), EventRow) for line in lines]


async def _lines(issue_id: UUID) -> list[dict[str, Any]]:
    return await IssueEvent.select(
        IssueEvent.id, IssueEvent.issue, IssueEvent.at, IssueEvent.what, IssueEvent.by,
        IssueEvent.by._.name.as_alias("by_name"), IssueEvent.door, IssueEvent.text, IssueEvent.for_date,
        IssueEvent.says, IssueEvent.other, IssueEvent.round, IssueEvent.reporter,
    ).where(IssueEvent.issue.is_in(with_parts([issue_id]))).order_by(
        IssueEvent.at, IssueEvent.id)  # fmt: skip


def _hidden(notes: list[dict[str, Any]], actor: Actor) -> frozenset[UUID]:
    """Say whose names stay with the coordinator; a note withdrawn does not give its name away either."""
    if actor.has(Role.COORDINATOR):
        return frozenset()
    return frozenset(note["reporter"] for note in notes if note["naming"] == Naming.HIDDEN.value) - {actor.person}


async def opened(actor: Actor, issue_id: UUID) -> Opened:
    """Find an issue with everything that stands on its page, in three queries."""
    raw = await Issue.select(*ISSUE_COLUMNS).where(Issue.id == issue_id).first()
    if raw is None:
        raise NotFound(_("There is no such issue."))
    noted = await _notes(Note.issue.is_in(with_parts([issue_id])))
    lines = await _lines(issue_id)
    met = [note["reporter"] for note in noted if note["withdrawn_at"] is None]
    met += [line["reporter"] for line in lines if line["what"] == "returned" and line["reporter"] is not None]
    persons = frozenset(met) - {None}
    row = structs.replace(msgspec.convert(raw, IssueRow), met_by=len(persons) + met.count(None), reporters=persons)
    row = as_seen(row, actor)
    if not row.whole:
        return Opened(issue=row)
    hidden = _hidden(noted, actor)
    own = [
        line["says"]
        for line in lines
        if line["what"] == "verdict"
        and line["issue"] == issue_id
        and line["round"] == row.round
        and line["reporter"] == actor.person
    ]
    return Opened(
        issue=row, notes=_shown(noted, actor), hidden=hidden, said=Verdict(own[-1]) if own else None,
        history=[msgspec.convert(_unnamed(line, hidden), EventRow) for line in lines],
        cannots=sum(line["issue"] == issue_id and line["what"] == "resolved"
                    and line["says"] == Resolution.CANNOT.value for line in lines),
    )  # fmt: skip


async def letters(issue_id: UUID) -> list[LetterRow]:
    """List the letters about an issue and what became of each, oldest first; not their content, no address."""
    rows = (
        await Letter.select(
            Letter.id,
            Letter.name,
            Letter.to_name,
            Letter.person,
            Letter.created_at,
            Letter.sent_at,
            Letter.failed_at,
            Letter.server_words,
        )
        .where(Letter.about == issue_id, Letter.taken_back_at.is_null())
        .order_by(Letter.created_at, Letter.id)
    )
    return msgspec.convert(rows, list[LetterRow])


def _unnamed(line: dict[str, Any], hidden: frozenset[UUID]) -> dict[str, Any]:
    if line["by"] is None or (line["by"] in hidden and line["what"] in FROM_THE_FLOOR):
        return {**line, "by": None, "by_name": ""}
    return line


async def last_step(issue_id: UUID) -> Last | None:
    """Find the last line of an issue's history."""
    rows = await IssueEvent.select(
        IssueEvent.id, IssueEvent.by, IssueEvent.at, IssueEvent.what, IssueEvent.undo,
    ).where(IssueEvent.issue == issue_id, IssueEvent.what != "undone").order_by(
        IssueEvent.at, IssueEvent.id, ascending=False).limit(1)  # fmt: skip
    return msgspec.convert(rows[0], Last) if rows else None


async def last_event_at(issue_id: UUID) -> datetime | None:
    """Say when something last happened to an issue."""
    rows = (
        await IssueEvent.select(IssueEvent.at)
        .where(IssueEvent.issue == issue_id)
        .order_by(IssueEvent.at, ascending=False)
        .limit(1)
    )
    return rows[0]["at"] if rows else None


async def cannots(issue_id: UUID) -> int:
    """Count how often it was said that an issue cannot be fixed."""
    return await IssueEvent.count().where(
        IssueEvent.issue == issue_id, IssueEvent.what == "resolved", IssueEvent.says == Resolution.CANNOT.value
    )


async def said(issue_id: UUID, *, round: int, reporter: UUID | None = None, note: UUID | None = None) -> Verdict | None:
    """Find what a reporter said last of the standing resolution."""
    whose = IssueEvent.note == note if reporter is None else IssueEvent.reporter == reporter
    rows = await IssueEvent.select(IssueEvent.says).where(
        IssueEvent.issue == issue_id, IssueEvent.what == "verdict", IssueEvent.round == round, whose,
    ).order_by(IssueEvent.at, IssueEvent.id, ascending=False).limit(1)  # fmt: skip
    return Verdict(rows[0]["says"]) if rows else None


async def silent_since(before: datetime, *, limit: int = 500) -> list[UUID]:
    """List the issues that have waited for a verdict since a moment or longer."""
    rows = (
        await Issue.select(Issue.id)
        .where(Issue.turn == Turn.TELL_FLOOR.value, Issue.resolved_at <= before)
        .order_by(Issue.resolved_at)
        .limit(limit)
    )
    return [row["id"] for row in rows]


async def asleep_until(day: date, *, limit: int = 500) -> list[UUID]:
    """List the issues that were put aside until a day or an earlier one."""
    rows = (
        await Issue.select(Issue.id)
        .where(Issue.snoozed_until <= day, Issue.turn != Turn.CLOSED.value)
        .order_by(Issue.snoozed_until)
        .limit(limit)
    )
    return [row["id"] for row in rows]
