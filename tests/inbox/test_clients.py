"""What a person does in each calendar program, and what floorday does then: through the LMTP door, on both databases.

docs/calendar.md shows these as one table: a row for each of the deeds below, a column for each program.
"""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from uuid import UUID

import pytest

from floorday import worker
from floorday.bookings import actions as bookings
from floorday.bookings import queries as booking_queries
from floorday.bookings.queries import BookingRow
from floorday.bookings.rules import State
from floorday.db import run_sql
from floorday.demo import clients
from floorday.demo.clients import PROPOSE, Answer, Client
from floorday.errors import Raced
from floorday.inbox import actions, queries
from floorday.mail import inbound, outbox
from floorday.people.tables import Assists
from tests.cast import NOW, Cast, a_booking, a_shift, make_cast
from tests.inbox.door import Keeping, delivered, posted

SENT = NOW + timedelta(minutes=1)
LATER = NOW + timedelta(minutes=5)
EVERY = pytest.mark.parametrize("client", list(Client))


class Scene:
    """Ann's invitation as it lies in her mailbox, and the booking behind it."""

    def __init__(self, cast: Cast, booking: BookingRow, raw: bytes) -> None:
        self.cast, self.booking, self.raw = cast, booking, raw
        self.to = str(message_from_bytes(raw, policy=policy.default)["From"].addresses[0].addr_spec)
        self.now = LATER

    async def posts(self, raw: bytes) -> str:
        """Let a mail come in a minute after the one before."""
        self.now += timedelta(minutes=1)
        return await posted(raw, now=self.now, to=self.to)

    def presses(self, answer: Answer, client: Client, comment: str = "") -> bytes:
        return clients.reply(self.raw, answer, client, now=self.now, comment=comment)

    async def stands(self) -> BookingRow:
        return await booking_queries.booking(self.booking.id)


@pytest.fixture
async def scene(database: object) -> Scene:
    cast = await make_cast()
    booking = await a_booking(cast)
    (raw,) = await delivered(SENT)
    return Scene(cast, booking, raw)


def calendars(mail: bytes) -> bytes:
    """Write a mail anew with its calendar parts in plain sight, so that a test may edit them."""
    parsed = message_from_bytes(mail, policy=policy.SMTP)
    for part in parsed.walk():
        if part.get_content_type() in {"text/calendar", "application/ics"}:
            words = part.get_payload(decode=True)
            assert isinstance(words, bytes)
            del part["Content-Transfer-Encoding"]
            part["Content-Transfer-Encoding"] = "8bit"
            unfolded = words.replace(b"\r\n ", b"")
            part.set_payload(unfolded.decode("utf-8", "surrogateescape").encode("ascii", "surrogateescape").decode(
                "ascii", "surrogateescape"))  # fmt: skip
    return parsed.as_bytes()


@EVERY
async def test_accepts(scene: Scene, client: Client) -> None:
    assert await scene.posts(scene.presses(Answer.ACCEPTED, client)) == "update-partstat"
    assert (await scene.stands()).state is State.ACCEPTED


@EVERY
async def test_says_maybe(scene: Scene, client: Client) -> None:
    assert await scene.posts(scene.presses(Answer.TENTATIVE, client)) == "update-partstat"
    assert (await scene.stands()).state is State.TENTATIVE


@EVERY
async def test_declines(scene: Scene, client: Client) -> None:
    assert await scene.posts(scene.presses(Answer.DECLINED, client)) == "update-partstat"
    assert (await scene.stands()).state is State.DECLINED
    assert (await booking_queries.shift(scene.booking.shift)).taken == 0


@EVERY
async def test_changes_their_mind(scene: Scene, client: Client) -> None:
    for answer, state in (
        (Answer.DECLINED, State.DECLINED), (Answer.ACCEPTED, State.ACCEPTED), (Answer.TENTATIVE, State.TENTATIVE),
    ):  # fmt: skip
        assert await scene.posts(scene.presses(answer, client)) == "update-partstat"
        assert (await scene.stands()).state is state


@EVERY
async def test_two_answers_that_overtake_each_other_end_as_the_later_one(scene: Scene, client: Client) -> None:
    first = scene.presses(Answer.ACCEPTED, client)
    scene.now += timedelta(minutes=1)
    second = scene.presses(Answer.DECLINED, client)
    assert await scene.posts(second) == "update-partstat"
    assert await scene.posts(first) == "ignored-stale"
    assert (await scene.stands()).state is State.DECLINED


