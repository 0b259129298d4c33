"""One full turn of the programme, told from the invitation to the figures of the month.

November 2026. Billing in Leeds invites Ann, a manager in Stockholm. Cleo of the other team
met the same trouble and does not want her name told; Fay, who hosts, says it without a name at all.
"""

from __future__ import annotations

import asyncio
import re
import smtplib
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest

from floorday import worker
from floorday.bookings import actions as bookings
from floorday.bookings import queries as booking_queries
from floorday.bookings.actions import ShiftForm
from floorday.bookings.rules import State
from floorday.demo import clients
from floorday.errors import DeliveryFailed, NotFound, Refused
from floorday.issues import actions as issues
from floorday.issues import queries as issue_queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Ending, Naming, Resolution, Stream, Turn, Verdict
from floorday.mail import doors, inbound, outbox
from floorday.mail.outbox import Parcel
from floorday.people.access import Actor
from floorday.summaries import queries
from floorday.summaries.figures import COMPANY, Subject
from tests.cast import Cast, make_cast

LONDON = ZoneInfo("Europe/London")


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    """A moment of that autumn; London is on UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


class Post:
    """The post office of the story: every letter that left, in the order in which it left."""

    def __init__(self) -> None:
        self.left: list[EmailMessage] = []
        self.raw: list[bytes] = []

    async def send(self, batch: AsyncIterator[Parcel]) -> AsyncGenerator[tuple[Parcel, DeliveryFailed | None]]:
        async for parcel in batch:
            mail = message_from_bytes(parcel.raw, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.left.append(mail)
            self.raw.append(parcel.raw)
            yield parcel, None

    async def round(self, now: datetime) -> list[tuple[str, str]]:
        """Let everything leave that is due; say to whom, and its subject."""
        before = len(self.left)
        while await outbox.deliver(sender=self, calendar_part=worker.calendar_part, now=now):
            pass
        return sorted((who(mail), mail["Subject"]) for mail in self.left[before:])

    def last(self, to: Actor, subject: str) -> EmailMessage:
        """Find somebody's newest letter whose subject begins so."""
        return next(
            mail for mail in reversed(self.left)
            if mail["To"].addresses[0].addr_spec == to.email and mail["Subject"].startswith(subject)
        )


def who(mail: EmailMessage) -> str:
    return mail["To"].addresses[0].display_name.split()[0]


def words(mail: EmailMessage) -> str:
    text = mail.get_body(("plain",))
    assert text is not None
    return text.get_content()


def whole(mail: EmailMessage) -> str:
    """Everything that can be read in a letter."""
    parts = [str(part.get_payload(decode=True) or b"", "utf-8") for part in mail.walk() if not part.is_multipart()]
    return "\n".join([*map(str, mail.values()), *parts])


def token(mail: EmailMessage, page: str) -> str:
    """Take the token out of a letter's link, as a browser does that opens it."""
    found = re.search(rf"/{page}/([a-z2-7]+)", words(mail))
    assert found is not None, words(mail)
    return found[1]


async def answered(reply: bytes, *, now: datetime) -> None:
    """Hand a mail in at the LMTP door, and let it be read."""
    mail = message_from_bytes(reply, policy=policy.default)
    async with doors.LmtpServer(inbound.keep, "127.0.0.1", 0, accepts=worker.is_ours) as door:

        def hand_over() -> None:
            with smtplib.LMTP("127.0.0.1", door.port) as session:
                session.sendmail("ann@floorday.example", [str(mail["To"])], reply)

        await asyncio.to_thread(hand_over)
    assert await worker.read_mails(now=lambda: now)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(at(2, 9))


