"""What time causes, as pure rules: each deed once, nobody at night, and no rung before the one below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from floorday import workdays
from floorday.issues.clocks import PAUSE, Charter, Deed, Due, Facts, Rung, due
from floorday.issues.rules import Stage

LONDON = "Europe/London"
ISSUE, OLGA, HUGH, SAM, SELMA, CORA = (UUID(int=number) for number in range(1, 7))
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
FIXING = Facts(
    id=ISSUE, stage=Stage.BEING_FIXED, last_word_at=MONDAY, charter=Charter(word_days=5, acknowledge_days=2),
    owner=OLGA, heads=(HUGH,), sponsor=SAM, service=(SELMA,), coordinators=(CORA,),
)  # fmt: skip
LADDER = [Rung.OWNER, Rung.HEAD, Rung.SPONSOR, Rung.SERVICE]


def live(facts: Facts, moments: Iterable[datetime], zone: str = LONDON) -> list[tuple[date, Due]]:
    """Ask the clocks at each of these moments, as workers do, and remember what was done."""
    done: dict[str, date] = {}
    told: list[tuple[date, Due]] = []
    for now in moments:
        for one in due(structs.replace(facts, done=done), now=now, zone=zone):
            day = now.astimezone(ZoneInfo(zone)).date()
            done[one.key] = day
            told.append((day, one))
    return told


def hours(since: datetime, days: int) -> list[datetime]:
    return [since + timedelta(hours=hour) for hour in range(days * 24)]


def test_silence_climbs_one_rung_after_the_other() -> None:
    told = live(FIXING, hours(MONDAY, 60))
    assert [(day, one.rung, one.persons) for day, one in told] == [
        (date(2026, 3, 10), Rung.OWNER, (OLGA,)), (date(2026, 3, 13), Rung.HEAD, (HUGH,)),
        (date(2026, 3, 18), Rung.SPONSOR, (SAM,)), (date(2026, 3, 23), Rung.SERVICE, (SELMA,)),
    ]  # fmt: skip
    assert {one.deed for _day, one in told} == {Deed.WORD}
    assert [one.days for _day, one in told] == [6, 9, 12, 15]


def test_a_word_begins_a_new_silence() -> None:
    later = structs.replace(FIXING, last_word_at=MONDAY + timedelta(days=7))
    before, after = live(FIXING, hours(MONDAY, 10)), live(later, hours(MONDAY, 30))
    assert not {one.key for _day, one in before} & {one.key for _day, one in after}
    assert after[0][0] == date(2026, 3, 17)


def test_a_rung_where_nobody_stands_is_left_out() -> None:
    told = live(structs.replace(FIXING, heads=(OLGA,), sponsor=None), hours(MONDAY, 40))
    assert [one.rung for _day, one in told] == [Rung.OWNER, Rung.SERVICE]


@pytest.mark.parametrize(("stage", "rungs"), [
    (Stage.NEEDS_OWNER, [Rung.HEAD, Rung.SPONSOR, Rung.SERVICE]), (Stage.BEING_FIXED, LADDER),
    (Stage.TELL_FLOOR, []), (Stage.CANNOT, []), (Stage.DECLINED, []), (Stage.JOINED, []),
])  # fmt: skip
def test_who_hears_of_silence_in_each_stage(stage: Stage, rungs: list[Rung]) -> None:
    told = live(structs.replace(FIXING, stage=stage), hours(MONDAY, 60))
    assert [one.rung for _day, one in told] == rungs


def test_what_no_department_has_taken_is_the_coordinators() -> None:
    told = live(structs.replace(FIXING, stage=Stage.NEEDS_OWNER, heads=(), charter=Charter()), hours(MONDAY, 10))
    assert next((day, one.deed, one.persons) for day, one in told) == (date(2026, 3, 6), Deed.TAKE, (CORA,))


def test_a_promise_is_called_to_mind_and_missed() -> None:
    facts = structs.replace(FIXING, promised_for=date(2026, 3, 9), promised_at=MONDAY)
    told = [(day, one.deed, one.rung) for day, one in live(facts, hours(MONDAY, 15))]
    assert told == [
        (date(2026, 3, 5), Deed.PROMISE_SOON, Rung.OWNER), (date(2026, 3, 10), Deed.DATE_PASSED, Rung.FLOOR),
        (date(2026, 3, 10), Deed.PROMISE_PASSED, Rung.OWNER), (date(2026, 3, 13), Deed.PROMISE_PASSED, Rung.HEAD),
    ]  # fmt: skip


def test_a_promise_for_tomorrow_is_not_called_to_mind() -> None:
    facts = structs.replace(FIXING, promised_for=date(2026, 3, 3), promised_at=MONDAY)
    assert Deed.PROMISE_SOON not in {one.deed for _day, one in live(facts, hours(MONDAY, 3))}


def test_a_word_after_the_date_stops_its_ladder() -> None:
    facts = structs.replace(FIXING, promised_for=date(2026, 3, 9), last_word_at=datetime(2026, 3, 10, 6, tzinfo=UTC))
    told = live(facts, hours(facts.last_word_at, 9))
    assert [one.deed for _day, one in told] == [Deed.WORD]


def test_a_decision_waits_for_the_sponsor_then_for_the_head_of_service() -> None:
    facts = structs.replace(FIXING, stage=Stage.NEEDS_DECISION, asked_at=MONDAY, charter=Charter(word_days=60))
    told = [(day, one.rung) for day, one in live(facts, hours(MONDAY, 30))]
    assert told == [(date(2026, 3, 6), Rung.SPONSOR), (date(2026, 3, 11), Rung.SERVICE)]


def test_verdicts_are_asked_for_once_more_after_a_week() -> None:
    facts = structs.replace(FIXING, stage=Stage.TELL_FLOOR, resolution="everybody", resolved_at=MONDAY, round=1)
    assert [(day, one.deed) for day, one in live(facts, hours(MONDAY, 14))] == [(date(2026, 3, 9), Deed.VERDICT)]


def test_fixed_here_is_asked_again_after_thirty_days() -> None:
    confirmed = structs.replace(FIXING, stage=Stage.CONFIRMED, resolution="here", resolved_at=MONDAY, round=1)
    assert [(day, one.deed) for day, one in live(confirmed, hours(MONDAY, 90))] == [
        (date(2026, 4, 1), Deed.STILL_FIXED)]  # fmt: skip
    assert live(structs.replace(confirmed, resolution="everybody"), hours(MONDAY, 90)) == []


def test_what_was_brought_in_begins_anew() -> None:
    """A programme that brings its past is not told of a year's silence on its first morning."""
    facts = structs.replace(FIXING, last_word_at=MONDAY - timedelta(days=300), watched_from=MONDAY,
                            promised_for=date(2026, 1, 5))  # fmt: skip
    assert live(facts, hours(MONDAY, 60))[0][0] == date(2026, 3, 10)
    resolved = structs.replace(facts, stage=Stage.CONFIRMED, resolution="here", resolved_at=MONDAY - timedelta(days=29))
    assert live(resolved, hours(MONDAY, 60)) == []


