"""Proposed times on both nights of the year in which clocks change, as calendars write them, are read to the minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from floorday.calendar.reply import read
from tests.calendar.test_invite import nights

WINDOWS = {
    "Europe/London": "GMT Standard Time", "Europe/Berlin": "W. Europe Standard Time",
    "America/New_York": "Eastern Standard Time", "America/Los_Angeles": "Pacific Standard Time",
    "Australia/Sydney": "AUS Eastern Standard Time", "Pacific/Auckland": "New Zealand Standard Time",
}  # fmt: skip
"""Six zones by both their names (CLDR windowsZones)."""


def own_zone(zone: str, year: int, name: str) -> list[str]:
    """Write a VTIMEZONE under a name of its own: the two changes of a year as single onsets, as some calendars do."""
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    info, hour = ZoneInfo(zone), timedelta(hours=1)
    for onset in sorted([*nights(zone, year - 1), *nights(zone, year)]):
        before, after = (moment.astimezone(info) for moment in (onset - hour, onset))
        kind = "DAYLIGHT" if after.dst() else "STANDARD"
        wall = (onset.astimezone(UTC) + (before.utcoffset() or timedelta())).replace(tzinfo=None)
        lines += [f"BEGIN:{kind}", f"DTSTART:{wall:%Y%m%dT%H%M%S}", f"TZOFFSETFROM:{before:%z}",
                  f"TZOFFSETTO:{after:%z}", f"END:{kind}"]  # fmt: skip
    return [*lines, "END:VTIMEZONE"]


def counter(starts: str, ends: str, zone_lines: list[str]) -> bytes:
    lines = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:COUNTER", *zone_lines, "BEGIN:VEVENT", "UID:fd-1@floorday.example",
        "DTSTAMP:20261124T101500Z", "SEQUENCE:0", starts, ends,
        "ATTENDEE;PARTSTAT=TENTATIVE:mailto:ann@managers.example", "END:VEVENT", "END:VCALENDAR", "",
    )  # fmt: skip
    head = "From: ann@managers.example\r\nContent-Type: text/calendar; method=COUNTER\r\n\r\n"
    return (head + "\r\n".join(lines)).encode()


def around(zone: str) -> Iterator[datetime]:
    """Every half hour around both changes; not the second run of a repeated hour, which no local time can name."""
    for night in nights(zone, 2027):
        for minutes in range(-300, 301, 30):
            moment = night + timedelta(minutes=minutes)
            if not moment.astimezone(ZoneInfo(zone)).fold:
                yield moment


@pytest.mark.parametrize("way", ["iana", "windows", "own", "utc"])
@pytest.mark.parametrize("zone", WINDOWS)
def test_in_07_a_proposal_on_either_night_means_what_its_writer_meant(zone: str, way: str) -> None:
    length = timedelta(hours=13)  # past the change, on the other side of it
    name = {"iana": zone, "windows": WINDOWS[zone], "own": "Customised Zone", "utc": ""}[way]
    zone_lines = own_zone(zone, 2027, name) if way == "own" else []
    for starts in around(zone):
        moments = (starts, starts + length)
        if way == "utc":
            lines = [f"{word}:{one:%Y%m%dT%H%M%SZ}" for word, one in zip(("DTSTART", "DTEND"), moments, strict=True)]
        else:
            walls = [moment.astimezone(ZoneInfo(zone)) for moment in moments]
            lines = [f"{word};TZID={name}:{one:%Y%m%dT%H%M%S}" for word, one in zip(
                ("DTSTART", "DTEND"), walls, strict=True)]  # fmt: skip
        (itip,) = read(counter(*lines, zone_lines)).calendars
        assert (itip.starts, itip.ends) == moments, (zone, way, starts)


@pytest.mark.parametrize("zone", WINDOWS)
def test_in_07_a_local_time_that_happens_twice_is_its_first_run(zone: str) -> None:
    """RFC 5545 3.3.5."""
    (autumn,) = [night for night in nights(zone, 2027) if night.astimezone(ZoneInfo(zone)).fold]
    wall = autumn.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    line = f"TZID={zone}:{wall:%Y%m%dT%H%M%S}"
    (itip,) = read(counter(f"DTSTART;{line}", f"DTEND;{line}", [])).calendars
    assert itip.starts == autumn - timedelta(hours=1)
