"""Every read about people. Lists come as Structs, each with one query or a fixed few."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import run_sql
from floorday.people import access
from floorday.people.access import Actor, DeviceKind, Door, Role
from floorday.people.tables import (
    Alias,
    ApiToken,
    Assists,
    Department,
    Device,
    Grant,
    IdempotencyKey,
    Person,
    Pin,
    Session,
    SignInCode,
    Team,
)


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


class Place(Struct, frozen=True):
    """A team."""

    id: UUID
    name: str
    site: str
    place: str
    zone: str
    default_host: UUID | None
    closed_at: datetime | None = None


class Office(Struct, frozen=True):
    """A department with its charter, in working days."""

    id: UUID
    name: str
    acknowledge_days: int
    word_days: int
    fix_days: int
    closed_at: datetime | None = None


class Pair(Struct, frozen=True):
    """An assistant and the manager they act for."""

    id: UUID
    assistant: UUID
    manager: UUID


class OpenSession(Struct, frozen=True):
    """A signed-in browser as its owner sees it."""

    id: UUID
    began_at: datetime
    seen_at: datetime
    expires_at: datetime
    browser: str


_CARD = (
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
    query = Person.select(*_CARD).order_by(Person.name, Person.id)
    if not gone:
        query = query.where(Person.left_at.is_null())
    return msgspec.convert(await query, list[Card])


async def person(person_id: UUID) -> Card | None:
    """Find a person by id, gone or not."""
    row = await Person.select(*_CARD).where(Person.id == person_id).first()
    return msgspec.convert(row, Card) if row else None


async def persons(ids: set[UUID] | frozenset[UUID]) -> dict[UUID, Card]:
    """Find several at once, by id."""
    if not ids:
        return {}
    rows = await Person.select(*_CARD).where(Person.id.is_in(sorted(ids)))
    return {card.id: card for card in msgspec.convert(rows, list[Card])}


async def by_address(email: str) -> Card | None:
    """Find who an address belongs to: their own, or an alias. Those who left are nobody."""
    email = email.strip().lower()
    row = await Person.select(*_CARD).where((Person.email == email) & Person.left_at.is_null()).first()
    if row is None:
        alias = await Alias.select(Alias.person).where(Alias.email == email).first()
        if alias is None:
            return None
        row = await Person.select(*_CARD).where((Person.id == alias["person"]) & Person.left_at.is_null()).first()
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
    rows = await Person.select(*_CARD).where(Person.id.is_in(wanted) & Person.left_at.is_null()).order_by(
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


_PLACE = (
    Team.id, Team.name, Team.site, Team.place, Team.zone, Team.default_host, Team.closed_at,
)  # fmt: skip


async def teams(*, closed: bool = False) -> list[Place]:
    """List the teams by name."""
    query = Team.select(*_PLACE).order_by(Team.name)
    if not closed:
        query = query.where(Team.closed_at.is_null())
    return msgspec.convert(await query, list[Place])


async def team(team_id: UUID) -> Place | None:
    """Find a team."""
    row = await Team.select(*_PLACE).where(Team.id == team_id).first()
    return msgspec.convert(row, Place) if row else None


_OFFICE = (
    Department.id, Department.name, Department.acknowledge_days, Department.word_days, Department.fix_days,
    Department.closed_at,
)  # fmt: skip


async def departments(*, closed: bool = False) -> list[Office]:
    """List the departments by name."""
    query = Department.select(*_OFFICE).order_by(Department.name)
    if not closed:
        query = query.where(Department.closed_at.is_null())
    return msgspec.convert(await query, list[Office])


async def department(department_id: UUID) -> Office | None:
    """Find a department."""
    row = await Department.select(*_OFFICE).where(Department.id == department_id).first()
    return msgspec.convert(row, Office) if row else None


async def pairs(*, assistant: UUID | None = None, manager: UUID | None = None) -> list[Pair]:
    """List who assists whom."""
    query = Assists.select(Assists.id, Assists.assistant, Assists.manager).order_by(Assists.id)
    if assistant is not None:
        query = query.where(Assists.assistant == assistant)
    if manager is not None:
        query = query.where(Assists.manager == manager)
    return msgspec.convert(await query, list[Pair])


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


async def assistants_of(manager: UUID) -> list[Card]:
    """List a manager's assistants who are still here, by name."""
    found = await persons({pair.assistant for pair in await pairs(manager=manager)})
    return sorted((card for card in found.values() if card.left_at is None), key=lambda card: (card.name, card.id))


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
    query = Person.select(*_CARD, Person.external_id)
    if not access.can(actor, access.Act.EDIT_PEOPLE):
        query = query.where(Person.id == actor.person)
    for column, value in ((Person.id, only), (Person.email, email), (Person.external_id, external_id)):
        if value is not None:
            query = query.where(column == value)
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
    query = Team.select(*_PLACE, Team.external_id)
    for column, value in ((Team.id, only), (Team.external_id, external_id)):
        if value is not None:
            query = query.where(column == value)
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
    query = Department.select(*_OFFICE, Department.external_id)
    for column, value in ((Department.id, only), (Department.external_id, external_id)):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(Department.id > after)
    if not closed:
        query = query.where(Department.closed_at.is_null())
    return msgspec.convert(await query.order_by(Department.id).limit(limit), list[ListedDepartment])


