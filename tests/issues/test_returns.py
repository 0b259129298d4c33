"""What comes back: how often, after how many days, and in which team; on the issue, in lists, for programs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floorday.issues import actions, api, pages, queries
from floorday.issues.queries import Filters, IssueRow
from floorday.issues.queries.rows import Back
from floorday.issues.rules import Resolution, Verdict
from floorday.issues.tables import IssueEvent
from tests.api.house import program
from tests.cast import NOW, Cast, make_cast
from tests.issues.test_actions import resolved
from tests.site import Site

DAY = timedelta(days=1)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


@pytest.fixture
def site(cast: Cast) -> Site:
    return Site(pages.router, api.router, clock=NOW + 40 * DAY)


async def twice_back(cast: Cast) -> IssueRow:
    """Fixed, back after twelve days in Claims, fixed, back on the same day from a manager of no team."""
    issue = await resolved(cast)
    await actions.verdict(cast.fay, issue.id, Verdict.FIXED, now=NOW + DAY)
    await actions.again(cast.cleo, issue.id, "With us too.", now=NOW + 12 * DAY + timedelta(hours=1))
    await actions.resolve(cast.gus, issue.id, Resolution.HERE, "Again.", now=NOW + 20 * DAY)
    await actions.verdict(cast.fay, issue.id, Verdict.FIXED, now=NOW + 20 * DAY + timedelta(hours=1))
    await actions.again(cast.max, issue.id, "I saw it.", now=NOW + 20 * DAY + timedelta(hours=2))
    return await queries.issue(None, issue.id)


def told(row: IssueRow) -> list[tuple[int | None, str]]:
    return [(one.days, one.team_name) for one in row.backs]


async def test_lists_and_the_issue_itself_tell_the_same(cast: Cast) -> None:
    issue = await twice_back(cast)
    assert told(issue) == [(12, "Claims"), (0, "")]
    assert issue.returns == 2
    (listed,) = await queries.board(cast.eva, Filters())
    opened = (await queries.opened(cast.eva, issue.id)).issue
    assert told(listed) == told(opened) == told(issue)
    assert [line.days for line in await queries.history(cast.eva, issue) if line.what == "returned"] == [12, 0]


async def test_the_team_that_met_it_stands_in_its_line(cast: Cast) -> None:
    issue = await twice_back(cast)
    await IssueEvent.update({IssueEvent.other: cast.billing}).where(IssueEvent.what == "returned")
    assert told(await queries.issue(None, issue.id)) == [(12, "Billing"), (0, "Billing")]
    seen = await actions.again(cast.ben, (await closed_again(cast, issue)).id, "Here.", now=NOW + 31 * DAY)
    assert told(seen)[-1] == (1, "Billing"), "their own, where the issue is of it"


async def closed_again(cast: Cast, issue: IssueRow) -> IssueRow:
    return await actions.decline(cast.eva, issue.id, "No.", now=NOW + 30 * DAY)


async def test_the_face_tells_nothing_of_it(cast: Cast) -> None:
    issue = await twice_back(cast)
    listed = await queries.board(cast.ines, Filters())
    for face in (await queries.issue(cast.ines, issue.id), (await queries.opened(cast.ines, issue.id)).issue, *listed):
        assert (face.whole, face.backs, face.returns) == (False, (), 0)


async def test_the_pages_say_it(site: Site, cast: Cast) -> None:
    issue = await twice_back(cast)
    eva = await site.visitor(cast.eva)
    page = (await eva.get(f"/issues/{issue.id}")).text
    assert '<span class="tag">came back 2 times</span>' in page
    assert "<dd>after 12 days in Claims; on the same day</dd>" in page
    assert "said that it is back, after 12 days in Claims" in page
    assert "came back 2 times: after 12 days in Claims; on the same day" in (await eva.get("/issues?view=list")).text
    assert "back 2×" in (await eva.get("/issues")).text
    sheet = (await eva.get("/issues?view=list&as=csv")).text
    assert "after 12 days in Claims; on the same day" in sheet
    shown = (await (await program(cast.eva)).get("/issues")).json()["items"][0]
    assert shown["returns"] == 2
    assert [(one["days"], one["team_name"]) for one in shown["came_back"]] == [(12, "Claims"), (0, None)]


def test_nothing_tells_how_long_it_was_closed() -> None:
    assert Back(NOW, None, "Claims").days is None
    assert pages.words.back(None, "Claims") == "in Claims"
    assert pages.words.back(1, "") == "after 1 day"
