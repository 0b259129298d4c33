"""Read a mail that may carry an answer. It says what stands there and believes none of it: `inbox.rules` decides.

`read` is a plain function of bytes: it never raises, keeps no state between mails, and its result can be pickled, so
it may run in a process of its own with limits. Content lines are taken apart by icalendar one by one and a calendar is
never built: icalendar keeps the first VTIMEZONE it sees under a name for the process, and drops what it cannot read.
"""
# icalendar's line parser is typed in part only:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import cast

from icalendar.parser import Contentline
from icalendar.prop import vDuration
from msgspec.structs import replace

from floorday.calendar import mime
from floorday.calendar.addresses import from_calendar, mailboxes, normal
from floorday.calendar.facts import COMMENT_LONGEST, Attendee, Bounce, Check, Incoming, Itip
from floorday.calendar.mime import Part, TooMuch
from floorday.calendar.zones import Observance, read_rule, resolve

LONGEST_CALENDAR = 128 * 1024
MOST_COMPONENTS = 10
MOST_BLOCKS = 60
"""Components with the STANDARD and DAYLIGHT blocks of time zones, of which honest mails carry many."""
MOST_CALENDARS = 10
MOST_PROPERTIES = 500
TEXT_LONGEST = 8000

CALENDAR_KINDS = frozenset({"text/calendar", "application/ics"})
OLD_KINDS = frozenset({"text/x-vcalendar", "application/x-vcalendar"})
SEALED_KINDS = frozenset({
    "application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted", "multipart/encrypted",
})
TNEF_KINDS = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
AUTOMATIC_HEADERS = ("X-Auto-Response-Suppress", "X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Autoresponder")

