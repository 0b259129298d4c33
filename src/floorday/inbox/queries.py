"""What has to be known before a mail can be judged, and the lists of the Inbox page."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnnecessaryComparison=false
# (Piccolo types a nullable column as if it always held a value.)

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.bookings import queries as bookings
from floorday.bookings import rules as booking_rules
from floorday.bookings.queries import BookingRow, ProposalRow
from floorday.bookings.rules import ProposalState
from floorday.calendar.addresses import same
from floorday.calendar.facts import Incoming
from floorday.config import settings
from floorday.db import BATCH, batches, run_sql
from floorday.inbox import rules
from floorday.inbox.rules import Known, KnownBooking, LastAnswer, Wanted
from floorday.mail import letters, outbox
from floorday.mail.tables import InboundMail, MailToken
from floorday.people import queries as people
from floorday.people.access import Actor
from floorday.people.tables import Alias, Person
from floorday.render import tokens

PAGE = 50
WAITS = rules.WAITS


class Loaded(Struct, frozen=True):
    """What was loaded for one mail: for the rules, and by UID for the action."""

    known: Known
    bookings: dict[str, BookingRow]


class Row(Struct, frozen=True):
    """A mail in a list."""

    id: UUID
    sender: str
    subject: str
    received_at: datetime
    outcome: str
    reason: str
    about: UUID | None
    decided_at: datetime | None
    decided_by: UUID | None
    decision: str = ""


_ROW = (
    InboundMail.id, InboundMail.sender, InboundMail.subject, InboundMail.received_at, InboundMail.outcome,
    InboundMail.reason, InboundMail.about, InboundMail.decided_at, InboundMail.decided_by,
    InboundMail.decision,
)  # fmt: skip


async def load(wanted: Wanted, *, now: datetime) -> Loaded:
    """Load what the rules want to know for one mail."""
    rows = await _bookings(wanted, now=now)
    last = await _last_applied(wanted)
    ours = (settings().mail_from, f"day@{settings().mail_domain}")
    known = Known(
        bookings=tuple([await _known(row, wanted, last) for row in rows.values()]),
        ours=ours,
        letters=tuple(words for words in wanted.message_ids if letters.letter_of(words)),
        taken=await _taken(wanted.addresses),
    )
    return Loaded(known, rows)


async def _bookings(wanted: Wanted, *, now: datetime) -> dict[str, BookingRow]:
    """Find the bookings a mail may be about: by UID, by the letters it answers, by the address it came to."""
    found: dict[str, BookingRow] = {}
    for uid in wanted.uids[:20]:
        if row := await bookings.by_uid(uid):
            found[row.uid] = row
    ids: set[UUID] = {token.about for token in await _reply_tokens(wanted.recipients, now=now)}
    letter = await outbox.find_by_message_id(wanted.message_ids)
    if letter is not None and letter.about_kind == "booking":
        ids.add(letter.about)
    for booking_id in ids - {row.id for row in found.values()}:
        row = await bookings.booking(booking_id)
        found[row.uid] = row
    return found


async def _reply_tokens(recipients: tuple[str, ...], *, now: datetime) -> list[MailToken]:
    hashes = {
        tokens.digest(after)
        for address in recipients[:20]
        for local, at, _domain in [address.rpartition("@")]
        for _before, plus, after in [local.partition("+")]
        if at and plus and after
    }
    if not hashes:
        return []
    rows = await MailToken.objects().where(
        MailToken.hash.is_in(sorted(hashes)) & (MailToken.purpose == "reply") & MailToken.revoked_at.is_null()
    )
    return [row for row in rows if row.expires_at is None or row.expires_at > now]


async def _known(row: BookingRow, wanted: Wanted, last_applied: dict[UUID, str]) -> KnownBooking:
    last = None
    if row.answer and row.answer_sequence is not None:
        last = LastAnswer(row.answer_sequence, row.answer_stamp, row.answer, last_applied.get(row.id, ""))
    return KnownBooking(
        uid=row.uid,
        state=row.state.value,
        sequence=row.sequence,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        manager=row.manager_email,
        aliases=tuple((await people.addresses(row.manager))[1:]),
        assistants=await _assistants(row.manager),
        last=last,
        sent=await _sent(row.id, wanted),
        reply_addresses=await _reply_addresses(row),
    )


async def _assistants(manager: UUID) -> tuple[str, ...]:
    return tuple(
        [address for card in await people.assistants_of(manager) for address in await people.addresses(card.id)]
    )  # fmt: skip


async def _sent(booking: UUID, wanted: Wanted) -> tuple[str, ...]:
    """Say which of the mail's references are letters of ours about this booking."""
    about = {letter.id for letter in await outbox.letters_about(booking)}
    return tuple(words for words in wanted.message_ids if letters.letter_of(words) in about)


