"""Reading mails: how calendars write them, and what hostile or broken bytes cost."""

from __future__ import annotations

import base64
import pickle
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorday.calendar.addresses import from_calendar, mailboxes, normal, same
from floorday.calendar.facts import Incoming
from floorday.calendar.reply import read

ANSWER = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:REPLY
BEGIN:VEVENT
UID:fd-1@floorday.example
DTSTAMP:20261124T101500Z
SEQUENCE:2
ORGANIZER:mailto:day@floorday.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@managers.example
END:VEVENT
END:VCALENDAR
"""

EXCHANGE = """Received: from mail.managers.example
From: Ann Lee <Ann@Managers.example>
To: day <day@floorday.example>
Subject: =?utf-8?B?QWNjZXB0ZWQ6IMOcYmVy?=
Date: Tue, 24 Nov 2026 11:15:00 +0100
Message-ID: <AM0.1@managers.example>
In-Reply-To: <invite-1@floorday.example>
References: <invite-0@floorday.example>
 <invite-1@floorday.example>
Content-Type: multipart/alternative;
\tboundary="_000_"
MIME-Version: 1.0

--_000_
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

Gern, bis dann. Gr=FC=DFe

--_000_
Content-Type: text/calendar; charset="utf-8"; method=REPLY
Content-Transfer-Encoding: base64

{base64}
--_000_--
"""

GMAIL = """From: Ann <ann@managers.example>
To: day@floorday.example
Subject: Accepted
Message-ID: <CA+1@mail.gmail.example>
Content-Type: multipart/mixed; boundary="0000f0"

--0000f0
Content-Type: multipart/alternative; boundary="0000f1"

--0000f1
Content-Type: text/html; charset="UTF-8"

<p>Yes &amp; <b>thanks</b></p>
--0000f1
Content-Type: text/calendar; charset="UTF-8"; method=REPLY

{plain}
--0000f1--
--0000f0
Content-Type: application/ics; name="invite.ics"
Content-Disposition: attachment; filename="invite.ics"
Content-Transfer-Encoding: base64

{base64}
--0000f0--
"""

APPLE = """From: ann@managers.example (Ann Lee)
To: day@floorday.example
Content-Type: multipart/alternative; boundary=Apple-Mail=_AA

--Apple-Mail=_AA
Content-Type: text/calendar; charset=utf-8; method*=us-ascii'en'REPLY; name="iCal.ics"
Content-Disposition: attachment; filename=iCal.ics

{apple}
--Apple-Mail=_AA--
"""

THUNDERBIRD = """From: "Lee, Ann" <ann@managers.example>
To: day@floorday.example
Content-class: urn:content-classes:calendarmessage
Content-Type: text/calendar; charset=UTF-8
Content-Transfer-Encoding: 8bit

