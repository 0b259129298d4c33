"""Who has to do with an issue: reporters, those who fix, teams."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from floorday.bookings.tables import Booking
from floorday.db import Statement
from floorday.errors import NotFound
from floorday.issues.queries.listed import with_parts
from floorday.issues.queries.rows import Fixer, Reporter, TeamRow
from floorday.issues.rules import Naming
from floorday.issues.tables import IssueEvent, Note
from floorday.people import access
from floorday.people.access import Role
from floorday.people.queries import READER, Reader, readers
from floorday.people.tables import Department, Grant, Person, Team
from floorday.render.words import gettext as _


async def fixers() -> list[Fixer]:
    """List who may own or sponsor an issue: each department's people, then the managers, in one query."""
    rows = await Grant.select(
        Grant.person, Grant.person._.name.as_alias("name"), Grant.department,
        Grant.department._.name.as_alias("department_name"),
    ).where(
        Grant.role.is_in([Role.OWNER.value, Role.HEAD_OF_DEPARTMENT.value, Role.MANAGER.value]),
        Grant.person._.left_at.is_null(), Grant.department._.closed_at.is_null(),
    )  # fmt: skip
    found = {(row["department"], row["person"]): msgspec.convert(row, Fixer) for row in rows}
    return sorted(found.values(), key=lambda one: (one.department_name or "", one.name, one.person))



async def reporters(issue_id: UUID) -> list[Reporter]:
    """List the persons who raised an issue or brought it back, joined ones included, who are still here.

    For letters and for the coordinator: whoever hides the name is among them.
    """
    noted = await Note.select(Note.reporter, Note.naming).where(
        Note.issue.is_in(with_parts([issue_id])),
        Note.reporter.is_not_null(), Note.withdrawn_at.is_null(),
    )  # fmt: skip
    returned = await IssueEvent.select(IssueEvent.reporter).where(
        IssueEvent.issue.is_in(with_parts([issue_id])),
        IssueEvent.what == "returned", IssueEvent.reporter.is_not_null(),
    )  # fmt: skip
    who = {row["reporter"] for row in (*noted, *returned)}
    hidden = {row["reporter"] for row in noted if row["naming"] == Naming.HIDDEN.value}
    if not who:
        return []
    rows = (
        await Person.select(*READER)
        .where(Person.id.is_in(sorted(who)), Person.left_at.is_null())
        .order_by(Person.name, Person.id)
    )
    return [msgspec.convert({**row, "hidden": row["id"] in hidden}, Reporter) for row in rows]


TEAM = Statement("SELECT id, name, zone FROM team WHERE id = {} AND closed_at IS NULL")


async def team(team_id: UUID) -> TeamRow:
    """Find a team that is not closed, or raise NotFound."""
    return the_team(await TEAM(team_id))


def the_team(rows: list[dict[str, Any]]) -> TeamRow:
    """Read what TEAM has found."""
    if not rows:
        raise NotFound(_("There is no such team."))
    return msgspec.convert(rows[0], TeamRow)


async def teams() -> list[TeamRow]:
    """List the teams a note may be about."""
    rows = await Team.select(Team.id, Team.name, Team.zone).where(Team.closed_at.is_null()).order_by(Team.name)
    return msgspec.convert(rows, list[TeamRow])


async def departments() -> dict[UUID, str]:
    """Name the departments by id."""
    rows = (
        await Department.select(Department.id, Department.name)
        .where(Department.closed_at.is_null())
        .order_by(Department.name)
    )
    return {row["id"]: row["name"] for row in rows}


async def owners(department: UUID) -> list[Reader]:
    """List who may own an issue of a department."""
    who = Grant.select(Grant.person).where(
        Grant.department == department, Grant.role.is_in([Role.OWNER.value, Role.HEAD_OF_DEPARTMENT.value])
    )
    return await readers(Person.id.is_in(who))


async def sponsors() -> list[Reader]:
    """List who may sponsor an issue: the managers."""
    return await readers(Person.id.is_in(Grant.select(Grant.person).where(Grant.role == Role.MANAGER.value)))


async def heads_of_service() -> list[Reader]:
    """List the heads of service."""
    return await readers(Person.id.is_in(Grant.select(Grant.person).where(Grant.role == Role.HEAD_OF_SERVICE.value)))


async def returns(issue: UUID) -> list[datetime]:
    """List when an issue, or one that is part of it, came back after it was closed, oldest first."""
    rows = await IssueEvent.select(IssueEvent.at).where(
        IssueEvent.issue.is_in(with_parts([issue])), IssueEvent.what == "returned").order_by(IssueEvent.at)
    return [row["at"] for row in rows]


async def day_of(booking: UUID) -> access.Booking:
    """Give what access asks of the day that a note comes from."""
    row = (
        await Booking.select(
            Booking.manager,
            Booking.shift._.team.as_alias("team"),
            Booking.shift._.host.as_alias("host"),
        )
        .where(Booking.id == booking)
        .first()
    )
    if row is None:
        raise NotFound(_("There is no such day."))
    return access.Booking(team=row["team"], manager=row["manager"], host=row["host"])
