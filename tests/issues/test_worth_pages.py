"""Quick wins, the grid, hard ones and friction, as pages show them and to whom."""

# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from floorday import config
from floorday.errors import Raced
from floorday.issues import actions, moves, pages, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Effort, Resolution, Stream, Verdict
from floorday.people.access import Actor
from tests.cast import Cast, make_cast
from tests.site import Site

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


async def issue(
    cast: Cast, now: datetime, text: str, *, by: Actor | None = None, team: Any = None, owned: bool = True,
    sponsor: Actor | None = None, **cost: Any,
) -> IssueRow:
    noted = await actions.note(by or cast.fay, NoteForm(
        text=Said(text), stream=Stream.STAFF_TOLD, team=team or cast.billing), now=now)
    assert noted.issue is not None
    if owned:
        await actions.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=now)
    if sponsor is not None:
        await actions.sponsor(cast.eva, noted.issue, sponsor.person, now=now)
    if cost:
        cost = {"minutes_per_case": None, "cases_per_month": None, **cost}
        return await actions.measure(cast.eva, noted.issue, now=now, **cost)
    return await queries.issue(None, noted.issue)


async def page(site: Site, who: Actor, path: str, status: int = 200) -> str:
    seen = await (await site.visitor(who)).get(path)
    assert seen.status_code == status, seen.text
    return seen.text


def titles_of(text: str) -> list[str]:
    """Give the issues of a list, in their order."""
    rows = re.findall(r'<th scope="row">(.*?)</th>', text, re.DOTALL)
    return [found[1] for row in rows if (found := re.search(r'<a href="/issues/[^>]*>([^<]*)</a>', row))]


# --- quick wins


async def test_quick_wins_stand_first_with_why_until_somebody_turns_them_off(site: Site, cast: Cast, now: datetime) -> None:
    await issue(cast, now - timedelta(days=9), "An old and hard one", minutes_per_case=9, cases_per_month=4000, effort=Effort.LARGE)
    few = await issue(cast, now, "Ten hours for a tick", minutes_per_case=6, cases_per_month=100, effort=Effort.SMALL)
    many = await issue(cast, now, "Forty hours for a tick", minutes_per_case=6, cases_per_month=400, effort=Effort.SMALL)
    await issue(cast, now, "Small but hardly worth it", minutes_per_case=1, cases_per_month=60, effort=Effort.SMALL)
    await issue(cast, now, "Small, nobody said more", effort=Effort.SMALL)
    seen = await page(site, cast.eva, "/issues")
    lane = seen[seen.index('id="quick"'): seen.index('id="needs-owner"')]
    assert re.findall(r"<h3><a[^>]*>([^<]*)</a></h3>", lane) == [many.title, few.title]
    assert "Saves about 40 hours a month for 1 reporter." in lane
    off = await page(site, cast.eva, "/issues?quick=off")
    assert 'id="quick"' not in off
    assert "Show them first" in off
    assert 'href="/issues?view=mine&amp;quick=off"' in off, "it stays off from view to view"
    listed = await page(site, cast.eva, "/issues?view=list")
    titles = titles_of(listed)
    assert titles[:3] == [many.title, few.title, "An old and hard one"] or titles[:3] == [few.title, many.title, "An old and hard one"]
    assert "Quick win: 40 hours a month" in listed
    titles = titles_of(await page(site, cast.eva, "/issues?view=list&quick=off"))
    assert titles[0] == "An old and hard one"
    titles = titles_of(await page(site, cast.eva, "/issues?view=list&order=hours"))
    assert titles[:3] == ["An old and hard one", many.title, few.title]
    alone = await page(site, cast.eva, "/issues?view=list&quick=only")
    assert len(titles_of(alone)) == 2


async def test_quick_wins_are_those_that_their_reader_sees_whole(site: Site, cast: Cast, now: datetime) -> None:
    await issue(cast, now, "A tick too many", minutes_per_case=6, cases_per_month=400, effort=Effort.SMALL)
    for who in (cast.fay, cast.ben, cast.gus, cast.hana):
        assert 'id="quick"' in await page(site, who, "/issues"), who.name
    for who in (cast.cleo, cast.max, cast.ada):
        seen = await page(site, who, "/issues")
        assert "A tick too many" in seen, who.name
        assert 'id="quick"' not in seen, who.name
        assert "40 h" not in seen, who.name
        assert "A tick too many" not in await page(site, who, "/issues?view=list&quick=only")
        assert "A tick too many" not in await page(site, who, "/issues?view=list&order=hours")
    assert 'id="quick"' in await page(site, cast.gus, "/issues?view=mine")
    assert 'id="quick"' not in await page(site, cast.ben, "/issues?view=mine"), "not his own"
    assert 'id="quick"' not in await page(site, cast.eva, "/issues?view=quiet")


# --- the grid


