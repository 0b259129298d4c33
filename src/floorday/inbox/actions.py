"""What becomes of a stored mail: read, judged, applied and settled in one transaction; and what a person decides."""

# pyright: reportUnnecessaryComparison=false
# (Piccolo types a nullable column as if it always held a value.)

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from floorday.bookings import actions as bookings
from floorday.bookings import rules as booking_rules
from floorday.bookings.queries import BookingRow
from floorday.calendar import reader
from floorday.calendar.facts import Incoming
from floorday.config import settings
from floorday.db import transaction
from floorday.errors import Busy, Forbidden, NotFound, Raced, Refused
from floorday.inbox import queries, rules
from floorday.inbox.rules import Outcome
from floorday.mail import inbound, outbox
from floorday.mail.tables import InboundMail
from floorday.people import queries as people
from floorday.people.access import Act, Actor, Door, can
from floorday.render.words import gettext as _

WITH_ENVELOPE = frozenset({"lmtp", "smtp"})
BY_MACHINES = frozenset({"bounce-recorded", "ignored-auto-reply", "ignored-own-message", "malformed-rejected"})
"""What no person sent, or nobody can read: whose address stands there says nothing."""


async def receive(mail: InboundMail, incoming: Incoming, *, now: datetime) -> Outcome:
    """Do what follows from a stored mail, which `read` took apart; once, however often it comes."""
    try:
        async with transaction():
            outcome, about = await _judged(mail, incoming, now=now)
            await inbound.settle(mail.id, outcome=outcome.name, reason=outcome.reason, about=about, now=now)
    except Raced:
        outcome = Outcome("ignored-duplicate", "duplicate", _("The same mail was applied before."))
        await inbound.settle(mail.id, outcome=outcome.name, reason=outcome.reason, now=now)
    return outcome


async def take_in(actor: Actor, raw: bytes, *, envelope_from: str, envelope_to: str, now: datetime) -> UUID:
    """Keep a mail that a program hands over, then read it at once; what cannot be read now is left to the worker."""
    _only_coordinators(actor)
    mail_id = await inbound.keep(raw, door="api", envelope_from=envelope_from, envelope_to=envelope_to, now=now)
    with contextlib.suppress(Raced, Busy):  # the worker was faster, or will be
        mail = await inbound.found(mail_id)
        await receive(mail, await read(mail), now=now)
    return mail_id


async def read(mail: InboundMail) -> Incoming:
    """Take a mail apart where it can hurt nobody: in a process with limits. Raise Busy where none can be had."""
    try:
        return await asyncio.to_thread(reader.read_apart, bytes(mail.content or b""))
    except OSError as error:
        raise Busy(_("This mail cannot be read just now; it is kept and read later.")) from error


async def _judged(mail: InboundMail, incoming: Incoming, *, now: datetime) -> tuple[Outcome, UUID | None]:
    enveloped = mail.door in WITH_ENVELOPE
    envelope_to = mail.envelope_to or None
    loaded = await queries.load(rules.wanted(incoming, envelope_to=envelope_to), now=now)
    outcome = rules.decide(
        incoming,
        loaded.known,
        now=now,
        envelope_to=envelope_to,
        envelope_from=mail.envelope_from if enveloped else None,
        trusted_authserv_id=settings().trusted_authserv_id,
        demand_both=settings().sender_proof == "both",
    )
    if outcome.name not in BY_MACHINES and (leaver := await queries.leaver(incoming.senders)):
        reason = _("It comes from %(name)s, who has left. Nothing was changed.", name=leaver)
        outcome = Outcome("needs-human", "sender-left", reason, booking=outcome.booking)
    first = await _applied(outcome, incoming, loaded.bookings.get(outcome.booking), mail.id, now=now)
    for other in outcome.more:
        await _applied(other, incoming, loaded.bookings.get(other.booking), mail.id, now=now)
    about = loaded.bookings.get(first.booking)
    return first, about.id if about else None


async def _applied(
    outcome: Outcome, incoming: Incoming, booking: BookingRow | None, mail: UUID, *, now: datetime
) -> Outcome:
    """Do what an outcome asks for; what a rule of the booking refuses waits for a person with its sentence."""
    try:
        match outcome.name, booking:
            case "update-partstat", BookingRow():
                return await _answer(outcome, booking, mail, now=now)
            case "refresh-resend", BookingRow():
                await bookings.resend(booking.id, now=now)
            case "bounce-recorded", _:
                await _bounced(outcome, incoming, now=now)
            case _:
                pass
    except Raced:
        raise
    except (Refused, Forbidden) as error:
        return replace(outcome, name="needs-human", code="refused", reason=error.sentence)
    return outcome


