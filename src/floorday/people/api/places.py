"""Teams and departments for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import convert, to_builtins

from floorday.db.text import AskedId
from floorday.errors import Forbidden, NotFound
from floorday.people import actions, queries
from floorday.people.access import Act, Actor, can
from floorday.people.actions import DepartmentForm, TeamForm
from floorday.people.queries import ListedDepartment, ListedTeam
from floorday.render.words import gettext as _
from floorday.web.api import External, ExternalQuery, Page, Paged, answer, paged, read_json, read_query, tells

Asked = Request[Any, Any, Any]
Answer = Response[bytes]


class Team(ListedTeam, frozen=True, kw_only=True):
    """A team."""


class Department(ListedDepartment, frozen=True, kw_only=True):
    """A department; its charter's numbers are working days, 0 for none yet."""


class PlaceQuery(Paged, frozen=True, kw_only=True):
    """Which teams or departments to list."""

    external_id: AskedId | None = None
    closed: bool = False


@get("/teams", opt=tells("people", Page[Team], asks=PlaceQuery))
async def list_teams(request: Asked, actor: NamedDependency[Actor]) -> Answer:
    """List the teams."""
    _only_of_the_programme(actor)
    wanted = read_query(request, PlaceQuery)
    rows = await queries.listed_teams(
        after=wanted.cursor.id() if wanted.cursor else None, limit=wanted.limit + 1, external_id=wanted.external_id,
        closed=wanted.closed,
    )  # fmt: skip
    return answer(paged(request, wanted, rows, key=_id, show=_team))


def _only_of_the_programme(actor: Actor) -> None:
    if not can(actor, Act.SEE_PLACE):
        raise Forbidden(_("Ask the coordinator for a role in the programme first."))


def _id(row: ListedTeam | ListedDepartment) -> UUID:
    return row.id


def _team(row: ListedTeam) -> Team:
    return convert(to_builtins(row), Team)


async def _found_team(team_id: UUID) -> Team:
    rows = await queries.listed_teams(only=team_id)
    if not rows:
        raise NotFound(_("There is no such team."))
    return _team(rows[0])


@get("/teams/{team_id:uuid}", opt=tells("people", Team))
async def show_team(actor: NamedDependency[Actor], team_id: FromPath[UUID]) -> Answer:
    """Show a team."""
    _only_of_the_programme(actor)
    return answer(await _found_team(team_id))


@post("/teams", opt=tells("people", Team, takes=TeamForm, status=201))
async def add_team(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Answer:
    """Add a team."""
    team_id = await actions.add_team(actor, await read_json(request, TeamForm), now=now)
    return answer(await _found_team(team_id), status=201, location=f"/teams/{team_id}")


@post("/teams/{team_id:uuid}", opt=tells("people", Team, takes=TeamForm))
async def change_team(request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID]) -> Answer:
    """Say anew what is said of a team."""
    await actions.change_team(actor, team_id, await read_json(request, TeamForm))
    return answer(await _found_team(team_id))


@get("/departments", opt=tells("people", Page[Department], asks=PlaceQuery))
async def list_departments(request: Asked, actor: NamedDependency[Actor]) -> Answer:
    """List the departments."""
    _only_of_the_programme(actor)
    wanted = read_query(request, PlaceQuery)
    rows = await queries.listed_departments(
        after=wanted.cursor.id() if wanted.cursor else None, limit=wanted.limit + 1, external_id=wanted.external_id,
        closed=wanted.closed,
    )  # fmt: skip
    return answer(paged(request, wanted, rows, key=_id, show=_department))


def _department(row: ListedDepartment) -> Department:
    return convert(to_builtins(row), Department)


async def _found_department(department_id: UUID) -> Department:
    rows = await queries.listed_departments(only=department_id)
    if not rows:
        raise NotFound(_("There is no such department."))
    return _department(rows[0])


@get("/departments/{department_id:uuid}", opt=tells("people", Department))
async def show_department(actor: NamedDependency[Actor], department_id: FromPath[UUID]) -> Answer:
    """Show a department."""
    _only_of_the_programme(actor)
    return answer(await _found_department(department_id))


@post("/departments", opt=tells("people", Department, takes=DepartmentForm, status=201))
async def add_department(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Answer:
    """Add a department."""
    department_id = await actions.add_department(actor, await read_json(request, DepartmentForm), now=now)
    return answer(await _found_department(department_id), status=201, location=f"/departments/{department_id}")


@post("/departments/{department_id:uuid}", opt=tells("people", Department, takes=DepartmentForm))
async def change_department(request: Asked, actor: NamedDependency[Actor], department_id: FromPath[UUID]) -> Answer:
    """Say anew what is said of a department."""
    await actions.change_department(actor, department_id, await read_json(request, DepartmentForm))
    return answer(await _found_department(department_id))


@put("/teams", opt=tells("people", Team, takes=TeamForm, asks=ExternalQuery, makes=True))
async def keep_team(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Answer:
    """Say anew what is said of the team that your program calls so, or add it; sent twice, it is done once."""
    asked = read_query(request, ExternalQuery)
    form = await read_json(request, TeamForm)
    team_id, made = await actions.keep_team(actor, asked.external_id, form, now=now)
    team = await _found_team(team_id)
    return answer(team, status=201, location=f"/teams/{team_id}") if made else answer(team)


@post("/teams/{team_id:uuid}/external-id", opt=tells("people", Team, takes=External))
async def match_team(request: Asked, actor: NamedDependency[Actor], team_id: FromPath[UUID]) -> Answer:
    """Say what your program calls a team."""
    said = await read_json(request, External)
    await actions.match_team(actor, team_id, said.external_id)
    return answer(await _found_team(team_id))


@put("/departments", opt=tells("people", Department, takes=DepartmentForm, asks=ExternalQuery, makes=True))
async def keep_department(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Answer:
    """Say anew what is said of the department that your program calls so, or add it; sent twice, it is done once."""
    asked = read_query(request, ExternalQuery)
    form = await read_json(request, DepartmentForm)
    department_id, made = await actions.keep_department(actor, asked.external_id, form, now=now)
    department = await _found_department(department_id)
    return answer(department, status=201, location=f"/departments/{department_id}") if made else answer(department)


@post("/departments/{department_id:uuid}/external-id", opt=tells("people", Department, takes=External))
async def match_department(request: Asked, actor: NamedDependency[Actor], department_id: FromPath[UUID]) -> Answer:
    """Say what your program calls a department."""
    said = await read_json(request, External)
    await actions.match_department(actor, department_id, said.external_id)
    return answer(await _found_department(department_id))


handlers = [
    list_teams, show_team, add_team, change_team, keep_team, match_team, list_departments, show_department,
    add_department, change_department, keep_department, match_department,
]  # fmt: skip
