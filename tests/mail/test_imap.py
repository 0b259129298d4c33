"""A mailbox as a door, on a real Dovecot: each mail once, nothing deleted, whatever the server renumbers."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from imap_tools import MailBoxUnencrypted
from msgspec import structs

from floorday import config, doctor, worker
from floorday.bookings import queries as booking_queries
from floorday.config import Settings
from floorday.demo import clients
from floorday.demo.clients import Answer, Client
from floorday.errors import DeliveryFailed
from floorday.mail import imap, inbound
from floorday.mail.tables import InboundMail
from tests.cast import NOW, a_booking, make_cast
from tests.inbox.door import delivered
from tests.mail.mail_system import HOST, PASSWORD, MailSystem, mail_system, missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())
FOLDER = "Answers"


@pytest.fixture(scope="module")
def server() -> Iterator[MailSystem]:
    folder = Path(tempfile.mkdtemp(prefix="floorday-imap-"))
    with mail_system(folder, domain="floorday.example", people=["days"], ours="reply.example") as mail:
        yield mail
    shutil.rmtree(folder)


class Box:
    """The mailbox as its owner sees it."""

    def __init__(self, server: MailSystem) -> None:
        self.server = server
        self.settings = structs.replace(
            config.settings(), imap_host=HOST, imap_port=server.imap, imap_user="days", imap_password=PASSWORD,
            imap_security="none", imap_folder=FOLDER)  # fmt: skip

    def signed_in(self) -> Any:
        return MailBoxUnencrypted(HOST, self.server.imap).login("days", PASSWORD, initial_folder=None)

    def anew(self) -> None:
        """Make the folder anew: the server then gives it another UIDVALIDITY."""
        with self.signed_in() as box:
            if box.folder.exists(FOLDER):
                box.folder.delete(FOLDER)
            box.folder.create(FOLDER)

    def put(self, *raws: bytes) -> None:
        with self.signed_in() as box:
            for raw in raws:
                box.append(raw, FOLDER, dt=datetime.now(UTC))

    def lies(self) -> list[tuple[str, bool]]:
        """Subject of each mail, and whether it is marked as read."""
        with self.signed_in() as box:
            box.folder.set(FOLDER)
            return [(mail.subject, "\\Seen" in mail.flags) for mail in box.fetch(mark_seen=False)]


@pytest.fixture
def box(server: MailSystem) -> Box:
    found = Box(server)
    found.anew()
    return found


def mail(number: int, body: str = "Hello.") -> bytes:
    return (
        f"From: Ann <ann@floorday.example>\r\nTo: day@floorday.example\r\nSubject: Mail {number}\r\n"
        f"Message-ID: <{number}@floorday.example>\r\n\r\n{body}\r\n"
    ).encode()


async def collected(settings: Settings) -> int:
    """Connect, take over what there is, hang up."""
    mailbox = imap.Mailbox(settings)
    await asyncio.to_thread(mailbox.open)
    try:
        return await imap.collect(mailbox, clock=lambda: NOW)
    finally:
        mailbox.close()


async def kept() -> list[tuple[str, bytes]]:
    rows = await InboundMail.objects().order_by(InboundMail.received_at, InboundMail.id)
    return [(row.subject, bytes(row.content)) for row in rows]


async def test_each_mail_is_taken_over_once_as_it_lies_there(database: object, box: Box) -> None:
    box.put(mail(1), mail(2, "Grüße."))
    assert await collected(box.settings) == 2
    assert await kept() == [("Mail 1", mail(1)), ("Mail 2", mail(2, "Grüße."))]
    assert box.lies() == [("Mail 1", True), ("Mail 2", True)]
    assert await collected(box.settings) == 0
    box.put(mail(3))
    assert await collected(box.settings) == 1
    assert [subject for subject, _raw in await kept()] == ["Mail 1", "Mail 2", "Mail 3"]
    assert {row.door for row in await InboundMail.objects()} == {"imap"}


async def test_what_others_have_read_there_is_taken_over_too(database: object, box: Box) -> None:
    box.put(mail(1))
    with box.signed_in() as opened:
        opened.folder.set(FOLDER)
        list(opened.fetch())
    assert box.lies() == [("Mail 1", True)]
    assert await collected(box.settings) == 1


async def test_a_server_that_numbers_anew_brings_nothing_twice(database: object, box: Box) -> None:
    box.put(mail(1), mail(2), mail(3))
    assert await collected(box.settings) == 3
    box.anew()
    box.put(mail(3), mail(1), mail(4))
    assert await collected(box.settings) == 1
    box.put(mail(5))
    assert await collected(box.settings) == 1
    assert sorted(subject for subject, _raw in await kept()) == [f"Mail {number}" for number in range(1, 6)]


async def test_the_same_mail_sent_twice_is_two_mails(database: object, box: Box) -> None:
    """What a repeated mail means is for its reader to say."""
    box.put(mail(1))
    assert await collected(box.settings) == 1
    box.put(mail(1))
    assert await collected(box.settings) == 1
    assert len(await kept()) == 2


async def test_two_workers_at_one_mailbox_take_each_mail_once(database: object, box: Box) -> None:
    box.put(*[mail(number) for number in range(12)])
    taken = await asyncio.gather(collected(box.settings), collected(box.settings))
    assert sum(taken) == 12
    assert sorted(raw for _subject, raw in await kept()) == sorted(mail(number) for number in range(12))


async def test_a_mail_that_could_not_be_stored_is_taken_next_time(
    database: object, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put(mail(1), mail(2))

    async def full(*_args: object, **_named: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(inbound, "keep", full)
        with pytest.raises(OSError, match="No space"):
            await collected(box.settings)
    assert await kept() == []
    assert box.lies() == [("Mail 1", False), ("Mail 2", False)]
    assert await collected(box.settings) == 2


async def test_of_a_mail_that_is_too_big_the_head_is_kept(database: object, box: Box) -> None:
    box.put(mail(1, "x" * 70 + "\r\n" + "y" * 900 * 15_000), mail(2))
    assert await collected(box.settings) == 2
    (_subject, big), (_other, small) = await kept()
    assert big.startswith(b"From: Ann")
    assert b"yyy" not in big
    assert small == mail(2)


async def test_a_wrong_password_is_said_in_the_servers_words(box: Box) -> None:
    wrong = structs.replace(box.settings, imap_password="not-this-one")
    with pytest.raises(DeliveryFailed, match=r"(?i)auth"):
        imap.Mailbox(wrong).open()
    (finding,) = await doctor.mailbox(wrong)
    assert finding.level is doctor.Level.WRONG
    assert "not-this-one" not in finding.says
    (finding,) = await doctor.mailbox(structs.replace(box.settings, imap_folder="Nowhere"))
    assert finding.level is doctor.Level.WRONG
    box.put(mail(1))
    (finding,) = await doctor.mailbox(box.settings)
    assert finding.level is doctor.Level.OK
    assert "1 mails lie in it" in finding.says
    assert box.lies() == [("Mail 1", False)]


async def test_a_mail_that_comes_just_before_the_server_is_listened_to_is_heard(database: object, box: Box) -> None:
    """The server tells of it in one breath with its yes to IDLE."""
    mailbox = imap.Mailbox(box.settings)
    await asyncio.to_thread(mailbox.open)
    try:
        assert await imap.collect(mailbox, clock=lambda: NOW) == 0
        await asyncio.to_thread(box.put, mail(1))
        assert await asyncio.to_thread(mailbox.idle)
        assert await asyncio.to_thread(mailbox.told, 5)
        await asyncio.to_thread(mailbox.awake)
        assert await imap.collect(mailbox, clock=lambda: NOW) == 1
        assert await asyncio.to_thread(mailbox.idle)
        assert not await asyncio.to_thread(mailbox.told, 0.1)
    finally:
        mailbox.close()


async def test_an_answer_in_the_mailbox_reaches_the_booking_as_soon_as_it_comes(
    database: object, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server tells of it (IDLE); nobody polls."""
    for name in ("host", "port", "user", "password", "security", "folder"):
        monkeypatch.setenv(f"FLOORDAY_IMAP_{name.upper()}", str(getattr(box.settings, f"imap_{name}")))
    config.settings.cache_clear()
    stop, arrived = asyncio.Event(), asyncio.Event()
    try:
        booking = await a_booking(await make_cast())
        (raw,) = await delivered(NOW + timedelta(minutes=1))
        later = NOW + timedelta(minutes=5)
        reading = asyncio.create_task(worker._mailbox(stop, arrived, now=lambda: later))  # pyright: ignore[reportPrivateUsage]
        await asyncio.sleep(1)
        reply = clients.reply(raw, Answer.ACCEPTED, Client.APPLE, now=later)
        to = str(message_from_bytes(raw, policy=policy.default)["From"].addresses[0].addr_spec)
        await asyncio.to_thread(box.put, f"Delivered-To: {to}\r\n".encode() + reply)
        async with asyncio.timeout(imap.POLL_SECONDS - 10):
            await arrived.wait()
        await worker.read_mails(now=lambda: later)
        assert (await booking_queries.booking(booking.id)).state == "accepted"
    finally:
        stop.set()
        async with asyncio.timeout(imap.POLL_SECONDS):
            await reading
        config.settings.cache_clear()
