"""The sponsor's call, and what comes back a third time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floorday.errors import BadInput, Forbidden, Refused
from floorday.issues import actions, pages, queries
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Resolution, Verdict
from tests.cast import NOW, Cast, make_cast
from tests.issues.test_actions import letters, owned, post_all, words
from tests.site import Site

HOUR = timedelta(hours=1)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def sponsored(cast: Cast) -> IssueRow:
    return await actions.sponsor(cast.eva, (await owned(cast)).id, cast.ann.person, now=NOW)


async def test_the_call_stands_in_the_history_and_goes_to_the_owner(cast: Cast) -> None:
    issue = await sponsored(cast)
    ann = await Site(pages.router, clock=NOW).visitor(cast.ann)
    page = await ann.get(f"/issues/{issue.id}")
    assert "I can unblock this" in page.text
    said = "Called the bank; they change it on Monday."
    await ann.post(f"/issues/{issue.id}", f"/issues/{issue.id}/calls", call=said)
    assert (await words(issue, cast.gus))[-1] == "unblocked"
    told = await post_all(now=NOW + HOUR)
    assert "they change it on Monday" in told["sponsor_called", "Gus"]
    assert (await queries.issue(None, issue.id)).last_word_at == issue.last_word_at


async def test_only_who_answers_for_it_says_so(cast: Cast) -> None:
    issue = await sponsored(cast)
    for somebody in (cast.fay, cast.gus, cast.eva, cast.max):
        with pytest.raises((Forbidden, Refused)):
            await actions.unblock(somebody, issue.id, "Called.", now=NOW)
    with pytest.raises(BadInput, match="whom you called"):
        await actions.unblock(cast.ann, issue.id, "  ", now=NOW)
    await actions.unblock(cast.hana, issue.id, "Called.", now=NOW)
    await actions.decline(cast.eva, issue.id, "Not ours.", now=NOW)
    with pytest.raises(Refused, match="closed"):
        await actions.unblock(cast.ann, issue.id, "Called.", now=NOW)


async def test_the_third_return_goes_to_the_head_of_service(cast: Cast) -> None:
    issue = await sponsored(cast)
    for day in range(4):
        now = NOW + timedelta(days=day)
        await actions.resolve(cast.gus, issue.id, Resolution.EVERYBODY, "Done.", now=now)
        await actions.verdict(cast.fay, issue.id, Verdict.FIXED, now=now + HOUR)
        await actions.again((cast.cleo, cast.ben, cast.ines, cast.eva)[day], issue.id, "Back.", now=now + 2 * HOUR)
    told = [one for one in await letters(issue) if one[0] == "returned_again"]
    assert told == [("returned_again", "Ann"), ("returned_again", "Hana")]
    assert len(await queries.returns(issue.id)) == 4


async def test_a_decision_says_the_price_of_each_answer(cast: Cast) -> None:
    issue = await sponsored(cast)
    gus = await Site(pages.router, clock=NOW).visitor(cast.gus)
    await gus.post(f"/issues/{issue.id}", f"/issues/{issue.id}/questions", question="May the batch run daily?",
                   yes_price="400 a month at the bank", no_price="11 hours a month on the floor")
    assert (await queries.issue(None, issue.id)).question == (
        "May the batch run daily?\nA yes costs: 400 a month at the bank\nA no costs: 11 hours a month on the floor")
    told = await post_all(now=NOW + HOUR)
    assert "A no costs: 11 hours a month on the floor" in told["decision_asked", "Ann"]


async def test_what_was_learnt_is_told_with_what_was_done(cast: Cast) -> None:
    issue = await sponsored(cast)
    gus = await Site(pages.router, clock=NOW).visitor(cast.gus)
    page = f"/issues/{issue.id}"
    await gus.post(page, f"{page}/resolution", how="everybody", done="It runs daily.", learnt="Ask the bank first.")
    told = await post_all(now=NOW + HOUR)
    assert "What we learnt: Ask the bank first." in told["verdict_asked", "Fay"]
