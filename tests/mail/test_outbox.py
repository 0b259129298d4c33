"""A letter leaves once, with one content, or says why not."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email import message_from_bytes
from uuid import UUID

import pytest

from floorday.db import transaction, uuid7
from floorday.mail import letters, outbox, tokens
from floorday.mail.smtp import Folder
from floorday.mail.tables import Letter, MailToken
from tests.mail.letterbox import LATER, NOON, calendar_part, deliver, invite, post
from tests.mail.servers import Cut, Sink

pytestmark = pytest.mark.usefixtures("database")
WEEK = timedelta(days=7)


async def row(letter) -> Letter:
    found = await outbox.find(letter)
    assert found is not None
    return found


async def test_a_letter_leaves_after_the_time_that_undo_has():
    async with Sink() as sink:
        letter = await post()
        assert await deliver(sink.port, now=NOON + timedelta(seconds=9)) == outbox.Delivered()
        assert await deliver(sink.port, now=NOON + timedelta(seconds=10)) == outbox.Delivered(sent=1)
        assert await deliver(sink.port, now=NOON + WEEK) == outbox.Delivered()
    [mail] = sink.taken
    assert (mail.sender, mail.to) == ("floorday@floorday.example", "ann@company.example")
    kept = await row(letter)
    assert kept.content == mail.raw
    assert kept.message_id == f"<letter.{letter.hex}@floorday.example>"
    assert kept.sent_at >= NOON + timedelta(seconds=10)


async def test_a_sign_in_code_leaves_at_once_and_wakes_the_worker():
    rested = asyncio.create_task(outbox.wait(20))
    await asyncio.sleep(0)
    await post(at_once=True)
    await asyncio.wait_for(rested, 2)
    async with Sink() as sink:
        assert (await deliver(sink.port, now=NOON)).sent == 1


async def test_a_letter_of_a_change_that_failed_is_not_there():
    about = uuid7()
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await outbox.post("greeting", to="ann@company.example", to_name="Ann", person=None, about=about,
                              about_kind="booking", facts={}, key="k", now=NOON)
            _ = 1 / 0
    assert await outbox.letters_about(about) == []


async def test_a_letter_is_not_posted_outside_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"):
        await outbox.post("greeting", to="ann@company.example", to_name="Ann", person=None, about=uuid7(),
                          about_kind="booking", facts={}, key="k", now=NOON)
    assert await Letter.count() == 0


async def test_the_same_key_is_the_same_letter():
    first = await post(key="booking:1:invited", facts={"title": "first", "links": {}})
    assert await post(key="booking:1:invited", facts={"title": "second", "links": {}}) == first
    assert await Letter.count() == 1
    assert '"first"' in (await row(first)).facts


async def test_undo_takes_a_letter_back_and_frees_its_key():
    about = uuid7()
    first = await post(about, key="a")
    await post(about, key="b")
    assert await outbox.take_back(about=about, keys=["a"], now=NOON) == ["a"]
    assert await outbox.take_back(about=about, keys=["a"], now=NOON) == []
    assert await outbox.take_back(about=about, keys=[], now=NOON) == []
    again = await post(about, key="a")
    assert again != first
    async with Sink() as sink:
        assert (await deliver(sink.port)).sent == 2
    assert sorted(message_from_bytes(mail.raw)["Message-ID"] for mail in sink.taken) == sorted(
        [letters.message_id(again), (await outbox.letters_about(about))[1].message_id])


async def test_undo_comes_too_late_for_a_letter_that_a_worker_holds():
    about = uuid7()
    await post(about, key="a")
    await outbox.claim(now=LATER, limit=1)
    assert await outbox.take_back(about=about, keys=["a"], now=LATER) == []


async def test_a_temporary_no_waits_longer_each_time_and_sends_the_same_bytes():
    refusals = 3

    async def act(point: str, _to: str) -> str | None:
        nonlocal refusals
        if point == "dot-refused" and refusals:
            refusals -= 1
            return "451 4.3.0 try later"
        return None

    letter = await post()
    async with Sink(act) as sink:
        now, waits = LATER, []
        for _ in range(3):
            assert await deliver(sink.port, now=now) == outbox.Delivered(put_off=1)
            kept = await row(letter)
            assert kept.server_words == "451 4.3.0 try later"
            assert kept.lease_until is None
            waits.append(kept.next_try_at - now)
            assert await deliver(sink.port, now=now + timedelta(seconds=30)) == outbox.Delivered()
            now = kept.next_try_at
        bytes_before = kept.content
        assert await deliver(sink.port, now=now) == outbox.Delivered(sent=1)
    assert waits[0] < waits[1] < waits[2]
    assert [mail.raw for mail in sink.taken] == [bytes_before]
    assert (await row(letter)).server_words == ""


async def test_waiting_grows_to_hours_and_never_beyond():
    assert timedelta(seconds=48) <= outbox.patience(1) <= timedelta(seconds=72)
    assert timedelta(hours=3) <= outbox.patience(40) <= timedelta(hours=5)
    assert len({outbox.patience(5) for _ in range(20)}) > 1


async def test_patience_ends_after_five_days():
    async def act(point: str, _to: str) -> str | None:
        return "450 4.2.0 not now" if point == "rcpt" else None

    letter = await post()
    async with Sink(act) as sink:
        assert await deliver(sink.port) == outbox.Delivered(put_off=1)
        assert await deliver(sink.port, now=NOON + timedelta(days=5, seconds=11)) == outbox.Delivered(failed=1)
    assert (await row(letter)).failed_at is not None
    assert [found.id for found in await outbox.troubled()] == [letter]


@pytest.mark.parametrize(("point", "words"), [
    ("rcpt", "550 5.1.1 no such user"), ("dot-refused", "554 5.7.1 we do not want this")])
async def test_a_permanent_no_fails_at_once_with_the_servers_words_and_the_others_leave(point: str, words: str):
    async def act(now: str, to: str) -> str | None:
        return words if now == point and to.startswith("gone") else None

    lost = await post(to="gone@company.example")
    kept = await post(to="ben@company.example", now=NOON + timedelta(milliseconds=1))
    async with Sink(act) as sink:
        assert await deliver(sink.port) == outbox.Delivered(sent=1, failed=1)
        assert await deliver(sink.port, now=NOON + WEEK) == outbox.Delivered()
    assert sink.sessions == 1
    assert (await row(lost)).server_words == words
    assert (await row(kept)).sent_at is not None


async def test_a_failed_letter_can_be_tried_again_with_the_same_bytes():
    refusing = True

    async def act(point: str, _to: str) -> str | None:
        return "550 no" if refusing and point == "rcpt" else None

    letter = await post()
    async with Sink(act) as sink:
        await deliver(sink.port)
        before = (await row(letter)).content
        refusing = False
        assert await outbox.again(letter, now=NOON + WEEK)
        assert not await outbox.again(letter, now=NOON + WEEK)
        assert (await deliver(sink.port, now=NOON + WEEK)).sent == 1
    assert sink.taken[0].raw == before


async def test_a_letter_that_cannot_be_written_does_not_stop_the_others():
    broken = await post(facts={"links": {}})
    await post(now=NOON + timedelta(milliseconds=1))
    async with Sink() as sink:
        assert await deliver(sink.port) == outbox.Delivered(sent=1, put_off=1)
    kept = await row(broken)
    assert kept.server_words.startswith("This letter could not be written")
    assert kept.content is None
    assert [found.id for found in await outbox.troubled()] == [broken]


async def test_a_lost_answer_sends_the_same_bytes_again_under_the_same_message_id():
    cuts = ["dot"]

    async def act(point: str, _to: str) -> str | None:
        if point in cuts:
            cuts.remove(point)
            raise Cut
        return None

    letter = await post()
    async with Sink(act) as sink:
        assert await deliver(sink.port) == outbox.Delivered(put_off=1)
        assert await deliver(sink.port, now=(await row(letter)).next_try_at) == outbox.Delivered(sent=1)
    first, second = sink.taken
    assert not first.answered
    assert second.answered
    assert first.raw == second.raw
    assert message_from_bytes(first.raw)["Message-ID"] == letters.message_id(letter)


@pytest.mark.parametrize("point", ["connect", "ehlo", "mail", "rcpt", "data", "chunk", "dot"])
async def test_a_line_cut_anywhere_puts_the_letter_off_and_the_next_one_too_or_sends_it(point: str):
    cuts = 1

    async def act(now: str, _to: str) -> str | None:
        nonlocal cuts
        if now == point and cuts:
            cuts -= 1
            raise Cut
        return None

    posted = [await post(now=NOON + timedelta(milliseconds=n)) for n in range(3)]
    async with Sink(act) as sink:
        first = await deliver(sink.port)
        assert first.failed == 0
        assert first.sent + first.put_off == 3
        if point not in ("connect", "ehlo"):
            assert first == outbox.Delivered(sent=2, put_off=1)
        assert (await deliver(sink.port, now=NOON + timedelta(hours=1))).sent == first.put_off
    taken = {}
    for mail in sink.taken:
        assert taken.setdefault(message_from_bytes(mail.raw)["Message-ID"], mail.raw) == mail.raw
    assert set(taken) == {letters.message_id(letter) for letter in posted}
    assert len(sink.taken) == (4 if point == "dot" else 3)


async def test_a_server_that_is_down_is_asked_once_for_the_whole_batch():
    for n in range(5):
        await post(now=NOON + timedelta(milliseconds=n))
    async with Sink() as sink:
        port = sink.port
    assert await deliver(port) == outbox.Delivered(put_off=5)
    async with Sink() as sink:
        assert (await deliver(sink.port, now=NOON + timedelta(hours=1))).sent == 5
    assert sink.sessions == 1


async def test_a_worker_that_dies_loses_its_letters_with_the_lease():
    letter = await post()
    [held] = await outbox.claim(now=LATER, limit=5, lease=timedelta(minutes=5))
    assert held.id == letter
    async with Sink() as sink:
        assert await deliver(sink.port, now=LATER + timedelta(minutes=4)) == outbox.Delivered()
        assert await deliver(sink.port, now=LATER + timedelta(minutes=6)) == outbox.Delivered(sent=1)
    assert (await row(letter)).attempts == 2


async def test_a_worker_whose_lease_was_taken_over_sends_nothing():
    letter = await post()
    other = None

    class Slow:
        async def send(self, batch):
            nonlocal other
            async with Sink() as sink:
                other = await deliver(sink.port, now=LATER + timedelta(minutes=6))
            async for parcel in batch:
                yield parcel, None

    mine = await outbox.deliver(sender=Slow(), calendar_part=calendar_part, now=LATER, limit=5)
    assert other == outbox.Delivered(sent=1)
    assert mine == outbox.Delivered(lost=1)
    assert (await row(letter)).sent_at is not None


async def test_many_workers_at_once_send_each_letter_once():
    for n in range(40):
        await post(now=NOON + timedelta(milliseconds=n), to=f"p{n}@company.example")
    async with Sink() as sink:
        counts = await asyncio.gather(*(deliver(sink.port, limit=7) for _ in range(8)))
        assert sum(count.sent for count in counts) == 40
    assert sorted(mail.to for mail in sink.taken) == sorted(f"p{n}@company.example" for n in range(40))


async def test_a_cancellation_does_not_overtake_its_invitation():
    about = uuid7()
    invited = await invite(about)
    cancelled = await invite(about, method="CANCEL", now=NOON + timedelta(seconds=1))
    refusing = True

    async def act(point: str, _to: str) -> str | None:
        return "450 later" if refusing and point == "rcpt" else None

    async with Sink(act) as sink:
        assert await deliver(sink.port) == outbox.Delivered(put_off=1)
        refusing = False
        assert await deliver(sink.port) == outbox.Delivered()
        assert (await deliver(sink.port, now=NOON + timedelta(hours=1))).sent == 1
        assert (await deliver(sink.port, now=NOON + timedelta(hours=1))).sent == 1
    assert [message_from_bytes(mail.raw)["Message-ID"] for mail in sink.taken] == [
        letters.message_id(invited), letters.message_id(cancelled)]


async def test_a_letter_that_came_back_is_found_by_its_message_id():
    letter = await post()
    async with Sink() as sink:
        await deliver(sink.port)
    sent = message_from_bytes(sink.taken[0].raw)["Message-ID"]
    found = await outbox.find_by_message_id(["<other@elsewhere.example>", sent])
    assert found is not None
    assert found.id == letter
    assert await outbox.find_by_message_id(["<letter.0@elsewhere.example>", "nonsense"]) is None
    assert await outbox.bounced(letter, words="550 mailbox gone", now=LATER)
    assert [broken.id for broken in await outbox.troubled()] == [letter]


async def test_letters_are_listed_about_a_thing_and_of_a_person():
    about, person = uuid7(), uuid7()
    posted = []
    async with transaction():
        for n in range(3):
            posted.append(await outbox.post(
                "greeting", to="ann@company.example", to_name="Ann", person=person, about=about, about_kind="booking",
                facts={}, key=f"k{n}", now=NOON + timedelta(seconds=n)))
    assert [letter.id for letter in await outbox.letters_about(about)] == posted
    assert [letter.id for letter in await outbox.listed(person=person, limit=9)] == posted


async def test_letters_are_listed_as_they_were_written_whatever_their_ids():
    """What time causes has an id made of the deed, and must come behind what a program has read."""
    ids = [UUID(int=9), UUID(int=3), UUID(int=7), UUID(int=5)]
    for n, which in enumerate(ids):
        letter = await post()
        await Letter.update({Letter.id: which, Letter.created_at: NOON + timedelta(seconds=n // 2)}).where(
            Letter.id == letter)
    in_order = [UUID(int=3), UUID(int=9), UUID(int=5), UUID(int=7)]
    seen: list[UUID] = []
    after = None
    while rows := await outbox.listed(after=after, limit=1):
        seen.append(rows[0].id)
        after = rows[0].created_at, rows[0].id
    assert seen == in_order


async def test_the_outbox_holds_no_token_in_clear_and_grants_those_of_its_links():
    about = uuid7()
    letter = await invite(about)
    kept = await row(letter)
    async with Sink() as sink:
        await deliver(sink.port)
    text = message_from_bytes(sink.taken[0].raw).get_payload()[0].get_payload()[0].get_payload(decode=True).decode()
    token = text.split("/answer/")[1].split()[0]
    reply = sink.taken[0].sender.removeprefix("day+").partition("@")[0]
    for told in (kept.facts, kept.event, kept.from_address):
        assert token not in told
        assert reply not in told
    found = await tokens.find("answer", token.upper(), NOON)
    assert found is not None
    assert found.about == about
    assert (await tokens.find("reply", reply, NOON)) is not None
    assert await tokens.find("reply", token, NOON) is None
    assert token not in str(await MailToken.select())


async def test_a_folder_keeps_each_letter_as_a_whole_file(tmp_path):
    letter = await post()
    folder = Folder(tmp_path / "letters")
    assert (await outbox.deliver(sender=folder, calendar_part=calendar_part, now=LATER, limit=5)).sent == 1
    [file] = (tmp_path / "letters").iterdir()
    assert file.suffix == ".eml"
    assert file.read_bytes() == (await row(letter)).content
