"""The whole turn through servers that we did not write: floorday, Postfix, Dovecot, and a mailbox read by IMAP.

The worker is a process of its own. Every answer is put together here, as calendar programs write them, and sent
through Postfix; nothing of floorday's own reading or writing of calendars takes part in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import smtplib
import socket
import sys
import time
from base64 import encodebytes
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from icalendar import Event as VEvent
from imap_tools import MailBoxUnencrypted
from msgspec import structs

from floorday import config, db
from floorday.bookings import actions as bookings
from floorday.bookings import queries as booking_queries
from floorday.bookings.queries import BookingRow
from floorday.bookings.rules import State
from floorday.db import run_sql
from floorday.mail.outbox import Sent
from floorday.people.tables import Grant, Person
from tests.cast import Cast, a_booking, a_shift, make_cast
from tests.mail.mail_system import HOST, PASSWORD, MailSystem, end, mail_system, missing, start

COMPANY = "floorday.example"
OURS = "reply.floorday.example"
PEOPLE = ("ann", "ben", "cleo", "dan", "eva", "fay", "gus", "hana", "max", "ines", "ada")
AWAY = ("lou",)
PATIENCE = 20.0


@pytest.fixture(scope="session")
def servers(shared_folder: Path, worker_id: str) -> Iterator[MailSystem]:
    """A mail system for each worker of the test session, in a folder that its own users can reach."""
    if why_not := missing():
        pytest.skip(why_not)
    folder = shared_folder / f"mail-{worker_id}"
    folder.mkdir()
    with mail_system(folder, domain=COMPANY, people=PEOPLE, away=AWAY, ours=OURS) as mail:
        yield mail
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    return getattr(request.config, "workerinput", {}).get("workerid", "alone")


@dataclass
class House:
    """A floorday whose letters leave through Postfix, with its cast; the worker runs when a test says so."""

    mail: MailSystem
    cast: Cast
    folder: Path
    shown: int = 0

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Let `floorday worker` run, and see that it ends by itself when told to."""
        self.shown += 1
        log = self.folder / f"worker-{self.shown}.log"
        command = [sys.executable, "-m", "floorday", "worker"]
        worker = start(command, output=log, cwd=self.folder, env=dict(os.environ))
        try:
            await until(lambda: listens(self.mail.lmtp) or worker.poll() is not None, "The worker listens.")
            assert worker.poll() is None, log.read_text()
            yield
        except BaseException:
            print(log.read_text(), self.mail.log(), sep="\n")  # noqa: T201
            raise
        finally:
            assert await asyncio.to_thread(end, worker) == 0, log.read_text()
        said = log.read_text()
        assert "Traceback" not in said, said

    def mails(self, who: str) -> list[EmailMessage]:
        """Read somebody's mailbox by IMAP, oldest first."""
        with MailBoxUnencrypted(HOST, self.mail.imap).login(who, PASSWORD) as box:
            return [whole(mail.obj.as_bytes()) for mail in box.fetch(mark_seen=False)]

    async def letter(self, who: str, number: int) -> EmailMessage:
        """Wait until somebody has so many letters, and give the last."""
        found: list[EmailMessage] = []

        def arrived() -> bool:
            found[:] = self.mails(who)
            return len(found) >= number

        await until(arrived, f"Letter {number} is in the mailbox of {who}.")
        assert len(found) == number, [mail["Subject"] for mail in found]
        return found[-1]

    async def becomes(self, booking: BookingRow, state: State) -> BookingRow:
        """Wait until a booking is in this state."""
        until_then = time.monotonic() + PATIENCE
        while (now := await booking_queries.booking(booking.id)).state is not state:
            if time.monotonic() > until_then:
                outcomes = await run_sql("SELECT outcome, reason, subject FROM inbound_mail ORDER BY received_at")
                pytest.fail(f"The booking is still {now.state}. Mails: {outcomes}")
            await asyncio.sleep(0.05)
        return now

    async def outcomes(self, number: int) -> list[str]:
        """Wait until so many mails have been read, and give what became of them, oldest first."""
        until_then = time.monotonic() + PATIENCE
        while True:
            rows = await run_sql("SELECT outcome FROM inbound_mail WHERE read_at IS NOT NULL ORDER BY received_at, id")
            if len(rows) >= number or time.monotonic() > until_then:
                return [str(row["outcome"]) for row in rows]
            await asyncio.sleep(0.05)

    async def fate(self, booking: BookingRow, *wanted: str) -> Sent:
        """Wait until the one letter about a booking to its manager has come to this."""
        until_then = time.monotonic() + PATIENCE
        while True:
            (letter,) = [
                one for one in await booking_queries.letters(booking.id) if one.to_address == booking.manager_email]
            if letter.fate in wanted or time.monotonic() > until_then:
                return letter
            await asyncio.sleep(0.05)

    async def all_sent(self, booking: BookingRow) -> None:
        """Wait until every letter about a booking has left."""
        until_then = time.monotonic() + PATIENCE
        while left := [one for one in await booking_queries.letters(booking.id) if one.fate != "sent"]:
            assert time.monotonic() < until_then, left
            await asyncio.sleep(0.05)

    async def send(self, reply: EmailMessage | bytes, *, sender: str, to: str) -> None:
        """Hand a mail to Postfix, as somebody's mail program does."""
        raw = reply if isinstance(reply, bytes) else reply.as_bytes(policy=policy.SMTP)

        def hand_over() -> None:
            with smtplib.SMTP(HOST, self.mail.smtp) as session:
                session.sendmail(sender, [to], raw)

        await asyncio.to_thread(hand_over)


