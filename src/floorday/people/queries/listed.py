"""Lists of persons, teams, departments and assistants as programs and exports ask for them."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db.text import AskedId, spellings
from floorday.people import access
from floorday.people.access import Actor, Role
from floorday.people.queries.persons import CARD
from floorday.people.queries.places import OFFICE, PLACE
from floorday.people.tables import Assists, Department, Grant, Person, Team


class ListedPair(Struct, frozen=True, kw_only=True):
    """An assistant and the manager they act for, with their names."""

    id: UUID
    assistant: UUID
    assistant_name: str
    manager: UUID
    manager_name: str
    since: datetime


async def listed_pairs(
    actor: Actor, *, only: UUID | None = None, after: UUID | None = None, limit: int = 1,
    assistant: UUID | None = None, manager: UUID | None = None,
) -> list[ListedPair]:  # fmt: skip
    """List by id who assists whom: all for those who keep people, else the pairs that this reader is of."""
    query = Assists.select(
        Assists.id, Assists.assistant, Assists.assistant._.name.as_alias("assistant_name"), Assists.manager,
        Assists.manager._.name.as_alias("manager_name"), Assists.since,
    )  # fmt: skip
    if not access.can(actor, access.Act.EDIT_PEOPLE):
        query = query.where((Assists.assistant == actor.person) | (Assists.manager == actor.person))
    for column, value in ((Assists.id, only), (Assists.assistant, assistant), (Assists.manager, manager)):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(Assists.id > after)
    return msgspec.convert(await query.order_by(Assists.id).limit(limit), list[ListedPair])


class Listed(Struct, frozen=True, kw_only=True):
    """A person as the API lists them."""

    id: UUID
    name: str
    email: str
    job_title: str
    phone: str
    zone: str
    language: str
    external_id: str | None
    left_at: datetime | None
    grants: tuple[access.Grant, ...] = ()


class ListedTeam(Struct, frozen=True, kw_only=True):
    """A team as the API lists it."""

    id: UUID
    name: str
    site: str
    place: str
    zone: str
    default_host: UUID | None
    external_id: str | None
    closed_at: datetime | None


class ListedDepartment(Struct, frozen=True, kw_only=True):
    """A department as the API lists it."""

    id: UUID
    name: str
    acknowledge_days: int
    word_days: int
    fix_days: int
    external_id: str | None
    closed_at: datetime | None


async def listed_people(
    actor: Actor, *, only: UUID | None = None, after: UUID | None = None, limit: int = 1, email: str | None = None,
    external_id: str | None = None, role: Role | None = None, team: UUID | None = None,
    department: UUID | None = None, gone: bool = True,
) -> list[Listed]:  # fmt: skip
    """List persons by id, as far as their profiles are for this reader, with their roles, in two queries."""
    query = Person.select(*CARD, Person.external_id)
    if not access.can(actor, access.Act.EDIT_PEOPLE):
        query = query.where(Person.id == actor.person)
    for column, value in ((Person.id, only), (Person.email, email)):
        if value is not None:
            query = query.where(column == value)
    if external_id is not None:
        query = query.where(Person.external_id.is_in(spellings(external_id)))
    if after is not None:
        query = query.where(Person.id > after)
    if not gone:
        query = query.where(Person.left_at.is_null())
    if not (role is None and team is None and department is None):
        held = Grant.select(Grant.person)
        for column, value in ((Grant.role, role and role.value), (Grant.team, team), (Grant.department, department)):
            if value is not None:
                held = held.where(column == value)
        query = query.where(Person.id.is_in(held))
    rows = await query.order_by(Person.id).limit(limit)
    if not rows:
        return []
    held_by: dict[UUID, list[access.Grant]] = {}
    for row in await Grant.select(Grant.person, Grant.role, Grant.team, Grant.department).where(
        Grant.person.is_in([row["id"] for row in rows])
    ).order_by(Grant.role, Grant.id):  # fmt: skip
        grant = access.Grant(Role(row["role"]), row["team"], row["department"])
        held_by.setdefault(row["person"], []).append(grant)
    return msgspec.convert([{**row, "grants": tuple(held_by.get(row["id"], ()))} for row in rows], list[Listed])


async def listed_teams(
    *, only: UUID | None = None, after: UUID | None = None, limit: int = 1, external_id: str | None = None,
    closed: bool = True,
) -> list[ListedTeam]:  # fmt: skip
    """List teams by id."""
    query = Team.select(*PLACE, Team.external_id)
    if only is not None:
        query = query.where(Team.id == only)
    if external_id is not None:
        query = query.where(Team.external_id.is_in(spellings(external_id)))
    if after is not None:
        query = query.where(Team.id > after)
    if not closed:
        query = query.where(Team.closed_at.is_null())
    return msgspec.convert(await query.order_by(Team.id).limit(limit), list[ListedTeam])


async def listed_departments(
    *, only: UUID | None = None, after: UUID | None = None, limit: int = 1, external_id: str | None = None,
    closed: bool = True,
) -> list[ListedDepartment]:  # fmt: skip
    """List departments by id."""
    query = Department.select(*OFFICE, Department.external_id)
    if only is not None:
        query = query.where(Department.id == only)
    if external_id is not None:
        query = query.where(Department.external_id.is_in(spellings(external_id)))
    if after is not None:
        query = query.where(Department.id > after)
    if not closed:
        query = query.where(Department.closed_at.is_null())
    return msgspec.convert(await query.order_by(Department.id).limit(limit), list[ListedDepartment])


KINDS: dict[Literal["person", "team", "department"], type[Person | Team | Department]] = {
    "person": Person, "team": Team, "department": Department,
}  # fmt: skip


async def known_as(kind: Literal["person", "team", "department"], said: str) -> UUID | None:
    """Find one by our id, or else by what another program or a history file calls it."""
    table = KINDS[kind]
    with suppress(ValueError):
        if await table.exists().where(table.id == UUID(said)):
            return UUID(said)
    with suppress(ValueError):
        row = await table.select(table.id).where(table.external_id.is_in(spellings(AskedId.parse(said)))).first()
        return row["id"] if row else None
    return None
