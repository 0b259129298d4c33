"""The pages of a note that names somebody: said by its readers, put right by a coordinator, undone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import pytest

from floorday import config
from floorday.issues import actions, pages, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Stream
from floorday.today import pages as today
from tests.cast import Cast, make_cast
from tests.site import Site

TEXT = "Gus Grant in Billing never picks up"


class Told(NamedTuple):
    """A note of Fay's that names Gus."""

    cast: Cast
    site: Site
    note: UUID
    issue: UUID


@pytest.fixture
async def told(database: object) -> Told:
    now: datetime = config.now().replace(microsecond=0)
    cast = await make_cast(now)
    form = NoteForm(text=Said(TEXT), stream=Stream.STAFF_TOLD, team=cast.billing)
    noted = await actions.note(cast.fay, form, now=now)
    assert noted.issue is not None
    return Told(cast, Site(pages.router, today.router, clock=now), noted.note, noted.issue)


async def test_from_it_names_somebody_to_masked_and_back(told: Told) -> None:
    page, own = f"/issues/{told.issue}", f"/notes/{told.note}"
    ben, eva = await told.site.visitor(told.cast.ben), await told.site.visitor(told.cast.eva)
    assert f'action="{own}/reports"' in (await ben.get(page)).text
    done = await ben.post(page, f"{own}/reports", word="That is a person", back=page)
    assert (done.status_code, done.headers["location"]) == (303, page)
    assert "/notes/reported" in (await eva.get("/today")).text
    listed = (await eva.get("/notes/reported")).text
    assert TEXT in listed
    assert "Look at it" in listed
    shown = (await eva.get(f"{own}/reported")).text
    assert "Ben Baker" in shown
    assert 'value="Gus" checked' in shown, "names that somebody here has are ticked already"
    wrong = await eva.post(f"{own}/reported", f"{own}/masking", others="Nobody")
    assert wrong.status_code == 422
    assert "does not stand in this note" in wrong.text
    assert (await eva.post(f"{own}/reported", f"{own}/masking", words=["Gus", "Grant"])).status_code == 303
    read = (await ben.get(page)).text
    assert "[a colleague] [a colleague] in Billing" in read
    assert "masked words of a note" in read
    assert "Gus" not in read
    assert 'value="colleague"' not in (await eva.get(f"{own}/reported")).text, "what is masked is nothing to mask"
    assert "/notes/reported" not in (await eva.get("/today")).text
    assert (await eva.post(f"{own}/reported", f"{own}/reported/undo")).status_code == 303
    assert TEXT in (await ben.get(page)).text


async def test_a_restricted_note_says_so_and_its_reporter_still_reads_it(told: Told) -> None:
    page, own = f"/issues/{told.issue}", f"/notes/{told.note}"
    ben, eva, fay = [await told.site.visitor(one) for one in (told.cast.ben, told.cast.eva, told.cast.fay)]
    await ben.post(page, f"{own}/reports", back=page)
    assert (await eva.post(f"{own}/reported", f"{own}/restriction", restricted="on")).status_code == 303
    read = (await ben.get(page)).text
    assert "A note here is restricted." in read
    assert "Gus" not in read
    assert TEXT in (await fay.get(page)).text
    assert (await eva.post(f"{own}/reported", f"{own}/restriction")).status_code == 303
    assert TEXT in (await ben.get(page)).text


async def test_who_said_so_by_mistake_takes_it_back(told: Told) -> None:
    page, own = f"/issues/{told.issue}", f"/notes/{told.note}"
    ben = await told.site.visitor(told.cast.ben)
    await ben.post(page, f"{own}/reports", back=page)
    assert (await ben.post(page, f"{own}/reports/withdrawal", back=page)).status_code == 303
    assert not await queries.reported.reported()


@pytest.mark.parametrize("count", [1, 4])
async def test_the_list_costs_the_same_for_one_and_for_many(
    told: Told, queries: Callable[[], AbstractContextManager[list[str]]], count: int
) -> None:
    for _n in range(count - 1):
        form = NoteForm(text=Said(TEXT), stream=Stream.STAFF_TOLD, team=told.cast.billing)
        noted = await actions.note(told.cast.fay, form, now=told.site.clock)
        await actions.reporting.report_note(told.cast.ben, noted.note, now=told.site.clock)
    await actions.reporting.report_note(told.cast.ben, told.note, now=told.site.clock)
    eva = await told.site.visitor(told.cast.eva)
    for page in ("/notes/reported", f"/notes/{told.note}/reported"):
        with queries() as seen:
            assert (await eva.get(page)).status_code == 200
        assert len(seen) <= 8, seen
