"""The month that a figure is taken for: its edges in the programme's zone."""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
FIRST_YEAR = 2  # a year of cohorts before it must still be dates
COHORTS = 12


class Window(Struct, frozen=True):
    """A month: from `start` up to `after`; only what happened before `end` counts."""

    month: str
    start: datetime
    after: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def complete(self) -> bool:
        """Say whether the month is over."""
        return self.end == self.after

    def has(self, at: datetime | None) -> bool:
        """Say whether this happened in the month, and early enough to count."""
        return at is not None and self.start <= at < self.end

    def first_day(self) -> date:
        """Name the month's first day."""
        return date.fromisoformat(f"{self.month}-01")

    def last_date(self) -> date:
        """Name the date of the last instant that counts."""
        return local_date(self.end - timedelta.resolution, self.zone)


def window(month: str, *, now: datetime, zone: ZoneInfo) -> Window | None:
    """Find the edges of a month "yyyy-mm"; None if it has not begun.

    Raises ValueError when the text names no month.
    """
    parts = MONTH.fullmatch(month)
    if parts is None or int(parts[1]) < FIRST_YEAR:
        raise ValueError(f"not a month: {month!r}")
    now = now.astimezone(UTC)
    first = date(int(parts[1]), int(parts[2]), 1)
    if first > local_date(now, zone) + timedelta(days=1):  # clocks may go back over midnight, and a date begin once
        return None
    start, after = first_instant(first, zone), first_instant(months_on(first, 1), zone)
    return Window(month, start, after, min(now, after), zone) if start <= now else None


@lru_cache(maxsize=4096)
def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """Say when a date begins; where clocks skip midnight, that is the instant of the change."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """Name the date on the programme's calendar."""
    return at.astimezone(zone).date()


def months_on(first: date, months: int) -> date:
    """Go some months on, or back, from the first of a month."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def year_up_to(window: Window) -> Year:
    """List the twelve months up to and with this one, oldest first."""
    firsts = [months_on(window.first_day(), back) for back in range(1 - COHORTS, 2)]
    return Year(
        tuple(f"{first:%Y-%m}".rjust(7, "0") for first in firsts[:-1]),
        tuple(first_instant(first, window.zone) for first in firsts),
    )


class Year(Struct, frozen=True):
    """Twelve months and their thirteen edges."""

    months: tuple[str, ...]
    edges: tuple[datetime, ...]

    def has(self, at: datetime) -> bool:
        """Say whether this fell in one of the months."""
        return self.edges[0] <= at < self.edges[-1]

    def place(self, at: datetime) -> int | None:
        """Say which of the months this fell in, None if in no one of them."""
        place = bisect_right(self.edges, at) - 1
        return place if 0 <= place < len(self.months) else None


def working_days(since: date, until: date) -> int:
    """Count Mondays to Fridays after one date, up to and including another."""
    return max(0, _weekdays(until) - _weekdays(since))


def _weekdays(day: date) -> int:
    weeks, rest = divmod(day.toordinal(), 7)  # date(1, 1, 1) is a Monday
    return weeks * 5 + min(rest, 5)
