"""Shifts: what a team offers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from floorday.bookings import actions, queries, rules
from floorday.bookings.actions import ShiftForm
from floorday.bookings.pages import sheets
from floorday.bookings.queries import BookingRow, ShiftRow
from floorday.db.text import Line, Prose
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import again, blank, read_form, redirect, show
from floorday.web import sheets as downloads
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class ShiftFields(Struct, frozen=True, kw_only=True):
    """A shift as a browser sends it: a day and two clock times of the team's zone."""

    team: UUID
    day: date
    begins: time
    ends: time
    place: Line = Line("")
    host: UUID | None = None
    seats: int = 1
    plan: Prose = Prose("")

    def shift(self) -> ShiftForm:
        """Put day and times together; an end before the beginning is meant on the next day."""
        starts, ends = datetime.combine(self.day, self.begins), datetime.combine(self.day, self.ends)
        if ends <= starts:
            ends += timedelta(days=1)
        return ShiftForm(starts=starts, ends=ends, place=self.place, host=self.host, seats=self.seats, plan=self.plan)


class WithdrawalFields(Struct, frozen=True):
    """Why a shift is withdrawn."""

    reason: Prose = Prose("")


@get("/shifts")
async def shifts_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """List the shifts to come that the reader may see, with who is booked on each."""
    _only_seers(actor)
    if form := downloads.asked(request):
        return await downloads.download(form, sheets.shifts(), queries.every_shift(actor, since=now))
    rows = await queries.shifts(actor, since=now)
    booked = await _booked(actor, now=now)
    return show(request, "shifts/list.html", rows=[
        (row, booked.get(row.id, []), can(actor, Act.INVITE, row.thing()), can(actor, Act.OFFER_SHIFT, row.thing()))
        for row in rows
    ], offers=can(actor, Act.OFFER_SHIFT), zone=actor.zone)  # fmt: skip


async def _booked(actor: Actor, *, now: datetime) -> dict[UUID, list[BookingRow]]:
    found: dict[UUID, list[BookingRow]] = {}
    for booking in await queries.bookings(actor, since=now, states=rules.HOLDING):
        found.setdefault(booking.shift, []).append(booking)
    return found


def _only_seers(actor: Actor) -> None:
    if not can(actor, Act.SEE_SHIFT):
        raise Forbidden(_("Shifts are for the teams, their managers and the coordinator."))


@get("/shifts/new")
async def new_shift_page(
    request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime], team: FromQuery[UUID | None] = None
) -> Shown:
    """Ask for a shift: the team's own place and host are filled in."""
    teams = await _teams(actor)
    first = next((row for row in teams if row.id == team), teams[0])
    tomorrow = (now.astimezone(ZoneInfo(first.zone)) + timedelta(days=7)).date()
    return await _show_new(request, teams, blank(
        team=first.id, day=tomorrow.isoformat(), begins="09:00", ends="15:00", place=first.place,
        host=first.default_host or "", seats=1,
    ))  # fmt: skip


