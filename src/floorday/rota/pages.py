"""The rota as a plain list of a month."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Struct

from floorday.bookings import queries as bookings
from floorday.bookings import rules
from floorday.bookings.queries import BookingRow, ShiftRow
from floorday.config import settings
from floorday.errors import BadInput, Forbidden
from floorday.people.access import Act, Actor, can
from floorday.render import when
from floorday.render.sheets import Sheet, link, moment, number, text
from floorday.render.tokens import link as address
from floorday.render.tokens import mask_tokens
from floorday.render.words import gettext as _
from floorday.rota import queries
from floorday.web import sheets, show

FIRST_YEAR, LAST_YEAR = 1990, 2200
MOST_IN_A_FILE = 10_000


@get("/rota")
async def rota_page(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], now: NamedDependency[datetime],
    month: FromQuery[str] = "", team: FromQuery[UUID | None] = None,
) -> Response[Any]:  # fmt: skip
    """Show a month: per day the team, who comes, who hosts, the seats, and what did not arrive."""
    if not can(actor, Act.SEE_BOOKING):
        raise Forbidden(_("The rota is for managers, their assistants, the teams and the coordinator."))
    zone = settings().zone
    on = _month(month, now=now, zone=zone)
    if form := sheets.asked(request):
        shown = await queries.month(actor, on, zone=zone, gaps=False, now=now, team=team, most=MOST_IN_A_FILE + 1)
        return await sheets.download(form, _sheet(f"{on:%Y-%m}"), _rows(shown), most=MOST_IN_A_FILE)
    invites = await bookings.teams_of(actor, Act.INVITE) if can(actor, Act.INVITE) else []
    shown = await queries.month(actor, on, zone=zone, gaps=bool(invites), now=now, team=team)
    mine = {row.id for row in invites}
    return show(
        request, "rota/month.html", month=shown, on=on, title=when.month(on), before=_beside(on, -1),
        after=_beside(on, 1), zone=actor.zone, mine=mine, team=team, say=rules.say,
        founding=not invites and can(actor, Act.INVITE) and can(actor, Act.EDIT_TEAM),
        hosts=any(entry.shift.host == actor.person for entry in shown.entries),
        teams=_tabs(on, invites, team) if len(invites) > 1 else [],
    )  # fmt: skip


class Line(Struct, frozen=True):
    """A line of the month as a file: a shift with one of its days, a shift nobody comes to, or a day without a date."""

    shift: ShiftRow | None = None
    day: BookingRow | None = None
    trouble: str = ""


def _rows(month: queries.Month) -> list[Line]:
    lines = [
        Line(entry.shift, day, entry.undelivered.get(day.id, "") if day else "")
        for entry in month.entries
        for day in entry.days or [None]
    ]  # fmt: skip
    return lines + [Line(day=day) for day in month.waiting]


def _sheet(month: str) -> Sheet[Line]:
    return Sheet(name=_("Rota %(month)s", month=month), zone=settings().zone, columns=(
        moment(_("Starts"), lambda row: row.shift and row.shift.starts_at),
        moment(_("Ends"), lambda row: row.shift and row.shift.ends_at),
        text(_("Time zone there"), lambda row: row.shift.zone if row.shift else ""),
        text(_("Team"), lambda row: row.shift.team_name if row.shift else row.day and row.day.team_name),
        text(_("Place"), lambda row: row.shift.place if row.shift else ""),
        text(_("Manager"), lambda row: row.day and row.day.manager_name),
        text(_("State"), lambda row: row.day and rules.say(row.day.state)),
        text(_("Letter that did not arrive"), lambda row: mask_tokens(row.trouble)),
        text(_("Host"), lambda row: row.shift and row.shift.host_name),
        number(_("Seats"), lambda row: row.shift and row.shift.seats),
        number(_("Free"), lambda row: row.shift and row.shift.free),
        text(_("Shift"), lambda row: _("withdrawn") if row.shift and row.shift.withdrawn_at else ""),
        link(_("Link"), _link),
    ))  # fmt: skip


def _link(row: Line) -> str:
    if row.day:
        return address(f"/bookings/{row.day.id}")
    return address(f"/shifts/{row.shift.id}") if row.shift else ""


def _tabs(on: date, teams: list[bookings.TeamRow], chosen: UUID | None) -> list[dict[str, Any]]:
    every = {"label": _("All teams"), "href": f"/rota?month={on:%Y-%m}", "current": chosen is None}
    return [every] + [
        {"label": row.name, "href": f"/rota?month={on:%Y-%m}&team={row.id}", "current": row.id == chosen}
        for row in teams
    ]


def _month(raw: str, *, now: datetime, zone: str) -> date:
    if not raw:
        return now.astimezone(ZoneInfo(zone)).date().replace(day=1)
    try:
        on = date.fromisoformat(f"{raw}-01")
    except ValueError:
        raise BadInput(_("A month looks like 2026-11.")) from None
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise BadInput(_("There is nothing in that year."))
    return on


def _beside(on: date, step: int) -> dict[str, str]:
    other = (on.replace(day=15) + timedelta(days=30 * step)).replace(day=1)
    return {"href": f"/rota?month={other:%Y-%m}", "label": when.month(other)}


router = Router(path="/", route_handlers=[rota_page])
