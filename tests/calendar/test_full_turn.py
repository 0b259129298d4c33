"""Every rule OB-01 to OB-62 on the bytes that really left in a full turn. OB-01b and OB-12 are asked by `doctor`."""

from __future__ import annotations

import base64
import itertools
import quopri
import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from zoneinfo import ZoneInfo

import pytest

from floorday.bookings import actions as bookings
from floorday.bookings.rules import Answer, Partstat
from floorday.calendar.invite import render
from floorday.render import when
from tests.calendar.test_invite import event, lines, moments, named, nights
from tests.calendar.turn import NASTY, Left
from tests.cast import NOW, a_booking, make_cast
from tests.inbox.door import delivered

OTHERS = ("max@floorday.example", "Max Moor", "dan@floorday.example", "a.archer@floorday.example")
"""Other managers, the assistant, and an alias of the manager: nobody's calendar mail names them."""


def lives(turn: list[Left]) -> list[list[Left]]:
    """The mails of each booking, in order."""
    return [list(mails) for _uid, mails in itertools.groupby(turn, key=lambda left: left.uid)]


def events(turn: list[Left]) -> list[Left]:
    """Those that carry the event itself."""
    return [left for left in turn if left.method != "DECLINECOUNTER"]


def step(turn: list[Left], name: str) -> Left:
    (found,) = [left for left in turn if left.step == name]
    return found


def inline(left: Left) -> EmailMessage:
    (part,) = [part for part in left.parts if part.get_content_type() == "text/calendar"]
    return part


def attendee(left: Left) -> str:
    (line,) = named(left.ics, "ATTENDEE")
    return line


def moment(left: Left, name: str) -> str:
    (line,) = named(left.ics, name)
    return line


def test_every_kind_of_mail_is_in_the_turn(turn: list[Left]) -> None:
    assert [left.step for left in turn] == [
        "invited", "reminded", "sent again", "another host", "another place", "moved", "proposal refused",
        "proposal accepted", "postponed", "moved again", "cancelled", "cancelled, sent again", "invited anew",
        "invited a third time", "removed",
    ]  # fmt: skip
    assert {left.method for left in turn} == {"REQUEST", "CANCEL", "DECLINECOUNTER"}


# --- A. the envelope


def test_ob_01_from_organizer_and_the_address_for_answers_are_one(turn: list[Left]) -> None:
    for left in turn:
        sender = parseaddr(str(left.mail["From"]))[1]
        assert f"mailto:{sender}" == left.value("ORGANIZER")
        assert left.mail["Reply-To"] is None or parseaddr(str(left.mail["Reply-To"]))[1] == sender
        assert re.fullmatch(r"day\+[a-z2-7]{26,}@floorday\.example", sender)
        assert left.mail["Sender"] is None
        assert "SENT-BY" not in moment(left, "ORGANIZER")


def test_ob_02_11_it_is_for_the_manager_alone(turn: list[Left]) -> None:
    for left in turn:
        assert [address.addr_spec for address in left.mail["To"].addresses] == ["ann@floorday.example"]
        assert left.value("ATTENDEE") == "mailto:ann@floorday.example"
        assert left.mail["Cc"] is None
        assert left.mail["Bcc"] is None
        words = left.raw + b"".join(bytes(part.get_payload(decode=True) or b"") for part in left.parts)
        for other in OTHERS:
            assert other.encode() not in words


def test_ob_03_13_the_calendar_is_the_last_alternative_and_an_attachment(turn: list[Left]) -> None:
    for left in turn:
        assert left.mail.get_content_type() == "multipart/mixed"
        alternative, attachment = left.mail.iter_parts()
        assert [part.get_content_type() for part in alternative.iter_parts()] == [
            "text/plain", "text/html", "text/calendar"]  # fmt: skip
        assert (attachment.get_content_type(), attachment.get_filename()) == ("application/ics", "invite.ics")
        assert attachment.get_content_disposition() == "attachment"


def test_ob_04_05_53_the_part_says_what_it_is(turn: list[Left]) -> None:
    for left in turn:
        part = inline(left)
        said = dict(part.get_params() or [])
        assert said["charset"].upper() == "UTF-8"
        assert said["method"] == left.method
        assert said["component"].upper() == "VEVENT"
        assert part.get_content_disposition() != "attachment"
        assert named(left.ics, "METHOD", "VCALENDAR") == [f"METHOD:{left.method}"]
        assert not left.ics.startswith(b"\xef\xbb\xbf")
        left.ics.decode("utf-8")