@post("/shifts")
async def offer_shift(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Offer a shift."""
    teams = await _teams(actor)
    try:
        fields = await read_form(request, ShiftFields)
        shift = await actions.offer_shift(actor, fields.team, fields.shift(), now=now)
    except BadInput as wrong:
        return await _show_new(request, teams, again(await _typed(request, wrong)), status=422)
    except Refused as refused:
        return await _show_new(request, teams, await _with(request, refused), status=refused.status)
    return redirect("/shifts", say=_("The shift of %(team)s is on offer. Invite somebody to it next.",
                                     team=shift.team_name))


async def _teams(actor: Actor) -> list[queries.TeamRow]:
    teams = await queries.teams_of(actor, Act.OFFER_SHIFT)
    if not teams:
        raise Forbidden(_("The team's lead or the coordinator offers and changes shifts."))
    return teams


async def _show_new(request: Asked, teams: list[queries.TeamRow], form: Form, *, status: int = 200) -> Shown:
    chosen = next((team for team in teams if form.chosen("team", team.id)), teams[0])
    hosts = await queries.hosts({chosen.id})
    return show(request, "shifts/new.html", status=status, form=form, team=chosen, hosts=_host_options(hosts), teams=[
        {"label": team.name, "href": f"/shifts/new?team={team.id}", "current": team is chosen} for team in teams
    ] if len(teams) > 1 else [])  # fmt: skip


def _host_options(hosts: dict[UUID, list[queries.Reader]]) -> list[tuple[UUID, str]]:
    people = {person.id: person.name for team in hosts.values() for person in team}
    return sorted(people.items(), key=lambda pair: pair[1])


@get("/shifts/{shift_id:uuid}")
async def shift_page(
    request: Asked, actor: NamedDependency[Actor], shift_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show a shift: who is booked on it, and the form to change it for those who may."""
    shift = await _seen(actor, shift_id)
    return await _show_shift(request, actor, shift, _filled(shift), now=now)


@post("/shifts/{shift_id:uuid}")
async def change_shift(
    request: Asked, actor: NamedDependency[Actor], shift_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Change a shift; who is booked on it is told."""
    shift = await _seen(actor, shift_id)
    try:
        fields = await read_form(request, ShiftFields)
        await actions.change_shift(actor, shift_id, fields.shift(), now=now)
    except BadInput as wrong:
        return await _show_shift(request, actor, shift, again(await _typed(request, wrong)), now=now, status=422)
    except Refused as refused:
        form = await _with(request, refused)
        return await _show_shift(request, actor, shift, form, now=now, status=refused.status)
    return redirect(f"/shifts/{shift_id}", say=_("Saved. Everybody booked on it is told."))


@post("/shifts/{shift_id:uuid}/withdrawal")
async def withdraw_shift(
    request: Asked, actor: NamedDependency[Actor], shift_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take a shift off the list."""
    shift = await _seen(actor, shift_id)
    try:
        fields = await read_form(request, WithdrawalFields)
        told = await actions.withdraw_shift(actor, shift_id, reason=fields.reason, now=now)
    except (BadInput, Refused) as refused:
        form = Form(values=_filled(shift).values, errors={"reason": refused.sentence})
        return await _show_shift(request, actor, shift, form, now=now, status=refused.status)
    said = ngettext("The shift is withdrawn, and %(n)s day on it is cancelled.",
                    "The shift is withdrawn, and %(n)s days on it are cancelled.", told)
    return redirect("/shifts", say=said if told else _("The shift is withdrawn."))


async def _seen(actor: Actor, shift_id: UUID) -> ShiftRow:
    shift = await queries.shift(shift_id)
    if not can(actor, Act.SEE_SHIFT, shift.thing(await queries.managers_on(shift_id))):
        raise NotFound(_("There is no such shift."))
    return shift


async def _show_shift(
    request: Asked, actor: Actor, shift: ShiftRow, form: Form, *, now: datetime, status: int = 200
) -> Shown:
    booked = [row for row in await queries.bookings_on(shift.id, states=frozenset(rules.State))
              if can(actor, Act.SEE_BOOKING, row.thing())]
    changes = can(actor, Act.OFFER_SHIFT, shift.thing()) and shift.withdrawn_at is None and shift.starts_at > now
    hosts = await queries.hosts({shift.team}) if changes else {}
    return show(request, "shifts/shift.html", status=status, shift=shift, form=form, booked=booked, changes=changes,
                invites=can(actor, Act.INVITE, shift.thing()) and shift.free > 0 and shift.starts_at > now,
                hosts=_host_options(hosts), zone=actor.zone, days_word=rules.say,
                live=[row for row in booked if row.state in rules.HOLDING])


def _filled(shift: ShiftRow) -> Form:
    there = ZoneInfo(shift.zone)
    starts, ends = shift.starts_at.astimezone(there), shift.ends_at.astimezone(there)
    return blank(team=shift.team, day=starts.date().isoformat(), begins=f"{starts:%H:%M}", ends=f"{ends:%H:%M}",
                 place=shift.place, host=shift.host or "", seats=shift.seats, plan=shift.plan)


async def _typed(request: Asked, wrong: BadInput) -> BadInput:
    """Keep what was typed when an action, not the form, found what is wrong."""
    if not wrong.values:
        wrong.values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    return wrong


async def _with(request: Asked, refused: Refused) -> Form:
    """Show what was typed again, with the sentence why not."""
    values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    return Form(values=values, errors={WHOLE: refused.sentence})


handlers = [shifts_page, new_shift_page, offer_shift, shift_page, change_shift, withdraw_shift]
