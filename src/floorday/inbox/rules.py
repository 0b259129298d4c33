"""What an incoming mail may do. Pure: it reads facts, and says what follows.

The order of work is fixed: automatic mail, our own message, calendar parts, method, UID, attendee, proof of the sender,
state of the booking, revision. A mail changes an answer only when every step lets it; what a machine cannot decide
waits for a person, with the reason. The numbers (IN-..) are those of `docs/calendar.md`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from floorday.calendar.addresses import normal, same
from floorday.calendar.facts import Attendee, Incoming, Itip
from floorday.render.words import gettext as _

Name: TypeAlias = Literal[
    "update-partstat", "counter-proposal", "delegation-needs-human", "refresh-resend", "needs-human",
    "malformed-rejected", "rejected-unknown-uid", "rejected-unknown-attendee", "rejected-unauthenticated",
    "rejected-sender-mismatch", "rejected-wrong-method", "ignored-stale", "ignored-duplicate", "ignored-auto-reply",
    "ignored-cancelled", "ignored-no-answer", "ignored-own-message", "bounce-recorded", "note-opened",
    "vendor-word", "word-kept", "story-drafted",
]

ANSWERS = frozenset({"ACCEPTED", "DECLINED", "TENTATIVE"})
METHODS = frozenset({"REPLY", "COUNTER", "REFRESH"})
CANCELLED = "cancelled"
OPEN = frozenset({"invited", "tentative", "accepted", "declined"})
"""States of a booking in which an answer may still come: people change their minds."""

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


class Door(Struct, frozen=True):
    """How a mail came in, and what the settings ask of it."""

    now: datetime
    envelope_to: str | None
    trusted_authserv_id: str
    demand_both: bool


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


def decide(
    incoming: Incoming, known: Known, *, now: datetime, envelope_to: str | None = None,
    envelope_from: str | None = None, trusted_authserv_id: str = "", demand_both: bool = False,
) -> Outcome:
    """Say what becomes of a mail.

    `envelope_to` and `envelope_from` are None where the door knows no envelope; an `envelope_from` of "" is the null
    sender.
    """
    if incoming.refused:
        return _refused(incoming.refused)
    if incoming.automatic or envelope_from in {"", "<>"}:
        return _automatic(incoming, known)
    if _is_ours(incoming, known):
        return Outcome("ignored-own-message", "own-message", _("This is a letter of ours that came back."))
    if not incoming.calendars:
        return _no_calendar(incoming, known, envelope_to)
    door = Door(now, envelope_to, trusted_authserv_id, demand_both)
    first, *more = _calendars(incoming, known, door)
    return replace(first, more=tuple(more))


class Writer(Struct, frozen=True):
    """Who the one address in From belongs to: nobody of ours (None), or somebody who is of the team or is not."""

    of_team: bool


def decide_note(
    incoming: Incoming, *, writer: Writer | None, text: str, envelope_to: str | None, address: str,
    envelope_from: str | None = None, trusted_authserv_id: str = "", demand_both: bool = False,
) -> Outcome:
    """Say what becomes of a mail to a team's note address; "note-opened" is for a person of that team, proven (IN-13).

    `address` is the team's own. Where nobody confirms who sent it, that it came to this address is the proof.
    """
    verdict = _verdict(incoming, trusted_authserv_id)
    nothing = _("An automatic mail to a note address changes nothing.")
    if settled := _settled(incoming, verdict, envelope_from, nothing):
        return settled
    if not incoming.sender:
        return Outcome("needs-human", "sender-unclear", _("The mail does not say clearly who sent it."))
    if incoming.listed:
        return Outcome("needs-human", "mailing-list", _("The note came through a mailing list."))
    if writer is None:
        return Outcome("needs-human", "unknown-sender", _("Nobody of ours has this address, so nobody has raised it."))
    if not writer.of_team:
        return Outcome("needs-human", "not-of-the-team", _("Whoever sent it is not of the team of this note address."))
    if (trusted_authserv_id or demand_both) and verdict != "pass":
        return Outcome("needs-human", "no-authentication", _("The mail server did not confirm who sent this note."))
    if envelope_to and normal(envelope_to) != normal(address):
        return Outcome("needs-human", "not-the-note-address", _("The note did not come to the team's own address."))
    if not text.strip():
        return Outcome("needs-human", "no-words", _("The mail has no words of its own to note."))
    return Outcome("note-opened", "note", _("A note was opened."))


def decide_praise(
    incoming: Incoming, *, of_ours: bool, team: bool, secret: bool, text: str, envelope_to: str | None, address: str,
    envelope_from: str | None = None, trusted_authserv_id: str = "", demand_both: bool = False,
) -> Outcome:  # fmt: skip
    """Say what becomes of praise that was mailed; "story-drafted" is for anybody of ours, proven (IN-13).

    `secret`: it came to a team's own address, which nobody can guess and which is proof enough where nobody confirms
    who sent it; to the programme's address anybody can write. `team`: it is clear which team is meant.
    """
    verdict = _verdict(incoming, trusted_authserv_id)
    nothing = _("An automatic mail to an address for praise changes nothing.")
    if settled := _settled(incoming, verdict, envelope_from, nothing):
        return settled
    if not incoming.sender:
        return Outcome("needs-human", "sender-unclear", _("The mail does not say clearly who sent it."))
    if incoming.listed:
        return Outcome("needs-human", "mailing-list", _("The praise came through a mailing list."))
    if not of_ours:
        return Outcome("needs-human", "unknown-sender",
                       _("Praise from somebody who is not of ours. Read it, and tell it as a story if it is one."))
    if (trusted_authserv_id or demand_both or not secret) and verdict != "pass":
        return Outcome("needs-human", "no-authentication",
                       _("The mail server did not confirm who sent this praise; a team's own address asks for less."))
    if secret and envelope_to and normal(envelope_to) != normal(address):
        return Outcome("needs-human", "not-the-address", _("The praise did not come to the team's own address."))
    if not team:
        return Outcome("needs-human", "which-team", _("Nobody can tell which team the praise is for. Please read it."))
    if not text.strip():
        return Outcome("needs-human", "no-words", _("The mail has no words of its own."))
    return Outcome("story-drafted", "praise", _("Praise was kept, to be told as a story."))


def decide_word(
    incoming: Incoming, *, name: Name, theirs: Collection[str] | None, text: str,
    envelope_from: str | None = None, trusted_authserv_id: str = "", demand_both: bool = False,
) -> Outcome:  # fmt: skip
    """Say what becomes of a reply to a letter about an issue; `name` is what it is if proven as theirs (IN-13).

    `theirs` are the addresses of whom the letter went to, None where the address for replies is over. Where nobody
    confirms who sent it, that it came to this address is the proof.
    """
    verdict = _verdict(incoming, trusted_authserv_id)
    nothing = _("An automatic mail in answer to a letter changes nothing.")
    if settled := _settled(incoming, verdict, envelope_from, nothing):
        return settled
    if theirs is None:
        return Outcome("needs-human", "address-over",
                       _("It came to an address for replies that is over, or was cut short. Nothing was changed."))
    if not incoming.sender:
        return Outcome("needs-human", "sender-unclear", _("The mail does not say clearly who sent it."))
    if incoming.listed:
        return Outcome("needs-human", "mailing-list", _("The reply came through a mailing list."))
    if not any(same(incoming.sender, one) for one in theirs):
        return Outcome("needs-human", "not-the-reader",
                       _("Somebody else than the one we wrote to answers this letter. Please read it."))
    if (trusted_authserv_id or demand_both) and verdict != "pass":
        return Outcome("needs-human", "no-authentication", _("The mail server did not confirm who sent this word."))
    if not text.strip():
        return Outcome("needs-human", "no-words", _("The mail has no words of its own."))
    return Outcome(name, name, _("A word was kept with the issue."))


def _settled(incoming: Incoming, verdict: str, envelope_from: str | None, automatic: str) -> Outcome | None:
    """Say what becomes of a mail of words that nobody needs to have written (IN-02), or that is forged (IN-13)."""
    if incoming.refused:
        return _refused(incoming.refused)
    if incoming.automatic or envelope_from in {"", "<>"}:
        return Outcome("ignored-auto-reply", incoming.automatic or "null-sender", automatic)
    return _forged() if verdict == "fail" else None


def _refused(code: str) -> Outcome:
    sentences = {
        "too-large": _("The mail is too large for an answer from a calendar."),
        "too-deep": _("The mail is nested too deeply to be read."),
        "too-many-parts": _("The mail has too many parts to be read."),
        "header-too-long": _("The mail's header is too long to be read."),
        "too-much-work": _("Reading the mail took more time or memory than a mail may have."),
    }
    return Outcome("malformed-rejected", code, sentences.get(code) or _("The mail could not be read."))


def _automatic(incoming: Incoming, known: Known) -> Outcome:
    """Record a bounce of ours; anything else that no person sent changes nothing (IN-02)."""
    bounce = incoming.bounce
    if bounce is not None and bounce.failed:
        booking = _linked(known, bounce.message_ids)
        if booking is not None or set(bounce.message_ids) & set(known.letters):
            return Outcome(
                "bounce-recorded", "dsn-failed",
                _("Our letter could not be delivered: %(words)s", words=bounce.words or "?"),
                booking=_uid(booking), comment=bounce.words)
    booking = _linked(known, (*incoming.in_reply_to, *incoming.references))
    return Outcome(
        "ignored-auto-reply", incoming.automatic or "null-sender",
        _("This is an automatic mail, such as an out-of-office note. It changes nothing."), booking=_uid(booking))


def _is_ours(incoming: Incoming, known: Known) -> bool:
    ours = _normals(known.ours)
    from_us = any(same(sender, address) for sender in incoming.senders for address in ours)
    return from_us or (incoming.message_id != "" and incoming.message_id in _our_letters(known))


def _our_letters(known: Known) -> set[str]:
    return {*known.letters, *(one for booking in known.bookings for one in booking.sent)}


def _uid(booking: KnownBooking | None) -> str:
    return booking.uid if booking else ""


def _linked(known: Known, message_ids: tuple[str, ...]) -> KnownBooking | None:
    """Find the booking that one of our letters was about."""
    return next((booking for one in message_ids for booking in known.bookings if one in booking.sent), None)


def _no_calendar(incoming: Incoming, known: Known, envelope_to: str | None) -> Outcome:
    """Show a mail without a readable calendar to a person; its subject is never taken for an answer (IN-28)."""
    booking = _linked(known, (*incoming.in_reply_to, *incoming.references)) or _addressed(incoming, known, envelope_to)
    sentences = {
        "encrypted": _("The mail is encrypted, so its answer could not be read."),
        "winmail": _("The answer came as winmail.dat, a form that only Outlook reads."),
        "unsupported-format": _("The answer came in the old vCalendar 1.0 format."),
        "calendar-only-in-attached-message": _(
            "The answer is inside a forwarded message, so nobody can tell who sent it."),
    }
    code = next(iter(incoming.unreadable), "no-calendar-part")
    reason = sentences.get(code) or _("The mail has words but no answer from a calendar. Please read it.")
    return Outcome("needs-human", code, reason, booking=_uid(booking))


def _addressed(incoming: Incoming, known: Known, envelope_to: str | None) -> KnownBooking | None:
    at = {normal(envelope_to)} if envelope_to else {*incoming.to, *incoming.delivered_to}
    return next((booking for booking in known.bookings if at & _normals(booking.reply_addresses)), None)


def _calendars(incoming: Incoming, known: Known, door: Door) -> list[Outcome]:
    """Judge each calendar part; parts that contradict each other wait for a person (IN-04)."""
    parts = [itip for itip in incoming.calendars if itip.method or itip.problems] or [*incoming.calendars]
    choices = [itip.choice for itip in parts if itip.choice]
    uids = [uid for itip in parts for uid in itip.uids]
    if len(choices) != len(set(choices)) or (len(parts) > 1 and len(uids) != len(set(uids))):
        booking = next((found for uid in uids if (found := known.by_uid(uid))), None)
        return [Outcome(
            "needs-human", "differing-copies", _("The mail holds several answers that contradict each other."),
            booking=_uid(booking))]
    return [_calendar(itip, incoming, known, door) for itip in parts]


def _calendar(itip: Itip, incoming: Incoming, known: Known, door: Door) -> Outcome:
    return (
        _form(itip, incoming, known)
        or _method(itip)
        or _with_booking(itip, incoming, known, door)
    )


def _form(itip: Itip, incoming: Incoming, known: Known) -> Outcome | None:
    """Refuse what is no proper iMIP object (IN-05, IN-09)."""
    booking = next((found for uid in itip.uids if (found := known.by_uid(uid))), None)
    booking = booking or _linked(known, (*incoming.in_reply_to, *incoming.references))
    about = _uid(booking)
    if "unsupported-format" in itip.problems:
        return Outcome(
            "needs-human", "unsupported-format", _("The answer came in the old vCalendar 1.0 format."), booking=about)
    broken = {
        "unparsable-calendar": _("The calendar part of the mail cannot be read."),
        "several-calendars": _("The calendar part holds several calendars."),
        "broken-property": _("A line of the calendar part cannot be read."),
    }
    for code, reason in broken.items():
        if code in itip.problems:
            return Outcome("malformed-rejected", code, reason, booking=about)
    if len(itip.uids) > 1:
        return Outcome("malformed-rejected", "mixed-uids", _("One calendar part speaks of several bookings."))
    if not itip.method:
        return Outcome(
            "needs-human", "no-method", _("The attached calendar entry does not say that it is an answer."),
            booking=about)
    if itip.part_method and itip.part_method != itip.method:
        return Outcome(
            "malformed-rejected", "method-mismatch", _("The mail and the calendar part inside name different methods."),
            booking=about)
    return None


def _method(itip: Itip) -> Outcome | None:
    if itip.method in METHODS:
        return None
    return Outcome(
        "rejected-wrong-method", "method-not-for-organizer",
        _("Somebody sent an invitation or a change of their own. Only we change a booking."))


def _with_booking(itip: Itip, incoming: Incoming, known: Known, door: Door) -> Outcome:
    """Judge an answer step by step; the first step that objects has the word."""
    booking = known.by_uid(itip.uids[0])
    if not itip.attendees:
        return Outcome(
            "malformed-rejected", "missing-attendee", _("The answer does not say whose it is."),
            booking=_uid(booking))
    if booking is None:
        return Outcome("rejected-unknown-uid", "unknown-uid", _("The answer is about a booking that we do not know."))
    outcome = _organizer(itip, booking, known) or _single(itip)
    if outcome is None:
        outcome = _attendee(itip, incoming, booking, known, door)
    return replace(outcome, booking=booking.uid)


def _organizer(itip: Itip, booking: KnownBooking, known: Known) -> Outcome | None:
    """Hold an answer that was meant for another calendar (IN-10)."""
    ours = _normals((*known.ours, *booking.reply_addresses))
    if itip.organizer is None or any(same(itip.organizer, address) for address in ours):
        return None
    return Outcome("needs-human", "organizer-mismatch", _("The answer names an organizer who is not us."))


def _single(itip: Itip) -> Outcome | None:
    """A booking is one day: answers about series wait for a person (IN-19)."""
    if itip.recurring:
        return Outcome("needs-human", "recurring", _("The answer is about a series, and a booking is a single day."))
    if itip.events > 1:
        return Outcome("needs-human", "several-events", _("The answer holds several entries about the same booking."))
    return None


def _attendee(itip: Itip, incoming: Incoming, booking: KnownBooking, known: Known, door: Door) -> Outcome:
    """Find the manager's own line; nobody else's line acts (IN-11, IN-12, IN-18, IN-23)."""
    theirs = [line for line in itip.attendees if _is_manager(line.address, booking, known)]
    if theirs:
        if len({(line.partstat, line.sent_by) for line in theirs}) > 1:
            return Outcome(
                "needs-human", "several-answers", _("The answer says two different things for the same manager."))
        return _proven(theirs[0], itip, incoming, booking, known, door)
    if all(not line.address for line in itip.attendees):
        return Outcome(
            "needs-human", "attendee-not-mailto", _("The answer does not name its sender by a mail address."))
    if any(line.delegated_from for line in itip.attendees):
        if _verdict(incoming, door.trusted_authserv_id) == "fail":
            return _forged()
        return Outcome(
            "delegation-needs-human", "unknown-delegate",
            _("Somebody answers as the manager's stand-in. Only the coordinator can give a place away."))
    if itip.method == "REFRESH":
        return Outcome(
            "rejected-unknown-attendee", "attendee-not-on-booking",
            _("Somebody who is not invited asks for the invitation."))
    return Outcome(
        "rejected-unknown-attendee", "attendee-not-on-booking",
        _("The answer is from an address that is not invited. If it is the manager's own, add it to their addresses."))


def _is_manager(address: str, booking: KnownBooking, known: Known) -> bool:
    """Tell whether an address is the manager's: exact, an alias, or a sub-address that nobody else has."""
    theirs = _normals((booking.manager, *booking.aliases))
    if address in theirs:
        return True
    return address not in _normals(known.taken) and any(same(address, one) for one in theirs)


