"""Promises, updates, decisions and verdicts of all the issues that somebody sees whole.

They stand by the number of their issue and, within it, by time. So a page of a list ends at a place that tells no more
than its rows do: the id of a line would tell the minute in which somebody spoke whose name is hidden.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, structs

from floorday.db import run_sql
from floorday.issues import rules
from floorday.issues.queries.asked import Condition, among, either
from floorday.issues.queries.listed import seen_whole
from floorday.issues.queries.parts import left_elsewhere
from floorday.issues.queries.rows import EventRow
from floorday.issues.queries.told import FROM_THE_FLOOR
from floorday.issues.rules import Happened, PromiseState
from floorday.people.access import Actor, Role

LINES = """
SELECT e.id, e.issue, e.at, e.what, e."by", p.name AS by_name, e.door, e.text, e.for_date, e.says, e.other, e.round,
       i.number, i.title, t.zone AS team_zone, COALESCE(i.joined_into, i.id) AS root
  FROM issue i
  JOIN team t ON t.id = i.team
  JOIN issue_event e ON e.issue = i.id
  LEFT JOIN person p ON p.id = e."by"
"""
TELLING = "('promised', 'resolved', 'declined', 'reopened', 'returned', 'verdict', 'joined', 'split')"
CHUNK = 500
"""So many lines are looked at in one turn where what is asked of them cannot be asked of the database."""


class Place(Struct, frozen=True):
    """Where a list goes on: at the issue of this number, after so many of its lines."""

    number: int = 0
    given: int = 0


class Listed(EventRow, frozen=True, kw_only=True):
    """A line of an issue's history, and where it stands. `state` is that of a promise."""

    number: int
    title: str
    team_zone: str
    root: UUID
    place: Place = Place()
    state: PromiseState = PromiseState.STANDING


class Wanted(Struct, frozen=True, kw_only=True):
    """Which lines to list."""

    what: str
    after: Place = Place()
    limit: int = 50
    issue: UUID | None = None
    team: UUID | None = None
    department: UUID | None = None
    says: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    due_from: date | None = None
    due_before: date | None = None


async def listed_events(actor: Actor, wanted: Wanted) -> list[Listed]:
    """List lines of one kind, in two queries; hidden names are left out."""
    return await _unnamed(await _lines(actor, wanted), actor)


async def listed_promises(
    actor: Actor, wanted: Wanted, *, state: PromiseState | None, zone: ZoneInfo, now: datetime
) -> list[Listed]:
    """List promises with what became of them; `zone` is where their dates end."""
    today = now.astimezone(zone).date()
    if state is PromiseState.STANDING:
        wanted = structs.replace(wanted, due_from=max(wanted.due_from or today, today))
    elif state is PromiseState.BROKEN:
        wanted = structs.replace(wanted, due_before=min(wanted.due_before or today, today))
    found: list[Listed] = []
    size = wanted.limit if state is None else max(wanted.limit, CHUNK)
    turn = structs.replace(wanted, limit=size)
    while True:
        rows = await _states(await _lines(actor, turn), zone=zone, now=now)
        found += [row for row in rows if state in {None, row.state}]
        if len(found) >= wanted.limit or len(rows) < size:
            return found[: wanted.limit]
        turn = structs.replace(turn, after=rows[-1].place)


async def _lines(actor: Actor, wanted: Wanted) -> list[Listed]:
    where = Condition("e.what = {} AND i.number >= {}", (wanted.what, wanted.after.number))
    for sql, value in (
        ("i.id = {}", wanted.issue), ("i.team = {}", wanted.team), ("i.department = {}", wanted.department),
        ("e.says = {}", wanted.says), ("e.at >= {}", wanted.since), ("e.at < {}", wanted.until),
        ("e.for_date >= {}", wanted.due_from), ("e.for_date < {}", wanted.due_before),
    ):  # fmt: skip
        if value is not None:
            where &= Condition(sql, (value,))
    if (whole := seen_whole(actor)) is not None:
        part = Condition(f"i.joined_into IN (SELECT i.id FROM issue i WHERE {whole.sql})", whole.args)  # noqa: S608 - own words
        where &= either(whole, part)
    raw = await run_sql(
        f"{LINES} WHERE {where.sql} ORDER BY i.number, e.at, e.id LIMIT {{}} OFFSET {{}}", *where.args, wanted.limit,
        wanted.after.given,
    )  # fmt: skip
    return _placed(raw, wanted.after)


def _placed(raw: list[dict[str, Any]], after: Place) -> list[Listed]:
    found: list[Listed] = []
    for row in raw:
        given = after.given + 1 if row["number"] == after.number else 1
        after = Place(row["number"], given)
        line = msgspec.convert({**row, "by_name": row["by_name"] or ""}, Listed)
        found.append(structs.replace(line, place=after))
    return found


async def _states(rows: Sequence[Listed], *, zone: ZoneInfo, now: datetime) -> list[Listed]:
    if not rows:
        return []
    told = among("issue", [*dict.fromkeys(row.issue for row in rows)])
    lines: dict[UUID, list[Happened]] = defaultdict(list)
    places: dict[UUID, tuple[UUID, int]] = {}
    for raw in await run_sql(
        f"SELECT id, issue, at, what, says, for_date FROM issue_event WHERE what IN {TELLING} AND {told.sql}"  # noqa: S608 - own words
        " ORDER BY at, id", *told.args,
    ):  # fmt: skip
        event, issue = (msgspec.convert(raw[name], UUID) for name in ("id", "issue"))
        places[event] = (issue, len(lines[issue]))
        lines[issue].append(msgspec.convert(raw, Happened))
    found: list[Listed] = []
    for row in rows:
        issue, place = places[row.id]
        state = rules.promise_state(lines[issue], place, deadline=_over(row.for_date or date.min, zone), now=now)
        found.append(structs.replace(row, state=state))
    return found


def _over(day: date, zone: ZoneInfo) -> datetime:
    """Give the first instant after a date."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)


async def _unnamed(rows: Sequence[Listed], actor: Actor) -> list[Listed]:
    """Leave out who spoke where their name is hidden from this reader, by any of their notes on the same issue."""
    if not rows or actor.has(Role.COORDINATOR):
        return list(rows)
    roots = [*dict.fromkeys(row.root for row in rows)]
    hidden = await left_elsewhere(roots)
    return [
        structs.replace(row, by=None, by_name="")
        if row.what in FROM_THE_FLOOR and row.by != actor.person and (row.root, row.by) in hidden else row
        for row in rows
    ]  # fmt: skip
