"""Shifts, free and taken, and the teams they are of."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from floorday.bookings.queries.days import read_bookings
from floorday.bookings.queries.rows import LIVE, PAGE, BookingRow, ShiftRow, TeamRow, Wanted
from floorday.bookings.queries.seen import between, bookings_seen, shifts_seen
from floorday.bookings.tables import Booking, Shift
from floorday.db import BATCH, Statement, batches
from floorday.errors import NotFound
from floorday.people import access
from floorday.people.access import Actor, Role
from floorday.people.queries import Reader
from floorday.people.tables import Grant, Team
from floorday.render.words import gettext as _

_SHIFT = (
    Shift.id, Shift.team, Shift.team._.name.as_alias("team_name"), Shift.host,
    Shift.host._.name.as_alias("host_name"), Shift.place, Shift.plan, Shift.starts_at, Shift.ends_at, Shift.zone,
    Shift.seats, Shift.taken, Shift.withdrawn_at,
)  # fmt: skip

_ONE_SHIFT = Statement("""
    SELECT s.id, s.team, t.name AS team_name, s.host, h.name AS host_name, s.place, s.plan, s.starts_at, s.ends_at,
           s.zone, s.seats, s.taken, s.withdrawn_at
    FROM shift s JOIN team t ON t.id = s.team LEFT JOIN person h ON h.id = s.host WHERE s.id = {}""")


async def shift(shift_id: UUID) -> ShiftRow:
    """Find a shift, or raise NotFound."""
    rows = await _ONE_SHIFT(shift_id)
    if not rows:
        raise NotFound(_("There is no such shift."))
    return msgspec.convert(rows[0], ShiftRow)


async def managers_on(shift_id: UUID) -> frozenset[UUID]:
    """Give the managers booked on a shift, for whom it is theirs to see."""
    rows = await Booking.select(Booking.manager).where(Booking.shift == shift_id)
    return frozenset(row["manager"] for row in rows)


async def shifts(
    actor: Actor, *, since: datetime, until: datetime | None = None, team: UUID | None = None,
    withdrawn: bool = False, limit: int = PAGE,
    after: ShiftRow | None = None,
) -> list[ShiftRow]:
    """List the shifts that a reader may see, soonest first; it goes on `after` a shift."""
    query = Shift.select(*_SHIFT).where(Shift.ends_at > since)
    if not withdrawn:
        query = query.where(Shift.withdrawn_at.is_null())
    if until is not None:
        query = query.where(Shift.starts_at < until)
    if team is not None:
        query = query.where(Shift.team == team)
    if after is not None:
        query = query.where((Shift.starts_at > after.starts_at) | (
            (Shift.starts_at == after.starts_at) & (Shift.id > after.id)))
    if (seen := shifts_seen(actor)) is not None:
        query = query.where(seen)
    return msgspec.convert(await query.order_by(Shift.starts_at, Shift.id).limit(limit), list[ShiftRow])


async def every_shift(actor: Actor, *, since: datetime) -> AsyncGenerator[list[tuple[ShiftRow, list[BookingRow]]]]:
    """Give in batches all shifts that a reader may see, soonest first, each with who comes as far as they may know."""
    async def read(last: ShiftRow | None) -> list[ShiftRow]:
        return await shifts(actor, since=since, limit=BATCH, after=last)

    async for some in batches(read):
        booked: dict[UUID, list[BookingRow]] = {}
        wanted: Any = Booking.shift.is_in([row.id for row in some]) & Booking.state.is_in(LIVE)
        if (seen := bookings_seen(actor)) is not None:
            wanted = wanted & seen
        for booking in await read_bookings(wanted, limit=None):
            booked.setdefault(booking.shift, []).append(booking)
        yield [(row, booked.get(row.id, [])) for row in some]


async def free_shifts(team: UUID, *, now: datetime, limit: int = 50) -> list[ShiftRow]:
    """List a team's shifts to come that have a seat, soonest first."""
    query = Shift.select(*_SHIFT).where(
        Shift.team == team, Shift.starts_at > now, Shift.withdrawn_at.is_null(), Shift.taken < Shift.seats)
    return msgspec.convert(await query.order_by(Shift.starts_at, Shift.id).limit(limit), list[ShiftRow])


async def shift_at(team: UUID, starts_at: datetime, ends_at: datetime) -> UUID | None:
    """Find a team's free shift at exactly this time."""
    row = await Shift.select(Shift.id).where(
        Shift.team == team, Shift.starts_at == starts_at, Shift.ends_at == ends_at,
        Shift.withdrawn_at.is_null(), Shift.taken < Shift.seats).order_by(Shift.id).first()
    return row["id"] if row else None


async def team(team_id: UUID) -> TeamRow:
    """Find a team that is not closed, or raise NotFound."""
    found = await _teams(Team.id == team_id)
    if not found:
        raise NotFound(_("There is no such team."))
    return found[0]


async def teams_of(actor: Actor, act: access.Act) -> list[TeamRow]:
    """List the teams for which a person may offer shifts, or invite."""
    every = await _teams()
    return [row for row in every if access.can(actor, act, access.Shift(row.id))]


async def _teams(where: Any = None) -> list[TeamRow]:
    query = Team.select(Team.id, Team.name, Team.site, Team.place, Team.zone, Team.default_host).where(
        Team.closed_at.is_null())
    if where is not None:
        query = query.where(where)
    return msgspec.convert(await query.order_by(Team.name), list[TeamRow])


async def hosts(teams: set[UUID] | frozenset[UUID]) -> dict[UUID, list[Reader]]:
    """List by team who may host: its members and leads who are still here."""
    if not teams:
        return {}
    rows = await Grant.select(
        Grant.team, Grant.person.as_alias("id"), Grant.person._.name, Grant.person._.email, Grant.person._.zone,
        Grant.person._.language,
    ).where(
        Grant.team.is_in(sorted(teams)), Grant.role.is_in([Role.LEAD.value, Role.MEMBER.value]),
        Grant.person._.left_at.is_null(),
    ).order_by(Grant.person._.name)  # fmt: skip
    found: dict[UUID, dict[UUID, Reader]] = {}
    for row in rows:
        person = Reader(id=row["id"], name=row["person.name"], email=row["person.email"], zone=row["person.zone"],
                        language=row["person.language"])
        found.setdefault(row["team"], {})[person.id] = person
    return {team: list(people.values()) for team, people in found.items()}


async def listed_shifts(actor: Actor, wanted: Wanted) -> list[ShiftRow]:
    """List the shifts that a reader may see, by id."""
    query = Shift.select(*_SHIFT)
    for column, value in ((Shift.team, wanted.team), (Shift.host, wanted.host)):
        if value is not None:
            query = query.where(column == value)
    for condition in between(Shift, wanted):
        query = query.where(condition)
    if not wanted.withdrawn:
        query = query.where(Shift.withdrawn_at.is_null())
    if wanted.free:
        query = query.where(Shift.taken < Shift.seats)
    if (seen := shifts_seen(actor)) is not None:
        query = query.where(seen)
    return msgspec.convert(await query.order_by(Shift.id).limit(wanted.limit), list[ShiftRow])
