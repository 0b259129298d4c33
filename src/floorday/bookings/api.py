"""Shifts, invitations and bookings for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from floorday.bookings import actions, queries, rules
from floorday.bookings.actions import ShiftForm
from floorday.bookings.queries import BookingRow, EventRow, ProposalRow, ShiftRow, Wanted
from floorday.bookings.rules import Answer, Partstat, State
from floorday.db.text import AskedId, Line, Prose
from floorday.errors import Forbidden, NotFound
from floorday.people.access import Act, Actor, Door, can
from floorday.render.words import gettext as _
from floorday.web.api import External, Nothing, Page, Paged, answer, api_router, paged, read_json, read_query, tells

Asked = Request[Any, Any, Any]
Shown = Response[bytes]
Moment = Annotated[datetime, Meta(tz=True)]
Seats = Annotated[int, Meta(ge=1, le=50)]
Sequence = Annotated[int, Meta(ge=0, le=1_000_000)]


class Shift(Struct, frozen=True, kw_only=True):
    """A stretch of time that a team offers."""

    id: UUID
    team: UUID
    team_name: str
    host: UUID | None
    host_name: str | None
    place: str
    plan: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    seats: int
    taken: int
    withdrawn_at: datetime | None


class Booking(Struct, frozen=True, kw_only=True):
    """One manager on one shift; `sequence` is that of the invitation their calendar holds."""

    id: UUID
    uid: str
    invitation: UUID
    shift: UUID
    team: UUID
    team_name: str
    manager: UUID
    manager_name: str
    host: UUID | None
    host_name: str | None
    state: State
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str
    answered_at: datetime | None
    comment: str
    reason: str
    read_back_at: datetime | None
    booked_at: datetime
    changed_at: datetime
    external_id: str | None


class Proposal(Struct, frozen=True, kw_only=True):
    """Another time that a manager proposed and nobody has settled; `stale` says why it can no longer be taken."""

    id: UUID
    booking: UUID
    manager: UUID
    manager_name: str
    team: UUID
    team_name: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    comment: str
    sequence: int
    made_at: datetime
    stale: str
    manager_is_away: bool
    host_is_away: bool
    shift_is_free: bool


class HistoryLine(Struct, frozen=True, kw_only=True):
    """A line of a day's history."""

    at: datetime
    what: str
    by: UUID | None
    by_name: str | None
    on_behalf_of: UUID | None
    door: Door
    text: str


class OpenedBooking(Booking, frozen=True, kw_only=True):
    """A booking with the time that is proposed instead, where one is, and what happened to it, oldest first."""

    proposal: Proposal | None
    history: list[HistoryLine]


class Invitation(Struct, frozen=True, kw_only=True):
    """Why this manager, in the team's own words, and the booking it made."""

    id: UUID
    booking: UUID
    shift: UUID
    team: UUID
    manager: UUID
    why: str
    doing: str
    hope: str
    written_by: UUID | None
    state: State
    written_at: datetime


class ShiftQuery(Paged, frozen=True, kw_only=True):
    """Which shifts to list: over after `since`, begun before `until`."""

    team: UUID | None = None
    host: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None
    withdrawn: bool = False
    free: bool = False


class BookingQuery(Paged, frozen=True, kw_only=True):
    """Which bookings to list: over after `since`, begun before `until`."""

    team: UUID | None = None
    host: UUID | None = None
    manager: UUID | None = None
    shift: UUID | None = None
    state: State | None = None
    external_id: AskedId | None = None
    since: Moment | None = None
    until: Moment | None = None


class ProposalQuery(Paged, frozen=True, kw_only=True):
    """Which proposed times to list."""

    booking: UUID | None = None


class WordsFields(Struct, frozen=True, kw_only=True):
    """A word to the manager, for their letter and their calendar."""

    words: Prose = Prose("")


class ShiftFields(Struct, frozen=True, kw_only=True):
    """A shift to offer."""

    team: UUID
    starts_at: Moment
    ends_at: Moment
    place: Line = Line("")
    host: UUID | None = None
    seats: Seats = 1
    plan: Prose = Prose("")


class ShiftChange(Struct, frozen=True, kw_only=True):
    """A shift said anew."""

    starts_at: Moment
    ends_at: Moment
    place: Line = Line("")
    host: UUID | None = None
    seats: Seats = 1
    plan: Prose = Prose("")


