"""A mail that comes in is kept before anybody is told so, and read once."""

from __future__ import annotations

import asyncio
import logging
import smtplib
from datetime import timedelta
from typing import Any

import pytest

from floorday.db import transaction, uuid7
from floorday.errors import Busy, NotFound, Raced
from floorday.mail import inbound
from floorday.mail.doors import LmtpServer, SmtpServer
from floorday.mail.tables import InboundMail
from tests.mail.letterbox import NOON

RAW = (b"From: =?utf-8?q?Zo=C3=AB?= <zoe@company.example>\r\nSubject: =?utf-8?q?Accepted=3A?=\r\n a day\r\n"
       b"Message-ID: <one@company.example>\r\n\r\nyes\r\n")


async def keep(raw: bytes = RAW, **more):
    return await inbound.keep(raw, **{"door": "lmtp", "envelope_from": "zoe@company.example",
                                      "envelope_to": "day+x@floorday.example", "now": NOON} | more)


def ours(address: str) -> bool:
    return address.lower().endswith("@floorday.example")


async def talk(port: int, work):
    """Speak LMTP as a mail server does, from a thread of its own."""
    def speak():
        with smtplib.LMTP("127.0.0.1", port) as session:
            session.sock.settimeout(10)
            return work(session)

    return await asyncio.to_thread(speak)


def handed_in(raw: bytes = RAW, *to: str, sender: str = "zoe@company.example"):
    def work(session: smtplib.LMTP):
        session.ehlo()
        answers = [session.mail(sender)]
        answers += [session.rcpt(address) for address in (to or ("day+x@floorday.example",))]
        if any(code == 250 for code, _ in answers[1:]):
            answers.append(session.data(raw))
            answers += [session.getreply() for code, _ in answers[2:-1] if code == 250]
        return [code for code, _ in answers]

    return work


@pytest.mark.usefixtures("database")
class TestKeeping:
    async def test_a_mail_is_kept_as_it_came_with_a_few_words_for_the_page(self):
        mail = await inbound.found(await keep())
        assert mail.content == RAW
        assert (mail.sender, mail.subject, mail.message_id) == (
            "Zoë <zoe@company.example>", "Accepted: a day", "<one@company.example>")
        assert (mail.door, mail.envelope_to, mail.received_at) == ("lmtp", "day+x@floorday.example", NOON)
        assert (mail.read_at, mail.outcome, mail.applied) == (None, "", False)

    @pytest.mark.parametrize("raw", [
        b"", b"\x00" * 100, b"Subject: \x00\xff\xfe\r\n\r\n", b"Subject: =?nonsense?b?!!!?=\r\n\r\n",
        b"Message-ID:\r\n\r\n",
        b"From: " + b"a" * 200_000 + b"\r\n\r\n", b"Subject: " + b"=?utf-8?b?" * 5000 + b"\r\n\r\n",
        b"Subject: \xed\xa0\x80\r\n\r\n", b"From: a\r\n" + b" (" * 30_000 + b"\r\n\r\n"])
    async def test_any_bytes_at_all_are_kept(self, raw: bytes):
        begun = asyncio.get_running_loop().time()
        mail = await inbound.found(await keep(raw))
        assert mail.content == raw
        assert asyncio.get_running_loop().time() - begun < 1

    async def test_the_same_mail_twice_is_kept_twice(self):
        assert await keep() != await keep()
        assert await InboundMail.count() == 2

    async def test_waiting_mails_are_claimed_oldest_first_and_once(self):
        second = await keep(now=NOON + timedelta(seconds=1))
        first = await keep()
        assert [mail.id for mail in await inbound.claim_waiting(5, now=NOON)] == [first, second]
        assert await inbound.claim_waiting(5, now=NOON) == []

    async def test_many_readers_share_the_mails(self):
        kept = {await keep() for _ in range(12)}
        claimed = await asyncio.gather(*(inbound.claim_waiting(3, now=NOON) for _ in range(6)))
        assert sorted(mail.id for batch in claimed for mail in batch) == sorted(kept)

    async def test_a_reader_that_dies_loses_its_mail_with_the_lease(self):
        mail = await keep()
        await inbound.claim_waiting(1, now=NOON)
        assert await inbound.claim_waiting(1, now=NOON + timedelta(minutes=1)) == []
        assert [row.id for row in await inbound.claim_waiting(1, now=NOON + timedelta(minutes=3))] == [mail]

    async def test_a_mail_that_kills_every_reader_is_left_to_a_person(self):
        mail = await keep()
        for n in range(inbound.MOST_READS):
            assert len(await inbound.claim_waiting(1, now=NOON + timedelta(hours=n))) == 1
        assert await inbound.claim_waiting(1, now=NOON + timedelta(hours=99)) == []
        row = await inbound.found(mail)
        assert row.outcome == "needs-human"
        assert "stopped the reader" in row.reason

    async def test_a_mail_is_settled_once(self):
        mail, about = await keep(), uuid7()
        await inbound.settle(mail, outcome="update-partstat", reason="ACCEPTED", about=about, now=NOON)
        row = await inbound.found(mail)
        assert (row.outcome, row.reason, row.about, row.read_at, row.applied) == (
            "update-partstat", "ACCEPTED", about, NOON, True)
        with pytest.raises(Raced):
            await inbound.settle(mail, outcome="needs-human", now=NOON)
        assert await inbound.claim_waiting(1, now=NOON + timedelta(days=1)) == []

    async def test_of_two_mails_with_one_message_id_one_is_applied(self):
        first, second = await keep(), await keep()
        await inbound.settle(first, outcome="update-partstat", now=NOON)

        async def receive() -> None:
            async with transaction():
                await keep(b"something that the action writes")
                await inbound.settle(second, outcome="update-partstat", now=NOON)

        with pytest.raises(Raced, match="Message-ID"):
            await receive()
        assert await InboundMail.count() == 2
        await inbound.settle(second, outcome="ignored-duplicate", now=NOON)

    async def test_mails_without_a_message_id_do_not_stop_each_other(self):
        for _ in range(2):
            await inbound.settle(await keep(b"\r\n"), outcome="update-partstat", now=NOON)

    async def test_a_person_decides_once_about_a_mail_that_waits(self):
        mail, ben = await keep(), uuid7()
        with pytest.raises(Raced):
            await inbound.decide(mail, outcome="applied", by=ben, now=NOON)
        await inbound.settle(mail, outcome="needs-human", reason="From is a colleague", now=NOON)
        await inbound.decide(mail, outcome="applied", by=ben, now=NOON)
        with pytest.raises(Raced):
            await inbound.decide(mail, outcome="discarded", by=ben, now=NOON)
        row = await inbound.found(mail)
        assert (row.outcome, row.decided_by, row.reason) == ("applied", ben, "From is a colleague")

    async def test_a_mail_that_is_not_there_is_not_found(self):
        with pytest.raises(NotFound):
            await inbound.found(uuid7())


