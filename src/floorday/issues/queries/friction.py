"""Where what teams need gets stuck: from which department to which team, of what a reader sees whole."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from floorday.db import run_sql
from floorday.issues import rules
from floorday.issues.queries import asked, gains, lanes
from floorday.issues.queries.asked import OPEN, Condition
from floorday.issues.queries.lines import TELLING
from floorday.issues.rules import Happened, PromiseState
from floorday.people.access import Actor, What

YEAR = timedelta(days=365)


class Link(Struct, frozen=True, kw_only=True):
    """What one department still owes one team: open issues, hours lost by those that state them, age, silence.

    `median` is when the issue in the middle was raised, `silent` counts those without a word for longer than the
    department's charter says, `broken` the promises broken in the last twelve months, also of closed issues, and
    `broken_issues` the issues with such.
    """

    department: UUID | None
    department_name: str | None
    team: UUID
    team_name: str
    n: int = 0
    stated: int = 0
    hours: float = 0
    silent: int = 0
    median: datetime | None = None
    broken: int = 0
    broken_issues: int = 0


async def friction(actor: Actor, *, now: datetime, zone: ZoneInfo) -> list[Link]:
    """Count by department and team, most open issues first, in three statements; they add up to all that are open."""
    may = asked.seen(actor, What.ISSUES)
    where = Condition(OPEN) if may is None else Condition(OPEN) & may
    quiet = lanes.quiet(await lanes.places(), now)
    counted = await run_sql(
        # The middle of each pair, or the two in the middle, are among the rows that are numbered.
        "SELECT part.department, d.name AS department_name, part.team, t.name AS team_name, COUNT(*) AS n,"  # noqa: S608
        " COUNT(part.hours) AS stated, COALESCE(SUM(part.hours), 0.0) AS hours, SUM(part.silent) AS silent,"
        " MIN(CASE WHEN 2 * part.place >= part.whole THEN part.raised_at END) AS low,"
        " MAX(CASE WHEN 2 * part.place <= part.whole + 2 THEN part.raised_at END) AS high"
        f" FROM (SELECT i.department, i.team, i.raised_at, {gains.HOURS} AS hours,"
        f" CASE WHEN {quiet.sql} THEN 1 ELSE 0 END AS silent,"
        " ROW_NUMBER() OVER (PARTITION BY i.department, i.team ORDER BY i.raised_at) AS place,"
        " COUNT(*) OVER (PARTITION BY i.department, i.team) AS whole"
        f" FROM issue i WHERE {where.sql}) AS part"
        " JOIN team t ON t.id = part.team LEFT JOIN department d ON d.id = part.department"
        " GROUP BY part.department, d.name, part.team, t.name",
        *quiet.args, *where.args,
    )  # fmt: skip
    found: dict[tuple[UUID | None, UUID], dict[str, Any]] = {}
    for row in counted:
        low, high = (msgspec.convert(row.pop(name), datetime) for name in ("low", "high"))
        one = msgspec.convert({**row, "median": low + (high - low) / 2}, Link)
        found[one.department, one.team] = msgspec.structs.asdict(one)
    issues: dict[tuple[UUID | None, UUID], set[UUID]] = defaultdict(set)
    for promise in await broken(actor, now=now, zone=zone):
        pair = (promise.department, promise.team)
        kept = found.setdefault(pair, {
            "department": promise.department, "department_name": promise.department_name, "team": promise.team,
            "team_name": promise.team_name,
        })  # fmt: skip
        issues[pair].add(promise.issue)
        kept["broken"] = kept.get("broken", 0) + 1
        kept["broken_issues"] = len(issues[pair])
    links = [Link(**one) for one in found.values()]
    return sorted(links, key=_most_first)


def _most_first(one: Link) -> tuple[int, bool, str, str]:
    return -one.n, one.department_name is None, one.department_name or "", one.team_name


class Broken(Struct, frozen=True, kw_only=True):
    """A promise of the last twelve months that was broken."""

    issue: UUID
    department: UUID | None
    department_name: str | None
    team: UUID
    team_name: str
    for_date: date


class _Line(Struct, kw_only=True):
    id: UUID
    issue: UUID
    at: datetime
    what: str
    says: str
    for_date: date | None
    department: UUID | None
    department_name: str | None
    team: UUID
    team_name: str


async def broken(actor: Actor, *, now: datetime, zone: ZoneInfo) -> list[Broken]:
    """List the promises for a date of the last twelve months that were broken, as a summary counts them."""
    today = now.astimezone(zone).date()
    may = asked.seen(actor, What.ISSUES)
    where = Condition(
        "i.ending <> 'joined' AND i.id IN (SELECT p.issue FROM issue_event p WHERE p.what = 'promised'"
        " AND p.for_date >= {} AND p.for_date < {})", (today - YEAR, today))  # fmt: skip
    if may is not None:
        where &= may
    rows = await run_sql(
        "SELECT e.id, e.issue, e.at, e.what, e.says, e.for_date, i.department, d.name AS department_name, i.team,"  # noqa: S608
        " t.name AS team_name FROM issue i JOIN issue_event e ON e.issue = i.id JOIN team t ON t.id = i.team"
        f" LEFT JOIN department d ON d.id = i.department WHERE e.what IN {TELLING} AND {where.sql}"
        " ORDER BY e.issue, e.at, e.id", *where.args,
    )  # fmt: skip
    told: dict[UUID, list[_Line]] = defaultdict(list)
    for line in msgspec.convert(rows, list[_Line]):
        told[line.issue].append(line)
    found: list[Broken] = []
    for lines in told.values():
        happened = [Happened(line.at, line.what, line.says, line.for_date) for line in lines]
        for place, line in enumerate(lines):
            due = line.for_date
            if line.what != "promised" or due is None or not today - YEAR <= due < today:
                continue
            deadline = datetime.combine(due + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)
            if rules.promise_state(happened, place, deadline=deadline, now=now) is PromiseState.BROKEN:
                found.append(Broken(
                    issue=line.issue, department=line.department, department_name=line.department_name, team=line.team,
                    team_name=line.team_name, for_date=due))  # fmt: skip
    return found
