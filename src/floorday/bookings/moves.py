"""Guarded writes: whatever was read must still be so, else nothing is written.

Called by actions alone, inside their transaction.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.table import Table

from floorday.bookings.queries import BookingRow, ShiftRow
from floorday.bookings.rules import ProposalState, Seat
from floorday.bookings.tables import Booking, BookingEvent, Invitation, Proposal, Shift
from floorday.db import Insert, Statement, dialect, run_sql, violated
from floorday.errors import Raced, Refused
from floorday.people.moves import one_external_id
from floorday.render.words import gettext as _

UNDONE = "undone "
"""Before the word of a step that was taken back before its letters had left."""

_INVITATION, _BOOKING, _EVENT = Insert(Invitation), Insert(Booking), Insert(BookingEvent)
_SEAT = Statement("UPDATE shift SET taken = taken + 1 WHERE id = {} AND taken < seats AND withdrawn_at IS NULL"
                  " AND starts_at = {} AND ends_at = {} RETURNING id")


async def insert(row: Table) -> None:
    """Write a new row."""
    await type(row).insert(row)


async def one_at_a_time(manager: UUID) -> None:
    """Let bookings of one manager wait for each other.

    PostgreSQL finds two that overlap, written at the same moment, as a deadlock; with this the second one
    simply comes later and is refused. SQLite has one writer, and needs nothing.
    """
    if dialect() == "postgres":
        await run_sql("SELECT id FROM person WHERE id = {} FOR NO KEY UPDATE", manager)


def add_invitation(**values: Any) -> None:
    """Write a new invitation with what follows in the transaction."""
    _INVITATION.later(**values)


async def add_booking(*, manager_name: str, **values: Any) -> None:
    """Write a new booking; the database refuses a manager in two places."""
    async with _one_place(manager_name):
        await _BOOKING(**values)


async def save(booking: BookingRow, values: dict[Any, Any]) -> None:
    """Change a booking that still stands as it was read; else somebody was faster."""
    async with _one_place(booking.manager_name):
        saved = await Booking.update(values).where(
            Booking.id == booking.id, Booking.state == booking.state.value, Booking.sequence == booking.sequence,
            Booking.changed_at == booking.changed_at,
        ).returning(Booking.id)  # fmt: skip
    if not saved:
        raise Raced(_("Somebody else has just changed this day. Look at it again, then decide."))


async def match(booking: BookingRow, external_id: str | None, *, now: datetime) -> None:
    """Keep what another program calls a day that still stands as it was read."""
    async with one_external_id():
        await save(booking, {Booking.external_id: external_id, Booking.changed_at: now})


async def take_seat(shift: ShiftRow) -> None:
    """Take a seat of a shift that is still on offer, at the time that was read, with a seat left: one statement."""
    if not await _SEAT(shift.id, shift.starts_at, shift.ends_at):
        raise Refused(_("The last seat of this shift has just been taken. Choose another date."))


async def free_seat(shift_id: UUID) -> None:
    """Give a seat back."""
    await Shift.update({Shift.taken: Shift.taken - 1}).where(Shift.id == shift_id, Shift.taken > 0)


async def seats(effect: Seat, *, old: UUID, new: ShiftRow) -> None:
    """Do what a decision says about seats; of two shifts the lower id first, so that two swaps never wait in a ring."""
    steps: list[UUID] = []
    if effect in {Seat.FREE, Seat.SWAP}:
        steps.append(old)
    if effect in {Seat.TAKE, Seat.SWAP}:
        steps.append(new.id)
    if effect is Seat.SWAP and old == new.id:
        return
    for shift_id in sorted(steps):
        if effect is not Seat.FREE and shift_id == new.id:
            await take_seat(new)
        else:
            await free_seat(shift_id)


async def change_shift(shift: ShiftRow, values: dict[Any, Any]) -> None:
    """Change a shift that still stands as it was read."""
    try:
        changed = await Shift.update(values).where(
            Shift.id == shift.id, Shift.taken == shift.taken, Shift.starts_at == shift.starts_at,
            Shift.withdrawn_at.is_null(),
        ).returning(Shift.id)  # fmt: skip
    except Exception as error:
        if violated(error) == "shift_taken_check":
            raise Refused(_("More seats of this shift are taken than you leave. Move somebody first.")) from error
        raise
    if not changed:
        raise Raced(_("Somebody else has just changed this shift. Look at it again, then decide."))


def add_event(**values: Any) -> None:
    """Write a line of history with what follows in the transaction."""
    _EVENT.later(**values)


async def mark_undone(event: UUID, what: str) -> None:
    """Mark a line of history as undone: it stays, and counts for nothing. Raise Raced when it has just been."""
    gone = await BookingEvent.update({BookingEvent.undo: "", BookingEvent.what: f"{UNDONE}{what}"}).where(
        BookingEvent.id == event, BookingEvent.undo != "").returning(BookingEvent.id)
    if not gone:
        raise Raced(_("This has already been undone."))


async def note_read_back(booking: BookingRow, *, now: datetime) -> None:
    """Note when the list was read back; the first time counts."""
    await Booking.update({Booking.read_back_at: now, Booking.changed_at: now}).where(
        Booking.id == booking.id, Booking.read_back_at.is_null())


# --- proposed times ----------------------------------------------------------------------------------------------


async def replace_open(booking: UUID, *, now: datetime) -> list[UUID]:
    """Let a newer proposal take the place of the open one; gives the mails that the older ones came in."""
    rows = await Proposal.update({
        Proposal.state: ProposalState.REPLACED.value, Proposal.settled_at: now,
    }).where(Proposal.booking == booking, Proposal.state == ProposalState.OPEN.value).returning(Proposal.mail)
    return [row["mail"] for row in rows if row["mail"]]


async def settle_proposal(
    proposal: UUID, state: ProposalState, *, by: UUID, now: datetime, event: UUID | None = None, words: str = "",
) -> None:
    """Close a proposal that is still open; else somebody was faster."""
    done = await Proposal.update({
        Proposal.state: state.value, Proposal.settled_by: by, Proposal.settled_at: now, Proposal.event: event,
        Proposal.words: words,
    }).where(Proposal.id == proposal, Proposal.state == ProposalState.OPEN.value).returning(Proposal.id)
    if not done:
        raise Raced(_("Somebody else has just settled this proposal. Look at the day again."))


async def reopen_proposal(
    *, event: UUID | None = None, mail: UUID | None = None, was: ProposalState | None = None
) -> bool:
    """Open again what a line of history, or a mail that was put aside, had settled; not beside a newer one."""
    column, value = (Proposal.event, event) if event is not None else (Proposal.mail, mail)
    if value is None:
        return False
    query: Any = Proposal.update({
        Proposal.state: ProposalState.OPEN.value, Proposal.settled_by: None, Proposal.settled_at: None,
        Proposal.event: None, Proposal.words: "",
    }).where(column == value, Proposal.state != ProposalState.OPEN.value)
    if was is not None:
        query = query.where(Proposal.state == was.value)
    try:
        return bool(await query.returning(Proposal.id))
    except Exception as error:
        if violated(error) == "booking_proposal_open_once":
            raise Refused(_("Another time has been proposed since. Settle that one first.")) from error
        raise


async def withdraw_unused(shift: UUID, *, offered_at: datetime, now: datetime) -> None:
    """Take back the shift that was offered at that moment for a proposed time, where nobody is on it."""
    await Shift.update({Shift.withdrawn_at: now}).where(
        Shift.id == shift, Shift.offered_at == offered_at, Shift.taken == 0, Shift.withdrawn_at.is_null())


@asynccontextmanager
async def _one_place(manager_name: str) -> AsyncGenerator[None]:
    """Turn what the database forbids into a sentence; which other day it is stays between the manager and that team."""
    try:
        yield
    except Exception as error:
        match violated(error):
            case "booking_one_place":
                raise Refused(
                    _("%(manager)s already has another day at that time. Choose a date that does not overlap it."),
                    manager=manager_name,
                ) from error
            case "booking_live_once":
                raise Refused(_("%(manager)s is already booked on this shift."), manager=manager_name) from error
            case _:
                raise
