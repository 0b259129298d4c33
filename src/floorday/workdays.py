"""Working days, as charters, reminders and the calendar of summaries count them: dates, never hours.

Mondays to Fridays, without the holidays of the country (and part of it) in the settings, and without the days that
the company names itself. The figures of a month count plain Mondays to Fridays instead, so that anybody can count
them again (docs/concepts.md).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache, lru_cache

from floorday.config import settings

FRIDAY = 4
FARTHEST = 4000
"""No charter counts more days than that, nor does a clock look back longer."""


def is_workday(day: date) -> bool:
    """Say whether people are at work on a day."""
    return day.weekday() <= FRIDAY and day not in _days_off(settings().days_off) and not _holiday(day)


def after(day: date, count: int) -> date:
    """Give the working day that comes `count` working days after a date; before it, where `count` is negative."""
    step = timedelta(days=1 if count > 0 else -1)
    for _day in range(min(abs(count), FARTHEST)):
        day += step
        while not is_workday(day):
            day += step
    return day


def nth(first: date, count: int) -> date:
    """Give the `count`th working day from a date on, which is the first if people are at work on it."""
    return after(first - timedelta(days=1), count)


def between(since: date, until: date) -> int:
    """Count the working days after a date, up to and including another; 0 where that is not later."""
    return _between(max(since, until - timedelta(days=FARTHEST)), until, settings().holidays, settings().days_off)


@lru_cache(maxsize=4096)
def _between(since: date, until: date, _holidays: str, _days_off: str) -> int:
    # Whoever shows many issues asks the same of many; what is a working day depends on the settings named here.
    return sum(is_workday(since + timedelta(days=step)) for step in range(1, (until - since).days + 1))


def _holiday(day: date) -> bool:
    return bool(settings().holidays) and day in _holidays(settings().holidays, day.year)


@cache
def _holidays(place: str, year: int) -> frozenset[date]:
    import holidays  # its calendars of all countries take a moment, and many installations name none

    country, _, part = place.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))


@cache
def _days_off(written: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(one.strip()) for one in written.split(",") if one.strip())