async def _reply_addresses(row: BookingRow) -> tuple[str, ...]:
    """Give the booking's own address for answers, while its token lives."""
    token = tokens.make("reply", row.id)
    alive = await MailToken.exists().where((MailToken.hash == tokens.digest(token)) & MailToken.revoked_at.is_null())
    return (f"day+{token}@{settings().mail_domain}",) if alive else ()


async def _taken(addresses: tuple[str, ...]) -> tuple[str, ...]:
    wanted = sorted({address.lower() for address in addresses[:200]})
    if not wanted:
        return ()
    own = await Person.select(Person.email).where(Person.email.is_in(wanted))
    others = await Alias.select(Alias.email).where(Alias.email.is_in(wanted))
    return tuple(row["email"] for row in (*own, *others))


async def leaver(addresses: tuple[str, ...]) -> str:
    """Name somebody who left and has one of these addresses, which is nobody else's by now; "" where there is none."""
    wanted = sorted({address.lower() for address in addresses[:20]})
    if not wanted:
        return ""
    owners = await Alias.select(Alias.person).where(Alias.email.is_in(wanted))
    ids = [row["person"] for row in owners]
    theirs: Any = Person.email.is_in(wanted)
    rows = await Person.select(Person.name, Person.left_at).where(theirs | Person.id.is_in(ids) if ids else theirs)
    return rows[0]["name"] if rows and all(row["left_at"] is not None for row in rows) else ""


async def _last_applied(wanted: Wanted) -> dict[UUID, str]:
    """Say which of the mail's own ids was applied before, and to what."""
    if not wanted.message_ids:
        return {}
    rows = await InboundMail.select(InboundMail.about, InboundMail.message_id).where(
        InboundMail.message_id.is_in(list(wanted.message_ids)) & InboundMail.applied.eq(True)
    )
    return {row["about"]: row["message_id"] for row in rows if row["about"]}


async def waiting(*, page: int = 0) -> list[Row]:
    """List the mails that wait for a person, oldest first."""
    rows = (
        await InboundMail.select(*_ROW)
        .where(InboundMail.outcome.is_in(list(WAITS)) & InboundMail.decided_at.is_null())
        .order_by(InboundMail.received_at, InboundMail.id)
        .limit(PAGE)
        .offset(page * PAGE)
    )
    return msgspec.convert(rows, list[Row])


async def everything(*, page: int = 0, outcome: str = "") -> list[Row]:
    """List all mails, or those of which one thing became, newest first."""
    query = InboundMail.select(*_ROW)
    if outcome:
        query = query.where(InboundMail.outcome == outcome)
    rows = (
        await query
        .order_by(InboundMail.received_at, InboundMail.id, ascending=False)
        .limit(PAGE)
        .offset(page * PAGE)
    )  # fmt: skip
    return msgspec.convert(rows, list[Row])


class Counts(Struct, frozen=True):
    """How many mails there are of each outcome, and how many wait."""

    by_outcome: dict[str, int]
    waits: int

    @property
    def all(self) -> int:
        """Count every mail."""
        return sum(self.by_outcome.values())


async def counts() -> Counts:
    """Count the mails, in one query."""
    rows = await run_sql(
        "SELECT outcome, COUNT(*) AS number, SUM(CASE WHEN decided_at IS NULL THEN 1 ELSE 0 END) AS undecided"
        " FROM inbound_mail GROUP BY outcome ORDER BY outcome")
    return Counts(
        {row["outcome"]: int(row["number"]) for row in rows},
        sum(int(row["undecided"]) for row in rows if row["outcome"] in WAITS))


class Owner(Struct, frozen=True):
    """Whose an address is."""

    address: str
    person: UUID
    name: str
    left: bool


async def owners(addresses: Collection[str]) -> dict[str, Owner]:
    """Say whose these addresses are, their own or further ones, in one query; an address of nobody is not there."""
    wanted = sorted({address.lower() for address in addresses})[:20]
    if not wanted:
        return {}
    marks = ", ".join("{}" for _one in wanted)
    rows = await run_sql(
        f"SELECT p.email AS address, p.id, p.name, p.left_at FROM person p WHERE p.email IN ({marks})"  # noqa: S608
        f" UNION ALL SELECT a.email, p.id, p.name, p.left_at FROM alias a JOIN person p ON p.id = a.person"
        f" WHERE a.email IN ({marks})", *wanted, *wanted)
    return {
        row["address"]: Owner(row["address"], UUID(str(row["id"])), row["name"], row["left_at"] is not None)
        for row in rows
    }  # fmt: skip


class Seen(Struct, frozen=True):
    """A mail as a person meets it: its booking, what its calendar part says, what it proposed, and what decides."""

    case: rules.Case
    said: rules.Said
    booking: BookingRow | None
    proposal: ProposalRow | None
    deputy_name: str


