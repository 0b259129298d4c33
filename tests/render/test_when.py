"""Dates and clocks in words: each names its zone, the floor's first; the nights when clocks change are told apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from floorday.render import when
from floorday.render.words import speaking


def utc(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "floor", "reader", "says"),
    [
        ("2026-11-24T09:00", "2026-11-24T15:00", "Europe/London", None,
         "Tuesday 24 November 2026, 09:00 to 15:00 (London time)"),
        ("2026-11-24T09:00", "2026-11-24T15:00", "Europe/London", "Europe/London",
         "Tuesday 24 November 2026, 09:00 to 15:00 (London time)"),
        ("2026-11-24T09:00", "2026-11-24T15:00", "Europe/London", "Europe/Dublin",
         "Tuesday 24 November 2026, 09:00 to 15:00 (London time)"),
        ("2026-11-24T09:00", "2026-11-24T15:00", "Europe/London", "Europe/Stockholm",
         "Tuesday 24 November 2026, 09:00 to 15:00 (London time); for you 10:00 to 16:00 (Stockholm time)"),
        ("2026-07-01T08:00", "2026-07-01T14:00", "Europe/London", "America/New_York",
         "Wednesday 1 July 2026, 09:00 to 15:00 (London time); for you 04:00 to 10:00 (New York time)"),
        ("2026-11-24T09:00", "2026-11-24T10:00", "Europe/London", "Pacific/Auckland",
         "Tuesday 24 November 2026, 09:00 to 10:00 (London time);"
         " for you 22:00 to 23:00 (Auckland time)"),
        ("2026-11-24T13:00", "2026-11-24T15:00", "Europe/London", "Pacific/Auckland",
         "Tuesday 24 November 2026, 13:00 to 15:00 (London time);"
         " for you Wednesday 25 November 2026, 02:00 to 04:00 (Auckland time)"),
        ("2026-11-24T22:00", "2026-11-25T06:00", "Europe/London", None,
         "Tuesday 24 November 2026, 22:00 to Wednesday 25 November 2026, 06:00 (London time)"),
        ("2026-11-24T09:00", "2026-11-24T10:00", "UTC", None, "Tuesday 24 November 2026, 09:00 to 10:00 (UTC)"),
    ],
    ids=["floor", "same zone", "same clock", "same date", "summer", "auckland same date", "other date", "night", "utc"],
)  # fmt: skip
def test_a_stretch_names_the_floors_zone_and_then_the_readers(
    start: str, end: str, floor: str, reader: str | None, says: str
):
    assert when.stretch(utc(start), utc(end), floor, reader) == says


@pytest.mark.parametrize(
    ("start", "end", "zone", "says"),
    [
        ("2026-10-25T00:30", "2026-10-25T01:30", "Europe/London", "01:30 UTC+1 to 01:30 UTC (London time)"),
        ("2026-10-24T23:30", "2026-10-25T03:30", "Europe/London", "00:30 UTC+1 to 03:30 UTC (London time)"),
        ("2026-03-29T00:30", "2026-03-29T01:30", "Europe/London", "00:30 UTC to 02:30 UTC+1 (London time)"),
        ("2026-11-01T05:30", "2026-11-01T06:30", "America/New_York", "01:30 UTC−4 to 01:30 UTC−5 (New York time)"),
        ("2026-04-04T14:45", "2026-04-04T15:15", "Australia/Lord_Howe",
         "01:45 UTC+11 to 01:45 UTC+10:30 (Lord Howe Island time)"),
        ("2026-04-04T13:30", "2026-04-04T14:30", "Pacific/Auckland", "02:30 UTC+13 to 02:30 UTC+12 (Auckland time)"),
    ],
)  # fmt: skip
def test_on_the_nights_when_clocks_change_each_time_names_its_offset(start: str, end: str, zone: str, says: str):
    assert when.stretch(utc(start), utc(end), zone).partition(", ")[2] == says


def test_a_clock_that_comes_twice_is_told_apart():
    assert when.clock(utc("2026-10-25T00:30"), "Europe/London") == "01:30 UTC+1 (London time)"
    assert when.clock(utc("2026-10-25T01:30"), "Europe/London") == "01:30 UTC (London time)"
    assert when.clock(utc("2026-10-25T02:30"), "Europe/London") == "02:30 (London time)"
    assert when.clock(utc("2026-11-24T09:00"), "Europe/London", named=False) == "09:00"


def test_a_moment_gives_the_readers_date_where_it_differs():
    assert when.moment(utc("2026-11-24T20:00"), "Europe/London", "Asia/Tokyo") == (
        "Tuesday 24 November 2026, 20:00 (London time); for you Wednesday 25 November 2026, 05:00 (Tokyo time)"
    )
    assert when.moment(utc("2026-11-24T08:00"), "Europe/London", "Asia/Tokyo") == (
        "Tuesday 24 November 2026, 08:00 (London time); for you 17:00 (Tokyo time)"
    )


def test_a_day_is_the_day_of_its_zone():
    late = utc("2026-11-24T23:30")
    assert when.day(late, "Europe/London") == "Tuesday 24 November 2026"
    assert when.day(late, "Europe/Stockholm") == "Wednesday 25 November 2026"
    assert when.day(date(2026, 11, 24)) == "Tuesday 24 November 2026"
    assert when.short_day(late, "Europe/Stockholm") == "25 Nov 2026"
    assert when.month(utc("2026-11-30T23:30"), "Europe/Stockholm") == "December 2026"


def test_how_long_ago_is_said_in_words():
    now = utc("2026-11-24T09:00")
    assert when.ago(now - timedelta(days=3), now) == "3 days ago"
    assert when.ago(now + timedelta(hours=2), now) == "in 2 hours"
    assert (when.days(1), when.days(118), when.days(900)) == ("1 day", "118 days", "900 days")


def test_a_time_without_a_zone_is_not_said():
    with pytest.raises(ValueError, match="without a zone"):
        when.clock(datetime(2026, 11, 24, 9), "Europe/London")  # noqa: DTZ001


def test_another_language_writes_dates_its_own_way():
    with speaking("de"):
        assert when.day(utc("2026-11-24T09:00"), "Europe/Berlin") == "Dienstag, 24. November 2026"
    with speaking("en-US"):
        assert when.day(utc("2026-11-24T09:00"), "UTC") == "Tuesday, November 24, 2026"


def test_the_machines_copy_is_utc():
    there = utc("2026-11-24T09:00").astimezone(tz=None)
    assert when.machine(there) == "2026-11-24T09:00:00Z"
