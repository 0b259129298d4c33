"""People, roles, teams, departments: who may change them, and what must be said twice nowhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from floorday.db.text import dec_hook
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.people import actions, queries
from floorday.people.access import Actor, Role
from floorday.people.actions import DepartmentForm, PersonForm, TeamForm
from floorday.web.session import digest


def typed(kind: Any) -> Any:
    """Make a form the way a page does: from what was typed."""
    return lambda **values: msgspec.convert(values, kind, dec_hook=dec_hook)


person_form, team_form, department_form = typed(PersonForm), typed(TeamForm), typed(DepartmentForm)
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
async def eva(database: object) -> Actor:
    """The first person: admin and coordinator."""
    person = await actions.first_person("Eva Ek", "eva@floorday.example", zone="Europe/London", now=NOW)
    actor = await queries.actor(person)
    assert actor is not None
    return actor


async def add(eva: Actor, name: str, *roles: Role) -> Actor:
    person = await actions.add_person(eva, person_form(name=name, email=f"{name.lower()}@floorday.example"), now=NOW)
    for role in roles:
        await actions.give_role(eva, person, role, now=NOW)
    actor = await queries.actor(person)
    assert actor is not None
    return actor


async def test_the_first_person_is_made_once(eva: Actor) -> None:
    assert eva.has(Role.ADMIN)
    assert eva.has(Role.COORDINATOR)
    with pytest.raises(Refused):
        await actions.first_person("Mallory", "m@floorday.example", zone="Europe/London", now=NOW)


async def test_an_address_belongs_to_one_person(eva: Actor) -> None:
    ann = await add(eva, "Ann", Role.MANAGER)
    with pytest.raises(BadInput) as twice:
        await actions.add_person(eva, person_form(name="Another", email="ann@floorday.example"), now=NOW)
    assert "email" in twice.value.fields
    await actions.add_alias(eva, ann.person, "a.archer@floorday.example", now=NOW)
    with pytest.raises(BadInput):
        await actions.add_person(eva, person_form(name="Another", email="a.archer@floorday.example"), now=NOW)
    found = await queries.by_address("A.Archer@floorday.example")
    assert found is not None
    assert found.id == ann.person


async def test_a_manager_changes_the_own_profile_and_nobody_elses(eva: Actor) -> None:
    ann, cleo = await add(eva, "Ann", Role.MANAGER), await add(eva, "Cleo", Role.MANAGER)
    form = person_form(name="Ann Archer", email="ann@floorday.example", zone="Europe/Stockholm")
    await actions.change_person(ann, ann.person, form, now=NOW)
    changed = await queries.person(ann.person)
    assert changed is not None
    assert (changed.name, changed.zone) == ("Ann Archer", "Europe/Stockholm")
    with pytest.raises(Forbidden):
        await actions.change_person(cleo, ann.person, form, now=NOW)
    with pytest.raises(Forbidden):
        await actions.change_person(ann, ann.person, person_form(name="Ann", email="x@floorday.example"), now=NOW)


async def test_nobody_promotes_themselves(eva: Actor) -> None:
    with pytest.raises(Forbidden):
        await actions.give_role(eva, eva.person, Role.HEAD_OF_SERVICE, now=NOW)


async def test_a_coordinator_gives_no_high_role(eva: Actor) -> None:
    cora, ann = await add(eva, "Cora", Role.COORDINATOR), await add(eva, "Ann")
    await actions.give_role(cora, ann.person, Role.MANAGER, now=NOW)
    with pytest.raises(Forbidden):
        await actions.give_role(cora, ann.person, Role.ADMIN, now=NOW)


async def test_a_coordinator_does_not_take_over_an_admins_address(eva: Actor) -> None:
    cora = await add(eva, "Cora", Role.COORDINATOR)
    with pytest.raises(Forbidden):
        await actions.change_person(cora, eva.person, person_form(name="Eva", email="cora2@floorday.example"), now=NOW)


async def test_taking_a_role_away_ends_sessions(eva: Actor) -> None:
    ann = await add(eva, "Ann", Role.MANAGER)
    signed_in = await actions.open_session(ann.person, now=NOW)
    held = await queries.grants(ann.person)
    await actions.take_role(eva, held[0].id, now=NOW)
    assert await actions.load_session(digest(signed_in.token), now=NOW) is None
    with pytest.raises(NotFound):
        await actions.take_role(eva, held[0].id, now=NOW)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.LEAD, Role.OWNER, Role.HEAD_OF_DEPARTMENT])
async def test_a_role_with_a_scope_needs_it(eva: Actor, role: Role) -> None:
    ann = await add(eva, "Ann")
    with pytest.raises(BadInput):
        await actions.give_role(eva, ann.person, role, now=NOW)


async def test_a_role_is_given_once(eva: Actor) -> None:
    ann = await add(eva, "Ann", Role.MANAGER)
    with pytest.raises(BadInput, match="already"):
        await actions.give_role(eva, ann.person, Role.MANAGER, now=NOW)


async def test_a_team_member_is_seen_as_one(eva: Actor) -> None:
    ben = await add(eva, "Ben")
    team = await actions.add_team(eva, team_form(name="Billing, Leeds", zone="Europe/London"), now=NOW)
    await actions.give_role(eva, ben.person, Role.LEAD, team=team, now=NOW)
    actor = await queries.actor(ben.person)
    assert actor is not None
    assert actor.teams(Role.LEAD) == {team}
    assert [card.name for card in await queries.with_role(Role.LEAD, team=team)] == ["Ben"]


async def test_names_of_teams_and_departments_are_unique(eva: Actor) -> None:
    await actions.add_team(eva, team_form(name="Billing"), now=NOW)
    with pytest.raises(BadInput) as twice:
        await actions.add_team(eva, team_form(name="Billing"), now=NOW)
    assert "name" in twice.value.fields
    await actions.add_department(eva, department_form(name="IT", word_days=10), now=NOW)
    with pytest.raises(BadInput):
        await actions.add_department(eva, department_form(name="IT"), now=NOW)


async def test_an_assistant_acts_for_the_manager_until_it_ends(eva: Actor) -> None:
    ann, dan = await add(eva, "Ann", Role.MANAGER), await add(eva, "Dan")
    await actions.add_assistant(eva, dan.person, ann.person, now=NOW)
    actor = await queries.actor(dan.person)
    assert actor is not None
    assert actor.assists == {ann.person}
    assert actor.only_assists
    pair = (await queries.pairs(assistant=dan.person))[0]
    await actions.drop_assistant(eva, pair.id, now=NOW)
    actor = await queries.actor(dan.person)
    assert actor is not None
    assert actor.assists == frozenset()
    with pytest.raises(BadInput):
        await actions.add_assistant(eva, ann.person, ann.person, now=NOW)
