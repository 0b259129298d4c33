"""What has to be known before a mail can be judged, and what becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from floorday.calendar.addresses import normal
from floorday.calendar.facts import Incoming

Name: TypeAlias = Literal[
    "update-partstat", "counter-proposal", "delegation-needs-human", "refresh-resend", "needs-human",
    "malformed-rejected", "rejected-unknown-uid", "rejected-unknown-attendee", "rejected-unauthenticated",
    "rejected-sender-mismatch", "rejected-wrong-method", "ignored-stale", "ignored-duplicate", "ignored-auto-reply",
    "ignored-cancelled", "ignored-no-answer", "ignored-own-message", "bounce-recorded", "note-opened",
    "vendor-word", "word-kept", "story-drafted",
]

ANSWERS = frozenset({"ACCEPTED", "DECLINED", "TENTATIVE"})

GATEWAYS = (
    "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "calendar", "invitation", "notification", "mailer",
    "postmaster", "system", "gateway", "server", "daemon",
)
"""How the sender's part of an address begins when a calendar server writes in somebody's name."""


class LastAnswer(Struct, frozen=True):
    """The newest answer of this manager that was applied (IN-15)."""

    sequence: int
    dtstamp: datetime | None
    partstat: str
    message_id: str = ""


class KnownBooking(Struct, frozen=True):
    """What we know of one booking. Addresses in any case; they are compared in their normal form.

    `sent` are the Message-IDs of our letters about it, `reply_addresses` the booking's own live addresses for answers.
    """

    uid: str
    state: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    manager: str
    aliases: tuple[str, ...] = ()
    assistants: tuple[str, ...] = ()
    last: LastAnswer | None = None
    sent: tuple[str, ...] = ()
    reply_addresses: tuple[str, ...] = ()


class Known(Struct, frozen=True):
    """What was loaded for one mail, by its `Wanted`.

    `ours` are the addresses we write from, without what follows a plus. `letters` are those of the wanted Message-IDs
    that are ours, about a booking or not. `taken` are those of the wanted addresses that are registered to somebody,
    exactly as written.
    """

    bookings: tuple[KnownBooking, ...] = ()
    ours: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()

    def by_uid(self, uid: str) -> KnownBooking | None:
        """Find a booking by its UID, and by nothing else."""
        return next((booking for booking in self.bookings if booking.uid == uid), None)


class Wanted(Struct, frozen=True):
    """What has to be loaded before a mail can be judged."""

    uids: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


class Outcome(Struct, frozen=True):
    """What becomes of a mail. `reason` is for a person, `code` for a machine.

    `booking` is the UID it is about, where that is known. For `update-partstat`, `partstat`, `sequence` and `dtstamp`
    are what to store; for `counter-proposal`, `starts` and `ends` are the proposed time in UTC and `partstat` is only
    a hint. `acts_as` is "manager", "assistant:ADDRESS" or the alias that was used. `more` holds the outcomes of further
    calendar parts about other bookings in the same mail.
    """

    name: Name
    code: str
    reason: str
    booking: str = ""
    partstat: str = ""
    sequence: int | None = None
    dtstamp: datetime | None = None
    comment: str = ""
    starts: datetime | None = None
    ends: datetime | None = None
    acts_as: str = ""
    more: tuple[Outcome, ...] = ()


def wanted(incoming: Incoming, *, envelope_to: str | None = None) -> Wanted:
    """Say what to load for a mail."""
    bounced = incoming.bounce.message_ids if incoming.bounce else ()
    ids = (incoming.message_id, *incoming.in_reply_to, *incoming.references, *bounced)
    people = (
        *incoming.senders,
        *(line.address for itip in incoming.calendars for line in itip.attendees),
    )
    recipients = (normal(envelope_to or ""), *incoming.delivered_to, *incoming.to)
    return Wanted(
        uids=tuple(dict.fromkeys(uid for itip in incoming.calendars for uid in itip.uids)),
        message_ids=tuple(dict.fromkeys(filter(None, ids))),
        recipients=tuple(dict.fromkeys(filter(None, recipients))),
        addresses=tuple(dict.fromkeys(filter(None, people))),
    )


def normals(addresses: tuple[str, ...]) -> set[str]:
    """Give addresses in the form in which they are compared, without those that are none."""
    return {address for one in addresses if (address := normal(one))}
