"""Teams and departments."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from floorday.config import settings
from floorday.errors import BadInput
from floorday.people import actions, queries
from floorday.people.access import Actor, Role
from floorday.people.actions import DepartmentForm, TeamForm
from floorday.people.pages import shared, sheets
from floorday.people.pages.shared import Asked, Shown
from floorday.render.words import gettext as _
from floorday.web import again, blank, read_form, redirect, show
from floorday.web import sheets as downloads


@get("/settings/teams")
async def teams_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the teams."""
    shared.only_keepers(actor)
    teams = await queries.teams()
    hosts = await queries.persons({team.default_host for team in teams if team.default_host})
    rows = [(team, hosts.get(team.default_host) if team.default_host else None) for team in teams]
    if form := downloads.asked(request):
        return await downloads.download(form, sheets.teams(), rows)
    return show(request, "people/teams.html", rows=rows, tabs=shared.settings_tabs("teams"))


@get("/settings/teams/new")
async def new_team_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Ask which team is new."""
    shared.only_keepers(actor)
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
        zones=shared.zone_options(),
    )


@post("/settings/teams/new")
async def add_team(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Add a team."""
    shared.only_keepers(actor)
    try:
        form = await read_form(request, TeamForm)
        team = await actions.add_team(actor, form, now=now)
    except BadInput as wrong:
        return await _show_team(request, again(wrong), team=None, status=422)
    return redirect(f"/settings/teams/{team}", say=_("%(name)s is here. Add its people next.", name=form.name))


@get("/settings/teams/{team_id:uuid}")
async def team_page(request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID]) -> Shown:
    """Show a team."""
    shared.only_keepers(actor)
    team = await shared.found_team(team_id)
    form = blank(
        name=team.name, site=team.site, place=team.place, zone=team.zone, default_host=team.default_host,
    )  # fmt: skip
    return await _show_team(request, form, team=team)


@post("/settings/teams/{team_id:uuid}")
async def change_team(request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID]) -> Shown:
    """Save a team."""
    shared.only_keepers(actor)
    team = await shared.found_team(team_id)
    try:
        await actions.change_team(actor, team_id, await read_form(request, TeamForm))
    except BadInput as wrong:
        return await _show_team(request, again(wrong), team=team, status=422)
    return redirect(f"/settings/teams/{team_id}", say=_("Saved."))


@get("/settings/departments")
async def departments_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the departments."""
    shared.only_keepers(actor)
    rows = await queries.departments()
    if form := downloads.asked(request):
        return await downloads.download(form, sheets.departments(), rows)
    return show(request, "people/departments.html", rows=rows, tabs=shared.settings_tabs("departments"))


@get("/settings/departments/new")
async def new_department_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Ask which department is new."""
    shared.only_keepers(actor)
    return show(request, "people/department.html", form=blank(acknowledge_days=2, word_days=10, fix_days=30),
                office=None, members=[])  # fmt: skip


@post("/settings/departments/new")
async def add_department(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Add a department."""
    shared.only_keepers(actor)
    try:
        form = await read_form(request, DepartmentForm)
        office = await actions.add_department(actor, form, now=now)
    except BadInput as wrong:
        return show(request, "people/department.html", status=422, form=again(wrong), office=None, members=[])
    return redirect(f"/settings/departments/{office}", say=_("%(name)s is here. Add its owners next.", name=form.name))


@get("/settings/departments/{department_id:uuid}")
async def department_page(request: Asked, actor: NamedDependency[Actor], department_id: FromPath[UUID]) -> Shown:
    """Show a department."""
    shared.only_keepers(actor)
    office = await shared.found_office(department_id)
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
    shared.only_keepers(actor)
    office = await shared.found_office(department_id)
    try:
        await actions.change_department(actor, department_id, await read_form(request, DepartmentForm))
    except BadInput as wrong:
        return await _show_department(request, again(wrong), office, status=422)
    return redirect(f"/settings/departments/{department_id}", say=_("Saved."))
