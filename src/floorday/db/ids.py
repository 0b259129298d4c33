"""Ids that sort by time and cannot be guessed."""

from __future__ import annotations

import secrets
from uuid import UUID

from floorday import config


def uuid7() -> UUID:
    """Make a version 7 UUID: milliseconds, their 4096th parts, 62 random bits (RFC 9562, 5.7, 6.2 method 3).

    Ids that one process makes one after the other sort so, which lists ordered by time and then id rely on.
    """
    nanoseconds = config.nanoseconds()
    milliseconds = (nanoseconds // 1_000_000) & 0xFFFF_FFFF_FFFF
    part = nanoseconds % 1_000_000 * 4096 // 1_000_000
    return UUID(int=milliseconds << 80 | 0x7 << 76 | part << 64 | 0b10 << 62 | secrets.randbits(62))
