"""What becomes of a stored mail: read, judged, applied and settled in one transaction; and what a person decides."""

# pyright: reportUnnecessaryComparison=false
# (Piccolo types a nullable column as if it always held a value.)

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from floorday.bookings import actions as bookings
from floorday.bookings import queries as booking_queries
from floorday.bookings import rules as booking_rules
from floorday.bookings.queries import BookingRow, ProposalRow
from floorday.calendar import reader
from floorday.calendar.addresses import normal
from floorday.calendar.facts import Incoming
from floorday.calendar.words import Words, hear_apart
from floorday.config import settings
from floorday.db import transaction
from floorday.errors import BadInput, Busy, Forbidden, NotFound, Raced, Refused
from floorday.inbox import queries, rules
from floorday.inbox.rules import Outcome
from floorday.issues import actions as issues
from floorday.issues import photos
from floorday.issues import queries as issue_queries
from floorday.issues.actions import vendors
from floorday.issues.photos import Photograph
from floorday.mail import inbound, outbox
from floorday.mail.tables import InboundMail
from floorday.people import actions as people_actions
from floorday.people import queries as people
from floorday.people.access import TEAM_ROLES, Act, Actor, Door, can
from floorday.render.refs import ref
from floorday.render.words import gettext as _
from floorday.stories import actions as stories

WITH_ENVELOPE = frozenset({"lmtp", "smtp"})
BY_MACHINES = frozenset({"bounce-recorded", "ignored-auto-reply", "ignored-own-message", "malformed-rejected"})
"""What no person sent, or nobody can read: whose address stands there says nothing."""


PREFIXES = re.compile(r"(?i)^(?:(?:re|aw|fwd?|wg|antw?)(?:\[\d+\])?: *)+")
"""What mail programs put before a subject."""


async def receive(mail: InboundMail, incoming: Incoming, *, now: datetime) -> Outcome:
    """Do what follows from a stored mail, which `read` took apart; once, however often it comes."""
    said = await _said(mail, incoming)
    praised = await _praised(mail, incoming) if said is None else None
    replied = None if said or praised else await _replied(mail, incoming)
    try:
        async with transaction():
            if said is not None:
                outcome, about = await _note(mail, said, now=now), None
            elif praised is not None:
                outcome, about = await _praise(mail, praised, now=now), None
            elif replied is not None:
                answered = _vendor_said if replied.by_vendor else _reader_said
                outcome, about = await answered(mail, replied, now=now), None
            else:
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


class SaidByMail(Struct, frozen=True):
    """A mail to a team's note address, taken apart."""

    team: UUID
    address: str
    words: Words
    pictures: list[Photograph]


async def _said(mail: InboundMail, incoming: Incoming) -> SaidByMail | None:
    """Take a mail apart that came to a team's note address; None for any other mail."""
    reached = (mail.envelope_to,) if mail.envelope_to else (*incoming.delivered_to, *incoming.to)
    places = [one for one in reached if one.lower().startswith(issues.NOTES_AT)]
    if not places:
        return None
    found = await issues.team_at(places[0])
    if found is None:
        return None
    try:
        words = await asyncio.to_thread(hear_apart, bytes(mail.content or b""))
    except OSError as error:
        raise Busy(_("This mail cannot be read just now; it is kept and read later.")) from error
    pictures: list[Photograph] = []
    for raw in words.pictures:
        with contextlib.suppress(BadInput):  # a picture that cannot be read takes nothing from the words
            pictures.append(await asyncio.to_thread(photos.remake, raw))
    return SaidByMail(found, issues.address_of(found), words, pictures)


class Praised(Struct, frozen=True):
    """A mail to an address for praise, taken apart; the programme's has no team."""

    team: UUID | None
    address: str
    words: Words


async def _praised(mail: InboundMail, incoming: Incoming) -> Praised | None:
    """Take a mail apart that came to an address for praise; None for any other, and for a bounce."""
    reached = (mail.envelope_to,) if mail.envelope_to else (*incoming.delivered_to, *incoming.to)
    places = [one for one in reached if stories.is_for_thanks(one)]
    if not places or incoming.bounce is not None:
        return None
    team = await stories.thanks_team(places[0])
    if team is None and normal(places[0]) != normal(stories.thanks_address()):
        return None     # a team's own address that is over, or was cut short: a person reads it
    try:
        words = await asyncio.to_thread(hear_apart, bytes(mail.content or b""))
    except OSError as error:
        raise Busy(_("This mail cannot be read just now; it is kept and read later.")) from error
    return Praised(team, stories.thanks_address(team), words)