def test_ob_06_the_wire_is_plain_ascii_in_short_lines(turn: list[Left]) -> None:
    for left in turn:
        left.raw.decode("ascii")
        assert max(map(len, left.raw.split(b"\r\n"))) <= 998
        assert b"\n" not in left.raw.replace(b"\r\n", b"")
        encoding = str(inline(left)["Content-Transfer-Encoding"]).lower()
        assert encoding in {"base64", "quoted-printable"}
        body = str(inline(left).get_payload(decode=False)).encode("ascii")
        assert (base64.b64decode(body) if encoding == "base64" else quopri.decodestring(body)) == left.ics


def test_ob_07_both_copies_are_one(turn: list[Left]) -> None:
    for left in turn:
        (copy,) = [part for part in left.parts if part.get_content_type() == "application/ics"]
        assert bytes(copy.get_payload(decode=True)) == left.ics  # type: ignore[arg-type]


def test_ob_08_words_say_what_when_where_and_how_to_answer(turn: list[Left]) -> None:
    for left in turn:
        text = next(part for part in left.parts if part.get_content_type() == "text/plain").get_content()
        assert "Billing" in text
        if left.step in {"cancelled", "cancelled, sent again", "removed", "postponed", "proposal refused"}:
            continue
        assert "London time" in text
        assert f"{left.card.starts_at.day} {left.card.starts_at:%B %Y}" in text
        assert left.booking.place[:20] in text
        assert re.search(r"http\S+/answer/[a-z2-7]{26,}", text)


def test_ob_09_automatic_with_its_own_id_in_the_thread_of_the_first(turn: list[Left]) -> None:
    ids = [str(left.mail["Message-ID"]) for left in turn]
    assert len(set(ids)) == len(ids)
    for life in lives(turn):
        first, *rest = life
        assert first.mail["In-Reply-To"] is None
        for left in life:
            assert left.mail["Auto-Submitted"] == "auto-generated"
            assert re.fullmatch(r"<[^<>@\s]+@floorday\.example>", str(left.mail["Message-ID"]))
        for left in rest:
            assert str(left.mail["In-Reply-To"]) == str(first.mail["Message-ID"])
            assert str(first.mail["Message-ID"]) in str(left.mail["References"]).split()


def test_ob_10_names_cannot_write_headers(turn: list[Left]) -> None:
    for left in turn:
        head = left.raw.partition(b"\r\n\r\n")[0]
        assert all(re.match(rb"[A-Za-z-]+: |[ \t]", line) for line in head.split(b"\r\n"))
        (to,) = left.mail["To"].addresses
        assert to.display_name == NASTY


# --- B. the object


def test_ob_20_21_44_one_calendar_one_event_no_series(turn: list[Left]) -> None:
    for left in turn:
        names = [line for line in lines(left.ics) if line.startswith("BEGIN:")]
        assert names.count("BEGIN:VCALENDAR") == names.count("BEGIN:VEVENT") == 1
        assert set(names) <= {"BEGIN:VCALENDAR", "BEGIN:VEVENT", "BEGIN:VTIMEZONE", "BEGIN:STANDARD", "BEGIN:DAYLIGHT"}
        assert named(left.ics, "VERSION", "VCALENDAR") == ["VERSION:2.0"]
        assert len(named(left.ics, "PRODID", "VCALENDAR")) == 1
        assert not named(left.ics, "METHOD")
        for name in ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"):
            assert not named(left.ics, name)


def test_ob_22_25_lines_end_fold_and_hold_no_control_characters(turn: list[Left]) -> None:
    for left in turn:
        assert left.ics.endswith(b"\r\n")
        physical = left.ics.removesuffix(b"\r\n").split(b"\r\n")
        for line in physical:
            assert 0 < len(line) <= 75
            line.decode("utf-8")
            assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)


def test_ob_23_text_is_escaped_and_comes_back(turn: list[Left]) -> None:
    place = step(turn, "another place")
    value = moment(place, "LOCATION").partition(":")[2]
    assert "\\;" in value
    assert "\\," in value
    assert "\\\\" in value
    assert re.sub(r"\\(.)", r"\1", value) == place.booking.place
    for left in turn:
        for name in ("SUMMARY", "LOCATION", "DESCRIPTION"):
            for line in named(left.ics, name):
                assert not re.search(r"[;,\\]", re.sub(r"\\[\\;,nN]", "", line.partition(":")[2]))


