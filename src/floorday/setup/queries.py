"""Reads for an import: the uploaded sheet, and who and what is here, each kind in one query."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.config import settings
from floorday.people import access
from floorday.people import queries as people
from floorday.people.access import Role
from floorday.people.tables import Agreement, Alias, Assists, Department, Grant, Person, Statement, Team
from floorday.setup.rules.columns import Subject
from floorday.setup.rules.plans import Here
from floorday.setup.tables import SheetImport


class Kept(Struct, frozen=True):
    """An upload as it is kept."""

    id: UUID
    person: UUID
    subject: Subject
    file: str
    sheet: str
    created_at: datetime
    done_at: datetime | None
    undone_at: datetime | None
    wrote: str


async def kept(sheet_id: UUID) -> Kept | None:
    """Find an upload."""
    row = await SheetImport.select().where(SheetImport.id == sheet_id).first()
    return msgspec.convert(row, Kept) if row else None


class Latest(Struct, frozen=True):
    """An import that was done, as the page lists it."""

    id: UUID
    subject: Subject
    file: str
    done_at: datetime
    undone_at: datetime | None


async def latest(person: UUID) -> list[Latest]:
    """List a person's imports that are still kept, the newest first."""
    rows = (
        await SheetImport.select(
            SheetImport.id, SheetImport.subject, SheetImport.file, SheetImport.done_at, SheetImport.undone_at
        )
        .where((SheetImport.person == person) & SheetImport.done_at.is_not_null())
        .order_by(SheetImport.done_at, ascending=False)
        .limit(10)
    )
    return msgspec.convert(rows, list[Latest])


async def counts() -> dict[Subject, int]:
    """Count what is here of each kind, and was not closed and has not left."""
    return {
        Subject.DEPARTMENTS: await Department.count().where(Department.closed_at.is_null()),
        Subject.TEAMS: await Team.count().where(Team.closed_at.is_null()),
        Subject.PEOPLE: await Person.count().where(Person.left_at.is_null()),
    }


async def here(subject: Subject) -> Here:
    """Give what a sheet of this kind is compared with, those who left and what was closed too."""
    zone, departments = settings().zone, await _departments() if subject is not Subject.TEAMS else []
    if subject is Subject.DEPARTMENTS:
        return msgspec.convert({"zone": zone, "departments": departments}, Here)
    pairs = await Assists.select(Assists.assistant, Assists.manager) if subject is Subject.PEOPLE else []
    found = {
        "zone": zone, "departments": departments, "teams": await _teams(subject), "people": await _people(),
        "aliases": {row["email"]: row["person"] for row in await Alias.select(Alias.email, Alias.person)},
        "grants": await _grants(), "pairs": frozenset((row["assistant"], row["manager"]) for row in pairs),
    }  # fmt: skip
    return msgspec.convert(found, Here)


async def _people() -> list[dict[str, Any]]:
    rows = await Person.select(
        Person.id, Person.name, Person.email, Person.job_title, Person.phone, Person.zone, Person.language,
        Person.external_id, Person.left_at,
    )  # fmt: skip
    return [row | {"gone": row["left_at"] is not None} for row in rows]


async def _teams(subject: Subject) -> list[dict[str, Any]]:
    rows = await Team.select(
        Team.id, Team.name, Team.site, Team.place, Team.zone, Team.default_host, Team.external_id, Team.closed_at,
    )  # fmt: skip
    said = await people.pictures() if subject is Subject.TEAMS else {}
    return [row | {"gone": row["closed_at"] is not None, "picture": "\n".join(said.get(row["id"], ()))} for row in rows]


async def _departments() -> list[dict[str, Any]]:
    rows = await Department.select(
        Department.id, Department.name, Department.acknowledge_days, Department.word_days, Department.fix_days,
        Department.external_id, Department.closed_at,
    )  # fmt: skip
    return [row | {"gone": row["closed_at"] is not None} for row in rows]


async def _grants() -> dict[UUID, frozenset[access.Grant]]:
    held: dict[UUID, set[access.Grant]] = {}
    for row in await Grant.select(Grant.person, Grant.role, Grant.team, Grant.department):
        held.setdefault(row["person"], set()).add(access.Grant(Role(row["role"]), row["team"], row["department"]))
    return {person: frozenset(grants) for person, grants in held.items()}


async def picture_rows(teams: Sequence[UUID], *, since: datetime) -> tuple[list[UUID], list[UUID]] | None:
    """Give the statements and agreements of teams; None where one was written after a moment."""
    if not teams:
        return [], []
    lines = await Statement.select(Statement.id, Statement.proposed_at).where(Statement.team.is_in(list(teams)))
    agreed = await Agreement.select(Agreement.id, Agreement.noted_at).where(Agreement.team.is_in(list(teams)))
    if any(row["proposed_at"] > since for row in lines) or any(row["noted_at"] > since for row in agreed):
        return None
    return [row["id"] for row in lines], [row["id"] for row in agreed]
