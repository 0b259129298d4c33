"""The year with known answers, lived by the demo in any calendar year, shows its table."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from floorday.demo import cast, company, crowd, past, tales, year
from floorday.demo.workdays import Workdays
from floorday.history import actions as history
from floorday.summaries.figures import COMPANY, History, Ledger, month, numbers
from tests.summaries.history_file import KINDS, expected, fact
from tests.summaries.test_known_answers import close

LONDON = ZoneInfo("Europe/London")
TABLE = """
01  3 18  6  9 11 14 16  2
02  4 25  9 13 16 20 22  3
03  3 19  7 10 12 15 16  3
04  4 24  8 12 15 19 20  4
05  4 25  9 13 16 20 20  5
06  3 18  6  9 11 14 14  4
07  2 12  4  6  8  -  9  3
08  2 13  5  7  8  -  9  4
09  4 25  9 13 16  - 16  9
10  4 24  8 12  -  - 14 10
11  5 31 11  -  -  - 14 17
12  3 18  -  -  -  -  3 15
"""
"""Month; days held; issues; said fixed within 30, 60, 90, 180 days; ever; never. As it stood at the end of December."""
YEARS = range(2019, 2036)
"""Each weekday begins one of them, in a leap year and in others."""


@cache
def lines(in_year: int) -> tuple[dict[str, Any], ...]:
    """What the demo brings in when this was its last year, on a day of the autumn."""
    workdays = Workdays(datetime(in_year + 1, 11, 20, 12, tzinfo=UTC), cast.LONDON)
    told = past.lines(workdays, workdays.moment(company.FOUNDED, "10:00", cast.LONDON))
    return tuple(map(json.loads, told))


@cache
def ledger(in_year: int, word_days: int | None = None) -> Ledger:
    found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for line in lines(in_year)[1:]:
        kind = line["type"]
        if kind in KINDS:
            found[kind].append(fact(kind, {name: value for name, value in line.items() if name != "type"}))
    if word_days:
        found["department"] = [structs.replace(one, word_days=word_days) for one in found["department"]]
    return Ledger(History(*(tuple(found[kind]) for kind in ("team", "department", "day", "issue", "story"))))


def shown(in_year: int, text: str, *, word_days: int | None = None) -> dict[str, dict[str, Any]]:
    answer = month(ledger(in_year, word_days), COMPANY, text, now=datetime(in_year + 2, 6, 1, tzinfo=UTC), zone=LONDON)
    assert answer is not None
    return numbers(answer)


def stood(in_year: int) -> str:
    """Write the table anew from what the summaries show."""
    december = shown(in_year, f"{in_year}-12")
    end = datetime(in_year + 1, 1, 1, tzinfo=UTC)
    said: Counter[str] = Counter()
    for line in lines(in_year):
        if line.get("type") == "issue" and line["notes"][0]["at"] < f"{in_year + 1}":
            fixed = any(event["what"] == "resolved" and datetime.fromisoformat(event["at"]) < end
                        for event in line["events"])
            said[line["notes"][0]["at"][5:7]] += fixed
    rows: list[str] = []
    for cohort in december["cohorts"]["value"]:
        number = cohort["month"][5:]
        held = shown(in_year, cohort["month"])["days_held"]["value"]
        within = ["-" if cohort[f"said_{n}"] is None else cohort[f"said_{n}"] for n in (30, 60, 90, 180)]
        ever = said[number]
        rows.append(" ".join([number, *(f"{one:>2}" for one in
                    (held, cohort["raised"], *within, ever, cohort["raised"] - ever))]))
    return "\n".join(rows)


@pytest.mark.parametrize("in_year", YEARS)
def test_its_cohorts_are_those_of_the_table(in_year: int) -> None:
    assert stood(in_year) == TABLE.strip()


@pytest.mark.parametrize("in_year", YEARS)
def test_its_december_shows_the_sums_of_the_table(in_year: int) -> None:
    december = shown(in_year, f"{in_year}-12")
    assert [(december[name]["numerator"], december[name]["denominator"]) for name in (
        "said_30", "said_60", "said_90", "said_180")] == [(82, 234), (104, 203), (113, 179), (102, 129)]
    assert {name: december[f"issues_{name}"]["value"] for name in (
        "open", "waiting", "unconfirmed", "closed_confirmed", "cannot", "declined")} == {
        "open": 89, "waiting": 2, "unconfirmed": 43, "closed_confirmed": 118, "cannot": 0, "declined": 0}
    assert (december["confirmed_rate"]["numerator"], december["confirmed_rate"]["denominator"]) == (118, 252)
    assert (december["answered_rate"]["numerator"], december["answered_rate"]["denominator"]) == (128, 173)
    months = [shown(in_year, f"{in_year}-{number:02}") for number in range(1, 13)]
    names = ("days_held", "issues_raised", "returns", "stories")
    sums = {name: sum(one[name]["value"] for one in months) for name in names}
    assert sums == {"days_held": 41, "issues_raised": 252, "returns": 28, "stories": 36}


def test_in_the_year_of_the_known_answers_every_month_is_known_number_for_number() -> None:
    """All of them have charters of ten days there, while field service has promised the demo's floor a word in five."""
    known = expected("demo_year")["months"]
    names = {"IT": "IT", "Billing": "Invoicing", "Legal": "Legal", "Logistics": "Field service",
             "Product": "Products and planning", "Facilities": "Facilities", "Training": "Training",
             "Workforce": "Workforce planning", "Data": "Data", "Payments": "Payments"}  # fmt: skip
    teams = dict(zip(("Team Leeds", "Team York", "Team Chat", "Team Claims", "Team Orders", "Team Night"), crowd.TEAMS,
                     strict=True))  # fmt: skip
    for text, cuts in known.items():
        seen, meant = shown(2026, text, word_days=10), cuts["company"]
        for pair in meant["friction"]["value"]:
            pair |= {"department": names[pair["department"]], "team": teams[pair["team"]]}
        for figures in (seen, meant):
            figures["friction"]["value"].sort(key=str)  # other names, another order among equals
        assert seen == close(meant), text


