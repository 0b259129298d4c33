"""A lead suggests that two issues are the same; a coordinator joins them or says why not, and the lead hears of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.issues import actions, pages, queries
from floorday.issues.actions import NoteForm, Said, suggesting, triage
from floorday.issues.queries import IssueRow, suggestions
from floorday.issues.rules import Stage, Stream
from floorday.leavers import actions as leavers
from floorday.people.access import Actor
from floorday.people.tables import Grant
from tests.cast import NOW, Cast, make_cast
from tests.issues.test_actions import post_all
from tests.site import Site

SOON, HOUR, MOST = timedelta(seconds=5), timedelta(hours=1), 8


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def raised(by: Actor, text: str, *, now: datetime = NOW) -> IssueRow:
    team = next(iter(by.teams(*[grant.role for grant in by.grants])))
    noted = await actions.note(by, NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=team), now=now)
    assert noted.issue is not None
    return await queries.issue(None, noted.issue)


async def two(cast: Cast) -> tuple[IssueRow, IssueRow]:
    """Give an issue of Billing, which Ben leads, and one of Claims, of which he sees the face."""
    return await raised(cast.fay, "Refunds wait for a weekly batch"), await raised(cast.cleo, "Refunds take a week")


async def test_an_accepted_one_joins_them_and_the_lead_hears_of_it(cast: Cast) -> None:
    ours, theirs = await two(cast)
    one = await suggesting.suggest(cast.ben, theirs.id, ours.id, "Both wait for the batch of 020 7946 0018", now=NOW)
    assert (one.meant, one.other) == (ours.id, theirs.id), "the own one is kept as such, whichever was named first"
    assert one.word == "Both wait for the batch of [phone number]"
    assert [each.id for each in await suggestions.waiting(cast.eva)] == [one.id]
    assert await suggestions.waiting(cast.ines) == [], "it is not about an issue that she leads"
    assert (await triage.place_all(cast.eva, triage.Snooze((NOW + HOUR * 48).date()), now=NOW, ids=[theirs.id]))[0].done
    stays = await suggesting.accept_suggestion(cast.eva, one.id, now=NOW + HOUR)
    assert (stays.id, (await queries.issue(None, theirs.id)).stage) == (ours.id, Stage.JOINED)
    assert await suggestions.waiting(cast.eva) == []
    assert [each.outcome for each in await suggestions.settled(cast.ben)] == ["joined"]
    with pytest.raises(Refused, match="settled already"):
        await suggesting.accept_suggestion(cast.eva, one.id, now=NOW + HOUR)
    told = await post_all(now=NOW + 2 * HOUR)
    assert "Eva" in told["suggestion_settled", "Ben"]
    assert "followed as FD-1" in told["suggestion_settled", "Ben"]
    assert "take a week" not in told["suggestion_settled", "Ben"], "of the other one the letter says the number alone"


async def test_a_refused_one_leaves_them_two_and_says_why(cast: Cast) -> None:
    ours, theirs = await two(cast)
    one = await suggesting.suggest(cast.ben, ours.id, theirs.id, now=NOW)
    with pytest.raises(BadInput, match="Say why"):
        await suggesting.refuse_suggestion(cast.eva, one.id, " ", now=NOW)
    await suggesting.refuse_suggestion(cast.eva, one.id, "Theirs is the bank's.", now=NOW)
    assert "Theirs is the bank's." in (await post_all(now=NOW + HOUR))["suggestion_settled", "Ben"]
    again = await suggesting.suggest(cast.ben, ours.id, theirs.id, "The bank says no", now=NOW + HOUR)
    assert [each.id for each in await suggestions.waiting(cast.ben)] == [again.id]


async def test_what_was_settled_can_be_undone_and_no_letter_leaves(cast: Cast) -> None:
    ours, theirs = await two(cast)
    one = await suggesting.suggest(cast.ben, ours.id, theirs.id, now=NOW)
    await suggesting.refuse_suggestion(cast.eva, one.id, "No.", now=NOW)
    await suggesting.undo_suggestion(cast.eva, one.id, now=NOW + SOON)
    await suggesting.accept_suggestion(cast.eva, one.id, into=theirs.id, now=NOW + HOUR)
    assert (await queries.issue(None, ours.id)).joined_into == theirs.id
    await suggesting.undo_suggestion(cast.eva, one.id, now=NOW + HOUR + SOON)
    assert (await queries.issue(None, ours.id)).stage is Stage.NEEDS_OWNER
    (waits,) = await suggestions.waiting(cast.eva)
    assert (waits.id, waits.outcome, waits.settled_by, waits.because) == (one.id, "", None, "")
    assert not [name for name, _who in await post_all(now=NOW + 3 * HOUR) if name == "suggestion_settled"]
    await suggesting.accept_suggestion(cast.eva, one.id, now=NOW + 4 * HOUR)
    with pytest.raises(Refused, match="nothing to undo"):
        await suggesting.undo_suggestion(cast.eva, one.id, now=NOW + 5 * HOUR)


async def test_joining_them_in_any_other_way_settles_it_and_undoing_that_opens_it(cast: Cast) -> None:
    ours, theirs = await two(cast)
    third = await raised(cast.fay, "The batch is late")
    await suggesting.suggest(cast.ben, ours.id, theirs.id, now=NOW)
    await actions.join(cast.ines, theirs.id, third.id, now=NOW)
    assert len(await suggestions.waiting(cast.eva)) == 1, "one of the two went elsewhere; the word stands"
    assert [one.other for one in await suggestions.about(cast.eva, third.id)] == [ours.number]
    await actions.join(cast.eva, ours.id, third.id, now=NOW + HOUR)
    assert await suggestions.waiting(cast.eva) == []
    await actions.undo(cast.eva, ours.id, now=NOW + HOUR + SOON)
    assert len(await suggestions.waiting(cast.eva)) == 1
    await actions.join(cast.ben, ours.id, third.id, now=NOW + 2 * HOUR)
    told = await post_all(now=NOW + 3 * HOUR)
    assert "suggestion_settled" not in {name for name, _who in told}, "Ben joined it himself"
    assert (await suggestions.settled(cast.eva))[0].settled_by_name == "Ben Baker"


async def test_who_may_suggest_what_and_to_whom_it_is_shown(cast: Cast) -> None:
    ours, theirs = await two(cast)
    for nobody in (cast.fay, cast.cleo, cast.gus, cast.hana, cast.ann, cast.eva):
        with pytest.raises(Forbidden):
            await suggesting.suggest(nobody, ours.id, theirs.id, now=NOW)
    with pytest.raises(BadInput, match="the same issue"):
        await suggesting.suggest(cast.ben, ours.id, ours.id, now=NOW)
    foreign = await raised(cast.cleo, "The lift is slow")
    with pytest.raises(BadInput, match="your team's"):
        await suggesting.suggest(cast.ben, theirs.id, foreign.id, now=NOW)
    await actions.restrict(cast.eva, foreign.id, restricted=True, now=NOW)
    with pytest.raises(NotFound):
        await suggesting.suggest(cast.ben, ours.id, foreign.id, now=NOW)
    one = await suggesting.suggest(cast.ben, ours.id, theirs.id, now=NOW)
    with pytest.raises(Refused, match="already"):
        await suggesting.suggest(cast.ines, theirs.id, ours.id, now=NOW)
    for nobody in (cast.fay, cast.gus, cast.hana):
        with pytest.raises(Forbidden):
            await suggesting.accept_suggestion(nobody, one.id, now=NOW)
    with pytest.raises(NotFound):
        await suggesting.take_suggestion_back(cast.ines, one.id, now=NOW)
    with pytest.raises(Forbidden):
        await suggesting.accept_suggestion(cast.ben, one.id, now=NOW)
    await suggesting.take_suggestion_back(cast.ben, one.id, now=NOW)
    assert await suggestions.waiting(cast.eva) == []
    await actions.decline(cast.eva, theirs.id, "The law.", now=NOW)
    with pytest.raises(Refused, match="closed"):
        await suggesting.suggest(cast.ben, ours.id, theirs.id, now=NOW)


async def test_whoever_leads_the_team_no_more_hears_nothing(cast: Cast) -> None:
    ours, theirs = await two(cast)
    one = await suggesting.suggest(cast.ben, ours.id, theirs.id, now=NOW)
    await Grant.delete().where(Grant.person == cast.ben.person)
    await suggesting.accept_suggestion(cast.eva, one.id, now=NOW + HOUR)
    assert "suggestion_settled" not in {name for name, _who in await post_all(now=NOW + 2 * HOUR)}


async def test_a_leaver_s_word_stays_and_their_name_goes_when_they_are_erased(cast: Cast) -> None:
    ours, theirs = await two(cast)
    await suggesting.suggest(cast.ben, ours.id, theirs.id, "Ben Baker saw both", now=NOW)
    await leavers.leave(cast.ada, cast.ben.person, [], now=NOW + HOUR, reason="Gone.")
    assert len(await suggestions.waiting(cast.eva)) == 1
    await post_all(now=NOW + 2 * HOUR)
    await leavers.erase(cast.ada, cast.ben.person, typed="Ben Baker", now=NOW + 72 * HOUR)
    (one,) = await suggestions.waiting(cast.eva)
    assert "Baker" not in f"{one.word} {one.by_name}"
    assert one.by_name == "Somebody who left (1)"


async def test_by_pages_from_the_face_to_the_lead_s_letter(cast: Cast) -> None:
    ours, theirs = await two(cast)
    site = Site(pages.router, clock=NOW)
    ben, eva = await site.visitor(cast.ben), await site.visitor(cast.eva)
    face = f"/issues/{theirs.id}"
    assert "It is the same as another one" in (await ben.get(face)).text
    for typed, wrong in (("FD-99", "There is no issue with this number"), (f"FD-{theirs.number}", "the same issue")):
        refused = await ben.post(face, f"{face}/suggestions", same=typed, same_word="As with us")
        assert refused.status_code == 422
        assert wrong in refused.text
        assert "As with us" in refused.text
    done = await ben.post(face, f"{face}/suggestions", same=f"FD-{ours.number}", same_word="As with us")
    assert done.headers["location"] == face
    assert "Ben Baker (Billing) suggests it since" in (await ben.get(face)).text
    assert "suggests it since" not in (await (await site.visitor(cast.fay)).get(f"/issues/{ours.id}")).text
    for path in (f"/triage?at={ours.number}", f"/issues/{ours.id}", f"/issues/{theirs.id}"):
        assert "Ben Baker (Billing) suggests it since" in (await eva.get(path)).text, path
    seen = (await eva.get("/triage/suggestions")).text
    assert "As with us" in seen
    assert "Refunds take a week" in seen
    (where,) = set(re.findall(r'action="(/triage/suggestions/[^"]*)/acceptance"', seen))
    unsaid = await eva.post("/triage/suggestions", f"{where}/refusal", because="")
    assert unsaid.status_code == 422
    assert "whoever suggested it reads the reason" in unsaid.text
    assert (await eva.post("/triage/suggestions", f"{where}/refusal", because="Two banks")).status_code == 303
    after = (await eva.get("/triage/suggestions")).text
    assert "Two banks" in after
    assert f'action="{where}/undo"' in after
    assert (await eva.post("/triage/suggestions", f"{where}/undo")).status_code == 303
    taken = await eva.post("/triage/suggestions", f"{where}/acceptance", into=str(ours.id))
    assert taken.status_code == 303
    assert "one issue now" in (await ben.get("/triage/suggestions")).text
    assert (await ben.post("/triage/suggestions", f"{where}/withdrawal")).status_code == 409


async def test_from_the_queue_in_one_press(cast: Cast) -> None:
    ours, theirs = await two(cast)
    ben = await Site(pages.router, clock=NOW).visitor(cast.ben)
    queue = f"/triage?at={ours.number}"
    assert f'name="same" value="FD-{theirs.number}"' in (await ben.get(queue)).text
    done = await ben.post(queue, f"/issues/{ours.id}/suggestions", same=f"FD-{theirs.number}", back=queue)
    assert done.headers["location"] == queue
    seen = (await ben.get(queue)).text
    assert "/withdrawal" in seen, "it can be undone"
    assert f'name="same" value="FD-{theirs.number}"' not in seen, "nor is it offered twice"
    assert "suggests it since" in seen


async def test_as_many_queries_for_many_as_for_one(cast: Cast, queries: Callable[[], Any]) -> None:
    site = Site(pages.router, clock=NOW)
    eva, ben = await site.visitor(cast.eva), await site.visitor(cast.ben)
    for n in range(6):
        ours, theirs = await raised(cast.fay, f"Refunds wait {n}"), await raised(cast.cleo, f"Refunds late {n}")
        await suggesting.suggest(cast.ben, ours.id, theirs.id, now=NOW)
        for visitor in (eva, ben):
            for path in ("/triage/suggestions", f"/triage?at={ours.number}", f"/issues/{ours.id}",
                         f"/issues/{theirs.id}"):  # fmt: skip
                with queries() as seen:
                    assert (await visitor.get(path)).status_code == 200
                assert len(seen) <= MOST, path
