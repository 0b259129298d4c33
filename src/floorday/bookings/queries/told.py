"""Who is told of a booking, and the links by which a letter is answered."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.bookings.queries.days import booking
from floorday.bookings.queries.rows import BookingRow
from floorday.bookings.rules import State
from floorday.bookings.tables import Booking
from floorday.db import Statement
from floorday.errors import NotFound
from floorday.mail.tables import MailToken
from floorday.people.access import Role
from floorday.people.queries import Reader, readers
from floorday.people.tables import Grant, Person
from floorday.render import tokens
from floorday.render.words import gettext as _


class Pass(Struct, frozen=True):
    """What a token in an answer link stands for: which booking, and who holds the link."""

    booking: UUID
    person: UUID


_MANAGER = Statement("""
    SELECT p.id, p.name, p.email, p.zone, p.language FROM person p WHERE p.id = {} AND p.left_at IS NULL
    AND EXISTS (SELECT 1 FROM grants g WHERE g.person = p.id AND g.role = {})""")
_ASSISTANTS = Statement("""
    SELECT p.id, p.name, p.email, p.zone, p.language FROM person p WHERE p.left_at IS NULL
    AND p.id IN (SELECT a.assistant FROM assists a WHERE a.manager = {}) ORDER BY p.name""")


async def manager(person_id: UUID) -> Reader:
    """Find somebody who may be invited, or raise NotFound."""
    rows = await _MANAGER(person_id, Role.MANAGER.value)
    if not rows:
        raise NotFound(_("There is no such manager."))
    return msgspec.convert(rows[0], Reader)


async def managers() -> list[Reader]:
    """List everybody who may be invited, by name."""
    who = Grant.select(Grant.person).where(Grant.role == Role.MANAGER.value)
    return await readers(Person.id.is_in(who))


async def last_days(managers: list[UUID]) -> dict[UUID, datetime]:
    """Say of each manager when their last day held was."""
    if not managers:
        return {}
    rows = await Booking.select(Booking.manager, Booking.starts_at).where(
        Booking.manager.is_in(managers), Booking.state == State.HELD.value).order_by(Booking.starts_at)
    return {row["manager"]: row["starts_at"] for row in rows}


async def last_day(
    manager: UUID, *, after: datetime, now: datetime, team: UUID | None = None
) -> BookingRow | None:
    """Find the last day that a manager has spent with a team, or has begun to, since a moment."""
    query = Booking.select(Booking.id).where(
        Booking.manager == manager, Booking.state.is_in([State.HELD.value, State.ACCEPTED.value]),
        Booking.starts_at > after, Booking.starts_at <= now)
    if team is not None:
        query = query.where(Booking.shift._.team == team)
    row = await query.order_by(Booking.starts_at, ascending=False).first()
    return await booking(row["id"]) if row else None


async def assistants(manager_id: UUID) -> list[Reader]:
    """List a manager's assistants who are still here."""
    return msgspec.convert(await _ASSISTANTS(manager_id), list[Reader])


async def floor_people(team_id: UUID, host: UUID | None) -> list[Reader]:
    """List who on the floor is told about a day: the host and the team's leads."""
    who = Grant.select(Grant.person).where(Grant.team == team_id, Grant.role == Role.LEAD.value)
    wanted: Any = Person.id.is_in(who)
    if host is not None:
        wanted = wanted | (Person.id == host)
    return await readers(wanted)


ANSWER = "answer"


def purpose_for(assistant: UUID | None) -> str:
    """Name the purpose of an answer link: the manager's own, or one of an assistant's alone."""
    return ANSWER if assistant is None else f"{ANSWER}.{assistant.hex}"


async def answer_pass(token: str, *, now: datetime) -> Pass | None:
    """Find what an answer link stands for; nothing when it is unknown, expired or revoked."""
    row = await MailToken.select(
        MailToken.purpose, MailToken.about, MailToken.person, MailToken.expires_at, MailToken.revoked_at,
    ).where(MailToken.hash == tokens.digest(token)).first()
    if row is None or row["person"] is None or row["revoked_at"] is not None:
        return None
    if row["purpose"].partition(".")[0] != ANSWER or (row["expires_at"] is not None and row["expires_at"] <= now):
        return None
    return Pass(row["about"], row["person"])
