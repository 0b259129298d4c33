"""The page of what waits for a place: who sees what, what its buttons do, and what somebody else's speed does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from floorday import config
from floorday.issues import actions, pages, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Kind, Naming, Stage, Stream
from floorday.people.access import Actor
from floorday.people.tables import Department
from tests.cast import Cast, make_cast
from tests.doors.house import caller
from tests.site import Site, Visitor, whole_app

MOST = 8


@pytest.fixture
def now() -> datetime:
    return config.now().replace(microsecond=0)


@pytest.fixture
async def cast(database: object, now: datetime) -> Cast:
    return await make_cast(now)


@pytest.fixture
def site(cast: Cast, now: datetime) -> Site:
    return Site(pages.router, clock=now)


async def raised(
    cast: Cast, now: datetime, text: str = "Refunds wait for a weekly batch.", *, by: Actor | None = None,
    team: UUID | None = None, kind: Kind = Kind.OTHER, stream: Stream = Stream.STAFF_TOLD,
    naming: Naming = Naming.NAMED,
) -> IssueRow:  # fmt: skip
    noted = await actions.note(by or cast.fay, NoteForm(
        text=Said(text), stream=stream, team=team or cast.billing, kind=kind, naming=naming), now=now)
    assert noted.issue is not None
    return await queries.issue(None, noted.issue)


async def page(site: Site, who: Actor, path: str = "/triage") -> str:
    seen = await (await site.visitor(who)).get(path)
    assert seen.status_code == 200, seen.text
    return seen.text


def titles(seen: str) -> list[str]:
    """Give what stands in the list, in its order."""
    return re.findall(r'<div><a href="/triage[^>]*>([^<]*)</a>', seen)


def fields(seen: str, action: str) -> dict[str, str]:
    """Give what the form with this action sends unasked."""
    form = re.search(rf'<form action="{re.escape(action)}".*?</form>', seen, re.DOTALL)
    assert form is not None, action
    return dict(re.findall(r'<input type="hidden" name="(was|number|next|into)" value="([^"]*)"', form[0]))


async def act(visitor: Visitor, issue: IssueRow, what: str, *, query: str = "", **typed: Any) -> httpx.Response:
    """Press a button of the chosen issue, as the page offers it."""
    where = f"/triage?{query}{'&' if query else ''}at={issue.number}"
    seen = (await visitor.get(where)).text
    action = f"/triage/{issue.id}/{what}" + (f"?{query}" if query else "")
    return await visitor.post(where, action, **fields(seen.replace("&amp;", "&"), action) | typed)


async def stage(issue: IssueRow) -> Stage:
    return (await queries.issue(None, issue.id)).stage


# --- who sees what


async def test_everybody_sees_what_is_theirs_to_place(site: Site, cast: Cast, now: datetime) -> None:
    legal = Department(name="Legal", created_at=now)
    await Department.insert(legal)
    await raised(cast, now, "Nobody has it")
    await raised(cast, now, "Claims waits", by=cast.cleo, team=cast.claims)
    await actions.assign(cast.eva, (await raised(cast, now, "IT has it")).id, department=cast.it, now=now)
    await actions.assign(cast.eva, (await raised(cast, now, "Legal has it")).id, department=legal.id, now=now)
    owned = await raised(cast, now, "Gus has it")
    await actions.assign(cast.eva, owned.id, department=cast.it, owner=cast.gus.person, now=now)
    await actions.snooze(cast.eva, (await raised(cast, now, "It sleeps")).id, now.date() + timedelta(9), now=now)
    await actions.decline(cast.eva, (await raised(cast, now, "Declined")).id, "No.", now=now)
    assert titles(await page(site, cast.eva)) == ["Nobody has it", "Claims waits"]
    assert titles(await page(site, cast.eva, "/triage?view=handed")) == ["IT has it", "Legal has it"]
    assert titles(await page(site, cast.ben)) == ["Nobody has it"]
    assert titles(await page(site, cast.ben, "/triage?view=handed")) == ["IT has it", "Legal has it"]
    assert titles(await page(site, cast.ines)) == ["Claims waits"]
    assert titles(await page(site, cast.gus)) == ["IT has it"]
    for nobody in (cast.fay, cast.cleo, cast.ann, cast.dan, cast.hana, cast.ada):
        assert (await (await site.visitor(nobody)).get("/triage")).status_code == 403, nobody.name


async def test_each_sees_the_buttons_of_their_role(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, now)
    buttons = {
        "eva": {"owner", "join", "decline", "snooze", "question", "title", "restriction"},
        "ben": {"join", "question", "title"},
        "gus": {"owner", "question", "title", "restriction"},
    }
    for who, expected in buttons.items():
        if who == "gus":
            await actions.assign(cast.eva, issue.id, department=cast.it, now=now)
        seen = await page(site, getattr(cast, who))
        assert set(re.findall(rf'action="/triage/{issue.id}/([a-z]+)"', seen)) == expected, who
    assert "I take it" in await page(site, cast.gus)


async def test_the_chosen_one_stands_there_whole(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, now)
    await actions.note(cast.ben, NoteForm(
        text=Said("A customer cried."), stream=Stream.CUSTOMER_SAID, issue=issue.id, naming=Naming.HIDDEN,
        idea=Said("Pay daily"), fixed_like=Said("Paid next day")), now=now)
    like = await raised(cast, now, "Refunds wait for the batch")
    seen = await page(site, cast.eva, f"/triage?at={issue.number}")
    for said in ("A customer cried.", "Customer said", "Pay daily", "Paid next day", "Ben Baker", "met by 2", "Billing",
                 "Refunds wait for the batch", "Join into this"):  # fmt: skip
        assert said in seen, said
    assert f'value="FD-{like.number}"' in seen


async def test_the_list_is_narrowed_and_turned_round(site: Site, cast: Cast, now: datetime) -> None:
    await raised(cast, now - timedelta(days=40), "Old", kind=Kind.RED_TAPE)
    await raised(cast, now - timedelta(days=9), "Older than a week", by=cast.cleo, team=cast.claims)
    await raised(cast, now, "New", stream=Stream.CUSTOMER_SAID)
    expected = {
        "": ["Old", "Older than a week", "New"], "?order=newest": ["New", "Older than a week", "Old"],
        "?kind=red+tape": ["Old"], f"?team={cast.claims}": ["Older than a week"], "?stream=customer+said": ["New"],
        "?age=day": ["New"], "?age=week": ["Old", "Older than a week"], "?age=month": ["Old"],
        "?age=x&team=x&kind=%00&stream=x&order=x&view=x&at=x&page=x": ["Old", "Older than a week", "New"],
    }
    for query, found in expected.items():
        assert titles(await page(site, cast.eva, f"/triage{query}")) == found, query
    assert "Nothing that waits fits" in await page(site, cast.eva, f"/triage?kind=glitch&team={cast.claims}")


async def test_where_nothing_waits_the_last_one_is_named(site: Site, cast: Cast, now: datetime) -> None:
    assert "nothing ever has" in await page(site, cast.eva)
    issue = await raised(cast, now)
    await actions.assign(cast.eva, issue.id, department=cast.it, owner=cast.gus.person, now=now)
    seen = await page(site, cast.eva)
    assert "Nothing waits for a place. The last one: Refunds wait for a weekly batch. (Gus Grant has it)." in seen
    assert "nothing ever has" in await page(site, cast.ines)


async def test_many_are_walked_page_by_page(site: Site, cast: Cast, now: datetime) -> None:
    of = {n: (await raised(cast, now - timedelta(minutes=200 - n), f"Number {n}")).number for n in range(1, 124)}
    seen = await page(site, cast.eva)
    assert titles(seen) == [f"Number {n}" for n in range(1, 51)]
    assert "1 to 50 of 123" in seen
    middle = await page(site, cast.eva, f"/triage?at={of[60]}")
    assert titles(middle) == [f"Number {n}" for n in range(51, 101)]
    assert "60 of 123" in middle
    assert re.search(rf'rel="prev" href="/triage\?at={of[59]}"', middle)
    last = await page(site, cast.eva, "/triage?page=3")
    assert titles(last) == [f"Number {n}" for n in range(101, 124)]
    assert re.search(rf'rel="prev" href="/triage\?at={of[100]}"', last), "the one before stands on the page before"
    assert re.search(rf'rel="next" href="/triage\?at={of[51]}"', await page(site, cast.eva, f"/triage?at={of[50]}"))


async def test_the_place_in_the_frame_says_how_many_wait(cast: Cast, now: datetime) -> None:
    eva, fay = await caller(whole_app(), cast.eva), await caller(whole_app(), cast.fay)
    for n in (1, 2):
        await raised(cast, now)
        seen = (await eva.get("/triage")).text
        assert re.search(rf'href="/triage" aria-current="page">.*?Triage<b>{n}</b>', seen, re.DOTALL)
    assert 'href="/triage"' not in (await fay.get("/issues")).text


# --- what the buttons do


async def test_one_after_the_other_gets_its_place_and_can_be_taken_back(
    site: Site, cast: Cast, now: datetime
) -> None:
    one, two, three = [await raised(cast, now, text) for text in ("One", "Two", "Three")]
    eva = await site.visitor(cast.eva)
    gone = await act(eva, two, "owner", whom="gus")
    assert (gone.status_code, gone.headers["location"]) == (303, f"/triage?at={three.number}")
    seen = (await eva.get(gone.headers["location"])).text
    assert "Gus Grant has it now." in seen
    assert titles(seen) == ["One", "Three"]
    assert f'action="/triage/{two.id}/undo"' in seen
    back = await eva.post("/triage", f"/triage/{two.id}/undo")
    assert (back.status_code, back.headers["location"]) == (303, f"/triage?at={two.number}")
    assert await stage(two) is Stage.NEEDS_OWNER
    assert titles((await eva.get("/triage")).text) == ["One", "Two", "Three"]
    last = await act(eva, three, "decline", ready="It happens too seldom.", because="Ask again in May.")
    assert last.headers["location"] == f"/triage?at={two.number}", "after the last one, the one before it"
    assert (await queries.issue(None, three.id)).done == "It happens too seldom. Ask again in May."
    await act(eva, two, "snooze", until=(now.date() + timedelta(days=8)).isoformat())
    assert (await queries.issue(None, two.id)).snoozed_until is not None
    stays = await act(eva, one, "title", title="Better said", sort="red tape")
    assert stays.headers["location"] == f"/triage?at={one.number}"
    assert (await queries.issue(None, one.id)).kind is Kind.RED_TAPE
    assert (await act(eva, one, "restriction", restricted="on")).status_code == 303
    assert (await queries.issue(None, one.id)).restricted


async def test_what_is_joined_goes_into_the_other(site: Site, cast: Cast, now: datetime) -> None:
    one, two = await raised(cast, now, "Refunds wait"), await raised(cast, now, "Refunds wait too")
    ben = await site.visitor(cast.ben)
    wrong = await act(ben, one, "join", into="FD-999")
    assert wrong.status_code == 422
    assert "There is no issue with this number" in wrong.text
    assert "Refunds wait" in wrong.text
    assert (await act(ben, one, "join", into=f"fd {two.number}")).status_code == 303
    assert await stage(one) is Stage.JOINED


async def test_one_question_goes_to_those_who_raised_it_and_the_issue_waits_on(
    site: Site, cast: Cast, now: datetime
) -> None:
    issue, other = await raised(cast, now), await raised(cast, now, "Other")
    eva = await site.visitor(cast.eva)
    gone = await act(eva, issue, "question", question="Which refunds?")
    assert gone.headers["location"] == f"/triage?at={other.number}"
    seen = (await eva.get(f"/triage?at={issue.number}")).text
    assert "asked, no answer yet" in seen
    assert "One question waits for its answer already." in seen
    await eva.post("/triage", f"/triage/{issue.id}/undo")
    assert "asked, no answer yet" not in (await eva.get(f"/triage?at={issue.number}")).text


async def test_filters_stay_from_one_to_the_next(site: Site, cast: Cast, now: datetime) -> None:
    one, two = await raised(cast, now, "One"), await raised(cast, now, "Two")
    await raised(cast, now, "Three", by=cast.cleo, team=cast.claims)
    query = f"team={cast.billing}&order=newest"
    eva = await site.visitor(cast.eva)
    gone = await act(eva, two, "snooze", query=query, until=(now.date() + timedelta(days=8)).isoformat())
    assert gone.headers["location"] == f"/triage?{query}&at={one.number}"
    back = await eva.post("/triage", f"/triage/{two.id}/undo?{query}")
    assert back.headers["location"] == f"/triage?{query}&at={two.number}"


@pytest.mark.parametrize(("typed", "who"), [
    ("IT: Gus Grant", "gus"), ("gus", "gus"), ("it gr", "gus"), ("GUS", "gus"), ("IT", "it"), ("it", "it"),
    ("", None), ("nobody", None), ("g", "gus"), ("Legal", "legal"), ("l", "several"), ("me", None),
])  # fmt: skip
async def test_who_fixes_it_is_understood_from_a_few_letters(
    site: Site, cast: Cast, now: datetime, typed: str, who: str | None
) -> None:
    legal, leasing = Department(name="Legal", created_at=now), Department(name="Leasing", created_at=now)
    await Department.insert(legal, leasing)
    issue = await raised(cast, now)
    answer = await act(await site.visitor(cast.eva), issue, "owner", whom=typed)
    row = await queries.issue(None, issue.id)
    if who in {None, "several"}:
        assert answer.status_code == 422
        assert ("Several fit: Leasing; Legal." in answer.text) is (who == "several")
        assert row.department is None
        return
    assert answer.status_code == 303
    assert row.owner == (cast.gus.person if who == "gus" else None)
    assert row.department == (legal.id if who == "legal" else cast.it)


async def test_a_department_takes_its_own_and_gives_it_to_nobody_elses(site: Site, cast: Cast, now: datetime) -> None:
    legal = Department(name="Legal", created_at=now)
    await Department.insert(legal)
    issue = await raised(cast, now)
    await actions.assign(cast.eva, issue.id, department=cast.it, now=now)
    gus = await site.visitor(cast.gus)
    assert (await act(gus, issue, "owner", whom="Legal")).status_code == 422
    assert (await act(gus, issue, "owner", whom="me")).status_code == 303
    assert (await queries.issue(None, issue.id)).owner == cast.gus.person


# --- races and refusals


async def test_what_somebody_else_has_placed_meanwhile_is_told_and_the_next_one_is_there(
    site: Site, cast: Cast, now: datetime
) -> None:
    one, two = await raised(cast, now, "One"), await raised(cast, now, "Two")
    eva = await site.visitor(cast.eva)
    seen = (await eva.get(f"/triage?at={one.number}")).text
    kept = fields(seen, f"/triage/{one.id}/owner")
    await actions.assign(cast.eva, one.id, department=cast.it, owner=cast.gus.person, now=now)
    late = await eva.post("/triage", f"/triage/{one.id}/decline", because="No.", **kept)
    assert late.headers["location"] == f"/triage?at={two.number}"
    shown = (await eva.get(late.headers["location"])).text
    assert "Somebody else was faster: Gus Grant has it." in shown
    assert titles(shown) == ["Two"]
    assert await stage(one) is Stage.BEING_FIXED
    gone = await page(site, cast.eva, f"/triage?at={one.number}")
    assert f"FD-{one.number} does not wait here any more." in gone
    assert "Two" in gone


async def test_what_was_handed_to_a_department_meanwhile_is_not_handed_on_unseen(
    site: Site, cast: Cast, now: datetime
) -> None:
    legal = Department(name="Legal", created_at=now)
    await Department.insert(legal)
    issue = await raised(cast, now)
    eva = await site.visitor(cast.eva)
    kept = fields((await eva.get("/triage")).text, f"/triage/{issue.id}/owner")
    await actions.assign(cast.eva, issue.id, department=legal.id, now=now)
    await eva.post("/triage", f"/triage/{issue.id}/owner", whom="gus", **kept)
    assert (await queries.issue(None, issue.id)).department == legal.id
    assert "Somebody else has handed it to Legal." in (await eva.get("/triage")).text


async def test_a_refusal_shows_the_reason_beside_what_was_typed(site: Site, cast: Cast, now: datetime) -> None:
    issue = await raised(cast, now)
    eva = await site.visitor(cast.eva)
    no = await act(eva, issue, "decline", because=" ")
    assert no.status_code == 409
    assert "Say why; those who raised it read the reason." in no.text
    assert re.search(r'<details class="act" id="act-decline" name="act" open>', no.text)
    soon = await act(eva, issue, "snooze", until=now.date().isoformat())
    assert soon.status_code == 409
    assert "Choose a date that is still to come." in soon.text
    untitled = await act(eva, issue, "title", title="", sort="other")
    assert untitled.status_code == 422
    nothing = await eva.post("/triage", f"/triage/{issue.id}/undo")
    assert nothing.headers["location"] == "/triage"
    assert "There is nothing to undo here any more." in (await eva.get("/triage")).text


async def test_long_words_and_foreign_ones_are_shown_as_they_are(site: Site, cast: Cast, now: datetime) -> None:
    text = "Überweisungsrücklaufgebührenbearbeitung" * 9 + " <b>&amp;"
    issue = await raised(cast, now, text)
    seen = await page(site, cast.eva)
    assert "<b>&amp;" not in seen
    assert issue.title in seen.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize("who", ["eva", "ben", "gus"])
async def test_it_takes_as_many_queries_for_many_as_for_one(
    site: Site, cast: Cast, now: datetime, who: str, queries: Callable[[], Any]
) -> None:
    visitor, counts = await site.visitor(getattr(cast, who)), list[int]()
    with queries() as seen:
        assert (await visitor.get("/triage")).status_code == 200
    assert len(seen) <= MOST
    for more in (1, 30):
        for n in range(more):
            issue = await raised(cast, now, f"Refunds wait for a weekly batch {n}")
            await actions.note(cast.ben, NoteForm(
                text=Said("Us too"), stream=Stream.STAFF_TOLD, issue=issue.id), now=now)
            if who == "gus":
                await actions.assign(cast.eva, issue.id, department=cast.it, now=now)
        for path in ("/triage", f"/triage?at={issue.number}", "/triage?at=99999"):
            with queries() as seen:
                assert (await visitor.get(path)).status_code == 200
            counts.append(len(seen))
    assert max(counts) <= MOST
    assert counts[0] == counts[3]