_ACTOR = "p.id, p.name, p.email, p.zone, p.language"
_ACTOR_SQL = f"""
SELECT {_ACTOR}, g.role, g.team, g.department, CAST(NULL AS UUID) AS manager
  FROM person p LEFT JOIN grants g ON g.person = p.id WHERE p.id = {{}} AND p.left_at IS NULL
UNION ALL
SELECT {_ACTOR}, NULL, NULL, NULL, a.manager
  FROM person p JOIN assists a ON a.assistant = p.id WHERE p.id = {{}} AND p.left_at IS NULL
"""  # noqa: S608 - no value of anybody's stands in it
_LIVE = "s.hash = {} AND s.ended_at IS NULL AND s.expires_at > {} AND p.left_at IS NULL"
_SESSION_SQL = f"""
SELECT s.id AS session, s.seen_at, {_ACTOR}, g.role, g.team, g.department, CAST(NULL AS UUID) AS manager
  FROM session s JOIN person p ON p.id = s.person LEFT JOIN grants g ON g.person = p.id WHERE {_LIVE}
UNION ALL
SELECT s.id AS session, s.seen_at, {_ACTOR}, NULL, NULL, NULL, a.manager
  FROM session s JOIN person p ON p.id = s.person JOIN assists a ON a.assistant = p.id WHERE {_LIVE}
"""  # noqa: S608 - no value of anybody's stands in it


async def actor(person_id: UUID, *, door: Door = Door.PAGE) -> Actor | None:
    """Give a person as access sees them, in one query; None for those who left."""
    rows = await run_sql(_ACTOR_SQL, person_id, person_id)
    return _actor(rows, door=door, session=None) if rows else None


async def actor_by_session(hashed: str, *, now: datetime) -> tuple[Actor, datetime] | None:
    """Give who a session's hash stands for, and when it was last used, in one query."""
    rows = await run_sql(_SESSION_SQL, hashed, now, hashed, now)
    if not rows:
        return None
    seen = rows[0]["seen_at"]
    seen_at = seen if isinstance(seen, datetime) else datetime.fromisoformat(seen)
    return _actor(rows, door=Door.PAGE, session=_uuid(rows[0]["session"])), seen_at


_BEARING = "t.hash = {} AND t.revoked_at IS NULL AND t.expires_at > {} AND p.left_at IS NULL"
_TOKEN_SQL = f"""
SELECT t.id AS token, t.scopes, t.last_used_at, {_ACTOR}, g.role, g.team, g.department, CAST(NULL AS UUID) AS manager
  FROM api_token t JOIN person p ON p.id = t.person LEFT JOIN grants g ON g.person = p.id WHERE {_BEARING}
UNION ALL
SELECT t.id AS token, t.scopes, t.last_used_at, {_ACTOR}, NULL, NULL, NULL, a.manager
  FROM api_token t JOIN person p ON p.id = t.person JOIN assists a ON a.assistant = p.id WHERE {_BEARING}
"""  # noqa: S608 - no value of anybody's stands in it


