"""What leaves us, on its bytes: the rules OB-20 to OB-62 one by one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import pytest
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from floorday.calendar.event import Event
from floorday.calendar.invite import render
from floorday.calendar.reply import read
from floorday.calendar.zones import yearly_rule

ZONES = (
    "Europe/London", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Los_Angeles", "Australia/Sydney",
    "Australia/Lord_Howe", "Pacific/Auckland", "America/Havana",
)
UTC_ZONES = (
    "Asia/Tokyo", "Asia/Kolkata", "UTC", "America/Sao_Paulo", "Africa/Casablanca", "Africa/Cairo", "Asia/Jerusalem",
    "America/Santiago", "Asia/Kathmandu",
)
FACTS: dict[str, Any] = {
    "method": "REQUEST", "uid": "fd-1@floorday.example", "sequence": 0,
    "dtstamp": datetime(2026, 11, 1, 9, 0, 0, 777, tzinfo=UTC),
    "organizer": "day+t0k3n@floorday.example", "organizer_name": "Floorday", "attendee": "ann@managers.example",
    "attendee_name": "Ann Lee", "starts": datetime(2026, 12, 8, 8, 0, tzinfo=UTC),
    "ends": datetime(2026, 12, 8, 12, 0, tzinfo=UTC), "zone": "Europe/Berlin", "summary": "A day on the floor",
    "location": "Harbour store, 2nd floor", "description": "Bring a headset.\nAsk for Ben; he waits.",
}


def event(**changes: Any) -> Event:
    return Event(**{**FACTS, **changes})


def lines(raw: bytes) -> list[str]:
    """Unfold independently of the library that wrote it."""
    return re.sub(rb"\r\n[ \t]", b"", raw).decode("utf-8").removesuffix("\r\n").split("\r\n")


def named(raw: bytes, name: str, inside: str = "VEVENT") -> list[str]:
    found: list[str] = []
    path: list[str] = []
    for line in lines(raw):
        if line.startswith("BEGIN:"):
            path.append(line[6:])
        elif line.startswith("END:"):
            path.pop()
        elif path[-1] == inside and re.match(name + "[:;]", line):
            found.append(line)
    return found


def moments(raw: bytes) -> list[datetime]:
    """Read DTSTART and DTEND by the VTIMEZONE of these bytes alone, with another library than wrote them."""
    zones = tzical(StringIO("\n".join(lines(raw)))) if b"BEGIN:VTIMEZONE" in raw else None
    found: list[datetime] = []
    for name in ("DTSTART", "DTEND"):
        (line,) = named(raw, name)
        head, _, value = line.partition(":")
        if value.endswith("Z"):
            found.append(datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))
            continue
        assert zones is not None
        zone = zones.get(head.partition("TZID=")[2])
        found.append(datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=zone).astimezone(UTC))
    return found


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "DECLINECOUNTER"])
def test_ob_04_53_the_calendar_says_its_method(method: str) -> None:
    assert named(render(event(method=method)), "METHOD", "VCALENDAR") == [f"METHOD:{method}"]


def test_ob_20_21_one_calendar_with_its_method_and_one_event() -> None:
    raw = render(event())
    assert lines(raw)[0] == "BEGIN:VCALENDAR"
    assert lines(raw)[-1] == "END:VCALENDAR"
    assert raw.count(b"BEGIN:VCALENDAR") == raw.count(b"BEGIN:VEVENT") == 1
    assert named(raw, "VERSION", "VCALENDAR") == ["VERSION:2.0"]
    assert named(raw, "CALSCALE", "VCALENDAR") == ["CALSCALE:GREGORIAN"]
    assert len(named(raw, "PRODID", "VCALENDAR")) == 1
    assert named(raw, "METHOD") == []


WILD = st.text(st.characters(codec=None) | st.sampled_from(
    "\r\n\t\";:,\\^'\u2028\u0085\x00\x1b\ud800é漢😀"), max_size=200)


@settings(deadline=None)
@given(summary=WILD, location=WILD, description=WILD, attendee_name=WILD, organizer_name=WILD)
def test_ob_22_to_25_whatever_is_typed_stays_inside_its_value(**typed: str) -> None:
    raw = render(event(**typed))
    raw.decode("utf-8")
    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    for line in raw.split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")
        assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", line)
    names = [re.split("[:;]", line)[0] for line in lines(raw)]
    assert names == [
        re.split("[:;]", line)[0] for line in lines(render(event()))
        if not (line.startswith("LOCATION") and not typed["location"])
        and not (line.startswith("DESCRIPTION") and not typed["description"])]
    (attendee,) = named(raw, "ATTENDEE")
    quoted = re.sub(r'"[^"]*"', "", attendee)
    assert '"' not in quoted
    assert quoted.count(":") == 2
    assert quoted.endswith("RSVP=TRUE:mailto:ann@managers.example")
    for name in ("SUMMARY", "LOCATION", "DESCRIPTION"):
        for line in named(raw, name):
            value = line.partition(":")[2]
            assert not re.search(r"[\\;,]", re.sub(r"\\[\\;,n]", "", value))


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), max_size=150))
def test_ob_23_text_comes_back_as_it_was(words: str) -> None:
    value = named(render(event(description="x" + words)), "DESCRIPTION")[0].partition(":")[2]
    plain = re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)
    assert plain == "x" + words


def test_ob_23_a_line_end_is_written_as_backslash_n() -> None:
    (line,) = named(render(event(description="a\r\nb\rc\u2028d")), "DESCRIPTION")
    assert line == "DESCRIPTION:a\\nb\\nc\\nd"


def test_ob_24_names_are_quoted_and_cannot_add_parameters() -> None:
    raw = render(event(attendee_name='Lee, Ann"; PARTSTAT=ACCEPTED:\r\nATTENDEE:mailto:x@y.example'))
    (line,) = named(raw, "ATTENDEE")
    assert line.startswith("ATTENDEE;CN=\"Lee, Ann'; PARTSTAT=ACCEPTED: ATTENDEE:mailto:x@y.example\";")


@pytest.mark.parametrize("uid", [
    "", "no-domain", "ü@floorday.example", "a b@floorday.example", "a\n@b.example", "x" * 250 + "@a.example",
])
def test_ob_30_a_uid_that_others_would_refuse_is_refused_here(uid: str) -> None:
    with pytest.raises(ValueError, match="UID"):
        render(event(uid=uid))


def test_ob_30_31_32_identity_stamp_and_revision() -> None:
    raw = render(event(sequence=3))
    assert named(raw, "UID") == ["UID:fd-1@floorday.example"]
    assert named(raw, "DTSTAMP") == ["DTSTAMP:20261101T090000Z"]
    assert named(raw, "SEQUENCE") == ["SEQUENCE:3"]
    assert named(render(event()), "SEQUENCE") == ["SEQUENCE:0"]
    with pytest.raises(ValueError, match="sequence"):
        render(event(sequence=-1))


def test_ob_01_33_one_organizer_with_a_name_and_no_sent_by() -> None:
    (line,) = named(render(event()), "ORGANIZER")
    assert line == "ORGANIZER;CN=Floorday:mailto:day+t0k3n@floorday.example"


@pytest.mark.parametrize("address", [
    "", "ann", "ann@x.example\r\nX:y", "a b@x.example", "mailto:a@x.example", "a@b@c.example", "a;b@x.example",
])
def test_ob_33_34_only_addresses_become_calendar_addresses(address: str) -> None:
    with pytest.raises(ValueError, match="mail addresses"):
        render(event(attendee=address))
    with pytest.raises(ValueError, match="mail addresses"):
        render(event(organizer=address))


def test_ob_34_the_manager_is_asked() -> None:
    (line,) = named(render(event()), "ATTENDEE")
    assert line == (
        'ATTENDEE;CN="Ann Lee";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE'
        ":mailto:ann@managers.example")


def test_ob_35_an_answer_that_stands_is_repeated() -> None:
    (line,) = named(render(event(partstat="ACCEPTED", rsvp=False)), "ATTENDEE")
    assert "PARTSTAT=ACCEPTED;RSVP=FALSE" in line


def test_ob_36_start_and_end_in_order_and_of_one_kind() -> None:
    raw = render(event())
    assert named(raw, "DTSTART") == ["DTSTART;TZID=Europe/Berlin:20261208T090000"]
    assert named(raw, "DTEND") == ["DTEND;TZID=Europe/Berlin:20261208T130000"]
    assert named(raw, "DURATION") == []
    with pytest.raises(ValueError, match="ends after"):
        render(event(ends=FACTS["starts"]))
    with pytest.raises(ValueError, match="zone"):
        render(event(starts=datetime(2026, 12, 8, 8)))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("zone", ZONES)
def test_ob_37_the_zone_is_said_by_two_plain_yearly_rules(zone: str) -> None:
    raw = render(event(zone=zone))
    assert named(raw, "TZID", "VTIMEZONE") == [f"TZID:{zone}"]
    for block in ("STANDARD", "DAYLIGHT"):
        (rule,) = named(raw, "RRULE", block)
        assert re.fullmatch(r"RRULE:FREQ=YEARLY;BYDAY=(-1|[1-4])SU;BYMONTH=\d\d?", rule)
        assert named(raw, "RDATE", block) == []
    assert f"TZID={zone}:" in named(raw, "DTSTART")[0]


@pytest.mark.parametrize("zone", UTC_ZONES)
def test_ob_37_a_zone_that_no_plain_rule_can_say_is_written_in_utc(zone: str) -> None:
    raw = render(event(zone=zone))
    assert b"VTIMEZONE" not in raw
    assert named(raw, "DTSTART") == ["DTSTART:20261208T080000Z"]


def nights(zone: str, year: int) -> list[datetime]:
    """Both moments of a year at which a zone's clocks change."""
    info, hour = ZoneInfo(zone), timedelta(hours=1)
    moments = [datetime(year, 1, 1, tzinfo=UTC) + hour * count for count in range(365 * 24)]
    return [one for one in moments if (one - hour).astimezone(info).utcoffset() != one.astimezone(info).utcoffset()]