def _proven(
    line: Attendee, itip: Itip, incoming: Incoming, booking: KnownBooking, known: Known, door: Door,
) -> Outcome:
    """Ask for proof that the manager, or an assistant they allow, sent it (IN-13, IN-14)."""
    verdict = _verdict(incoming, door.trusted_authserv_id)
    if verdict == "fail":
        return _forged()
    sender = incoming.sender
    if not sender:
        return Outcome("needs-human", "sender-unclear", _("The mail does not say clearly who sent it."))
    deputy = line.sent_by if line.sent_by and not _is_manager(line.sent_by, booking, known) else ""
    allowed = _normals(booking.assistants)
    if deputy and deputy not in allowed:
        return Outcome(
            "needs-human", "sent-by-not-authorised",
            _("%(who)s answers for the manager and is not registered as their assistant.", who=deputy))
    if not (_is_manager(sender, booking, known) or (deputy and sender == deputy)):
        return _stranger(incoming, sender in allowed)
    if incoming.listed:
        return Outcome("needs-human", "mailing-list", _("The answer came through a mailing list."))
    if (door.trusted_authserv_id or door.demand_both) and verdict != "pass":
        return Outcome(
            "needs-human", "no-authentication", _("The mail server did not confirm who sent this answer."))
    if (door.demand_both or not door.trusted_authserv_id) and not _came_to(incoming, booking, door):
        return Outcome(
            "needs-human", "not-the-reply-address", _("The answer did not come to this booking's own address."))
    acts_as = f"assistant:{deputy}" if deputy else ("manager" if sender == normal(booking.manager) else sender)
    return replace(_standing(line, itip, incoming, booking, door), acts_as=acts_as)


