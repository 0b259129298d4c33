"""Bookings: one, those of a list, and what happened to them."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

import functools
import operator
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from floorday.bookings.queries.rows import LIVE, PAGE, BookingRow, EventRow, Wanted
from floorday.bookings.queries.seen import between, bookings_seen
from floorday.bookings.rules import HOLDING, State
from floorday.bookings.tables import Booking, BookingEvent
from floorday.db import run_sql
from floorday.db.text import spellings
from floorday.errors import NotFound
from floorday.mail.outbox import Sent
from floorday.mail.tables import Letter
from floorday.people.access import Actor
from floorday.render.words import gettext as _

_BOOKING = (
    *Booking.all_columns(),
    Booking.manager._.name.as_alias("manager_name"), Booking.manager._.email.as_alias("manager_email"),
    Booking.manager._.zone.as_alias("manager_zone"), Booking.manager._.language.as_alias("manager_language"),
    Booking.shift._.team.as_alias("team"), Booking.shift._.team._.name.as_alias("team_name"),
    Booking.shift._.host.as_alias("host"), Booking.shift._.host._.name.as_alias("host_name"),
    Booking.shift._.plan.as_alias("plan"),
    Booking.shift._.starts_at.as_alias("shift_starts_at"), Booking.shift._.ends_at.as_alias("shift_ends_at"),
    Booking.shift._.withdrawn_at.as_alias("shift_withdrawn_at"),
    Booking.invitation._.why.as_alias("why"), Booking.invitation._.doing.as_alias("doing"),
    Booking.invitation._.hope.as_alias("hope"), Booking.invitation._.written_by.as_alias("invited_by"),
)  # fmt: skip


async def booking(booking_id: UUID) -> BookingRow:
    """Find a booking, or raise NotFound."""
    found = await read_bookings(Booking.id == booking_id)
    if not found:
        raise NotFound(_("There is no such day."))
    return found[0]


async def by_uid(uid: str) -> BookingRow | None:
    """Find the booking that a calendar means by its UID."""
    found = await read_bookings(Booking.uid == uid)
    return found[0] if found else None


async def bookings_on(shift_id: UUID, *, states: frozenset[State] = HOLDING) -> list[BookingRow]:
    """List the bookings on a shift in these states, in the order of their ids."""
    return await read_bookings((Booking.shift == shift_id) & Booking.state.is_in(sorted(states)), by=(Booking.id,))


async def bookings(
    actor: Actor, *, since: datetime | None = None, until: datetime | None = None, team: UUID | None = None,
    manager: UUID | None = None, states: frozenset[State] | None = None, undated: bool = False, limit: int = PAGE,
) -> list[BookingRow]:
    """List the bookings that a reader may see, soonest first; with `undated` those postponed too, whatever the time."""
    wanted: list[Any] = []
    dated: list[Any] = [Booking.state.is_in(sorted(states or frozenset(State)))]
    if since is not None:
        dated.append(Booking.ends_at > since)
    if until is not None:
        dated.append(Booking.starts_at < until)
    within = functools.reduce(operator.and_, dated)
    wanted.append(within | (Booking.state == State.POSTPONED.value) if undated else within)
    if team is not None:
        wanted.append(Booking.shift._.team == team)
    if manager is not None:
        wanted.append(Booking.manager == manager)
    if (seen := bookings_seen(actor)) is not None:
        wanted.append(seen)
    return await read_bookings(*wanted, limit=limit)


async def listed_bookings(actor: Actor, wanted: Wanted) -> list[BookingRow]:
    """List the bookings that a reader may see, by id."""
    where: list[Any] = list(between(Booking, wanted))
    for column, value in (
        (Booking.shift._.team, wanted.team), (Booking.shift._.host, wanted.host), (Booking.manager, wanted.manager),
        (Booking.shift, wanted.shift), (Booking.invitation, wanted.invitation),
        (Booking.state, wanted.state and wanted.state.value),
    ):  # fmt: skip
        if value is not None:
            where.append(column == value)
    if wanted.external_id is not None:
        where.append(Booking.external_id.is_in(spellings(wanted.external_id)))
    if (seen := bookings_seen(actor)) is not None:
        where.append(seen)
    return await read_bookings(*where, by=(Booking.id,), limit=wanted.limit)


async def next_days(managers: Collection[UUID], *, now: datetime, limit: int = PAGE) -> list[BookingRow]:
    """List the days of some managers that are not over and still count, soonest first."""
    if not managers:
        return []
    return await read_bookings(
        Booking.manager.is_in(sorted(managers)) & (Booking.ends_at > now) & Booking.state.is_in(LIVE), limit=limit
    )


async def hosted_days(host: UUID, *, since: datetime, until: datetime, limit: int = PAGE) -> list[BookingRow]:
    """List the days that a person hosts in a stretch of time."""
    states = sorted(HOLDING | {State.HELD, State.MISSED})
    return await read_bookings(
        Booking.shift._.host == host, Booking.ends_at > since, Booking.starts_at < until, Booking.state.is_in(states),
        limit=limit)


async def unanswered(*, now: datetime, invited_before: datetime, limit: int = 500) -> list[BookingRow]:
    """List the invitations to days to come that nobody has answered."""
    return await read_bookings(
        Booking.state == State.INVITED.value, Booking.starts_at > now, Booking.booked_at <= invited_before, limit=limit)


async def counted(shift_id: UUID) -> int:
    """Count the bookings that hold a seat of a shift: `taken` says the same."""
    states = sorted(HOLDING | {State.HELD, State.MISSED})
    return await Booking.count().where(Booking.shift == shift_id, Booking.state.is_in(states))


async def history(booking_id: UUID) -> list[EventRow]:
    """List what happened to a booking, oldest first."""
    rows = await BookingEvent.select(
        *BookingEvent.all_columns(), BookingEvent.by._.name.as_alias("by_name"),
        BookingEvent.by._.email.as_alias("by_email"), BookingEvent.on_behalf_of._.name.as_alias("behalf_name"),
    ).where(BookingEvent.booking == booking_id).order_by(BookingEvent.at, BookingEvent.id)
    return msgspec.convert(rows, list[EventRow])


async def letters(booking_id: UUID) -> list[Sent]:
    """List what became of the letters about a booking, newest first."""
    rows = await Letter.select(*[getattr(Letter, field) for field in Sent.__struct_fields__]).where(
        Letter.about == booking_id).order_by(Letter.created_at, Letter.id, ascending=False)
    return msgspec.convert(rows, list[Sent])


WHOLE_DAY = ("invitation", "invitation_reminder", "booking_moved", "booking_changed", "booking_postponed",
             "booking_cancelled")  # fmt: skip
"""Letters that hold the day as it stands: each replaces every older one to the same person."""


async def undelivered(bookings: set[UUID]) -> dict[UUID, str]:
    """Give the mail server's words for each booking one of whose letters did not arrive, unless a newer one left."""
    if not bookings:
        return {}
    ids = sorted(bookings)
    rows = await run_sql(
        "SELECT l.about, l.server_words FROM letter l"  # noqa: S608 - own words
        f" WHERE l.about IN ({', '.join('{}' for _one in ids)}) AND l.failed_at IS NOT NULL AND NOT EXISTS ("
        " SELECT 1 FROM letter n WHERE n.about = l.about AND n.person = l.person AND n.created_at > l.created_at"
        f" AND n.name IN ({', '.join('{}' for _one in WHOLE_DAY)}) AND n.failed_at IS NULL AND n.taken_back_at IS NULL)"
        " ORDER BY l.failed_at", *ids, *WHOLE_DAY)
    return {row["about"]: row["server_words"] for row in rows}


async def read_bookings(*wanted: Any, by: tuple[Any, ...] = (), limit: int | None = PAGE) -> list[BookingRow]:
    """Read the bookings of which conditions on Booking are true, soonest first unless told otherwise."""
    query = Booking.select(*_BOOKING).order_by(*(by or (Booking.starts_at, Booking.id)))
    if wanted:
        query = query.where(*wanted)
    return msgspec.convert(await (query if limit is None else query.limit(limit)), list[BookingRow])
