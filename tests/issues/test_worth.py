"""What an issue costs: the pure rule of gain, the same asked of the database, who may say it, and what the history keeps."""

# A docstring says it in one line.
# ruff: noqa: E501

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from floorday.db import transaction
from floorday.errors import Forbidden, Refused
from floorday.issues import actions, queries, worth
from floorday.issues.actions import NoteForm, Said
from floorday.issues.queries import Filters, IssueRow
from floorday.issues.rules import Effort, Naming, Resolution, Stream, Turn, Verdict
from floorday.issues.tables import Issue, IssueEvent
from floorday.issues.worth import LEAST, Gain, Worth
from floorday.people.access import Actor
from tests.cast import NOW, Cast, make_cast

ORDER = [Gain.UNSAID, Gain.LITTLE, Gain.SOME, Gain.MUCH]
worths = st.builds(
    Worth, hours=st.none() | st.floats(0, 5000), met_by=st.integers(0, 30), returns=st.integers(0, 9),
    reputation=st.none() | st.integers(0, 4),
)  # fmt: skip


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(NOW)


async def raised(cast: Cast, by: Actor | None = None, **more: Any) -> IssueRow:
    noted = await actions.note(by or cast.fay, NoteForm(
        text=Said("Refunds wait."), stream=Stream.STAFF_TOLD, team=cast.billing, **more), now=NOW)
    assert noted.issue is not None
    return await queries.issue(None, noted.issue)


async def costing(cast: Cast, issue: IssueRow, **said: Any) -> IssueRow:
    said = {"minutes_per_case": None, "cases_per_month": None, **said}
    return await actions.measure(cast.eva, issue.id, now=NOW, **said)


# --- the rule


@given(worths, st.sampled_from(["hours", "met_by", "returns", "reputation"]), st.integers(0, 4))
def test_more_of_anything_is_never_less_gain(one: Worth, what: str, more: int) -> None:
    before = getattr(one, what) or 0
    wanted = min(before + more, 4) if what == "reputation" else before + more
    after = structs.replace(one, **{what: wanted})
    assert ORDER.index(after.gain) >= ORDER.index(one.gain)


@given(worths)
def test_gain_is_never_more_than_its_strongest_reason(one: Worth) -> None:
    each = [Worth(hours=one.hours), Worth(met_by=one.met_by), Worth(returns=one.returns), Worth(reputation=one.reputation)]
    assert one.gain == max((part.gain for part in each), key=ORDER.index)


def test_each_threshold_is_reached_exactly() -> None:
    for gain, least in LEAST.items():
        for what in ("hours", "met_by", "returns", "reputation"):
            assert Worth(**{what: getattr(least, what)}).gain is gain, (gain, what)
            below = Worth(**{what: getattr(least, what) - 1})
            assert ORDER.index(below.gain) < ORDER.index(gain), (gain, what)
    assert Worth().gain is Gain.UNSAID
    assert Worth(hours=0).gain is Gain.LITTLE
    assert Worth(met_by=8).gain is Gain.MUCH, "nobody has to state minutes for what eight people met"


def test_the_words_say_every_reason() -> None:
    said = worth.why(Worth(hours=worth.hours(5, 380), met_by=4, returns=2, reputation=2))
    assert said == "Saves about 32 hours a month for 4 reporters. It came back 2 times. Several customers complain."
    assert worth.why(Worth(met_by=1)) == "Met by 1 reporter."
    assert worth.say_hours(0.4) == "less than an hour a month"
    assert worth.say_hours(1700) == "1,700 hours a month"
    assert worth.hours(3, None) is None
    assert worth.hours(0.4, 255_000) == 1700, "24 seconds in 255,000 cases"


@given(worths)
def test_what_is_worth_doing_has_its_reason_shortly(one: Worth) -> None:
    if one.gain in worth.WORTH_DOING:
        assert worth.shortly(one)
    assert worth.shortly(Worth(hours=7.9, returns=2)) == "it came back"
    assert worth.shortly(Worth(met_by=3, hours=1)) == "3 reporters"
    assert worth.shortly(Worth(reputation=2)) == "several customers complain"


def test_only_small_and_worth_doing_is_quick() -> None:
    assert worth.is_quick(Effort.SMALL, Gain.SOME)
    assert not worth.is_quick(Effort.SMALL, Gain.LITTLE)
    assert not worth.is_quick(Effort.SMALL, Gain.UNSAID)
    assert not worth.is_quick(Effort.MEDIUM, Gain.MUCH)


def may_pick(**changed: Any) -> None:
    worth.may_pick(**{"month": "2026-11", "today": date(2026, 11, 30), "taken": 0, "known": False, "effort": Effort.LARGE,
                      "turn": Turn.BEING_FIXED, "sponsored": True, **changed})  # fmt: skip