async def test_one_turn_from_the_invitation_to_the_figures_of_the_month(cast: Cast) -> None:
    post = Post()

    # 1. Invite. Billing offers Thursday and asks Ann, in its own words; nothing leaves while Undo is there.
    shift = await bookings.offer_shift(cast.ben, cast.billing, ShiftForm(
        starts=at(5, 9), ends=at(5, 15), host=cast.fay.person, seats=1, plan="Listen, then take calls.",
    ), now=at(2, 9))  # fmt: skip
    booking = await bookings.invite(
        cast.ben, shift=shift.id, manager=cast.ann.person, why="Refunds wait for a weekly batch.",
        doing="Take calls with Fay.", hope="One refund rule less.", now=at(2, 9),
    )  # fmt: skip
    assert await post.round(at(2, 9)) == []
    invites = "Billing invites {} for Thursday 5 November 2026"
    assert await post.round(at(2, 9, 1)) == [
        ("Ann", invites.format("you")), ("Dan", invites.format("Ann Archer"))]
    assert "Thursday 5 November 2026, 09:00 to 15:00 (London time); for you 10:00 to 16:00 (Stockholm time)" in words(
        post.last(cast.ann, "Billing invites"))

    # 2. Accept. Ann presses a button in her calendar.
    invitation = next(raw for raw, mail in zip(post.raw, post.left, strict=True) if who(mail) == "Ann")
    await answered(
        clients.reply(invitation, clients.Answer.ACCEPTED, clients.Client.EXCHANGE, now=at(2, 11)), now=at(2, 11, 1))
    assert (await booking_queries.booking(booking.id)).state is State.ACCEPTED
    told = await post.round(at(2, 11, 2))
    assert ("Ann", "Your answer is yes: Billing, Thursday 5 November 2026") in told
    assert [name for name, subject in told if subject.startswith("Ann Archer comes on")] == ["Ben", "Fay"]

    # 3. and 4. The day. Three notes: one with a name, one with the name hidden, one with none.
    saw = await issues.note(cast.ann, NoteForm(
        text=Said.parse("Refunds wait for the weekly batch, and people call again."), stream=Stream.MANAGER_SAW,
        day=booking.id,
    ), now=at(5, 10))  # fmt: skip
    assert saw.issue is not None
    assert saw.follow_up is None
    refunds = saw.issue
    hidden = await issues.note(cast.cleo, NoteForm(
        text=Said.parse("We in Claims wait for the same batch."), stream=Stream.STAFF_TOLD, issue=refunds,
        team=cast.claims, naming=Naming.HIDDEN,
    ), now=at(5, 11))  # fmt: skip
    assert hidden.issue == refunds
    unnamed = await issues.note(cast.fay, NoteForm(
        text=Said.parse("Three calls for one refund, says a customer; card 4111 1111 1111 1111."),
        stream=Stream.CUSTOMER_SAID, day=booking.id, naming=Naming.ANONYMOUS,
    ), now=at(5, 12))  # fmt: skip
    assert unnamed.issue not in {None, refunds}
    assert unnamed.issue is not None
    assert unnamed.follow_up is not None
    praise = await issues.note(cast.ann, NoteForm(
        text=Said.parse("Fay stayed on the line until the refund was through."), stream=Stream.GOOD_NEWS,
        day=booking.id,
    ), now=at(5, 13))  # fmt: skip
    assert praise.issue is None
    await bookings.read_back(cast.fay, booking.id, now=at(5, 14, 30))
    await issues.sponsor(cast.ann, refunds, cast.ann.person, now=at(5, 14, 45))
    await bookings.hold(cast.fay, booking.id, now=at(5, 15, 5))
    assert [name for name, _subject in await post.round(at(5, 16))] == ["Ann", "Cleo"]

    # 5. Follow. It is the same trouble twice, so one issue takes in the other; IT gets it, and Gus fixes it.
    await issues.join(cast.eva, unnamed.issue, refunds, now=at(6, 9))
    row = await issues.assign(cast.eva, refunds, department=cast.it, owner=cast.gus.person, now=at(6, 9, 30))
    assert (row.turn, row.met_by) == (Turn.BEING_FIXED, 3)
    await issues.promise(cast.gus, refunds, date(2026, 11, 20), now=at(6, 10))
    await issues.update(cast.gus, refunds, "The batch can run each night; it is in test.", now=at(12, 10))
    row = await issues.ask(cast.gus, refunds, "May refunds under 50 leave without a second look?", now=at(13, 9))
    assert row.turn is Turn.NEEDS_DECISION
    await post.round(at(13, 10))
    asked = post.last(cast.ann, "")
    assert "May refunds under 50 leave without a second look?" in words(asked)
    row = await issues.decide_by_token(token(asked, "decision"), yes=True, now=at(13, 12))
    assert row.turn is Turn.BEING_FIXED
    row = await issues.resolve(
        cast.gus, refunds, Resolution.EVERYBODY, "Refunds leave every night now.", now=at(18, 17))
    assert row.turn is Turn.TELL_FLOOR
    told = await post.round(at(18, 18))
    assert [name for name, subject in told if subject.startswith("Is it fixed?")] == ["Ann", "Cleo"]

    # Cleo opens the link without an account, and it is not fixed for her.
    first_link = token(post.last(cast.cleo, "Is it fixed?"), "verdict")
    row = await issues.verdict_by_token(
        first_link, Verdict.NOT, "Ours from Lisbon still wait for Friday.", now=at(19, 9))
    assert (row.turn, row.resolution, row.owner) == (Turn.BEING_FIXED, "", cast.gus.person)
    assert "Gus" in {name for name, _subject in await post.round(at(19, 10))}
    with pytest.raises(Refused, match="Nothing has been fixed yet"):
        await issues.verdict_by_token(first_link, Verdict.FIXED, now=at(19, 11))

    await issues.promise(cast.gus, refunds, date(2026, 11, 25), "Lisbon has a batch of its own.", now=at(19, 12))
    await issues.resolve(
        cast.gus, refunds, Resolution.EVERYBODY, "Lisbon's batch runs every night too.", now=at(24, 17))
    await post.round(at(24, 18))
    second_link = token(post.last(cast.cleo, "Is it fixed?"), "verdict")
    with pytest.raises(NotFound, match="A newer letter may have come"):
        await issues.verdict_by_token(first_link, Verdict.FIXED, now=at(25, 8))
    row = await issues.verdict_by_token(second_link, Verdict.FIXED, now=at(25, 9))
    assert (row.turn, row.ending) == (Turn.CLOSED, Ending.CONFIRMED)
    await post.round(at(25, 10))

    # Who wrote without a name reads the end of it by the code, and is nowhere in it.
    follow_up = await issues.follow_up(unnamed.follow_up, now=at(26, 9))
    assert (follow_up.number, follow_up.ending) == (row.number, Ending.CONFIRMED)
    assert "4111" not in follow_up.text
    assert "Refunds leave every night now." in [heard.text for heard in follow_up.words]

    # Nobody but the coordinator reads the hidden name, in no letter and on no page.
    for mail in post.left:
        assert who(mail) == "Cleo" or "Cleo" not in whole(mail), mail["Subject"]
    for actor, sees in ((cast.gus, False), (cast.ann, False), (cast.ben, False), (cast.eva, True)):
        page = await issue_queries.opened(actor, refunds)
        assert ("Cleo Costa" in repr((page.notes, page.history))) is sees, actor.name
        assert "Fay Finch" not in repr((page.notes, page.history))

    # 6. Tell. The month, counted from the same history.
    ended = at(3, 9, month=12)
    (november,) = (await queries.counted(COMPANY, ("2026-11",), now=ended, zone=LONDON)).months
    assert november is not None
    assert november.complete
    said = {name: figure.value for name, figure in november.figures.items()}
    assert {name: said[name] for name in (
        "days_due", "days_held", "days_missed", "compliance", "issues_raised", "issues_said_fixed",
        "issues_confirmed", "issues_reopened", "returns", "issues_open", "issues_closed_confirmed", "confirmed_rate",
        "promises_kept", "promises_moved", "promises_broken", "silent",
    )} == {
        "days_due": 1, "days_held": 1, "days_missed": 0, "compliance": 1.0, "issues_raised": 1, "issues_said_fixed": 1,
        "issues_confirmed": 1, "issues_reopened": 1, "returns": 0, "issues_open": 0, "issues_closed_confirmed": 1,
        "confirmed_rate": 1.0, "promises_kept": 1, "promises_moved": 1, "promises_broken": 0, "silent": 0,
    }  # fmt: skip
    met = november.figures["met_by"]
    assert (met.numerator, met.denominator) == (3, 1)
    feedback = november.figures["feedback_rate"]
    assert (feedback.numerator, feedback.denominator) == (2, 2)
    assert set(feedback.rows) == {queries.raw(cast.ann.person), queries.raw(cast.cleo.person)}
    assert november.figures["days_held"].rows == (queries.raw(booking.id),)
    assert november.figures["issues_confirmed"].rows == (queries.raw(refunds),)
    # Of the note without a name only its day was kept, and with it the issue begins. First said fixed on the 18th.
    assert said["time_to_fix_median"] == (at(18, 17) - at(5, 0)) / timedelta(days=1)
    for subject, days, closed in (
        (Subject("team", cast.billing), 1, 1), (Subject("team", cast.claims), 0, 0),
        (Subject("manager", cast.ann.person), 1, 1), (Subject("department", cast.it), 0, 1),
    ):  # fmt: skip
        (cut,) = (await queries.counted(subject, ("2026-11",), now=ended, zone=LONDON)).months
        assert cut is not None
        assert (cut.figures["days_held"].value, cut.figures["issues_closed_confirmed"].value) == (days, closed)

    # On the 20th it would have told of an issue that was said fixed, was reopened, and is being fixed.
    (earlier,) = (await queries.counted(COMPANY, ("2026-11",), now=at(20, 9), zone=LONDON)).months
    assert earlier is not None
    assert not earlier.complete
    counted = ("issues_open", "issues_said_fixed", "issues_confirmed")
    assert [earlier.figures[name].value for name in counted] == [1, 1, 0]
