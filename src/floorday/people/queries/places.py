"""Teams and departments, and the statements that a team has agreed on."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import run_sql
from floorday.people.tables import Department, Team


class Place(Struct, frozen=True):
    """A team."""

    id: UUID
    name: str
    site: str
    place: str
    zone: str
    default_host: UUID | None
    closed_at: datetime | None = None


class Office(Struct, frozen=True):
    """A department with its charter, in working days."""

    id: UUID
    name: str
    acknowledge_days: int
    word_days: int
    fix_days: int
    closed_at: datetime | None = None


PLACE = (
    Team.id, Team.name, Team.site, Team.place, Team.zone, Team.default_host, Team.closed_at,
)  # fmt: skip


async def teams(*, closed: bool = False) -> list[Place]:
    """List the teams by name."""
    query = Team.select(*PLACE).order_by(Team.name)
    if not closed:
        query = query.where(Team.closed_at.is_null())
    return msgspec.convert(await query, list[Place])


async def team(team_id: UUID) -> Place | None:
    """Find a team."""
    row = await Team.select(*PLACE).where(Team.id == team_id).first()
    return msgspec.convert(row, Place) if row else None


OFFICE = (
    Department.id, Department.name, Department.acknowledge_days, Department.word_days, Department.fix_days,
    Department.closed_at,
)  # fmt: skip


async def departments(*, closed: bool = False) -> list[Office]:
    """List the departments by name."""
    query = Department.select(*OFFICE).order_by(Department.name)
    if not closed:
        query = query.where(Department.closed_at.is_null())
    return msgspec.convert(await query, list[Office])


async def department(department_id: UUID) -> Office | None:
    """Find a department."""
    row = await Department.select(*OFFICE).where(Department.id == department_id).first()
    return msgspec.convert(row, Office) if row else None


class Statement(Struct, frozen=True, kw_only=True):
    """A line of a team's picture of good service, as something may point at it."""

    id: UUID
    team: UUID
    text: str


_STATEMENTS = """
SELECT s.id, s.team, s.text FROM statement s
 WHERE s.team = {} AND s.agreement IS NOT NULL AND s.retired_on IS NULL ORDER BY s.place, s.id
"""

_EVERY_STATEMENT = """
SELECT s.id, s.team, s.text FROM statement s
 WHERE s.agreement IS NOT NULL AND s.retired_on IS NULL ORDER BY s.team, s.place, s.id
"""


async def statements(team: UUID) -> list[Statement]:
    """List the statements that a team has agreed on, in their order."""
    return msgspec.convert(await run_sql(_STATEMENTS, team), list[Statement])


async def statements_of(teams: Collection[UUID]) -> list[Statement]:
    """List the statements that teams have agreed on, in the order of each."""
    return [one for one in msgspec.convert(await run_sql(_EVERY_STATEMENT), list[Statement]) if one.team in teams]


async def pictures() -> dict[UUID, list[str]]:
    """Give the words of the statements that teams have agreed on, by team, in their order."""
    rows = await run_sql(
        "SELECT s.team, s.text FROM statement s WHERE s.agreement IS NOT NULL AND s.retired_on IS NULL"
        " ORDER BY s.team, s.place, s.id"
    )
    said: dict[UUID, list[str]] = {}
    for row in rows:
        said.setdefault(UUID(str(row["team"])), []).append(row["text"])
    return said
