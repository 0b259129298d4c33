"""A team's public page, and where its lead looks at it and puts it on."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.params import FromPath
from msgspec import Struct

from floorday.errors import BadInput, NotFound, Refused
from floorday.people.access import Act, Actor, can
from floorday.public import actions, poster, queries
from floorday.public.actions import Look, Offered
from floorday.public.queries import Page
from floorday.public.words import Said, day_of, month_of, told
from floorday.render import pages, when
from floorday.render.words import gettext as _
from floorday.web import PUBLIC_PAGE, read_form, redirect, show
from floorday.web.forms import WHOLE, Form
from floorday.web.static import static
from floorday.web.throttle import Throttle

Asked = Request[Any, Any, Any]
Shown = Response[Any]

KEPT = "public, max-age=300, must-revalidate"
OPENED = Throttle(most=120)
"""A whole office behind one address may read it; nobody tries addresses out."""


class StatusFields(Struct, frozen=True, kw_only=True):
    """Which issues are listed, and that somebody looked at the page before it is put on."""

    issues: list[UUID] = []
    looked: bool = False


async def read(page: Page) -> Said:
    """Say in words what a page tells that is on."""
    titles = {one.issue: one.title for one in await queries.lines(page.id) if one.stands}
    return told(team=page.team_name, site=page.site, written=page.written(), titles=titles)


@get("/status/{token:str}", opt={PUBLIC_PAGE: True})
async def status_page(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Show a team's public page: the same bytes to everybody, without a cookie."""
    OPENED.count(request)
    page = await queries.opened(token, now=now)
    if page is None:
        raise NotFound(_("There is nothing at this address. It may have been renewed; ask the team for the new one."))
    html = pages.page("public/status.html", said=await read(page), static=static)
    headers = {
        "etag": f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"', "cache-control": KEPT,
        "x-robots-tag": "noindex, nofollow, noarchive", "referrer-policy": "no-referrer",
    }  # fmt: skip
    return Response(html, media_type=MediaType.HTML, headers=headers)


@get("/teams/{team_id:uuid}/poster")
async def poster_page(actor: NamedDependency[Actor], team_id: FromPath[UUID]) -> Response[bytes]:
    """Give the poster to the team that shows the page, to print."""
    page = await actions.shown(actor, team_id)
    headers = {"content-disposition": 'inline; filename="you-said-we-did.pdf"', "cache-control": "no-store"}
    return Response(await poster.pdf(page, await read(page)), media_type="application/pdf", headers=headers)


@get("/settings/teams/{team_id:uuid}/status")
async def keeping_page(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show what a team's public page would tell, to whoever keeps it."""
    return await _show(request, actor, team_id, now=now)


async def _show(
    request: Asked, actor: Actor, team_id: UUID, *, now: datetime, status: int = 200, form: Form | None = None
) -> Shown:
    seen = await actions.look(actor, team_id, now=now)
    page = seen.page if seen.page is not None and seen.page.is_on else None
    titles = {one.line.issue: one.line.title for one in seen.offered if one.agreed}
    return show(
        request, "public/keeping.html", status=status, team=seen.team, page=page, form=form or Form(),
        said=await read(page) if page else told(
            team=seen.team.name, site=seen.team.site, written=seen.would, titles=titles),
        fixed=[_offer(one, form) for one in seen.offered if one.line.month],
        promised=[_offer(one, form) for one in seen.offered if one.line.promised],
        address=actions.address(page) if page else "", labels={"issues": _("What is listed"), "looked": _("Looked at")},
        stood=_stood(page, seen), headers={"cache-control": "no-store"},
        back=f"/settings/teams/{team_id}" if can(actor, Act.EDIT_TEAM) else "/settings",
    )  # fmt: skip


def _offer(one: Offered, form: Form | None) -> dict[str, Any]:
    ticked = str(one.line.issue) in form.values.get("issues", []) if form else one.agreed
    return {"id": str(one.line.issue), "title": one.line.title, "when": day_of(one.line) if one.line.promised else
            _("fixed in %(month)s", month=month_of(one.line)), "names": one.names, "ticked": ticked}  # fmt: skip


def _stood(page: Page | None, seen: Look) -> str:
    if page is None or page.on_at is None:
        return _("Off. Nobody outside can read it.")
    return _("On since %(moment)s, put on by %(name)s.", moment=when.moment(page.on_at, seen.team.zone),
             name=page.on_by_name or "")


@post("/settings/teams/{team_id:uuid}/status")
async def put_on(
    request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Put a team's page on, or write it anew, with what was ticked."""
    try:
        wanted = await read_form(request, StatusFields)
        await actions.put_on(actor, team_id, wanted.issues, looked=wanted.looked, now=now)
    except (BadInput, Refused) as wrong:
        sent = await request.form()
        fields = wrong.fields if isinstance(wrong, BadInput) else {}
        values = {"issues": [one for one in sent.getall("issues", []) if isinstance(one, str)]}
        form = Form(values, fields or {WHOLE: wrong.sentence})
        return await _show(request, actor, team_id, now=now, status=wrong.status, form=form)
    return redirect(f"/settings/teams/{team_id}/status", say=_("The page is written. It is written anew each Monday."))


@post("/settings/teams/{team_id:uuid}/status/renewal")
async def renew(actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Give the page another address."""
    await actions.renew(actor, team_id, now=now)
    return redirect(f"/settings/teams/{team_id}/status", say=_("It has a new address; the old one opens nothing."))


@post("/settings/teams/{team_id:uuid}/status/off")
async def put_off(actor: NamedDependency[Actor], team_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Put the page off."""
    await actions.put_off(actor, team_id, now=now)
    return redirect(f"/settings/teams/{team_id}/status", say=_("The page is off. Its address opens nothing."))


router = Router(path="/", route_handlers=[status_page, poster_page, keeping_page, put_on, renew, put_off])
