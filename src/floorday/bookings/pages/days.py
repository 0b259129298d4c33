"""A booking: how it stands, what happened, and what may be done with it now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.bookings import actions, queries, rules
from floorday.bookings.pages import sheets
from floorday.bookings.queries import BookingRow, EventRow
from floorday.bookings.rules import Answer, Partstat, Verb
from floorday.db.text import Prose
from floorday.errors import BadInput, NotFound, Refused
from floorday.mail.outbox import Sent
from floorday.people.access import Act, Actor, Door, can
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.web import read_form, redirect, show
from floorday.web import sheets as downloads
from floorday.web.errors import wants_json

Asked = Request[Any, Any, Any]
Shown = Response[Any]

FREE_DATES = 20
MOST_IN_A_FILE = 5_000


class AnswerFields(Struct, frozen=True, kw_only=True):
    """What is answered, to which revision of the day."""

    answer: Partstat
    sequence: int
    comment: Prose = Prose("")


class DateFields(Struct, frozen=True):
    """Another of the team's dates."""

    shift: UUID


class ReasonFields(Struct, frozen=True):
    """Why."""

    reason: Prose = Prose("")


class WordsFields(Struct, frozen=True):
    """A word to the manager; calendars show it, so it is short."""

    words: Prose = Prose("")


class Line(Struct, frozen=True):
    """A line of history as the page shows it."""

    who: str
    text: str
    at: datetime
    door: str
    body: str = ""
    tone: str = ""
    mail: str = ""


@get("/bookings/hosting")
async def hosting_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Show a host the days around now, with what there is to press on the phone."""
    form = downloads.asked(request)
    rows = await queries.hosted_days(actor.person, since=now - timedelta(days=7), until=now + timedelta(days=60),
                                     limit=MOST_IN_A_FILE + 1 if form else queries.PAGE)
    if form:
        return await downloads.download(form, sheets.hosting(), rows, most=MOST_IN_A_FILE)
    return show(request, "bookings/hosting.html", zone=actor.zone,
                rows=[(row, rules.possible(row.facts(), now=now), row.starts_at <= now) for row in rows])


@get("/bookings/{booking_id:uuid}")
async def booking_page(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show a day."""
    return await _show(request, actor, booking_id, now=now)


