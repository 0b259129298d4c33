"""External ids: what another program calls a person, a team, a department, so that it finds its own rows here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.db import transaction
from floorday.errors import NotFound
from floorday.people import moves, queries
from floorday.people.access import Act, Actor, can
from floorday.people.actions import steps
from floorday.people.actions.persons import PersonForm, add_person, change_person
from floorday.people.actions.places import (
    DepartmentForm,
    TeamForm,
    add_department,
    add_team,
    change_department,
    change_team,
)
from floorday.people.tables import Department, Person, Team
from floorday.render.words import gettext as _


async def match_person(actor: Actor, person_id: UUID, external_id: str | None) -> None:
    """Keep what another program calls somebody; None takes it away."""
    steps.must(can(actor, Act.EDIT_PEOPLE))
    async with transaction():
        await steps.person(person_id)
        await moves.match(Person, person_id, external_id)


async def match_team(actor: Actor, team_id: UUID, external_id: str | None) -> None:
    """Keep what another program calls a team; None takes it away."""
    steps.must(can(actor, Act.EDIT_TEAM))
    async with transaction():
        if await queries.team(team_id) is None:
            raise NotFound(_("There is no such team."))
        await moves.match(Team, team_id, external_id)


async def match_department(actor: Actor, department_id: UUID, external_id: str | None) -> None:
    """Keep what another program calls a department; None takes it away."""
    steps.must(can(actor, Act.EDIT_DEPARTMENT))
    async with transaction():
        if await queries.department(department_id) is None:
            raise NotFound(_("There is no such department."))
        await moves.match(Department, department_id, external_id)


async def keep_person(actor: Actor, external_id: str, form: PersonForm, *, now: datetime) -> tuple[UUID, bool]:
    """Say anew what is said of whom another program calls so; add them (True) where nobody is called so yet."""
    steps.must(can(actor, Act.EDIT_PEOPLE))
    async with transaction():
        await moves.match_in_turn(external_id)
        if known := await queries.listed_people(actor, external_id=external_id):
            await change_person(actor, known[0].id, form, now=now)
            return known[0].id, False
        person_id = await add_person(actor, form, now=now)
        await moves.match(Person, person_id, external_id)
    return person_id, True


async def keep_team(actor: Actor, external_id: str, form: TeamForm, *, now: datetime) -> tuple[UUID, bool]:
    """Say anew what is said of the team that another program calls so; add it (True) where there is none yet."""
    steps.must(can(actor, Act.EDIT_TEAM))
    async with transaction():
        await moves.match_in_turn(external_id)
        if known := await queries.listed_teams(external_id=external_id):
            await change_team(actor, known[0].id, form)
            return known[0].id, False
        team_id = await add_team(actor, form, now=now)
        await moves.match(Team, team_id, external_id)
    return team_id, True


async def keep_department(
    actor: Actor, external_id: str, form: DepartmentForm, *, now: datetime
) -> tuple[UUID, bool]:
    """Say anew what is said of the department that another program calls so; add it (True) where there is none yet."""
    steps.must(can(actor, Act.EDIT_DEPARTMENT))
    async with transaction():
        await moves.match_in_turn(external_id)
        if known := await queries.listed_departments(external_id=external_id):
            await change_department(actor, known[0].id, form)
            return known[0].id, False
        department_id = await add_department(actor, form, now=now)
        await moves.match(Department, department_id, external_id)
    return department_id, True
