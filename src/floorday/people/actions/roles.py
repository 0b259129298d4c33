"""Roles, and who answers for whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from floorday.db import transaction
from floorday.errors import BadInput, NotFound
from floorday.people import moves, queries
from floorday.people.access import Act, Actor, Granting, Role, can
from floorday.people.actions import steps
from floorday.people.tables import Assists, Grant
from floorday.render.words import gettext as _

TEAM_SCOPED = frozenset({Role.LEAD, Role.MEMBER})
DEPARTMENT_SCOPED = frozenset({Role.OWNER, Role.HEAD_OF_DEPARTMENT})


async def give_role(
    actor: Actor,
    person_id: UUID,
    role: Role,
    *,
    team: UUID | None = None,
    department: UUID | None = None,
    now: datetime,
) -> None:
    """Give a role, for a team or a department where the role has a scope."""
    steps.must(can(actor, Act.GRANT, Granting(person_id, role)), _("You may not give this role."))
    _scope_fits(role, team, department)
    async with transaction():
        await steps.person(person_id)
        await moves.still_here(person_id)
        if team is not None and await queries.team(team) is None:
            raise BadInput(_("Pick a team."), fields={"team": _("Pick a team.")})
        if department is not None and await queries.department(department) is None:
            raise BadInput(_("Pick a department."), fields={"department": _("Pick a department.")})
        await moves.insert(
            Grant(
                person=person_id, role=role, team=team, department=department, granted_at=now, granted_by=actor.person
            )
        )


def _scope_fits(role: Role, team: UUID | None, department: UUID | None) -> None:
    if role in TEAM_SCOPED and team is None:
        missing = _("Pick the team this is for.")
        raise BadInput(missing, fields={"team": missing})
    if role in DEPARTMENT_SCOPED and department is None:
        raise BadInput(
            _("Pick the department this is for."), fields={"department": _("Pick the department this is for.")}
        )
    if (team is not None and role not in TEAM_SCOPED) or (department is not None and role not in DEPARTMENT_SCOPED):
        raise BadInput(_("This role is for the whole company; leave team and department empty."))


async def take_role(actor: Actor, grant_id: UUID, *, now: datetime) -> None:
    """Take a role away; with it end that person's sessions and tokens, and the screens and desks they answer for."""
    async with transaction():
        held = await queries.grant(grant_id)
        if held is None:
            raise NotFound(_("This role was taken away already."))
        steps.must(can(actor, Act.GRANT, Granting(held.person, held.role)), _("You may not take this role away."))
        await moves.drop_grant(grant_id)
        if held.role is Role.ASSISTANT:
            await moves.drop_assistant(held.person)
        await moves.end_sessions(held.person, now=now)
        await moves.end_devices(held.person, now=now)


async def add_assistant(actor: Actor, assistant: UUID, manager: UUID, *, now: datetime) -> None:
    """Let somebody answer for a manager; that is a role, so nobody gives it to themselves."""
    steps.must(can(actor, Act.GRANT, Granting(assistant, Role.ASSISTANT)), _("You may not give this role."))
    if assistant == manager:
        raise BadInput(_("Nobody assists themselves."), fields={"manager": _("Nobody assists themselves.")})
    async with transaction():
        for one in sorted((assistant, manager)):
            await steps.person(one)
            await moves.still_here(one)
        await moves.insert(Assists(assistant=assistant, manager=manager, since=now))
        roles = {held.role for held in await queries.grants(assistant)}
        if Role.ASSISTANT not in roles:
            await moves.insert(Grant(person=assistant, role=Role.ASSISTANT, granted_at=now, granted_by=actor.person))


async def drop_assistant(actor: Actor, pair_id: UUID, *, now: datetime) -> None:
    """End that; the assistant's sessions end with it."""
    steps.must(can(actor, Act.EDIT_PEOPLE))
    async with transaction():
        for pair in await queries.pairs():
            if pair.id == pair_id:
                await moves.drop_assists(pair_id)
                await moves.end_sessions(pair.assistant, now=now)
                return
    raise NotFound(_("They no longer assist this manager."))