def test_a_hard_one_is_large_open_sponsored_and_one_of_two() -> None:
    may_pick()
    may_pick(month="2026-12", taken=1)
    assert worth.months(date(2026, 12, 31)) == ("2026-12", "2027-01")
    for changed, said in (
        ({"month": "2026-10"}, "running month"), ({"month": "2027-01"}, "running month"), ({"known": True}, "already"),
        ({"effort": Effort.MEDIUM}, "effort is large"), ({"effort": Effort.UNKNOWN}, "effort is large"),
        ({"turn": Turn.CLOSED}, "waits for nobody"), ({"turn": Turn.TELL_FLOOR}, "waits for nobody"),
        ({"sponsored": False}, "sponsor"), ({"taken": 2}, "Exchange one of them"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=said):
            may_pick(**changed)


# --- the database says the same


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(
    st.sampled_from([None, 0.0, 0.4, 5.0, 7.3, 60.0]), st.sampled_from([None, 0.0, 8.0, 40.0, 380.0, 6000.0]),
    st.sampled_from(list(Effort)), st.none() | st.integers(0, 4), st.integers(1, 4), st.integers(0, 3),
), min_size=1, max_size=4))  # fmt: skip
async def test_lists_narrow_by_the_same_rule(cast: Cast, rows: list[Any]) -> None:
    class Enough(Exception):
        pass

    with pytest.raises(Enough):
        async with transaction():
            for minutes, cases, effort, touched, met, returns in rows:
                issue = await raised(cast)
                for who in (cast.ben, cast.ann, cast.cleo)[: met - 1]:
                    await actions.note(who, NoteForm(text=Said("Me too."), stream=Stream.STAFF_TOLD, issue=issue.id,
                                                     team=cast.billing, naming=Naming.ANONYMOUS), now=NOW)  # fmt: skip
                await costing(cast, issue, minutes_per_case=minutes, cases_per_month=cases, effort=effort,
                              reputation=touched)  # fmt: skip
                for _ in range(returns):
                    await IssueEvent.insert(IssueEvent(issue=issue.id, at=NOW, what="returned", door="page", reporter=cast.ann.person))
            found = await queries.board(cast.eva, Filters())
            assert {row.met_by for row in found} <= {1, 2, 3, 4, 5}
            for gain in Gain:
                narrowed = await queries.board(cast.eva, Filters(gain=gain))
                assert {row.number for row in narrowed} == {row.number for row in found if row.worth.gain is gain}
            for effort in Effort:
                narrowed = await queries.board(cast.eva, Filters(effort=effort))
                assert {row.number for row in narrowed} == {row.number for row in found if row.effort is effort}
            by_hours = await queries.board(cast.eva, Filters(order="hours"))
            lost = [row.hours or 0 for row in by_hours]
            assert lost == sorted(lost, reverse=True)
            raise Enough


async def test_the_database_draws_the_line_where_the_rule_does(cast: Cast) -> None:
    """Each of the four alone, at its threshold and just below."""
    for least in LEAST.values():
        for off in (0, 1):
            await costing(cast, await raised(cast), minutes_per_case=(least.hours - off) * 60, cases_per_month=1)
            await costing(cast, await raised(cast), reputation=least.reputation - off)
            returned = await raised(cast)
            for _ in range(least.returns - off):
                await IssueEvent.insert(IssueEvent(
                    issue=returned.id, at=NOW, what="returned", door="page", reporter=cast.fay.person))
            met = await raised(cast)
            for _ in range(least.met_by - off - 1):
                await actions.note(cast.ben, NoteForm(text=Said("Me too."), stream=Stream.STAFF_TOLD, issue=met.id,
                                                      team=cast.billing, naming=Naming.ANONYMOUS), now=NOW)  # fmt: skip
    found = await queries.board(cast.eva, Filters())
    assert len(found) == 16
    assert {row.worth.gain for row in found} == set(Gain)
    for gain in Gain:
        narrowed = await queries.board(cast.eva, Filters(gain=gain))
        assert {row.number for row in narrowed} == {row.number for row in found if row.worth.gain is gain}, gain


async def test_reporters_of_joined_issues_count(cast: Cast) -> None:
    first, second = await raised(cast), await raised(cast, cast.ben)
    for who in (cast.ann, cast.max):
        await actions.note(who, NoteForm(text=Said("Here too."), stream=Stream.MANAGER_SAW, issue=second.id,
                                         team=cast.billing), now=NOW)  # fmt: skip
    await actions.join(cast.eva, second.id, first.id, now=NOW)
    row = await queries.issue(None, first.id)
    assert row.met_by == 4
    assert row.worth.gain is Gain.SOME
    assert [found.id for found in await queries.board(cast.eva, Filters(gain=Gain.SOME))] == [first.id]