_MESSAGE_ID = re.compile(r"<([^<>\s]{1,250})>")
_RETURNED_ID = re.compile(r"^message-id:\s{0,20}<([^<>\s]{1,250})>", re.IGNORECASE | re.MULTILINE)
_BEGIN = re.compile(r"^[ \t]*BEGIN[ \t]*:[ \t]*([A-Za-z0-9-]+)", re.MULTILINE | re.IGNORECASE)
_NAME = re.compile(r"[ \t]*([A-Za-z0-9-]{1,60})[ \t]*(?=[:;])")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?")
_DMARC = re.compile(r"\s*dmarc\s*=\s*([a-z]+)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"\bheader\.from\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_VALUELESS = re.compile(r";[ \t]*(?:[A-Za-z0-9-]+[ \t]*)?(?=[;:])")

_WANTED = {
    "VCALENDAR": {"METHOD", "VERSION"},
    "VEVENT": {
        "UID", "SEQUENCE", "X-MICROSOFT-CDO-APPT-SEQUENCE", "DTSTAMP", "ORGANIZER", "ATTENDEE", "DTSTART", "DTEND",
        "DURATION", "RECURRENCE-ID", "RRULE", "RDATE", "REQUEST-STATUS", "COMMENT",
    },
    "VTIMEZONE": {"TZID"},
    "STANDARD": {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"},
    "DAYLIGHT": {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"},
}


def read(raw: bytes) -> Incoming:
    """Read a mail. Never raises: what cannot be read is said in the result."""
    try:
        head, parts = mime.split(raw)
        return _incoming(head, parts)
    except TooMuch as cap:
        return Incoming(refused=str(cap))
    except Exception:     # any surprise in foreign bytes ends as a mail for a person, never as a dead reader
        return Incoming(refused="unreadable")


def _incoming(head: Message, parts: list[Part]) -> Incoming:
    senders, clear = _addresses(head, "From")
    names = mailboxes(mime.header(head, "From"))[0]
    mail = Incoming(
        senders=tuple(address for _, address in senders),
        sender_name=names[0][0][:200] if names else "",
        sender_unclear=not clear or len(head.get_all("From", [])) > 1,
        message_id=next(iter(_ids(head, "Message-ID")), ""),
        date=_date(head),
        in_reply_to=_ids(head, "In-Reply-To"),
        references=_ids(head, "References"),
        to=tuple(address for name in ("To", "Cc") for _, address in _addresses(head, name)[0]),
        delivered_to=tuple(
            address for name in ("Delivered-To", "X-Original-To") for _, address in _addresses(head, name)[0]),
        subject=mime.header(head, "Subject", longest=300),
        automatic=_automatic(head),
        listed=any(name in head for name in ("List-Id", "List-Post")) or _word(head, "Precedence") == "list",
        bounce=_bounce(head, parts),
        checks=_checks(head),
        text=_text(parts),
    )
    if mail.automatic:
        return mail     # nothing in it may act, so nothing in it is parsed
    return replace(mail, calendars=_calendars(parts), unreadable=_unreadable(parts))


def _addresses(head: Message, name: str) -> tuple[list[tuple[str, str]], bool]:
    found: list[tuple[str, str]] = []
    clear = True
    for value in head.get_all(name, [])[:20]:
        words = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        some, understood = mailboxes(words.replace("\n", " "))
        found += some
        clear = clear and understood
    return found, clear


def _ids(head: Message, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(str(head.get(name, "")))))[:50]


def _word(head: Message, name: str) -> str:
    """Return the first word of a header in lower case, without comments and parameters."""
    words = _without_comments(str(head.get(name, ""))).replace(";", " ").split()
    return words[0].lower() if words else ""


def _date(head: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(head.get("Date", ""))[:100])
        return (found.replace(tzinfo=UTC) if found.tzinfo is None else found).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _automatic(head: Message) -> str:
    """Say why a mail is automatic (IN-02, RFC 3834), or ""."""
    if _word(head, "Auto-Submitted") not in {"", "no"}:
        return "auto-submitted"
    if "".join(str(head.get("Return-Path", "")).split()) == "<>":
        return "null-sender"
    if head.get_content_type() in {"multipart/report", "message/delivery-status", "message/disposition-notification"}:
        return "report"
    if _word(head, "Precedence") in {"bulk", "list", "junk"} and any(name in head for name in AUTOMATIC_HEADERS):
        return "precedence"
    return ""


def _checks(head: Message) -> tuple[Check, ...]:
    found: list[Check] = []
    for value in head.get_all("Authentication-Results", [])[:50]:
        server, *results = _without_comments(str(value)).split(";")
        words = server.split()
        if not words:
            continue
        dmarc = [result for result in results if _DMARC.match(result)]
        for result in dmarc or [""]:
            verdict, domain = _DMARC.match(result), _HEADER_FROM.search(result)
            found.append(Check(
                server=words[0].strip('"').lower(),
                dmarc=verdict[1].lower() if verdict else "",
                domain=domain[1].rpartition("@")[2].rstrip(".").lower() if domain else "",
            ))
    return tuple(found)


def _without_comments(words: str) -> str:
    """Take out comments, which may nest and may hold a quoted sign (RFC 5322 3.2.2). One pass."""
    kept: list[str] = []
    depth = 0
    quoted = escaped = False
    for sign in words[:mime.LONGEST_HEADER]:
        if escaped:
            escaped = False
        elif sign == "\\" and (quoted or depth):
            escaped = True
            continue
        elif quoted or (sign == '"' and not depth):
            quoted = not quoted if sign == '"' else quoted
        elif sign == "(":
            depth += 1
            continue
        elif sign == ")" and depth:
            depth -= 1
            continue
        if not depth:
            kept.append(" " if quoted and sign == ";" else sign)
    return "".join(kept)


def _bounce(head: Message, parts: list[Part]) -> Bounce | None:
    """Read a delivery report (RFC 3464): whom it did not reach, which message, and the server's words."""
    reports = [part for part in parts if part.kind == "message/delivery-status"]
    if not reports:
        return None
    fields: dict[str, list[str]] = {}
    for report in reports:
        words = mime.text(report.decoded()[:32 * 1024], "utf-8").replace("\r", "")
        for line in re.sub(r"\n[ \t]+", " ", words).split("\n")[:500]:
            name, colon, value = line.partition(":")
            if colon:
                fields.setdefault(name.strip().lower(), []).append(mime.shown(value))
    ids = list(_ids(head, "X-Original-Message-ID"))
    for part in parts:
        if part.kind in {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"}:
            returned = part.decoded()[:mime.LONGEST_HEAD].lstrip()
            ids += _RETURNED_ID.findall(mime.text(returned, "utf-8")[:16000])[:1]
    recipients = [
        normal(value.rpartition(";")[2].strip())
        for name in ("final-recipient", "original-recipient") for value in fields.get(name, [])
    ]
    said = [value.partition(";")[2].strip() or value for value in fields.get("diagnostic-code", [])]
    return Bounce(
        failed="failed" in {value.lower() for value in fields.get("action", [])},
        message_ids=tuple(dict.fromkeys([*ids, *_ids(head, "In-Reply-To"), *_ids(head, "References")]))[:20],
        recipients=tuple(dict.fromkeys(filter(None, recipients)))[:20],
        words=" ".join([*said, *([] if said else fields.get("status", []))])[:500],
    )


def _text(parts: list[Part]) -> str:
    """Return the words for a person: the first plain text, else the first HTML without its markup."""
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.kind != kind:
                continue
            words = mime.text(part.decoded()[:64 * 1024], part.param("charset"))
            if kind == "text/html":
                words = html.unescape(re.sub(r"<[^<>]*>", " ", words))
            words = mime.unprintable_out(words).strip()
            if words:
                return words[:TEXT_LONGEST]
    return ""


def _unreadable(parts: list[Part]) -> tuple[str, ...]:
    """List what may hide an answer that a machine cannot read (IN-28)."""
    found: list[str] = []
    for part in parts:
        if part.kind in SEALED_KINDS:
            found.append("encrypted")
        elif part.kind in TNEF_KINDS or part.param("name").lower() == "winmail.dat":
            found.append("winmail")
        elif part.kind in OLD_KINDS:
            found.append("unsupported-format")
        elif part.kind == "message/rfc822" and b"text/calendar" in part.body.lower():
            found.append("calendar-only-in-attached-message")
    return tuple(dict.fromkeys(found))


def _calendars(parts: list[Part]) -> tuple[Itip, ...]:
    """Read all calendar parts; identical copies count once (IN-04)."""
    wanted = [part for part in parts if part.kind in CALENDAR_KINDS]
    if len(wanted) > MOST_CALENDARS:
        raise TooMuch("too-large")
    found: list[Itip] = []
    for part in wanted:
        itip = _itip(part)
        copies = [one for one in found if _content(one) == _content(itip)]
        if not copies:
            found.append(itip)
        elif itip.part_method and not copies[0].part_method:
            found[found.index(copies[0])] = itip
        elif itip.part_method and copies[0].part_method != itip.part_method:
            found.append(itip)
    return tuple(found)


def _content(itip: Itip) -> Itip:
    return replace(itip, part_method="", choice=0)


def _itip(part: Part) -> Itip:
    """Read one calendar part (IN-05 to IN-07, IN-15 to IN-17, IN-19, IN-20, IN-24)."""
    words = _unfolded(part.decoded(), part.param("charset"))
    begins = [name.upper() for name in _BEGIN.findall(words)]
    counted = [name for name in begins if name not in {"VCALENDAR", "STANDARD", "DAYLIGHT"}]
    if len(counted) > MOST_COMPONENTS or len(begins) > MOST_BLOCKS:
        raise TooMuch("too-large")
    empty = Itip(part_method=part.param("method").upper(), choice=part.choice)
    tree = _tree(words)
    if tree is None:
        return replace(empty, problems=("unparsable-calendar",))
    if any(line.value.strip() == "1.0" for node in tree for line in node.all("VERSION")):
        return replace(empty, problems=("unsupported-format",), uids=_uids(tree))
    return _facts(tree, empty)


def _unfolded(data: bytes, charset: str) -> str:
    """Join folded lines before decoding, since a fold may stand inside a character (RFC 5545 3.1)."""
    if len(data) > LONGEST_CALENDAR:
        raise TooMuch("too-large")
    if b"\0" not in data[:4] and data[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        if b"\n" not in data:
            data = data.replace(b"\r", b"\n")
        data = re.sub(rb"\n[ \t]", b"", data.replace(b"\r", b""))
    words = mime.text(data, charset).replace("\r", "").lstrip("\ufeff")
    return mime.unprintable_out(re.sub(r"\n[ \t]", "", words))


class _Line:
    """One property: its parameters and its value, unescaped and raw."""

    def __init__(self, words: str) -> None:
        try:
            line = Contentline(words)
            self.params = _params(line)
            self.raw = line.raw_parts()[2]
            self.value = line.parts()[2]
            self.broken = False
        except ValueError:
            self.params = {}
            self.raw = self.value = ""
            self.broken = True

    def param(self, name: str) -> str:
        """Return a parameter, "" when absent."""
        return ", ".join(self.params.get(name, []))


def _params(line: Contentline) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    params = cast("dict[str, str | list[str]]", line.raw_parts()[1])
    for name, value in params.items():
        found[str(name).upper()] = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    return found


class _Node:
    """A component as it stands in the text: properties by name, and the components inside."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[str, list[_Line]] = {}
        self.inside: list[_Node] = []
        self.broken = False

    def add(self, name: str, words: str) -> None:
        """Keep a property; one that cannot be read even without its empty parameters is marked."""
        line = _Line(words)
        if line.broken:
            line = _Line(_VALUELESS.sub("", words, count=20))
        if line.broken:
            self.broken = True
            return
        self.lines.setdefault(name, []).append(line)

    def all(self, name: str) -> list[_Line]:
        """Return all properties of a name."""
        return self.lines.get(name, [])

    def first(self, name: str) -> _Line | None:
        """Return the first property of a name."""
        return next(iter(self.all(name)), None)

    def value(self, name: str) -> str:
        """Return the first value of a name, trimmed, "" when absent."""
        line = self.first(name)
        return line.value.strip() if line else ""


def _tree(words: str) -> list[_Node] | None:
    """Build the VCALENDARs of a part; None when there is none or one is not closed."""
    found: list[_Node] = []
    open_: list[_Node] = []
    taken = 0
    for line in words.split("\n"):
        name = _NAME.match(line)
        if name is None:
            continue
        word = name[1].upper()
        if word == "BEGIN":
            node = _Node(line.partition(":")[2].strip().upper())
            (open_[-1].inside if open_ else found).append(node)
            open_.append(node)
        elif word == "END":
            if not open_ or open_[-1].name != line.partition(":")[2].strip().upper():
                return None
            open_.pop()
        elif open_ and word in _WANTED.get(open_[-1].name, ()):
            taken += 1
            if taken > MOST_PROPERTIES:
                raise TooMuch("too-large")
            open_[-1].add(word, line)
    calendars = [node for node in found if node.name == "VCALENDAR"]
    return calendars if calendars and not open_ else None


def _uids(tree: list[_Node]) -> tuple[str, ...]:
    found = [line.value.strip() for node in tree for part in node.inside for line in part.all("UID")]
    return tuple(dict.fromkeys(uid[:1000] for uid in found if uid))


def _facts(tree: list[_Node], empty: Itip) -> Itip:
    calendar = tree[0]
    events = [node for node in calendar.inside if node.name == "VEVENT"]
    problems: list[str] = []
    if len(tree) > 1:
        problems.append("several-calendars")
    methods = {line.value.strip().upper() for line in calendar.all("METHOD")}
    if len(methods) > 1 or any(node.broken for node in (calendar, *events)):
        problems.append("broken-property")
    if not events or not all(event.value("UID") for event in events):
        problems.append("unparsable-calendar")
    itip = replace(
        empty, method=min(methods, default=""), uids=_uids(tree), events=len(events), problems=tuple(problems))
    return _event_facts(itip, events, _zones(calendar)) if events else itip


def _event_facts(itip: Itip, events: list[_Node], zones: dict[str, tuple[Observance, ...] | None]) -> Itip:
    event = events[0]
    problems = list(itip.problems)
    sequence, given = _sequence(event, problems.append)
    starts = _time(event.first("DTSTART"), zones, problems.append)
    ends = _time(event.first("DTEND"), zones, problems.append)
    if ends is None and starts is not None:
        ends = _after(starts, event.value("DURATION"))
    attendees = tuple(_attendee(line) for line in event.all("ATTENDEE"))
    organizers = {_address(line) for line in event.all("ORGANIZER")}
    return replace(
        itip,
        sequence=sequence, sequence_given=given,
        dtstamp=_stamp(event.first("DTSTAMP"), zones),
        organizer=None if not organizers else (organizers.pop() if len(organizers) == 1 else ""),
        attendees=attendees,
        starts=starts, ends=ends,
        recurring=any(one.all(name) for one in events for name in ("RECURRENCE-ID", "RRULE", "RDATE")),
        request_status=tuple(line.value.partition(";")[0].strip()[:20] for line in event.all("REQUEST-STATUS")),
        comment=_comment("\n".join(dict.fromkeys(line.value for line in event.all("COMMENT")))),
        problems=tuple(dict.fromkeys(problems)),
    )


def _sequence(event: _Node, wrong: Callable[[str], None]) -> tuple[int, bool]:
    """Return the revision: SEQUENCE, or where that is absent or 0 what Exchange says beside it (IN-15)."""
    numbers: dict[str, int] = {}
    for name in ("SEQUENCE", "X-MICROSOFT-CDO-APPT-SEQUENCE"):
        values = {line.value.strip() for line in event.all(name)}
        if len(values) == 1 and re.fullmatch(r"\+?\d{1,9}", value := values.pop(), re.ASCII):
            numbers[name] = int(value)
        elif event.all(name) and name == "SEQUENCE":
            wrong("broken-property")
    sequence = numbers.get("SEQUENCE", 0) or numbers.get("X-MICROSOFT-CDO-APPT-SEQUENCE", 0)
    return sequence, bool(numbers)


def _attendee(line: _Line) -> Attendee:
    return Attendee(
        address=_address(line),
        partstat=line.param("PARTSTAT").strip().upper()[:60],
        sent_by=_sent_by(line),
        delegated_to=tuple(from_calendar(one) for one in line.params.get("DELEGATED-TO", [])),
        delegated_from=tuple(from_calendar(one) for one in line.params.get("DELEGATED-FROM", [])),
        comment=_comment(html.unescape(line.param("X-RESPONSE-COMMENT"))),
    )


def _address(line: _Line) -> str:
    """Return a calendar user's mail address: the mailto value, else the EMAIL parameter (RFC 7986 6.2)."""
    return from_calendar(line.value) or from_calendar(line.param("EMAIL")) or normal(line.param("EMAIL"))


def _sent_by(line: _Line) -> str:
    """Return who sent it for the attendee; an unreadable one stays as written, so that it matches nobody."""
    words = line.param("SENT-BY").strip()
    return from_calendar(words) or normal(words) or words[:254]


def _comment(words: str) -> str:
    return mime.unprintable_out(words).strip()[:COMMENT_LONGEST]


def _stamp(line: _Line | None, zones: dict[str, tuple[Observance, ...] | None]) -> datetime | None:
    return _time(line, zones, lambda _: None)


def _time(
    line: _Line | None, zones: dict[str, tuple[Observance, ...] | None], wrong: Callable[[str], None],
) -> datetime | None:
    """Return a moment in UTC; a time whose zone is not certain is no time at all (IN-07)."""
    if line is None:
        return None
    found = _MOMENT.fullmatch(line.value.strip())
    local = _local(found) if found else None
    if found is None or local is None:
        wrong("no-times")
        return None
    if found[7]:
        return local.replace(tzinfo=UTC)
    moment = resolve(line.param("TZID"), zones, local) if line.param("TZID") else None
    if moment is None:
        wrong("unknown-zone")
    return moment


def _local(found: re.Match[str]) -> datetime | None:
    try:
        year, month, day, hour, minute, second = (int(found[place]) for place in range(1, 7))
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone comes next
    except ValueError:
        return None


def _after(starts: datetime, duration: str) -> datetime | None:
    try:
        length = vDuration.from_ical(duration[:30]) if duration else None
        return starts + length if length is not None and timedelta(0) < length < timedelta(days=366) else None
    except (ValueError, OverflowError):
        return None


def _zones(calendar: _Node) -> dict[str, tuple[Observance, ...] | None]:
    """Read the VTIMEZONEs of this message; None for one that has rules too clever for us."""
    found: dict[str, tuple[Observance, ...] | None] = {}
    for node in calendar.inside:
        if node.name == "VTIMEZONE" and node.value("TZID") and node.value("TZID") not in found:
            blocks = [_observance(block) for block in node.inside if block.name in {"STANDARD", "DAYLIGHT"}]
            good = tuple(block for block in blocks if block is not None)
            found[node.value("TZID")] = good if good and len(good) == len(blocks) else None
    return found


def _observance(node: _Node) -> Observance | None:
    moment = _MOMENT.fullmatch(node.value("DTSTART"))
    starts = _local(moment) if moment else None
    before, after = (_offset(node.value(name)) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    rules = [line.raw for line in node.all("RRULE")]
    if starts is None or before is None or after is None or node.all("RDATE") or len(rules) > 1 or node.broken:
        return None
    if not rules:
        return Observance(starts, before, after)
    rule = read_rule(rules[0])
    return None if rule is None else Observance(starts, before, after, *rule)


def _offset(words: str) -> timedelta | None:
    found = _OFFSET.fullmatch(words)
    if found is None:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return (-offset if found[1] == "-" else offset) if offset < timedelta(days=1) else None
