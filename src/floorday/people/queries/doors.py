"""Who stands at a door: sessions, codes, tokens of programs, devices of a team."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import Statement, run_sql
from floorday.people import access
from floorday.people.access import Actor, DeviceKind, Door, Role
from floorday.people.tables import ApiToken, Device, IdempotencyKey, Pin, Session, SignInCode


class OpenSession(Struct, frozen=True):
    """A signed-in browser as its owner sees it."""

    id: UUID
    began_at: datetime
    seen_at: datetime
    expires_at: datetime
    browser: str


_ACTOR = "p.id, p.name, p.email, p.zone, p.language"
_ACTOR_SQL = f"""
SELECT {_ACTOR}, g.role, g.team, g.department, CAST(NULL AS UUID) AS manager
  FROM person p LEFT JOIN grants g ON g.person = p.id WHERE p.id = {{}} AND p.left_at IS NULL
UNION ALL
SELECT {_ACTOR}, NULL, NULL, NULL, a.manager
  FROM person p JOIN assists a ON a.assistant = p.id WHERE p.id = {{}} AND p.left_at IS NULL
"""  # noqa: S608 - no value of anybody's stands in it
_LIVE = "s.hash = {} AND s.ended_at IS NULL AND s.expires_at > {} AND p.left_at IS NULL"
_SESSION = Statement(f"""
SELECT s.id AS session, s.seen_at, {_ACTOR}, g.role, g.team, g.department, CAST(NULL AS UUID) AS manager
  FROM session s JOIN person p ON p.id = s.person LEFT JOIN grants g ON g.person = p.id WHERE {_LIVE}
UNION ALL
SELECT s.id AS session, s.seen_at, {_ACTOR}, NULL, NULL, NULL, a.manager
  FROM session s JOIN person p ON p.id = s.person JOIN assists a ON a.assistant = p.id WHERE {_LIVE}
""", at_once=True)  # noqa: S608 - no value of anybody's stands in it


async def actor(person_id: UUID, *, door: Door = Door.PAGE) -> Actor | None:
    """Give a person as access sees them, in one query; None for those who left."""
    rows = await run_sql(_ACTOR_SQL, person_id, person_id)
    return _actor(rows, door=door, session=None) if rows else None


async def actor_by_session(hashed: str, *, now: datetime) -> tuple[Actor, datetime] | None:
    """Give who a session's hash stands for, and when it was last used, in one query."""
    rows = await _SESSION(hashed, now, hashed, now)
    if not rows:
        return None
    seen = rows[0]["seen_at"]
    seen_at = seen if isinstance(seen, datetime) else datetime.fromisoformat(seen)
    return _actor(rows, door=Door.PAGE, session=_uuid(rows[0]["session"])), seen_at


_BEARING = "t.hash = {} AND t.revoked_at IS NULL AND t.expires_at > {} AND p.left_at IS NULL"
_TOKEN = Statement(f"""
SELECT t.id AS token, t.scopes, t.last_used_at, {_ACTOR}, g.role, g.team, g.department, CAST(NULL AS UUID) AS manager
  FROM api_token t JOIN person p ON p.id = t.person LEFT JOIN grants g ON g.person = p.id WHERE {_BEARING}
UNION ALL
SELECT t.id AS token, t.scopes, t.last_used_at, {_ACTOR}, NULL, NULL, NULL, a.manager
  FROM api_token t JOIN person p ON p.id = t.person JOIN assists a ON a.assistant = p.id WHERE {_BEARING}
""", at_once=True)  # noqa: S608 - no value of anybody's stands in it


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
    rows = await _TOKEN(hashed, now, hashed, now)
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