@pytest.fixture
async def house(
    servers: MailSystem, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """The settings an administrator would write, in the environment of this test and of the worker it starts."""
    chosen = {
        "database": database_url, "mail_domain": OURS, "mail_from": f"floorday@{OURS}", "company": "Bright & Söhne",
        "smtp_host": HOST, "smtp_port": str(servers.smtp), "smtp_security": "none",
        "lmtp_listen": f"{HOST}:{servers.lmtp}", "undo_seconds": "0",
    }  # fmt: skip
    for name, value in chosen.items():
        monkeypatch.setenv(f"FLOORDAY_{name.upper()}", value)
    config.settings.cache_clear()
    servers.empty()
    db.bind(db.make_engine(database_url))
    await db.open_pools()
    try:
        yield House(servers, await make_cast(config.now()), tmp_path)
    finally:
        await db.close_pools()
        config.settings.cache_clear()


async def until(true: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(true):
        assert time.monotonic() < end, f"This was waited for in vain: {what}"
        await asyncio.sleep(0.1)


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex((HOST, port)) == 0


def whole(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


# ---- a mailbox's side of a letter

@dataclass
class Invited:
    """What somebody's calendar takes out of a letter."""

    method: str
    uid: str
    sequence: int
    stamped: datetime
    organizer: str
    attendee: str
    status: str
    starts: datetime
    ends: datetime
    summary: str


def calendar_of(mail: EmailMessage) -> Invited:
    """Read a letter's calendar as a client would, and see that it is one that clients act on."""
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics"]
    *_words, inline, attached = mail.walk()
    ics = inline.get_payload(decode=True)
    assert isinstance(ics, bytes)
    assert attached.get_payload(decode=True) == ics
    assert (attached.get_filename(), attached.get_content_disposition()) == ("invite.ics", "attachment")
    assert inline.get_content_disposition() is None
    assert (inline.get_content_charset(), inline["Content-Type"].params["component"]) == ("utf-8", "VEVENT")
    calendar = Calendar.from_ical(ics)
    (event,) = calendar.walk("VEVENT")
    assert inline["Content-Type"].params["method"] == str(calendar["METHOD"])
    lines = ics.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    organizer, attendee = address(event["ORGANIZER"]), address(event["ATTENDEE"])
    # Answers go to one of these; which, differs by program.
    assert parseaddr(mail["From"])[1] == parseaddr(mail["Return-Path"])[1] == organizer
    assert mail["Reply-To"] is None
    assert parseaddr(mail["To"])[1] == attendee
    assert mail["Auto-Submitted"] == "auto-generated"
    return Invited(
        method=str(calendar["METHOD"]), uid=str(event["UID"]), sequence=int(event["SEQUENCE"]),
        stamped=event["DTSTAMP"].dt, organizer=organizer, attendee=attendee, status=str(event["STATUS"]),
        starts=event["DTSTART"].dt.astimezone(UTC), ends=event["DTEND"].dt.astimezone(UTC),
        summary=str(event["SUMMARY"]),
    )  # fmt: skip


def address(value: str) -> str:
    return re.sub("^mailto:", "", str(value), flags=re.IGNORECASE).lower()


def words_of(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    text = body.get_content()
    return " ".join(re.sub("<[^>]+>", " ", text).split() if kind == "html" else text.split())


# ---- answers, as two programs write them

def exchange_reply(invited: Invited, name: str, *, partstat: str, now: datetime) -> bytes:
    """As Exchange writes: one base64 calendar part in Windows' names of zones, no ORGANIZER, and a comment."""
    said = {"ACCEPTED": "Accepted", "DECLINED": "Declined", "TENTATIVE": "Tentative"}[partstat]
    there = ZoneInfo("Europe/London")
    starts, ends = (f"{at.astimezone(there):%Y%m%dT%H%M%S}" for at in (invited.starts, invited.ends))
    ics = f"""\
BEGIN:VCALENDAR
METHOD:REPLY
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:GMT Standard Time
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T010000
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
ATTENDEE;PARTSTAT={partstat};CN={name}:MAILTO:{invited.attendee}
COMMENT;LANGUAGE=en-GB:See you there\\, and thank you.\\n
UID:{invited.uid}
SUMMARY;LANGUAGE=en-GB:{said}: {invited.summary}
DTSTART;TZID=GMT Standard Time:{starts}
DTEND;TZID=GMT Standard Time:{ends}
CLASS:PUBLIC
PRIORITY:5
DTSTAMP:{now:%Y%m%dT%H%M%SZ}
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:{invited.sequence}
X-MICROSOFT-CDO-APPT-SEQUENCE:{invited.sequence}
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY
X-MICROSOFT-DISALLOW-COUNTER:FALSE
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()
    head = f"""\
From: {name} <{invited.attendee}>
To: <{invited.organizer}>
Subject: {said}: {invited.summary}
Thread-Topic: {invited.summary}
Date: {format_datetime(now)}
Message-ID: {make_msgid(domain="mail.floorday.example")}
MIME-Version: 1.0
Content-Language: en-GB
X-MS-Exchange-Calendar-Originator-Id: 0f1e2d
Content-Type: multipart/alternative;
\tboundary="_000_4F2A_"

--_000_4F2A_
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

See you there, and thank you.

--_000_4F2A_
Content-Type: text/calendar; charset="utf-8"; method=REPLY
Content-Transfer-Encoding: base64

{encodebytes(ics).decode()}
--_000_4F2A_--
"""
    return head.replace("\n", "\r\n").encode()


def apple_reply(invited: Invited, name: str, *, partstat: str, now: datetime) -> EmailMessage:
    """As Apple's calendar writes: words and the calendar in one mixed mail, the ORGANIZER kept, times in UTC."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Apple Inc.//macOS 14.5//EN")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "REPLY")
    event = VEvent()
    event.add("uid", invited.uid)
    event.add("dtstart", invited.starts)
    event.add("dtend", invited.ends)
    event.add("dtstamp", now.replace(microsecond=0))
    event.add("last-modified", now.replace(microsecond=0))
    event.add("sequence", invited.sequence)
    event.add("summary", invited.summary)
    event.add("organizer", f"mailto:{invited.organizer}", parameters={"CN": "floorday"})
    event.add("attendee", f"mailto:{invited.attendee}", parameters={
        "CN": name, "CUTYPE": "INDIVIDUAL", "PARTSTAT": partstat, "ROLE": "REQ-PARTICIPANT"})
    calendar.add_component(event)
    mail = EmailMessage()
    mail["From"] = f"{name} <{invited.attendee}>"
    mail["To"] = invited.organizer
    mail["Subject"] = f"{name} {partstat.lower()} “{invited.summary}”"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain="mac.floorday.example")
    mail["X-Mailer"] = "iCal 14.0"
    mail.set_content(f"{name} has {partstat.lower()} your invitation.\n")
    mail.make_mixed()
    mail.add_attachment(
        calendar.to_ical(), maintype="text", subtype="calendar", filename="iCal-20261122-101500.ics",
        disposition="inline", params={"method": "REPLY", "charset": "utf-8"})
    return mail


# ---- the turn

async def test_a_day_is_invited_to_accepted_moved_accepted_again_and_cancelled(house: House) -> None:
    cast = house.cast
    async with house.working():
        booking = await a_booking(cast, now=config.now())
        letter = await house.letter("ann", 1)
        first = calendar_of(letter)
        assert (first.method, first.sequence, first.status) == ("REQUEST", 0, "CONFIRMED")
        assert (first.uid, first.attendee) == (booking.uid, "ann@floorday.example")
        assert (first.starts, first.ends) == (booking.starts_at, booking.ends_at)
        assert first.organizer.endswith(f"@{OURS}")
        there = booking.starts_at.astimezone(ZoneInfo("Europe/London"))
        for kind in ("plain", "html"):
            said = words_of(letter, kind)
            assert f"{there:%A} {there.day} {there:%B %Y}, {there:%H:%M} to" in said
            assert "(London time); for you" in said
            assert "(Stockholm time)" in said
            assert "Leeds, floor 3" in said
        assert parseaddr(letter["From"])[0] == "Bright & Söhne"

        await house.send(
            exchange_reply(first, "Ann Archer", partstat="ACCEPTED", now=config.now()),
            sender="ann@floorday.example", to=first.organizer)  # fmt: skip
        accepted = await house.becomes(booking, State.ACCEPTED)
        assert accepted.comment.strip() == "See you there, and thank you."
        confirmation = await house.letter("ann", 2)
        assert confirmation["Subject"].startswith("Your answer is yes: Billing")
        assert letter["Message-ID"] in confirmation["References"]
        for who in ("ben", "fay"):
            assert (await house.letter(who, 1))["Subject"].startswith("Ann Archer comes on")

        later = await a_shift(cast, now=config.now(), days=25, at=12, hours=4)
        await bookings.move(cast.ben, booking.id, shift=later.id, now=config.now())
        letter = await house.letter("ann", 3)
        moved = calendar_of(letter)
        assert (moved.method, moved.uid, moved.sequence) == ("REQUEST", first.uid, 1)
        assert moved.stamped > first.stamped
        assert (moved.starts, moved.ends) == (later.starts_at, later.ends_at)
        assert moved.organizer == first.organizer
        assert confirmation["References"] in letter["References"]

        # The phone was in a tunnel: a no to the date that is gone.
        await house.send(
            apple_reply(first, "Ann Archer", partstat="DECLINED", now=config.now()),
            sender="ann@floorday.example", to=first.organizer)  # fmt: skip
        assert await house.outcomes(2) == ["update-partstat", "ignored-stale"]
        assert (await booking_queries.booking(booking.id)).state is State.INVITED

        await house.send(
            apple_reply(moved, "Ann Archer", partstat="ACCEPTED", now=config.now()),
            sender="ann@floorday.example", to=moved.organizer)  # fmt: skip
        await house.becomes(booking, State.ACCEPTED)
        assert (await house.letter("ann", 4))["Subject"].startswith("Your answer is yes: Billing")

        await bookings.cancel(cast.ben, booking.id, reason="The floor is being rebuilt.", now=config.now())
        letter = await house.letter("ann", 5)
        gone = calendar_of(letter)
        assert (gone.method, gone.status, gone.uid, gone.sequence) == ("CANCEL", "CANCELLED", first.uid, 2)
        assert gone.stamped > moved.stamped
        assert "The floor is being rebuilt." in words_of(letter, "plain")
        done = await booking_queries.booking(booking.id)
        assert (done.state, done.sequence) == (State.CANCELLED, 2)
        await house.all_sent(booking)
        await until(lambda: house.mail.queued().startswith("Mail queue is empty"), "Postfix has handed on everything.")


async def test_what_the_mail_server_refuses_is_shown_in_its_words_and_what_it_puts_off_arrives(house: House) -> None:
    cast = house.cast
    house.mail.answer("ann@floorday.example", "450 4.2.1 The mailbox is being moved, please come back later")
    await Person.update({Person.email: "nobody.here@floorday.example"}).where(Person.id == cast.max.person)
    lou = Person(name="Lou Lind", email="lou@floorday.example", created_at=config.now())
    await Person.insert(lou)
    await Grant.insert(Grant(person=lou.id, role="manager", granted_at=config.now()))
    async with house.working():
        now = config.now()
        unknown = await a_booking(cast, now=now, manager=cast.max, days=20)
        busy = await a_booking(cast, now=now, manager=cast.ann, days=21)
        away = await a_booking(cast, now=now, manager=structs.replace(cast.max, person=lou.id), days=22)

        refused = await house.fate(unknown, "failed")
        assert (refused.fate, refused.attempts) == ("failed", 1)
        assert "550" in refused.server_words
        assert "5.1.1 <nobody.here@floorday.example>: Recipient address rejected: User unknown" in refused.server_words
        assert await booking_queries.undelivered({unknown.id}) == {unknown.id: refused.server_words}

        put_off = await house.fate(busy, "trying")
        assert (put_off.fate, put_off.attempts) == ("trying", 1)
        assert "The mailbox is being moved, please come back later" in put_off.server_words

        # Postfix took this one, and Dovecot did not.
        returned = await house.fate(away, "failed")
        assert returned.fate == "failed"
        assert "User doesn't exist: lou@floorday.example" in returned.server_words
        assert await house.outcomes(1) == ["bounce-recorded"]

        house.mail.answer("ann@floorday.example", "")
        assert house.mails("ann") == []
        (row,) = await run_sql("SELECT next_try_at FROM letter WHERE id = {}", put_off.id)
        waits = moment(row["next_try_at"]) - config.now()
        assert timedelta(seconds=20) < waits < timedelta(seconds=75)
        await run_sql("UPDATE letter SET next_try_at = {} WHERE id = {}", config.now(), put_off.id)
        assert calendar_of(await house.letter("ann", 1)).uid == busy.uid
        arrived = await house.fate(busy, "sent")
        assert (arrived.fate, arrived.attempts, arrived.server_words) == ("sent", 2, "")


async def test_under_tls_and_while_floorday_is_down_nothing_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOORDAY_SMTP_SECURITY", "starttls")
    monkeypatch.setenv("FLOORDAY_SMTP_HOST", "localhost")
    monkeypatch.setenv("FLOORDAY_SMTP_USER", "ada")
    monkeypatch.setenv("FLOORDAY_SMTP_PASSWORD", PASSWORD)
    monkeypatch.setenv("SSL_CERT_FILE", str(house.mail.authority))
    booking = await a_booking(house.cast, now=config.now())
    assert (await booking_queries.letters(booking.id))[0].fate == "waiting"
    async with house.working():
        letter = await house.letter("ann", 1)
    came = " ".join(" ".join(letter.get_all("Received", [])).split())
    assert re.search(r"using TLSv1\.[23].*\(Authenticated sender: ada\).*with ESMTPSA", came), came
    invited = calendar_of(letter)

    await house.send(
        exchange_reply(invited, "Ann Archer", partstat="TENTATIVE", now=config.now()),
        sender="ann@floorday.example", to=invited.organizer)  # fmt: skip
    await until(lambda: "Connection refused" in house.mail.queued(), "Postfix keeps the answer.")
    assert await run_sql("SELECT id FROM inbound_mail") == []

    async with house.working():
        house.mail.flush()
        await house.becomes(booking, State.TENTATIVE)
        assert (await house.letter("ann", 2))["Subject"].startswith("Your answer is maybe: Billing")
    await until(lambda: house.mail.queued().startswith("Mail queue is empty"), "Postfix has handed on everything.")


def moment(stored: object) -> datetime:
    """A time as either database gives it."""
    at = stored if isinstance(stored, datetime) else datetime.fromisoformat(str(stored))
    return at if at.tzinfo else at.replace(tzinfo=UTC)
