"""The system's time, or one that the setting `clock` has set and that runs on from there.

A clock that is set runs: letters wait for their undo, leases and sessions end. And it is one clock for every process
of an installation, however late each of them starts: a sign-in link printed by a command is as old to the server as it
is. So the moment at which the setting was first met is kept in a file. The same setting goes on from it, so nothing
that was written yesterday lies in the future today; another setting begins anew.
"""

from __future__ import annotations

import fcntl
import os
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from floorday.errors import Misconfigured

FIRST, LAST = 1980, 2200
"""Years in which a clock can stand, so that no sum of dates leaves the calendar."""
EXAMPLE = "2027-01-15T09:00"


def moment(written: str, zone: str) -> datetime:
    """Read the setting: a date (its first moment) or a date and time, in `zone` where it names no offset.

    Raise ValueError where it is neither.
    """
    read = datetime.fromisoformat(written)
    if not FIRST <= read.year <= LAST:
        raise ValueError(written)
    return (read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def wrong(written: str) -> str | None:
    """Say what is wrong with the setting, or nothing."""
    try:
        if written:
            moment(written, "UTC")
    except ValueError:
        return f"{written!r} is not a date, or a date and time, between {FIRST} and {LAST} (or leave it empty)."
    return None


def system() -> datetime:
    """Give what the machine's own clock says, whatever is set."""
    return datetime.fromtimestamp(time.time(), UTC)


def nanoseconds() -> int:
    """Give the time since 1970 by the machine's own clock."""
    return time.time_ns()


@cache
def ahead(written: str, zone: str, kept: Path) -> int:
    """Say by how many nanoseconds the clock that is set is ahead of the machine's; `kept` holds since when it runs."""
    set_to = int(moment(written, zone).timestamp()) * 1_000_000_000
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(kept, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            said, _, at = file.read().strip().partition(" ")
            if said == str(set_to) and at.isdecimal():
                return set_to - int(at)
            met = time.time_ns()
            file.seek(0)
            file.truncate()
            file.write(f"{set_to} {met}\n")
    except OSError as error:
        raise Misconfigured("clock", f"{kept} keeps since when it runs, and cannot be used: {error}.",
                            example="a folder that this user may write") from error
    return set_to - met
