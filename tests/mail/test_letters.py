"""The bytes of a letter, against the rules for outgoing invitations (envelope and MIME)."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from uuid import UUID

import msgspec
import pytest

from floorday.calendar import invite
from floorday.db import uuid7
from floorday.mail import letters
from floorday.mail.tables import Letter
from floorday.render import tokens
from tests.mail.letterbox import NOON, calendar_part, event, facts

ABOUT = UUID("01a20000-0000-7000-8000-000000000001")
NASTY = ["Ann\r\nBcc: all@company.example", "Ann\nX: y", "Ann\x00", "Ann\u2028Bcc: x@y.example", "Ann\x0b\x0cX",
         "\r\n\r\n<h1>body</h1>"]


def letter(*, invited: bool = False, **more) -> Letter:
    values = {
        "id": UUID("01a20000-0000-7000-8000-0000000000aa"), "key": "k", "name": "greeting",
        "to_address": "ann@company.example", "to_name": "Ann Arden", "about": ABOUT, "about_kind": "booking",
        "facts": facts_json(), "created_at": NOON, "leaves_at": NOON, "next_try_at": NOON, "rendered_at": NOON,
        "from_address": "day+{reply}@floorday.example" if invited else "",
        "event": json(event(ABOUT)) if invited else None,
    }
    return Letter(**values | more)


def json(value) -> str:
    return msgspec.json.encode(value).decode()


def facts_json(title: str = "Your day with the Leeds team") -> str:
    return json(facts(ABOUT, title))


def written(**more) -> bytes:
    return letters.render(letter(**more), calendar_part)


def parsed(**more) -> Message:
    return message_from_bytes(written(**more))


def shape(message: Message):
    if message.is_multipart():
        return message.get_content_type(), [shape(part) for part in message.get_payload()]
    return message.get_content_type()


def leaf(message: Message, content_type: str) -> Message:
    [found] = [part for part in message.walk() if part.get_content_type() == content_type]
    return found


def test_ob01_the_letter_comes_from_the_organizer_and_has_no_other_reply_address():
    message = parsed(invited=True, reply_to="other@floorday.example")
    address = letters.sender_address(letter(invited=True))
    assert re.fullmatch(r"day\+[a-z2-7]{26,}@floorday\.example", address)
    assert message["From"] == f"Our company <{address}>"
    assert message["Reply-To"] is None
    assert f"ORGANIZER;CN=floorday:mailto:{address}".encode() in leaf(message, "text/calendar").get_payload(decode=True)


def test_ob02_ob11_one_letter_has_one_recipient():
    message = parsed(invited=True)
    assert message.get_all("To") == ["Ann Arden <ann@company.example>"]
    assert (message["Cc"], message["Bcc"]) == (None, None)


def test_ob03_an_invitation_has_the_calendar_last_and_a_copy_attached():
    assert shape(parsed(invited=True)) == ("multipart/mixed", [
        ("multipart/alternative", ["text/plain", "text/html", "text/calendar"]), "application/ics"])
    attached = leaf(parsed(invited=True), "application/ics")
    assert (attached.get_content_disposition(), attached.get_filename()) == ("attachment", "invite.ics")


def test_a_letter_without_an_event_is_text_and_html():
    assert shape(parsed()) == ("multipart/alternative", ["text/plain", "text/html"])


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "DECLINECOUNTER"])
def test_ob04_the_inline_part_names_its_method(method: str):
    raw = written(invited=True, event=json(event(ABOUT, method=method)))
    assert f"Content-Type: text/calendar; charset=UTF-8; method={method}; component=VEVENT\r\n".encode() in raw
    part = leaf(message_from_bytes(raw), "text/calendar")
    assert f"METHOD:{method}\r\n".encode() in part.get_payload(decode=True)
    assert part["Content-Disposition"] is None


def test_a_calendar_part_without_a_method_is_not_sent():
    with pytest.raises(ValueError, match="METHOD"):
        letters.render(letter(invited=True), lambda _told: b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")


def test_ob05_ob07_both_copies_are_the_bytes_that_the_calendar_gave():
    message = parsed(invited=True)
    told = event(ABOUT) | {"organizer": letters.sender_address(letter(invited=True))}
    for part in (leaf(message, "text/calendar"), leaf(message, "application/ics")):
        assert part.get_payload(decode=True) == calendar_part(told)
    assert "Zoë".encode() in calendar_part(told)
    assert not calendar_part(told).startswith(b"\xef\xbb\xbf")


def test_ob06_every_line_is_short_ascii_with_crlf():
    raw = written(invited=True, facts=facts_json("Ein Tag bei uns – schön, daß Sie kommen " * 8), to_name="Zoë Müller")
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 200
    leaves = [part for part in message_from_bytes(raw).walk() if not part.is_multipart()]
    encodings = {part["Content-Transfer-Encoding"] for part in leaves}
    assert encodings == {"quoted-printable", "base64"}


def test_ob08_the_text_says_what_when_and_how_to_answer_without_a_calendar():
    text = leaf(parsed(invited=True), "text/plain").get_payload(decode=True).decode()
    assert "Your day with the Leeds team begins at 9:00 (London time)." in text
    assert re.search(r"http://127\.0\.0\.1:8000/answer/[a-z2-7]{26,}\s", text)


def test_ob09_a_letter_says_that_a_machine_wrote_it_and_has_an_id_of_our_domain():
    message = parsed(invited=True)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert message["Message-ID"] == "<letter.01a2000000007000800000000000" "00aa@floorday.example>"
    assert letters.letter_of(message["Message-ID"].upper()) == letter().id
    assert parsedate_to_datetime(message["Date"]) == NOON
    assert message["References"] is None


def test_ob09_a_later_letter_about_the_same_thing_refers_to_the_first():
    first = uuid7()
    message = parsed(invited=True, thread=first)
    assert message["References"] == message["In-Reply-To"] == letters.message_id(first)


@pytest.mark.parametrize("nasty", NASTY)
def test_ob10_nothing_typed_becomes_a_header(nasty: str):
    raw = written(invited=True, to_name=nasty, facts=facts_json(nasty))
    message = message_from_bytes(raw)
    assert message.keys() == parsed(invited=True).keys()
    assert shape(message) == shape(parsed(invited=True))
    assert len(message.get_all("To")) == 1
    assert "\n" not in str(make_header(decode_header(message["Subject"])))


@pytest.mark.parametrize("address", [
    "ann@company.example\r\nBcc: x@y.example", "ann@a.example, ben@a.example", "ann", "a b@c",
    "<ann@company.example>", ""])
def test_ob10_what_is_not_one_address_is_not_written(address: str):
    with pytest.raises(ValueError, match="mail address"):
        letters.mailbox("Ann", address)


@pytest.mark.parametrize("name", [
    "Zoë Müller", "Müller, Ann", "O'Neill (Leeds) <leeds>", 'Ann "the boss" Arden', "李小龍 " * 20, "Arden, Ann " * 12,
    "ann@elsewhere.example", "=?utf-8?q?trick?=", "Ænn, eve@evil.example, " * 5])
def test_ob10_names_are_encoded_and_come_back_as_they_were(name: str):
    message = parsed(to_name=name)
    for rules in (policy.compat32, policy.default):
        read = message_from_bytes(written(to_name=name), policy=rules)["To"]
        whole = str(make_header(decode_header(str(read)))) if rules is policy.compat32 else None
        if whole is not None:
            assert whole.endswith("<ann@company.example>")
            assert whole.removesuffix("<ann@company.example>").strip() == " ".join(name.split())
        else:
            assert [one.addr_spec for one in read.addresses] == ["ann@company.example"]
    raw = message["To"]
    assert all(len(word) <= 75 for word in raw.split())
    assert raw.isascii()


def test_subjects_that_are_not_ascii_are_encoded_and_those_that_look_encoded_too():
    for title in ("Ein schöner Tag – " * 10, "=?utf-8?q?x?=", "plain words"):
        message = parsed(facts=facts_json(title))
        assert str(make_header(decode_header(message["Subject"]))) == title.strip()


def test_ob13_nothing_is_ever_winmail():
    assert b"ms-tnef" not in written(invited=True)
    assert b"winmail" not in written(invited=True)


def test_the_same_row_gives_the_same_bytes():
    assert written(invited=True) == written(invited=True)


def test_the_html_is_escaped_and_its_styles_are_inlined():
    html = leaf(parsed(facts=facts_json("<script>alert(1)</script>")), "text/html").get_payload(decode=True).decode()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "var(" not in html
    assert "prefers-color-scheme: dark" in html
    assert re.search(r'<a [^>]*style="[^"]*background', html)
    assert "max-width: 600px" in html
    assert "link rel" not in html


def test_a_letter_that_is_no_invitation_may_name_a_reply_address_and_an_unsubscribe_link():
    told = facts(ABOUT)
    told["links"]["unsubscribe"] = {"purpose": "unsubscribe", "about": str(ABOUT), "path": "/letters/stop/{token}"}
    message = parsed(facts=json(told), reply_to="notes+{reply}@floorday.example")
    assert re.fullmatch(r"notes\+[a-z2-7]{26,}@floorday\.example", message["Reply-To"])
    assert re.fullmatch(r"<http://127\.0\.0\.1:8000/letters/stop/[a-z2-7]{26,}>", message["List-Unsubscribe"])
    assert parsed(facts=json(told), event=json(event(ABOUT)))["List-Unsubscribe"] is None


def test_a_link_without_a_purpose_is_a_plain_page():
    assert letters.Link(path="/bookings/1").address() == "http://127.0.0.1:8000/bookings/1"
    link = letters.Link(path="/again", purpose="again", about=ABOUT, generation=2)
    assert link.address() == f"http://127.0.0.1:8000/again/{link.token()}"
    assert link.token() != letters.Link(path="/again", purpose="again", about=ABOUT, generation=3).token()


def test_the_calendar_is_base64_in_lines_of_76():
    part = leaf(parsed(invited=True), "text/calendar")
    assert part["Content-Transfer-Encoding"] == "base64"
    lines = part.get_payload().split()
    assert max(map(len, lines)) <= 76
    assert base64.b64decode("".join(lines)).endswith(b"END:VCALENDAR\r\n")


def test_the_products_own_calendar_part_fits_into_a_letter():
    told = invite.Event(
        method="REQUEST", uid=f"{ABOUT}@floorday.example", sequence=0, dtstamp=NOON,
        organizer="day+{reply}@floorday.example", attendee="ann@company.example", attendee_name="Zoë",
        starts=NOON, ends=NOON + timedelta(hours=6),
        zone="Europe/London", summary="A day")
    row = letter(invited=True, event=json(told))
    raw = letters.render(row, lambda event: invite.render(msgspec.convert(event, invite.Event)))
    calendar = leaf(message_from_bytes(raw), "text/calendar").get_payload(decode=True).replace(b"\r\n ", b"")
    assert f"mailto:{letters.sender_address(row)}".encode() in calendar
    assert b"{reply}" not in raw


def test_tokens_are_masked_where_a_letter_is_shown():
    token = letters.Link(purpose="answer", about=ABOUT).token()
    told = f"http://127.0.0.1:8000/answer/{token} and day+{token.upper()}@floorday.example, /bookings/{ABOUT}"
    assert tokens.mask_tokens(told) == (
        f"http://127.0.0.1:8000/answer/… and day+…@floorday.example, /bookings/{ABOUT}")
