"""The two hard ones stand on the company's month, for its readers alone, and on no other cut."""

from __future__ import annotations

from datetime import datetime

import pytest

from floorday import config
from floorday.issues import actions
from floorday.issues.actions import NoteForm, Said
from floorday.issues.actions.steps import today
from floorday.issues.rules import Effort, Stream
from floorday.summaries import pages
from tests.cast import Cast, make_cast
from tests.site import Site


@pytest.fixture
def now() -> datetime:
    return config.now().replace(microsecond=0)


@pytest.fixture
async def cast(database: object, now: datetime) -> Cast:
    return await make_cast(now)


async def test_the_months_hard_ones_stand_below_its_figures(cast: Cast, now: datetime) -> None:
    noted = await actions.note(cast.fay, NoteForm(
        text=Said("Two tools, two dates"), stream=Stream.STAFF_TOLD, team=cast.billing), now=now)
    assert noted.issue is not None
    await actions.sponsor(cast.eva, noted.issue, cast.ann.person, now=now)
    await actions.measure(cast.eva, noted.issue, minutes_per_case=6, cases_per_month=400, effort=Effort.LARGE, now=now)
    month = f"{today(now):%Y-%m}"
    site = Site(pages.router, clock=now)
    hana = await site.visitor(cast.hana)
    before = await hana.get(f"/summary/{month}")
    assert before.status_code == 200
    assert "kept in sight" not in before.text
    await actions.pick_hard_one(cast.hana, month, noted.issue, now=now)
    seen = (await hana.get(f"/summary/{month}")).text
    assert "Two hard ones, kept in sight" in seen
    assert "Ann Archer answers for it" in seen
    of_max = (await (await site.visitor(cast.max)).get(f"/summary/{month}")).text
    assert "Two tools, two dates" in of_max
    assert "Ann Archer answers" not in of_max, "of a face nobody learns who answers for it"
    assert "kept in sight" not in (await hana.get(f"/summary/team/{cast.billing}/{month}")).text
    await actions.restrict(cast.eva, noted.issue, restricted=True, now=now)
    assert "Two tools" not in (await (await site.visitor(cast.max)).get(f"/summary/{month}")).text
