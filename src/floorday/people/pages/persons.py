"""Who is who: persons, their roles, their other addresses, whom they assist."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from floorday.config import settings
from floorday.db.text import MailAddress
from floorday.errors import BadInput
from floorday.people import actions, queries
from floorday.people.access import Act, Actor, Granting, Role, can
from floorday.people.actions import DEPARTMENT_SCOPED, TEAM_SCOPED, PersonForm
from floorday.people.pages import shared, sheets
from floorday.people.pages.shared import Asked, Shown
from floorday.render.words import gettext as _
from floorday.web import again, blank, read_form, redirect, show
from floorday.web import sheets as downloads


@get("/settings/people")
async def people_page(request: Asked, actor: NamedDependency[Actor], q: FromQuery[str] = "") -> Shown:
    """List everybody with their roles."""
    shared.only_keepers(actor)
    grants: dict[UUID, list[queries.Held]] = {}
    for held in await queries.grants():
        grants.setdefault(held.person, []).append(held)
    roles = {person: sorted(shared.role_words(held) for held in some) for person, some in grants.items()}
    wanted = q.strip().casefold()
    cards = [
        card
        for card in await queries.people()
        if wanted in f"{card.name} {card.email} {card.job_title} {' '.join(roles.get(card.id, []))}".casefold()
    ]
    if form := downloads.asked(request):
        return await downloads.download(form, sheets.people(), [(card, grants.get(card.id, [])) for card in cards])
    rows = [(card, roles.get(card.id, [])) for card in cards]
    return show(request, "people/people.html", rows=rows, q=q, tabs=shared.settings_tabs("people"))


@get("/settings/people/new")
async def new_person_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Ask who is new."""
    shared.only_keepers(actor)
    return show(request, "people/new.html", form=blank(zone=settings().zone), zones=shared.zone_options())


