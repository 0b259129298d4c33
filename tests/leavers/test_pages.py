"""The pages of those who leave: shown at one and at many rows, and done."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from floorday import config
from floorday.issues import actions as issues
from floorday.issues import queries as issue_queries
from floorday.leavers import actions, api, pages
from floorday.people import pages as people_pages
from floorday.people import queries as people
from floorday.people.access import Actor
from tests.cast import Cast, a_booking, a_shift, make_cast
from tests.leavers.test_leaving import an_issue
from tests.site import Site, Visitor

MOST = 8


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


@pytest.fixture
def site(database: object) -> Site:
    from tests.cast import NOW

    return Site(pages.router, people_pages.router, clock=NOW)


@pytest.fixture
async def eva(site: Site, cast: Cast) -> Visitor:
    return await site.visitor(cast.eva)


def choices(html: str) -> list[str]:
    """What a browser would send of the page's selects as they stand."""
    found: list[str] = []
    for options in re.findall(r'<select[^>]* name="goes"[^>]*>(.*?)</select>', html, re.DOTALL):
        picked = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        assert picked is not None
        found.append(picked[1])
    return found


async def test_the_page_proposes_and_takes_the_proposal(eva: Visitor, cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    issue = await an_issue(cast)
    path = f"/settings/people/{cast.ann.person}/leaving"
    shown = (await eva.get(path)).text
    assert "It is slow" in shown
    assert "Max Moor" in shown
    assert "1 day is cancelled" in shown
    done = await eva.post(path, path, goes=choices(shown), reason="")
    assert done.status_code == 303
    assert (await issue_queries.issue(None, issue)).sponsor == cast.max.person
    page = await eva.get(done.headers["location"])
    assert "Ann Archer has left. 1 thing is handed over, 1 day is cancelled." in page.text
    assert str(booking.id) not in page.text


async def test_a_page_of_somebody_who_left_leads_to_what_became_of_them(eva: Visitor, cast: Cast) -> None:
    path = f"/settings/people/{cast.max.person}"
    assert (await eva.get(f"{path}/gone")).headers["location"] == path
    await actions.leave(cast.eva, cast.max.person, [], now=config.now())
    assert (await eva.get(path)).headers["location"] == f"{path}/gone"
    assert "Max Moor" in (await eva.get("/settings/people/gone")).text
    back = await eva.post(f"{path}/gone", f"{path}/return")
    assert back.headers["location"] == path
    card = await people.person(cast.max.person)
    assert card is not None
    assert card.left_at is None


async def test_a_choice_that_does_not_fit_is_said_at_its_row(eva: Visitor, cast: Cast) -> None:
    issue = await an_issue(cast)
    path = f"/settings/people/{cast.ann.person}/leaving"
    wrong = await eva.post(path, path, goes=[f"sponsors/{issue}/{cast.gus.person}"])
    assert wrong.status_code == 422
    assert f'id="f-sponsors/{issue}-error"' in wrong.text
    broken = await eva.post(path, path, goes=["eats/all/x"])
    assert broken.status_code == 422


async def test_nobody_else_can_take_an_issue_and_the_page_says_so(eva: Visitor, cast: Cast) -> None:
    await an_issue(cast)
    path = f"/settings/people/{cast.gus.person}/leaving"
    refused = await eva.post(path, path, goes=choices((await eva.get(path)).text))
    assert refused.status_code == 422
    assert "Give somebody the role of an owner first" in refused.text


async def many(cast: Cast, n: int) -> None:
    for place in range(n):
        shift = await a_shift(cast, days=20 + place)
        await a_booking(cast, shift=shift)
        await an_issue(cast)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("who", ["ann", "fay", "gus", "ben", "dan"])
async def test_the_page_costs_the_same_at_one_and_at_many_rows(
    eva: Visitor, cast: Cast, queries: Callable[[], AbstractContextManager[list[str]]], rows: int, who: str
) -> None:
    await many(cast, rows)
    person: Actor = cast.everybody()[who]
    for page in ("leaving", "erasure"):
        with queries() as seen:
            await eva.get(f"/settings/people/{person.person}/{page}")
        assert len(seen) <= MOST, seen
    with queries() as seen:
        assert (await eva.get("/settings/people/gone")).status_code == 200
    assert len(seen) <= MOST, seen


async def test_erasing_asks_for_the_name_and_lists_what_a_person_must_look_at(eva: Visitor, cast: Cast) -> None:
    issue = await an_issue(cast)
    await issues.retitle(cast.eva, issue, "Archer waits for a batch", (await issue_queries.issue(None, issue)).kind,
                         now=config.now())  # fmt: skip
    path = f"/settings/people/{cast.ann.person}/erasure"
    assert "They are still here" in (await eva.get(path)).text
    await actions.leave(cast.eva, cast.ann.person, [], now=config.now())
    shown = (await eva.get(path)).text
    assert "Archer waits for a batch" in shown
    assert f"/issues/{issue}" in shown
    for typed in ("", "Ann", "Max Moor"):
        assert (await eva.post(path, path, name=typed)).status_code == 422
    done = await eva.post(path, path, name="  ann   archer ")
    assert done.status_code == 303, done.text
    gone = (await eva.get(done.headers["location"])).text
    assert "Somebody who left (1)" in gone
    assert f"/issues/{issue}" in gone
    assert "Ann" not in gone
    assert (await eva.post(path, path, name="Somebody who left (1)")).status_code == 409


def test_the_api_has_one_path() -> None:
    assert {route.path for route in Site(api.router).app.routes if "leaving" in route.path} == {
        "/api/v1/people/{person_id:uuid}/leaving"}  # fmt: skip
