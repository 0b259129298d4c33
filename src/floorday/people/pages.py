"""The door for people: signing in and out, one's own settings, and who is who."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from floorday.config import settings
from floorday.db.text import MailAddress
from floorday.errors import BadInput, Forbidden, NotFound
from floorday.people import actions, queries
from floorday.people.access import Act, Actor, Granting, Role, can
from floorday.people.actions import DEPARTMENT_SCOPED, TEAM_SCOPED, DepartmentForm, PersonForm, TeamForm
from floorday.render.words import gettext as _
from floorday.web import LETTER_PAGE, actor_of, again, begin, blank, end, own_path, read_form, redirect, show

Asked = Request[Any, Any, Any]
Shown = Response[Any]

# --- signing in ------------------------------------------------------------------------------------------------


class AddressForm(Struct, frozen=True):
    """Who wants in."""

    email: MailAddress
    next: str = "/"


class CodeForm(Struct, frozen=True):
    """The code that came by mail."""

    email: MailAddress
    code: str
    next: str = "/"


def _after(path: str) -> str:
    return path if own_path(path) and not path.startswith("/sign-in") else "/"


@get("/sign-in")
async def sign_in_page(request: Asked, next: FromQuery[str] = "/") -> Shown:
    """Ask for the address."""
    if actor_of(request) is not None:
        return redirect(_after(next))
    return show(request, "people/sign_in.html", form=blank(next=_after(next)), demo=settings().demo)


@post("/sign-in")
async def ask_code(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Send a code; the answer is the same whoever asks."""
    try:
        form = await read_form(request, AddressForm)
    except BadInput as wrong:
        return show(request, "people/sign_in.html", status=422, form=again(wrong), demo=settings().demo)
    await actions.ask_code(form.email, network=_network(request), now=now)
    return show(request, "people/code.html", form=blank(email=form.email, next=_after(form.next)), demo=settings().demo)


def _network(request: Asked) -> str:
    return request.client.host if request.client else ""