class Bearer(Struct, frozen=True):
    """Who a token of the API stands for, what it may be used for, and when it last was."""

    actor: Actor
    token: UUID
    scopes: frozenset[str]
    last_used_at: datetime | None


class OwnToken(Struct, frozen=True):
    """A token of the API as its owner sees it."""

    id: UUID
    name: str
    scopes: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


async def bearer(hashed: str, *, now: datetime) -> Bearer | None:
    """Give who a token's hash stands for, in one query."""
    rows = await run_sql(_TOKEN_SQL, hashed, now, hashed, now)
    if not rows:
        return None
    used = rows[0]["last_used_at"]
    return Bearer(
        actor=_actor(rows, door=Door.API, session=None),
        token=_known(rows[0]["token"]),
        scopes=frozenset(rows[0]["scopes"].split()),
        last_used_at=datetime.fromisoformat(used) if isinstance(used, str) else used,
    )


async def tokens(person_id: UUID, *, now: datetime) -> list[OwnToken]:
    """List a person's tokens that still open the API, the newest first."""
    rows = (
        await ApiToken.select(
            ApiToken.id, ApiToken.name, ApiToken.scopes, ApiToken.created_at, ApiToken.expires_at, ApiToken.last_used_at
        )
        .where((ApiToken.person == person_id) & ApiToken.revoked_at.is_null() & (ApiToken.expires_at > now))
        .order_by(ApiToken.id, ascending=False)
    )
    return msgspec.convert(rows, list[OwnToken])


async def request(key: str) -> dict[str, Any] | None:
    """Find a request to the API that was asked with a key before."""
    return await IdempotencyKey.select().where(IdempotencyKey.key == key).first()


def _actor(rows: list[dict[str, Any]], *, door: Door, session: UUID | None) -> Actor:
    first = rows[0]
    return Actor(
        person=_known(first["id"]),
        name=first["name"],
        email=first["email"],
        zone=first["zone"],
        language=first["language"],
        grants=frozenset(
            access.Grant(Role(row["role"]), _uuid(row["team"]), _uuid(row["department"])) for row in rows if row["role"]
        ),
        assists=frozenset(found for row in rows if (found := _uuid(row["manager"])) is not None),
        door=door,
        session=session,
    )


