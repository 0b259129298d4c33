"""Dates, clocks and zones in words.

Times come in as aware datetimes. The floor's zone is said first; a reader who sits in another zone gets
the own clock beside it. Where the clocks change within what is said, each time also names its offset,
because "01:30" is then said twice that night.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates

from floorday.render.words import SOURCE_LANGUAGE, language
from floorday.render.words import gettext as _

HOME = {"en": "en_GB"}
"""Which region's habits a bare language follows: day before month, 24 hours."""

NO_COMMA = {"en_GB": "EEEE d MMMM y"}


def day(dt: datetime | date, zone: str | None = None) -> str:
    """Say a date with its weekday: "Tuesday 24 November 2026"; a datetime is first taken to its zone."""
    spoken = _locale()
    return dates.format_date(_date(dt, zone), NO_COMMA.get(str(spoken), "full"), locale=spoken)


def short_day(dt: datetime | date, zone: str | None = None) -> str:
    """Say a date in little room: "24 Nov 2026"."""
    return dates.format_skeleton("yMMMd", _midday(_date(dt, zone)), locale=_locale())


def month(dt: datetime | date, zone: str | None = None) -> str:
    """Say a month: "November 2026"."""
    return dates.format_skeleton("yMMMM", _midday(_date(dt, zone)), locale=_locale())


def short_month(dt: datetime | date, zone: str | None = None) -> str:
    """Say a month where the year is clear: "Nov"."""
    return dates.format_date(_date(dt, zone), "LLL", locale=_locale())


def clock(dt: datetime, zone: str, *, named: bool = True) -> str:
    """Say a time with its zone: "09:00 (London time)"; `named=False` only under a heading that names the zone."""
    there = _local(dt, zone)
    said = _hours(there, exact=_said_twice(there))
    return _("%(time)s (%(zone)s)", time=said, zone=zone_words(zone)) if named else said


def moment(dt: datetime, zone: str, reader: str | None = None) -> str:
    """Say a day and a time: "Tuesday 24 November 2026, 09:00 (London time)", and the reader's beside it."""
    said = _("%(day)s, %(time)s", day=day(dt, zone), time=clock(dt, zone))
    if reader is None or _same(zone, reader, dt):
        return said
    own = clock(dt, reader)
    if _date(dt, zone) != _date(dt, reader):
        own = _("%(day)s, %(time)s", day=day(dt, reader), time=own)
    return _("%(floor)s; for you %(own)s", floor=said, own=own)


def stretch(start: datetime, end: datetime, zone: str, reader: str | None = None) -> str:
    """Say from when to when: "Tuesday 24 November 2026, 09:00 to 15:00 (London time)".

    A reader in another zone gets "; for you 10:00 to 16:00 (Stockholm time)" behind it, with the date where it differs.
    """
    said = _stretch(start, end, zone, with_day=True)
    if reader is None or _same(zone, reader, start, end):
        return said
    other_date = (_date(start, zone), _date(end, zone)) != (_date(start, reader), _date(end, reader))
    own = _stretch(start, end, reader, with_day=other_date)
    return _("%(floor)s; for you %(own)s", floor=said, own=own)


def ago(dt: datetime, now: datetime | None = None) -> str:
    """Say how long ago, or in how long: "3 days ago", "in 2 hours"."""
    if now is None:
        from floorday.config import now as clock_now  # the one clock; rules and tests hand their own in

        now = clock_now()
    return dates.format_timedelta(dt - now, threshold=1.2, add_direction=True, locale=_locale())


def days(n: int) -> str:
    """Say a number of days: "118 days"."""
    return dates.format_timedelta(timedelta(days=n), granularity="day", threshold=10**9, locale=_locale())


def zone_words(zone: str) -> str:
    """Name a zone by its city: "London time"."""
    if zone in {"UTC", "Etc/UTC"}:
        return "UTC"
    return _("%(city)s time", city=_city(zone, _locale()))


@lru_cache(maxsize=1024)
def _city(zone: str, spoken: Locale) -> str:
    return dates.get_timezone_location(ZoneInfo(zone), locale=spoken, return_city=True).rpartition("/")[2]


def machine(dt: datetime) -> str:
    """Write a time for the `datetime` attribute: UTC, to the second."""
    return dt.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _stretch(start: datetime, end: datetime, zone: str, *, with_day: bool) -> str:
    first, last = _local(start, zone), _local(end, zone)
    exact = first.utcoffset() != last.utcoffset() or _said_twice(first) or _said_twice(last)
    begins, ends = _hours(first, exact=exact), _hours(last, exact=exact)
    if first.date() != last.date():
        begins = _("%(day)s, %(time)s", day=day(first), time=begins)
        ends = _("%(day)s, %(time)s", day=day(last), time=ends)
    elif with_day:
        begins = _("%(day)s, %(time)s", day=day(first), time=begins)
    return _("%(start)s to %(end)s (%(zone)s)", start=begins, end=ends, zone=zone_words(zone))


def _hours(there: datetime, *, exact: bool) -> str:
    said = dates.format_time(there, "short", tzinfo=there.tzinfo, locale=_locale())
    if not exact:
        return said
    minutes = int((there.utcoffset() or timedelta()).total_seconds() // 60)
    sign, minutes = ("−" if minutes < 0 else "+"), abs(minutes)
    offset = f"UTC{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")
    return f"{said} {offset if minutes else 'UTC'}"


def _said_twice(there: datetime) -> bool:
    return there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()


def _same(zone: str, reader: str, *moments: datetime) -> bool:
    return all(_local(at, zone).utcoffset() == _local(at, reader).utcoffset() for at in moments)


def _local(dt: datetime, zone: str) -> datetime:
    if dt.tzinfo is None:
        raise ValueError("A time without a zone cannot be said.")
    return dt.astimezone(ZoneInfo(zone))


def _date(dt: datetime | date, zone: str | None) -> date:
    if isinstance(dt, datetime):
        return (dt if zone is None else _local(dt, zone)).date()
    return dt


def _midday(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 12, tzinfo=UTC)


def _locale() -> Locale:
    return _locale_of(language())


@lru_cache(maxsize=64)
def _locale_of(chosen: str) -> Locale:
    spoken = chosen.replace("-", "_")
    try:
        return Locale.parse(HOME.get(spoken, spoken))
    except (UnknownLocaleError, ValueError):  # a language without habits that we know: those of the source
        return Locale.parse(HOME[SOURCE_LANGUAGE])