{plain}
"""


def written(form: str) -> bytes:
    parts = {
        "plain": ANSWER, "base64": base64.encodebytes(ANSWER.encode()).decode(),
        "apple": ANSWER.replace("ATTENDEE;", "ATTENDEE;EMAIL=ann@managers.example;X-NEW=1;").replace(
            "mailto:ann@managers.example", "urn:uuid:1234"),
    }
    return form.format(**parts).replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    "form", [EXCHANGE, GMAIL, APPLE, THUNDERBIRD], ids=["Exchange", "Gmail", "Apple", "Thunderbird"])
def test_the_forms_of_four_clients_say_the_same(form: str) -> None:
    incoming = read(written(form))
    assert incoming.refused == ""
    assert incoming.sender == "ann@managers.example"
    (itip,) = incoming.calendars
    assert itip.method == "REPLY"
    assert itip.part_method in {"REPLY", ""}
    assert itip.uids == ("fd-1@floorday.example",)
    assert (itip.sequence, itip.dtstamp) == (2, datetime(2026, 11, 24, 10, 15, tzinfo=UTC))
    assert itip.organizer == "day@floorday.example"
    assert [(line.address, line.partstat) for line in itip.attendees] == [("ann@managers.example", "ACCEPTED")]
    assert not itip.problems


def test_headers_and_words_are_read_for_a_person() -> None:
    incoming = read(written(EXCHANGE))
    assert incoming.subject == "Accepted: Über"
    assert incoming.date == datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
    assert incoming.in_reply_to == ("invite-1@floorday.example",)
    assert incoming.references == ("invite-0@floorday.example", "invite-1@floorday.example")
    assert incoming.text == "Gern, bis dann. Grüße"
    assert read(written(GMAIL)).text == "Yes &  thanks"


def test_the_result_can_be_pickled_into_another_process() -> None:
    incoming = read(written(EXCHANGE))
    assert pickle.loads(pickle.dumps(incoming)) == incoming


def with_calendar(body: bytes, *, encoding: str = "8bit") -> bytes:
    head = f"From: a@b.example\nContent-Type: text/calendar; method=REPLY\nContent-Transfer-Encoding: {encoding}\n\n"
    return head.replace("\n", "\r\n").encode() + body


def nested(depth: int) -> bytes:
    opening = b"".join(
        b'Content-Type: multipart/mixed; boundary="n%d"\r\n\r\n--n%d\r\n' % (level, level) for level in range(depth))
    return b"From: a@b.example\r\n" + opening + b"Content-Type: text/plain\r\n\r\nx"


FOLDS = b"BEGIN:VCALENDAR\r\nCOMMENT:x" + b"\r\n y" * 300_000
HOSTILE = {
    "empty": b"", "one byte": b"\n", "noise": bytes(range(256)) * 100, "nul": b"\0" * 100_000,
    "two megabytes": b"a" * 2_000_000,
    "a head that never ends": b"From: a@b.example\r\n" + b"X: y\r\n" * 170_000,
    "a From of 20 kB": b"From: " + b"a" * 20_000 + b"@b.example\r\n\r\nx",
    "a From of 4 kB of brackets": b"From: " + b"<(" * 2_000 + b"\r\n\r\nx",
    "a From of encoded words": b"From: " + b"=?utf-8?q?=22?= " * 240 + b"\r\n\r\nx",
    "a subject of 100 kB": b"Subject: " + b"=?utf-8?q?a?= " * 7_000 + b"\r\n\r\nx",
    "a Content-Type of quotes": b"Content-Type: text/calendar; " + b'a="' * 1_300 + b"\r\n\r\nx",
    "a Content-Type of continuations": b"Content-Type: text/calendar" + b"".join(
        b"; a*%d*=b" % n for n in range(350)) + b"\r\n\r\nx",
    "carriage returns": b"Subject: x" + b"\r" * 120_000 + b"\n\nx",
    "1000 deep": nested(1000), "21 deep": nested(21),
    "parts without end": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 150_000,
    "nearly boundaries": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b " * 200_000,
    "spaces after boundaries": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b" + b" " * 900_000,
    "fold lines": with_calendar(FOLDS),
    "fold lines in base64": with_calendar(base64.b64encode(FOLDS[:750_000]), encoding="base64"),
    "carriage returns in a calendar": with_calendar(b"BEGIN:VCALENDAR" + b"\r" * 120_000),
    "a calendar of begins": with_calendar(b"BEGIN:VEVENT\r\n" * 9_000),
    "a calendar of properties": with_calendar(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + b"UID:x\r\n" * 17_000),
    "a calendar of quotes": with_calendar(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE" + b';A="' * 30_000 + b":x"),
    "a calendar of semicolons": with_calendar(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE" + b";" * 120_000 + b":x"),
    "a calendar of spaces": with_calendar(b"BEGIN:VCALENDAR\r\n" + b" BEGIN" + b" " * 120_000),
    "a page of markup": b"Content-Type: text/html\r\n\r\n" + b"<" * 900_000,
    "a page of entities": b"Content-Type: text/html\r\n\r\n" + b"&a" * 400_000,
    "truncated base64": with_calendar(base64.b64encode(ANSWER.encode())[:-7], encoding="base64"),
    "invalid utf-8": with_calendar(ANSWER.replace("ACCEPTED", "\udcff\udcfe").encode("utf-8", "surrogateescape")),
    "authentication results of brackets": b"Authentication-Results: " + b"(" * 4_000 + b"\r\n\r\nx",
    "a mail of authentication results": b"Authentication-Results: a; dmarc=pass\r\n" * 900 + b"\r\nx",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_cheap_and_raise_nothing(name: str) -> None:
    began = time.process_time()
    incoming = read(HOSTILE[name])
    assert time.process_time() - began < 1
    assert isinstance(incoming, Incoming)
    assert all(itip.problems for itip in incoming.calendars) or name == "invalid utf-8"
    assert len(pickle.dumps(incoming)) < 100_000


@pytest.mark.parametrize(("name", "code"), [
    ("two megabytes", "too-large"), ("1000 deep", "too-deep"), ("21 deep", "too-deep"), ("fold lines", "too-large"),
    ("fold lines in base64", "too-large"), ("a From of 20 kB", "header-too-long"),
    ("parts without end", "too-many-parts"),
    ("a calendar of begins", "too-large"), ("a head that never ends", "header-too-long"),
])
def test_in_01_a_cap_is_named(name: str, code: str) -> None:
    assert read(HOSTILE[name]).refused == code


def test_in_01_twenty_deep_is_still_read() -> None:
    assert read(nested(20)).refused == ""
    assert read(nested(20)).text == "x"


def test_in_01_ten_events_are_read_and_eleven_refused() -> None:
    event = ANSWER[ANSWER.index("BEGIN:VEVENT"):ANSWER.index("END:VCALENDAR")]
    assert read(with_calendar(ANSWER.replace(event, event * 10).encode())).calendars[0].events == 10
    assert read(with_calendar(ANSWER.replace(event, event * 11).encode())).refused == "too-large"


def test_in_01_a_truncated_calendar_is_no_answer() -> None:
    for cut in range(len(ANSWER) - len("END:VCALENDAR\n")):
        (itip,) = read(with_calendar(ANSWER[:cut].encode())).calendars
        assert itip.problems == ("unparsable-calendar",)


def test_in_01_a_mail_of_a_thousand_hostile_time_zones_teaches_the_next_nothing() -> None:
    zone = "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{0}\nTZOFFSETTO:{0}\n" \
        "END:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nDTSTART;TZID=Mine:20261208T100000\n"
    hours = []
    for offset in ("+0900", "-0300", "+0100"):
        itip = read(with_calendar(ANSWER.replace("BEGIN:VEVENT\n", zone.format(offset)).encode())).calendars[0]
        assert itip.starts is not None
        hours.append(itip.starts.hour)
    assert hours == [1, 13, 9]


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_can_be_read(raw: bytes) -> None:
    assert isinstance(read(raw), Incoming)
    assert isinstance(read(with_calendar(raw)), Incoming)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_address_header_can_be_read(words: str) -> None:
    found, _ = mailboxes(words)
    assert all(normal(address) == address for _, address in found)


@pytest.mark.parametrize(("header", "expected"), [
    ("Ann <ann@x.example>", (["ann@x.example"], True)),
    ('"a@b.example, \\" <c@d.example>" <ann@x.example>', (["ann@x.example"], True)),
    ("ann@x.example (a <b@c.example> comment (nested))", (["ann@x.example"], True)),
    ("ANN@X.example, Ben <ben@x.example>", (["ann@x.example", "ben@x.example"], True)),
    ("ann@x.example)ben@y.example", ([], False)),
    ("<ann@x.example> <ben@x.example>", (["ann@x.exampleben@x.example"], False)),
    ("Ann <ann@x.example", (["ann@x.example"], False)),
    ("undisclosed-recipients:;", ([], False)),
    ("Jürg <jürg@bücher.example>", (["jürg@xn--bcher-kva.example"], True)),
    ("", ([], True)),
])
def test_address_headers_are_read_strictly(header: str, expected: tuple[list[str], bool]) -> None:
    found, clear = mailboxes(header)
    if clear or len(expected[0]) <= 1:
        assert clear == expected[1]
    if clear:
        assert [address for _, address in found] == expected[0]


def test_calendar_addresses_have_one_form() -> None:
    assert from_calendar("MailTo:Ann%2Bx%40B%C3%BCcher.example?subject=x") == "ann+x@xn--bcher-kva.example"
    assert from_calendar("ann@x.example") == ""
    assert from_calendar("mailto:a%0D%0Ab@x.example") == ""
    assert same("ann+x@x.example", "ann@x.example")
    assert not same("ann@x.example", "ann+x@x.example")
    assert not same("", "")
