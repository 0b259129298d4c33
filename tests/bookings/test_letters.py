"""The letters of a day as they arrive: words, links, calendar parts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import msgspec
import pytest

from floorday.bookings import actions, queries
from floorday.bookings.actions import ShiftForm
from floorday.bookings.rules import Answer, Partstat
from floorday.calendar import invite
from floorday.errors import DeliveryFailed
from floorday.mail import outbox
from floorday.mail.outbox import Parcel
from floorday.people.access import Door
from tests.cast import NOW, Cast, a_booking, a_shift, make_cast, through

LATER = NOW + timedelta(minutes=5)


class Postbag:
    """A mail server that takes everything, and keeps what it took."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, EmailMessage]] = []

    async def send(self, batch: AsyncIterator[Parcel]) -> AsyncIterator[tuple[Parcel, DeliveryFailed | None]]:
        async for parcel in batch:
            self.letters.append((parcel.name, message_from_bytes(parcel.raw, policy=policy.default)))
            yield parcel, None


def calendar_part(event: dict[str, object]) -> bytes:
    return invite.render(msgspec.convert(event, invite.Event))


async def post_all(*, now: datetime) -> dict[tuple[str, str], EmailMessage]:
    """Let every waiting letter leave; give them by name and first name of the reader."""
    bag = Postbag()
    while done := await outbox.deliver(sender=bag, calendar_part=calendar_part, now=now, limit=50):
        assert not done.put_off, [letter.server_words for letter in await outbox.troubled()]
    return {(name, str(letter["to"]).strip('"').split()[0]): letter for name, letter in bag.letters}