class ReasonFields(Struct, frozen=True):
    """Why."""

    reason: Prose = Prose("")


class InvitationFields(Struct, frozen=True, kw_only=True):
    """Who is asked, to which date, in which words."""

    manager: UUID
    shift: UUID
    why: Prose
    doing: Prose = Prose("")
    hope: Prose = Prose("")


class AnswerFields(Struct, frozen=True, kw_only=True):
    """What is answered, to which revision of the day."""

    answer: Partstat
    sequence: Sequence
    comment: Prose = Prose("")


class DateFields(Struct, frozen=True):
    """Another of the team's dates."""

    shift: UUID


# --- shifts ----------------------------------------------------------------------------------------------------


def _shift(row: ShiftRow) -> Shift:
    return Shift(**{name: getattr(row, name) for name in Shift.__struct_fields__})


def _id(row: ShiftRow | BookingRow) -> UUID:
    return row.id


@get("/shifts", opt=tells("bookings", Page[Shift], asks=ShiftQuery))
async def list_shifts(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the shifts you may see."""
    _only_seers(actor, Act.SEE_SHIFT)
    asked = read_query(request, ShiftQuery)
    rows = await queries.listed_shifts(actor, Wanted(
        after=asked.cursor.id() if asked.cursor else None, limit=asked.limit + 1, team=asked.team, host=asked.host,
        since=asked.since, until=asked.until, withdrawn=asked.withdrawn, free=asked.free,
    ))  # fmt: skip
    return answer(paged(request, asked, rows, key=_id, show=_shift))


def _only_seers(actor: Actor, act: Act) -> None:
    if not can(actor, act):
        raise Forbidden(_("Shifts and days are for the teams, their managers and the coordinator."))


async def _seen_shift(actor: Actor, shift_id: UUID) -> ShiftRow:
    row = await queries.shift(shift_id)
    if not can(actor, Act.SEE_SHIFT, row.thing(await queries.managers_on(shift_id))):
        raise NotFound(_("There is no such shift."))
    return row


@get("/shifts/{shift_id:uuid}", opt=tells("bookings", Shift))
async def show_shift(actor: NamedDependency[Actor], shift_id: FromPath[UUID]) -> Shown:
    """Show a shift."""
    return answer(_shift(await _seen_shift(actor, shift_id)))


@post("/shifts", opt=tells("bookings", Shift, takes=ShiftFields, status=201))
async def offer_shift(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Offer a shift."""
    said = await read_json(request, ShiftFields)
    row = await actions.offer_shift(actor, said.team, _form(said), now=now)
    return answer(_shift(row), status=201, location=f"/shifts/{row.id}")


def _form(said: ShiftFields | ShiftChange) -> ShiftForm:
    return ShiftForm(starts=said.starts_at, ends=said.ends_at, place=said.place, host=said.host, seats=said.seats,
                     plan=said.plan)  # fmt: skip


@post("/shifts/{shift_id:uuid}", opt=tells("bookings", Shift, takes=ShiftChange))
async def change_shift(
    request: Asked, actor: NamedDependency[Actor], shift_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Change a shift; who is booked on it is told."""
    await _seen_shift(actor, shift_id)
    return answer(_shift(await actions.change_shift(
        actor, shift_id, _form(await read_json(request, ShiftChange)), now=now)))


@post("/shifts/{shift_id:uuid}/withdrawal", opt=tells("bookings", Shift, takes=ReasonFields))
async def withdraw_shift(
    request: Asked, actor: NamedDependency[Actor], shift_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take a shift off the list; days booked on it are cancelled."""
    await _seen_shift(actor, shift_id)
    said = await read_json(request, ReasonFields)
    await actions.withdraw_shift(actor, shift_id, reason=said.reason, now=now)
    return answer(_shift(await queries.shift(shift_id)))


# --- invitations -------------------------------------------------------------------------------------------------


def _invitation(row: BookingRow) -> Invitation:
    return Invitation(
        id=row.invitation, booking=row.id, shift=row.shift, team=row.team, manager=row.manager, why=row.why,
        doing=row.doing, hope=row.hope, written_by=row.invited_by, state=row.state, written_at=row.booked_at,
    )  # fmt: skip


@get("/invitations", opt=tells("bookings", Page[Invitation], asks=BookingQuery))
async def list_invitations(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the invitations to days you may see."""
    _only_seers(actor, Act.SEE_BOOKING)
    asked = read_query(request, BookingQuery)
    rows = await queries.listed_bookings(actor, _wanted(asked))
    return answer(paged(request, asked, rows, key=_id, show=_invitation))


def _wanted(asked: BookingQuery) -> Wanted:
    return Wanted(
        after=asked.cursor.id() if asked.cursor else None, limit=asked.limit + 1, team=asked.team, host=asked.host,
        manager=asked.manager, shift=asked.shift, state=asked.state, since=asked.since, until=asked.until,
        external_id=asked.external_id,
    )  # fmt: skip


@get("/invitations/{invitation_id:uuid}", opt=tells("bookings", Invitation))
async def show_invitation(actor: NamedDependency[Actor], invitation_id: FromPath[UUID]) -> Shown:
    """Show an invitation."""
    rows = await queries.listed_bookings(actor, Wanted(invitation=invitation_id, limit=1))
    if not rows:
        raise NotFound(_("There is no such invitation."))
    return answer(_invitation(rows[0]))


@post("/invitations", opt=tells("bookings", Invitation, takes=InvitationFields, status=201))
async def invite(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Invite a manager; the seat and the time are kept from now on."""
    said = await read_json(request, InvitationFields)
    row = await actions.invite(
        actor, shift=said.shift, manager=said.manager, why=said.why, doing=said.doing, hope=said.hope, now=now)
    return answer(_invitation(row), status=201, location=f"/invitations/{row.invitation}")


# --- bookings ----------------------------------------------------------------------------------------------------


def _booking(row: BookingRow) -> Booking:
    return Booking(**{name: getattr(row, name) for name in Booking.__struct_fields__})


@get("/bookings", opt=tells("bookings", Page[Booking], asks=BookingQuery))
async def list_bookings(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the days you may see."""
    _only_seers(actor, Act.SEE_BOOKING)
    asked = read_query(request, BookingQuery)
    rows = await queries.listed_bookings(actor, _wanted(asked))
    return answer(paged(request, asked, rows, key=_id, show=_booking))


@get("/bookings/{booking_id:uuid}", opt=tells("bookings", OpenedBooking))
async def show_booking(
    actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show a day and what happened to it."""
    row = await queries.booking(booking_id)
    if not can(actor, Act.SEE_BOOKING, row.thing()):
        raise NotFound(_("There is no such day."))
    lines = [_line(line) for line in await queries.history(booking_id)]
    proposal = (await queries.open_proposals({booking_id})).get(booking_id)
    return answer(OpenedBooking(
        **{name: getattr(row, name) for name in Booking.__struct_fields__}, history=lines,
        proposal=_proposal(proposal, now=now) if proposal else None,
    ))  # fmt: skip


def _line(line: EventRow) -> HistoryLine:
    return HistoryLine(**{name: getattr(line, name) for name in HistoryLine.__struct_fields__})


@post("/bookings/{booking_id:uuid}/answer", opt=tells("bookings", Booking, takes=AnswerFields))
async def answer_booking(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Answer an invitation, as its manager or on the manager's behalf."""
    said = await read_json(request, AnswerFields)
    reply = Answer(partstat=said.answer, sequence=said.sequence, comment=said.comment)
    row, _mark = await actions.answer(actor, booking_id, reply, now=now)
    return answer(_booking(row))


@post("/bookings/{booking_id:uuid}/move", opt=tells("bookings", Booking, takes=DateFields))
async def move_booking(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Give a day another date."""
    said = await read_json(request, DateFields)
    return answer(_booking(await actions.move(actor, booking_id, shift=said.shift, now=now)))


@post("/bookings/{booking_id:uuid}/postponement", opt=tells("bookings", Booking, takes=ReasonFields))
async def postpone_booking(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the date away without giving up the day."""
    said = await read_json(request, ReasonFields)
    return answer(_booking(await actions.postpone(actor, booking_id, reason=said.reason, now=now)))


@post("/bookings/{booking_id:uuid}/cancellation", opt=tells("bookings", Booking, takes=ReasonFields))
async def cancel_booking(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Call a day off."""
    said = await read_json(request, ReasonFields)
    return answer(_booking(await actions.cancel(actor, booking_id, reason=said.reason, now=now)))


@post("/bookings/{booking_id:uuid}/held", opt=tells("bookings", Booking, takes=Nothing))
async def hold_booking(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that the manager came."""
    await read_json(request, Nothing)
    return answer(_booking(await actions.hold(actor, booking_id, now=now)))


@post("/bookings/{booking_id:uuid}/missed", opt=tells("bookings", Booking, takes=Nothing))
async def miss_booking(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that the manager did not come."""
    await read_json(request, Nothing)
    return answer(_booking(await actions.miss(actor, booking_id, now=now)))


@post("/bookings/{booking_id:uuid}/read-back", opt=tells("bookings", Booking, takes=Nothing))
async def read_back_booking(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Note that the list was read back."""
    await read_json(request, Nothing)
    return answer(_booking(await actions.read_back(actor, booking_id, now=now)))


@post("/bookings/{booking_id:uuid}/reminder", opt=tells("bookings", Booking, takes=Nothing))
async def remind_booking(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Send the invitation once more."""
    await read_json(request, Nothing)
    return answer(_booking(await actions.remind(actor, booking_id, now=now)))


@post("/bookings/{booking_id:uuid}/external-id", opt=tells("bookings", Booking, takes=External))
async def match_booking(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what your program calls a day."""
    said = await read_json(request, External)
    return answer(_booking(await actions.match(actor, booking_id, said.external_id, now=now)))


@post("/bookings/{booking_id:uuid}/again", opt=tells("bookings", Booking, takes=Nothing))
async def send_booking_again(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Send a day anew whose letter did not arrive, to the address that its manager has now."""
    await read_json(request, Nothing)
    return answer(_booking(await actions.send_again(actor, booking_id, now=now)))


# --- proposed times ----------------------------------------------------------------------------------------------


def _proposal(row: ProposalRow, *, now: datetime) -> Proposal:
    kept: dict[str, Any] = {name: getattr(row, name) for name in Proposal.__struct_fields__ if hasattr(row, name)}
    return Proposal(
        **kept, stale=rules.why_stale(row.offer(), now=now), manager_is_away=row.away > 0,
        host_is_away=row.hosting > 0, shift_is_free=row.free > 0,
    )  # fmt: skip


def _proposal_id(row: ProposalRow) -> UUID:
    return row.id


@get("/proposals", opt=tells("bookings", Page[Proposal], asks=ProposalQuery))
async def list_proposals(
    request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Shown:
    """List the times that managers proposed and nobody has settled, of the days you may see."""
    _only_seers(actor, Act.SEE_BOOKING)
    asked = read_query(request, ProposalQuery)
    rows = await queries.listed_proposals(
        actor, after=asked.cursor.id() if asked.cursor else None, limit=asked.limit + 1, booking=asked.booking)
    return answer(paged(request, asked, rows, key=_proposal_id, show=lambda row: _proposal(row, now=now)))


@post("/bookings/{booking_id:uuid}/proposals/{proposal_id:uuid}/acceptance",
      opt=tells("bookings", Booking, takes=Nothing))
async def take_proposal(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], proposal_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Move a day to the time that its manager proposed; it stays accepted."""
    await read_json(request, Nothing)
    return answer(_booking(await actions.accept_proposal(actor, booking_id, proposal_id, now=now)))


@post("/bookings/{booking_id:uuid}/proposals/{proposal_id:uuid}/refusal",
      opt=tells("bookings", Booking, takes=WordsFields))
async def keep_booking(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], proposal_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Keep a day where it is, and tell the manager's calendar, with a word where you have one."""
    said = await read_json(request, WordsFields)
    return answer(_booking(await actions.refuse_proposal(actor, booking_id, proposal_id, words=said.words, now=now)))


@post("/bookings/{booking_id:uuid}/undo", opt=tells("bookings", Booking, takes=Nothing))
async def undo_booking(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the last step back, as long as its letter has not left."""
    await read_json(request, Nothing)
    return answer(_booking(await actions.undo(actor, booking_id, now=now)))


router = api_router([
    list_shifts, show_shift, offer_shift, change_shift, withdraw_shift, list_invitations, show_invitation, invite,
    list_bookings, show_booking, answer_booking, move_booking, postpone_booking, cancel_booking, hold_booking,
    miss_booking, read_back_booking, remind_booking, match_booking, undo_booking, send_booking_again,
    list_proposals, take_proposal, keep_booking,
])  # fmt: skip
