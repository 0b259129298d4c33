"""People for programs: who is who, their roles, the addresses their mail may come from."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import AskedId, MailAddress
from floorday.errors import NotFound
from floorday.people import actions, queries
from floorday.people.access import Actor, Grant, Role
from floorday.people.actions import PersonForm
from floorday.people.queries import Listed
from floorday.render.words import gettext as _
from floorday.web.api import (
    External,
    ExternalQuery,
    Nothing,
    Page,
    Paged,
    answer,
    paged,
    read_json,
    read_query,
    tells,
)

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


class PeopleQuery(Paged, frozen=True, kw_only=True):
    """Whom to list."""

    email: MailAddress | None = None
    external_id: AskedId | None = None
    role: Role | None = None
    team: UUID | None = None
    department: UUID | None = None
    gone: bool = False


class Address(Struct, frozen=True):
    """A further address from which somebody's mail may come."""

    id: UUID
    email: str


class AddressFields(Struct, frozen=True):
    """A further address."""

    email: MailAddress


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


def _id(row: Listed) -> UUID:
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


@put("/people", opt=tells("people", Person, takes=PersonForm, asks=ExternalQuery, makes=True))
async def keep_person(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Answer:
    """Say anew what is said of whom your program calls so, or add them; sent twice, it is done once."""
    asked = read_query(request, ExternalQuery)
    form = await read_json(request, PersonForm)
    person_id, made = await actions.keep_person(actor, asked.external_id, form, now=now)
    person = await _found(actor, person_id)
    return answer(person, status=201, location=f"/people/{person_id}") if made else answer(person)


@post("/people/{person_id:uuid}/external-id", opt=tells("people", Person, takes=External))
async def match_person(request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Answer:
    """Say what your program calls a person."""
    await _found(actor, person_id)
    said = await read_json(request, External)
    await actions.match_person(actor, person_id, said.external_id)
    return answer(await _found(actor, person_id))


@get("/people/{person_id:uuid}/aliases", opt=tells("people", Page[Address]))
async def list_aliases(actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Answer:
    """List the further addresses from which a person's mail may come."""
    await _found(actor, person_id)
    return answer(await _addresses(person_id))


async def _addresses(person_id: UUID) -> Page[Address]:
    return Page([Address(row["id"], row["email"]) for row in await queries.aliases(person_id)], None)


@post("/people/{person_id:uuid}/aliases", opt=tells("people", Page[Address], takes=AddressFields))
async def add_alias(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Take a further address of a person, one's own or by those who keep people."""
    await _found(actor, person_id)
    said = await read_json(request, AddressFields)
    await actions.add_alias(actor, person_id, said.email, now=now)
    return answer(await _addresses(person_id))


@post("/people/{person_id:uuid}/aliases/{alias_id:uuid}/removal",
      opt=tells("people", Page[Address], takes=Nothing))  # fmt: skip
async def drop_alias(
    request: Asked, actor: NamedDependency[Actor], person_id: FromPath[UUID], alias_id: FromPath[UUID]
) -> Answer:
    """Forget a further address."""
    await _found(actor, person_id)
    await read_json(request, Nothing)
    await actions.drop_alias(actor, person_id, alias_id)
    return answer(await _addresses(person_id))


handlers = [
    list_people, show_person, add_person, change_person, give_role, take_role, keep_person, match_person,
    list_aliases, add_alias, drop_alias,
]  # fmt: skip
