"""The verbs of a booking."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from floorday.bookings import moves, queries, rules
from floorday.bookings.actions import telling
from floorday.bookings.actions.steps import Before, behalf_of, may, record, take, undo_of
from floorday.bookings.queries import BookingRow, Reader, ShiftRow
from floorday.bookings.rules import Answer, Decision, Letter, Mark, Partstat, Seat, State
from floorday.bookings.tables import Booking, Shift
from floorday.config import settings
from floorday.db import transaction, uuid7
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.mail import inbound, outbox
from floorday.people import access
from floorday.people import moves as people
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _

REMIND_AFTER = timedelta(days=3)
MOST_REMINDERS = 2
RESEND_AFTER = timedelta(minutes=10)


async def invite(
    actor: Actor, *, shift: UUID, manager: UUID, why: str, doing: str = "", hope: str = "", now: datetime,
) -> BookingRow:  # fmt: skip
    """Ask a manager to a shift in the team's own words; the seat and the time are kept from now on."""
    async with transaction():
        chosen = await queries.shift(shift)
        if not can(actor, Act.INVITE, chosen.thing()):
            if not can(actor, Act.SEE_SHIFT, chosen.thing(await queries.managers_on(shift))):
                raise NotFound(_("There is no such shift."))
            raise Forbidden(_("You may invite to the shifts of your own team. Ask its lead or the coordinator."))
        if not why.strip():
            raise BadInput(_("Say why you ask this manager."), fields={"why": _("Say why you ask this manager.")})
        await people.still_here(manager)
        guest = await queries.manager(manager)
        decision = rules.invite(chosen.facts(), now=now)
        await moves.one_at_a_time(guest.id)
        await moves.take_seat(chosen)
        booking = _asked(actor, chosen, guest, decision, why=why, doing=doing, hope=hope, now=now)
        moves.add_invitation(id=booking.invitation, team=booking.team, why=why, doing=doing, hope=hope,
                             written_by=actor.person, written_at=now)
        await moves.add_booking(
            id=booking.id, invitation=booking.invitation, shift=booking.shift, manager=booking.manager,
            state=booking.state.value, uid=booking.uid, sequence=booking.sequence, stamped_at=booking.stamped_at,
            starts_at=booking.starts_at, ends_at=booking.ends_at, zone=booking.zone, place=booking.place,
            booked_at=now, changed_at=now, manager_name=guest.name,
        )  # fmt: skip
        event = uuid7()
        keys = await telling.tell(booking, decision.letters, telling.Occasion(event=event, actor=actor, now=now))
        undo = "" if actor.door in telling.UNASKED else undo_of(booking, keys, fresh=True)
        await record(booking, what=State.INVITED, actor=actor, now=now, event=event, undo=undo)
    return booking


def _asked(
    actor: Actor, shift: ShiftRow, guest: Reader, decision: Decision, *, why: str, doing: str, hope: str,
    now: datetime,
) -> BookingRow:  # fmt: skip
    """Say how a booking stands when its manager has just been asked."""
    booking = uuid7()
    return BookingRow(
        id=booking, invitation=uuid7(), shift=shift.id, manager=guest.id, manager_name=guest.name,
        manager_email=guest.email, manager_zone=guest.zone, manager_language=guest.language, team=shift.team,
        team_name=shift.team_name, host=shift.host, host_name=shift.host_name, state=decision.state,
        uid=f"{booking}@{settings().mail_domain}", sequence=0, stamped_at=now.replace(microsecond=0), generation=0,
        starts_at=shift.starts_at, ends_at=shift.ends_at, zone=shift.zone, place=shift.place, plan=shift.plan,
        answer="", answer_sequence=None, answer_stamp=None, answered_at=None, comment="", reason="",
        read_back_at=None, booked_at=now, changed_at=now, why=why, doing=doing, hope=hope, invited_by=actor.person,
        shift_starts_at=shift.starts_at, shift_ends_at=shift.ends_at, shift_withdrawn_at=shift.withdrawn_at,
    )  # fmt: skip