async def _answer(outcome: Outcome, booking: BookingRow, mail: UUID, *, now: datetime) -> Outcome:
    actor = await _who(outcome, booking)
    if actor is None:
        return replace(outcome, name="needs-human", code="nobody", reason=_("Whoever sent this is no longer here."))
    answer = booking_rules.Answer(
        partstat=booking_rules.Partstat(outcome.partstat.lower()),
        sequence=outcome.sequence or 0,
        stamp=outcome.dtstamp,
        comment=outcome.comment,
    )
    _row, mark = await bookings.answer(actor, booking.id, answer, now=now, mail=mail)
    match mark:
        case booking_rules.Mark.STALE:
            return replace(outcome, name="ignored-stale", reason=_("A newer answer is already here."))
        case booking_rules.Mark.DUPLICATE:
            return replace(outcome, name="ignored-duplicate", reason=_("The same answer is already here."))
        case _:
            return outcome


async def _who(outcome: Outcome, booking: BookingRow) -> Actor | None:
    """Say who acts: the manager, from whichever of their addresses, or the assistant the mail proved."""
    kind, _colon, address = outcome.acts_as.partition(":")
    if kind != "assistant":
        return await people.actor(booking.manager, door=Door.CALENDAR)
    card = await people.by_address(address)
    return await people.actor(card.id, door=Door.CALENDAR) if card else None


async def _bounced(outcome: Outcome, incoming: Incoming, *, now: datetime) -> None:
    if incoming.bounce is None:
        return
    letter = await outbox.find_by_message_id(incoming.bounce.message_ids)
    if letter is not None:
        await outbox.bounced(letter.id, words=outcome.comment or outcome.reason, now=now)


# --- what a person decides --------------------------------------------------------------------------------------


async def dismiss(actor: Actor, mail_id: UUID, *, now: datetime) -> None:
    """Say that a mail needs nothing more; it is kept."""
    _only_coordinators(actor)
    mail = await inbound.found(mail_id)
    await inbound.decide(mail_id, outcome=mail.outcome, by=actor.person, now=now)


async def accept_proposal(actor: Actor, mail_id: UUID, *, now: datetime) -> UUID:
    """Move the day to the time its manager proposed; they chose it, so it stays accepted. Gives the booking."""
    _only_coordinators(actor)
    proposal, about = await proposed(mail_id, now=now)
    async with transaction():
        await bookings.move(
            actor, about, starts=proposal.starts, ends=proposal.ends, chosen=True, now=now, mail=mail_id
        )  # fmt: skip
        await inbound.decide(mail_id, outcome="counter-proposal", by=actor.person, now=now, applied=True)
    return about


async def refuse_proposal(actor: Actor, mail_id: UUID, *, now: datetime) -> UUID:
    """Say no to a proposed time; the day stays as it is, and the manager's calendar is told. Gives the booking."""
    _only_coordinators(actor)
    _proposal, about = await proposed(mail_id, now=now)
    async with transaction():
        await bookings.refuse_proposal(actor, about, now=now)
        await inbound.decide(mail_id, outcome="counter-proposal", by=actor.person, now=now, applied=True)
    return about


async def proposed(mail_id: UUID, *, now: datetime) -> tuple[Outcome, UUID]:
    """Read a counter-proposal again, against the booking as it stands now."""
    mail = await inbound.found(mail_id)
    if mail.outcome != "counter-proposal" or mail.about is None:
        raise NotFound(_("There is no proposal in this mail."))
    incoming = await read(mail)
    loaded = await queries.load(rules.wanted(incoming, envelope_to=mail.envelope_to or None), now=now)
    outcome = rules.decide(
        incoming,
        loaded.known,
        now=now,
        envelope_to=mail.envelope_to or None,
        trusted_authserv_id=settings().trusted_authserv_id,
        demand_both=settings().sender_proof == "both",
    )
    if outcome.name != "counter-proposal":
        raise Refused(_("This proposal no longer fits the day: %(reason)s"), reason=outcome.reason)
    return outcome, mail.about


async def send_again(actor: Actor, letter_id: UUID, *, now: datetime) -> None:
    """Try a letter once more that had finally failed."""
    if not can(actor, Act.SEE_LETTERS):
        raise Forbidden(_("This is for a coordinator."))
    if not await outbox.again(letter_id, now=now):
        raise NotFound(_("This letter has not failed, or it is gone."))


def _only_coordinators(actor: Actor) -> None:
    if not can(actor, Act.SEE_INBOX):
        raise Forbidden(_("This is for a coordinator."))
