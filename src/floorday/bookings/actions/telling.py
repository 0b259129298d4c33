"""Who is told what about a day: facts frozen as they stand, in each reader's language and zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.bookings import queries
from floorday.bookings.queries import BookingRow, Reader
from floorday.bookings.rules import Letter, State
from floorday.calendar.event import Event
from floorday.config import settings
from floorday.mail import outbox
from floorday.people.access import Actor, Door
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.render.words import speaking

TO_FLOOR = frozenset({Letter.DAY_CONFIRMED, Letter.DAY_UNSURE, Letter.DAY_MOVED, Letter.PLACE_FREED})
UNASKED = frozenset({Door.CALENDAR, Door.MAIL, Door.CLOCK, Door.CLI})
"""What comes through these doors has no Undo, so its letters leave at once."""

Method = Literal["REQUEST", "CANCEL", "DECLINECOUNTER"]
Partstat = Literal["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"]


class Occasion(Struct, frozen=True, kw_only=True):
    """What happened: the line of history it stands in, who did it, and the words that go with it.

    `deed` names what time has caused, in any copy of the database.
    """

    event: UUID
    actor: Actor | None
    now: datetime
    comment: str = ""
    reason: str = ""
    was: tuple[datetime, datetime, str] | None = None
    behalf: bool = False
    deed: str = ""


def next_stamp(booking: BookingRow, now: datetime) -> datetime:
    """Give the DTSTAMP of the next message: later than the one before, to the second (RFC 5546 2.1.5)."""
    return max(now.replace(microsecond=0), booking.stamped_at + timedelta(seconds=1))


def reply_address() -> str:
    """Give a booking's own address, From and ORGANIZER alike (RFC 6047); the token is filled in when it is written."""
    return f"day+{{reply}}@{settings().mail_domain}"


async def tell(booking: BookingRow, letters: tuple[Letter, ...], occasion: Occasion) -> list[str]:
    """Post the letters that follow from a step to everybody they are for; returns their keys."""
    keys: list[str] = []
    for letter in letters:
        if letter in TO_FLOOR:
            keys += await _to_floor(booking, letter, occasion)
        elif letter is Letter.ANSWER_TAKEN:
            keys.append(await _to_manager(booking, letter, occasion, event=None))
        else:
            method: Method = "CANCEL" if letter is Letter.BOOKING_CANCELLED else "REQUEST"
            keys.append(await _to_manager(booking, letter, occasion, event=calendar_event(booking, method)))
            keys += await _to_assistants(booking, letter, occasion)
    return keys


async def tell_manager(booking: BookingRow, letter: str, occasion: Occasion, *, method: Method) -> str:
    """Post one letter with its calendar part to the manager alone."""
    return await _to_manager(
        booking, letter, occasion, event=calendar_event(booking, method, comment=occasion.comment))


def calendar_event(booking: BookingRow, method: Method, *, comment: str = "") -> dict[str, Any]:
    """Describe the day as calendars need it; called when `booking` already stands as it is to be told."""
    postponed = booking.state is State.POSTPONED
    with speaking(booking.manager_language):
        summary = _("Day on the floor with %(team)s", team=booking.team_name)
        event = Event(
            method=method, uid=booking.uid, sequence=booking.sequence, dtstamp=booking.stamped_at,
            organizer=reply_address(), organizer_name=settings().company,
            attendee=booking.manager_email, attendee_name=booking.manager_name,
            partstat=_partstat(booking), rsvp=booking.state in {State.INVITED, State.POSTPONED},
            starts=booking.starts_at, ends=booking.ends_at, zone=booking.zone,
            summary=_("Postponed: %(summary)s", summary=summary) if postponed else summary,
            location=booking.place, description=_description(booking),
            status="CANCELLED" if method == "CANCEL" else "TENTATIVE" if postponed else "CONFIRMED",
            transparent=postponed, comment=str(comment),
        )  # fmt: skip
    return msgspec.to_builtins(event)


