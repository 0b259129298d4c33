"""Time zones as calendars write them: our VTIMEZONE out, other people's zone names and VTIMEZONEs in."""
# icalendar does not say what its `add` takes:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import functools
import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from msgspec import Struct

FIRST_YEAR = 1970
AHEAD = 8
"""A rule must hold this many years ahead: fewer, and a fourth Sunday cannot be told from a last one."""

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_WINDOWS = {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}
_SPAN = timedelta(days=1)


class Turn(Struct, frozen=True):
    """A yearly change of the clocks, as one RRULE can say it."""

    month: int
    nth: int
    """1 to 4, or -1 for the last."""
    weekday: int
    """0 is Monday."""
    hour: int
    minute: int
    before: timedelta
    after: timedelta

    def onset(self, year: int) -> datetime:
        """Return the local time, by the clock before the change, at which it happens."""
        day = nth_weekday(year, self.month, self.nth, self.weekday)
        return datetime(year, self.month, day, self.hour, self.minute)  # noqa: DTZ001 - local on purpose


def nth_weekday(year: int, month: int, nth: int, weekday: int) -> int:
    """Return the day of the month of its nth weekday; negative counts from the end. 0 when the month has none."""
    first, days = monthrange(year, month)
    if nth > 0:
        day = 1 + (weekday - first) % 7 + (nth - 1) * 7
        return day if day <= days else 0
    last = (first + days - 1) % 7
    day = days - (last - weekday) % 7 + (nth + 1) * 7
    return max(day, 0)


class ZoneRule(Struct, frozen=True):
    """Summer and winter of a zone, and the year since which it has been so."""

    zone: str
    summer: Turn
    winter: Turn
    since: int

    def covers(self, moment: datetime) -> bool:
        """Tell whether both changes have an onset before this moment, so that every reader finds an offset."""
        local = moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        return max(self.summer.onset(self.since), self.winter.onset(self.since)) < local - _SPAN


@functools.lru_cache(maxsize=512)
def yearly_rule(zone: str, year: int) -> ZoneRule | None:
    """Say a zone's clock changes around a year as two yearly rules, or None where that cannot be said simply.

    The answer depends on the era alone, not on the year asked for, so all updates of a booking carry the same bytes.
    """
    turns = _turns(zone, year)
    if turns is None or any(_turns_fit(zone, ahead, turns) is False for ahead in range(year, year + AHEAD + 1)):
        return None
    since = year
    while since > FIRST_YEAR and _turns_fit(zone, since - 1, turns):
        since -= 1
    first, second = turns
    summer, winter = (first, second) if first.after > first.before else (second, first)
    return ZoneRule(zone=zone, summer=summer, winter=winter, since=since)