def test_ob_24_a_name_in_a_parameter_is_quoted(turn: list[Left]) -> None:
    for left in turn:
        assert 'CN="Ann \'Å;,:\' Archer";' in attendee(left)


# --- C. REQUEST


def test_ob_30_55_one_uid_for_life_and_a_new_one_for_a_new_booking(turn: list[Left]) -> None:
    uids = [life[0].uid for life in lives(turn)]
    assert len(uids) == len(set(uids)) == 3
    for uid in uids:
        assert uid.isascii()
        assert len(uid) <= 255
        assert uid.endswith("@floorday.example")
    assert step(turn, "invited anew").card.uid != step(turn, "cancelled").card.uid


def test_ob_31_each_stamp_is_utc_and_later_than_the_one_before(turn: list[Left]) -> None:
    for left in turn:
        assert re.fullmatch(r"DTSTAMP:\d{8}T\d{6}Z", moment(left, "DTSTAMP"))
    for life in lives(turn):
        stamps = [left.value("DTSTAMP") for left in life]
        assert all(earlier < later for earlier, later in itertools.pairwise(stamps))


def test_ob_32_60_62_sequence_counts_changes_and_nothing_else(turn: list[Left]) -> None:
    assert [(left.step, left.sequence) for left in turn] == [
        ("invited", 0), ("reminded", 0), ("sent again", 0), ("another host", 0), ("another place", 1), ("moved", 2),
        ("proposal refused", 2), ("proposal accepted", 3), ("postponed", 4), ("moved again", 5), ("cancelled", 6),
        ("cancelled, sent again", 6), ("invited anew", 0), ("invited a third time", 0), ("removed", 1),
    ]  # fmt: skip
    assert all(len(named(left.ics, "SEQUENCE")) == 1 for left in turn)


def test_ob_33_one_organizer_for_life(turn: list[Left]) -> None:
    for life in lives(turn):
        assert len({moment(left, "ORGANIZER") for left in life}) == 1
        assert re.match(r"ORGANIZER;CN=[^:]+:mailto:", moment(life[0], "ORGANIZER"))


def test_ob_34_35_the_manager_is_asked_again_after_each_change_that_was_not_theirs(turn: list[Left]) -> None:
    asked = {"invited", "reminded", "sent again", "another place", "moved", "postponed", "moved again", "invited anew",
             "invited a third time"}  # fmt: skip
    stands = {"another host", "proposal accepted"}
    for left in turn:
        said = attendee(left)
        if left.step in asked:
            assert ";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:" in said
        elif left.step in stands:
            assert ";PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:" in said
        else:
            assert "RSVP=TRUE" not in said


def test_ob_36_37_start_and_end_are_in_the_floors_zone_which_comes_along(turn: list[Left]) -> None:
    for left in events(turn):
        assert moment(left, "DTSTART").startswith("DTSTART;TZID=Europe/London:")
        assert moment(left, "DTEND").startswith("DTEND;TZID=Europe/London:")
        assert not named(left.ics, "DURATION")
        assert named(left.ics, "TZID", "VTIMEZONE") == ["TZID:Europe/London"]
        starts, ends = moments(left.ics)
        assert (starts, ends) == (left.booking.starts_at, left.booking.ends_at)
        assert starts < ends


def test_ob_38_the_zone_is_the_same_bytes_in_every_mail(turn: list[Left]) -> None:
    blocks = {left.ics[left.ics.index(b"BEGIN:VTIMEZONE"):left.ics.index(b"BEGIN:VEVENT")] for left in events(turn)}
    assert len(blocks) == 1


def test_ob_39_42_status_and_blocking(turn: list[Left]) -> None:
    for left in events(turn):
        status, transparency = moment(left, "STATUS"), moment(left, "TRANSP")
        if left.method == "CANCEL":
            assert status == "STATUS:CANCELLED"
        elif left.step == "postponed":
            assert (status, transparency) == ("STATUS:TENTATIVE", "TRANSP:TRANSPARENT")
        else:
            assert (status, transparency) == ("STATUS:CONFIRMED", "TRANSP:OPAQUE")


def test_ob_40_41_43_summary_and_nothing_to_trip_over(turn: list[Left]) -> None:
    for left in events(turn):
        assert moment(left, "SUMMARY").partition(":")[2]
        for word in (b"REQUEST-STATUS", b"VALARM", b"ATTACH", b"X-MICROSOFT", b"X-ALT-DESC", b"URL"):
            assert word not in left.ics
        assert all("<" not in line for line in named(left.ics, "DESCRIPTION"))


