"""A team's wall screens and desk: made, listed, ended; and one's own PIN for the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import Title
from floorday.errors import BadInput, Refused
from floorday.people import actions, queries
from floorday.people.access import Act, Actor, DeviceKind, OfTeam, can
from floorday.people.pages import shared
from floorday.people.pages.shared import Asked, Shown
from floorday.render import tokens
from floorday.render.words import gettext as _
from floorday.web import DESK, again, blank, carry, end, read_form, redirect, show
from floorday.web.forms import WHOLE, Form

DESK_PAGE = "/desk"


class ScreenFields(Struct, frozen=True):
    """Where a screen hangs."""

    wall: Title


class DeskFields(Struct, frozen=True):
    """Where a desk stands."""

    desk: Title


@get("/settings/teams/{team_id:uuid}/screens")
async def screens_page(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """List a team's screens and desks, and offer a new one."""
    team = await actions.keeps_devices(actor, team_id)
    return await _show(request, actor, team, now=now)


async def _show(
    request: Asked, actor: Actor, team: queries.Place, *, now: datetime, status: int = 200, screen: Form | None = None,
    desk: Form | None = None, made: actions.Opened | None = None,
) -> Shown:  # fmt: skip
    return show(
        request, "people/screens.html", status=status, team=team, headers={"cache-control": "no-store"},
        screen=screen or blank(), desk=desk or blank(), link=tokens.link(f"/screen/{made.key}") if made else "",
        until=made.expires_at if made else None, may_open=can(actor, Act.OPEN_DEVICE, OfTeam(team.id)),
        devices=[(one, _kind(one.kind)) for one in await queries.devices(team.id, now=now)],
        back=f"/settings/teams/{team.id}" if shared.keeps(actor) else "/settings",
    )  # fmt: skip


def _kind(kind: DeviceKind) -> str:
    return {DeviceKind.SCREEN: _("Wall screen"), DeviceKind.DESK: _("Desk")}[kind]


@post("/settings/teams/{team_id:uuid}/screens")
async def open_screen(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Make the link of a wall screen and show it, this once: it must not stand in an address or a cookie."""
    team = await actions.keeps_devices(actor, team_id)
    try:
        fields = await read_form(request, ScreenFields)
        made = await actions.open_device(actor, team_id, DeviceKind.SCREEN, fields.wall, now=now)
    except (BadInput, Refused) as wrong:
        return await _show(request, actor, team, now=now, status=wrong.status, screen=_again(wrong, "wall"))
    return await _show(request, actor, team, now=now, made=made)


@post("/settings/teams/{team_id:uuid}/desks")
async def open_desk(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Make this browser the team's desk, and sign its reader out of it."""
    team = await actions.keeps_devices(actor, team_id)
    try:
        fields = await read_form(request, DeskFields)
        made = await actions.open_device(actor, team_id, DeviceKind.DESK, fields.desk, now=now)
    except (BadInput, Refused) as wrong:
        return await _show(request, actor, team, now=now, status=wrong.status, desk=_again(wrong, "desk"))
    said = _("This computer is the desk of %(team)s now, and you are signed out of it.", team=team.name)
    answer = redirect(DESK_PAGE, say=said)
    end(answer)
    carry(answer, DESK, made.key, seconds=int((made.expires_at - now).total_seconds()))
    return answer


def _again(wrong: BadInput | Refused, name: str) -> Form:
    if isinstance(wrong, Refused):
        return Form(errors={WHOLE: wrong.sentence})
    return again(BadInput(wrong.sentence, fields={name: wrong.sentence}, values=wrong.values))


@post("/settings/screens/{device_id:uuid}/end")
async def end_device(
    actor: NamedDependency[Actor], device_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """End a screen or desk."""
    ended = await actions.end_device(actor, device_id, now=now)
    return redirect(f"/settings/teams/{ended.team}/screens", say=_("Ended. It shows nothing any more."))


handlers: list[Any] = [screens_page, open_screen, open_desk, end_device]