async def _praise(mail: InboundMail, praised: Praised, *, now: datetime) -> Outcome:
    """Keep praise as a draft of a story, or say why it waits for a person."""
    incoming = praised.words.incoming
    card = await people.by_address(incoming.sender) if incoming.sender else None
    actor = await people.actor(card.id, door=Door.MAIL) if card else None
    subject = PREFIXES.sub("", incoming.subject).strip()
    team = praised.team or (await stories.meant(actor, now=now) if actor else None)
    outcome = rules.decide_praise(
        incoming, of_ours=actor is not None and bool(actor.grants) and not actor.only_assists, team=team is not None,
        secret=praised.team is not None, text=praised.words.text or subject, envelope_to=mail.envelope_to or None,
        address=praised.address, envelope_from=mail.envelope_from if mail.door in WITH_ENVELOPE else None,
        trusted_authserv_id=settings().trusted_authserv_id, demand_both=settings().sender_proof == "both",
    )  # fmt: skip
    if outcome.name != "story-drafted" or actor is None or team is None:
        return outcome
    try:
        draft = await stories.keep_praise(actor, team, subject, praised.words.text, now=now)
    except (Refused, Forbidden, BadInput) as error:
        return replace(outcome, name="needs-human", code="refused", reason=error.sentence)
    return replace(outcome, reason=_("%(name)s has praised somebody of %(team)s.", name=actor.name,
                                     team=draft.team_name))  # fmt: skip


class Replied(Struct, frozen=True):
    """A reply to a letter about an issue, taken apart: by its address a vendor's, or a person's."""

    address: str
    words: Words

    @property
    def by_vendor(self) -> bool:
        """Say whether it came to an address for a vendor's replies."""
        return self.address.lower().startswith(vendors.REPLIES_AT)


async def _replied(mail: InboundMail, incoming: Incoming) -> Replied | None:
    """Take a mail apart that came to an address for replies about an issue; None for any other, and for a bounce."""
    reached = (mail.envelope_to,) if mail.envelope_to else (*incoming.delivered_to, *incoming.to)
    places = [one for one in reached if one.lower().startswith((vendors.REPLIES_AT, issues.REPLIES_AT))]
    if not places or incoming.bounce is not None:
        return None
    try:
        words = await asyncio.to_thread(hear_apart, bytes(mail.content or b""))
    except OSError as error:
        raise Busy(_("This mail cannot be read just now; it is kept and read later.")) from error
    return Replied(places[0], words)


async def _vendor_said(mail: InboundMail, replied: Replied, *, now: datetime) -> Outcome:
    """Keep a vendor's word with the issue, or say why it waits for a person."""
    held = await vendors.replied_at(replied.address, now=now)
    outcome = _judge_word(mail, replied, "vendor-word", (held.email,) if held else None)
    if outcome.name != "vendor-word" or held is None:
        return outcome
    try:
        await vendors.word_by_mail(held, replied.words.text, now=now)
    except (Refused, BadInput) as error:
        return replace(outcome, name="needs-human", code="refused", reason=error.sentence)
    return replace(outcome, reason=_("%(vendor)s wrote about %(ref)s.", vendor=held.said_by, ref=ref(held.number)))


async def _reader_said(mail: InboundMail, replied: Replied, *, now: datetime) -> Outcome:
    """Keep what the reader of a letter about an issue replied, or say why it waits for a person."""
    held = await issues.replied_to(replied.address, now=now)
    theirs = await people.addresses(held.person) if held else None
    outcome = _judge_word(mail, replied, "word-kept", theirs)
    if outcome.name != "word-kept" or held is None:
        return outcome
    try:
        row = await issues.reply(held, replied.words.text, now=now)
    except (NotFound, Refused, BadInput) as error:
        return replace(outcome, name="needs-human", code="refused", reason=error.sentence)
    return replace(outcome, reason=_("A reply about %(ref)s was kept.", ref=ref(row.number)))


def _judge_word(
    mail: InboundMail, replied: Replied, name: rules.Name, theirs: Collection[str] | None
) -> Outcome:
    return rules.decide_word(
        replied.words.incoming, name=name, theirs=theirs, text=replied.words.text,
        envelope_from=mail.envelope_from if mail.door in WITH_ENVELOPE else None,
        trusted_authserv_id=settings().trusted_authserv_id, demand_both=settings().sender_proof == "both",
    )  # fmt: skip


