"""One's own settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from floorday.errors import BadInput, NotFound
from floorday.people import actions, queries
from floorday.people.access import Actor
from floorday.people.actions import PersonForm
from floorday.people.pages import shared
from floorday.people.pages.shared import Asked, Shown
from floorday.render.words import gettext as _
from floorday.web import again, blank, read_form, redirect, show


@get("/settings")
async def own_settings(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Show one's own profile and where one is signed in."""
    card = await queries.person(actor.person)
    if card is None:
        raise NotFound(_("There is no such person."))
    return await _show_own(request, actor, blank(**shared.said(card)), now=now)


async def _show_own(request: Asked, actor: Actor, form: Any, *, now: datetime, status: int = 200) -> Shown:
    return show(
        request,
        "people/own.html",
        status=status,
        form=form,
        zones=shared.zone_options(),
        roles=[shared.role_words(held) for held in await queries.grants(actor.person)],
        sessions=await queries.sessions(actor.person, now=now),
        keeps=shared.keeps(actor),
    )


@post("/settings")
async def change_own(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Save one's own profile."""
    try:
        form = await read_form(request, PersonForm)
        await actions.change_person(actor, actor.person, form, now=now)
    except BadInput as wrong:
        return await _show_own(request, actor, again(wrong), now=now, status=422)
    return redirect("/settings", say=_("Saved."))


@post("/settings/sessions/{session_id:uuid}/end")
async def end_session(
    actor: NamedDependency[Actor], session_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Sign another browser of one's own out."""
    await actions.end_session(actor, session_id, now=now)
    return redirect("/settings", say=_("That browser is signed out."))
