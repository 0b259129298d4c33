"""What is to be said of a booking in a calendar, before `invite` puts it into iCalendar's words."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True):
    """One message about one booking to one manager; goes to and from JSON with msgspec.

    `starts`, `ends` and `dtstamp` are aware UTC; `zone` is the floor's IANA zone. `transparent` is for an offer that
    should not block the time. A DECLINECOUNTER names the event and its revision, says why (`comment`), and repeats
    nothing else of it (RFC 5546 3.2.8).
    """

    method: Literal["REQUEST", "CANCEL", "DECLINECOUNTER"]
    uid: str
    sequence: int
    dtstamp: datetime
    organizer: str
    organizer_name: str = ""
    attendee: str
    attendee_name: str = ""
    partstat: Literal["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"] = "NEEDS-ACTION"
    rsvp: bool = True
    starts: datetime
    ends: datetime
    zone: str
    summary: str
    location: str = ""
    description: str = ""
    status: Literal["CONFIRMED", "TENTATIVE", "CANCELLED"] = "CONFIRMED"
    transparent: bool = False
    comment: str = ""