async def _note(mail: InboundMail, said: SaidByMail, *, now: datetime) -> Outcome:
    """Open a note for a person of the team, or say why it waits for one."""
    incoming = said.words.incoming
    card = await people.by_address(incoming.sender) if incoming.sender else None
    actor = await people.actor(card.id, door=Door.MAIL) if card else None
    subject = PREFIXES.sub("", incoming.subject).strip()
    text = said.words.text or subject
    outcome = rules.decide_note(
        incoming, text=text, envelope_to=mail.envelope_to or None, address=said.address,
        writer=rules.Writer(said.team in actor.teams(*TEAM_ROLES)) if actor else None,
        envelope_from=mail.envelope_from if mail.door in WITH_ENVELOPE else None,
        trusted_authserv_id=settings().trusted_authserv_id, demand_both=settings().sender_proof == "both",
    )  # fmt: skip
    if outcome.name != "note-opened" or actor is None:
        return outcome
    try:
        noted = await issues.note_by_mail(
            actor, said.team, text, title=subject if said.words.text else "", now=now, pictures=said.pictures)
    except (Refused, Forbidden, BadInput) as error:
        return replace(outcome, name="needs-human", code="refused", reason=error.sentence)
    row = await issue_queries.issue(None, noted.issue) if noted.issue else None
    return replace(outcome, reason=_("%(name)s has raised %(ref)s by mail.", name=actor.name,
                                     ref=ref(row.number) if row else ""))  # fmt: skip


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
            case "counter-proposal", BookingRow():
                return await _propose(outcome, booking, mail, now=now)
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


async def _propose(outcome: Outcome, booking: BookingRow, mail: UUID, *, now: datetime) -> Outcome:
    actor = await _who(outcome, booking)
    if actor is None or outcome.starts is None or outcome.ends is None:
        return replace(outcome, name="needs-human", code="nobody", reason=_("Whoever sent this is no longer here."))
    made = await bookings.propose(
        actor, booking.id, starts=outcome.starts, ends=outcome.ends, comment=outcome.comment, partstat=outcome.partstat,
        sequence=outcome.sequence, stamp=outcome.dtstamp, mail=mail, now=now)
    if made is None:
        return replace(outcome, name="ignored-stale", reason=_("A newer proposal is already here."))
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
    """Say that a mail needs nothing more; it is kept, and what it proposed is closed without a word to anybody."""
    _only_coordinators(actor)
    async with transaction():
        mail = await inbound.found(mail_id)
        await inbound.decide(mail_id, outcome=mail.outcome, by=actor.person, now=now,
                             applied=mail.applied, decision="put aside")
        await bookings.set_proposal_aside(actor, mail_id, now=now)


async def take_answer(
    actor: Actor, mail_id: UUID, partstat: booking_rules.Partstat, *, now: datetime, comment: str = ""
) -> UUID:
    """Take the answer that a person read in a mail, on behalf of the manager; it counts for the day as it stands."""
    _only_coordinators(actor)
    async with transaction():
        mail, booking = await _undecided(mail_id)
        answer = booking_rules.Answer(partstat=partstat, sequence=booking.sequence, comment=comment)
        await inbound.decide(mail_id, outcome=mail.outcome, by=actor.person, now=now, applied=True, decision="answered")
        _row, mark = await bookings.answer(actor, booking.id, answer, now=now, mail=mail_id, relayed=True)
        if mark is not booking_rules.Mark.APPLIED:
            raise Refused(_("That is the answer the day already has. Put the mail aside."))
    return booking.id


async def take_alias(actor: Actor, mail_id: UUID, address: str, *, now: datetime) -> Outcome:
    """Register an address that stands in a mail as the manager's own, then judge the very mail again."""
    _only_coordinators(actor)
    incoming = await read(await inbound.found(mail_id))
    async with transaction():
        _mail, booking = await _undecided(mail_id)
        if address not in rules.said(incoming).addresses:
            raise BadInput(_("This address does not stand in the mail."), fields={"address": _("Not in the mail.")})
        await people_actions.add_alias(actor, booking.manager, address, now=now)
        return await _again(actor, mail_id, incoming, decision="alias", now=now)


async def take_assistant(actor: Actor, mail_id: UUID, address: str, *, now: datetime) -> Outcome:
    """Let somebody of ours, who answered for the manager, do that from now on; then judge the very mail again."""
    _only_coordinators(actor)
    incoming = await read(await inbound.found(mail_id))
    async with transaction():
        _mail, booking = await _undecided(mail_id)
        if not address or address != rules.said(incoming).deputy:
            raise BadInput(_("Nobody answers so in the mail."), fields={"address": _("Not in the mail.")})
        card = await people.by_address(address)
        if card is None:
            raise Refused(_("Nobody here has this address. Add the person first, then come back to this mail."))
        await people_actions.add_assistant(actor, card.id, booking.manager, now=now)
        return await _again(actor, mail_id, incoming, decision="assistant", now=now)


