"""The months on their way to their readers, and who these are."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import run_sql
from floorday.people.access import DEPARTMENT_ROLES, TEAM_ROLES, Role
from floorday.summaries.figures import Cut, Subject
from floorday.summaries.rules import Way


class MonthRow(Struct, frozen=True, kw_only=True):
    """A month on its way, with the names of who held it, asked for it and said something to it."""

    id: UUID
    month: str
    before_us: datetime | None
    previewed_at: datetime | None
    held_at: datetime | None
    held_because: str
    held_name: str | None
    asked_at: datetime | None
    asked_name: str | None
    comment: str
    commented_at: datetime | None
    commented_by: UUID | None
    commented_name: str | None
    begun_at: datetime | None
    sent_at: datetime | None

    def way(self) -> Way:
        """Say what has been done, for the rules."""
        return Way(
            month=self.month, before_us=self.before_us is not None, previewed=self.previewed_at is not None,
            held=self.held_at is not None, asked=self.asked_at is not None, begun=self.begun_at is not None,
            sent=self.sent_at is not None,
        )  # fmt: skip


_MONTHS = """
SELECT m.id, m.month, m.before_us, m.previewed_at, m.held_at, m.held_because, h.name AS held_name, m.asked_at,
       a.name AS asked_name, m.comment, m.commented_at, m.commented_by, c.name AS commented_name, m.begun_at, m.sent_at
  FROM summary_month m
  LEFT JOIN person h ON h.id = m.held_by
  LEFT JOIN person a ON a.id = m.asked_by
  LEFT JOIN person c ON c.id = m.commented_by
"""


async def ways() -> list[MonthRow]:
    """List the months that are on their way or have arrived, oldest first."""
    return [MonthRow(**row) for row in await run_sql(f"{_MONTHS} ORDER BY m.month")]


async def way(month: str) -> MonthRow | None:
    """Find one."""
    rows = await run_sql(f"{_MONTHS} WHERE m.month = {{}}", month)
    return MonthRow(**rows[0]) if rows else None


async def alive() -> bool:
    """Say whether anything has happened in the programme, ever."""
    rows = await run_sql(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM issue) OR EXISTS (SELECT 1 FROM booking)"
        " OR EXISTS (SELECT 1 FROM story) THEN 1 ELSE 0 END AS alive")
    return bool(rows[0]["alive"])


class Whose(Struct, frozen=True):
    """A subject with its name."""

    subject: Subject
    name: str


async def subjects() -> list[Whose]:
    """List whose months are sent: the company, open teams and departments, managers who are here."""
    rows = await run_sql(
        "SELECT 'team' AS cut, id, name FROM team WHERE closed_at IS NULL UNION ALL"  # noqa: S608 - own words
        " SELECT 'department', id, name FROM department WHERE closed_at IS NULL UNION ALL"
        " SELECT 'manager', id, name FROM person WHERE left_at IS NULL"
        f" AND id IN (SELECT person FROM grants WHERE role = '{Role.MANAGER.value}')")  # fmt: skip
    order = {"team": 0, "manager": 1, "department": 2}
    found = sorted(rows, key=lambda row: (order[row["cut"]], row["name"], str(row["id"])))
    return [Whose(Subject(), "")] + [Whose(Subject(row["cut"], _uuid(row["id"])), row["name"]) for row in found]


class SummaryReaderRow(Struct, frozen=True):
    """Somebody who gets a summary; `stopped` where they want no letters of this kind."""

    id: UUID
    name: str
    email: str
    zone: str
    language: str
    stopped: bool


_COMPANY = (Role.HEAD_OF_SERVICE, Role.COORDINATOR, Role.MANAGER)


async def has_months(person: UUID) -> bool:
    """Say whether somebody is a manager, or has ever had a day or an issue to answer for."""
    (row,) = await run_sql(
        "SELECT EXISTS (SELECT 1 FROM grants WHERE person = {} AND role = {})"
        " OR EXISTS (SELECT 1 FROM booking WHERE manager = {})"
        " OR EXISTS (SELECT 1 FROM issue WHERE sponsor = {}) AS has",
        person, Role.MANAGER.value, person, person,
    )  # fmt: skip
    return bool(row["has"])


async def readers(subject: Subject) -> list[SummaryReaderRow]:
    """List who gets a subject's summary and is here, by name."""
    def words(*roles: Role) -> str:
        return ", ".join(f"'{role.value}'" for role in roles)

    match subject.cut:
        case "company":
            who, args = f"role IN ({words(*_COMPANY)})", []
        case "team":
            who, args = f"role IN ({words(*TEAM_ROLES)}) AND team = {{}}", [subject.id]
        case "manager":
            who, args = f"role IN ({words(Role.MANAGER)}) AND person = {{}}", [subject.id]
        case "department":
            who, args = f"role IN ({words(*DEPARTMENT_ROLES)}) AND department = {{}}", [subject.id]
    rows = await run_sql(
        "SELECT p.id, p.name, p.email, p.zone, p.language, CASE WHEN r.stopped_at IS NULL THEN 0 ELSE 1 END AS stopped"  # noqa: S608 - own words
        " FROM person p LEFT JOIN summary_reader r ON r.person = p.id AND r.cut = {}"
        f" WHERE p.left_at IS NULL AND p.id IN (SELECT person FROM grants WHERE {who}) ORDER BY p.name, p.id",
        subject.cut, *args)  # fmt: skip
    return msgspec.convert([row | {"id": _uuid(row["id"]), "stopped": bool(row["stopped"])} for row in rows],
                           list[SummaryReaderRow])  # fmt: skip


async def stopped(person: UUID) -> dict[str, datetime | None]:
    """Say of each kind of summary that somebody was sent whether, and since when, they want no more of it."""
    rows = await run_sql("SELECT cut, stopped_at FROM summary_reader WHERE person = {} ORDER BY cut", person)
    return {row["cut"]: row["stopped_at"] for row in rows}


class Subscription(Struct, frozen=True):
    """One reader's kind of summary."""

    id: UUID
    person: UUID
    cut: Cut
    stopped_at: datetime | None


async def subscription(reader: UUID) -> Subscription | None:
    """Find who is meant by the link at the end of a letter."""
    rows = await run_sql("SELECT id, person, cut, stopped_at FROM summary_reader WHERE id = {}", reader)
    return msgspec.convert(rows[0], Subscription) if rows else None


class Receiver(Struct, frozen=True):
    """Somebody who was sent a summary, and what became of the letter."""

    person: UUID
    name: str
    email: str
    zone: str
    language: str


async def receivers(summary: UUID) -> list[Receiver]:
    """List who was sent a month and is still here, by name, each once."""
    rows = await run_sql(
        "SELECT p.id AS person, p.name, p.email, p.zone, p.language FROM person p WHERE p.left_at IS NULL AND p.id IN"
        " (SELECT l.person FROM letter l WHERE l.about = {} AND l.name = 'summary' AND l.taken_back_at IS NULL)"
        " ORDER BY p.name, p.id", summary)  # fmt: skip
    return msgspec.convert([row | {"person": _uuid(row["person"])} for row in rows], list[Receiver])


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
