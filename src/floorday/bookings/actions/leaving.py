"""What becomes of the days to come when somebody leaves; inside the transaction of their leaving.

That has asked who may. The letters are those of the ordinary steps, and there is no Undo: the one who left is gone.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.bookings import queries, rules
from floorday.bookings.actions.shifts import hand_to, take_off
from floorday.bookings.actions.steps import take
from floorday.bookings.tables import Booking
from floorday.people.access import Actor


async def call_off(actor: Actor, booking_id: UUID, *, reason: str, now: datetime) -> None:
    """Cancel the day of a manager who leaves: their calendar, their assistants and the floor are told."""
    booking = await queries.booking(booking_id)
    decision = rules.cancel(booking.facts(), reason=reason, now=now)
    await take(booking, decision, actor=actor, now=now, what=decision.state.value, reason=reason,
               values={Booking.reason: reason})


async def hand_shift(actor: Actor, shift_id: UUID, host: UUID | None, *, now: datetime) -> None:
    """Give a shift another host, or none yet; whoever comes is told, and so is the new host."""
    await hand_to(actor, await queries.shift(shift_id), host, now=now)


async def take_back_shift(actor: Actor, shift_id: UUID, *, reason: str, now: datetime) -> int:
    """Take a shift back, and cancel the days on it."""
    return await take_off(actor, await queries.shift(shift_id), reason=reason, now=now)