def text(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return part.get_content()


def calendar(letter: EmailMessage) -> str:
    found = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    assert len(found) == 1
    return found[0].get_content().replace("\r\n ", "").replace("\n ", "")


def link(letter: EmailMessage) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000/answer/([a-z2-7]{32})\b", text(letter))
    assert found, text(letter)
    return found[1]


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def test_an_invitation_says_what_when_and_where_and_carries_the_event(cast: Cast) -> None:
    booking = await a_booking(cast)
    letters = await post_all(now=LATER)
    mine = letters["invitation", "Ann"]
    assert mine["subject"] == "Billing invites you for Tuesday 24 November 2026"
    said = text(mine)
    for words in ("Tuesday 24 November 2026, 09:00 to 15:00 (London time); for you 10:00 to 16:00 (Stockholm time)",
                  "Leeds, floor 3", "Fay Finch", "Refunds wait for a weekly batch.", "Take calls with Fay."):
        assert words in said
    event = calendar(mine)
    assert f"UID:{booking.uid}" in event
    assert "METHOD:REQUEST" in event
    assert "DTSTART;TZID=Europe/London:20261124T090000" in event
    address = re.search(r"<(day\+[a-z2-7]{32}@floorday\.example)>", mine["from"])
    assert address
    assert f"mailto:{address[1]}" in event


async def test_the_assistants_letter_has_a_link_of_its_own_and_no_event(cast: Cast) -> None:
    booking = await a_booking(cast)
    letters = await post_all(now=LATER)
    mine, dans = letters["invitation", "Ann"], letters["invitation", "Dan"]
    assert not [part for part in dans.walk() if "calendar" in part.get_content_type()]
    assert "on behalf of Ann Archer" in text(dans).replace("\n", " ")
    assert link(mine) != link(dans)
    held = [await queries.answer_pass(link(letter), now=LATER) for letter in (mine, dans)]
    assert held == [queries.Pass(booking.id, cast.ann.person), queries.Pass(booking.id, cast.dan.person)]
    assert await queries.answer_pass(link(mine)[:-1] + ("b" if link(mine)[-1] == "a" else "a"), now=LATER) is None


async def test_the_address_and_the_event_stay_the_same_through_the_life_of_a_day(cast: Cast) -> None:
    booking = await a_booking(cast)
    first = (await post_all(now=NOW + timedelta(minutes=1)))["invitation", "Ann"]
    await actions.move(cast.ben, booking.id, shift=(await a_shift(cast, days=24)).id, now=LATER)
    second = (await post_all(now=NOW + timedelta(minutes=6)))["booking_moved", "Ann"]
    await actions.postpone(cast.ben, booking.id, now=LATER)
    third = (await post_all(now=NOW + timedelta(minutes=7)))["booking_postponed", "Ann"]
    await actions.cancel(cast.ben, booking.id, reason="No desk free", now=LATER)
    last = (await post_all(now=NOW + timedelta(minutes=8)))["booking_cancelled", "Ann"]
    letters = [first, second, third, last]
    assert len({letter["from"] for letter in letters}) == 1
    assert {re.search(r"UID:(\S+)", calendar(letter))[1] for letter in letters} == {booking.uid}  # type: ignore[index]
    assert [re.search(r"SEQUENCE:(\d+)", calendar(letter))[1] for letter in letters] == [  # type: ignore[index]
        "0", "1", "2", "3"]
    assert "METHOD:CANCEL" in calendar(last)
    assert "No desk free" in text(last)
    assert {letter["in-reply-to"] for letter in letters[1:]} == {first["message-id"]}
    assert "It was: Tuesday 24 November 2026" in text(second)


async def test_every_letter_of_a_day_can_be_written(cast: Cast) -> None:
    shift = await a_shift(cast, seats=3)
    booking = await a_booking(cast, shift=shift)
    await actions.remind(cast.ben, booking.id, now=LATER)
    said = through(cast.dan, Door.LETTER)
    for partstat in (Partstat.ACCEPTED, Partstat.TENTATIVE, Partstat.DECLINED, Partstat.ACCEPTED):
        await actions.answer(said, booking.id, Answer(partstat=partstat, sequence=0, comment="<b>Hm</b>"), now=LATER)
    form = ShiftForm(starts=shift.starts_at, ends=shift.ends_at, place=shift.place, host=cast.ben.person, seats=3)
    await actions.change_shift(cast.eva, shift.id, form, now=LATER)
    other = shift.starts_at + timedelta(days=1)
    proposal = await actions.propose(cast.ann, booking.id, starts=other, ends=other + timedelta(hours=3), now=LATER)
    assert proposal is not None
    await actions.refuse_proposal(cast.eva, booking.id, proposal, words="We are closed then", now=LATER)
    await actions.move(cast.ann, booking.id, shift=(await a_shift(cast, days=24)).id, now=LATER)
    await actions.move(cast.ben, booking.id, shift=(await a_shift(cast, days=25)).id, now=LATER)
    await actions.postpone(cast.ben, booking.id, reason="The line is down", now=LATER)
    await actions.cancel(cast.ben, booking.id, reason="The line stays down", now=LATER)
    letters = await post_all(now=LATER + timedelta(minutes=1))
    assert {name for name, _ in letters} == {
        "invitation", "invitation_reminder", "answer_taken", "day_confirmed", "day_unsure", "place_freed",
        "booking_changed", "proposal_refused", "booking_moved", "day_moved", "booking_postponed", "booking_cancelled"}
    assert "through the link sent to dan@floorday.example" in text(letters["answer_taken", "Ann"]).replace("\n", " ")
    assert link(letters["answer_taken", "Ann"])
    for letter in letters.values():
        html = letter.get_body(("html",))
        assert html is not None
        assert "<b>Hm</b>" not in html.get_content()
        assert "None" not in text(letter)


@pytest.mark.parametrize("door", [Door.CALENDAR, Door.PAGE])
async def test_a_click_can_be_taken_back_for_ten_seconds_and_a_calendars_answer_is_told_at_once(
    cast: Cast, door: Door
) -> None:
    booking = await a_booking(cast)
    await post_all(now=LATER)
    await actions.answer(through(cast.ann, door), booking.id, Answer(partstat=Partstat.ACCEPTED, sequence=0), now=LATER)
    at_once = await post_all(now=LATER + timedelta(seconds=1))
    assert bool(at_once) is (door is Door.CALENDAR)
    assert bool(await post_all(now=LATER + timedelta(seconds=10))) is (door is Door.PAGE)
