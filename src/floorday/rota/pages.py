"""The rota as a plain list of a month."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from floorday.bookings import queries as bookings
from floorday.bookings import rules
from floorday.config import settings
from floorday.errors import BadInput, Forbidden
from floorday.people.access import Act, Actor, can
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.rota import queries
from floorday.web import show

FIRST_YEAR, LAST_YEAR = 1990, 2200


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
    invites = await bookings.teams_of(actor, Act.INVITE) if can(actor, Act.INVITE) else []
    shown = await queries.month(actor, on, zone=zone, gaps=bool(invites), team=team)
    mine = {row.id for row in invites}
    return show(
        request, "rota/month.html", month=shown, on=on, title=when.month(on), before=_beside(on, -1),
        after=_beside(on, 1), zone=actor.zone, mine=mine, team=team, say=rules.say,
        founding=not invites and can(actor, Act.INVITE) and can(actor, Act.EDIT_TEAM),
        hosts=any(entry.shift.host == actor.person for entry in shown.entries),
        teams=_tabs(on, invites, team) if len(invites) > 1 else [],
    )  # fmt: skip


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
