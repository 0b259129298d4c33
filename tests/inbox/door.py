"""Mail in and out as the tests of the Inbox need it: letters that leave are kept, answers come in over LMTP."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any

from floorday import worker
from floorday.db import run_sql
from floorday.mail import inbound, outbox


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
    async with inbound.LmtpServer(inbound.keep, "127.0.0.1", 0, accepts=lambda _address: True) as door:
        address = to or str(message_from_bytes(raw, policy=policy.default)["To"])

        def hand_over() -> None:
            with smtplib.LMTP("127.0.0.1", door.port) as session:
                session.sendmail(sender, [address], raw)

        await asyncio.to_thread(hand_over)
    await worker.read_mails(now=lambda: now)
    rows = await run_sql("SELECT outcome FROM inbound_mail ORDER BY received_at DESC, id DESC")
    return str(rows[0]["outcome"])
