"""The month as the rota shows it, in a fixed number of queries."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.bookings import queries as bookings
from floorday.bookings.queries import BookingRow, Proposed, Reader, ShiftRow
from floorday.bookings.rules import HOLDING, State
from floorday.people.access import Actor

MOST = 600
SHOWN = HOLDING | {State.HELD, State.MISSED, State.DECLINED}


class Entry(Struct, frozen=True):
    """A shift of the month with its days; by booking the mail server's words, and the time that is proposed instead."""

    shift: ShiftRow
    days: list[BookingRow]
    undelivered: dict[UUID, str]
    proposals: dict[UUID, Proposed]


class Gap(Struct, frozen=True):
    """A manager without a day in the month, and when the last one held was."""

    manager: Reader
    last: datetime | None


class Month(Struct, frozen=True):
    """What the rota shows of a month."""

    entries: list[Entry]
    waiting: list[BookingRow]
    gaps: list[Gap]


def bounds(month: date, zone: str) -> tuple[datetime, datetime]:
    """Give the first instant of a month and of the next one, in the programme's zone."""
    first = month.replace(day=1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    there = ZoneInfo(zone)
    start, end = (datetime(on.year, on.month, 1, tzinfo=there).astimezone(UTC) for on in (first, following))
    return start, end


async def month(
    actor: Actor, on: date, *, zone: str, gaps: bool, now: datetime, team: UUID | None = None, most: int = MOST
) -> Month:
    """Read a month as this reader may see it, up to so many shifts and days."""
    since, until = bounds(on, zone)
    shifts = await bookings.shifts(actor, since=since, until=until, team=team, withdrawn=True, limit=most)
    rows = await bookings.bookings(actor, since=since, until=until, team=team, states=SHOWN, undated=True, limit=most)
    days = [row for row in rows if row.state is not State.POSTPONED]
    waiting = [row for row in rows if row.state is State.POSTPONED]
    undelivered = await bookings.undelivered({day.id for day in days if day.state in HOLDING})
    proposed = await bookings.open_proposals({row.id for row in rows if row.state in HOLDING})
    by_shift: dict[UUID, list[BookingRow]] = {}
    for day in days:
        by_shift.setdefault(day.shift, []).append(day)
    entries = [
        Entry(shift, booked, {day.id: undelivered[day.id] for day in booked if day.id in undelivered},
              {day.id: bookings.look(proposed[day.id], actor, now=now) for day in booked if day.id in proposed})
        for shift in shifts
        if (booked := by_shift.get(shift.id, [])) or shift.withdrawn_at is None
    ]  # fmt: skip
    return Month(entries, waiting, await _gaps(days) if gaps else [])


async def _gaps(days: list[BookingRow]) -> list[Gap]:
    coming = {day.manager for day in days if day.state is not State.DECLINED}
    without = [manager for manager in await bookings.managers() if manager.id not in coming]
    last = await bookings.last_days([manager.id for manager in without])
    found = [Gap(manager, last.get(manager.id)) for manager in without]
    return sorted(found, key=lambda gap: (gap.last.timestamp() if gap.last else 0, gap.manager.name))