@pytest.mark.parametrize("zone", ZONES)
def test_ob_37_both_nights_are_read_right_by_another_library(zone: str) -> None:
    found = nights(zone, 2027)
    assert len(found) == 2
    for night in found:
        for minutes in range(-300, 301, 30):
            starts = night + timedelta(minutes=minutes)
            raw = render(event(zone=zone, starts=starts, ends=starts + timedelta(hours=4)))
            assert moments(raw) == [starts, starts + timedelta(hours=4)], (zone, starts)


@pytest.mark.parametrize("zone", [*ZONES, *UTC_ZONES])
def test_ob_37_every_week_of_three_years_is_read_right(zone: str) -> None:
    for week in range(156):
        starts = datetime(2026, 1, 5, 3, 30, tzinfo=UTC) + timedelta(weeks=week, hours=week)
        raw = render(event(zone=zone, starts=starts, ends=starts + timedelta(hours=8)))
        assert moments(raw) == [starts, starts + timedelta(hours=8)]


@pytest.mark.parametrize("zone", ZONES)
def test_ob_37_our_own_reader_understands_it_too(zone: str) -> None:
    raw = render(event(zone=zone, method="REQUEST")).replace(zone.encode(), b"Somewhere/Else")
    itip = read(b"From: a@b.example\r\nContent-Type: text/calendar\r\n\r\n" + raw).calendars[0]
    assert (itip.starts, itip.ends) == (FACTS["starts"], FACTS["ends"])


