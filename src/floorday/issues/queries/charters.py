"""What a department has kept and missed of its charter, of the issues that a reader sees whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.db import run_sql
from floorday.issues.charters import Judged, Period, judge
from floorday.issues.clocks import Charter
from floorday.issues.queries import asked
from floorday.issues.queries.asked import Condition
from floorday.issues.rules import Happened
from floorday.people.access import Actor, What

TELLING = (
    "('acknowledged', 'promised', 'updated', 'decided', 'resolved', 'declined', 'reopened', 'returned', 'verdict',"
    " 'snoozed', 'woken')"
)


class Case(Struct, frozen=True, kw_only=True):
    """An issue of a department, with one part of the charter that was decided in the period."""

    issue: UUID
    number: int
    title: str
    team_name: str
    raised: date
    judged: Judged


async def charter_cases(
    actor: Actor, department: UUID, charter: Charter, period: Period, *, today: date, zone: str
) -> list[Case]:  # fmt: skip
    """List what was decided in a period, oldest issue first; joined issues count with what they went into."""
    place = ZoneInfo(zone)
    first = datetime.combine(period.first, time.min, place).astimezone(UTC)
    end = datetime.combine(period.last + timedelta(days=1), time.min, place).astimezone(UTC)
    where = Condition(
        "i.department = {} AND i.ending <> 'joined' AND i.raised_at < {}"
        " AND (i.turn <> 'closed' OR i.changed_at >= {})",
        (department, end, first))  # fmt: skip
    may = asked.seen(actor, What.ISSUES)
    if may is not None:
        where &= may
    rows = await run_sql(
        "SELECT i.id, i.number, i.title, i.raised_at, t.name AS team_name, e.at, e.what, e.says"  # noqa: S608 - own words
        " FROM issue i JOIN team t ON t.id = i.team"
        f" LEFT JOIN issue_event e ON e.issue = i.id AND e.what IN {TELLING}"
        f" WHERE {where.sql} ORDER BY i.raised_at, i.number, e.at, e.id",
        *where.args,
    )  # fmt: skip
    found: list[Case] = []
    for _number, some in groupby(rows, key=lambda row: row["number"]):
        several = list(some)
        one = several[0]
        lines = [Happened(row["at"], row["what"], row["says"]) for row in several if row["at"] is not None]
        found += [
            Case(issue=one["id"], number=one["number"], title=one["title"], team_name=one["team_name"],
                 raised=one["raised_at"].astimezone(place).date(), judged=judged)
            for judged in judge(lines, raised=one["raised_at"], charter=charter, period=period, today=today, zone=zone)
        ]  # fmt: skip
    return found