@post("/settings/people/new")
async def add_person(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Add somebody, then show them, so that roles can follow."""
    shared.only_keepers(actor)
    try:
        form = await read_form(request, PersonForm)
        person = await actions.add_person(actor, form, now=now)
    except BadInput as wrong:
        return show(request, "people/new.html", status=422, form=again(wrong), zones=shared.zone_options())
    return redirect(f"/settings/people/{person}", say=_("%(name)s is here. Give them a role next.", name=form.name))


@get("/settings/people/{person_id:uuid}")
async def person_page(request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Shown:
    """Show somebody: what they are, where their mail may come from, whom they assist."""
    shared.only_keepers(actor)
    card = await shared.found_person(person_id)
    if card.left_at is not None:
        return redirect(f"/settings/people/{person_id}/gone")
    return await _show_person(request, actor, card, blank(**shared.said(card)))


async def _show_person(
    request: Asked,
    actor: Actor,
    card: queries.Card,
    form: Any,
    *,
    role: Any = None,
    alias: Any = None,
    status: int = 200,
) -> Shown:
    everybody = await queries.grants()
    others = {person.id: person for person in await queries.people()}
    managers = {held.person for held in everybody if held.role is Role.MANAGER} - {card.id}
    pairs = [pair for pair in await queries.pairs() if pair.manager in others and pair.assistant in others]
    return show(
        request,
        "people/person.html",
        status=status,
        card=card,
        form=form,
        role_form=role or blank(),
        alias_form=alias or blank(),
        assist_form=blank(),
        grants=[
            (held, shared.role_words(held), can(actor, Act.GRANT, Granting(card.id, held.role)))
            for held in everybody
            if held.person == card.id
        ],
        roles=[(one.value, shared.role_name(one)) for one in Role if can(actor, Act.GRANT, Granting(card.id, one))],
        teams=[(team.id, team.name) for team in await queries.teams()],
        departments=[(office.id, office.name) for office in await queries.departments()],
        aliases=await queries.aliases(card.id),
        assists=[(pair.id, others[pair.manager].name) for pair in pairs if pair.assistant == card.id],
        assisted_by=[others[pair.assistant] for pair in pairs if pair.manager == card.id],
        managers=[(person.id, person.name) for person in others.values() if person.id in managers],
        zones=shared.zone_options(),
        gives_out=can(actor, Act.SEE_LETTERS),
    )


@post("/settings/people/{person_id:uuid}")
async def change_person(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Save what is said of somebody."""
    shared.only_keepers(actor)
    card = await shared.found_person(person_id)
    try:
        form = await read_form(request, PersonForm)
        await actions.change_person(actor, person_id, form, now=now)
    except BadInput as wrong:
        return await _show_person(request, actor, card, again(wrong), status=422)
    return redirect(f"/settings/people/{person_id}", say=_("Saved."))


class RoleForm(Struct, frozen=True):
    """A role with its scope."""

    role: Role
    team: UUID | None = None
    department: UUID | None = None


@post("/settings/people/{person_id:uuid}/roles")
async def give_role(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Give a role; a scope that the role does not have is left aside."""
    shared.only_keepers(actor)
    card = await shared.found_person(person_id)
    try:
        form = await read_form(request, RoleForm)
        await actions.give_role(
            actor,
            person_id,
            form.role,
            team=form.team if form.role in TEAM_SCOPED else None,
            department=form.department if form.role in DEPARTMENT_SCOPED else None,
            now=now,
        )
    except BadInput as wrong:
        return await _show_person(request, actor, card, blank(**shared.said(card)), role=again(wrong), status=422)
    return redirect(f"/settings/people/{person_id}", say=_("%(name)s has a new role.", name=card.name))


@post("/settings/roles/{grant_id:uuid}/take")
async def take_role(actor: NamedDependency[Actor], grant_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Take a role away."""
    shared.only_keepers(actor)
    held = await queries.grant(grant_id)
    await actions.take_role(actor, grant_id, now=now)
    return redirect(
        f"/settings/people/{held.person}" if held else "/settings/people",
        say=_("The role is taken away, and their sessions have ended."),
    )


class AliasForm(Struct, frozen=True):
    """A further address."""

    email: MailAddress


@post("/settings/people/{person_id:uuid}/aliases")
async def add_alias(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take a further address."""
    shared.only_keepers(actor)
    card = await shared.found_person(person_id)
    try:
        form = await read_form(request, AliasForm)
        await actions.add_alias(actor, person_id, form.email, now=now)
    except BadInput as wrong:
        return await _show_person(request, actor, card, blank(**shared.said(card)), alias=again(wrong), status=422)
    said = _("Mail from %(email)s counts as theirs now.", email=form.email)
    return redirect(f"/settings/people/{person_id}", say=said)


@post("/settings/people/{person_id:uuid}/aliases/{alias_id:uuid}/drop")
async def drop_alias(actor: NamedDependency[Actor], person_id: FromPath[UUID], alias_id: FromPath[UUID]) -> Shown:
    """Forget a further address, also one of one's own."""
    await actions.drop_alias(actor, person_id, alias_id)
    back = f"/settings/people/{person_id}" if can(actor, Act.EDIT_PEOPLE) else "/settings"
    return redirect(back, say=_("That address no longer counts as theirs."))


class AssistForm(Struct, frozen=True):
    """Whom somebody assists."""

    manager: UUID


@post("/settings/people/{person_id:uuid}/assists")
async def add_assistant(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Let somebody answer for a manager."""
    shared.only_keepers(actor)
    card = await shared.found_person(person_id)
    try:
        form = await read_form(request, AssistForm)
        await actions.add_assistant(actor, person_id, form.manager, now=now)
    except BadInput as wrong:
        raise BadInput(next(iter(wrong.fields.values()), str(wrong))) from wrong
    return redirect(f"/settings/people/{card.id}", say=_("%(name)s may answer for them now.", name=card.name))


@post("/settings/assists/{pair_id:uuid}/end")
async def drop_assistant(
    actor: NamedDependency[Actor], pair_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """End an assistant's acting for a manager."""
    await actions.drop_assistant(actor, pair_id, now=now)
    return redirect("/settings/people", say=_("They no longer answer for this manager."))
