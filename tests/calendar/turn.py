"""One full turn of a booking, as it leaves: every kind of calendar mail, in the order of a life."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from msgspec import Struct

from floorday.bookings import actions as bookings
from floorday.bookings import queries as booking_queries
from floorday.bookings.actions import ShiftForm
from floorday.bookings.queries import BookingRow
from floorday.demo import clients
from floorday.demo.clients import Answer, Client
from floorday.inbox import actions as inbox
from floorday.inbox import queries as inbox_queries
from floorday.people.tables import Person
from tests.cast import NOW, Cast, a_booking, a_shift
from tests.inbox.door import delivered, posted, proposal, refresh

NASTY = 'Ann "Å;,:" Archer'
"""A manager's name with everything that parameters and headers have to quote, fold or encode."""
PLACE = "Leeds, floor 3; \\ behind the “red” door – " + "take the lift, " * 6


class Left(Struct, frozen=True):
    """One calendar mail that left: in which step, its bytes, and how the booking stood when it was written."""

    step: str
    raw: bytes
    booking: BookingRow

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]

    @property
    def parts(self) -> list[EmailMessage]:
        return [part for part in self.mail.walk() if not part.is_multipart()]  # type: ignore[misc]

    @property
    def ics(self) -> bytes:
        (part,) = [part for part in self.parts if part.get_content_type() == "text/calendar"]
        return bytes(part.get_payload(decode=True))  # type: ignore[arg-type]

    @property
    def card(self) -> clients.Card:
        """The event as a calendar would show it; a DECLINECOUNTER has none."""
        card = clients.read(self.raw).card
        assert card is not None
        return card

    def value(self, name: str) -> str:
        """The value of the one line of this name outside the zone, unfolded."""
        event = self.ics.replace(b"\r\n ", b"").partition(b"BEGIN:VEVENT")
        line = rb"(?m)^" + name.encode() + rb'(?:;(?:"[^"]*"|[^":])*)?:(.*)\r$'
        (found,) = re.findall(line, event[0][:200] + event[2])
        return found.decode()

    @property
    def method(self) -> str:
        return self.value("METHOD")

    @property
    def uid(self) -> str:
        return self.value("UID")

    @property
    def sequence(self) -> int:
        return int(self.value("SEQUENCE"))


class Turn:
    """Lives a booking step by step and keeps what leaves."""

    def __init__(self, cast: Cast, now: datetime = NOW) -> None:
        self.cast, self.now = cast, now
        self.left: list[Left] = []

    async def leaves(self, step: str, booking: BookingRow) -> None:
        """Let time pass, send what waits, and keep it under the step's name."""
        self.now += timedelta(minutes=11)
        stands = await booking_queries.booking(booking.id)
        self.left += [Left(step, raw, stands) for raw in await delivered(self.now)]

    def last(self) -> bytes:
        return self.left[-1].raw

    async def post(self, raw: bytes) -> str:
        return await posted(raw, now=self.now, sender=self.cast.ann.email)


def form_of(shift: booking_queries.ShiftRow, **changes: object) -> ShiftForm:
    facts = {"starts": shift.starts_at, "ends": shift.ends_at, "place": shift.place, "host": shift.host,
             "seats": shift.seats, "plan": shift.plan}  # fmt: skip
    return ShiftForm(**{**facts, **changes})  # type: ignore[arg-type]


async def full_turn(cast: Cast) -> list[Left]:
    """Invite, remind, repeat, another place and host, move, refuse and take a proposal, cancel, invite anew, remove."""
    await Person.update({Person.name: NASTY}).where(Person.id == cast.ann.person)
    turn = Turn(cast)
    booking = await a_booking(cast, now=turn.now)
    await turn.leaves("invited", booking)

    await bookings.remind(cast.ben, booking.id, now=turn.now)
    await turn.leaves("reminded", booking)

    assert await turn.post(refresh(turn.last(), now=turn.now)) == "refresh-resend"
    await turn.leaves("sent again", booking)

    assert await turn.post(clients.reply(turn.last(), Answer.ACCEPTED, Client.GMAIL, now=turn.now)) == "update-partstat"
    await turn.leaves("accepted", booking)

    shift = await booking_queries.shift(booking.shift)
    await bookings.change_shift(cast.ben, shift.id, form_of(shift, host=cast.ben.person), now=turn.now)
    await turn.leaves("another host", booking)

    shift = await booking_queries.shift(booking.shift)
    await bookings.change_shift(cast.ben, shift.id, form_of(shift, place=PLACE[:200].strip()), now=turn.now)
    await turn.leaves("another place", booking)

    other = await a_shift(cast, days=25)
    await bookings.move(cast.ben, booking.id, shift=other.id, now=turn.now)
    await turn.leaves("moved", booking)

    later = proposal(turn.last(), later=timedelta(days=1), now=turn.now, message_id="c1@floorday.example")
    assert await turn.post(later) == "counter-proposal"
    (row,) = await inbox_queries.waiting()
    await inbox.refuse_proposal(cast.eva, row.id, now=turn.now)
    await turn.leaves("proposal refused", booking)

    later = proposal(turn.left[-2].raw, later=timedelta(days=2), now=turn.now, message_id="c2@floorday.example")
    assert await turn.post(later) == "counter-proposal"
    (row,) = await inbox_queries.waiting()
    await inbox.accept_proposal(cast.eva, row.id, now=turn.now)
    await turn.leaves("proposal accepted", booking)

    await bookings.postpone(cast.ben, booking.id, now=turn.now, reason="The floor is being moved.")
    await turn.leaves("postponed", booking)

    other = await a_shift(cast, days=30)
    await bookings.move(cast.ben, booking.id, shift=other.id, now=turn.now)
    await turn.leaves("moved again", booking)

    await bookings.cancel(cast.ben, booking.id, reason="The floor is closed; sorry, all.", now=turn.now)
    await turn.leaves("cancelled", booking)

    assert await turn.post(refresh(turn.last(), now=turn.now, message_id="r2@floorday.example")) == "refresh-resend"
    await turn.leaves("cancelled, sent again", booking)

    anew = await a_booking(cast, now=turn.now, shift=await booking_queries.shift(other.id))
    await turn.leaves("invited anew", anew)

    decline = clients.reply(turn.last(), Answer.DECLINED, Client.APPLE, now=turn.now)
    assert await turn.post(decline) == "update-partstat"
    await turn.leaves("declined", anew)

    third = await a_booking(cast, now=turn.now, days=34)
    await turn.leaves("invited a third time", third)
    await bookings.withdraw_shift(cast.ben, third.shift, now=turn.now, reason="No shift on that day.")
    await turn.leaves("removed", third)
    return turn.left