def test_what_is_put_aside_sleeps() -> None:
    facts = structs.replace(FIXING, snoozed_until=date(2026, 4, 1))
    assert live(facts, hours(MONDAY, 28)) == []
    assert live(facts, hours(MONDAY, 32)) != []


@settings(max_examples=60, deadline=None)
@given(
    since=st.integers(0, 730 * 24).map(lambda hour: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)),
    zone=st.sampled_from([LONDON, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]),
    stage=st.sampled_from(list(Stage)), word_days=st.integers(0, 15), promised=st.none() | st.integers(0, 20),
    heads=st.sampled_from([(), (HUGH,), (OLGA,)]), sponsor=st.sampled_from([None, SAM, OLGA]),
    gaps=st.lists(st.integers(1, 24 * 9), min_size=30, max_size=30),
)  # fmt: skip
def test_whatever_the_worker_sleeps_each_deed_is_done_once(
    since: datetime, zone: str, stage: Stage, word_days: int, promised: int | None, heads: tuple[UUID, ...],
    sponsor: UUID | None, gaps: list[int],
) -> None:  # fmt: skip
    facts = structs.replace(
        FIXING, stage=stage, last_word_at=since, charter=Charter(word_days=word_days), heads=heads, sponsor=sponsor,
        promised_for=None if promised is None else (since + timedelta(days=promised)).date(), promised_at=since,
        asked_at=since, resolution="here", resolved_at=since, round=1,
    )  # fmt: skip
    moments = [since]
    for gap in gaps:
        moments.append(moments[-1] + timedelta(hours=gap))
    told = live(facts, moments, zone)
    assert not [key for key, times in Counter(one.key for _day, one in told).items() if times > 1]
    assert all(workdays.is_workday(day) for day, _one in told)
    persons = Counter((one.deed, person) for _day, one in told for person in one.persons)
    assert not [who for who, times in persons.items() if times > 1]
    for deed in (Deed.WORD, Deed.PROMISE_PASSED, Deed.TAKE, Deed.DECIDE):
        climbed = [(day, one.rung) for day, one in told if one.deed is deed]
        assert all(workdays.between(before[0], after[0]) >= PAUSE for before, after in pairwise(climbed))
    restless = live(facts, (since + timedelta(hours=3 * step) for step in range(200 * 8)), zone)
    assert {one.key for _day, one in told} <= {one.key for _day, one in restless} | {
        one.key for _day, one in told if one.deed is Deed.PROMISE_SOON}  # fmt: skip


@pytest.mark.parametrize("zone", [LONDON, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
@pytest.mark.parametrize("since", [datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 16, tzinfo=UTC)])
def test_nobody_is_told_at_night_when_clocks_change(zone: str, since: datetime) -> None:
    facts = structs.replace(FIXING, last_word_at=since - timedelta(days=9))
    for now in hours(since, 21):
        local = now.astimezone(ZoneInfo(zone))
        found = due(facts, now=now, zone=zone)
        assert bool(found) == (local.hour >= 8 and local.weekday() < 5)