@pytest.mark.usefixtures("database")
class TestLmtp:
    async def test_250_means_that_the_mail_is_kept(self):
        async with LmtpServer(inbound.keep, "127.0.0.1", 0, accepts=ours) as door:
            assert await talk(door.port, handed_in()) == [250, 250, 250]
        [mail] = await InboundMail.objects()
        assert (mail.content, mail.door, mail.envelope_from, mail.envelope_to) == (
            RAW, "lmtp", "zoe@company.example", "day+x@floorday.example")

    async def test_no_address_and_no_word_of_a_mail_is_logged(self, caplog: pytest.LogCaptureFixture):
        with caplog.at_level(logging.DEBUG):
            async with LmtpServer(inbound.keep, "127.0.0.1", 0) as door:
                raw = b"Subject: canary-s\r\n\r\ncanary-b\r\n"
                await talk(door.port, handed_in(raw, "day+canary-t@floorday.example"))
        assert "canary" not in caplog.text

    async def test_what_cannot_be_kept_is_to_be_tried_again(self):
        async def full(_raw: bytes, **_more) -> None:
            raise Busy("The database is busy.")

        async with LmtpServer(full, "127.0.0.1", 0) as door:
            assert await talk(door.port, handed_in()) == [250, 250, 452]
        assert await InboundMail.count() == 0

    async def test_a_bounce_with_a_null_sender_is_kept(self):
        async with LmtpServer(inbound.keep, "127.0.0.1", 0) as door:
            assert await talk(door.port, handed_in(sender="")) == [250, 250, 250]
        [mail] = await InboundMail.objects()
        assert mail.envelope_from == ""

    async def test_each_recipient_gets_an_answer_of_its_own(self):
        to = ("day+a@floorday.example", "else@elsewhere.example", "day+b@floorday.example")
        async with LmtpServer(inbound.keep, "127.0.0.1", 0, accepts=ours) as door:
            assert await talk(door.port, handed_in(RAW, *to)) == [250, 250, 550, 250, 250, 250]
        assert sorted(mail.envelope_to for mail in await InboundMail.objects()) == [to[0], to[2]]

    async def test_lines_may_be_as_long_as_the_mail(self):
        raw = b"Subject: long\r\n\r\n" + b"x" * 700_000 + b"\r\n.\xff\x00 dot\r\n"
        async with LmtpServer(inbound.keep, "127.0.0.1", 0) as door:
            assert await talk(door.port, handed_in(raw)) == [250, 250, 250]
        [mail] = await InboundMail.objects()
        assert mail.content == raw

    @pytest.mark.parametrize("line", [b"x" * 998 + b"\r\n", b"x" * 15_000_000 + b"\r\n"])
    async def test_more_than_the_cap_is_refused_for_each_recipient(self, line: bytes):
        raw = b"Subject: big\r\n\r\n" + line * (13_000_000 // len(line) + 1)
        to = ("day+a@floorday.example", "day+b@floorday.example")
        async with LmtpServer(inbound.keep, "127.0.0.1", 0) as door:
            answers = await talk(door.port, handed_in(raw, *to))
            assert answers[:3] == [250, 250, 250]
            assert [code // 100 for code in answers[3:]] == [5, 5]
            assert await talk(door.port, handed_in()) == [250, 250, 250]
        assert await InboundMail.count() == 1

    async def test_a_line_cut_before_the_dot_keeps_nothing(self):
        async with LmtpServer(inbound.keep, "127.0.0.1", 0) as door:
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(b"LHLO a\r\nMAIL FROM:<a@b.example>\r\n"
                         b"RCPT TO:<day@floorday.example>\r\nDATA\r\nSubject: x\r\n\r\nhal")
            await writer.drain()
            while b"354" not in await reader.readline():
                pass
            writer.transport.abort()
            await asyncio.sleep(0.05)
        assert await InboundMail.count() == 0

    async def test_a_silent_or_trickling_client_is_hung_up_on(self):
        async with LmtpServer(inbound.keep, "127.0.0.1", 0, seconds=0.3) as door:
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            await reader.readline()

            async def trickle() -> None:
                while True:
                    writer.write(b"NOOP\r\n")
                    await asyncio.sleep(0.05)

            trickling = asyncio.create_task(trickle())
            try:
                async with asyncio.timeout(3):
                    while await reader.readline():
                        pass
            except ConnectionError:
                pass
            finally:
                trickling.cancel()
            assert door.open == set()

    async def test_more_connections_than_allowed_are_asked_to_come_later(self):
        async with LmtpServer(inbound.keep, "127.0.0.1", 0, connections=2) as door:
            held = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(2)]
            for reader, _ in held:
                assert (await reader.readline()).startswith(b"220")
            reader, _ = await asyncio.open_connection("127.0.0.1", door.port)
            assert (await reader.readline()).startswith(b"421")
            assert await reader.read() == b""
            held[0][1].close()
            await asyncio.sleep(0.05)
            assert await talk(door.port, handed_in()) == [250, 250, 250]

    async def test_what_an_mta_never_says_is_survived(self):
        async with LmtpServer(inbound.keep, "127.0.0.1", 0) as door:
            for nonsense in (b"\xff\xfe\r\n", b"GET / HTTP/1.1\r\n\r\n", b"RCPT TO:<" + b"a" * 5000 + b">\r\n",
                             b"\x00\r\n"):
                reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
                writer.write(b"LHLO a\r\n" + nonsense + b"QUIT\r\n")
                answers = await asyncio.wait_for(reader.read(), 5)
                assert b"\r\n5" in answers
            assert await talk(door.port, handed_in()) == [250, 250, 250]


@pytest.mark.usefixtures("database")
class TestSmtp:
    """The door for mail servers without LMTP: one answer for all recipients."""

    @staticmethod
    async def sent(port: int, raw: bytes, *to: str) -> dict[str, tuple[int, bytes]]:
        def speak() -> dict[str, tuple[int, bytes]]:
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as session:
                return session.sendmail("zoe@company.example", list(to), raw)

        return await asyncio.to_thread(speak)

    async def test_250_means_kept_for_each_recipient(self):
        to = ("day+a@floorday.example", "day+b@floorday.example", "else@elsewhere.example")
        async with SmtpServer(inbound.keep, "127.0.0.1", 0, accepts=ours) as door:
            refused = await self.sent(door.port, RAW, *to)
        assert {address: code for address, (code, _words) in refused.items()} == {to[2]: 550}
        mails = await InboundMail.objects()
        assert sorted((mail.envelope_to, mail.door, mail.envelope_from) for mail in mails) == [
            (address, "smtp", "zoe@company.example") for address in to[:2]]
        assert {bytes(mail.content) for mail in mails} == {RAW}

    async def test_kept_for_all_or_for_none(self):
        asked: list[str] = []

        async def second_fails(raw: bytes, **more: Any) -> None:
            asked.append(more["envelope_to"])
            if len(asked) == 2:
                raise Busy("The database is busy.")
            await inbound.keep(raw, **more)

        async with SmtpServer(second_fails, "127.0.0.1", 0) as door:
            with pytest.raises(smtplib.SMTPDataError) as said:
                await self.sent(door.port, RAW, "day+a@floorday.example", "day+b@floorday.example")
        assert said.value.smtp_code == 452
        assert len(asked) == 2
        assert await InboundMail.count() == 0

    async def test_it_speaks_smtp_and_passes_nothing_on(self):
        async with SmtpServer(inbound.keep, "127.0.0.1", 0, accepts=ours) as door:
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                await self.sent(door.port, RAW, "else@elsewhere.example")
            assert 250 not in await talk(door.port, handed_in())  # by LHLO
        assert await InboundMail.count() == 0