def _turns(zone: str, year: int) -> tuple[Turn, Turn] | None:
    """Find the two changes of a year, with the nth weekday that also fits the years ahead."""
    found = _changes(zone, year)
    if len(found) != 2:
        return None
    turns: list[Turn] = []
    for place, (local, before, after) in enumerate(found):
        if local.second or local.microsecond:
            return None
        candidates = [-1] if local.day > 28 else [(local.day - 1) // 7 + 1]
        if local.day > monthrange(local.year, local.month)[1] - 7:
            candidates.append(-1)
        fitting = [
            turn
            for nth in dict.fromkeys(candidates)
            for turn in [Turn(local.month, nth, local.weekday(), local.hour, local.minute, before, after)]
            if all(_change_is(zone, ahead, place, turn) for ahead in range(year, year + AHEAD + 1))
        ]
        if len(fitting) != 1:
            return None
        turns.append(fitting[0])
    return turns[0], turns[1]


def _change_is(zone: str, year: int, place: int, turn: Turn) -> bool:
    found = _changes(zone, year)
    return len(found) == 2 and found[place] == (turn.onset(year), turn.before, turn.after)


def _turns_fit(zone: str, year: int, turns: tuple[Turn, Turn]) -> bool:
    return all(_change_is(zone, year, place, turn) for place, turn in enumerate(turns))


@functools.lru_cache(maxsize=4096)
def _changes(zone: str, year: int) -> tuple[tuple[datetime, timedelta, timedelta], ...]:
    """List a year's changes of offset: local time by the old clock, offset before, offset after."""
    info = ZoneInfo(zone)

    def offset(moment: datetime) -> timedelta:
        return info.utcoffset(moment.astimezone(info)) or timedelta(0)

    found: list[tuple[datetime, timedelta, timedelta]] = []
    low = datetime(year, 1, 1, tzinfo=UTC)
    while low.year == year:
        high = low + timedelta(days=10)
        if offset(low) != offset(high):
            early, late = low, high
            while late - early > timedelta(seconds=1):
                middle = early + timedelta(seconds=int((late - early).total_seconds()) // 2)
                early, late = (middle, late) if offset(middle) == offset(early) else (early, middle)
            before, after = offset(early), offset(late)
            found.append(((late + before).replace(tzinfo=None), before, after))
        low = high
    return tuple(change for change in found if change[0].year == year)


def timezone_block(rule: ZoneRule) -> Timezone:
    """Write a VTIMEZONE of one DAYLIGHT and one STANDARD block, each with a plain yearly RRULE (OB-37)."""
    block = Timezone()
    block.add("tzid", rule.zone)
    for turn, kind in ((rule.winter, TimezoneStandard), (rule.summer, TimezoneDaylight)):
        part = kind()
        part.add("dtstart", turn.onset(rule.since))
        part.add("tzoffsetfrom", turn.before)
        part.add("tzoffsetto", turn.after)
        part.add("rrule", vRecur(FREQ="YEARLY", BYMONTH=turn.month, BYDAY=f"{turn.nth}{WEEKDAYS[turn.weekday]}"))
        block.add_component(part)
    return block


class Observance(Struct, frozen=True):
    """A STANDARD or DAYLIGHT block that somebody sent, with its yearly rule when it is one we can read."""

    starts: datetime
    before: timedelta
    after: timedelta
    month: int = 0
    nth: int = 0
    weekday: int = 0
    until: datetime | None = None


def resolve(name: str, sent: dict[str, tuple[Observance, ...] | None], local: datetime) -> datetime | None:
    """Turn a local time in a named zone into UTC, or None when the name cannot be understood (IN-07).

    First the IANA names, then the Windows names of CLDR, then the VTIMEZONE that this very message carries: a mail can
    therefore never redefine a zone that the world knows, nor one for the mails after it.
    """
    zone = known_zone(name)
    try:
        if zone is not None:
            return local.replace(tzinfo=zone).astimezone(UTC)
        observances = sent.get(name)
        offset = _offset(observances, local) if observances else None
        return None if offset is None else (local - offset).replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None


@functools.lru_cache(maxsize=1)
def _iana() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def known_zone(name: str) -> ZoneInfo | None:
    """Find a zone by IANA name (also behind a prefix, `/mozilla.org/20050126_1/Europe/Berlin`) or Windows name."""
    words = name.strip().strip('"').casefold()
    parts = [part for part in words.split("/") if part]
    tries = [words, *("/".join(parts[-count:]) for count in (3, 2) if words.startswith("/") and len(parts) > count)]
    for attempt in tries:
        found = _iana().get(attempt) or _WINDOWS.get(attempt)
        if found is not None:
            return ZoneInfo(found)
    return None


_BYDAY = re.compile(r"([+-]?[1-5])(MO|TU|WE|TH|FR|SA|SU)")


def read_rule(words: str) -> tuple[int, int, int, datetime | None] | None:
    """Read a yearly RRULE of a VTIMEZONE: month, nth, weekday, until. None when it is anything more clever."""
    parts = dict(part.upper().split("=", 1) for part in words.split(";") if "=" in part)
    day = _BYDAY.fullmatch(parts.get("BYDAY", ""))
    month = parts.get("BYMONTH", "")
    if parts.get("FREQ") != "YEARLY" or parts.get("INTERVAL", "1") != "1" or day is None or not month.isdecimal():
        return None
    if not 1 <= int(month) <= 12 or parts.keys() - {"FREQ", "INTERVAL", "BYDAY", "BYMONTH", "UNTIL", "WKST"}:
        return None
    until = None
    if "UNTIL" in parts:
        try:
            until = datetime.strptime(parts["UNTIL"].rstrip("Z")[:8], "%Y%m%d")  # noqa: DTZ007 - a day is enough
        except ValueError:
            return None
    return int(month), int(day[1]), WEEKDAYS.index(day[2]), until


def _offset(observances: tuple[Observance, ...], local: datetime) -> timedelta | None:
    """Find the offset in force: that of the latest onset before the local time (RFC 5545 3.6.5)."""
    latest: tuple[datetime, timedelta] | None = None
    for block in observances:
        for onset in _onsets(block, local):
            if onset <= local and (latest is None or onset > latest[0]):
                latest = onset, block.after
    if latest is not None:
        return latest[1]
    return min(observances, key=lambda block: block.starts).before


def _onsets(block: Observance, local: datetime) -> list[datetime]:
    if not block.month:
        return [block.starts]
    found = [block.starts] if block.starts.year >= FIRST_YEAR else []
    for year in (local.year - 1, local.year):
        day = nth_weekday(year, block.month, block.nth, block.weekday)
        if not day:
            continue
        onset = datetime.combine(date(year, block.month, day), block.starts.time())
        if onset >= block.starts and (block.until is None or onset <= block.until + _SPAN):
            found.append(onset)
    if block.until is not None and local > block.until:
        found.append(block.until)
    return found
