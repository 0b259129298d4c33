"""Months counted from the history, and the rows behind their figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.db import run_sql
from floorday.summaries.queries.beside import Beside, Quoted, beside, quoted, visits
from floorday.summaries.queries.counting import Counted, Taken, counted, taken
from floorday.summaries.queries.frozen import (
    Behind,
    Came,
    Cause,
    Corrected,
    Frozen,
    KeptLine,
    Red,
    Restated,
    Told,
    TopicLine,
    Visited,
    behind,
    corrections,
    frozen,
    frozen_among,
    frozen_by_id,
    frozen_of,
    frozen_or_before,
    hidden,
    kept_lines,
    key_of,
    lines_of,
    sent_keys,
    things,
)
from floorday.summaries.queries.past import among, moment, raw, trails
from floorday.summaries.queries.telling import Topics, topics
from floorday.summaries.queries.ways import (
    MonthRow,
    Receiver,
    Subscription,
    SummaryReaderRow,
    Whose,
    alive,
    has_months,
    readers,
    receivers,
    stopped,
    subjects,
    subscription,
    way,
    ways,
)

__all__ = [
    "Behind", "Beside", "Came", "Cause", "Corrected", "Counted", "DayLine", "Frozen", "IssueLine", "KeptLine",
    "MonthRow", "Quoted", "Receiver", "Red", "Restated", "Subscription", "SummaryReaderRow", "Taken", "Told",
    "TopicLine", "Topics", "Visited", "Whose", "alive", "behind", "beside", "corrections", "counted", "day_lines",
    "frozen", "frozen_among", "frozen_by_id", "frozen_of", "frozen_or_before", "has_months", "hidden", "issue_lines",
    "kept_lines", "key_of", "lines_of", "moment", "months", "quoted", "raw", "readers", "receivers", "sent_keys",
    "stopped", "subjects", "subscription", "taken", "things", "topics", "trails", "visits", "way", "ways",
]

MONTHS_SHOWN = 24


class IssueLine(Struct, frozen=True):
    """An issue as the rows behind a figure show it."""

    id: UUID
    number: int
    title: str
    team: UUID
    team_name: str
    restricted: bool


class DayLine(Struct, frozen=True):
    """A day as the rows behind a figure show it."""

    id: UUID
    manager: UUID
    manager_name: str
    team: UUID
    team_name: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    state: str


async def issue_lines(ids: Sequence[Any]) -> list[IssueLine]:
    """Read the issues behind a figure, in this order; one that counts twice stands twice."""
    listed, arg = among(ids)
    rows = await run_sql(
        "SELECT i.id, i.number, i.title, i.team, t.name AS team_name, i.restricted FROM issue i"  # noqa: S608 - own words
        f" JOIN team t ON t.id = i.team WHERE i.id IN ({listed})", arg,
    )  # fmt: skip
    found = {raw(row["id"]): IssueLine(**row) for row in rows}
    return [line for id in ids if (line := found.get(id))]


async def day_lines(ids: Sequence[Any]) -> list[DayLine]:
    """Read the days behind a figure, in this order."""
    listed, arg = among(ids)
    rows = await run_sql(
        "SELECT b.id, b.manager, p.name AS manager_name, s.team, t.name AS team_name, b.starts_at, b.ends_at, b.zone,"  # noqa: S608 - own words
        " b.state FROM booking b JOIN person p ON p.id = b.manager JOIN shift s ON s.id = b.shift"
        f" JOIN team t ON t.id = s.team WHERE b.id IN ({listed})", arg,
    )  # fmt: skip
    found = {raw(row["id"]): DayLine(**row) for row in rows}
    return [line for id in ids if (line := found.get(id))]


def months(first: datetime | None, *, now: datetime, zone: ZoneInfo) -> list[str]:
    """List the months there is something to tell of, newest first."""
    last = now.astimezone(zone)
    begin = (first or now).astimezone(zone)
    year, month, found = last.year, last.month, list[str]()
    while (year, month) >= (begin.year, begin.month) and len(found) < MONTHS_SHOWN:
        found.append(f"{year:04d}-{month:02d}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found