def _partstat(booking: BookingRow) -> Partstat:
    match booking.state, booking.answer:
        case (State.INVITED | State.POSTPONED), _:
            return "NEEDS-ACTION"
        case State.ACCEPTED, _:
            return "ACCEPTED"
        case _, "accepted":
            return "ACCEPTED"
        case _, "tentative":
            return "TENTATIVE"
        case _, "declined":
            return "DECLINED"
        case _:
            return "NEEDS-ACTION"


def _description(booking: BookingRow) -> str:
    said = [booking.why, booking.doing, booking.plan, booking.hope]
    if booking.host_name:
        said.append(_("Your host: %(name)s", name=booking.host_name))
    return "\n\n".join(part for part in said if part)


async def _to_manager(
    booking: BookingRow, letter: str, occasion: Occasion, *, event: dict[str, Any] | None
) -> str:
    reader = Reader(id=booking.manager, name=booking.manager_name, email=booking.manager_email,
                    zone=booking.manager_zone, language=booking.manager_language)
    return await _post(booking, letter, occasion, reader, event=event, answers=queries.purpose_for(None))


async def _to_assistants(booking: BookingRow, letter: Letter, occasion: Occasion) -> list[str]:
    return [
        await _post(booking, letter, occasion, reader, answers=queries.purpose_for(reader.id))
        for reader in await queries.assistants(booking.manager)
    ]


async def _to_floor(booking: BookingRow, letter: Letter, occasion: Occasion) -> list[str]:
    """Tell the host and the team's leads; not the one who did it."""
    readers = await queries.floor_people(booking.team, booking.host)
    did_it = occasion.actor.person if occasion.actor else None
    return [await _post(booking, letter, occasion, reader) for reader in readers if reader.id != did_it]


async def _post(
    booking: BookingRow, letter: str, occasion: Occasion, reader: Reader, *,
    event: dict[str, Any] | None = None, answers: str = "",
) -> str:  # fmt: skip
    key = f"{letter}:{occasion.event}:{reader.id}"
    links: dict[str, Any] = {"page": {"path": f"/bookings/{booking.id}"}}
    if answers:
        links["answer"] = {"purpose": answers, "about": str(booking.id), "person": str(reader.id),
                           "path": "/answer/{token}"}
    if event is not None:
        links["reply"] = {"purpose": "reply", "about": str(booking.id), "person": str(booking.manager)}
    await outbox.post(
        str(letter), to=reader.email, to_name=reader.name, person=reader.id, about=booking.id, about_kind="booking",
        facts=_facts(booking, occasion, reader) | {"links": links}, key=key, now=occasion.now,
        at_once=occasion.actor is None or occasion.actor.door in UNASKED,
        event=event, from_address=reply_address() if event is not None else None, fresh=True,
        deed=f"{letter}:{occasion.deed}:{reader.id}" if occasion.deed else "",
    )  # fmt: skip
    return key


def _facts(booking: BookingRow, occasion: Occasion, reader: Reader) -> dict[str, Any]:
    """Freeze everything the letter says."""
    with speaking(reader.language):
        return {
            "reader": reader.name,
            "for_manager": reader.id == booking.manager,
            "manager": booking.manager_name,
            "team": booking.team_name,
            "host": booking.host_name or "",
            "place": booking.place,
            "when": when.stretch(booking.starts_at, booking.ends_at, booking.zone, reader.zone),
            "day": when.day(booking.starts_at, booking.zone),
            "was": when.stretch(*occasion.was, reader.zone) if occasion.was else "",
            "plan": booking.plan,
            "why": booking.why,
            "doing": booking.doing,
            "hope": booking.hope,
            "state": booking.state.value,
            "by": occasion.actor.name if occasion.actor else settings().company,
            "through": occasion.actor.email if occasion.actor else "",
            "door": occasion.actor.door.value if occasion.actor else Door.CLOCK.value,
            "on_behalf": occasion.behalf,
            "comment": occasion.comment,
            "reason": occasion.reason,
        }