def test_who_and_what_is_as_many_as_in_the_table() -> None:
    written = year.visits()
    raised = [one for visit in written for one in visit.raised]
    assert (len(crowd.TEAMS), len(crowd.ALL_MANAGERS), len(crowd.DEPARTMENTS)) == (6, 20, 10)
    assert len(cast.ASSISTANTS) + crowd.ASSISTANTS == 9
    assert (len(written), sum(visit.held for visit in written), len(raised)) == (60, 41, 252)
    assert Counter(visit.month for visit in written) == Counter(dict.fromkeys(range(1, 13), 5))
    last = Counter(visit.steps[-1][0] if visit.steps else "" for visit in written)
    assert last == {"held": 41, "postponed": 4, "declined": 6, "tentative": 3, "": 6}
    assert Counter(one.kind for one in raised) == {
        "glitch": 76, "red tape": 45, "hand-off": 51, "product": 25, "knowledge": 20, "staffing": 15,
        "measure conflict": 12, "workspace": 8}
    assert sum(not one.known_before for one in raised) == 184
    assert sum(one.sponsored for one in raised) == 41
    invoicing = crowd.DEPARTMENTS.index(cast.INVOICING)
    assert sum(one.department == invoicing for one in raised if one.kind == "hand-off") == 18
    notes = Counter(by for one in raised for by in one.by)
    assert (len(notes), notes.total()) == (112, 264)
    assert round(sum(count for _, count in notes.most_common(12)) / 264, 2) == 0.62
    returns = Counter(sum(event.what == "returned" for event in one.events) for one in raised)
    assert (sum(returns.values()) - returns[0], sum(n * count for n, count in returns.items())) == (9, 28)


def test_visits_are_on_working_days() -> None:
    for in_year in YEARS:
        days = [past.on(visit, in_year) for visit in year.visits()]
        assert {day.weekday() for day in days} <= set(range(5))
        assert [day.month for day in days] == [visit.month for visit in year.visits()]


def test_nobody_and_nothing_is_there_twice() -> None:
    keys = [*cast.EVERYBODY, *(one.key for one in crowd.EVERYBODY)]
    assert len(set(keys)) == len(keys) == len(cast.EVERYBODY) + crowd.REPORTERS + 12 + 6 + 2 + 5
    titles = [line["title"] for line in lines(2025) if line.get("type") == "issue"]
    assert len(set(titles)) == len(titles) > 400
    assert max(map(len, titles)) <= 120
    assert all(kind in tales.DONE for kind in tales.TITLES)


@pytest.mark.parametrize("ago", [0, 17, 45, 80, 140, 200, 280, 340])
def test_it_can_be_brought_in_on_any_day_of_the_year(ago: int) -> None:
    """The form refuses what lies in the future, promises for a date that is over, verdicts of nobody."""
    now = datetime(2026, 12, 31, 6, tzinfo=UTC) - timedelta(days=ago)
    workdays = Workdays(now, cast.LONDON)
    founded = workdays.moment(company.FOUNDED, "10:00", cast.LONDON)
    found = history.read(past.lines(workdays, founded), now=now)
    assert sum(one.is_.start.year == past.year_of(founded) for one in found.days) == 60
    assert all(one.is_.end < founded for one in found.days)


