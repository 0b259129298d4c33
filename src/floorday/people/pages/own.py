"""One's own settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import Line
from floorday.errors import BadInput, NotFound
from floorday.mail import wishes as letter_wishes
from floorday.people import actions, queries
from floorday.people.access import TEAM_ROLES, Act, Actor, OfTeam, can
from floorday.people.actions import PersonForm
from floorday.people.pages import shared, wishes
from floorday.people.pages.shared import Asked, Shown
from floorday.render.words import gettext as _
from floorday.web import again, blank, read_form, redirect, show
from floorday.web.forms import Form


class PinFields(Struct, frozen=True):
    """A PIN for the team's desk, or that there shall be none."""

    pin: Line = Line("")
    remove: Literal["", "yes"] = ""


@get("/settings")
async def own_settings(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Show one's own profile and where one is signed in."""
    card = await queries.person(actor.person)
    if card is None:
        raise NotFound(_("There is no such person."))
    return await _show_own(request, actor, blank(**shared.said(card)), now=now)


async def _show_own(request: Asked, actor: Actor, form: Any, *, now: datetime, status: int = 200) -> Shown:
    grants = await queries.grants(actor.person)
    said = await letter_wishes.wishes(actor.person)
    return show(
        request,
        "people/own.html",
        status=status,
        form=form,
        zones=shared.zone_options(),
        roles=[shared.role_words(held) for held in grants],
        sessions=await queries.sessions(actor.person, now=now),
        keeps=shared.keeps(actor),
        deals=can(actor, Act.SEE_VENDORS),
        letters=wishes.rows(),
        letter_form=wishes.chosen(said),
        of_a_team=bool(actor.teams(*TEAM_ROLES)),
        has_pin=await queries.pin(actor.person) is not None,
        kept=[(held.team, held.team_name) for held in grants
              if held.team is not None and can(actor, Act.OPEN_DEVICE, OfTeam(held.team))],
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


@post("/settings/pin")
async def set_pin(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Set one's own PIN for the team's desk, or take it away."""
    try:
        fields = await read_form(request, PinFields)
        if not (fields.pin or fields.remove):
            raise BadInput(_("Type your PIN."), fields={"pin": _("Type your PIN.")})
        await actions.set_pin(actor, "" if fields.remove else fields.pin, now=now)
    except BadInput as wrong:
        card = await queries.person(actor.person)
        form = Form(values=shared.said(card) if card else {}, errors=wrong.fields)
        return await _show_own(request, actor, form, now=now, status=422)
    gone, asked = _("The PIN is gone: at the desk your name is enough."), _("At the desk your name asks for it now.")
    return redirect("/settings", say=gone if fields.remove else asked)


@post("/settings/sessions/{session_id:uuid}/end")
async def end_session(
    actor: NamedDependency[Actor], session_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Sign another browser of one's own out."""
    await actions.end_session(actor, session_id, now=now)
    return redirect("/settings", say=_("That browser is signed out."))
