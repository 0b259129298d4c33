"""The page that a letter's link opens: an answer without an account.

Opening it changes nothing, because mail scanners open links; only its pressed buttons act. A wrong link and one
that is no longer anybody's look the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from floorday.bookings import actions, queries, rules
from floorday.bookings.pages.days import AnswerFields, DateFields, other_dates
from floorday.bookings.queries import BookingRow
from floorday.bookings.rules import Answer, Verb
from floorday.errors import BadInput, NotFound, Refused
from floorday.people import queries as people
from floorday.people.access import Act, Actor, Door, can
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.web import LETTER_PAGE, read_form, redirect, show

Asked = Request[Any, Any, Any]
Shown = Response[Any]


@get("/answer/{token:str}", opt={LETTER_PAGE: True})
async def answer_page(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show the day, and the three answers."""
    holder, booking = await _held(token, now=now)
    return await _show(request, token, holder, booking, now=now)


@post("/answer/{token:str}", opt={LETTER_PAGE: True})
async def give_answer(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Take the answer, because somebody pressed a button."""
    holder, booking = await _held(token, now=now)
    try:
        wanted = await read_form(request, AnswerFields)
        reply = Answer(partstat=wanted.answer, sequence=wanted.sequence, comment=wanted.comment)
        booking, _mark = await actions.answer(holder, booking.id, reply, now=now)
    except (BadInput, Refused) as refused:
        return await _show(request, token, holder, await queries.booking(booking.id), now=now, status=refused.status,
                           wrong=_sentence(refused))
    state = rules.say(booking.state).lower()
    said = _("Thank you. Noted: %(state)s. It can be changed until the shift starts.", state=state)
    return redirect(f"/answer/{token}", say=said)


@post("/answer/{token:str}/date", opt={LETTER_PAGE: True})
async def choose_date(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Take another of the team's dates."""
    holder, booking = await _held(token, now=now)
    try:
        wanted = await read_form(request, DateFields)
        booking = await actions.move(holder, booking.id, shift=wanted.shift, chosen=True, now=now)
    except (BadInput, Refused) as refused:
        return await _show(request, token, holder, await queries.booking(booking.id), now=now, status=refused.status,
                           wrong=_sentence(refused))
    return redirect(f"/answer/{token}", say=_("Thank you. The new date is %(day)s.",
                                              day=when.day(booking.starts_at, booking.zone)))


async def _held(token: str, *, now: datetime) -> tuple[Actor, BookingRow]:
    """Find who holds the link and which day it is about."""
    held = await queries.answer_pass(token, now=now)
    holder = await people.actor(held.person, door=Door.LETTER) if held else None
    booking = await queries.booking(held.booking) if held and holder else None
    if holder is None or booking is None or not can(holder, Act.ANSWER, booking.thing()):
        raise NotFound(_("This link does not open anything. Perhaps it was cut short; try the newest letter."))
    return holder, booking


async def _show(
    request: Asked, token: str, holder: Actor, booking: BookingRow, *, now: datetime, status: int = 200, wrong: str = ""
) -> Shown:
    fits = rules.possible(booking.facts(), now=now)
    return show(
        request, "bookings/answer.html", status=status, token=token, holder=holder, booking=booking, wrong=wrong,
        state=rules.say(booking.state), behalf=holder.person != booking.manager, answers=Verb.ACCEPT in fits,
        closed=rules.why_unanswerable(booking.facts(), now=now), moves=Verb.CHOOSE in fits,
        dates=await other_dates(booking, now=now) if Verb.CHOOSE in fits else [],
    )  # fmt: skip


def _sentence(refused: BadInput | Refused) -> str:
    if isinstance(refused, BadInput) and "answer" in refused.fields:
        return _("Please press yes, maybe or no.")
    if isinstance(refused, BadInput) and refused.fields:
        return next(iter(refused.fields.values()))
    return refused.sentence


handlers = [answer_page, give_answer, choose_date]