@pytest.mark.parametrize("zone", ZONES)
def test_ob_38_the_zone_is_the_same_text_in_all_updates(zone: str) -> None:
    def block(starts: datetime) -> bytes:
        raw = render(event(zone=zone, starts=starts, ends=starts + timedelta(hours=2)))
        return raw[raw.index(b"BEGIN:VTIMEZONE"):raw.index(b"END:VTIMEZONE")]

    moments = [datetime(year, month, 17, 12, tzinfo=UTC) for year in (2026, 2027, 2030) for month in (1, 4, 7, 11)]
    blocks = {block(moment) for moment in moments}
    assert len(blocks) == 1


def test_ob_37_38_every_zone_of_the_world_can_be_written() -> None:
    for zone in sorted(available_timezones()):
        rule = yearly_rule(zone, 2026)
        assert rule == yearly_rule(zone, 2027)
        raw = render(event(zone=zone))
        assert (b"BEGIN:VTIMEZONE" in raw) == (rule is not None)


def test_ob_39_a_request_is_never_cancelled() -> None:
    assert named(render(event()), "STATUS") == ["STATUS:CONFIRMED"]
    assert named(render(event(status="TENTATIVE")), "STATUS") == ["STATUS:TENTATIVE"]
    with pytest.raises(ValueError, match="CANCEL"):
        render(event(status="CANCELLED"))


