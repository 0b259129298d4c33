"""What a department kept and missed of its charter: counted once, on the day it was decided, each number with rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from floorday import config
from floorday.issues import actions, api, charters, pages, queries
from floorday.issues.charters import Judged, Part, Period
from floorday.issues.clocks import Charter
from floorday.issues.queries.charters import charter_cases
from floorday.issues.rules import Happened, Resolution, Verdict
from floorday.people.tables import Department
from tests.api.house import program
from tests.cast import NOW, Cast, make_cast
from tests.issues.test_actions import owned
from tests.issues.test_bulk import raised
from tests.site import Site

CHARTER = Charter(acknowledge_days=2, word_days=5, fix_days=10)
ZONE = "Europe/London"
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 30)
"""Two Mondays."""


def at(day: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def judged(*lines: Happened, today: date = LAST, period: Period | None = None, charter: Charter = CHARTER) -> set[Any]:
    found = charters.judge(lines, raised=at(2), charter=charter, period=period or Period(FIRST, LAST), today=today,
                           zone=ZONE)  # fmt: skip
    return {(one.part.value, one.kept, one.on.day, one.days) for one in found}


def of(part: Part, found: set[Any]) -> set[Any]:
    return {one[1:] for one in found if one[0] == part}


@pytest.mark.parametrize(("lines", "today", "said"), [
    ([], 4, set()),
    ([], 5, {(False, 5, 3)}),
    ([Happened(at(4), "acknowledged")], 30, {(True, 4, 2)}),
    ([Happened(at(6), "acknowledged")], 30, {(False, 5, 4)}),
    ([Happened(at(3), "resolved", "here")], 30, {(True, 3, 1)}),
])  # fmt: skip
def test_it_is_acknowledged_in_time_or_not(lines: list[Happened], today: int, said: set[Any]) -> None:
    assert of(Part.ACKNOWLEDGE, judged(*lines, today=date(2026, 11, today))) == said


@pytest.mark.parametrize(("lines", "said"), [
    ([Happened(at(9), "updated"), Happened(at(16), "resolved", "here")], {(True, 9, 5)}),
    ([Happened(at(10), "updated"), Happened(at(11), "resolved", "here")], {(False, 10, 6)}),
    ([Happened(at(4), "snoozed"), Happened(at(11), "woken"), Happened(at(12), "updated"),
      Happened(at(13), "resolved", "here")], {(True, 12, 3)}),
    ([Happened(at(3), "resolved", "here"), Happened(at(27), "verdict", Verdict.FIXED)], {(True, 3, 1)}),
    ([Happened(at(3), "resolved", "here"), Happened(at(19), "verdict", Verdict.NOT)], {(False, 27, 7)}),
    ([], {(False, 10, 20)}),
])  # fmt: skip
def test_the_longest_silence_decides(lines: list[Happened], said: set[Any]) -> None:
    assert of(Part.WORD, judged(*lines)) == said


@pytest.mark.parametrize(("lines", "said"), [
    ([Happened(at(16), "resolved", "here")], {(True, 16, 10)}),
    ([Happened(at(17), "resolved", "here")], {(False, 17, 11)}),
    ([Happened(at(5), "resolved", "here"), Happened(at(9), "verdict", Verdict.PARTLY)], {(False, 17, 20)}),
    ([Happened(at(5), "declined")], set()),
    ([Happened(at(5), "resolved", Resolution.CANNOT)], set()),
    ([Happened(at(25), "resolved", Resolution.CANNOT)], {(False, 17, 20)}),
    ([Happened(at(5), "declined"), Happened(at(6), "returned"), Happened(at(9), "resolved", "here")], {(True, 9, 5)}),
])  # fmt: skip
def test_it_is_fixed_in_time_by_what_stands(lines: list[Happened], said: set[Any]) -> None:
    assert of(Part.FIX, judged(*lines)) == said


def test_each_case_is_in_one_month_alone_and_nothing_is_judged_that_is_not_promised() -> None:
    lines = [Happened(at(4), "acknowledged"), Happened(at(17), "resolved", "here")]
    first, second = Period(FIRST, date(2026, 11, 15)), Period(date(2026, 11, 16), LAST)
    assert {one[0] for one in judged(*lines, period=first)} == {"acknowledge", "word"}
    assert of(Part.FIX, judged(*lines, period=second)) == {(False, 17, 11)}
    assert judged(*lines, charter=Charter()) == set()


# --- the page


@pytest.fixture
async def cast(database: object) -> Cast:
    found = await make_cast()
    await Department.update({Department.acknowledge_days: 2, Department.word_days: 5, Department.fix_days: 10}).where(
        Department.id == found.it)
    return found


@pytest.fixture
def site(cast: Cast) -> Site:
    return Site(pages.router, api.router, clock=NOW + timedelta(days=28))


async def some(cast: Cast, now: datetime = NOW) -> None:
    """One that was taken and fixed in time, one of another team that nobody looked at for four weeks."""
    fixed = await owned(cast, now=now)
    await actions.resolve(cast.gus, fixed.id, Resolution.HERE, "Done.", now=now + timedelta(days=3))
    late = await raised(cast, now, "Of Claims", by=cast.cleo)
    await actions.assign(cast.eva, late.id, department=cast.it, now=now + timedelta(days=1))


async def test_every_number_opens_its_rows(site: Site, cast: Cast, queries: Any) -> None:
    eva = await site.visitor(cast.eva)
    path = f"/departments/{cast.it}"
    assert "Nothing was due in this period" in (await eva.get(path)).text
    await some(cast)
    with queries() as seen:
        page = (await eva.get(path)).text
    assert len(seen) <= 8
    for part in Part:
        for how in ("kept", "missed"):
            assert f"part={part.value}&amp;how={how}#rows" in page
            rows = (await eva.get(f"{path}?part={part.value}&how={how}")).text
            assert rows.count('<li data-row') == 1, (part, how)
    assert "10 working days" in page
    assert "2 working days" in page
    assert "0 %" not in page, "a part of fewer than five has no percentage"
    assert "Change the charter" in page


async def test_only_what_a_reader_sees_whole_is_counted(site: Site, cast: Cast) -> None:
    await some(cast)
    ben, gus, ann = [await site.visitor(who) for who in (cast.ben, cast.gus, cast.ann)]
    assert "how=kept" in (await ben.get(f"/departments/{cast.it}")).text
    assert "how=missed" not in (await ben.get(f"/departments/{cast.it}")).text, "what Claims raised is not Ben's to see"
    assert "how=missed" in (await gus.get(f"/departments/{cast.it}")).text
    assert "how=" not in (await ann.get(f"/departments/{cast.it}")).text
    assert "Change the charter" not in (await gus.get(f"/departments/{cast.it}")).text
    assert (await gus.get(f"/departments/{cast.billing}")).status_code == 404


async def test_without_a_charter_nothing_is_kept_or_missed(site: Site, cast: Cast) -> None:
    await some(cast)
    await Department.update({Department.acknowledge_days: 0, Department.word_days: 0, Department.fix_days: 0}).where(
        Department.id == cast.it)
    gus = await site.visitor(cast.gus)
    assert "No charter yet" in (await gus.get(f"/departments/{cast.it}")).text


async def test_what_was_joined_counts_with_the_issue_it_went_into(cast: Cast) -> None:
    await some(cast)
    into, other = await owned(cast), await owned(cast)
    await actions.join(cast.eva, other.id, into.id, now=NOW + timedelta(hours=1))
    cases = await charter_cases(cast.eva, cast.it, CHARTER, Period(NOW.date(), LAST), today=LAST, zone=ZONE)
    assert other.number not in {one.number for one in cases}
    assert Judged(Part.FIX, kept=True, on=date(2026, 11, 5), days=3) in {one.judged for one in cases}
    assert (await queries.issue(None, into.id)).number in {one.number for one in cases}


async def test_a_program_reads_the_same(cast: Cast) -> None:
    long_ago = config.now().replace(hour=12) - timedelta(days=200)
    await some(cast, long_ago)
    gus = await program(cast.gus)
    first, last = long_ago.date(), long_ago.date() + timedelta(days=60)
    path = f"/departments/{cast.it}/charter"
    said = (await gus.get(f"{path}?first={first}&last={last}")).json()
    assert [(one["part"], one["promised_days"], one["kept"], one["missed"]) for one in said["parts"]] == [
        ("acknowledge", 2, 1, 1), ("word", 5, 1, 1), ("fix", 10, 1, 1)]  # fmt: skip
    early = (await gus.get(f"{path}?first={first - timedelta(days=30)}&last={first - timedelta(days=1)}")).json()
    assert [one["kept"] + one["missed"] for one in early["parts"]] == [0, 0, 0]
    assert (await gus.get(f"{path}?first={last}&last={first}")).status_code == 422
    assert (await gus.get(f"/departments/{cast.billing}/charter")).status_code == 404