async def seen(mail: InboundMail, incoming: Incoming, actor: Actor, *, now: datetime) -> Seen:
    """Load what a person needs to decide about a mail."""
    said = rules.said(incoming)
    booking = await bookings.booking(mail.about) if mail.about is not None else None
    if booking is None:
        case = rules.Case(outcome=mail.outcome, decision=_decision(mail), calendar=bool(incoming.calendars))
        return Seen(case, said, None, None, "")
    known = await owners((*said.addresses, said.deputy)) if said.addresses or said.deputy else {}
    stranger = next((
        one for one in said.addresses if one not in known and not same(one, booking.manager_email)
        and one != said.deputy), "")
    deputy, ours = await _deputy(said.deputy, known, booking)
    proposal = None
    if mail.outcome == "counter-proposal" or mail.decision in {"proposed", "accepted", "refused"}:
        proposal = await bookings.proposal_of_mail(mail.id)
    is_open = proposal is not None and proposal.state is ProposalState.OPEN
    case = rules.Case(
        outcome=mail.outcome, decision=_decision(mail), about=True,
        answers=not booking_rules.why_unanswerable(booking.facts(), now=now),
        moves=booking.state in booking_rules.OPEN and (now < booking.starts_at or not booking.dated),
        calendar=bool(incoming.calendars), counter=said.method == "COUNTER", partstat=said.partstat, stranger=stranger,
        deputy=deputy, deputy_is_ours=ours is not None, proposal_open=is_open,
        undoable=await _undoable(mail, actor, now=now),
    )  # fmt: skip
    return Seen(case, said, booking, proposal if is_open and not mail.decision else None, ours.name if ours else "")


def _decision(mail: InboundMail) -> str:
    return (mail.decision or "settled") if mail.decided_at is not None else ""


async def _deputy(address: str, known: dict[str, Owner], booking: BookingRow) -> tuple[str, Owner | None]:
    """Say who answers for the manager without being registered, and whether they are of ours."""
    owner = known.get(address.lower())
    if not address or same(address, booking.manager_email) or (owner and owner.person == booking.manager):
        return "", None
    if owner is None or owner.left:
        return address, None
    if owner.person in {card.id for card in await people.assistants_of(booking.manager)}:
        return "", None
    return address, owner


async def _undoable(mail: InboundMail, actor: Actor, *, now: datetime) -> bool:
    """Say whether what a mail led to was the day's last step, by this reader, a moment ago."""
    ends = timedelta(seconds=settings().undo_seconds)
    if mail.decided_at is None or mail.decided_by != actor.person or now >= mail.decided_at + ends or not mail.about:
        return False
    last = (await bookings.history(mail.about))[-1]
    return last.mail == mail.id and bool(last.undo)


def every(*, waits: bool, outcome: str = "") -> AsyncGenerator[list[Row]]:
    """Give in batches all mails that wait, oldest first, or all (of which one thing became), newest first."""
    async def read(last: Row | None) -> list[Row]:
        query = InboundMail.select(*_ROW).order_by(InboundMail.received_at, InboundMail.id, ascending=waits)
        if waits:
            query = query.where(InboundMail.outcome.is_in(list(WAITS)) & InboundMail.decided_at.is_null())
        if outcome:
            query = query.where(InboundMail.outcome == outcome)
        if last is not None:
            at, same = InboundMail.received_at, InboundMail.received_at == last.received_at
            beyond = (at > last.received_at) | (same & (InboundMail.id > last.id)) if waits else (
                (at < last.received_at) | (same & (InboundMail.id < last.id)))
            query = query.where(beyond)
        return msgspec.convert(await query.limit(BATCH), list[Row])

    return batches(read)


class Listed(Row, frozen=True):
    """A mail as the API lists it."""

    message_id: str = ""
    door: str = ""


async def listed(
    *, only: UUID | None = None, after: UUID | None = None, limit: int = 1, outcome: str | None = None,
    message_id: str | None = None, booking: UUID | None = None, waits: bool | None = None,
) -> list[Listed]:  # fmt: skip
    """List mails by id."""
    query = InboundMail.select(*_ROW, InboundMail.message_id, InboundMail.door)
    for column, value in (
        (InboundMail.id, only), (InboundMail.outcome, outcome), (InboundMail.message_id, message_id),
        (InboundMail.about, booking),
    ):  # fmt: skip
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(InboundMail.id > after)
    if waits is not None:
        waiting_now = InboundMail.outcome.is_in(list(WAITS)) & InboundMail.decided_at.is_null()
        settled = InboundMail.outcome.not_in(list(WAITS)) | InboundMail.decided_at.is_not_null()
        query = query.where(waiting_now if waits else settled)
    return msgspec.convert(await query.order_by(InboundMail.id).limit(limit), list[Listed])


async def count_waiting() -> int:
    """Count the mails that wait for a person."""
    return await InboundMail.count().where(
        InboundMail.outcome.is_in(list(WAITS)) & InboundMail.decided_at.is_null()
    )  # fmt: skip