def _forged() -> Outcome:
    return Outcome(
        "rejected-unauthenticated", "dmarc-fail", _("The mail server says that the sender's address is forged."))


def _stranger(incoming: Incoming, is_assistant: bool) -> Outcome:
    """Refuse another person's mail; a gateway, a list or an assistant without SENT-BY waits for a person."""
    local = incoming.sender.partition("@")[0]
    if is_assistant:
        return Outcome(
            "needs-human", "assistant-not-named",
            _("The manager's assistant sent this answer, but the answer does not say so."))
    if incoming.listed or local.startswith(GATEWAYS):
        return Outcome(
            "needs-human", "sent-by-gateway", _("A calendar server or a list sent this answer in the manager's name."))
    return Outcome(
        "rejected-sender-mismatch", "sender-does-not-match-attendee",
        _("Somebody else sent an answer in the manager's name."))


def _verdict(incoming: Incoming, trusted_authserv_id: str) -> str:
    """Return what the trusted server says of the sender: "pass", "fail" or "" (IN-13).

    A header of any other id is no more than text that the sender could have written.
    """
    trusted = trusted_authserv_id.strip().lower()
    if not trusted:
        return ""
    said = [check for check in incoming.checks if check.server == trusted and check.dmarc]
    if any(check.dmarc == "fail" for check in said):
        return "fail"
    domain = incoming.sender.rpartition("@")[2]
    good = all(check.dmarc == "pass" and check.domain in {"", domain} for check in said)
    return "pass" if said and good else ""


