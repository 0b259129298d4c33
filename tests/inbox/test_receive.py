"""From a delivered invitation to a booking that says what the manager answered: through the LMTP door, for real."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from floorday.bookings import actions as bookings
from floorday.bookings import queries as booking_queries
from floorday.bookings.queries import BookingRow
from floorday.bookings.rules import State
from floorday.demo import clients
from floorday.demo.clients import Answer, Client
from floorday.errors import Forbidden, Raced
from floorday.inbox import actions, queries
from tests.cast import NOW, Cast, a_booking, a_shift, make_cast
from tests.inbox.door import delivered, posted, proposal

SOON = timedelta(seconds=30)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def invited(cast: Cast) -> tuple[BookingRow, bytes]:
    booking = await a_booking(cast)
    return booking, (await delivered(NOW + SOON))[0]


@pytest.mark.parametrize("client", list(Client))
@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Answer.ACCEPTED, State.ACCEPTED),
        (Answer.TENTATIVE, State.TENTATIVE),
        (Answer.DECLINED, State.DECLINED),
    ],
)
async def test_each_calendar_program_is_understood(cast: Cast, client: Client, answer: Answer, state: State) -> None:
    booking, raw = await invited(cast)
    later = NOW + timedelta(minutes=5)
    reply = clients.reply(raw, answer, client, now=later, comment="Gern; ich komme, “sofort”.")
    assert await posted(reply, now=later) == "update-partstat"
    after = await booking_queries.booking(booking.id)
    assert (after.state, after.comment) == (state, "Gern; ich komme, “sofort”.")


async def test_the_same_mail_twice_answers_once(cast: Cast) -> None:
    booking, raw = await invited(cast)
    later = NOW + timedelta(minutes=5)
    reply = clients.reply(raw, Answer.ACCEPTED, Client.GMAIL, now=later)
    assert await posted(reply, now=later) == "update-partstat"
    assert await posted(reply, now=later) == "ignored-duplicate"
    said = [line for line in await booking_queries.history(booking.id) if line.what == "accepted"]
    assert len(said) == 1


async def test_an_answer_to_the_date_before_the_move_is_kept_and_changes_nothing(cast: Cast) -> None:
    booking, old = await invited(cast)
    other = await a_shift(cast, days=25)
    await bookings.move(cast.ben, booking.id, shift=other.id, now=NOW + timedelta(minutes=1))
    later = NOW + timedelta(minutes=5)
    assert await posted(clients.reply(old, Answer.ACCEPTED, Client.EXCHANGE, now=later), now=later) == "ignored-stale"
    assert (await booking_queries.booking(booking.id)).state is State.INVITED
    new = (await delivered(later))[-1]
    reply = clients.reply(new, Answer.ACCEPTED, Client.EXCHANGE, now=later + SOON)
    assert await posted(reply, now=later + SOON) == "update-partstat"
    assert (await booking_queries.booking(booking.id)).state is State.ACCEPTED


async def test_a_move_and_a_cancel_keep_the_uid(cast: Cast) -> None:
    booking, first = await invited(cast)
    other = await a_shift(cast, days=25)
    await bookings.move(cast.ben, booking.id, shift=other.id, now=NOW + timedelta(minutes=1))
    moved = (await delivered(NOW + timedelta(minutes=2)))[-1]
    await bookings.cancel(cast.ben, booking.id, reason="The floor is being rebuilt.", now=NOW + timedelta(minutes=3))
    gone = (await delivered(NOW + timedelta(minutes=4)))[-1]
    cards = [clients.read(raw).card for raw in (first, moved, gone)]
    told = [(card.method, card.uid, card.sequence) for card in cards if card]
    assert told == [("REQUEST", booking.uid, 0), ("REQUEST", booking.uid, 1), ("CANCEL", booking.uid, 2)]


async def test_somebody_elses_answer_is_refused(cast: Cast) -> None:
    booking, raw = await invited(cast)
    reply = clients.reply(raw, Answer.ACCEPTED, Client.APPLE, now=NOW + SOON)
    forged = reply.replace(b"From: Ann Archer <ann@", b"From: Max Moor <max@")
    assert forged != reply
    assert await posted(forged, now=NOW + SOON) == "rejected-sender-mismatch"
    assert (await booking_queries.booking(booking.id)).state is State.INVITED


async def test_an_answer_to_another_address_than_the_bookings_own_waits(cast: Cast) -> None:
    booking, raw = await invited(cast)
    reply = clients.reply(raw, Answer.ACCEPTED, Client.THUNDERBIRD, now=NOW + SOON)
    assert await posted(reply, now=NOW + SOON, to="day@floorday.example") == "needs-human"
    assert (await booking_queries.booking(booking.id)).state is State.INVITED
    assert [row.about for row in await queries.waiting()] == [booking.id]


async def test_an_answer_from_a_registered_alias_counts(cast: Cast) -> None:
    booking, raw = await invited(cast)
    reply = clients.reply(raw, Answer.ACCEPTED, Client.APPLE, now=NOW + SOON)
    alias = reply.replace(b"From: Ann Archer <ann@", b"From: Ann Archer <a.archer@")
    assert await posted(alias, now=NOW + SOON) == "update-partstat"
    assert (await booking_queries.booking(booking.id)).state is State.ACCEPTED


async def test_a_declined_seat_that_was_given_away_is_not_taken_back(cast: Cast) -> None:
    booking, raw = await invited(cast)
    declined = clients.reply(raw, Answer.DECLINED, Client.GMAIL, now=NOW + SOON)
    assert await posted(declined, now=NOW + SOON) == "update-partstat"
    await bookings.invite(cast.ben, shift=booking.shift, manager=cast.max.person, why="You next.", now=NOW + 2 * SOON)
    sorry = clients.reply(raw, Answer.ACCEPTED, Client.GMAIL, now=NOW + 3 * SOON)
    assert await posted(sorry, now=NOW + 3 * SOON) == "needs-human"
    assert (await booking_queries.booking(booking.id)).state is State.DECLINED


async def test_words_without_a_calendar_wait_for_a_person_and_can_be_put_aside(cast: Cast) -> None:
    _booking, raw = await invited(cast)
    to = str(message_from_bytes(raw, policy=policy.default)["From"])
    words = (
        f"From: Ann Archer <ann@floorday.example>\r\nTo: {to}\r\nSubject: Accepted: the day\r\n"
        "Message-ID: <words@floorday.example>\r\nDate: Mon, 02 Nov 2026 09:10:00 +0000\r\n\r\nI would love to!\r\n"
    ).encode()
    assert await posted(words, now=NOW + SOON, to=to.rpartition("<")[2].rstrip(">")) == "needs-human"
    (row,) = await queries.waiting()
    with pytest.raises(Forbidden):
        await actions.dismiss(cast.ben, row.id, now=NOW + SOON)
    await actions.dismiss(cast.eva, row.id, now=NOW + SOON)
    assert await queries.waiting() == []
    assert len(await queries.everything()) == 1
    with pytest.raises(Raced):
        await actions.dismiss(cast.eva, row.id, now=NOW + SOON)


async def test_a_proposed_time_is_taken_in_one_step_and_stays_accepted(cast: Cast) -> None:
    booking, raw = await invited(cast)
    counter = proposal(raw, later=timedelta(days=1), now=NOW + SOON)
    assert await posted(counter, now=NOW + SOON) == "counter-proposal"
    assert (await booking_queries.booking(booking.id)).state is State.INVITED
    (row,) = await queries.waiting()
    await actions.accept_proposal(cast.eva, row.id, now=NOW + 2 * SOON)
    after = await booking_queries.booking(booking.id)
    assert (after.state, after.starts_at, after.sequence) == (
        State.ACCEPTED, booking.starts_at + timedelta(days=1), 1,
    )  # fmt: skip
    update = clients.read((await delivered(NOW + timedelta(minutes=2)))[-1]).card
    assert update is not None
    assert (update.uid, update.sequence, update.asks) == (booking.uid, 1, False)
    assert await queries.waiting() == []


async def test_a_bounce_marks_the_invitation_as_not_delivered(cast: Cast) -> None:
    booking, raw = await invited(cast)
    sent = message_from_bytes(raw, policy=policy.default)
    bounce = (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {sent['From']}\r\nSubject: Undelivered\r\n"
        "Message-ID: <bounce@mx.example>\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; ann@floorday.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such user\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {sent['Message-ID']}\r\n\r\n--b--\r\n"
    ).encode()
    assert await posted(bounce, now=NOW + SOON, sender="", to="day@floorday.example") == "bounce-recorded"
    undelivered = await booking_queries.undelivered({booking.id})
    assert "550 5.1.1 No such user" in undelivered[booking.id]
