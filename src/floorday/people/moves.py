"""Guarded writes about people. Each says what was true when it was decided; otherwise it is `Raced`."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from piccolo.columns import Column
from piccolo.table import Table

from floorday.db import dialect, run_sql, violated
from floorday.errors import BadInput, Refused
from floorday.people.tables import (
    Alias,
    ApiToken,
    Assists,
    Department,
    Device,
    FormKey,
    Grant,
    IdempotencyKey,
    Person,
    Pin,
    Session,
    SignInCode,
    Team,
)
from floorday.render.words import gettext as _

ASKING = 20_261_123
"""The lock under which codes are asked for."""

def _taken() -> dict[str, tuple[str, str]]:
    """Say for each unique index which field is at fault, and what to say there."""
    address = ("email", _("Somebody with this address is already here."))
    return {
        "person_email_once": address,
        "alias_email_once": address,
        "team_name_once": ("name", _("There is already a team of this name.")),
        "department_name_once": ("name", _("There is already a department of this name.")),
        "grants_once": ("role", _("They already have this role.")),
        "assists_once": ("manager", _("They already assist this manager.")),
    }


@asynccontextmanager
async def _telling_what_is_taken() -> AsyncGenerator[None]:
    try:
        yield
    except Exception as error:
        name = violated(error)
        if name not in (taken := _taken()):
            raise
        field, sentence = taken[name]
        raise BadInput(sentence, fields={field: sentence}) from error


async def insert(row: Table) -> None:
    """Store a new row; what must be unique and is not becomes a sentence at its field."""
    async with _telling_what_is_taken():
        await type(row).insert(row)


async def change_person(person_id: UUID, values: dict[Column | str, Any]) -> None:
    """Change columns of a person, by column name."""
    async with _telling_what_is_taken():
        await Person.update(values).where(Person.id == person_id)


async def change_team(team_id: UUID, values: dict[Column | str, Any]) -> None:
    """Change columns of a team, by column name."""
    async with _telling_what_is_taken():
        await Team.update(values).where(Team.id == team_id)


async def change_department(department_id: UUID, values: dict[Column | str, Any]) -> None:
    """Change columns of a department, by column name."""
    async with _telling_what_is_taken():
        await Department.update(values).where(Department.id == department_id)


@asynccontextmanager
async def one_external_id() -> AsyncGenerator[None]:
    """Say of an external id that something else of the same kind has already whose it is to give it back."""
    try:
        yield
    except Exception as error:
        if not (violated(error) or "").endswith("_external_id_once"):
            raise
        raise Refused(_("Another one of this kind has this external id. Take it away there first.")) from error


async def match(table: type[Person | Team | Department], row_id: UUID, external_id: str | None) -> None:
    """Keep what another program calls somebody, a team or a department."""
    values: dict[Column | str, Any] = {"external_id": external_id}
    async with one_external_id():
        await table.update(values).where(table.id == row_id)


async def match_in_turn(external_id: str) -> None:
    """Let those who bring the same external id at one moment wait for each other."""
    if dialect() == "postgres":  # SQLite has one writer, and needs nothing
        lock = int.from_bytes(hashlib.sha256(external_id.encode()).digest()[:8], signed=True)
        await run_sql("SELECT pg_advisory_xact_lock({}) IS NULL AS held", lock)


async def still_here(person_id: UUID | None) -> None:
    """Refuse what is given to somebody who has left; whoever leaves at this moment waits, and hands this over too.

    The lock is the one that a change of the person takes: with a weaker one, two who then change them would wait for
    each other in a ring. SQLite has one writer, and needs none.
    """
    lock = " FOR NO KEY UPDATE" if dialect() == "postgres" else ""
    rows = await run_sql(f"SELECT left_at FROM person WHERE id = {{}}{lock}", person_id)  # noqa: S608 - own words
    if rows and rows[0]["left_at"] is not None:
        raise Refused(_("They have left. Say first that they are back."))


async def drop_grant(grant_id: UUID) -> None:
    """Take a role away."""
    await Grant.delete().where(Grant.id == grant_id)


async def drop_alias(alias_id: UUID, person_id: UUID) -> bool:
    """Forget a further address of a person; False when it is none of theirs."""
    gone = await Alias.delete().where((Alias.id == alias_id) & (Alias.person == person_id)).returning(Alias.id)
    return bool(gone)


async def drop_assists(pair_id: UUID) -> None:
    """End an assistant's acting for a manager."""
    await Assists.delete().where(Assists.id == pair_id)


async def drop_assistant(assistant: UUID) -> None:
    """End somebody's acting for every manager."""
    await Assists.delete().where(Assists.assistant == assistant)


async def use_code(code_id: UUID, *, now: datetime) -> bool:
    """Spend a code; False when somebody did before."""
    return bool(
        await SignInCode.update({SignInCode.used_at: now})
        .where((SignInCode.id == code_id) & SignInCode.used_at.is_null())
        .returning(SignInCode.id)
    )


async def ask_in_turn() -> None:
    """Let those who ask for codes wait for each other, so that what was asked for before is counted."""
    if dialect() == "postgres":  # SQLite has one writer, and needs nothing
        await run_sql("SELECT pg_advisory_xact_lock({}) IS NULL AS held", ASKING)