async def test_every_cell_opens_as_many_rows_as_it_says(site: Site, cast: Cast, now: datetime) -> None:
    costs: list[dict[str, Any]] = [
        {"minutes_per_case": 6, "cases_per_month": 400, "effort": Effort.SMALL},
        {"minutes_per_case": 6, "cases_per_month": 400, "effort": Effort.LARGE},
        {"minutes_per_case": 6, "cases_per_month": 100, "effort": Effort.SMALL, "reputation": 4},
        {"minutes_per_case": 0, "cases_per_month": 100}, {"effort": Effort.MEDIUM}, {},
    ]  # fmt: skip
    for n, cost in enumerate(costs):
        await issue(cast, now, f"Issue {n}", **cost)
    seen = await page(site, cast.eva, "/issues/worth")
    assert "6 open issues. 4 of them state what they cost: 90 hours a month." in seen
    cells = re.findall(r'<a class="num" href="([^"]*)">(\d+)</a>', seen)
    assert sum(int(count) for _, count in cells) == 6
    for href, count in cells:
        opened = await page(site, cast.eva, href.replace("&amp;", "&"))
        assert len(titles_of(opened)) == int(count), href
    ask = seen[seen.index('id="ask"'):]
    assert len(re.findall(r'href="mailto:gus@floorday.example', ask)) == 3
    assert "Not said: effort, minutes and cases" in ask
    assert "mailto:" not in await page(site, cast.fay, "/issues/worth")
    assert "There is none." in await page(site, cast.cleo, "/issues/worth"), "she sees the faces alone"
    await page(site, cast.dan, "/issues/worth", 403)


# --- hard ones


async def large(cast: Cast, now: datetime, text: str, **more: Any) -> IssueRow:
    return await issue(cast, now, text, **{"sponsor": cast.ann, "effort": Effort.LARGE, **more})


async def test_two_hard_ones_are_picked_and_one_is_exchanged_with_its_reason(site: Site, cast: Cast, now: datetime) -> None:
    first, second, third = [await large(cast, now, f"Hard {n}", minutes_per_case=n, cases_per_month=600) for n in (1, 2, 3)]
    bare = await large(cast, now, "Nobody answers", sponsor=None)
    month = f"{now:%Y-%m}"
    hana = await site.visitor(cast.hana)
    seen = (await hana.get("/hard-ones")).text
    titles = re.findall(r'<a href="/issues/[^"]*">(Hard \d|Nobody answers)</a>', seen)
    assert titles == ["Hard 3", "Hard 2", "Hard 1", "Nobody answers"], "the most gain first"
    assert "Name its sponsor first" in seen
    for wanted in (first, second):
        done = await hana.post("/hard-ones", f"/hard-ones/{month}/picks", issue=str(wanted.id))
        assert done.status_code == 303, done.text
    refused = await hana.post("/hard-ones", f"/hard-ones/{month}/picks", issue=str(third.id))
    assert refused.status_code == 409
    assert "Two hard ones are picked for this month. Exchange one of them" in refused.text
    for wanted, said in ((bare, "Name its sponsor first"), (first, "picked for the month already")):
        refused = await hana.post("/hard-ones", f"/hard-ones/{month}/exchanges", issue=str(wanted.id), out=str(second.id), because="So")
        assert (refused.status_code, said in refused.text) == (409, True), said
    refused = await hana.post("/hard-ones", f"/hard-ones/{month}/exchanges", issue=str(third.id), out=str(first.id), because=" ")
    assert refused.status_code == 422
    done = await hana.post("/hard-ones", f"/hard-ones/{month}/exchanges", issue=str(third.id), out=str(first.id), because="The vendor went bankrupt, call 020 7946 0018")
    assert done.status_code == 303, done.text
    assert [one.row.id for one in await queries.hard_ones(cast.hana, month)] == [third.id, second.id]
    gone = await page(site, cast.eva, f"/issues/{first.id}")
    assert "picked another one as a hard one of" in gone
    assert "The vendor went bankrupt" in gone
    assert "7946" not in gone
    assert "picked it as one of the two hard ones of" in await page(site, cast.eva, f"/issues/{third.id}")
    board = await page(site, cast.max, "/issues")
    hard = board[board.index('id="hard"'): board.index('id="needs-owner"')]
    assert "Hard 3" in hard
    assert "Ann Archer" not in hard, "of a face nobody learns who answers for it"
    assert "Ann Archer answers for it" in await page(site, cast.ann, "/issues")
    assert "Picked by Hana Holm." in await page(site, cast.fay, "/hard-ones")
    assert "/picks" not in await page(site, cast.fay, "/hard-ones")
    denied = await (await site.visitor(cast.fay)).post("/hard-ones", f"/hard-ones/{month}/picks", issue=str(third.id))
    assert denied.status_code == 403


async def test_a_restricted_hard_one_and_one_that_was_joined(site: Site, cast: Cast, now: datetime) -> None:
    month = f"{now:%Y-%m}"
    one, other = await large(cast, now, "Hard one"), await large(cast, now, "Other one")
    await actions.pick_hard_one(cast.eva, month, one.id, now=now)
    await actions.join(cast.eva, one.id, other.id, now=now)
    assert [found.row.id for found in await queries.hard_ones(cast.max, month)] == [other.id]
    await actions.restrict(cast.eva, other.id, restricted=True, now=now)
    assert await queries.hard_ones(cast.max, month) == []
    assert len(await queries.hard_ones(cast.ann, month, mine=True)) == 1
    await page(site, cast.eva, "/hard-ones")
    await page(site, cast.eva, "/hard-ones?month=2026-13", 404)
    assert "None is picked" in await page(site, cast.eva, "/hard-ones?month=2020-01")