def _came_to(incoming: Incoming, booking: KnownBooking, door: Door) -> bool:
    """Tell whether the mail came to the booking's own address; without an envelope both headers must say so."""
    own = _normals(booking.reply_addresses)
    if door.envelope_to:
        return normal(door.envelope_to) in own
    return bool(own & set(incoming.to)) and bool(own & set(incoming.delivered_to))


def _standing(line: Attendee, itip: Itip, incoming: Incoming, booking: KnownBooking, door: Door) -> Outcome:
    """Look at the booking: failed requests, delegation, cancelled or past days, then the method (IN-21 to IN-25)."""
    failed = next((code for code in itip.request_status if code[:1] in {"3", "4", "5"}), "")
    if failed:
        return Outcome(
            "needs-human", f"request-status-{failed}",
            _("The manager's calendar could not take our invitation (%(code)s).", code=failed))
    if itip.method == "REFRESH" and (booking.state == CANCELLED or door.now < booking.starts_at):
        return Outcome("refresh-resend", "refresh", _("The manager's calendar asks for the invitation again."))
    if booking.state not in OPEN:
        return Outcome(
            "ignored-cancelled", f"booking-{booking.state}",
            _("This booking is no longer open, so the answer changes nothing."))
    if door.now >= booking.starts_at:
        return Outcome(
            "ignored-cancelled", "booking-past", _("The day has begun or is over, so the answer changes nothing."))
    if line.partstat == "DELEGATED" or line.delegated_to or line.delegated_from:
        return Outcome(
            "delegation-needs-human", "delegated",
            _("The manager wants somebody else to come. Only the coordinator can give a place away."))
    return _revision(line, itip, incoming, booking, door)


