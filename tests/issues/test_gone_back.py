"""The database goes back to an older copy of itself, and the worker runs again: nobody is told anything twice."""

# pyright: reportUnknownMemberType=false
# (Piccolo's queries are typed without the row.)

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from msgspec import Struct

from floorday import worker
from floorday.bookings import actions as bookings
from floorday.db.text import Prose
from floorday.errors import DeliveryFailed
from floorday.issues import actions, queries
from floorday.issues.rules import Resolution, Verdict
from floorday.issues.tables import ClockDeed
from floorday.mail import daily, letters, outbox
from floorday.mail.journal import Journal
from floorday.mail.outbox import Parcel
from floorday.mail.tables import Letter, LetterWish
from floorday.mail.wishes import Kind, Pace
from floorday.stories import actions as stories
from floorday.summaries import actions as summaries
from tests.cast import NOW, Cast, a_booking, make_cast
from tests.copies import Copies
from tests.issues.test_actions import owned, raised

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Town:
    """Everybody's letterbox, and the journal that stands beside the database."""

    def __init__(self, folder: Path, *, months: bool = False) -> None:
        self.folder, self.months = folder, months
        self.journal = Journal(folder)
        self.mails: list[EmailMessage] = []

    async def send(self, batch: AsyncIterator[Parcel]) -> AsyncGenerator[tuple[Parcel, DeliveryFailed | None]]:
        async for parcel in batch:
            mail = message_from_bytes(parcel.raw, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            yield parcel, None

    async def day(self, day: date, *hours: int) -> None:
        """Let the worker look at the clock at these hours of a day, and send what there is."""
        for hour in hours or (9, 16):
            await self.work(datetime(day.year, day.month, day.day, hour, 5, tzinfo=UTC))

    async def days(self, first: date, last: date) -> None:
        for ahead in range((last - first).days + 1):
            await self.day(first + ahead * DAY)

    async def work(self, now: datetime) -> None:
        await bookings.remind_unanswered(now=now)
        await daily.gather(now=now, journal=self.journal)
        await actions.mornings(now=now, journal=self.journal)
        await stories.remind(now=now)
        if self.months:
            await summaries.run(now=now)
        while await outbox.deliver(
            sender=self, calendar_part=worker.calendar_part, now=now + HOUR / 60, journal=self.journal):
            pass

    def told(self) -> Counter[tuple[str, str, str]]:
        """Say how often whom was told what, word by word."""
        return Counter((mail["To"], mail["Subject"], text(mail)) for mail in self.mails)


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return body.get_content()


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


@pytest.fixture
async def copies(cast: Cast, database_url: str, tmp_path: Path) -> AsyncIterator[Copies]:
    kept = Copies(database_url, tmp_path)
    yield kept
    await kept.done()


class Scene(Struct):
    """What time will do something about: silence, a promise, a day without an answer, a story, news of the day."""

    silent: queries.IssueRow
    promised: queries.IssueRow


async def a_scene(cast: Cast) -> Scene:
    silent = await owned(cast)
    await actions.sponsor(cast.eva, silent.id, cast.ann.person, now=NOW)
    promised = await owned(cast)
    await actions.promise(cast.gus, promised.id, date(2026, 11, 12), now=NOW)
    await raised(cast)
    await a_booking(cast)
    await stories.tell(cast.eva, stories.StoryForm(
        text=Prose("She stayed on the line."), team=cast.billing, hero=cast.fay.person), now=NOW)
    fixed = await owned(cast)
    await actions.resolve(cast.gus, fixed.id, Resolution.HERE, "For Billing.", now=NOW)
    await LetterWish.update({LetterWish.pace: Pace.DAILY.value}).where(
        LetterWish.person == cast.fay.person, LetterWish.kind == Kind.NEWS.value)
    for ahead in range(3):
        await actions.update(cast.gus, silent.id, f"We look at log {ahead}.", now=NOW + ahead * HOUR)
    return Scene(silent, promised)


async def test_a_database_that_went_back_twice_says_what_one_says_that_never_did(
    cast: Cast, copies: Copies, tmp_path: Path
) -> None:
    await a_scene(cast)
    start = await copies.take()
    straight = Town(tmp_path / "straight")
    await straight.days(date(2026, 11, 2), date(2026, 11, 20))
    names = {mail["Subject"] for mail in straight.mails}
    assert len(names) > 9, "the scene is a full one"

    await copies.put_back(start)
    town = Town(tmp_path / "town")
    await town.day(date(2026, 11, 2), 9)
    monday = await copies.take()
    await town.days(date(2026, 11, 2), date(2026, 11, 5))
    await copies.put_back(monday)                           # back by three days, and on the same evening again
    town.journal = Journal(town.folder)
    await town.day(date(2026, 11, 5), 17)
    await town.days(date(2026, 11, 6), date(2026, 11, 16))
    sixteenth = await copies.take()
    await town.days(date(2026, 11, 17), date(2026, 11, 18))
    await copies.put_back(sixteenth)                        # back by two days, and the worker sleeps for one more
    town.journal = Journal(town.folder)
    await town.days(date(2026, 11, 20), date(2026, 11, 20))

    assert town.told() == straight.told()
    assert len({mail["Message-ID"] for mail in town.mails}) == len(town.mails)


async def test_what_had_left_says_so_on_the_issue_and_its_links_work(
    cast: Cast, copies: Copies, tmp_path: Path
) -> None:
    scene, town = await a_scene(cast), Town(tmp_path / "sent")
    await town.days(date(2026, 11, 2), date(2026, 11, 11))
    eleventh = await copies.take()
    await town.days(date(2026, 11, 12), date(2026, 11, 17))
    before, ids = len(town.mails), {mail["Message-ID"] for mail in town.mails}
    told = next(mail for mail in reversed(town.mails) if "Gus" in mail["To"] and "/word/" in text(mail))
    await copies.put_back(eleventh)
    await town.day(date(2026, 11, 17), 17)
    assert len(town.mails) == before
    deeds = await queries.told_by_clock(scene.silent.id)
    assert [(one.name, one.at.date(), bool(one.left_before)) for one in deeds] == [
        ("Gus Grant", date(2026, 11, 17), True)]
    passed = [one for one in await queries.letters(scene.promised.id) if one.name == "date_passed"]
    assert [(one.to_name, one.sent_at and one.sent_at.date()) for one in passed] == [("Fay Finch", date(2026, 11, 13))]
    assert all(one.left_before for one in passed)
    count, noticed = await outbox.left_before()
    assert count >= 3
    assert noticed is not None
    token = text(told).partition("/word/")[2].split()[0]
    evening = datetime(2026, 11, 17, 18, tzinfo=UTC)
    await actions.word_by_token(token, "the vendor looks at it.", news=False, now=evening)
    assert {letters.message_id(one.id) for one in passed} <= ids


async def test_what_was_waiting_when_the_copy_was_made_does_not_leave_again(
    cast: Cast, copies: Copies, tmp_path: Path
) -> None:
    issue, town = await owned(cast), Town(tmp_path / "sent")
    await actions.update(cast.gus, issue.id, "We have found the batch.", now=NOW)
    waiting = await copies.take()
    await town.work(NOW + HOUR)
    sent = len(town.mails)
    assert sent
    await copies.put_back(waiting)
    await town.work(NOW + 2 * HOUR)
    assert len(town.mails) == sent
    assert await Letter.count().where(Letter.sent_at.is_null()) == 0


async def test_two_workers_after_the_copy_was_put_back(cast: Cast, copies: Copies, tmp_path: Path) -> None:
    await a_scene(cast)
    town = Town(tmp_path / "sent")
    await town.days(date(2026, 11, 2), date(2026, 11, 13))
    thirteenth = await copies.take()
    await town.days(date(2026, 11, 14), date(2026, 11, 17))
    sent = town.told()
    await copies.put_back(thirteenth)
    beside = Town(town.folder)
    now = datetime(2026, 11, 17, 17, tzinfo=UTC)
    await asyncio.gather(town.work(now), beside.work(now))
    await asyncio.gather(town.work(now), beside.work(now))
    assert town.told() == sent
    assert beside.mails == []
    assert await ClockDeed.count().where(ClockDeed.left_before.eq(True)) > 0


async def test_a_worker_killed_before_it_could_note_that_a_letter_left(cast: Cast, tmp_path: Path) -> None:
    issue, town = await owned(cast), Town(tmp_path / "sent")
    await town.work(NOW + HOUR)
    await actions.update(cast.gus, issue.id, "We have found the batch.", now=NOW + HOUR)
    sent, now = len(town.mails), NOW + 2 * HOUR
    async def killed(*_args: object, **_more: object) -> None:
        raise asyncio.CancelledError

    noted, outbox._record = outbox._record, killed  # pyright: ignore[reportPrivateUsage]
    try:
        with pytest.raises(asyncio.CancelledError):
            await outbox.deliver(sender=town, calendar_part=worker.calendar_part, now=now, journal=town.journal)
    finally:
        outbox._record = noted  # pyright: ignore[reportPrivateUsage]
    left = len(town.mails)
    assert left > sent
    await town.work(now + HOUR)
    fresh = [letters.letter_of(mail["Message-ID"]) for mail in town.mails]
    assert len(set(fresh)) == len(fresh), "the journal knew, the database did not"
    assert await Letter.count().where(Letter.sent_at.is_null()) == 0


async def test_without_the_journal_it_is_the_same_letter_once_more(
    cast: Cast, copies: Copies, tmp_path: Path
) -> None:
    await owned(cast)
    town, start = Town(tmp_path / "sent"), await copies.take()
    await town.days(date(2026, 11, 16), date(2026, 11, 17))
    (first,) = [mail for mail in town.mails if "/word/" in text(mail)]
    await copies.put_back(start)
    shutil.rmtree(town.folder)
    town = Town(town.folder)
    await town.days(date(2026, 11, 16), date(2026, 11, 17))
    (again,) = [mail for mail in town.mails if "/word/" in text(mail)]
    assert (again["Message-ID"], text(again)) == (first["Message-ID"], text(first))


async def test_a_journal_that_cannot_be_written_stops_no_letter(cast: Cast, tmp_path: Path) -> None:
    await owned(cast)
    (tmp_path / "sent").write_text("no folder")
    town = Town(tmp_path / "sent")
    await town.work(NOW + HOUR)
    assert town.mails
    assert town.journal.failed


async def test_a_letter_that_somebody_sends_once_more_does_leave(cast: Cast, tmp_path: Path) -> None:
    issue, town = await owned(cast), Town(tmp_path / "sent")
    await town.work(NOW + HOUR)
    (row, *_others) = await Letter.objects().where(Letter.about == issue.id)
    await outbox.bounced(row.id, words="550 no such user", now=NOW + 2 * HOUR)
    assert await outbox.again(row.id, now=NOW + 3 * HOUR)
    sent = len(town.mails)
    await town.work(NOW + 4 * HOUR)
    assert len(town.mails) == sent + 1


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
async def test_a_copy_put_back_across_the_night_on_which_clocks_change(
    night: date, database: object, database_url: str, tmp_path: Path
) -> None:
    friday = datetime(night.year, night.month, night.day, 9, tzinfo=UTC) - 16 * DAY
    cast, copies = await make_cast(friday - DAY), Copies(database_url, tmp_path)
    issue = await owned(cast, now=friday)
    await actions.promise(cast.gus, issue.id, night - 2 * DAY, now=friday)      # the Friday before that Sunday
    town = Town(tmp_path / "sent")
    try:
        await town.days(friday.date(), night - DAY)
        saturday = await copies.take()
        for hour in range(-3, 12):
            await town.work(datetime(night.year, night.month, night.day, tzinfo=UTC) + DAY + hour * HOUR)
        told = town.told()
        assert sum("/word/" in body for _to, _subject, body in told) == 1
        await copies.put_back(saturday)
        for hour in range(-3, 36, 3):
            await town.work(datetime(night.year, night.month, night.day, tzinfo=UTC) + DAY + hour * HOUR)
        assert town.told() == told
    finally:
        await copies.done()


async def test_a_month_is_sent_once_to_each_reader(cast: Cast, copies: Copies, tmp_path: Path) -> None:
    town = Town(tmp_path / "sent", months=True)
    await town.work(NOW + HOUR)
    issue = await owned(cast)
    await actions.resolve(cast.gus, issue.id, Resolution.EVERYBODY, "It does now.", now=NOW + DAY)
    await actions.verdict(cast.fay, issue.id, Verdict.FIXED, now=NOW + 2 * DAY)
    await town.day(date(2026, 11, 30))
    thirtieth = await copies.take()
    await town.days(date(2026, 12, 1), date(2026, 12, 3))
    sent = town.told()
    assert sum("November 2026" in subject for _to, subject, _text in sent) > 4
    await copies.put_back(thirtieth)
    await town.days(date(2026, 12, 2), date(2026, 12, 4))
    assert town.told() == sent