async def _again(actor: Actor, mail_id: UUID, incoming: Incoming, *, decision: str, now: datetime) -> Outcome:
    """Judge a mail once more. In order by now: it is applied, and settled; else it waits on with the new reason."""
    mail = await inbound.found(mail_id)
    outcome, about = await _judged(mail, incoming, now=now)
    await inbound.judge_again(mail_id, outcome=outcome.name, reason=outcome.reason, about=about or mail.about,
                              applied=outcome.name in inbound.APPLIES)
    if outcome.name not in queries.WAITS:
        await inbound.decide_for(mail_id, decision=decision, by=actor.person, now=now)
    return outcome


async def pass_on(
    actor: Actor, mail_id: UUID, *, starts: datetime, ends: datetime, now: datetime, comment: str = ""
) -> UUID:
    """Make a time that a person read in a mail a proposal like any other; times without an offset are the floor's."""
    _only_coordinators(actor)
    async with transaction():
        mail, booking = await _undecided(mail_id)
        starts, ends = (booking_rules.moment(at, booking.zone) for at in (starts, ends))
        if starts <= now:
            past = _("That time is already over. Choose one that is still to come.")
            raise BadInput(past, fields={"starts": past})
        await inbound.decide(mail_id, outcome=mail.outcome, by=actor.person, now=now, applied=mail.applied,
                             decision="proposed")
        await bookings.propose(actor, booking.id, starts=starts, ends=ends, comment=comment, mail=mail_id, now=now)
    return booking.id


async def undo(actor: Actor, mail_id: UUID, *, now: datetime) -> None:
    """Take back what was decided about a mail: it waits again, and so does what it had changed."""
    _only_coordinators(actor)
    async with transaction():
        mail = await inbound.found(mail_id)
        match mail.decision:
            case "put aside":
                await inbound.reopen(mail_id)
                await bookings.take_proposal_up(actor, mail_id)
            case "proposed":
                await bookings.set_proposal_aside(actor, mail_id, now=now)
                await inbound.reopen(mail_id)
            case "answered" | "accepted" | "refused" if mail.about is not None:
                await bookings.undo(actor, mail.about, mail=mail_id, now=now)
            case "alias" | "assistant":
                raise Refused(_("An address or an assistant is taken away on the person's own page, under Settings."))
            case _:
                raise Refused(_("There is nothing to undo here any more."))


async def accept_proposal(actor: Actor, mail_id: UUID, *, now: datetime) -> UUID:
    """Move the day to the time its manager proposed; they chose it, so it stays accepted. Gives the booking."""
    _only_coordinators(actor)
    async with transaction():
        proposal = await _proposal(mail_id, now=now)
        await bookings.accept_proposal(actor, proposal.booking, proposal.id, now=now)
    return proposal.booking


async def refuse_proposal(actor: Actor, mail_id: UUID, *, now: datetime, words: str = "") -> UUID:
    """Say no to a proposed time; the day stays as it is, and the manager's calendar is told. Gives the booking."""
    _only_coordinators(actor)
    async with transaction():
        proposal = await _proposal(mail_id, now=now)
        await bookings.refuse_proposal(actor, proposal.booking, proposal.id, words=words, now=now)
    return proposal.booking


async def _proposal(mail_id: UUID, *, now: datetime) -> ProposalRow:
    """Find what a mail proposed; one that came before proposals were kept is read out of it now."""
    mail = await inbound.found(mail_id)
    found = await booking_queries.proposal_of_mail(mail_id)
    if found is None and mail.outcome == "counter-proposal" and mail.about is not None and mail.decided_at is None:
        outcome, _about = await _judged(mail, await read(mail), now=now)
        if outcome.name != "counter-proposal":
            raise Refused(_("This proposal no longer fits the day: %(reason)s"), reason=outcome.reason)
        found = await booking_queries.proposal_of_mail(mail_id)
    if found is None:
        raise NotFound(_("There is no proposal in this mail."))
    return found


async def _undecided(mail_id: UUID) -> tuple[InboundMail, BookingRow]:
    """Find a mail that nobody has decided about, of which a person may make something, and its booking."""
    mail = await inbound.found(mail_id)
    if mail.decided_at is not None:
        raise Raced(_("Somebody else has decided about this mail."))
    if mail.outcome not in rules.MENDABLE or mail.about is None:
        raise Refused(_("Nothing can be made of this mail: it is about no day of ours, or its sender is not certain."))
    return mail, await booking_queries.booking(mail.about)


async def send_again(actor: Actor, letter_id: UUID, *, now: datetime) -> None:
    """Try a letter once more that had finally failed."""
    if not can(actor, Act.SEE_LETTERS):
        raise Forbidden(_("This is for a coordinator."))
    if not await outbox.again(letter_id, now=now):
        raise NotFound(_("This letter has not failed, or it is gone."))


def _only_coordinators(actor: Actor) -> None:
    if not can(actor, Act.SEE_INBOX):
        raise Forbidden(_("This is for a coordinator."))