@EVERY
async def test_adds_a_comment(scene: Scene, client: Client) -> None:
    words = "Gern; ich komme, “sofort” & <b>pünktlich</b>."
    assert await scene.posts(scene.presses(Answer.ACCEPTED, client, words)) == "update-partstat"
    assert (await scene.stands()).comment == words


@EVERY
async def test_proposes_another_time(scene: Scene, client: Client) -> None:
    starts, ends = (moment + timedelta(days=1) for moment in (scene.booking.starts_at, scene.booking.ends_at))
    if client not in PROPOSE:
        with pytest.raises(ValueError, match="cannot propose"):
            clients.propose(scene.raw, starts, ends, client, now=scene.now)
        words = clients.write(scene.raw, "Could we do the day after instead?", now=scene.now)
        assert await scene.posts(words) == "needs-human"
        assert [row.about for row in await queries.waiting()] == [scene.booking.id]
        return
    raw = clients.propose(scene.raw, starts, ends, client, now=scene.now, comment="A day later?")
    assert await scene.posts(raw) == "counter-proposal"
    assert await scene.stands() == scene.booking
    (row,) = await queries.waiting()
    assert row.about == scene.booking.id


@EVERY
async def test_forwards_it_and_somebody_else_answers(scene: Scene, client: Client) -> None:
    """The other one answers with their own address, from their own mailbox: no place is given away."""
    theirs = scene.presses(Answer.ACCEPTED, client).replace(b"ann@floorday.example", b"max@floorday.example")
    theirs = calendars(theirs).replace(b"ann@floorday.example", b"max@floorday.example")
    assert await scene.posts(theirs) == "rejected-unknown-attendee"
    assert await scene.stands() == scene.booking
    assert [row.about for row in await queries.waiting()] == [scene.booking.id]


@EVERY
async def test_the_assistant_answers(scene: Scene, client: Client) -> None:
    """The assistant's program writes their own From, and SENT-BY into the manager's line (RFC 6047 3)."""
    mail = calendars(scene.presses(Answer.ACCEPTED, client))
    by_dan = re.sub(rb"(?m)^From: .*$", b"From: Dan Dahl <dan@floorday.example>", mail, count=1)
    by_dan = re.sub(rb"(?m)^ATTENDEE;", b'ATTENDEE;SENT-BY="mailto:dan@floorday.example";', by_dan)
    assert await scene.posts(by_dan) == "update-partstat"
    assert (await scene.stands()).state is State.ACCEPTED
    (line,) = [one for one in await booking_queries.history(scene.booking.id) if one.what == "accepted"]
    assert line.by == scene.cast.dan.person
    assert line.on_behalf_of == scene.cast.ann.person


@EVERY
async def test_somebody_who_is_no_assistant_answers(scene: Scene, client: Client) -> None:
    await Assists.delete(force=True)
    mail = calendars(scene.presses(Answer.ACCEPTED, client))
    by_dan = re.sub(rb"(?m)^From: .*$", b"From: Dan Dahl <dan@floorday.example>", mail, count=1)
    by_dan = re.sub(rb"(?m)^ATTENDEE;", b'ATTENDEE;SENT-BY="mailto:dan@floorday.example";', by_dan)
    assert await scene.posts(by_dan) == "needs-human"
    assert await scene.stands() == scene.booking


@EVERY
async def test_answers_from_an_alias(scene: Scene, client: Client) -> None:
    mail = scene.presses(Answer.ACCEPTED, client)
    aliased = re.sub(rb"(?m)^From: .*$", b"From: Ann Archer <a.archer@floorday.example>", mail, count=1)
    assert await scene.posts(aliased) == "update-partstat"
    assert (await scene.stands()).state is State.ACCEPTED


@EVERY
async def test_the_same_mail_comes_twice(scene: Scene, client: Client) -> None:
    mail = scene.presses(Answer.ACCEPTED, client)
    assert await scene.posts(mail) == "update-partstat"
    assert await scene.posts(mail) == "ignored-duplicate"
    said = [line for line in await booking_queries.history(scene.booking.id) if line.what == "accepted"]
    assert len(said) == 1


@EVERY
async def test_presses_the_button_twice(scene: Scene, client: Client) -> None:
    """Two mails that say the same: the second is newer, and nothing is told again."""
    assert await scene.posts(scene.presses(Answer.ACCEPTED, client)) == "update-partstat"
    before = await run_sql("SELECT count(*) AS n FROM letter")
    assert await scene.posts(scene.presses(Answer.ACCEPTED, client)) == "update-partstat"
    assert await run_sql("SELECT count(*) AS n FROM letter") == before
    assert (await scene.stands()).state is State.ACCEPTED