async def answer(
    actor: Actor, booking_id: UUID, reply: Answer, *, now: datetime, mail: UUID | None = None, relayed: bool = False,
) -> tuple[BookingRow, Mark]:  # fmt: skip
    """Record a manager's answer, whichever door it came through; says whether it was applied, stale or a duplicate.

    `relayed`: a coordinator read it in a mail and takes it on the manager's behalf; that can be undone.
    """
    async with transaction():
        booking = await may(actor, Act.RELAY if relayed else Act.ANSWER, booking_id,
                            no=_("Only the manager, or an assistant, can answer."))
        behalf = booking.manager if relayed else behalf_of(actor, booking)
        reply = structs.replace(reply, by=actor.person, on_behalf_of=behalf, door=actor.door)
        decision = rules.answer(booking.facts(), reply, now=now)
        if decision.mark is Mark.STALE:
            await record(booking, what="stale answer", actor=actor, now=now, text=reply.partstat, mail=mail)
        if decision.mark is not Mark.APPLIED:
            return booking, decision.mark
        repeated = decision.state is booking.state and reply.comment in {"", booking.comment}
        values: dict[Any, Any] = {
            Booking.answer: reply.partstat.value, Booking.answer_sequence: reply.sequence,
            Booking.answer_stamp: decision.answer_stamp, Booking.answered_at: now,
            Booking.comment: reply.comment or (booking.comment if repeated else ""),
        }
        if repeated:
            await moves.save(booking, {**values, Booking.changed_at: now})
            if mail is not None:
                await record(booking, what="said again", actor=actor, now=now, text=reply.comment, mail=mail)
            return await queries.booking(booking_id), Mark.DUPLICATE if mail is None else Mark.APPLIED
        booking = await take(booking, decision, actor=actor, now=now, what=decision.state.value, values=values,
                             comment=reply.comment, mail=mail, undoable=relayed, behalf=behalf)
    return booking, Mark.APPLIED


async def move(
    actor: Actor, booking_id: UUID, *, now: datetime, shift: UUID | None = None, starts: datetime | None = None,
    ends: datetime | None = None, chosen: bool | None = None, mail: UUID | None = None, event: UUID | None = None,
) -> BookingRow:  # fmt: skip
    """Give a day another date in one act: another shift, or a time of its own.

    `chosen` says that the manager's side picked the time (so by default whenever they move it): it then stays
    accepted. A time of its own (a counter-proposal) takes the team's free shift at that time, or offers one.
    """
    async with transaction():
        booking = await may(actor, Act.MOVE, booking_id)
        goes = actor.person == booking.manager or booking.manager in actor.assists
        if chosen is None:
            chosen = goes
        target = await _target(actor, booking, shift=shift, starts=starts, ends=ends, now=now)
        if target.id == booking.shift and booking.state in rules.HOLDING:
            raise Refused(_("That is the date it already has."))
        decision = rules.move(booking.facts(), target.facts(), chosen=chosen, now=now)
        values: dict[Any, Any] = {
            Booking.shift: target.id, Booking.starts_at: target.starts_at, Booking.ends_at: target.ends_at,
            Booking.zone: target.zone, Booking.place: target.place, Booking.reason: "",
        }
        if chosen:
            values |= {Booking.answer: Partstat.ACCEPTED.value, Booking.answer_sequence: booking.sequence + 1,
                       Booking.answer_stamp: now.replace(microsecond=0), Booking.answered_at: now}
        return await take(booking, decision, actor=actor, now=now, what="chosen" if chosen else "moved",
                          values=values, shift=target, mail=mail, undoable=True, event=event)


async def _target(
    actor: Actor, booking: BookingRow, *, shift: UUID | None, starts: datetime | None, ends: datetime | None,
    now: datetime,
) -> ShiftRow:  # fmt: skip
    """Find the shift to move to. Another team's is for those who may invite to it."""
    if shift is None:
        if starts is None or ends is None:
            raise BadInput(_("Choose a date."), fields={"shift": _("Choose a date.")})
        shift = await _shift_for(actor, booking, rules.moment(starts, booking.zone), rules.moment(ends, booking.zone),
                                 now=now)
    target = await queries.shift(shift)
    if target.team != booking.team and not can(actor, Act.INVITE, target.thing()):
        if not can(actor, Act.SEE_SHIFT, target.thing(await queries.managers_on(shift))):
            raise NotFound(_("There is no such shift."))
        raise Forbidden(_("Choose one of the dates that %(team)s offers."), team=booking.team_name)
    return target


async def _shift_for(actor: Actor, booking: BookingRow, starts: datetime, ends: datetime, *, now: datetime) -> UUID:
    """Take the team's free shift at exactly this time; where there is none, offer one with the same host and place."""
    if found := await queries.shift_at(booking.team, starts, ends):
        return found
    if not can(actor, Act.OFFER_SHIFT, access.Shift(booking.team)):
        raise Forbidden(_("Choose one of the dates that %(team)s offers."), team=booking.team_name)
    rules.offer(starts, ends, seats=1, now=now)
    shift_id = uuid7()
    await moves.insert(Shift(
        id=shift_id, team=booking.team, host=booking.host, place=booking.place, plan=booking.plan, starts_at=starts,
        ends_at=ends, zone=booking.zone, seats=1, taken=0, offered_by=actor.person, offered_at=now,
    ))  # fmt: skip
    return shift_id


