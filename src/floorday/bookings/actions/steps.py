"""One step of a booking: seat, state, history, letters, in this order, inside the caller's transaction."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.bookings import moves, queries
from floorday.bookings.actions import telling
from floorday.bookings.queries import BookingRow, ShiftRow
from floorday.bookings.rules import Decision, Seat, State
from floorday.bookings.tables import Booking
from floorday.config import settings
from floorday.db import uuid7
from floorday.errors import Forbidden, NotFound
from floorday.people.access import Act, Actor, Door, can
from floorday.render.words import gettext as _


class Before(Struct, frozen=True, kw_only=True):
    """How a booking stood before a step that may still be undone, and the letters that must not have left."""

    state: State
    shift: UUID
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str
    answer: str
    answer_sequence: int | None
    answer_stamp: datetime | None
    answered_at: datetime | None
    comment: str
    reason: str
    keys: list[str]
    fresh: bool = False


async def may(actor: Actor, act: Act, booking_id: UUID, *, no: str | None = None) -> BookingRow:
    """Load a booking for somebody who may do this to it: hidden is NotFound, visible but not theirs Forbidden."""
    booking = await queries.booking(booking_id)
    if not can(actor, Act.SEE_BOOKING, booking.thing()):
        raise NotFound(_("There is no such day."))
    if not can(actor, act, booking.thing()):
        raise Forbidden(no or _("This day is not yours to change. Ask the team's lead or the coordinator."))
    return booking


async def take(
    booking: BookingRow, decision: Decision, *, actor: Actor | None, now: datetime, what: str,
    values: dict[Any, Any] | None = None, shift: ShiftRow | None = None, comment: str = "", reason: str = "",
    mail: UUID | None = None, undoable: bool = False, event: UUID | None = None, behalf: UUID | None = None,
    deed: str = "",
) -> BookingRow:  # fmt: skip
    """Take a step that a rule has decided, and give the booking as it now stands.

    `behalf` is for whom a coordinator acts who took a step out of a mail; an assistant's is known. `deed` names a step
    of the clock's in any copy of the database.
    """
    if decision.seat is not Seat.KEEP:
        if decision.seat is not Seat.FREE:
            await moves.one_at_a_time(booking.manager)
        await moves.seats(decision.seat, old=booking.shift, new=shift or await queries.shift(booking.shift))
    changes: dict[Any, Any] = {
        Booking.state: decision.state.value, Booking.sequence: booking.sequence + decision.step,
        Booking.changed_at: now, **(values or {}),
    }  # fmt: skip
    if decision.step or any(letter.startswith(("booking_", "invitation")) for letter in decision.letters):
        changes[Booking.stamped_at] = telling.next_stamp(booking, now)
    if decision.asks_again:
        changes |= {Booking.answer: "", Booking.comment: ""}
    await moves.save(booking, changes)
    after = await queries.booking(booking.id)
    event = event or uuid7()
    behalf = behalf or behalf_of(actor, after)
    moved = (booking.starts_at, booking.ends_at, booking.place) != (after.starts_at, after.ends_at, after.place)
    occasion = telling.Occasion(
        event=event, actor=actor, now=now, comment=comment, reason=reason, behalf=behalf is not None,
        was=(booking.starts_at, booking.ends_at, booking.zone) if moved else None, deed=deed,
    )
    keys = await telling.tell(after, decision.letters, occasion)
    asked = undoable and actor is not None and actor.door not in telling.UNASKED
    await record(after, what=what, actor=actor, now=now, text=reason or comment, mail=mail, event=event,
                 undo=undo_of(booking, keys) if asked else "", behalf=behalf)
    return after


async def record(
    booking: BookingRow, *, what: str, actor: Actor | None, now: datetime, text: str = "", mail: UUID | None = None,
    event: UUID | None = None, undo: str = "", behalf: UUID | None = None,
) -> UUID:  # fmt: skip
    """Write a line of history: who, on behalf of whom, when, through which door, and the time as it then stood."""
    event = event or uuid7()
    moves.add_event(
        id=event, booking=booking.id, at=now, what=what, by=actor.person if actor else None,
        on_behalf_of=behalf or behalf_of(actor, booking), door=(actor.door if actor else Door.CLOCK).value, text=text,
        starts_at=booking.starts_at, ends_at=booking.ends_at, mail=mail, undo=undo,
    )  # fmt: skip
    return event


def behalf_of(actor: Actor | None, booking: BookingRow) -> UUID | None:
    """Say for whom an assistant acts."""
    if actor is None or actor.person == booking.manager or booking.manager not in actor.assists:
        return None
    return booking.manager


def undo_of(before: BookingRow, keys: list[str], *, fresh: bool = False) -> str:
    """Say how to undo a step while its letters wait; nothing where it has none."""
    if not keys or not settings().undo_seconds:
        return ""
    kept = Before(keys=keys, fresh=fresh, **{
        name: getattr(before, name) for name in Before.__struct_fields__ if name not in {"keys", "fresh"}
    })
    return msgspec.json.encode(kept).decode()
