"""Four calendar programs, played from the outside: they read an invitation's bytes and write an answer's.

Nothing here knows how floorday writes or reads a calendar object (it imports nothing from `calendar/`): what comes
out is what Exchange, Gmail, Apple Calendar and Thunderbird send, as their replies have been described in public
trackers and in the vendors' documents. So a press of Accept in the demo takes the road that a real one takes.
"""

from __future__ import annotations

import base64
import email
import quopri
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import format_datetime, formataddr
from enum import StrEnum
from html import escape
from zoneinfo import ZoneInfo

import icalendar
from msgspec import Struct, structs


class Client(StrEnum):
    """The program somebody answers from."""

    EXCHANGE = "Exchange"
    GMAIL = "Gmail"
    APPLE = "Apple"
    THUNDERBIRD = "Thunderbird"


class Answer(StrEnum):
    """The three buttons, by their PARTSTAT (RFC 5545 3.2.12)."""

    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"


class Card(Struct, frozen=True):
    """What a calendar program shows of an invitation. Times are UTC; `zone` is the TZID they were written in.

    `says` is the answer it carries already (PARTSTAT), `stamp` the time at which it was written (DTSTAMP).
    """

    method: str
    uid: str
    sequence: int
    summary: str
    location: str
    description: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    organizer: str
    organizer_name: str
    attendee: str
    attendee_name: str
    asks: bool
    says: str
    stamp: datetime
    message_id: str


class Letter(Struct, frozen=True):
    """A letter as a mail program shows it."""

    subject: str
    sender: str
    text: str
    html: str
    card: Card | None


def read(raw: bytes) -> Letter:
    """Take a delivered letter apart the way a mail program does."""
    mail = email.message_from_bytes(raw, policy=policy.default)
    html = mail.get_body(("html",))
    text = mail.get_body(("plain",))
    calendar = next((part for part in mail.walk() if part.get_content_type() == "text/calendar"), None)
    return Letter(
        subject=str(mail["Subject"] or ""),
        sender=str(mail["From"] or ""),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
        card=_card(calendar.get_payload(decode=True), str(mail["Message-ID"])) if calendar is not None else None,
    )


def _card(ics: bytes | object, message_id: str) -> Card | None:
    """Read the event that a calendar would show; None for a message that only speaks about one (DECLINECOUNTER)."""
    calendar = icalendar.Calendar.from_ical(ics if isinstance(ics, bytes) else b"")
    event = next(part for part in calendar.subcomponents if part.name == "VEVENT")
    if "DTSTART" not in event:
        return None
    starts, ends = event.decoded("DTSTART"), event.decoded("DTEND")
    attendee, organizer = event["ATTENDEE"], event["ORGANIZER"]
    return Card(
        method=str(calendar["METHOD"]).upper(),
        uid=str(event["UID"]),
        sequence=int(event.get("SEQUENCE", 0)),
        summary=str(event.get("SUMMARY", "")),
        location=str(event.get("LOCATION", "")),
        description=str(event.get("DESCRIPTION", "")),
        starts_at=starts.astimezone(UTC),
        ends_at=ends.astimezone(UTC),
        zone=str(event["DTSTART"].params.get("TZID", "UTC")),
        organizer=_bare(str(organizer)),
        organizer_name=str(organizer.params.get("CN", "")),
        attendee=_bare(str(attendee)),
        attendee_name=str(attendee.params.get("CN", "")),
        asks=str(attendee.params.get("RSVP", "FALSE")).upper() == "TRUE",
        says=str(attendee.params.get("PARTSTAT", "NEEDS-ACTION")).upper(),
        stamp=event.decoded("DTSTAMP").astimezone(UTC),
        message_id=message_id,
    )


def _bare(address: str) -> str:
    return re.sub(r"(?i)^mailto:", "", address)