@post("/bookings/{booking_id:uuid}/answer")
async def answer(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the manager's answer, then show the day as it now stands."""

    async def act() -> str:
        wanted = await read_form(request, AnswerFields)
        reply = Answer(partstat=wanted.answer, sequence=wanted.sequence, comment=wanted.comment)
        booking, _mark = await actions.answer(actor, booking_id, reply, now=now)
        return _("Noted: %(state)s. It can be changed until the shift starts.", state=rules.say(booking.state).lower())

    return await _done(request, actor, booking_id, act, now=now)


@post("/bookings/{booking_id:uuid}/move")
async def move(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Give the day another date."""

    async def act() -> str:
        wanted = await read_form(request, DateFields)
        booking = await actions.move(actor, booking_id, shift=wanted.shift, now=now)
        return _("Moved to %(when)s.", when=when.stretch(booking.starts_at, booking.ends_at, booking.zone, actor.zone))

    return await _done(request, actor, booking_id, act, now=now, undo=True)


@post("/bookings/{booking_id:uuid}/postponement")
async def postpone(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the date away without giving up the day."""

    async def act() -> str:
        wanted = await read_form(request, ReasonFields)
        await actions.postpone(actor, booking_id, reason=wanted.reason, now=now)
        return _("Postponed. Give it another date when there is one.")

    return await _done(request, actor, booking_id, act, now=now, undo=True)


@post("/bookings/{booking_id:uuid}/cancellation")
async def cancel(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Call the day off."""

    async def act() -> str:
        wanted = await read_form(request, ReasonFields)
        await actions.cancel(actor, booking_id, reason=wanted.reason, now=now)
        return _("Cancelled. Both sides are told why.")

    return await _done(request, actor, booking_id, act, now=now, undo=True)


@post("/bookings/{booking_id:uuid}/held")
async def hold(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that the manager came."""

    async def act() -> str:
        await actions.hold(actor, booking_id, now=now)
        return _("Held. Thank you.")

    return await _done(request, actor, booking_id, act, now=now)


@post("/bookings/{booking_id:uuid}/missed")
async def miss(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that the manager did not come."""

    async def act() -> str:
        await actions.miss(actor, booking_id, now=now)
        return _("Noted as missed.")

    return await _done(request, actor, booking_id, act, now=now)


@post("/bookings/{booking_id:uuid}/read-back")
async def read_back(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Note that the list was read back."""

    async def act() -> str:
        await actions.read_back(actor, booking_id, now=now)
        return _("Noted: the list was read back.")

    return await _done(request, actor, booking_id, act, now=now)


@post("/bookings/{booking_id:uuid}/reminder")
async def remind(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Send the invitation once more."""

    async def act() -> str:
        booking = await actions.remind(actor, booking_id, now=now)
        return _("%(name)s is reminded.", name=booking.manager_name)

    return await _done(request, actor, booking_id, act, now=now)


@post("/bookings/{booking_id:uuid}/again")
async def send_again(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Send the day anew, to the address that its manager has now."""

    async def act() -> str:
        booking = await actions.send_again(actor, booking_id, now=now)
        return _("It is sent again, to %(address)s.", address=booking.manager_email)

    return await _done(request, actor, booking_id, act, now=now)


@post("/bookings/{booking_id:uuid}/proposals/{proposal_id:uuid}/acceptance")
async def accept_proposal(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], proposal_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Move the day to the time that its manager proposed."""

    async def act() -> str:
        booking = await actions.accept_proposal(actor, booking_id, proposal_id, now=now)
        return _("Moved to %(when)s.", when=when.stretch(booking.starts_at, booking.ends_at, booking.zone, actor.zone))

    return await _done(request, actor, booking_id, act, now=now, undo=True)


@post("/bookings/{booking_id:uuid}/proposals/{proposal_id:uuid}/refusal")
async def refuse_proposal(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], proposal_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Keep the day, and tell the manager's calendar."""

    async def act() -> str:
        wanted = await read_form(request, WordsFields)
        await actions.refuse_proposal(actor, booking_id, proposal_id, words=wanted.words, now=now)
        return _("The day stays as it is; their calendar is told.")

    return await _done(request, actor, booking_id, act, now=now, undo=True)


@post("/bookings/{booking_id:uuid}/undo")
async def undo(
    request: Asked, actor: NamedDependency[Actor], booking_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the last step back, as long as its letter has not left."""

    async def act() -> str:
        await actions.undo(actor, booking_id, now=now)
        return _("Undone. No letter has left.")

    return await _done(request, actor, booking_id, act, now=now)


async def _done(
    request: Asked, actor: Actor, booking_id: UUID, act: Callable[[], Awaitable[str]], *, now: datetime,
    undo: bool = False,
) -> Shown:  # fmt: skip
    """Act, then go back to the day with a word; where that is refused, show the day with the reason."""
    try:
        said = await act()
    except (BadInput, Refused) as refused:
        if wants_json(request):
            raise
        words = next(iter(refused.fields.values()), "") if isinstance(refused, BadInput) else ""
        return await _show(request, actor, booking_id, now=now, status=refused.status, wrong=words or refused.sentence)
    page = f"/bookings/{booking_id}"
    return redirect(page, say=said, undo=f"{page}/undo" if undo else None)


async def _show(
    request: Asked, actor: Actor, booking_id: UUID, *, now: datetime, status: int = 200, wrong: str = ""
) -> Shown:
    booking = await queries.booking(booking_id)
    if not can(actor, Act.SEE_BOOKING, booking.thing()):
        raise NotFound(_("There is no such day."))
    thing = booking.thing()
    proposal = (await queries.open_proposals({booking_id})).get(booking_id)
    letters = await queries.letters(booking_id) if can(actor, Act.INVITE, thing) else []
    fits = rules.possible(booking.facts(), now=now)
    moves = can(actor, Act.MOVE, thing) and Verb.MOVE in fits
    hosts, runs = can(actor, Act.HOLD, thing), can(actor, Act.INVITE, thing)
    started = now >= booking.starts_at
    return show(
        request, "bookings/booking.html", status=status, booking=booking, wrong=wrong, zone=actor.zone,
        history=[_line(line, mails=can(actor, Act.SEE_INBOX)) for line in await queries.history(booking_id)],
        letters=letters, trouble=_trouble(letters), resends=booking.state in rules.HOLDING and not started,
        proposal=queries.look(proposal, actor, now=now) if proposal else None,
        corrects=can(actor, Act.EDIT_PEOPLE),
        dates=await other_dates(booking, now=now) if moves else [],
        answers=can(actor, Act.ANSWER, thing) and Verb.ACCEPT in fits,
        behalf=actor.person != booking.manager, briefs=can(actor, Act.SEE_BRIEF, thing),
        moves=moves, postpones=moves and Verb.POSTPONE in fits,
        cancels=can(actor, Act.CANCEL, thing) and Verb.CANCEL in fits,
        holds=hosts and Verb.HOLD in fits, misses=hosts and Verb.MISS in fits,
        reads_back=hosts and started and booking.read_back_at is None
        and booking.state in rules.HOLDING | {rules.State.HELD},
        reminds=runs and booking.state is rules.State.INVITED and not started,
        state=rules.say(booking.state), runs=runs, letter_words=_letter,
    )  # fmt: skip


async def other_dates(booking: BookingRow, *, now: datetime) -> list[tuple[UUID, str]]:
    """List the team's other dates with a free seat, ready for a form."""
    rows = await queries.free_shifts(booking.team, now=now, limit=FREE_DATES)
    return [
        (row.id, when.stretch(row.starts_at, row.ends_at, row.zone, booking.manager_zone))
        for row in rows if row.id != booking.shift or booking.state not in rules.HOLDING
    ]  # fmt: skip


def _letter(name: str) -> str:
    """Say what a letter was about."""
    return {
        "invitation": _("the invitation"), "invitation_reminder": _("a reminder"), "answer_taken": _("the answer"),
        "booking_moved": _("the new date"), "booking_changed": _("the day as it stands"),
        "booking_postponed": _("the postponement"), "booking_cancelled": _("the cancellation"),
        "day_confirmed": _("that the day is on"), "day_unsure": _("that it is only a maybe"),
        "day_moved": _("that the day has changed"), "place_freed": _("that the place is free again"),
        "proposal_refused": _("that the date stays"), "brief": _("the brief"),
    }.get(name, _("a letter"))  # fmt: skip


def _trouble(letters: list[Sent]) -> Sent | None:
    """Find the newest letter to somebody that did not arrive, where none with the day in it went out to them since."""
    seen: set[UUID | None] = set()
    for letter in letters:
        if letter.fate == "failed" and letter.person not in seen:
            return letter
        if letter.name in queries.WHOLE_DAY and letter.fate != "taken back":
            seen.add(letter.person)
    return None


def _line(line: EventRow, *, mails: bool = False) -> Line:
    """Say a line of history: who, on behalf of whom, through which door; and to whoever reads mails, from which."""
    door = {
        Door.PAGE: "", Door.LETTER: _("through the link sent to %(address)s", address=line.by_email or ""),
        Door.CALENDAR: _("from the calendar"), Door.API: _("through the API"), Door.MAIL: _("by mail"),
        Door.CLI: _("on the server"), Door.CLOCK: _("by itself"), Door.DESK: _("at the team's desk"),
    }[line.door]  # fmt: skip
    who = line.by_name or _("floorday")
    if line.behalf_name:
        who = _("%(who)s, on behalf of %(manager)s,", who=who, manager=line.behalf_name)
    return Line(who=who, text=_what(line.what), at=line.at, door=door, body=line.text,
                tone="done" if line.what in {"held", "accepted"} else "",
                mail=f"/inbox/{line.mail}" if mails and line.mail else "")


def _what(what: str) -> str:
    if what.startswith("undone "):
        return _("%(what)s, and undid it before the letter had left", what=_what(what.removeprefix("undone ")))
    return {
        "invited": _("invited"), "accepted": _("said yes"), "tentative": _("said maybe"), "declined": _("said no"),
        "moved": _("moved the day, and asked again"), "chosen": _("chose another date"),
        "postponed": _("postponed the day"), "cancelled": _("cancelled the day"), "held": _("said it was held"),
        "missed": _("said it was missed"), "read back": _("read the list back"),
        "matched": _("said what another program calls it"), "reminded": _("sent a reminder"),
        "changed": _("changed the shift"), "new host": _("named another host"),
        "said again": _("gave the same answer again"),
        "stale answer": _("sent an answer to an older invitation; it was not applied"),
        "sent again": _("sent the event again"), "proposal refused": _("kept the day, and refused another time"),
        "proposed": _("proposed another time"),
    }.get(what, what)  # fmt: skip


handlers = [hosting_page, booking_page, answer, move, postpone, cancel, hold, miss, read_back, remind, undo,
            send_again, accept_proposal, refuse_proposal]
