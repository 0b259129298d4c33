"""Mails are taken apart in a process of their own, with limits (IN-07): a bomb harms nobody but itself."""

from __future__ import annotations

import msgspec

from floorday.apart import Apart
from floorday.calendar.facts import Incoming

CPU_SECONDS = 2
MEMORY = 256 * 1024 * 1024

TOO_MUCH_WORK = Incoming(refused="too-much-work")


def understood(raw: bytes) -> bytes:
    """Read a mail, and give what it says as bytes."""
    from floorday.calendar.reply import read  # here alone: what reads foreign bytes is not in the process that asks

    return msgspec.msgpack.encode(read(raw or _WARM))


mails = Apart("floorday.calendar.reader:understood", cpu_seconds=CPU_SECONDS, memory=MEMORY)


def read_apart(raw: bytes) -> Incoming:
    """Read a mail as `reply.read` does, in a process with limits. Blocks: call it in a thread.

    Over a limit the result says `refused="too-much-work"`. Raise OSError when no process can be started at all.
    """
    answer = mails.ask(raw or b"\n")
    return msgspec.msgpack.decode(answer, type=Incoming) if answer else TOO_MUCH_WORK


def close() -> None:
    """End the process, if one was started here; the next mail starts another."""
    mails.close()


_WARM = (
    b"From: a@b.example\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n"
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\n"
    b"DTSTART;TZID=Europe/London:20260101T090000\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)
"""Loads all that reading needs; what stands in it goes nowhere."""
