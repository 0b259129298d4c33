"""What becomes of a mail that may hold an answer from a calendar.

The order of work is fixed: automatic mail, our own message, calendar parts, method, UID, attendee, proof of the sender,
state of the booking, revision.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from floorday.calendar.addresses import normal, same
from floorday.calendar.facts import Attendee, Incoming, Itip
from floorday.inbox.rules.facts import ANSWERS, GATEWAYS, Known, KnownBooking, LastAnswer, Outcome, normals
from floorday.inbox.rules.proof import authentication, forged, refused
from floorday.render.words import gettext as _

METHODS = frozenset({"REPLY", "COUNTER", "REFRESH"})
CANCELLED = "cancelled"
OPEN = frozenset({"invited", "tentative", "accepted", "declined"})
"""States of a booking in which an answer may still come: people change their minds."""


class Door(Struct, frozen=True):
    """How a mail came in, and what the settings ask of it."""

    now: datetime
    envelope_to: str | None
    trusted_authserv_id: str
    demand_both: bool


def decide(
    incoming: Incoming, known: Known, *, now: datetime, envelope_to: str | None = None,
    envelope_from: str | None = None, trusted_authserv_id: str = "", demand_both: bool = False,
) -> Outcome:
    """Say what becomes of a mail.

    `envelope_to` and `envelope_from` are None where the door knows no envelope; an `envelope_from` of "" is the null
    sender.
    """
    if incoming.refused:
        return refused(incoming.refused)
    if incoming.automatic or envelope_from in {"", "<>"}:
        return _automatic(incoming, known)
    if _is_ours(incoming, known):
        return Outcome("ignored-own-message", "own-message", _("This is a letter of ours that came back."))
    if not incoming.calendars:
        return _no_calendar(incoming, known, envelope_to)
    door = Door(now, envelope_to, trusted_authserv_id, demand_both)
    first, *more = _calendars(incoming, known, door)
    return replace(first, more=tuple(more))


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
    ours = normals(known.ours)
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
    return next((booking for booking in known.bookings if at & normals(booking.reply_addresses)), None)


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
    ours = normals((*known.ours, *booking.reply_addresses))
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
        if authentication(incoming, door.trusted_authserv_id) == "fail":
            return forged()
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
    theirs = normals((booking.manager, *booking.aliases))
    if address in theirs:
        return True
    return address not in normals(known.taken) and any(same(address, one) for one in theirs)


def _proven(
    line: Attendee, itip: Itip, incoming: Incoming, booking: KnownBooking, known: Known, door: Door,
) -> Outcome:
    """Ask for proof that the manager, or an assistant they allow, sent it (IN-13, IN-14)."""
    verdict = authentication(incoming, door.trusted_authserv_id)
    if verdict == "fail":
        return forged()
    sender = incoming.sender
    if not sender:
        return Outcome("needs-human", "sender-unclear", _("The mail does not say clearly who sent it."))
    deputy = line.sent_by if line.sent_by and not _is_manager(line.sent_by, booking, known) else ""
    allowed = normals(booking.assistants)
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


def _came_to(incoming: Incoming, booking: KnownBooking, door: Door) -> bool:
    """Tell whether the mail came to the booking's own address; without an envelope both headers must say so."""
    own = normals(booking.reply_addresses)
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
