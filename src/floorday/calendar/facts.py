"""What a mail says, as plain facts. No calendar library is imported here, so that rules may read them.

Everything in these Structs came from outside: bounded, decoded and stripped of control characters, and believed by
nobody until `inbox.rules` has looked at who sent it.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

COMMENT_LONGEST = 2000
"""Characters of a manager's comment that are kept (IN-20)."""


class Attendee(Struct, frozen=True):
    """One ATTENDEE line. `address` is "" when the calendar address is no mail address (IN-11)."""

    address: str
    partstat: str = ""
    sent_by: str = ""
    delegated_to: tuple[str, ...] = ()
    delegated_from: tuple[str, ...] = ()
    comment: str = ""


class Itip(Struct, frozen=True):
    """One calendar part.

    `method` is the METHOD property and `part_method` the parameter of the Content-Type: upper-case, "" when absent.
    `starts` and `ends` are UTC and only there when a zone could be told for certain. `problems` are codes:
    "unparsable-calendar", "unsupported-format", "several-calendars", "broken-property", "no-times", "unknown-zone".
    """

    method: str = ""
    part_method: str = ""
    uids: tuple[str, ...] = ()
    sequence: int = 0
    sequence_given: bool = False
    dtstamp: datetime | None = None
    organizer: str | None = None
    attendees: tuple[Attendee, ...] = ()
    starts: datetime | None = None
    ends: datetime | None = None
    recurring: bool = False
    events: int = 0
    request_status: tuple[str, ...] = ()
    comment: str = ""
    problems: tuple[str, ...] = ()
    choice: int = 0
    """Which multipart/alternative it stands in; 0 when in none."""


class Bounce(Struct, frozen=True):
    """A delivery report: which of our messages did not arrive, for whom, and what the server said."""

    failed: bool
    message_ids: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    words: str = ""


class Check(Struct, frozen=True):
    """What one server says about the sender (Authentication-Results, RFC 8601)."""

    server: str
    dmarc: str
    """pass, fail, none ... or "" when the header does not speak of it."""
    domain: str = ""
    """header.from, the domain the result is about; "" when not told."""


class Incoming(Struct, frozen=True):
    """One mail as it was understood. `refused` is a code when it went over a cap and was not read further."""

    refused: str = ""
    senders: tuple[str, ...] = ()
    sender_name: str = ""
    sender_unclear: bool = False
    """True when From does not name exactly one address."""
    message_id: str = ""
    date: datetime | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    automatic: str = ""
    """Why it is taken for automatic mail, as a code; "" for mail a person or a calendar sent."""
    listed: bool = False
    """It came through a mailing list."""
    bounce: Bounce | None = None
    checks: tuple[Check, ...] = ()
    calendars: tuple[Itip, ...] = ()
    unreadable: tuple[str, ...] = ()
    """Parts that may hide an answer: encrypted, winmail, unsupported-format, calendar-only-in-attached-message."""
    text: str = ""
    """The words for a person, bounded; never parsed into an answer."""

    @property
    def sender(self) -> str:
        """Return the one address in From, or "" when it is not certain."""
        return self.senders[0] if len(self.senders) == 1 and not self.sender_unclear else ""
