"""Ids that sort by time and cannot be guessed."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """Make a version 7 UUID: 48 bits of Unix milliseconds, then 74 random bits (RFC 9562, 5.7).

    Two made in the same millisecond come in no particular order.
    """
    milliseconds = (time.time_ns() // 1_000_000) & 0xFFFF_FFFF_FFFF
    tail = secrets.randbits(74)
    high, low = tail >> 62, tail & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
