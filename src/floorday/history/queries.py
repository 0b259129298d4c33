"""What is here: as far as a file that comes in can be in its way, and all of it for a file that goes out."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from floorday.bookings.rules import HOLDING
from floorday.bookings.tables import Booking, BookingEvent
from floorday.history import apart
from floorday.history.rules import Here
from floorday.issues.tables import Issue, IssueEvent, Note
from floorday.people import queries as people
from floorday.people.tables import Alias, Assists, Department, Grant, Person, Team
from floorday.stories.tables import Story

Row = dict[str, Any]

PART = 1000
"""So many issues are read at a time, with their notes and events."""

KINDS: dict[str, Any] = {
    "team": Team, "department": Department, "person": Person, "day": Booking, "issue": Issue, "story": Story,
}  # fmt: skip


async def here(*, now: datetime) -> Here:
    """Read what a file could be in the way of."""
    persons = await Person.select(Person.email, Person.id, Person.external_id)
    busy: defaultdict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in await Booking.select(
        Booking.manager._.email.as_alias("email"), Booking.starts_at, Booking.ends_at
    ).where(Booking.state.is_in([state.value for state in HOLDING]), Booking.ends_at > now):
        busy[row["email"]].append((row["starts_at"], row["ends_at"]))
    return Here(
        ids={kind: await _brought(table) for kind, table in KINDS.items()},
        teams=frozenset(row["name"] for row in await Team.select(Team.name)),
        departments=frozenset(row["name"] for row in await Department.select(Department.name)),
        persons={row["email"]: (row["id"], row["external_id"]) for row in persons},
        aliases=frozenset(row["email"] for row in await Alias.select(Alias.email)),
        busy=busy,
    )


async def _brought(table: Any) -> frozenset[str]:
    rows = await table.select(table.external_id).where(table.external_id.is_not_null())
    return frozenset(row["external_id"] for row in rows)


async def roles(persons: set[UUID]) -> set[tuple[UUID, str, UUID | None, UUID | None]]:
    """Give the roles that persons have."""
    if not persons:
        return set()
    rows = await Grant.select(Grant.person, Grant.role, Grant.team, Grant.department).where(
        Grant.person.is_in(list(persons)))
    return {(row["person"], row["role"], row["team"], row["department"]) for row in rows}


async def assisted(persons: set[UUID]) -> set[tuple[UUID, UUID]]:
    """Give whom persons assist."""
    if not persons:
        return set()
    rows = await Assists.select(Assists.assistant, Assists.manager).where(Assists.assistant.is_in(list(persons)))
    return {(row["assistant"], row["manager"]) for row in rows}


# --- everything, for a file that goes out ------------------------------------------------------------------------


async def names() -> dict[str, dict[UUID, str]]:
    """Give the id that a file knows each thing by: the one it came with, else ours."""
    found: dict[str, dict[UUID, str]] = {}
    for kind, table in KINDS.items():
        rows = await table.select(table.id, table.external_id)
        found[kind] = {row["id"]: row["external_id"] or str(row["id"]) for row in rows}
    return found


async def everybody() -> list[Row]:
    """Read the persons, each with its grants and whom it assists."""
    grants, assists = _grouped("person"), _grouped("assistant")
    for row in await Grant.select(Grant.person, Grant.role, Grant.team, Grant.department).order_by(
        Grant.granted_at, Grant.id
    ):
        grants(row)
    for row in await Assists.select(Assists.assistant, Assists.manager).order_by(Assists.since, Assists.id):
        assists(row)
    rows = await Person.select(Person.id, Person.name, Person.email, Person.zone).order_by(Person.id)
    return [{**row, "grants": grants.of[row["id"]], "assists": assists.of[row["id"]]} for row in rows]


class _grouped:  # noqa: N801  # used as a function that collects
    def __init__(self, by: str) -> None:
        self.by = by
        self.of: defaultdict[UUID, list[Row]] = defaultdict(list)

    def __call__(self, row: Row) -> None:
        self.of[row[self.by]].append(row)


async def teams() -> list[Row]:
    """Read the teams, each with its picture."""
    said = await people.pictures()
    rows = await Team.select(Team.id, Team.name, Team.site, Team.zone).order_by(Team.id)
    return [{**row, "picture": said.get(row["id"], [])} for row in rows]


async def departments() -> list[Row]:
    """Read the departments."""
    return await Department.select(
        Department.id, Department.name, Department.acknowledge_days, Department.word_days, Department.fix_days
    ).order_by(Department.id)


async def days() -> AsyncIterator[Row]:
    """Read the days, each with its events in order."""
    columns = (
        Booking.id, Booking.manager, Booking.shift._.team.as_alias("team"), Booking.shift._.host.as_alias("host"),
        Booking.starts_at, Booking.ends_at,
    )  # fmt: skip
    async for part in _parts(Booking, columns):
        events = await _of(BookingEvent, BookingEvent.booking, part)
        for row in part:
            yield {**row, "events": events[row["id"]]}


async def issues() -> AsyncIterator[Row]:
    """Read the issues, each with its notes and events in order."""
    columns = (
        Issue.id, Issue.title, Issue.kind, Issue.team, Issue.department, Issue.owner, Issue.sponsor, Issue.day,
        Issue.minutes_per_case, Issue.cases_per_month, Issue.effort, Issue.known_before,
    )  # fmt: skip
    async for part in _parts(Issue, columns):
        notes, events = await _of(Note, Note.issue, part), await _of(IssueEvent, IssueEvent.issue, part)
        for row in part:
            told = apart.never_joined(events[row["id"]])
            if any(each["what"] in apart.MOVED for each in told):
                told = await _left(row["id"], told)
            yield {**row, "notes": notes[row["id"]], "events": told}


async def _left(issue: UUID, events: list[Row]) -> list[Row]:
    """Give the events of an issue from which another one was split, or a note taken out; there are few of these."""
    parts: dict[UUID, list[tuple[UUID, datetime]]] = defaultdict(list)
    tree = [issue]
    for one in tree:
        joined = await IssueEvent.select(IssueEvent.issue, IssueEvent.at).where(
            IssueEvent.what == "joined", IssueEvent.other == one).order_by(IssueEvent.at, IssueEvent.id)
        for each in joined:
            later = IssueEvent.exists().where(
                IssueEvent.issue == each["issue"], IssueEvent.what == "split", IssueEvent.at >= each["at"])
            if each["issue"] not in tree and not await later:
                parts[one].append((each["issue"], each["at"]))
                tree.append(each["issue"])
    notes: dict[UUID, list[Row]] = defaultdict(list)
    for note in await Note.select(Note.issue, Note.reporter, Note.at).where(Note.issue.is_in(tree)).order_by(Note.at):
        notes[note["issue"]].append(note)
    return apart.left(events, notes, issue, parts)


async def stories() -> list[Row]:
    """Read the stories."""
    return await Story.select().where(Story.withdrawn_at.is_null()).order_by(Story.at, Story.id)


async def _parts(table: Any, columns: tuple[Any, ...]) -> AsyncIterator[list[Row]]:
    last: UUID | None = None
    while True:
        query = table.select(*columns).order_by(table.id).limit(PART)
        rows: list[Row] = await (query.where(table.id > last) if last is not None else query)
        if not rows:
            return
        yield rows
        last = rows[-1]["id"]


async def _of(table: Any, key: Any, part: list[Row]) -> defaultdict[UUID, list[Row]]:
    """Read what belongs to some rows, by the row, in order of time."""
    collect = _grouped(key._meta.name)
    ids = [row["id"] for row in part]
    for row in await table.select().where(key >= ids[0], key <= ids[-1]).order_by(table.at, table.id):
        collect(row)
    return collect.of