async def test_the_database_has_two_places_a_month(cast: Cast, now: datetime) -> None:
    one, other = await large(cast, now, "One"), await large(cast, now, "Other")
    await moves.pick("2026-11", 1, one.id, by=cast.eva.person, now=now)
    with pytest.raises(Raced):
        await moves.pick("2026-11", 1, other.id, by=cast.eva.person, now=now)
    with pytest.raises(Raced):
        await moves.pick("2026-11", 2, one.id, by=cast.eva.person, now=now)
    await moves.pick("2026-12", 1, one.id, by=cast.eva.person, now=now)


# --- friction


async def test_friction_adds_up_and_every_number_opens_its_list(site: Site, cast: Cast, now: datetime) -> None:
    long_ago = now - timedelta(days=60)
    broken = await issue(cast, long_ago, "Promised in vain", minutes_per_case=6, cases_per_month=400)
    await actions.promise(cast.gus, broken.id, (long_ago + timedelta(days=5)).date(), now=long_ago)
    kept = await issue(cast, long_ago, "Promised and done")
    await actions.promise(cast.gus, kept.id, (long_ago + timedelta(days=5)).date(), now=long_ago)
    await actions.resolve(cast.gus, kept.id, Resolution.EVERYBODY, "Done.", now=long_ago)
    await actions.verdict(cast.fay, kept.id, Verdict.FIXED, "", now=long_ago)
    await issue(cast, now, "Just now")
    await issue(cast, now, "Nobody's", owned=False)
    await issue(cast, now, "Of Claims", by=cast.cleo, team=cast.claims)
    seen = await page(site, cast.eva, "/friction")
    rows = re.findall(r'<tr data-row.*?</tr>', seen, re.DOTALL)
    plain = [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", row)).strip() for row in rows]
    assert plain == [
        "IT → to Billing 2 40 1 of 2 say 30 days 1 of 2 1", "IT → to Claims 1 – 0 of 1 say 0 days 0 0",
        "No department yet → to Billing 1 – 0 of 1 say 0 days 0 0",
    ]  # fmt: skip
    for row in rows:
        for href, said in re.findall(r'<a href="(/issues[^"]*)">([^<]*)</a>', row):
            opened = await page(site, cast.eva, href.replace("&amp;", "&"))
            found = len(titles_of(opened) or re.findall(r"<h3><a", opened[opened.index('id="issues"'):]))
            if "order=hours" not in href and "day" not in said:
                assert found == int(said), href
    for who, total in ((cast.hana, 4), (cast.gus, 3), (cast.ben, 3), (cast.fay, 3), (cast.cleo, 1), (cast.ada, 0), (cast.max, 0)):
        links = await queries.friction(who, now=now, zone=ZoneInfo(config.settings().zone))
        rows_seen = await queries.board(who, queries.Filters())
        assert sum(one.n for one in links) == total == sum(row.whole for row in rows_seen), who.name
    assert "Nothing is stuck" in await page(site, cast.ada, "/friction")
    await page(site, cast.dan, "/friction", 403)
    csv = await (await site.visitor(cast.gus)).get("/friction?as=csv")
    assert csv.status_code == 200
    assert "Billing" in csv.text


async def test_a_part_of_five_is_a_percentage(site: Site, cast: Cast, now: datetime) -> None:
    for n in range(5):
        await issue(cast, now - timedelta(days=40 if n < 2 else 1), f"Issue {n}")
    assert re.search(r">2</a> <span class=\"small muted nowrap\">40 %", await page(site, cast.eva, "/friction"))


# --- what it costs to look


@pytest.mark.parametrize("path", ["/issues", "/issues?view=mine", "/issues?view=quiet", "/issues?view=list&order=hours", "/issues?view=list&broken=on",
                                  "/issues/worth", "/hard-ones", "/friction"])
async def test_queries_stay_few(site: Site, cast: Cast, now: datetime, path: str, queries: Callable[[], Any]) -> None:
    month = f"{now:%Y-%m}"
    visitor = await site.visitor(cast.eva)
    for round_ in range(2):  # in the first one nothing is known in this process
        for n in range(1 if round_ == 0 else 5):
            made = await large(cast, now - timedelta(days=30), f"{round_} {n}", minutes_per_case=6, cases_per_month=400)
            await issue(cast, now, f"Quick {round_} {n}", minutes_per_case=6, cases_per_month=400, effort=Effort.SMALL)
            await actions.promise(cast.gus, made.id, (now - timedelta(days=20)).date(), now=now - timedelta(days=30))
            if n < 1:
                await actions.pick_hard_one(cast.eva, month, made.id, now=now)
        with queries() as seen:
            assert (await visitor.get(path)).status_code == 200
        assert len(seen) <= MOST, "\n".join(one[:150].replace("\n", " ") for one in seen)