def reply(raw: bytes, answer: Answer, client: Client, *, now: datetime, comment: str = "") -> bytes:
    """Write the answer that this program would send to the invitation in `raw`, with CRLF line ends."""
    card = read(raw).card
    if card is None or card.method != "REQUEST":
        raise ValueError("There is no invitation in this letter to answer.")
    press = _Press("REPLY", answer.value, _SAYS[answer])
    return _WRITERS[client](card, press, now, comment)


def propose(
    raw: bytes, starts_at: datetime, ends_at: datetime, client: Client, *, now: datetime, comment: str = ""
) -> bytes:
    """Write the other time that somebody proposes (COUNTER); two of the four programs can."""
    card = read(raw).card
    if card is None or card.method != "REQUEST":
        raise ValueError("There is no invitation in this letter to answer.")
    if client not in PROPOSE:
        raise ValueError(f"{client.value} cannot propose another time.")
    press = _Press("COUNTER", "TENTATIVE", PROPOSE[client], was=(card.starts_at, card.ends_at))
    return _WRITERS[client](structs.replace(card, starts_at=starts_at, ends_at=ends_at), press, now, comment)


PROPOSE = {Client.EXCHANGE: "New Time Proposed", Client.GMAIL: "Proposed new time"}
"""Which programs can propose another time, and how they call that."""


def write(raw: bytes, words: str, *, now: datetime) -> bytes:
    """Write an ordinary mail back, as somebody does who does not press a button."""
    letter = read(raw)
    if letter.card is None:
        raise ValueError("There is no invitation in this letter to answer.")
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = Address(letter.card.attendee_name, addr_spec=letter.card.attendee)
    mail["To"] = letter.card.organizer
    mail["Subject"] = f"Re: {letter.subject}"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{secrets.token_hex(12)}@{letter.card.attendee.rpartition('@')[2]}>"
    mail["In-Reply-To"] = mail["References"] = letter.card.message_id
    mail.set_content(words)
    return mail.as_bytes()


class _Press(Struct, frozen=True):
    """A button that was pressed: the method it sends, the answer in it, and the word it puts before the subject."""

    method: str
    partstat: str
    word: str
    was: tuple[datetime, datetime] | None = None


_SIGNS = {
    "Microsoft Exchange": Client.EXCHANGE,
    "Google Calendar": Client.GMAIL,
    "Apple Inc": Client.APPLE,
    "Mozilla Calendar": Client.THUNDERBIRD,
}


def program_of(raw: bytes) -> Client | None:
    """Tell which of the four wrote an answer, by its PRODID."""
    mail = email.message_from_bytes(raw, policy=policy.default)
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            content = part.get_payload(decode=True)
            words = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
            return next((client for sign, client in _SIGNS.items() if sign in words), None)
    return None


_SAYS = {Answer.ACCEPTED: "Accepted", Answer.TENTATIVE: "Tentative", Answer.DECLINED: "Declined"}

# Exchange names zones in the Windows way (CLDR windowsZones).
_WINDOWS = {
    "Europe/London": "GMT Standard Time",
    "Europe/Dublin": "GMT Standard Time",
    "Europe/Berlin": "W. Europe Standard Time",
    "Europe/Stockholm": "W. Europe Standard Time",
    "America/New_York": "Eastern Standard Time",
}