def _known(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def _uuid(value: Any) -> UUID | None:
    return None if value is None else _known(value)


async def sessions(person_id: UUID, *, now: datetime) -> list[OpenSession]:
    """List where a person is signed in, newest use first."""
    rows = (
        await Session.select(Session.id, Session.began_at, Session.seen_at, Session.expires_at, Session.browser)
        .where((Session.person == person_id) & Session.ended_at.is_null() & (Session.expires_at > now))
        .order_by(Session.seen_at, ascending=False)
    )
    return msgspec.convert(rows, list[OpenSession])


class OpenDevice(Struct, frozen=True):
    """A screen or desk as those who keep it see it."""

    id: UUID
    kind: DeviceKind
    team: UUID
    name: str
    opened_by_name: str
    opened_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


_DEVICE = (
    Device.id, Device.kind, Device.team, Device.name, Device.opened_by._.name.as_alias("opened_by_name"),
    Device.opened_at, Device.expires_at, Device.last_used_at,
)  # fmt: skip


def _still_open(now: datetime) -> Any:
    return (
        Device.ended_at.is_null() & (Device.expires_at > now)
        & Device.opened_by._.left_at.is_null() & Device.team._.closed_at.is_null()
    )  # fmt: skip


async def devices(team_id: UUID, *, now: datetime) -> list[OpenDevice]:
    """List the screens and desks of a team that are open, the newest first."""
    rows = await Device.select(*_DEVICE).where((Device.team == team_id) & _still_open(now)).order_by(
        Device.id, ascending=False
    )  # fmt: skip
    return msgspec.convert(rows, list[OpenDevice])


async def device(device_id: UUID, *, now: datetime) -> OpenDevice | None:
    """Find a screen or desk that is open."""
    row = await Device.select(*_DEVICE).where((Device.id == device_id) & _still_open(now)).first()
    return msgspec.convert(row, OpenDevice) if row else None


async def device_by_key(hashed: str, kind: DeviceKind, *, now: datetime) -> OpenDevice | None:
    """Find what a key opens: none once it ended, its team closed, or who answers for it left."""
    wanted = (Device.hash == hashed) & (Device.kind == kind.value)
    row = await Device.select(*_DEVICE).where(wanted & _still_open(now)).first()
    return msgspec.convert(row, OpenDevice) if row else None


async def pin(person_id: UUID) -> str | None:
    """Give the hash of a person's PIN, if they have set one."""
    row = await Pin.select(Pin.hash).where(Pin.person == person_id).first()
    return str(row["hash"]) if row else None


async def newest_code(email: str) -> dict[str, Any] | None:
    """Find the newest code asked for an address; older ones no longer count."""
    return (
        await SignInCode.select()
        .where(SignInCode.email == email)
        .order_by(SignInCode.asked_at, ascending=False)
        .order_by(SignInCode.id, ascending=False)
        .first()
    )


async def code_by_link(hashed: str) -> dict[str, Any] | None:
    """Find a code by the hash of its link."""
    return await SignInCode.select().where(SignInCode.link_hash == hashed).first()


async def asked_since(since: datetime, *, email: str, network: str) -> tuple[int, int]:
    """Count the codes asked since then: for the address, from the network."""
    rows = await run_sql(
        "SELECT SUM(CASE WHEN email = {} THEN 1 ELSE 0 END) AS by_address,"
        " SUM(CASE WHEN network = {} THEN 1 ELSE 0 END) AS by_network"
        " FROM sign_in_code WHERE asked_at > {} AND (email = {} OR network = {})",
        email, network, since, email, network,
    )  # fmt: skip
    return int(rows[0]["by_address"] or 0), int(rows[0]["by_network"] or 0)


async def anybody() -> bool:
    """Say whether there is any person yet; before that the first one is made on the server."""
    return await Person.exists()


class Statement(Struct, frozen=True, kw_only=True):
    """A line of a team's picture of good service, as something may point at it."""

    id: UUID
    team: UUID
    text: str


_STATEMENTS = """
SELECT s.id, s.team, s.text FROM statement s
 WHERE s.team = {} AND s.agreement IS NOT NULL AND s.retired_on IS NULL ORDER BY s.place, s.id
"""


_EVERY_STATEMENT = """
SELECT s.id, s.team, s.text FROM statement s
 WHERE s.agreement IS NOT NULL AND s.retired_on IS NULL ORDER BY s.team, s.place, s.id
"""


async def statements(team: UUID) -> list[Statement]:
    """List the statements that a team has agreed on, in their order."""
    return msgspec.convert(await run_sql(_STATEMENTS, team), list[Statement])


async def statements_of(teams: Collection[UUID]) -> list[Statement]:
    """List the statements that teams have agreed on, in the order of each."""
    return [one for one in msgspec.convert(await run_sql(_EVERY_STATEMENT), list[Statement]) if one.team in teams]


async def pictures() -> dict[UUID, list[str]]:
    """Give the words of the statements that teams have agreed on, by team, in their order."""
    rows = await run_sql(
        "SELECT s.team, s.text FROM statement s WHERE s.agreement IS NOT NULL AND s.retired_on IS NULL"
        " ORDER BY s.team, s.place, s.id"
    )
    said: dict[UUID, list[str]] = {}
    for row in rows:
        said.setdefault(UUID(str(row["team"])), []).append(row["text"])
    return said