async def postpone(actor: Actor, booking_id: UUID, *, now: datetime, reason: str = "") -> BookingRow:
    """Take the date away without giving up the day."""
    async with transaction():
        booking = await may(actor, Act.MOVE, booking_id)
        decision = rules.postpone(booking.facts(), now=now)
        return await take(booking, decision, actor=actor, now=now, what=decision.state.value, reason=reason,
                          values={Booking.answer: "", Booking.reason: reason}, undoable=True)


async def cancel(actor: Actor, booking_id: UUID, *, reason: str, now: datetime) -> BookingRow:
    """Call the day off, with a reason that the other side reads."""
    async with transaction():
        booking = await may(actor, Act.CANCEL, booking_id)
        decision = rules.cancel(booking.facts(), reason=reason, now=now)
        return await take(booking, decision, actor=actor, now=now, what=decision.state.value, reason=reason,
                          values={Booking.reason: reason}, undoable=True)


async def hold(actor: Actor, booking_id: UUID, *, now: datetime) -> BookingRow:
    """Say that the manager came."""
    async with transaction():
        booking = await may(actor, Act.HOLD, booking_id, no=_("The host or the team's lead says that."))
        decision = rules.hold(booking.facts(), now=now)
        if decision.state is booking.state:
            return booking
        return await take(booking, decision, actor=actor, now=now, what=decision.state.value)


async def miss(actor: Actor, booking_id: UUID, *, now: datetime) -> BookingRow:
    """Say that the manager did not come."""
    async with transaction():
        booking = await may(actor, Act.HOLD, booking_id, no=_("The host or the team's lead says that."))
        decision = rules.miss(booking.facts(), now=now)
        if decision.state is booking.state:
            return booking
        return await take(booking, decision, actor=actor, now=now, what=decision.state.value)


async def read_back(actor: Actor, booking_id: UUID, *, now: datetime) -> BookingRow:
    """Note that the team has read the list back and found it right."""
    async with transaction():
        booking = await may(actor, Act.READ_BACK, booking_id, no=_("The host does that, on the day."))
        rules.read_back(booking.facts(), now=now)
        if booking.read_back_at is None:
            await moves.note_read_back(booking, now=now)
            await record(booking, what="read back", actor=actor, now=now)
        return await queries.booking(booking_id)


async def match(actor: Actor, booking_id: UUID, external_id: str | None, *, now: datetime) -> BookingRow:
    """Keep what another program calls a day; None takes it away."""
    async with transaction():
        booking = await may(actor, Act.MATCH, booking_id)
        if external_id == booking.external_id:
            return booking
        await moves.match(booking, external_id, now=now)
        await record(booking, what="matched", actor=actor, now=now, text=external_id or "")
        return await queries.booking(booking_id)


async def undo(actor: Actor, booking_id: UUID, *, now: datetime, mail: UUID | None = None) -> BookingRow:
    """Take back a step whose letters have not left; what a mail had led to waits again, the mail and its proposal.

    With a `mail` only the step that followed from it.
    """
    async with transaction():
        booking = await may(actor, Act.SEE_BOOKING, booking_id)
        last = (await queries.history(booking_id))[-1]
        if not last.undo or last.by != actor.person or (mail is not None and last.mail != mail):
            raise Refused(_("There is nothing to undo here any more."))
        before = msgspec.json.decode(last.undo, type=Before)
        await moves.mark_undone(last.id, last.what)
        if len(await outbox.take_back(about=booking_id, keys=before.keys, now=now)) < len(before.keys):
            raise Refused(_("The letter has already left. Change the day instead; that tells everybody."))
        reopened = await moves.reopen_proposal(event=last.id)
        if last.mail is not None:
            await inbound.reopen(last.mail)
        back = await _restore(booking, before, now=now)
        if reopened and booking.shift != back.shift:
            await moves.withdraw_unused(booking.shift, offered_at=last.at, now=now)
        return back


