"""A list that was downloaded can be imported again: as it stands it changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from floorday import config
from floorday.people import pages
from floorday.people.tables import Department, Person, Team
from floorday.setup import actions
from floorday.setup.rules.columns import Subject
from tests.cast import make_cast
from tests.site import Site

HOSTILE = "=1+1 & Sons; 'quoted'"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("subject", Subject)
async def test_what_was_downloaded_and_not_edited_changes_nothing(database: Any, subject: Subject, form: str) -> None:
    now = config.now()
    cast = await make_cast(now)
    await Person.update({Person.name: "=Max", Person.job_title: "-Chief", Person.phone: "+44 113 496 0001"}).where(
        Person.id == cast.max.person)  # fmt: skip
    await Team.insert(Team(name="@Moves", place=HOSTILE, created_at=now))
    await Department.insert(Department(name="+Legal", acknowledge_days=0, created_at=now))
    answer = await (await Site(pages.router).visitor(cast.eva)).get(f"/settings/{subject}?as={form}")
    assert answer.status_code == 200
    sheet = await actions.upload(cast.eva, subject, f"list.{form}", answer.content, now=now)
    plan = (await actions.look(cast.eva, sheet)).plan
    assert plan is not None
    assert (plan.new, plan.changed, plan.faults, plan.unknown) == ((), (), (), ("Link",))
    assert plan.same == {Subject.PEOPLE: 11, Subject.TEAMS: 3, Subject.DEPARTMENTS: 2}[subject]