async def count_try(code_id: UUID, *, most: int) -> bool:
    """Count a guess before it is looked at, also of many at once; False when there were as many as may be."""
    return bool(
        await SignInCode.update({SignInCode.tries: SignInCode.tries + 1})
        .where((SignInCode.id == code_id) & (SignInCode.tries < most))
        .returning(SignInCode.id)
    )


async def touch_session(session_id: UUID, *, now: datetime) -> None:
    """Note when a session was last used."""
    await Session.update({Session.seen_at: now}).where(Session.id == session_id)


async def end_session(session_id: UUID, *, person_id: UUID, now: datetime) -> bool:
    """End one session of a person; False when it is none of theirs or over already."""
    return bool(
        await Session.update({Session.ended_at: now})
        .where((Session.id == session_id) & (Session.person == person_id) & Session.ended_at.is_null())
        .returning(Session.id)
    )


async def touch_token(token_id: UUID, *, now: datetime) -> None:
    """Note in which hour a token was last used."""
    await ApiToken.update({ApiToken.last_used_at: now}).where(ApiToken.id == token_id)


async def revoke_token(token_id: UUID, *, person_id: UUID, now: datetime) -> bool:
    """End one token of a person; False when it is none of theirs or over already."""
    return bool(
        await ApiToken.update({ApiToken.revoked_at: now})
        .where((ApiToken.id == token_id) & (ApiToken.person == person_id) & ApiToken.revoked_at.is_null())
        .returning(ApiToken.id)
    )


async def touch_device(device_id: UUID, *, now: datetime) -> None:
    """Note in which hour a screen or desk was last used."""
    await Device.update({Device.last_used_at: now}).where(Device.id == device_id)


async def end_device(device_id: UUID, *, now: datetime) -> bool:
    """End a screen or desk; False when it is over already."""
    return bool(
        await Device.update({Device.ended_at: now})
        .where((Device.id == device_id) & Device.ended_at.is_null())
        .returning(Device.id)
    )


async def end_devices(opened_by: UUID, *, now: datetime) -> None:
    """End every screen and desk that a person answers for."""
    theirs = (Device.opened_by == opened_by) & Device.ended_at.is_null()
    await Device.update({Device.ended_at: now}).where(theirs)


async def drop_pin(person_id: UUID) -> None:
    """Forget a person's PIN."""
    await Pin.delete().where(Pin.person == person_id)


async def count_pin_try(person_id: UUID, *, most: int, since: datetime, now: datetime) -> bool:
    """Count a guess before it is looked at; False when there were as many as may be and the last was after `since`."""
    waited = Pin.tried_at.is_null() | (Pin.tried_at < since)
    await Pin.update({Pin.tries: 0}).where((Pin.person == person_id) & (Pin.tries >= most) & waited)
    return bool(
        await Pin.update({Pin.tries: Pin.tries + 1, Pin.tried_at: now})
        .where((Pin.person == person_id) & (Pin.tries < most))
        .returning(Pin.id)
    )


async def pin_was_right(person_id: UUID) -> None:
    """Forget the wrong guesses."""
    await Pin.update({Pin.tries: 0}).where(Pin.person == person_id)


async def end_sessions(person_id: UUID, *, now: datetime) -> None:
    """End every session of a person, and every token they made for the API."""
    theirs = (ApiToken.person == person_id) & ApiToken.revoked_at.is_null()
    await ApiToken.update({ApiToken.revoked_at: now}).where(theirs)
    await Session.update({Session.ended_at: now}).where((Session.person == person_id) & Session.ended_at.is_null())


async def claim_form(key: str, *, now: datetime) -> str | None:
    """Keep the key of a posted form; one that is kept already says where its post went ("" while it runs).

    Neither its id nor its time tells the minute: it may be the form of somebody who stays anonymous.
    """
    row = FormKey(id=uuid4(), key=key, went_to="", at=now.replace(hour=0, minute=0, second=0, microsecond=0))
    new = await FormKey.insert(row).on_conflict(target=FormKey.key, action="DO NOTHING").returning(FormKey.id)
    if new:
        return None
    first = await FormKey.select(FormKey.went_to).where(FormKey.key == key).first()
    return str(first["went_to"]) if first else ""


async def settle_form(key: str, went_to: str) -> None:
    """Keep where the post of this key went."""
    await FormKey.update({FormKey.went_to: went_to[:300]}).where(FormKey.key == key)


async def forget_form(key: str) -> None:
    """Give a key back: its post changed nothing."""
    await FormKey.delete().where(FormKey.key == key)


async def claim_request(row: IdempotencyKey) -> bool:
    """Keep the key of a request; False when it is kept already."""
    new = await IdempotencyKey.insert(row).on_conflict(target=IdempotencyKey.key, action="DO NOTHING").returning(
        IdempotencyKey.id
    )  # fmt: skip
    return bool(new)


async def settle_request(key: str, values: dict[Column | str, Any]) -> None:
    """Keep what a request was answered."""
    await IdempotencyKey.update(values).where(IdempotencyKey.key == key)


async def forget_request(key: str) -> None:
    """Give a request's key back: it changed nothing."""
    await IdempotencyKey.delete().where(IdempotencyKey.key == key)