def _revision(line: Attendee, itip: Itip, incoming: Incoming, booking: KnownBooking, door: Door) -> Outcome:
    """Compare with what we sent and with what was answered before (IN-15, IN-16)."""
    stamp = min(itip.dtstamp or incoming.date or door.now, door.now)
    base = Outcome(
        "ignored-stale", "lower-sequence", _("The answer is to an older invitation; the day has moved since."),
        partstat=line.partstat, sequence=itip.sequence, dtstamp=stamp, comment=itip.comment or line.comment,
        starts=itip.starts if itip.method == "COUNTER" else None, ends=_proposed_end(itip, booking))
    if itip.sequence < booking.sequence:
        return base
    if itip.sequence > booking.sequence:
        return replace(
            base, name="needs-human", code="unknown-revision",
            reason=_("The answer is to an invitation that we never sent."))
    if itip.method == "COUNTER":
        return _proposal(base, itip)
    return _answer(base, itip, incoming, booking.last)


def _proposed_end(itip: Itip, booking: KnownBooking) -> datetime | None:
    """Return the proposed end; a proposal without one keeps the length of the day."""
    if itip.method != "COUNTER" or itip.starts is None:
        return None
    try:
        return itip.ends or itip.starts + (booking.ends_at - booking.starts_at)
    except OverflowError:
        return None


