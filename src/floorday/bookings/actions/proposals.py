"""Another time that a manager proposes: kept as a fact of the booking, then taken or refused."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.bookings import moves, queries, rules
from floorday.bookings.actions import days
from floorday.bookings.actions.steps import may, record
from floorday.bookings.queries import BookingRow, ProposalRow
from floorday.bookings.rules import ProposalState
from floorday.bookings.tables import Proposal
from floorday.db import transaction, uuid7
from floorday.errors import NotFound, Refused
from floorday.mail import inbound
from floorday.people.access import Act, Actor
from floorday.render.words import gettext as _

NOT_YOURS = "Only the team's lead or the coordinator settles a proposed time."


async def propose(
    actor: Actor, booking_id: UUID, *, starts: datetime, ends: datetime, now: datetime, comment: str = "",
    partstat: str = "", sequence: int | None = None, stamp: datetime | None = None, mail: UUID | None = None,
) -> UUID | None:  # fmt: skip
    """Keep a time that the manager proposes; it changes neither the day nor the answer (RFC 5546 3.2.7).

    It takes the place of the open one; an older one that came late is not kept (None). Whoever is not of the manager's
    side passes it on: they may, where they may settle it.
    """
    async with transaction():
        booking = await queries.booking(booking_id)
        goes = actor.person == booking.manager or booking.manager in actor.assists
        booking = await may(actor, Act.ANSWER if goes else Act.SETTLE, booking_id, no=_(NOT_YOURS))
        if ends <= starts:
            raise Refused(_("The proposed time ends before it starts. Look at the two times again."))
        await moves.one_at_a_time(booking.manager)
        before = (await queries.open_proposals({booking_id})).get(booking_id)
        if before is not None and stamp is not None and before.stamp is not None and stamp < before.stamp:
            return None
        for replaced in await moves.replace_open(booking_id, now=now):
            if replaced != mail:
                await inbound.decide_for(replaced, decision="replaced", by=None, now=now)
        made = uuid7()
        await moves.insert(Proposal(
            id=made, booking=booking_id, mail=mail, starts_at=starts, ends_at=ends, comment=comment[:2000],
            partstat=partstat[:16], sequence=booking.sequence if sequence is None else sequence, stamp=stamp,
            made_at=now, passed_on_by=None if goes else actor.person,
        ))  # fmt: skip
        behalf = None if goes else booking.manager
        await record(booking, what="proposed", actor=actor, now=now, text=comment[:2000], mail=mail, behalf=behalf)
    return made


async def accept_proposal(actor: Actor, booking_id: UUID, proposal_id: UUID, *, now: datetime) -> BookingRow:
    """Move the day to the proposed time: its manager chose it, so it stays accepted (SEQUENCE + 1)."""
    async with transaction():
        _booking, proposal = await _open(actor, booking_id, proposal_id)
        if stale := rules.why_stale(proposal.offer(), now=now):
            raise Refused(stale)
        event = uuid7()
        booking = await days.move(actor, booking_id, starts=proposal.starts_at, ends=proposal.ends_at, chosen=True,
                                  now=now, mail=proposal.mail, event=event)
        await moves.settle_proposal(proposal_id, ProposalState.ACCEPTED, by=actor.person, now=now, event=event)
        await _mail_too(proposal, "accepted", actor, now=now)
    return booking


async def refuse_proposal(
    actor: Actor, booking_id: UUID, proposal_id: UUID, *, now: datetime, words: str = ""
) -> BookingRow:
    """Keep the day as it is, and tell the manager's calendar (DECLINECOUNTER, the same SEQUENCE) with these words."""
    async with transaction():
        booking, proposal = await _open(actor, booking_id, proposal_id)
        if booking.state not in rules.HOLDING:
            raise Refused(_("This day is no longer open, so there is nothing to refuse."))
        event = uuid7()
        booking = await days.tell_again(
            booking, "proposal_refused", actor, what="proposal refused", method="DECLINECOUNTER", now=now, words=words,
            mail=proposal.mail, event=event, undoable=True)
        await moves.settle_proposal(
            proposal_id, ProposalState.REFUSED, by=actor.person, now=now, event=event, words=words)
        await _mail_too(proposal, "refused", actor, now=now)
    return booking


async def set_proposal_aside(actor: Actor, mail: UUID, *, now: datetime) -> None:
    """Close the open proposal that a mail brought, telling nobody."""
    proposal = await queries.proposal_of_mail(mail)
    if proposal is not None and proposal.state is ProposalState.OPEN:
        await may(actor, Act.SETTLE, proposal.booking, no=_(NOT_YOURS))
        await moves.settle_proposal(proposal.id, ProposalState.ASIDE, by=actor.person, now=now)


async def take_proposal_up(actor: Actor, mail: UUID) -> None:
    """Open a proposal again that was put aside with its mail."""
    proposal = await queries.proposal_of_mail(mail)
    if proposal is not None and proposal.state is ProposalState.ASIDE:
        await may(actor, Act.SETTLE, proposal.booking, no=_(NOT_YOURS))
        await moves.reopen_proposal(mail=mail, was=ProposalState.ASIDE)


async def _open(actor: Actor, booking_id: UUID, proposal_id: UUID) -> tuple[BookingRow, ProposalRow]:
    booking = await may(actor, Act.SETTLE, booking_id, no=_(NOT_YOURS))
    proposal = await queries.proposal(proposal_id)
    if proposal.booking != booking_id:
        raise NotFound(_("There is no such proposal."))
    if proposal.state is not ProposalState.OPEN:
        raise Refused(_("This proposal has been settled already. Look at what happened below."))
    return booking, proposal


async def _mail_too(proposal: ProposalRow, decision: str, actor: Actor, *, now: datetime) -> None:
    if proposal.mail is not None:
        await inbound.decide_for(proposal.mail, decision=decision, by=actor.person, now=now)
