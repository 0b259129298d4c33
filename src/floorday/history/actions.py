"""Bring a history in, and give everything out again in the same form."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.bookings.tables import Booking, BookingEvent, Invitation, Shift
from floorday.config import settings
from floorday.db import transaction
from floorday.errors import BadInput
from floorday.history import moves, queries, record, rows, rules
from floorday.history.rows import Book, Rows
from floorday.history.rules import At, Fault, History
from floorday.issues import actions as issues
from floorday.issues.tables import Issue, IssueEvent, Note
from floorday.people.tables import Agreement, Assists, Department, Grant, Person, Statement, Team
from floorday.render.words import gettext as _
from floorday.stories.tables import Story
from floorday.summaries import actions as summaries

Progress = Callable[[int], object]
"""Told how many more records are in."""

PART = 500

COUNTED = (2 * PART, 20 * PART)
"""After so many issues PostgreSQL learns what there is: how it looks for them was decided when there was nothing."""


class BadHistory(BadInput):
    """A file that is refused: `faults` holds every line that is wrong, and why."""

    def __init__(self, faults: list[Fault]) -> None:
        lines = "\n".join(f"{_('Line')} {fault.line}: {fault.reason}" for fault in faults)
        super().__init__(lines)
        self.faults = faults


class Brought(Struct, frozen=True):
    """How much a file has brought, and the zone it is in; `first` where no team was here before."""

    zone: str
    teams: int
    departments: int
    persons: int
    days: int
    issues: int
    stories: int
    first: bool


def read(lines: Iterable[bytes], *, now: datetime) -> History:
    """Read a file and check it by itself; raises BadHistory with everything that is wrong."""
    history, faults = rules.read(lines)
    if faults := sorted(faults + rules.check(history, now=now)):
        raise BadHistory(faults)
    return history


async def bring_in(history: History, *, now: datetime, progress: Progress = id) -> Brought:
    """Write a checked file into the database: all of it, or nothing. No letter leaves, no month is frozen."""
    async with transaction():
        here = await queries.here(now=now)
        if faults := rules.meet(history, here, now=now):
            raise BadHistory(faults)
        known = {address: id for address, (id, _external) in here.persons.items()}
        book = Book(history, known=known, mail_domain=settings().mail_domain, now=now)
        await _who(history, book, known={known[one.is_.email] for one in history.persons if one.is_.email in known})
        progress(len(history.teams) + len(history.departments) + len(history.persons))
        await _records(history.days, lambda one, made: rows.day(one, book, made), progress)
        await _issues(history, book, progress)
        await _records(history.stories, lambda one, made: rows.story(one, book, made), progress)
    await summaries.fold()
    return Brought(
        history.zone, len(history.teams), len(history.departments), len(history.persons), len(history.days),
        len(history.issues), len(history.stories), not here.teams,
    )  # fmt: skip


async def _who(history: History, book: Book, *, known: set[UUID]) -> None:
    """Write teams, departments and persons; who is here already keeps name and zone, and gets the file's roles."""
    await moves.insert(Team, [rows.team(one.is_, book) for one in history.teams])
    agreements, statements = rows.pictures((one.is_ for one in history.teams), book)
    await moves.insert(Agreement, agreements)
    await moves.insert(Statement, statements)
    await moves.insert(Department, [rows.department(one.is_, book) for one in history.departments])
    people = [one.is_ for one in history.persons]
    await moves.insert(Person, [rows.person(one, book) for one in people if book.persons[one.id] not in known])
    for one in people:
        if book.persons[one.id] in known:
            await moves.name_person(book.persons[one.id], one.id)
    had, helped = await queries.roles(known), await queries.assisted(known)
    grants = [row for one in people for row in rows.grants(one, book)]
    await moves.insert(Grant, [
        row for row in grants if (row["person"], row["role"], row["team"], row["department"]) not in had])
    assists = [row for one in people for row in rows.assists(one, book)]
    await moves.insert(Assists, [row for row in assists if (row["assistant"], row["manager"]) not in helped])


async def _issues(history: History, book: Book, progress: Progress) -> None:
    """Write the issues, numbered in the order in which they were raised; what was joined comes after its whole."""
    if not history.issues:
        return
    raised = sorted(history.issues, key=lambda one: (book.raised[one.is_.id], one.line))
    numbers = await moves.numbers(len(raised))
    number = {one.is_.id: given for one, given in zip(raised, numbers, strict=True)}
    raised.sort(key=lambda one: one.is_.id in book.whole)
    await _records(raised, lambda one, made: rows.issue(one, number[one.id], book, made), progress)
    await moves.count_anew()
    await issues.fold_new(numbers)  # once all that was said stands there: nothing is folded or tagged twice


async def _records(records: list[At[Any]], add: Callable[[Any, Rows], None], progress: Progress) -> None:
    for first in range(0, len(records), PART):
        part, made = records[first : first + PART], Rows()
        for one in part:
            add(one.is_, made)
        for table, new in (
            (Shift, made.shifts), (Invitation, made.invitations), (Booking, made.bookings),
            (BookingEvent, made.booking_events), (Issue, made.issues), (Note, made.notes),
            (IssueEvent, made.issue_events), (Story, made.stories),
        ):  # fmt: skip
            await moves.insert(table, new)
        if made.issues and first + len(part) in COUNTED:
            await moves.count_anew()
        progress(len(part))


async def give_out(*, now: datetime) -> AsyncIterator[bytes]:
    """Give everything as lines of the form, from one state of the database."""
    async with transaction.read():
        async for line in _lines(now):
            yield line + b"\n"


async def _lines(now: datetime) -> AsyncIterator[bytes]:
    write = msgspec.json.Encoder().encode
    names = record.Names(await queries.names())
    yield write(record.header(settings().zone))
    for row in await queries.teams():
        yield write(record.team(row, names))
    for row in await queries.departments():
        yield write(record.department(row, names))
    members: dict[UUID, UUID] = {}
    for row in await queries.everybody():
        one = record.person(row, names)
        with suppress(StopIteration):
            members[row["id"]] = next(grant["team"] for grant in row["grants"] if grant["team"])
        yield write(one)
    async for row in queries.days():
        yield write(record.day(row, names, now=now))
    async for row in queries.issues():
        if row["notes"]:
            yield write(record.issue(row, names, members))
    for row in await queries.stories():
        yield write(record.story(row, names))