def _proposal(base: Outcome, itip: Itip) -> Outcome:
    """Keep a proposed time for the coordinator; it changes neither the day nor the answer (IN-21)."""
    if "unknown-zone" in itip.problems:
        return replace(
            base, name="needs-human", code="unknown-zone", starts=None, ends=None,
            reason=_("The proposed time is in a time zone that we cannot tell for certain."))
    if "no-times" in itip.problems or base.starts is None or base.ends is None or base.ends <= base.starts:
        return replace(
            base, name="needs-human", code="no-times", starts=None, ends=None,
            reason=_("A new time is proposed, but it cannot be read."))
    return replace(base, name="counter-proposal", code="counter", reason=_("The manager proposes another time."))


def _answer(base: Outcome, itip: Itip, incoming: Incoming, last: LastAnswer | None) -> Outcome:
    """Take the newest answer once, whatever the order mails arrive in (RFC 5546 2.1.5)."""
    partstat = base.partstat
    if partstat in {"", "NEEDS-ACTION"}:
        return replace(base, name="ignored-no-answer", code="no-answer", reason=_("The mail holds no answer."))
    if partstat not in ANSWERS:
        return replace(
            base, name="needs-human", code="unknown-answer",
            reason=_("The answer is “%(word)s”, which is neither yes, no nor maybe.", word=partstat))
    if last is not None and last.sequence == itip.sequence:
        if last.message_id and last.message_id == incoming.message_id:
            return _again(base)
        if last.dtstamp is not None and base.dtstamp is not None:
            if base.dtstamp < last.dtstamp:
                return replace(
                    base, code="older-answer", reason=_("A newer answer of the same manager is already here."))
            if base.dtstamp == last.dtstamp:
                return _again(base) if partstat == last.partstat.upper() else replace(
                    base, name="needs-human", code="same-moment",
                    reason=_("Two different answers were given in the same second."))
    return replace(base, name="update-partstat", code="answered", reason=_("The manager answered from their calendar."))


def _again(base: Outcome) -> Outcome:
    return replace(base, name="ignored-duplicate", code="duplicate", reason=_("The same answer is already here."))


def _normals(addresses: tuple[str, ...]) -> set[str]:
    return {address for one in addresses if (address := normal(one))}


# --- what a person may do about it -------------------------------------------------------------------------------

Deed: TypeAlias = Literal[
    "answer", "alias", "assistant", "stranger", "accept", "refuse", "propose", "delegation", "dismiss", "take-up",
    "undo", "alias-there", "assistant-there",
]
"""What a page offers about a mail; "stranger", "delegation" and the last two are a sentence and no button."""

