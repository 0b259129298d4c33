"""People as cards and as readers of letters: who they are, what they hold, whom they assist."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.people.access import Role
from floorday.people.tables import Alias, Assists, Grant, Person


class Card(Struct, frozen=True):
    """A person as lists and letters need them."""

    id: UUID
    name: str
    email: str
    job_title: str
    phone: str
    zone: str
    language: str
    left_at: datetime | None = None


class Reader(Struct, frozen=True, kw_only=True):
    """Somebody who gets a letter."""

    id: UUID
    name: str
    email: str
    zone: str
    language: str = "en"


class Held(Struct, frozen=True):
    """A grant with the names of its scope."""

    id: UUID
    person: UUID
    role: Role
    team: UUID | None
    team_name: str | None
    department: UUID | None
    department_name: str | None


class Pair(Struct, frozen=True):
    """An assistant and the manager they act for."""

    id: UUID
    assistant: UUID
    manager: UUID


CARD = (
    Person.id, Person.name, Person.email, Person.job_title, Person.phone, Person.zone, Person.language, Person.left_at,
)  # fmt: skip

READER = (Person.id, Person.name, Person.email, Person.zone, Person.language)


async def reader(person_id: UUID | None) -> Reader | None:
    """Find somebody who is still here."""
    if person_id is None:
        return None
    row = await Person.select(*READER).where(Person.id == person_id, Person.left_at.is_null()).first()
    return msgspec.convert(row, Reader) if row else None


async def readers(which: Any) -> list[Reader]:
    """List those of whom a condition on Person is true and who are still here, by name."""
    rows = await Person.select(*READER).where(Person.left_at.is_null(), which).order_by(Person.name)
    return msgspec.convert(rows, list[Reader])


async def people(*, gone: bool = False) -> list[Card]:
    """List everybody by name; those who left only where asked for."""
    query = Person.select(*CARD).order_by(Person.name, Person.id)
    if not gone:
        query = query.where(Person.left_at.is_null())
    return msgspec.convert(await query, list[Card])


async def person(person_id: UUID) -> Card | None:
    """Find a person by id, gone or not."""
    row = await Person.select(*CARD).where(Person.id == person_id).first()
    return msgspec.convert(row, Card) if row else None


async def persons(ids: set[UUID] | frozenset[UUID]) -> dict[UUID, Card]:
    """Find several at once, by id."""
    if not ids:
        return {}
    rows = await Person.select(*CARD).where(Person.id.is_in(sorted(ids)))
    return {card.id: card for card in msgspec.convert(rows, list[Card])}


async def by_address(email: str) -> Card | None:
    """Find who an address belongs to: their own, or an alias. Those who left are nobody."""
    email = email.strip().lower()
    row = await Person.select(*CARD).where((Person.email == email) & Person.left_at.is_null()).first()
    if row is None:
        alias = await Alias.select(Alias.person).where(Alias.email == email).first()
        if alias is None:
            return None
        row = await Person.select(*CARD).where((Person.id == alias["person"]) & Person.left_at.is_null()).first()
    return msgspec.convert(row, Card) if row else None


async def addresses(person_id: UUID) -> list[str]:
    """Give every address a person's mail may come from, their own first."""
    own = await Person.select(Person.email).where(Person.id == person_id).first()
    others = await Alias.select(Alias.email).where(Alias.person == person_id).order_by(Alias.email)
    return ([own["email"]] if own else []) + [row["email"] for row in others]


async def aliases(person_id: UUID) -> list[dict[str, Any]]:
    """List the further addresses of a person, with their ids."""
    return await Alias.select(Alias.id, Alias.email).where(Alias.person == person_id).order_by(Alias.email)


async def with_role(*roles: Role, team: UUID | None = None, department: UUID | None = None) -> list[Card]:
    """List who holds one of the roles (for that team or department), by name."""
    wanted = Grant.select(Grant.person).where(Grant.role.is_in([role.value for role in roles]))
    if team is not None:
        wanted = wanted.where(Grant.team == team)
    if department is not None:
        wanted = wanted.where(Grant.department == department)
    rows = await Person.select(*CARD).where(Person.id.is_in(wanted) & Person.left_at.is_null()).order_by(
        Person.name, Person.id
    )  # fmt: skip
    return msgspec.convert(rows, list[Card])


async def grants(person_id: UUID | None = None) -> list[Held]:
    """List grants with the names of their scopes, of one person or of all."""
    query = Grant.select(
        Grant.id, Grant.person, Grant.role,
        Grant.team, Grant.team._.name.as_alias("team_name"),
        Grant.department, Grant.department._.name.as_alias("department_name"),
    ).order_by(Grant.role, Grant.id)  # fmt: skip
    if person_id is not None:
        query = query.where(Grant.person == person_id)
    return msgspec.convert(await query, list[Held])


async def grant(grant_id: UUID) -> Held | None:
    """Find one grant."""
    row = await Grant.select(
        Grant.id, Grant.person, Grant.role,
        Grant.team, Grant.team._.name.as_alias("team_name"),
        Grant.department, Grant.department._.name.as_alias("department_name"),
    ).where(Grant.id == grant_id).first()  # fmt: skip
    return msgspec.convert(row, Held) if row else None


async def pairs(*, assistant: UUID | None = None, manager: UUID | None = None) -> list[Pair]:
    """List who assists whom."""
    query = Assists.select(Assists.id, Assists.assistant, Assists.manager).order_by(Assists.id)
    if assistant is not None:
        query = query.where(Assists.assistant == assistant)
    if manager is not None:
        query = query.where(Assists.manager == manager)
    return msgspec.convert(await query, list[Pair])


async def assistants_of(manager: UUID) -> list[Card]:
    """List a manager's assistants who are still here, by name."""
    found = await persons({pair.assistant for pair in await pairs(manager=manager)})
    return sorted((card for card in found.values() if card.left_at is None), key=lambda card: (card.name, card.id))


async def anybody() -> bool:
    """Say whether there is any person yet; before that the first one is made on the server."""
    return await Person.exists()