def test_ob_45_no_token_but_the_bookings_own_stands_in_the_object(turn: list[Left]) -> None:
    for left in turn:
        text = "\n".join(lines(left.ics))
        answer = re.findall(r"/answer/[a-z2-7]+", text)
        assert not answer
        assert set(re.findall(r"[a-z2-7]{26,}", text)) == {left.value("ORGANIZER").partition("@")[0].partition("+")[2]}


# --- D. CANCEL


def test_ob_50_51_52_a_cancellation_repeats_the_event(turn: list[Left]) -> None:
    for name, before in (("cancelled", "moved again"), ("removed", "invited a third time")):
        gone, stood = step(turn, name), step(turn, before)
        for line in ("UID", "ORGANIZER", "DTSTART", "DTEND", "SUMMARY"):
            assert moment(gone, line) == moment(stood, line)
        assert gone.sequence == stood.sequence + 1
        assert gone.card.stamp > stood.card.stamp
        assert gone.card.attendee == stood.card.attendee


async def test_ob_54_who_declined_is_told_of_the_cancellation_too(database: object) -> None:
    cast = await make_cast()
    booking = await a_booking(cast)
    now = NOW + timedelta(minutes=1)
    await delivered(now)
    await bookings.answer(cast.ann, booking.id, Answer(partstat=Partstat.DECLINED, sequence=0), now=now)
    await bookings.withdraw_shift(cast.ben, booking.shift, reason="Not on that day.", now=now)
    (raw,) = await delivered(now + timedelta(minutes=1))
    mail = message_from_bytes(raw, policy=policy.default)
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    ics = bytes(part.get_payload(decode=True))  # type: ignore[arg-type]
    assert named(ics, "METHOD", "VCALENDAR") == ["METHOD:CANCEL"]
    assert named(ics, "SEQUENCE") == ["SEQUENCE:1"]


# --- E. answers


def test_ob_60_a_refused_proposal_echoes_the_event_that_stands(turn: list[Left]) -> None:
    refused, stood = step(turn, "proposal refused"), step(turn, "moved")
    for line in ("UID", "SEQUENCE", "ORGANIZER"):
        assert moment(refused, line) == moment(stood, line)
    assert refused.value("ATTENDEE") == stood.value("ATTENDEE")
    for line in ("DTSTART", "DTEND", "SUMMARY", "LOCATION", "STATUS"):
        assert not named(refused.ics, line)


def test_ob_61_a_proposal_that_is_taken_is_a_move(turn: list[Left]) -> None:
    taken, stood = step(turn, "proposal accepted"), step(turn, "moved")
    assert taken.method == "REQUEST"
    assert taken.sequence == stood.sequence + 1
    assert taken.card.starts_at == stood.card.starts_at + timedelta(days=2)


def test_ob_62_what_is_asked_for_again_is_the_event_as_it_stands(turn: list[Left]) -> None:
    again, stood = step(turn, "sent again"), step(turn, "reminded")

    def without_stamp(left: Left) -> bytes:
        return re.sub(rb"DTSTAMP:\d{8}T\d{6}Z", b"", left.ics)

    assert without_stamp(again) == without_stamp(stood)
    assert step(turn, "cancelled, sent again").method == "CANCEL"


# --- both nights, in six zones, whoever reads


@pytest.mark.parametrize("floor", [
    "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Australia/Sydney", "Pacific/Auckland",
])  # fmt: skip
@pytest.mark.parametrize("reader", ["Europe/London", "America/New_York", "Australia/Sydney", "Asia/Kolkata"])
def test_a_wrong_hour_never_leaves(floor: str, reader: str) -> None:
    """The event keeps its hour over both clock changes, and the words say the floor's and the reader's hour."""
    for night in nights(floor, 2027):
        for hours in (-9, -2, -1, 0, 1, 2, 9):
            starts = night + timedelta(hours=hours)
            ends = starts + timedelta(hours=4)
            assert moments(render(event(zone=floor, starts=starts, ends=ends))) == [starts, ends]
            words = when.stretch(starts, ends, floor, reader)
            for zone in (floor, reader):
                assert f"{starts.astimezone(ZoneInfo(zone)):%H:%M}" in words, (words, zone)