WAITS: tuple[Name, ...] = (
    "needs-human", "counter-proposal", "delegation-needs-human", "rejected-unknown-attendee", "ignored-stale")
"""Outcomes that a person should look at; the others are kept to be looked up."""

MENDABLE = frozenset({"needs-human", "rejected-unknown-attendee", "rejected-sender-mismatch", "ignored-stale"})
"""A person who reads such a mail may know better than the machine; of a forged or broken one nobody does."""


class Case(Struct, frozen=True, kw_only=True):
    """What decides which buttons fit a mail.

    `stranger` is an address in it that is nobody's of ours where the manager's should stand, `deputy` one that answers
    for the manager without being registered, `deputy_is_ours` whether that is somebody of ours. `answers` and `moves`
    say what the day still takes, `proposal_open` that the time it proposed waits, `undoable` that its step was the
    last one and its letters wait, by this reader.
    """

    outcome: str
    decision: str = ""
    about: bool = False
    answers: bool = False
    moves: bool = False
    calendar: bool = False
    counter: bool = False
    partstat: str = ""
    stranger: str = ""
    deputy: str = ""
    deputy_is_ours: bool = False
    proposal_open: bool = False
    undoable: bool = False


class Choice(Struct, frozen=True):
    """Something to do about a mail: `value` is the answer, or the address."""

    deed: Deed
    value: str = ""


def choices(case: Case) -> tuple[Choice, ...]:
    """Say what a person may do about a mail: only what fits, the likeliest first."""
    if not case.outcome:
        return ()
    if case.decision:
        return _decided(case)
    found: list[Choice] = []
    if case.outcome == "counter-proposal" and case.proposal_open:
        found += [Choice("accept"), Choice("refuse")]
    if case.outcome == "delegation-needs-human":
        found.append(Choice("delegation"))
    if case.outcome in MENDABLE and case.about:
        found += _known_better(case)
    if case.outcome in WAITS or found:
        found.append(Choice("dismiss"))
    return tuple(found)


def _decided(case: Case) -> tuple[Choice, ...]:
    match case.decision:
        case "put aside":
            return (Choice("take-up"),)
        case "proposed":
            return (Choice("take-up"),) if case.proposal_open else ()
        case "answered" | "accepted" | "refused":
            return (Choice("undo"),) if case.undoable else ()
        case "alias":
            return (Choice("alias-there"),)
        case "assistant":
            return (Choice("assistant-there"),)
        case _:
            return ()


def _known_better(case: Case) -> list[Choice]:
    found: list[Choice] = []
    if case.stranger:
        found.append(Choice("alias", case.stranger))
    if case.deputy:
        found.append(Choice("assistant" if case.deputy_is_ours else "stranger", case.deputy))
    if case.answers and not case.counter:
        said = case.partstat.upper()
        if said in ANSWERS:
            found.append(Choice("answer", said.lower()))
        elif not case.calendar:
            found += [Choice("answer", one) for one in ("accepted", "tentative", "declined")]
    if case.moves and (case.counter or not case.calendar):
        found.append(Choice("propose"))
    return found


class Said(Struct, frozen=True):
    """What the calendar part of a mail says, as far as a person may make something of it."""

    method: str = ""
    partstat: str = ""
    comment: str = ""
    starts: datetime | None = None
    ends: datetime | None = None
    addresses: tuple[str, ...] = ()
    """Those that stand where the manager's should: of the answer, then of the sender."""
    deputy: str = ""


def said(incoming: Incoming) -> Said:
    """Take out of a mail what a person needs to decide; nothing is believed by that.

    Only a mail with one attendee line says an answer: of several nobody knows whose it is.
    """
    sender = incoming.sender
    personal = not incoming.listed and not sender.partition("@")[0].startswith(GATEWAYS)
    itip = next((one for one in incoming.calendars if one.method in {"REPLY", "COUNTER"}), None)
    if itip is None:
        return Said(comment="")
    line = itip.attendees[0] if len({(one.address, one.partstat) for one in itip.attendees}) == 1 else None
    addresses = tuple(dict.fromkeys(filter(None, (line.address if line else "", sender if personal else ""))))
    return Said(
        method=itip.method, partstat=line.partstat if line else "",
        comment=itip.comment or (line.comment if line else ""),
        starts=itip.starts if itip.method == "COUNTER" else None, ends=itip.ends if itip.method == "COUNTER" else None,
        addresses=addresses, deputy=line.sent_by if line else "")
