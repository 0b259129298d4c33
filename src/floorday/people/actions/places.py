"""Teams and departments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from floorday.config import settings
from floorday.db import transaction
from floorday.db.text import Line, Title, ZoneName
from floorday.errors import BadInput, NotFound
from floorday.people import moves, queries
from floorday.people.access import Act, Actor, Role, can
from floorday.people.actions import steps
from floorday.people.tables import Department, Team
from floorday.render.words import gettext as _

Days = Annotated[int, Meta(ge=0, le=365)]


class TeamForm(Struct, frozen=True):
    """What is said of a team."""

    name: Title
    site: Title = Title("")
    place: Line = Line("")
    zone: ZoneName | None = None
    default_host: UUID | None = None


async def add_team(actor: Actor, form: TeamForm, *, now: datetime) -> UUID:
    """Add a team."""
    steps.must(can(actor, Act.EDIT_TEAM))
    if form.default_host is not None:
        _is_of_the_team(form.default_host, [])
    async with transaction():
        team = Team(
            name=form.name, site=form.site, place=form.place, zone=form.zone or settings().zone,
            default_host=form.default_host, created_at=now,
        )  # fmt: skip
        await moves.insert(team)
    return team.id


def _is_of_the_team(host: UUID | None, members: list[queries.Card]) -> None:
    if all(member.id != host for member in members):
        raise BadInput(_("The host is somebody of the team."),
                       fields={"default_host": _("The host is somebody of the team.")})  # fmt: skip


async def change_team(actor: Actor, team_id: UUID, form: TeamForm) -> None:
    """Change a team; shifts already offered keep the zone and place they were offered with."""
    steps.must(can(actor, Act.EDIT_TEAM))
    async with transaction():
        before = await queries.team(team_id)
        if before is None:
            raise NotFound(_("There is no such team."))
        if form.default_host not in {None, before.default_host}:
            _is_of_the_team(form.default_host, await queries.with_role(Role.LEAD, Role.MEMBER, team=team_id))
        await moves.change_team(
            team_id,
            {
                "name": form.name, "site": form.site, "place": form.place, "zone": form.zone or settings().zone,
                "default_host": form.default_host,
            },
        )  # fmt: skip


class DepartmentForm(Struct, frozen=True):
    """What is said of a department; the charter's numbers are working days, 0 for none yet."""

    name: Title
    acknowledge_days: Days = 0
    word_days: Days = 0
    fix_days: Days = 0


async def add_department(actor: Actor, form: DepartmentForm, *, now: datetime) -> UUID:
    """Add a department."""
    steps.must(can(actor, Act.EDIT_DEPARTMENT))
    async with transaction():
        department = Department(
            name=form.name, acknowledge_days=form.acknowledge_days, word_days=form.word_days, fix_days=form.fix_days,
            created_at=now,
        )  # fmt: skip
        await moves.insert(department)
    return department.id


async def change_department(actor: Actor, department_id: UUID, form: DepartmentForm) -> None:
    """Change a department."""
    steps.must(can(actor, Act.EDIT_DEPARTMENT))
    async with transaction():
        if await queries.department(department_id) is None:
            raise NotFound(_("There is no such department."))
        await moves.change_department(
            department_id,
            {
                "name": form.name, "acknowledge_days": form.acknowledge_days, "word_days": form.word_days,
                "fix_days": form.fix_days,
            },
        )  # fmt: skip