# --- who may know


async def test_cost_is_no_part_of_a_face(cast: Cast) -> None:
    issue = await raised(cast)
    await costing(cast, issue, minutes_per_case=6, cases_per_month=400, effort=Effort.SMALL, reputation=3)
    (seen,) = await queries.board(cast.cleo, Filters())
    assert not seen.whole
    assert (seen.hours, seen.effort, seen.reputation, seen.returns, seen.quick) == (None, Effort.UNKNOWN, None, 0, False)
    for told in (Filters(effort=Effort.SMALL), Filters(gain=Gain.MUCH), Filters(reputation=1), Filters(order="hours")):
        assert await queries.board(cast.cleo, told) == [], told
        assert [row.id for row in await queries.board(cast.fay, told)] == [issue.id], told
    (whole,) = await queries.board(cast.fay, Filters())
    assert whole.quick


# --- who may say


async def test_the_floor_says_minutes_and_the_department_says_effort(cast: Cast) -> None:
    issue = await raised(cast)
    row = await actions.measure(cast.fay, issue.id, minutes_per_case=6, cases_per_month=400, now=NOW)
    assert (row.hours, row.effort, row.reputation) == (40, Effort.UNKNOWN, None)
    for changed in ({"effort": Effort.SMALL}, {"reputation": 2}):
        with pytest.raises(Forbidden, match="the coordinator and the department"):
            await actions.measure(cast.fay, issue.id, minutes_per_case=6, cases_per_month=400, now=NOW, **changed)  # pyright: ignore[reportArgumentType]
    for stranger in (cast.cleo, cast.ann, cast.gus, cast.hana):
        with pytest.raises(Forbidden):
            await actions.measure(stranger, issue.id, minutes_per_case=1, cases_per_month=1, now=NOW)
    await actions.assign(cast.eva, issue.id, department=cast.it, owner=cast.gus.person, now=NOW)
    row = await actions.measure(cast.gus, issue.id, minutes_per_case=6, cases_per_month=400, effort=Effort.LARGE,
                                reputation=0, now=NOW)  # fmt: skip
    assert (row.effort, row.reputation, row.quick) == (Effort.LARGE, 0, False)
    row = await actions.measure(cast.fay, issue.id, minutes_per_case=3, cases_per_month=400, now=NOW)
    assert (row.hours, row.effort, row.reputation) == (20, Effort.LARGE, 0), "the floor leaves the rest as it is"


async def test_the_history_keeps_the_old_numbers_and_one_can_undo(cast: Cast) -> None:
    issue = await raised(cast)
    await costing(cast, issue, minutes_per_case=6, cases_per_month=400)
    after = NOW + timedelta(minutes=1)
    await actions.measure(cast.eva, issue.id, minutes_per_case=4.5, cases_per_month=None, effort=Effort.SMALL, reputation=1,
                          now=after)  # fmt: skip
    await actions.measure(cast.eva, issue.id, minutes_per_case=4.5, cases_per_month=None, now=after)
    lines = [line.text for line in (await queries.opened(cast.eva, issue.id)).history if line.what == "measured"]
    assert lines == [
        "6 minutes a case, 400 cases a month.",
        "Now: 4.5 minutes a case, effort: small, our name: one customer is annoyed."
        " Before: 6 minutes a case, 400 cases a month.",
    ], "the same again is no line"
    row = await actions.undo(cast.eva, issue.id, now=after)
    assert (row.minutes_per_case, row.cases_per_month, row.effort, row.reputation) == (6, 400, Effort.UNKNOWN, None)


async def test_what_came_back_is_counted_and_raises_the_gain(cast: Cast) -> None:
    issue = await raised(cast)
    await actions.assign(cast.eva, issue.id, department=cast.it, owner=cast.gus.person, now=NOW)
    await actions.resolve(cast.gus, issue.id, Resolution.EVERYBODY, "Done.", now=NOW)
    await actions.verdict(cast.fay, issue.id, Verdict.FIXED, "", now=NOW)
    await actions.note(cast.ben, NoteForm(text=Said("Again."), stream=Stream.STAFF_TOLD, issue=issue.id, team=cast.billing), now=NOW)
    row = await queries.issue(None, issue.id)
    assert (row.returns, row.worth.gain) == (1, Gain.SOME)
    assert "It came back once." in worth.why(row.worth)
    assert await Issue.exists().where(Issue.id == issue.id)