def _exchange(card: Card, press: _Press, now: datetime, comment: str) -> bytes:
    """Exchange: no ORGANIZER, Windows zone names, its own sequence beside, base64, nested as an alternative."""
    zone = card.zone if card.zone in _WINDOWS else "UTC"
    name = _WINDOWS.get(zone, "UTC")
    lines = [
        "BEGIN:VCALENDAR", f"METHOD:{press.method}", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0",
        *_windows_zone(name, zone, card.starts_at),
        "BEGIN:VEVENT",
        f"ATTENDEE;PARTSTAT={press.partstat};CN={_quoted(card.attendee_name)}:mailto:{card.attendee}",
        f"COMMENT;LANGUAGE=en-GB:{_text(comment)}\\n",
        f"UID:{card.uid}",
        f"SUMMARY;LANGUAGE=en-GB:{press.word}: {_text(card.summary)}",
        f"DTSTART;TZID={name}:{card.starts_at.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}",
        f"DTEND;TZID={name}:{card.ends_at.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}",
        "CLASS:PUBLIC", "PRIORITY:5", f"DTSTAMP:{_utc(now)}", "TRANSP:OPAQUE", "STATUS:CONFIRMED",
        f"SEQUENCE:{card.sequence}", "LOCATION;LANGUAGE=en-GB:",
        *_was(press),
        f"X-MICROSOFT-CDO-APPT-SEQUENCE:{card.sequence}", "X-MICROSOFT-CDO-OWNERAPPTID:0",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "X-MICROSOFT-CDO-ALLDAYEVENT:FALSE",
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    if not comment:
        lines = [line for line in lines if not line.startswith("COMMENT")]
    boundary = f"_000_{secrets.token_hex(8).upper()}_"
    return _message(
        card, now, f"{press.word}: {card.summary}",
        extra=[("Accept-Language", "en-GB"), ("X-MS-Has-Attach", ""), ("X-MS-TNEF-Correlator", "")],
        content_type=f'multipart/alternative; boundary="{boundary}"',
        body=_multipart(
            boundary,
            ('text/plain; charset="utf-8"', "base64", comment.encode(), ""),
            (f'text/calendar; charset="utf-8"; method={press.method}', "base64", _ics(lines), ""),
        ),
    )  # fmt: skip


def _was(press: _Press) -> list[str]:
    if press.was is None:
        return []
    starts, ends = press.was
    return [f"X-MS-OLK-ORIGINALSTART:{_utc(starts)}", f"X-MS-OLK-ORIGINALEND:{_utc(ends)}"]


def _windows_zone(name: str, zone: str, at: datetime) -> list[str]:
    """A VTIMEZONE of 1601 in Exchange's manner; good enough for the year it is written in."""
    if zone == "UTC":
        return ["BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:+0000",
                "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE"]  # fmt: skip
    winter = at.replace(month=1, day=10).astimezone(ZoneInfo(zone)).strftime("%z")
    summer = at.replace(month=7, day=10).astimezone(ZoneInfo(zone)).strftime("%z")
    us = zone.startswith("America/")
    autumn, spring = ("1SU;BYMONTH=11", "2SU;BYMONTH=3") if us else ("-1SU;BYMONTH=10", "-1SU;BYMONTH=3")
    return [
        "BEGIN:VTIMEZONE", f"TZID:{name}",
        "BEGIN:STANDARD", "DTSTART:16010101T020000", f"TZOFFSETFROM:{summer}", f"TZOFFSETTO:{winter}",
        f"RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY={autumn}", "END:STANDARD",
        "BEGIN:DAYLIGHT", "DTSTART:16010101T010000", f"TZOFFSETFROM:{winter}", f"TZOFFSETTO:{summer}",
        f"RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY={spring}", "END:DAYLIGHT",
        "END:VTIMEZONE",
    ]  # fmt: skip


def _gmail(card: Card, press: _Press, now: datetime, comment: str) -> bytes:
    """Gmail: the same calendar twice, the comment as a parameter with HTML entities, Google as Sender."""
    beside = press.method == "COUNTER"
    said = f";X-RESPONSE-COMMENT={_quoted(escape(' '.join(comment.splitlines())))}" if comment and not beside else ""
    lines = [
        "BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0",
        f"METHOD:{press.method}", "CALSCALE:GREGORIAN", "BEGIN:VEVENT",
        f"DTSTART:{_utc(card.starts_at)}", f"DTEND:{_utc(card.ends_at)}", f"DTSTAMP:{_utc(now)}",
        f"ORGANIZER;CN={_quoted(card.organizer_name)}:mailto:{card.organizer}",
        f"UID:{card.uid}",
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={press.partstat}"
        f";CN={_quoted(card.attendee_name)};X-NUM-GUESTS=0{said}:mailto:{card.attendee}",
        f"CREATED:{_utc(now)}", f"DESCRIPTION:{_text(card.description)}", f"LAST-MODIFIED:{_utc(now)}",
        f"LOCATION:{_text(card.location)}", f"SEQUENCE:{card.sequence}", "STATUS:CONFIRMED",
        f"SUMMARY:{_text(card.summary)}", "TRANSP:OPAQUE",
        *([f"COMMENT:{_text(comment)}"] if comment and beside else []),
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    outer, inner, ics = secrets.token_hex(10), secrets.token_hex(10), _ics(lines)
    word = f"{press.word}: {card.attendee_name}\r\n\r\n{comment}\r\n"
    alternative = _multipart(
        inner,
        ('text/plain; charset="UTF-8"; format=flowed; delsp=yes', "base64", word.encode(), ""),
        ('text/html; charset="UTF-8"', "quoted-printable", f"<p>{escape(word)}</p>".encode(), ""),
        (f'text/calendar; charset="UTF-8"; method={press.method}', "base64", ics, ""),
    )
    body = (
        f'--{outer}\r\nContent-Type: multipart/alternative; boundary="{inner}"\r\n\r\n'.encode()
        + alternative
        + b"\r\n"
        + _multipart(
            outer,
            ('application/ics; name="invite.ics"', "base64", ics, 'attachment; filename="invite.ics"'),
        )
    )
    return _message(
        card, now, f"{press.word}: {card.summary}",
        extra=[("Reply-To", formataddr((card.attendee_name, card.attendee))),
               ("Sender", "Google Calendar <calendar-notification@google.com>")],
        content_type=f'multipart/mixed; boundary="{outer}"',
        body=body,
    )  # fmt: skip


def _apple(card: Card, press: _Press, now: datetime, comment: str) -> bytes:
    """Apple: EMAIL beside the mailto, quoted-printable, the calendar part marked as an attachment."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Apple Inc.//macOS 15.1//EN", "METHOD:REPLY",
        "CALSCALE:GREGORIAN", "BEGIN:VEVENT", f"UID:{card.uid}", f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(card.starts_at)}", f"DTEND:{_utc(card.ends_at)}", f"SEQUENCE:{card.sequence}",
        f"ORGANIZER;CN={_quoted(card.organizer_name)}:mailto:{card.organizer}",
        f"ATTENDEE;PARTSTAT={press.partstat};CN={_quoted(card.attendee_name)};CUTYPE=INDIVIDUAL"
        f";EMAIL={card.attendee};ROLE=REQ-PARTICIPANT:mailto:{card.attendee}",
        *([f"COMMENT:{_text(comment)}"] if comment else []),
        f"SUMMARY:{_text(card.summary)}", f"CREATED:{_utc(now)}", f"LAST-MODIFIED:{_utc(now)}",
        "X-CALENDARSERVER-ACCESS:PUBLIC", "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    boundary, name = f"Apple-Mail={secrets.token_hex(8)}", f"iCal-{now:%Y%m%d-%H%M%S}.ics"
    word = f"{card.attendee_name} has {press.word.lower()} your invitation.\r\n"
    return _message(
        card, now, f"{press.word}: {card.summary}",
        extra=[("X-Mailer", "Apple Mail (2.3826)")],
        content_type=f'multipart/alternative; boundary="{boundary}"',
        body=_multipart(
            boundary,
            ('text/plain; charset="utf-8"', "quoted-printable", word.encode(), ""),
            (f'text/calendar; charset=utf-8; method=REPLY; name="{name}"', "quoted-printable", _ics(lines),
             f'attachment; filename="{name}"'),
        ),
    )  # fmt: skip


def _thunderbird(card: Card, press: _Press, now: datetime, comment: str) -> bytes:
    """Thunderbird: the calendar object is the whole message, with no method at its second glance."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN", "METHOD:REPLY",
        "BEGIN:VEVENT", f"UID:{card.uid}", f"DTSTAMP:{_utc(now)}", f"DTSTART:{_utc(card.starts_at)}",
        f"DTEND:{_utc(card.ends_at)}", f"SEQUENCE:{card.sequence}",
        f"ORGANIZER;CN={_quoted(card.organizer_name)}:mailto:{card.organizer}",
        f"ATTENDEE;PARTSTAT={press.partstat};ROLE=REQ-PARTICIPANT;CN={_quoted(card.attendee_name)}:mailto:{card.attendee}",
        *([f"COMMENT:{_text(comment)}"] if comment else []),
        f"SUMMARY:{_text(card.summary)}", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return _message(
        card, now, f"Event Invitation Reply ({press.word}): {card.summary}",
        extra=[("Content-class", "urn:content-classes:calendarmessage"), ("Content-Transfer-Encoding", "8bit")],
        content_type="text/calendar; method=REPLY; charset=UTF-8",
        body=_ics(lines),
    )  # fmt: skip


_WRITERS: dict[Client, Callable[[Card, _Press, datetime, str], bytes]] = {
    Client.EXCHANGE: _exchange,
    Client.GMAIL: _gmail,
    Client.APPLE: _apple,
    Client.THUNDERBIRD: _thunderbird,
}


def _message(
    card: Card, now: datetime, subject: str, *, extra: list[tuple[str, str]], content_type: str, body: bytes
) -> bytes:
    domain = card.attendee.rpartition("@")[2]
    headers = EmailMessage(policy=policy.SMTP)
    headers["From"] = Address(card.attendee_name, addr_spec=card.attendee)
    headers["To"] = card.organizer
    headers["Subject"] = " ".join(subject.split())
    headers["Date"] = format_datetime(now)
    headers["Message-ID"] = f"<{secrets.token_hex(12)}@{domain}>"
    headers["In-Reply-To"] = card.message_id
    head = headers.as_bytes().split(b"\r\n\r\n")[0].replace(b"\r\nMIME-Version: 1.0", b"")
    rest = [*extra, ("MIME-Version", "1.0"), ("Content-Type", content_type)]
    return head + b"".join(f"\r\n{name}: {value}".encode() for name, value in rest) + b"\r\n\r\n" + body


def _multipart(boundary: str, *parts: tuple[str, str, bytes, str]) -> bytes:
    out = b""
    for content_type, encoding, content, disposition in parts:
        out += f"--{boundary}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n".encode()
        if disposition:
            out += f"Content-Disposition: {disposition}\r\n".encode()
        out += b"\r\n" + _encoded(content, encoding) + b"\r\n"
    return out + f"--{boundary}--\r\n".encode()


def _encoded(content: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(content).replace(b"\n", b"\r\n")
    return quopri.encodestring(content.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")


def _ics(lines: list[str]) -> bytes:
    return b"".join(_folded(line) for line in lines)


def _folded(line: str) -> bytes:
    out, octets = b"", 0
    for character in line:
        raw = character.encode()
        if octets + len(raw) > 75:
            out, octets = out + b"\r\n ", 1
        out, octets = out + raw, octets + len(raw)
    return out + b"\r\n"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return value


def _quoted(value: str) -> str:
    return '"' + re.sub(r'["\r\n]', "'", value) + '"'


def envelope(raw: bytes) -> tuple[str, str]:
    """Give the two addresses that a mail server would carry a mail between."""
    head = BytesHeaderParser(policy=policy.default).parsebytes(raw)
    sender, receiver = (head[name].addresses[0].addr_spec for name in ("From", "To"))
    return sender, receiver


def message_id(raw: bytes) -> str:
    """Give a mail's Message-ID."""
    return str(BytesHeaderParser(policy=policy.default).parsebytes(raw)["Message-ID"]).strip()