def test_ob_40_a_summary_is_always_there_and_in_one_line() -> None:
    assert named(render(event(summary="")), "SUMMARY") == ["SUMMARY:"]
    assert named(render(event(summary="a\n b")), "SUMMARY") == ["SUMMARY:a b"]


def test_ob_41_43_44_nothing_is_said_that_calendars_trip_over() -> None:
    raw = render(event())
    for word in (b"REQUEST-STATUS", b"VALARM", b"ATTACH", b"X-MICROSOFT", b"RECURRENCE-ID", b"SENT-BY", b"URL"):
        assert word not in raw
    assert named(raw, "RRULE") == []


def test_ob_42_a_day_blocks_the_time_and_an_offer_need_not() -> None:
    assert named(render(event()), "TRANSP") == ["TRANSP:OPAQUE"]
    assert named(render(event(transparent=True)), "TRANSP") == ["TRANSP:TRANSPARENT"]


def test_ob_50_51_52_a_cancellation_repeats_the_event_and_asks_nothing() -> None:
    request = render(event())
    cancel = render(event(method="CANCEL", sequence=1, dtstamp=datetime(2026, 11, 2, tzinfo=UTC)))
    for name in ("UID", "ORGANIZER", "DTSTART", "DTEND", "SUMMARY"):
        assert named(cancel, name) == named(request, name)
    assert named(cancel, "SEQUENCE") == ["SEQUENCE:1"]
    assert named(cancel, "DTSTAMP") == ["DTSTAMP:20261102T000000Z"]
    assert named(cancel, "STATUS") == ["STATUS:CANCELLED"]
    (line,) = named(cancel, "ATTENDEE")
    assert line.endswith("RSVP=FALSE:mailto:ann@managers.example")
    assert b"VALARM" not in cancel


def test_ob_60_a_declined_proposal_echoes_the_event() -> None:
    raw = render(event(method="DECLINECOUNTER", sequence=2))
    assert named(raw, "UID") == ["UID:fd-1@floorday.example"]
    assert named(raw, "SEQUENCE") == ["SEQUENCE:2"]
    (line,) = named(raw, "ATTENDEE")
    assert "RSVP=TRUE" not in line


def test_ob_62_the_same_facts_give_the_same_bytes_and_a_later_stamp_only_that() -> None:
    assert render(event()) == render(event())
    later = render(replace(event(), dtstamp=datetime(2026, 11, 3, tzinfo=UTC)))
    assert later == render(event()).replace(b"DTSTAMP:20261101T090000Z", b"DTSTAMP:20261103T000000Z")


def test_an_event_survives_the_outbox_as_json() -> None:
    stored = msgspec.json.encode(event())
    assert msgspec.json.decode(stored, type=Event) == event()
    assert msgspec.convert(msgspec.json.decode(stored), Event) == event()
