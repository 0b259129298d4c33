"""Write our side of the calendar talk: REQUEST, CANCEL, DECLINECOUNTER (RFC 5546), as bytes."""
# icalendar does not say what its `add` takes:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, vCalAddress
from icalendar import Event as VEvent

from floorday.calendar.event import Event
from floorday.calendar.zones import ZoneRule, timezone_block, yearly_rule

PRODID = "-//floorday//floorday//EN"
UID_LONGEST = 255

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\x00-\x20\x7f-\x9f]+@[^\s@<>\"(),:;\\\x00-\x20\x7f-\x9f]+")
_UID = re.compile(r"[\x21-\x7e]+@[A-Za-z0-9.-]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def render(event: Event) -> bytes:
    """Write an event as one VCALENDAR. Raises ValueError on what must never leave: bad addresses, times, UIDs."""
    _check(event)
    rule = _rule(event) if event.method != "DECLINECOUNTER" else None
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", event.method)
    if rule is not None:
        calendar.add_component(timezone_block(rule))
    calendar.add_component(_event(event, local=rule is not None))
    return calendar.to_ical(sorted=False)


def _check(event: Event) -> None:
    if not _UID.fullmatch(event.uid) or len(event.uid) > UID_LONGEST:
        raise ValueError("A UID is printable ASCII of at most 255 characters and ends in our domain.")
    for address in (event.organizer, event.attendee):
        if not _ADDRESS.fullmatch(address):
            raise ValueError("An organizer and an attendee are mail addresses.")
    if event.sequence < 0:
        raise ValueError("A sequence starts at 0.")
    if any(moment.tzinfo is None for moment in (event.starts, event.ends, event.dtstamp)):
        raise ValueError("Times of an event carry their zone.")
    if event.ends <= event.starts:
        raise ValueError("An event ends after it starts.")
    if event.method != "CANCEL" and event.status == "CANCELLED":
        raise ValueError("Only a CANCEL says that an event is cancelled.")


def _rule(event: Event) -> ZoneRule | None:
    """Say the floor's zone as yearly rules; None where UTC is the only safe thing to write.

    Exchange refuses zones without summer time and rules it finds odd (KB 2643084, KB 4456241), and UTC is always right.
    """
    zone = ZoneInfo(event.zone)
    walls = [event.starts.astimezone(zone), event.ends.astimezone(zone)]
    if any(wall.fold for wall in walls):    # a repeated hour names its first run (RFC 5545 3.3.5), this is the second
        return None
    rules = {yearly_rule(event.zone, wall.year) for wall in walls}
    rule = rules.pop()
    return rule if rule is not None and not rules and rule.covers(event.starts) else None


def _event(event: Event, *, local: bool) -> VEvent:
    part = VEvent()
    part.add("uid", event.uid)
    part.add("dtstamp", event.dtstamp.astimezone(UTC).replace(microsecond=0))
    part.add("sequence", event.sequence)
    part.add("organizer", _person(event.organizer, event.organizer_name))
    part.add("attendee", _attendee(event))
    if event.method == "DECLINECOUNTER":
        if event.comment:
            part.add("comment", clean(event.comment))
        return part
    for name, moment in (("dtstart", event.starts), ("dtend", event.ends)):
        _add_time(part, name, moment, zone=event.zone if local else "")
    part.add("summary", clean(event.summary, lines=False))
    if event.location:
        part.add("location", clean(event.location, lines=False))
    if event.description:
        part.add("description", clean(event.description))
    part.add("status", "CANCELLED" if event.method == "CANCEL" else event.status)
    part.add("transp", "TRANSPARENT" if event.transparent or event.method == "CANCEL" else "OPAQUE")
    return part


def _add_time(part: VEvent, name: str, moment: datetime, *, zone: str) -> None:
    moment = moment.replace(microsecond=0)
    if not zone:
        part.add(name, moment.astimezone(UTC))
        return
    wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    part.add(name, wall, parameters={"TZID": zone})


def _attendee(event: Event) -> vCalAddress:
    rsvp = event.rsvp and event.method == "REQUEST"
    person = _person(event.attendee, event.attendee_name)
    person.params.update({
        "CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": event.partstat, "RSVP": "TRUE" if rsvp else "FALSE",
    })
    return person


def _person(address: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    shown = clean(name, lines=False).replace('"', "'").replace("^", "")
    person.params["CN"] = shown or address
    return person


def clean(words: str, *, lines: bool = True) -> str:
    """Take out what no calendar text may hold: control characters, lone surrogates, foreign line ends (OB-25)."""
    words = _LINE_ENDS.sub("\n", words)
    words = _FORBIDDEN.sub("", words)
    return words if lines else " ".join(words.split())