@EVERY
async def test_answers_late_the_invitation_before_the_move(scene: Scene, client: Client) -> None:
    old = scene.presses(Answer.ACCEPTED, client)
    other = await a_shift(scene.cast, days=25)
    moved = await bookings.move(scene.cast.ben, scene.booking.id, shift=other.id, now=scene.now)
    assert await scene.posts(old) == "ignored-stale"
    assert (await scene.stands()).state is moved.state is State.INVITED
    assert [row.about for row in await queries.waiting()] == [scene.booking.id]


@EVERY
async def test_answers_after_the_cancellation(scene: Scene, client: Client) -> None:
    mail = scene.presses(Answer.ACCEPTED, client)
    await bookings.cancel(scene.cast.ben, scene.booking.id, reason="The floor is closed.", now=scene.now)
    assert await scene.posts(mail) in {"ignored-stale", "ignored-cancelled"}
    assert (await scene.stands()).state is State.CANCELLED


@EVERY
async def test_answers_when_the_day_has_begun(scene: Scene, client: Client) -> None:
    scene.now = scene.booking.starts_at + timedelta(hours=1)
    assert await scene.posts(scene.presses(Answer.DECLINED, client)) == "ignored-cancelled"
    assert (await scene.stands()).state is State.INVITED


@EVERY
async def test_writes_words_instead_of_pressing(scene: Scene, client: Client) -> None:
    words = clients.write(scene.raw, f"Accepted! Written with {client.value}.", now=scene.now)
    assert await scene.posts(words) == "needs-human"
    assert await scene.stands() == scene.booking
    assert [row.about for row in await queries.waiting()] == [scene.booking.id]


@EVERY
async def test_is_out_of_office(scene: Scene, client: Client) -> None:
    mail = b"Auto-Submitted: auto-replied\r\n" + scene.presses(Answer.DECLINED, client)
    assert await scene.posts(mail) == "ignored-auto-reply"
    assert await scene.stands() == scene.booking
    assert await delivered(scene.now + timedelta(hours=1)) == []


async def test_in_26_a_mail_is_applied_once_and_its_line_names_it(scene: Scene) -> None:
    """Its step, its letters and what became of the mail are one transaction; reading it again changes nothing."""
    assert await scene.posts(scene.presses(Answer.ACCEPTED, Client.APPLE)) == "update-partstat"
    (stored,) = await run_sql("SELECT id FROM inbound_mail")
    lines = [line for line in await booking_queries.history(scene.booking.id) if line.what == "accepted"]
    told = await run_sql("SELECT mail FROM booking_event WHERE what = 'accepted'")
    assert len(lines) == len(told) == 1
    assert str(told[0]["mail"]) == str(stored["id"])
    mail = await inbound.found(UUID(str(stored["id"])))
    with pytest.raises(Raced):
        await actions.receive(mail, await actions.read(mail), now=scene.now)
    assert [line for line in await booking_queries.history(scene.booking.id) if line.what == "accepted"] == lines


HOSTILE = '=cmd|" /C calc"!A0 <img src=x onerror=alert(1)> %0d%0aBcc: x@y.example \';DROP TABLE person;--'


async def test_in_27_nothing_from_a_mail_reaches_a_header_or_markup(scene: Scene) -> None:
    """The comment is told in the letters to the floor as text; a visible name from a mail renames nobody."""
    mail = calendars(scene.presses(Answer.ACCEPTED, Client.APPLE, HOSTILE))
    mail = mail.replace(b'CN="Ann Archer"', b'CN="Eve <script>"')
    assert b"Eve" in mail
    assert await scene.posts(mail) == "update-partstat"
    stands = await scene.stands()
    assert stands.comment == HOSTILE
    assert stands.manager_name == "Ann Archer"

    mailbox = Keeping()
    while await outbox.deliver(sender=mailbox, calendar_part=worker.calendar_part, now=scene.now, limit=50):
        pass
    assert mailbox.raw
    for raw in mailbox.raw:
        letter = message_from_bytes(raw, policy=policy.default)
        head = raw.partition(b"\r\n\r\n")[0]
        assert b"x@y.example" not in head
        assert b"Eve" not in head
        for part in letter.walk():
            if part.get_content_type() == "text/html":
                assert "<img src=x" not in part.get_content()
                assert "<script" not in part.get_content()
