"""Days on the floor that somebody left without an issue to answer for, and what there was to take."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from msgspec import Struct

from floorday.bookings.rules import State
from floorday.db import run_sql
from floorday.issues.rules import Turn

ASKED_FOR = timedelta(days=60)
"""So long a day asks for an issue to be taken along; after that nobody is reminded of it."""

MOST, MOST_OF_A_DAY = 20, 6

OPEN = (Turn.NEEDS_OWNER.value, Turn.BEING_FIXED.value, Turn.NEEDS_DECISION.value)

# Whoever answers for any issue of that team has taken one along, however it ended. To take are those of the day that
# its manager sees whole: what was first said on it, and what they met themselves.
_LEFT = """
SELECT b.id AS booking, b.manager, p.name AS manager_name, s.team, t.name AS team_name, b.starts_at, b.zone
  FROM booking b JOIN shift s ON s.id = b.shift JOIN team t ON t.id = s.team
  JOIN person p ON p.id = b.manager AND p.left_at IS NULL
 WHERE b.state = {} AND NOT b.past AND b.starts_at >= {} AND b.starts_at <= {} AND WHOSE
   AND NOT EXISTS (SELECT 1 FROM issue o WHERE o.sponsor = b.manager AND o.team = s.team)
 ORDER BY b.starts_at DESC, b.id LIMIT {}
"""
_WITH_ISSUES = """
SELECT w.*, i.id AS issue, i.number, i.title FROM (LEFT_DAYS) AS w
  LEFT JOIN issue i ON i.sponsor IS NULL AND i.snoozed_until IS NULL AND i.turn IN ({}, {}, {})
   AND (i.owner IS NULL OR i.owner <> w.manager)
   AND i.id IN (SELECT n.issue FROM note n JOIN issue d ON d.id = n.issue
                 WHERE n.day = w.booking AND n.withdrawn_at IS NULL
                   AND (n.reporter = w.manager OR d.day = w.booking))
 ORDER BY w.starts_at DESC, w.booking, i.raised_at, i.number
"""


class Choice(Struct, frozen=True):
    """An issue that can be taken along."""

    id: UUID
    number: int
    title: str


class Left(Struct, frozen=True, kw_only=True):
    """A day that was held, of whose team its manager answers for no issue."""

    booking: UUID
    manager: UUID
    manager_name: str
    team: UUID
    team_name: str
    starts_at: datetime
    zone: str
    choices: tuple[Choice, ...] = ()


async def left_without(manager: UUID, *, now: datetime) -> list[Left]:
    """List the days that a manager left without an issue, newest first, each with what there was to take."""
    sql = _WITH_ISSUES.replace("LEFT_DAYS", _LEFT.replace("WHOSE", "b.manager = {}"))
    rows = await run_sql(sql, State.HELD.value, now - ASKED_FOR, now, manager, MOST, *OPEN)
    found: list[Left] = []
    for _booking, some in groupby(rows, key=lambda row: row["booking"]):
        several = list(some)
        choices = [Choice(row["issue"], row["number"], row["title"]) for row in several if row["issue"] is not None]
        found.append(_left(several[0], choices))
    return found


async def all_left_without(*, now: datetime) -> list[Left]:
    """List the same for whoever runs the programme: all managers, without what there was to take."""
    rows = await run_sql(_LEFT.replace("WHOSE", "1 = 1"), State.HELD.value, now - ASKED_FOR, now, MOST)
    return [_left(row, []) for row in rows]


def _left(row: dict[str, Any], choices: list[Choice]) -> Left:
    return Left(
        booking=row["booking"], manager=row["manager"], manager_name=row["manager_name"], team=row["team"],
        team_name=row["team_name"], starts_at=row["starts_at"], zone=row["zone"],
        choices=tuple(choices[:MOST_OF_A_DAY]),
    )  # fmt: skip
