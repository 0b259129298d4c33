"""The same figures again, said slowly: as the definitions read, without indexes or folds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from floorday.summaries.figures import (
    COMPANY,
    Day,
    DayEvent,
    History,
    Issue,
    IssueEvent,
    Month,
    Note,
    Team,
    month,
)
from tests.summaries.test_figures import LATER, LONDON, state

START = datetime(2026, 6, 1, tzinfo=LONDON)
END = datetime(2026, 7, 1, tzinfo=LONDON)
times = st.integers(0, 45).map(lambda days: START + timedelta(days=days))
dues = st.integers(5, 25).map(lambda days: date(2026, 6, days))

issue_events = st.one_of(
    st.builds(IssueEvent, times, st.just("resolved"), how=st.sampled_from(["here", "workaround", "cannot"])),
    st.builds(
        IssueEvent,
        times,
        st.just("verdict"),
        says=st.sampled_from(["fixed", "partly", "not"]),
        reporter=st.just("ben"),
    ),
    st.builds(IssueEvent, times, st.sampled_from(["declined", "reopened", "updated", "asked"])),
    st.builds(IssueEvent, times, st.just("returned"), reporter=st.sampled_from(["ben", "cleo"])),
    st.builds(IssueEvent, times, st.just("promised"), due=dues),
)
day_events = st.one_of(
    st.builds(DayEvent, times, st.sampled_from(["invited", "tentative", "accepted", "declined", "held", "missed"])),
    st.builds(DayEvent, times, st.just("postponed"), start=st.none() | times),
)


def june(**facts: Any) -> Month:
    history = History(teams=(Team("north", "North"),), **facts)
    answer = month(history, COMPANY, "2026-06", now=LATER, zone=LONDON)
    assert answer is not None
    return answer


def issue(events: list[IssueEvent]) -> Issue:
    return Issue("i1", "north", (Note(START, "ben"),), tuple(events))


def past(events: list[Any], end: datetime = END) -> list[Any]:
    return [e for e in sorted(events, key=lambda e: e.at.astimezone(UTC)) if e.at < end]


def standing(events: list[IssueEvent]) -> tuple[str, int]:
    """Look back for the last resolution, refusal or reopening, and say where it is."""
    for place in reversed(range(len(events))):
        event = events[place]
        if event.what == "resolved":
            return "cannot" if event.how == "cannot" else "resolved", place
        if event.what == "declined":
            return "declined", place
        if reopens(events, place):
            return "open", place
    return "open", -1


def reopens(events: list[IssueEvent], place: int) -> bool:
    event, (was, _) = events[place], standing(events[:place])
    if event.what == "verdict" and event.says in {"not", "partly"}:
        return was in {"resolved", "cannot"}
    return event.what in {"reopened", "returned"} and was in {"resolved", "cannot", "declined"}


@settings(max_examples=400, deadline=None)
@given(st.lists(issue_events, max_size=9))
def test_a_state_is_what_the_last_resolution_and_its_verdicts_say(events: list[IssueEvent]) -> None:
    before = past(events)
    stands, place = standing(before)
    if stands == "resolved":
        said = [e.says for e in before[place + 1 :] if e.what == "verdict"]
        old = END.astimezone(UTC) - before[place].at.astimezone(UTC) >= timedelta(hours=14 * 24)
        stands = "closed_confirmed" if "fixed" in said else "unconfirmed" if old else "waiting"
    answer = june(issues=(issue(events),))
    assert state(answer) == [stands]
    assert answer.figures["issues_reopened"].value == any(reopens(before, n) for n in range(len(before)))


@settings(max_examples=400, deadline=None)
@given(st.lists(issue_events, max_size=9))
def test_a_promise_is_kept_moved_or_broken_by_the_end_of_its_date(events: list[IssueEvent]) -> None:
    expected = {"kept": 0, "moved": 0, "broken": 0}
    for due in {e.due for e in events if e.due}:
        before = past(events, datetime(2026, 6, due.day + 1, tzinfo=LONDON))
        places = [n for n, e in enumerate(before) if e.due == due]
        if places:
            expected[fate(before, places[-1])] += 1
    figures = june(issues=(issue(events),)).figures
    assert {name: figures[f"promises_{name}"].value for name in expected} == expected


def fate(before: list[IssueEvent], said: int) -> str:
    stands, place = standing(before)
    later = before[said + 1 :]
    if stands == "resolved":
        return "kept"
    if any(e.what in {"promised", "declined"} for e in later) or (stands == "cannot" and place > said):
        return "moved"
    return "broken"


@settings(max_examples=400, deadline=None)
@given(times, st.lists(day_events, max_size=8))
def test_a_day_counts_where_it_was_last_accepted(start: datetime, events: list[DayEvent]) -> None:
    before = past(events)
    accepted = [n for n, e in enumerate(before) if e.what == "accepted"]
    starts = [start, *(e.start for e in before[: accepted[-1]] if e.start)] if accepted else []
    words = [e.what for e in before if e.what not in {"invited", "tentative"}]
    expected: dict[str, int] = dict.fromkeys(("held", "missed", "cancelled", "postponed", "unsettled"), 0)
    if starts and START <= starts[-1] < END:
        expected[words[-1] if words[-1] in expected else "unsettled"] = 1
    figures = june(days=(Day("d1", "ann", "north", start, tuple(events)),)).figures
    assert {name: figures[f"days_{name}"].value for name in expected} == expected


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["here", "cannot", None])), max_size=8))
def test_the_median_is_the_first_day_on_which_half_survive(lasted: list[tuple[int, Any]]) -> None:
    def resolved(days: int, how: Any) -> tuple[IssueEvent, ...]:
        return (IssueEvent(START + timedelta(days=days), "resolved", how=how),) if how else ()

    issues = [Issue(str(n), "north", (Note(START, "ben"),), resolved(*each)) for n, each in enumerate(lasted)]
    fixed = [days for days, how in lasted if how == "here"]
    seen = [days if how else 30 for days, how in lasted]

    def left(until: int) -> float:
        share = 1.0
        for day in range(until + 1):
            at_risk = sum(days >= day for days in seen)
            share *= 1 - fixed.count(day) / at_risk if at_risk else 1
        return share

    expected = next((day for day in range(31) if lasted and left(day) <= 0.5 + 1e-9), None)
    assert june(issues=tuple(issues)).figures["time_to_fix_median"].value == expected
