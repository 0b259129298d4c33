"""The verbs of a shift: offer, change, withdraw."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from floorday.bookings import moves, queries, rules
from floorday.bookings.actions import telling
from floorday.bookings.actions.steps import record, take
from floorday.bookings.queries import BookingRow, ShiftRow
from floorday.bookings.rules import ANSWERABLE, HOLDING, Letter, State
from floorday.bookings.tables import Booking, Shift
from floorday.db import transaction, uuid7
from floorday.errors import BadInput, Forbidden, NotFound
from floorday.people import access
from floorday.people import moves as people
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _


class ShiftForm(Struct, frozen=True, kw_only=True):
    """What is said of a shift. Times without an offset are the team's clock."""

    starts: datetime
    ends: datetime
    place: str = ""
    host: UUID | None = None
    seats: int = 1
    plan: str = ""


async def offer_shift(actor: Actor, team: UUID, form: ShiftForm, *, now: datetime) -> ShiftRow:
    """Offer a stretch of time of a team."""
    async with transaction():
        place = await queries.team(team)
        _must(actor, team)
        starts, ends = rules.moment(form.starts, place.zone), rules.moment(form.ends, place.zone)
        rules.offer(starts, ends, seats=form.seats, now=now)
        await _host_fits(form.host, team)
        shift_id = uuid7()
        await moves.insert(Shift(
            id=shift_id, team=team, host=form.host, place=form.place or place.place or place.site or place.name,
            plan=form.plan, starts_at=starts, ends_at=ends, zone=place.zone, seats=form.seats, taken=0,
            offered_by=actor.person, offered_at=now,
        ))  # fmt: skip
        return await queries.shift(shift_id)


async def change_shift(actor: Actor, shift_id: UUID, form: ShiftForm, *, now: datetime) -> ShiftRow:
    """Change a shift, and tell everybody who is booked on it.

    Another time or place is a new revision of their event and asks again; another host or plan is only told.
    """
    async with transaction():
        shift = await _theirs(actor, shift_id)
        starts, ends = rules.moment(form.starts, shift.zone), rules.moment(form.ends, shift.zone)
        rules.offer(starts, ends, seats=form.seats, taken=shift.taken, now=min(now, shift.starts_at) if (
            (starts, ends) == (shift.starts_at, shift.ends_at)) else now)
        if form.host != shift.host:
            await _host_fits(form.host, shift.team)
        place = form.place or shift.place
        asks = (starts, ends, place) != (shift.starts_at, shift.ends_at, shift.place)
        booked = await queries.bookings_on(shift_id)
        await moves.change_shift(shift, {
            Shift.starts_at: starts, Shift.ends_at: ends, Shift.place: place, Shift.host: form.host,
            Shift.seats: form.seats, Shift.plan: form.plan,
        })  # fmt: skip
        if asks or (form.host, form.plan) != (shift.host, shift.plan):
            for booking in booked:
                await _carry(actor, booking, asks=asks, new_host=form.host != shift.host, now=now, times=(starts, ends),
                             place=place)
        return await queries.shift(shift_id)


async def _carry(
    actor: Actor, booking: BookingRow, *, asks: bool, new_host: bool, now: datetime,
    times: tuple[datetime, datetime], place: str,
) -> None:  # fmt: skip
    decision = rules.shift_changed(booking.facts(), asks=asks)
    values: dict[Any, Any] = {Booking.starts_at: times[0], Booking.ends_at: times[1], Booking.place: place}
    after = await take(booking, decision, actor=actor, now=now, what="moved" if asks else "changed", values=values)
    if new_host and after.state is State.ACCEPTED:
        event = await record(after, what="new host", actor=actor, now=now, text=after.host_name or "")
        await telling.tell(after, (Letter.DAY_CONFIRMED,), telling.Occasion(event=event, actor=actor, now=now))


async def withdraw_shift(actor: Actor, shift_id: UUID, *, now: datetime, reason: str = "") -> int:
    """Take a shift off the list and cancel the days booked on it; returns how many were.

    Those who declined are told too: their calendars still hold the event (RFC 5546 3.2.5).
    """
    async with transaction():
        return await take_off(actor, await _theirs(actor, shift_id), reason=reason, now=now)


async def take_off(actor: Actor, shift: ShiftRow, *, reason: str, now: datetime) -> int:
    """Take a shift off the list inside the caller's transaction, which has asked who may."""
    booked = await queries.bookings_on(shift.id, states=ANSWERABLE)
    live = [booking for booking in booked if booking.state in HOLDING]
    rules.withdraw_shift(shift.facts(), reason=reason, booked=len(live), now=now)
    await moves.change_shift(shift, {Shift.withdrawn_at: now})
    words = reason.strip() or _("The team has withdrawn this shift.")
    for booking in booked:
        if booking.starts_at > now:
            decision = rules.cancel(booking.facts(), reason=words, now=now)
            await take(booking, decision, actor=actor, now=now, what=decision.state.value, reason=words,
                       values={Booking.reason: words})
    return len(live)


async def hand_to(actor: Actor, shift: ShiftRow, host: UUID | None, *, now: datetime) -> None:
    """Give a shift another host inside the caller's transaction, which has asked who may; the rest stays as it is."""
    if host == shift.host:
        return
    await _host_fits(host, shift.team)
    booked = await queries.bookings_on(shift.id)
    await moves.change_shift(shift, {Shift.host: host})
    for booking in booked:
        await _carry(actor, booking, asks=False, new_host=True, now=now, times=(shift.starts_at, shift.ends_at),
                     place=shift.place)


async def _theirs(actor: Actor, shift_id: UUID) -> ShiftRow:
    shift = await queries.shift(shift_id)
    if not can(actor, Act.SEE_SHIFT, shift.thing(await queries.managers_on(shift_id))):
        raise NotFound(_("There is no such shift."))
    _must(actor, shift.team)
    return shift


def _must(actor: Actor, team: UUID) -> None:
    if not can(actor, Act.OFFER_SHIFT, access.Shift(team)):
        raise Forbidden(_("The team's lead or the coordinator offers and changes shifts."))


async def _host_fits(host: UUID | None, team: UUID) -> None:
    if host is None:
        return
    await people.still_here(host)
    if all(person.id != host for person in (await queries.hosts({team})).get(team, [])):
        raise BadInput(_("The host is somebody of the team."), fields={"host": _("The host is somebody of the team.")})
