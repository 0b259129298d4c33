"""Mail in and out as the tests of the Inbox need it: letters that leave are kept, answers come in over LMTP."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

from floorday import worker
from floorday.db import run_sql
from floorday.demo import clients
from floorday.mail import doors, inbound, outbox


class Keeping:
    """A carrier that keeps what it is given, as a mailbox does."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []

    async def send(self, batch: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for parcel in batch:
            self.raw.append(parcel.raw)
            yield parcel, None


async def delivered(now: datetime) -> list[bytes]:
    """Let every letter that is due leave, and give the calendar ones."""
    mailbox = Keeping()
    while await outbox.deliver(sender=mailbox, calendar_part=worker.calendar_part, now=now, limit=50):
        pass
    return [raw for raw in mailbox.raw if b"text/calendar" in raw]


async def posted(raw: bytes, *, now: datetime, to: str = "", sender: str = "ann@floorday.example") -> str:
    """Hand a mail to the LMTP door, let the reader read it, and give the outcome."""
    async with doors.LmtpServer(inbound.keep, "127.0.0.1", 0, accepts=lambda _address: True) as door:
        address = to or str(message_from_bytes(raw, policy=policy.default)["To"])

        def hand_over() -> None:
            with smtplib.LMTP("127.0.0.1", door.port) as session:
                session.sendmail(sender, [address], raw)

        await asyncio.to_thread(hand_over)
    await worker.read_mails(now=lambda: now)
    rows = await run_sql("SELECT outcome FROM inbound_mail ORDER BY received_at DESC, id DESC")
    return str(rows[0]["outcome"])


def proposal(
    invitation: bytes, *, later: timedelta, now: datetime, message_id: str = "counter@floorday.example",
) -> bytes:  # fmt: skip
    """Propose another time as Gmail does: the invitation's event with new times and METHOD:COUNTER."""
    card = clients.read(invitation).card
    assert card is not None
    return calendar_mail("COUNTER", card, now=now, message_id=message_id, lines=(
        f"DTSTART:{card.starts_at + later:%Y%m%dT%H%M%SZ}",
        f"DTEND:{card.ends_at + later:%Y%m%dT%H%M%SZ}",
        f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{card.attendee}",
    ))  # fmt: skip


def refresh(invitation: bytes, *, now: datetime, message_id: str = "refresh@floorday.example") -> bytes:
    """Ask for the event again (RFC 5546 3.2.6)."""
    card = clients.read(invitation).card
    assert card is not None
    return calendar_mail("REFRESH", card, now=now, message_id=message_id, lines=(f"ATTENDEE:mailto:{card.attendee}",))


def calendar_mail(
    method: str, card: clients.Card, *, now: datetime, lines: tuple[str, ...], message_id: str, sender: str = "",
) -> bytes:  # fmt: skip
    """Write a mail with one calendar part about the event of a card, as a calendar program would."""
    event = (
        "BEGIN:VCALENDAR", "PRODID:-//Example//Calendar//EN", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT",
        f"UID:{card.uid}", f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}", f"SEQUENCE:{card.sequence}",
        f"ORGANIZER:mailto:{card.organizer}", *lines, "END:VEVENT", "END:VCALENDAR", "",
    )  # fmt: skip
    head = (
        f"From: {sender or card.attendee}", f"To: {card.organizer}", "Subject: About the day",
        f"Message-ID: <{message_id}>", "MIME-Version: 1.0",
        f'Content-Type: text/calendar; charset="UTF-8"; method={method}', "Content-Transfer-Encoding: 8bit", "", "",
    )  # fmt: skip
    return ("\r\n".join(head) + "\r\n".join(event)).encode()
