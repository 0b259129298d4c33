"""A month counted once more: the same where nothing has happened since, and otherwise what the facts say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorday import config, db
from floorday.db import transaction
from floorday.people.tables import Department, Person, Team
from floorday.summaries import figures, queries, rules
from floorday.summaries.actions import freezing
from floorday.summaries.figures import COMPANY, RESTATED, Day, History, Ledger, Subject, window
from floorday.summaries.queries import Whose
from floorday.summaries.rules import Deed, Do, Facts, Way
from tests.history.files import FOLDER, bring_in
from tests.summaries.history_file import expected, read
from tests.summaries.test_figures import LATER, LONDON
from tests.summaries.test_figures_slowly import END, START, day_events, issue, issue_events, past, standing, times
from tests.summaries.test_known_answers import CASES, NOW, close, ledger

JUNE = window("2026-06", now=LATER, zone=LONDON)
assert JUNE is not None


def recounted(history: Ledger, end: datetime) -> dict[str, Any]:
    assert JUNE is not None
    return {name: figure.value for name, figure in figures.recounted(history, COMPANY, JUNE, end).items()}


@pytest.mark.parametrize(("name", "text", "cut"), CASES)
def test_a_month_counted_at_its_own_end_is_what_it_was(name: str, text: str, cut: str) -> None:
    known = expected(name)
    subject, zone = Subject(cut, (known["cuts"][cut] or {}).get("id")), read(name)[1]
    answer, edges = figures.month(ledger(name), subject, text, now=NOW, zone=zone), window(text, now=NOW, zone=zone)
    assert answer is not None
    assert edges is not None
    again = figures.recounted(ledger(name), subject, edges, edges.end)
    assert list(again) == list(RESTATED)
    assert {one: again[one].rows for one in RESTATED} == {one: answer.figures[one].rows for one in RESTATED}


@settings(max_examples=300, deadline=None)
@given(st.lists(issue_events, max_size=9), st.lists(day_events, max_size=6), times)
def test_whatever_happened_a_month_at_its_own_end_is_what_it_was(issues: Any, days: Any, start: datetime) -> None:
    history = Ledger(History(
        teams=(figures.Team("north", "North"),), issues=(issue(issues),),
        days=(Day("d1", "ann", "north", start, tuple(days)),),
    ))  # fmt: skip
    answer = figures.month(history, COMPANY, "2026-06", now=LATER, zone=LONDON)
    assert answer is not None
    assert recounted(history, END) == {name: answer.figures[name].value for name in RESTATED}


@settings(max_examples=300, deadline=None)
@given(st.lists(issue_events, max_size=9), st.integers(0, 20))
def test_a_confirmation_that_was_taken_back_is_none(events: Any, later: int) -> None:
    end = END + timedelta(days=later)
    before = past(events, end)
    stands, place = standing(before)
    fixed = [e.at for e in before[place + 1 :] if e.what == "verdict" and e.says == "fixed"]
    confirmed = stands == "resolved" and bool(fixed) and START <= fixed[0] < END
    history = Ledger(History(teams=(figures.Team("north", "North"),), issues=(issue(events),)))
    found = recounted(history, end)
    assert found["issues_confirmed"] == confirmed
    assert found["returns"] == sum(e.what == "returned" for e in past(events))
    assert found["issues_raised"] == 1


@pytest.mark.parametrize("cut", ["company", "team", "manager", "department"])
async def test_a_year_sent_month_by_month_says_what_is_known_of_each(database: db.Engine, cut: str) -> None:
    """Each month is sent on its day, with all that was to come in the database already."""
    await bring_in((FOLDER / "demo_year.history.jsonl").read_bytes().splitlines(), now=NOW)
    known, zone = expected("demo_year"), ZoneInfo(expected("demo_year")["zone"])
    table = {"team": Team, "manager": Person, "department": Department}.get(cut)
    row = await table.select(table.id).where(table.external_id == known["cuts"][cut]["id"]).first() if table else None
    subject = Subject(cut, row["id"] if row else None)  # type: ignore[arg-type]
    said: dict[tuple[str, str], int] = {}
    for text in known["months"]:
        edges = window(text, now=NOW, zone=zone)
        assert edges is not None
        made = await freezing.draft(subject, text, now=edges.end + timedelta(days=3))
        assert made is not None
        behind = await freezing.kept(made.month)
        async with transaction():
            await freezing.write(Whose(subject, ""), made, behind, freezing.Comment(), at=edges.end)
        for line in made.told.restated:
            assert line.said == said[line.month, line.name], "it quotes what was sent"
        said |= {(text, name): int(made.numbers()[name]["value"]) for name in RESTATED}
    for text, cuts in known["months"].items():
        sent = await queries.frozen(subject, text)
        assert sent is not None
        assert sent.numbers() == close(cuts[cut]), text


async def test_what_a_year_restates_is_what_a_count_at_that_end_says(database: db.Engine) -> None:
    await bring_in((FOLDER / "demo_year.history.jsonl").read_bytes().splitlines(), now=NOW)
    zone = ZoneInfo("Europe/London")
    history = Ledger(read("demo_year")[0])
    told: dict[tuple[str, str], int] = {}
    lines = 0
    for text in expected("demo_year")["months"]:
        edges = window(text, now=NOW, zone=zone)
        assert edges is not None
        made = await freezing.draft(COMPANY, text, now=edges.end)
        assert made is not None
        for one in sorted({month for month, _name in told}):
            earlier = window(one, now=NOW, zone=zone)
            assert earlier is not None
            for name, figure in figures.recounted(history, COMPANY, earlier, edges.end).items():
                restated = [line.now for line in made.told.restated if (line.month, line.name) == (one, name)]
                assert restated == ([] if figure.value == told[one, name] else [figure.value]), (text, one, name)
                told[one, name] = figure.value
                lines += len(restated)
        async with transaction():
            await freezing.write(Whose(COMPANY, ""), made, await freezing.kept(made.month), freezing.Comment(),
                                 at=edges.end)  # fmt: skip
        told |= {(text, name): made.month.figures[name].value for name in RESTATED}
    assert lines == 2, "of those that were reopened two had been confirmed in an earlier month"


# --- the calendar --------------------------------------------------------------------------------------------------


def nth(first: date, count: int) -> date:
    """Give a working day, Mondays to Fridays."""
    days = [first + timedelta(days=n) for n in range(20)]
    return [day for day in days if day.weekday() < 5][count - 1]


def facts(*ways: Way, alive: bool = True, hour: int = 7, zone: str = "Europe/London") -> Facts:
    return Facts(ways, alive, ZoneInfo(zone), hour, nth)


BEFORE_US = Way(month="2026-10", before_us=True)


@pytest.mark.parametrize(
    ("now", "deeds"),
    [
        ("2026-11-30T23:59:00+00:00", []),
        ("2026-12-01T06:59:00+00:00", []),
        ("2026-12-01T07:00:00+00:00", [("preview", "2026-11")]),
        ("2026-12-03T07:00:00+00:00", [("preview", "2026-11"), ("send", "2026-11")]),
        ("2027-01-04T07:00:00+00:00", [("preview", "2026-11"), ("send", "2026-11"), ("preview", "2026-12")]),
    ],
)
def test_what_is_due_when(now: str, deeds: list[tuple[str, str]]) -> None:
    assert [(deed.do, deed.month) for deed in rules.due(facts(BEFORE_US), now=datetime.fromisoformat(now))] == deeds


def test_the_hour_is_that_of_the_zone() -> None:
    auckland = facts(BEFORE_US, zone="Pacific/Auckland")
    assert rules.send_at("2026-11", auckland) == datetime(2026, 12, 2, 18, tzinfo=UTC)
    assert rules.due(auckland, now=datetime(2026, 12, 2, 17, 59, tzinfo=UTC))[-1:] == [
        Deed(Do.PREVIEW, "2026-11")]
    london = facts(Way(month="2026-02", before_us=True))
    assert rules.preview_at("2026-03", london) == datetime(2026, 4, 1, 6, tzinfo=UTC), "the clocks have changed"


@given(
    st.integers(0, 60 * 24 * 400), st.booleans(), st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_nothing_is_sent_that_is_held_sent_or_not_over(
    minutes: int, previewed: bool, held: bool, asked: bool, sent: bool
) -> None:
    way = Way(month="2026-11", previewed=previewed, held=held, asked=asked, sent=sent)
    moment = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    deeds = [deed for deed in rules.due(facts(BEFORE_US, way), now=moment) if deed.month == "2026-11"]
    over = moment >= datetime(2026, 12, 1, tzinfo=UTC)
    sends = over and not sent and not held and (asked or moment >= datetime(2026, 12, 3, 7, tzinfo=UTC))
    assert (Deed(Do.SEND, "2026-11") in deeds) == sends
    assert not (sent and deeds)
    assert not [deed for deed in deeds if not over]


@given(st.lists(st.integers(0, 2**40), max_size=60))
def test_numbers_are_packed_in_their_order(numbers: list[int]) -> None:
    assert rules.unpacked(rules.packed(numbers)) == numbers


def test_a_month_of_a_hundred_thousand_lines_is_packed_small() -> None:
    assert len(rules.packed(list(range(1, 100_001)))) < 3_000


def test_the_settings_know_the_hour() -> None:
    assert config.load({"FLOORDAY_SUMMARY_HOUR": "16"}).summary_hour == 16
    assert msgspec.json.encode(rules.twelve_before("2026-03"))[:10] == b'["2025-03"'