@pytest.mark.parametrize("ago", range(3, 365, 40))
def test_nobody_has_been_left_without_a_word_on_any_day_it_opens(ago: int) -> None:
    """The shortest charter asks for a word in five working days; everything happened in its order."""
    now = datetime(2027, 12, 31, 12, tzinfo=UTC) - timedelta(days=ago)
    workdays = Workdays(now, cast.LONDON)
    told = map(json.loads, past.lines(workdays, workdays.moment(company.FOUNDED, "10:00", cast.LONDON)))
    issues = [line for line in told if line.get("type") == "issue"]
    waiting = 0
    for issue in issues:
        at = [datetime.fromisoformat(event["at"]) for event in issue["events"]]
        assert at == sorted(at), issue["id"]
        assert all(moment < now for moment in at), issue["id"]
        last = issue["events"][-1] if at else {"what": "raised"}
        ended = last["what"] in {"resolved", "declined"} or last.get("says") == "fixed"
        waiting += not ended
        assert ended or now - at[-1] <= timedelta(days=7), (issue["id"], last)
    assert waiting > 10


def test_what_the_page_about_the_demo_says_is_so() -> None:
    page = (Path(__file__).parents[2] / "docs" / "demo.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]
    cohorts = [" ".join(row) for row in rows if len(row) == 9 and row[0].isdecimal()]
    assert cohorts == [" ".join(line.split()) for line in stood(2025).splitlines()]
    beside = {row[0]: row[2] for row in rows if len(row) == 3 and row[0] not in {"of the year", "---"}}
    assert beside == said_beside(2025)
    assert all(row[1] == row[2] for row in rows if len(row) == 3 and row[0] in beside)


def said_beside(in_year: int) -> dict[str, str]:
    """Write the second column of that page from what the demo brings in."""
    december = shown(in_year, f"{in_year}-12")
    days = [line for line in lines(in_year) if line.get("type") == "day" and line["id"].startswith(f"{in_year}-")]
    issues = [line for line in lines(in_year) if line.get("type") == "issue" and line["id"].startswith(f"{in_year}-")]
    stories = [line for line in lines(in_year) if line.get("type") == "story" and line["id"].startswith(f"{in_year}-")]
    ended = Counter([event for event in one["events"] if event["at"] < f"{in_year + 1}"][-1]["what"] for one in days)
    kinds = Counter(one["kind"] for one in issues)
    notes = Counter(note["reporter"] for one in issues for note in one["notes"])
    back = Counter(event["what"] == "returned" for one in issues for event in one["events"]
                   if event["at"] < f"{in_year + 1}")
    came = sum(any(event["what"] == "returned" and event["at"] < f"{in_year + 1}" for event in one["events"])
               for one in issues)
    supplied = sum(one["kind"] == "hand-off" and one["department"] == cast.INVOICING for one in issues)
    busiest = sum(count for _, count in notes.most_common(12))

    def part(name: str) -> str:
        return f"{december[name]['numerator']} of {december[name]['denominator']}"

    def listed(names: str) -> str:
        return ", ".join(str(kinds[name]) for name in names.split(", "))

    return {
        "invitations, five a month; held": f"{len(days)}; {ended['held']}",
        "postponed and not yet held; declined; tentative; no answer":
            f"{ended['postponed']}; {ended['declined']}; {ended['tentative']}; {ended['invited']}",
        "issues; sponsored by the visiting manager": f"{len(issues)}; {sum('sponsor' in one for one in issues)}",
        "not known through another channel": str(sum(not one["known_before"] for one in issues)),
        "reporters; notes; of the twelve busiest":
            f"{len(notes)}; {notes.total()}; {busiest / notes.total():.0%}".replace("%", " %"),
        "glitch, red tape, hand-off (from Invoicing)": f"{listed('glitch, red tape, hand-off')} ({supplied})",
        "product, knowledge, staffing, measure conflict, workspace":
            listed("product, knowledge, staffing, measure conflict, workspace"),
        **{f"{'said fixed ' if n == 30 else ''}within {n} days": part(f"said_{n}") for n in (30, 60, 90, 180)},
        "confirmed; of those answered": f"{part('confirmed_rate')}; {part('answered_rate')}",
        "waiting, unconfirmed, open": ", ".join(
            str(december[f"issues_{name}"]["value"]) for name in ("waiting", "unconfirmed", "open")),
        "issues that came back; returns": f"{came}; {back[True]}",
        "stories, of which on a day": f"{len(stories)}, {sum('day' in one for one in stories)}",
    }