async def _restore(booking: BookingRow, before: Before, *, now: datetime) -> BookingRow:
    """Put a booking back as it was. Its messages never left, so SEQUENCE and DTSTAMP go back too."""
    text = _("Undone before the letter had left.")
    state = State.CANCELLED if before.fresh else before.state
    effect = _seat_back(booking.state, state, same=booking.shift == before.shift)
    await moves.one_at_a_time(booking.manager)
    await moves.seats(effect, old=booking.shift, new=await queries.shift(before.shift))
    await moves.save(booking, {
        Booking.state: state.value, Booking.shift: before.shift, Booking.sequence: before.sequence,
        Booking.stamped_at: before.stamped_at, Booking.starts_at: before.starts_at, Booking.ends_at: before.ends_at,
        Booking.zone: before.zone, Booking.place: before.place, Booking.answer: before.answer,
        Booking.answer_sequence: before.answer_sequence, Booking.answer_stamp: before.answer_stamp,
        Booking.answered_at: before.answered_at, Booking.comment: before.comment,
        Booking.reason: text if before.fresh else before.reason, Booking.changed_at: now,
    })  # fmt: skip
    return await queries.booking(booking.id)


def _seat_back(was: State, back: State, *, same: bool) -> Seat:
    match was in rules.HOLDING, back in rules.HOLDING:
        case True, True:
            return Seat.KEEP if same else Seat.SWAP
        case True, False:
            return Seat.FREE
        case False, True:
            return Seat.TAKE
        case _:
            return Seat.KEEP


async def remind(actor: Actor | None, booking_id: UUID, *, now: datetime, deed: str = "") -> BookingRow:
    """Send the invitation once more to a manager who has not answered; nobody (None) is the clock, for its `deed`."""
    async with transaction():
        booking = await queries.booking(booking_id) if actor is None else await may(actor, Act.INVITE, booking_id)
        decision = rules.remind(booking.facts(), now=now)
        return await take(booking, decision, actor=actor, now=now, what="reminded", deed=deed)


async def remind_unanswered(*, now: datetime) -> int:
    """Remind everybody who has not answered for three days, twice at the most; returns how many."""
    count = 0
    for booking in await queries.unanswered(now=now, invited_before=now - REMIND_AFTER):
        asked = [line for line in await queries.history(booking.id) if line.what in {"invited", "moved", "reminded"}]
        told = [line for line in asked if line.what == "reminded" and line.starts_at == booking.starts_at]
        if asked and now - asked[-1].at >= REMIND_AFTER and len(told) < MOST_REMINDERS:
            try:
                await remind(None, booking.id, now=now, deed=f"{booking.id}:{booking.starts_at}:{len(told)}")
            except Refused:
                continue  # answered, moved or over since it was listed
            count += 1
    return count


async def resend(booking_id: UUID, *, now: datetime) -> bool:
    """Send a manager's calendar the day as it stands (RFC 5546 3.2.6); False where that was done a moment ago."""
    async with transaction():
        booking = await queries.booking(booking_id)
        lines = await queries.history(booking_id)
        if any(line.what == "sent again" and now - line.at < RESEND_AFTER for line in lines):
            return False
        method: telling.Method = "CANCEL" if booking.state is State.CANCELLED else "REQUEST"
        await tell_again(booking, Letter.BOOKING_CHANGED if method == "REQUEST" else Letter.BOOKING_CANCELLED,
                          None, what="sent again", method=method, now=now)
    return True


async def send_again(actor: Actor, booking_id: UUID, *, now: datetime) -> BookingRow:
    """Send the day anew to the address that its manager has now, when a letter about it did not arrive."""
    async with transaction():
        booking = await may(actor, Act.INVITE, booking_id)
        if booking.state not in rules.HOLDING or now >= booking.starts_at:
            raise Refused(_("This day is no longer to come, so there is nothing to send again."))
        if not await queries.undelivered({booking_id}):
            raise Refused(_("Every letter about this day has arrived, or is on its way."))
        letter = Letter.INVITATION if booking.state is State.INVITED else Letter.BOOKING_CHANGED
        return await tell_again(booking, letter, actor, what="sent again", method="REQUEST", now=now)


async def tell_again(
    booking: BookingRow, letter: str, actor: Actor | None, *, what: str, method: telling.Method, now: datetime,
    words: str = "", mail: UUID | None = None, event: UUID | None = None, undoable: bool = False,
) -> BookingRow:  # fmt: skip
    """Tell the manager alone, with the same SEQUENCE and a new DTSTAMP."""
    before, event = booking, event or uuid7()
    await moves.save(booking, {Booking.stamped_at: telling.next_stamp(booking, now), Booking.changed_at: now})
    booking = await queries.booking(booking.id)
    key = await telling.tell_manager(booking, letter, telling.Occasion(
        event=event, actor=actor, now=now, comment=words, reason=booking.reason), method=method)
    asked = undoable and actor is not None and actor.door not in telling.UNASKED
    await record(booking, what=what, actor=actor, now=now, text=words, mail=mail, event=event,
                 undo=undo_of(before, [key]) if asked else "")
    return booking