@post("/sign-in/code")
async def sign_in(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Take the code."""
    try:
        form = await read_form(request, CodeForm)
        signed_in = await actions.sign_in(form.email, form.code, now=now, browser=_browser(request))
    except BadInput as wrong:
        typed = await request.form()
        values = {"email": typed.get("email", ""), "next": typed.get("next", "/")} | wrong.values
        wrong.values = {**values, "code": ""}
        return show(request, "people/code.html", status=422, form=again(wrong), demo=settings().demo)
    answer = redirect(_after(form.next))
    begin(answer, signed_in.token)
    return answer


def _browser(request: Asked) -> str:
    return request.headers.get("user-agent", "")[:200]


@get("/sign-in/link/{token:str}", opt={LETTER_PAGE: True})
async def link_page(request: Asked, token: FromPath[str]) -> Shown:
    """Show the button; mail scanners open links, so opening one does nothing."""
    return show(request, "people/link.html", token=token)


@post("/sign-in/link/{token:str}", opt={LETTER_PAGE: True})
async def sign_in_by_link(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Take the link, because somebody pressed the button."""
    signed_in = await actions.sign_in_by_link(token, now=now, browser=_browser(request))
    answer = redirect("/")
    begin(answer, signed_in.token)
    return answer


@post("/sign-out")
async def sign_out(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """End the session at hand; without one there is nothing to end."""
    actor = actor_of(request)
    if isinstance(actor, Actor):
        await actions.sign_out(actor, now=now)
    answer = redirect("/sign-in", say=_("You are signed out."))
    end(answer)
    return answer


# --- one's own settings ----------------------------------------------------------------------------------------


@get("/settings")
async def own_settings(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Show one's own profile and where one is signed in."""
    card = await queries.person(actor.person)
    if card is None:
        raise NotFound(_("There is no such person."))
    return await _show_own(request, actor, blank(**_said(card)), now=now)


async def _show_own(request: Asked, actor: Actor, form: Any, *, now: datetime, status: int = 200) -> Shown:
    return show(
        request,
        "people/own.html",
        status=status,
        form=form,
        zones=zone_options(),
        roles=[_role_words(held) for held in await queries.grants(actor.person)],
        sessions=await queries.sessions(actor.person, now=now),
        keeps=_keeps(actor),
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


# --- people ----------------------------------------------------------------------------------------------------


@get("/settings/people")
async def people_page(request: Asked, actor: NamedDependency[Actor], q: FromQuery[str] = "") -> Shown:
    """List everybody with their roles."""
    _only_keepers(actor)
    roles: dict[UUID, list[str]] = {}
    for held in await queries.grants():
        roles.setdefault(held.person, []).append(_role_words(held))
    wanted = q.strip().casefold()
    rows = [
        (card, sorted(roles.get(card.id, [])))
        for card in await queries.people()
        if wanted in f"{card.name} {card.email} {card.job_title} {' '.join(roles.get(card.id, []))}".casefold()
    ]
    return show(request, "people/people.html", rows=rows, q=q, tabs=settings_tabs("people"))


@get("/settings/people/new")
async def new_person_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Ask who is new."""
    _only_keepers(actor)
    return show(request, "people/new.html", form=blank(zone=settings().zone), zones=zone_options())


@post("/settings/people/new")
async def add_person(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Add somebody, then show them, so that roles can follow."""
    _only_keepers(actor)
    try:
        form = await read_form(request, PersonForm)
        person = await actions.add_person(actor, form, now=now)
    except BadInput as wrong:
        return show(request, "people/new.html", status=422, form=again(wrong), zones=zone_options())
    return redirect(f"/settings/people/{person}", say=_("%(name)s is here. Give them a role next.", name=form.name))


@get("/settings/people/{person_id:uuid}")
async def person_page(request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Shown:
    """Show somebody: what they are, where their mail may come from, whom they assist."""
    _only_keepers(actor)
    card = await _card(person_id)
    return await _show_person(request, actor, card, blank(**_said(card)))


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
            (held, _role_words(held), can(actor, Act.GRANT, Granting(card.id, held.role)))
            for held in everybody
            if held.person == card.id
        ],
        roles=[(one.value, role_name(one)) for one in Role if can(actor, Act.GRANT, Granting(card.id, one))],
        teams=[(team.id, team.name) for team in await queries.teams()],
        departments=[(office.id, office.name) for office in await queries.departments()],
        aliases=await queries.aliases(card.id),
        assists=[(pair.id, others[pair.manager].name) for pair in pairs if pair.assistant == card.id],
        assisted_by=[others[pair.assistant] for pair in pairs if pair.manager == card.id],
        managers=[(person.id, person.name) for person in others.values() if person.id in managers],
        zones=zone_options(),
    )


@post("/settings/people/{person_id:uuid}")
async def change_person(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Save what is said of somebody."""
    _only_keepers(actor)
    card = await _card(person_id)
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
    _only_keepers(actor)
    card = await _card(person_id)
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
        return await _show_person(request, actor, card, blank(**_said(card)), role=again(wrong), status=422)
    return redirect(f"/settings/people/{person_id}", say=_("%(name)s has a new role.", name=card.name))


@post("/settings/roles/{grant_id:uuid}/take")
async def take_role(actor: NamedDependency[Actor], grant_id: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Take a role away."""
    _only_keepers(actor)
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
    _only_keepers(actor)
    card = await _card(person_id)
    try:
        form = await read_form(request, AliasForm)
        await actions.add_alias(actor, person_id, form.email, now=now)
    except BadInput as wrong:
        return await _show_person(request, actor, card, blank(**_said(card)), alias=again(wrong), status=422)
    said = _("Mail from %(email)s counts as theirs now.", email=form.email)
    return redirect(f"/settings/people/{person_id}", say=said)


@post("/settings/people/{person_id:uuid}/aliases/{alias_id:uuid}/drop")
async def drop_alias(actor: NamedDependency[Actor], person_id: FromPath[UUID], alias_id: FromPath[UUID]) -> Shown:
    """Forget a further address."""
    await actions.drop_alias(actor, person_id, alias_id)
    return redirect(f"/settings/people/{person_id}", say=_("That address no longer counts as theirs."))


class AssistForm(Struct, frozen=True):
    """Whom somebody assists."""

    manager: UUID


@post("/settings/people/{person_id:uuid}/assists")
async def add_assistant(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Let somebody answer for a manager."""
    _only_keepers(actor)
    card = await _card(person_id)
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


# --- teams and departments -------------------------------------------------------------------------------------


@get("/settings/teams")
async def teams_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the teams."""
    _only_keepers(actor)
    teams = await queries.teams()
    hosts = await queries.persons({team.default_host for team in teams if team.default_host})
    rows = [(team, hosts.get(team.default_host) if team.default_host else None) for team in teams]
    return show(request, "people/teams.html", rows=rows, tabs=settings_tabs("teams"))


@get("/settings/teams/new")
async def new_team_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Ask which team is new."""
    _only_keepers(actor)
    return await _show_team(request, blank(zone=settings().zone), team=None)


async def _show_team(request: Asked, form: Any, *, team: queries.Place | None, status: int = 200) -> Shown:
    members = await queries.with_role(Role.MEMBER, Role.LEAD, team=team.id) if team else []
    return show(
        request,
        "people/team.html",
        status=status,
        form=form,
        team=team,
        members=members,
        hosts=[(card.id, card.name) for card in members],
        zones=zone_options(),
    )


@post("/settings/teams/new")
async def add_team(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Add a team."""
    _only_keepers(actor)
    try:
        form = await read_form(request, TeamForm)
        team = await actions.add_team(actor, form, now=now)
    except BadInput as wrong:
        return await _show_team(request, again(wrong), team=None, status=422)
    return redirect(f"/settings/teams/{team}", say=_("%(name)s is here. Add its people next.", name=form.name))


@get("/settings/teams/{team_id:uuid}")
async def team_page(request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID]) -> Shown:
    """Show a team."""
    _only_keepers(actor)
    team = await _team(team_id)
    form = blank(
        name=team.name, site=team.site, place=team.place, zone=team.zone, default_host=team.default_host,
        picture=team.picture,
    )  # fmt: skip
    return await _show_team(request, form, team=team)


@post("/settings/teams/{team_id:uuid}")
async def change_team(request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID]) -> Shown:
    """Save a team."""
    _only_keepers(actor)
    team = await _team(team_id)
    try:
        await actions.change_team(actor, team_id, await read_form(request, TeamForm))
    except BadInput as wrong:
        return await _show_team(request, again(wrong), team=team, status=422)
    return redirect(f"/settings/teams/{team_id}", say=_("Saved."))


@get("/settings/departments")
async def departments_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the departments."""
    _only_keepers(actor)
    return show(
        request, "people/departments.html", rows=await queries.departments(), tabs=settings_tabs("departments")
    )


@get("/settings/departments/new")
async def new_department_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Ask which department is new."""
    _only_keepers(actor)
    return show(request, "people/department.html", form=blank(acknowledge_days=2, word_days=10, fix_days=30),
                office=None, members=[])  # fmt: skip


@post("/settings/departments/new")
async def add_department(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Add a department."""
    _only_keepers(actor)
    try:
        form = await read_form(request, DepartmentForm)
        office = await actions.add_department(actor, form, now=now)
    except BadInput as wrong:
        return show(request, "people/department.html", status=422, form=again(wrong), office=None, members=[])
    return redirect(f"/settings/departments/{office}", say=_("%(name)s is here. Add its owners next.", name=form.name))


@get("/settings/departments/{department_id:uuid}")
async def department_page(request: Asked, actor: NamedDependency[Actor], department_id: FromPath[UUID]) -> Shown:
    """Show a department."""
    _only_keepers(actor)
    office = await _office(department_id)
    form = blank(
        name=office.name, acknowledge_days=office.acknowledge_days, word_days=office.word_days,
        fix_days=office.fix_days,
    )  # fmt: skip
    return await _show_department(request, form, office)


async def _show_department(request: Asked, form: Any, office: queries.Office, *, status: int = 200) -> Shown:
    members = await queries.with_role(Role.OWNER, Role.HEAD_OF_DEPARTMENT, department=office.id)
    return show(request, "people/department.html", status=status, form=form, office=office, members=members)


@post("/settings/departments/{department_id:uuid}")
async def change_department(request: Asked, actor: NamedDependency[Actor], department_id: FromPath[UUID]) -> Shown:
    """Save a department."""
    _only_keepers(actor)
    office = await _office(department_id)
    try:
        await actions.change_department(actor, department_id, await read_form(request, DepartmentForm))
    except BadInput as wrong:
        return await _show_department(request, again(wrong), office, status=422)
    return redirect(f"/settings/departments/{department_id}", say=_("Saved."))


# --- shared ----------------------------------------------------------------------------------------------------


def settings_tabs(current: str) -> list[dict[str, Any]]:
    """Give the tabs of the settings that those who keep people see."""
    places = [("people", _("People")), ("teams", _("Teams")), ("departments", _("Departments"))]
    return [{"label": label, "href": f"/settings/{name}", "current": name == current} for name, label in places]


def zone_options() -> list[tuple[str, str]]:
    """Give the IANA zones that people live in, for a select."""
    areas = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if zone.startswith(areas)] + [
        ("UTC", "UTC")
    ]


def role_name(role: Role) -> str:
    """Say a role in the reader's words."""
    return {
        Role.COORDINATOR: _("Coordinator"),
        Role.LEAD: _("Team lead"),
        Role.MEMBER: _("Team member"),
        Role.MANAGER: _("Manager"),
        Role.ASSISTANT: _("Assistant"),
        Role.OWNER: _("Owner"),
        Role.HEAD_OF_DEPARTMENT: _("Head of department"),
        Role.HEAD_OF_SERVICE: _("Head of customer service"),
        Role.ADMIN: _("Admin"),
    }[role]


def _role_words(held: queries.Held) -> str:
    scope = held.team_name or held.department_name
    return f"{role_name(held.role)}, {scope}" if scope else role_name(held.role)


def _said(card: queries.Card) -> dict[str, Any]:
    return {
        "name": card.name, "email": card.email, "job_title": card.job_title, "phone": card.phone, "zone": card.zone,
        "language": card.language,
    }  # fmt: skip


def _keeps(actor: Actor) -> bool:
    return can(actor, Act.EDIT_PEOPLE)


def _only_keepers(actor: Actor) -> None:
    if not _keeps(actor):
        raise Forbidden(_("This is for a coordinator or an admin."))


async def _card(person_id: UUID) -> queries.Card:
    card = await queries.person(person_id)
    if card is None:
        raise NotFound(_("There is no such person."))
    return card


async def _team(team_id: UUID) -> queries.Place:
    team = await queries.team(team_id)
    if team is None:
        raise NotFound(_("There is no such team."))
    return team


async def _office(department_id: UUID) -> queries.Office:
    office = await queries.department(department_id)
    if office is None:
        raise NotFound(_("There is no such department."))
    return office


router = Router(
    path="/",
    route_handlers=[
        sign_in_page, ask_code, sign_in, link_page, sign_in_by_link, sign_out,
        own_settings, change_own, end_session,
        people_page, new_person_page, add_person, person_page, change_person, give_role, take_role,
        add_alias, drop_alias, add_assistant, drop_assistant,
        teams_page, new_team_page, add_team, team_page, change_team,
        departments_page, new_department_page, add_department, department_page, change_department,
    ],
)  # fmt: skip
