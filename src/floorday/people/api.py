"""People, teams and departments for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct, convert, to_builtins

from floorday.db.text import Line, MailAddress
from floorday.errors import Forbidden, NotFound
from floorday.people import actions, queries
from floorday.people.access import Act, Actor, Grant, Role, can
from floorday.people.actions import DepartmentForm, PersonForm, TeamForm
from floorday.people.queries import Listed, ListedDepartment, ListedTeam
from floorday.render.words import gettext as _
from floorday.web.api import Page, Paged, answer, api_router, paged, read_json, read_query, tells

Asked = Request[Any, Any, Any]
Answer = Response[bytes]


class HeldRole(Struct, frozen=True):
    """A role, with the team or department it is for."""

    role: Role
    team: UUID | None
    department: UUID | None


class Person(Struct, frozen=True, kw_only=True):
    """Somebody; `left_at` says that they are gone."""

    id: UUID
    name: str
    email: str
    job_title: str
    phone: str
    zone: str
    language: str
    external_id: str | None
    left_at: datetime | None
    roles: list[HeldRole]


class Team(ListedTeam, frozen=True, kw_only=True):
    """A team."""


class Department(ListedDepartment, frozen=True, kw_only=True):
    """A department; its charter's numbers are working days, 0 for none yet."""


class PeopleQuery(Paged, frozen=True, kw_only=True):
    """Whom to list."""

    email: MailAddress | None = None
    external_id: Line | None = None
    role: Role | None = None
    team: UUID | None = None
    department: UUID | None = None
    gone: bool = False


class PlaceQuery(Paged, frozen=True, kw_only=True):
    """Which teams or departments to list."""

    external_id: Line | None = None
    closed: bool = False


class RoleFields(Struct, frozen=True):
    """A role to give, with its team or department."""

    role: Role
    team: UUID | None = None
    department: UUID | None = None


def _person(row: Listed) -> Person:
    kept: dict[str, Any] = {name: getattr(row, name) for name in row.__struct_fields__ if name != "grants"}
    return Person(**kept, roles=[HeldRole(held.role, held.team, held.department) for held in row.grants])


async def _found(actor: Actor, person_id: UUID) -> Person:
    rows = await queries.listed_people(actor, only=person_id)
    if not rows:
        raise NotFound(_("There is no such person."))
    return _person(rows[0])


@get("/people", opt=tells("people", Page[Person], asks=PeopleQuery))
async def list_people(request: Asked, actor: NamedDependency[Actor]) -> Answer:
    """List people: everybody for those who keep people, else oneself."""
    wanted = read_query(request, PeopleQuery)
    rows = await queries.listed_people(
        actor, after=wanted.cursor.id() if wanted.cursor else None, limit=wanted.limit + 1, email=wanted.email,
        external_id=wanted.external_id, role=wanted.role, team=wanted.team, department=wanted.department,
        gone=wanted.gone,
    )  # fmt: skip
    return answer(paged(request, wanted, rows, key=_id, show=_person))


def _id(row: Listed | ListedTeam | ListedDepartment) -> UUID:
    return row.id


@get("/people/{person_id:uuid}", opt=tells("people", Person))
async def show_person(actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Answer:
    """Show a person."""
    return answer(await _found(actor, person_id))


@post("/people", opt=tells("people", Person, takes=PersonForm, status=201))
async def add_person(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Answer:
    """Add a person; roles come after."""
    person_id = await actions.add_person(actor, await read_json(request, PersonForm), now=now)
    return answer(await _found(actor, person_id), status=201, location=f"/people/{person_id}")


@post("/people/{person_id:uuid}", opt=tells("people", Person, takes=PersonForm))
async def change_person(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Say anew what is said of a person."""
    await _found(actor, person_id)
    await actions.change_person(actor, person_id, await read_json(request, PersonForm), now=now)
    return answer(await _found(actor, person_id))


@post("/people/{person_id:uuid}/roles", opt=tells("people", Person, takes=RoleFields))
async def give_role(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Give a role."""
    await _found(actor, person_id)
    wanted = await read_json(request, RoleFields)
    await actions.give_role(
        actor, person_id, wanted.role, team=wanted.team, department=wanted.department, now=now)
    return answer(await _found(actor, person_id))


@post("/people/{person_id:uuid}/roles/removal", opt=tells("people", Person, takes=RoleFields))
async def take_role(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Take a role away; sessions and tokens of that person end with it."""
    await _found(actor, person_id)
    wanted = await read_json(request, RoleFields)
    held = Grant(wanted.role, wanted.team, wanted.department)
    for one in await queries.grants(person_id):
        if Grant(one.role, one.team, one.department) == held:
            await actions.take_role(actor, one.id, now=now)
            return answer(await _found(actor, person_id))
    raise NotFound(_("This role was taken away already."))


# --- teams and departments --------------------------------------------------------------------------------------


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


router = api_router([
    list_people, show_person, add_person, change_person, give_role, take_role, list_teams, show_team, add_team,
    change_team, list_departments, show_department, add_department, change_department,
])  # fmt: skip
