"""Corners of the figures, each small enough to count on one's fingers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from floorday.summaries.figures import (
    COMPANY,
    Day,
    DayEvent,
    Department,
    Figure,
    History,
    Issue,
    IssueEvent,
    Ledger,
    Month,
    Note,
    Story,
    Subject,
    Team,
    month,
    numbers,
    window,
)

LONDON = ZoneInfo("Europe/London")
BERLIN = ZoneInfo("Europe/Berlin")
LATER = datetime(2030, 1, 1, tzinfo=UTC)
TEAMS = (Team("north", "North"), Team("south", "South"))
DEPARTMENTS = (Department("it", "IT"), Department("legal", "Legal", word_days=2))
CONFIRMED, RESOLVED = "issues_closed_confirmed", ("resolved", "here")


def at(text: str) -> datetime:
    """Read "06-02 09:30" as London time in 2026; a date alone is noon."""
    text = text if " " in text else f"{text} 12:00"
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=LONDON)


def happened(when: str, what: str, *more: str) -> IssueEvent:
    """Write an event in few words: ("06-02", "verdict", "ben", "not")."""
    names = {"promised": ["due"], "resolved": ["how"], "verdict": ["reporter", "says"], "joined": ["into"]}
    parts: dict[str, Any] = dict(zip(names.get(what, ["reporter"]), more, strict=False))
    if "due" in parts:
        parts["due"] = date.fromisoformat(f"2026-{parts['due']}")
    return IssueEvent(at(when), what, **parts)


def issue(
    *events: tuple[str, ...], id: str = "i1", notes: tuple[tuple[str, str | None], ...] = (), **more: Any
) -> Issue:
    written = notes or (("06-01 09:00", "ben"),)
    return Issue(
        id,
        more.pop("team", "north"),
        tuple(Note(at(when), reporter) for when, reporter in written),
        tuple(happened(*event) for event in events),
        **more,
    )


def day(*events: tuple[str, ...], start: str = "06-10 09:00", **more: Any) -> Day:
    happenings = tuple(DayEvent(at(e[0]), e[1], at(e[2]) if len(e) > 2 else None) for e in events)
    return Day("d1", "ann", "north", at(start), happenings, **more)


def programme(*issues: Issue, **more: Any) -> History:
    return History(TEAMS, DEPARTMENTS, issues=issues, **more)


def june(history: History, text: str = "2026-06", *, now: datetime = LATER, subject: Subject = COMPANY) -> Month:
    answer = month(history, subject, text, now=now, zone=LONDON)
    assert answer is not None
    return answer


def values(answer: Month, *names: str) -> list[Any]:
    return [answer.figures[name].value for name in names]


def state(answer: Month) -> list[str]:
    names = ("open", "waiting", "unconfirmed", "closed_confirmed", "cannot", "declined")
    return [name for name in names for _ in answer.figures[f"issues_{name}"].rows]


# --- states


@pytest.mark.parametrize(
    ("events", "stands"),
    [
        ([], "open"),
        ([("06-05", "acknowledged")], "open"),
        ([("06-20", *RESOLVED)], "waiting"),
        ([("06-17 00:00", *RESOLVED)], "unconfirmed"),
        ([("06-17 00:01", *RESOLVED)], "waiting"),
        ([("06-05", "resolved", "workaround"), ("06-06", "verdict", "ben", "fixed")], "closed_confirmed"),
        ([("06-05", *RESOLVED), ("06-29", "verdict", "ben", "fixed")], "closed_confirmed"),
        ([("06-05", *RESOLVED), ("06-06", "verdict", "ben", "partly")], "open"),
        ([("06-05", *RESOLVED), ("06-06", "verdict", "ben", "not")], "open"),
        ([("06-05", *RESOLVED), ("06-06", "verdict", "ben", "fixed"), ("06-07", "verdict", "cleo", "not")], "open"),
        ([("06-05", *RESOLVED), ("06-06", "verdict", "ben", "not"), ("06-07", "verdict", "cleo", "fixed")], "open"),
        ([("06-05", *RESOLVED), ("06-06", "verdict", "ben", "fixed"), ("06-20", *RESOLVED)], "waiting"),
        ([("06-05", "resolved", "cannot")], "cannot"),
        ([("06-05", "resolved", "cannot"), ("06-06", "verdict", "ben", "fixed")], "cannot"),
        ([("06-05", "resolved", "cannot"), ("06-06", "verdict", "ben", "not")], "open"),
        ([("06-05", "resolved", "cannot"), ("06-20", *RESOLVED)], "waiting"),
        ([("06-05", "declined")], "declined"),
        ([("06-05", "declined"), ("06-06", "verdict", "ben", "not")], "declined"),
        ([("06-05", "declined"), ("06-06", "verdict", "ben", "fixed")], "declined"),
        ([("06-05", "declined"), ("06-06", "reopened")], "open"),
        ([("06-05", "declined"), ("06-06", "returned", "ben")], "open"),
        ([("06-05", *RESOLVED), ("06-06", "verdict", "ben", "fixed"), ("06-07", "returned", "cleo")], "open"),
        ([("06-05", *RESOLVED), ("06-06", "verdict", "ben", "fixed"), ("06-07", "declined")], "declined"),
        ([("07-01 00:00", *RESOLVED)], "open"),
        # in no order of time
        ([("06-07", "reopened"), ("06-05", *RESOLVED)], "open"),
        # at one time the order of the list decides
        ([("06-05", *RESOLVED), ("06-05", "reopened")], "open"),
        ([("06-05", "reopened"), ("06-05", *RESOLVED), ("06-06", "verdict", "ben", "fixed")], "closed_confirmed"),
    ],
)
def test_an_issue_stands_as_its_last_words_say(events: list[tuple[str, ...]], stands: str) -> None:
    notes = (("06-01 09:00", "ben"), ("06-01 10:00", "cleo"))
    assert state(june(programme(issue(*events, notes=notes)))) == [stands]


@pytest.mark.parametrize(
    ("events", "reopened", "returns"),
    [
        ([("06-03", "returned", "ben")], 0, 1),
        ([("06-03", "reopened"), ("06-04", "verdict", "ben", "not")], 0, 0),
        ([("06-03", *RESOLVED), ("06-04", "returned", "ben"), ("06-05", "returned", "ben")], 1, 2),
        ([("06-03", "declined"), ("06-04", "verdict", "ben", "not")], 0, 0),
        ([("06-03", "declined"), ("06-04", "reopened")], 1, 0),
        ([("06-03", *RESOLVED), ("07-04", "returned", "ben")], 0, 0),
    ],
)
def test_only_what_was_closed_can_be_reopened(events: list[tuple[str, ...]], reopened: int, returns: int) -> None:
    assert values(june(programme(issue(*events))), "issues_reopened", "returns") == [reopened, returns]


def test_a_late_fixed_is_counted_in_its_own_month() -> None:
    history = programme(issue(("06-05", *RESOLVED), ("07-20", "verdict", "ben", "fixed")))
    assert values(june(history), "issues_said_fixed", "issues_unconfirmed", "issues_confirmed") == [1, 1, 0]
    july = june(history, "2026-07")
    assert values(july, "issues_said_fixed", "issues_confirmed", CONFIRMED) == [0, 1, 1]


def test_what_follows_a_confirmation_does_not_move_it() -> None:
    events = [("06-05", *RESOLVED), ("06-30", "verdict", "ben", "fixed")]
    events += [("07-02", "updated"), ("07-03", "verdict", "cleo", "fixed")]
    history = programme(issue(*events))
    assert values(june(history), "issues_confirmed", CONFIRMED) == [1, 1]
    assert values(june(history, "2026-07"), "issues_confirmed", CONFIRMED) == [0, 1]


def test_cannot_was_never_said_fixed() -> None:
    answer = june(programme(issue(("06-05", "resolved", "cannot"), ("06-06", "verdict", "ben", "fixed"))))
    assert values(answer, "issues_said_fixed", "issues_confirmed", "answered_rate") == [0, 0, None]


# --- joins


def chain() -> tuple[Issue, Issue, Issue]:
    return (
        issue(("06-04", *RESOLVED), ("06-10", "joined", "b"), id="a", notes=(("05-20", "ann"), ("06-12", None))),
        issue(("07-05", "joined", "c"), id="b", notes=(("06-02", "ben"),), team="south"),
        issue(id="c", notes=(("06-03", "cleo"), ("06-03", None))),
    )


def test_a_chain_of_joins_counts_where_it_ends_at_the_time() -> None:
    history = programme(*chain())
    assert june(history, "2026-05").figures["issues_raised"].rows == ("a",)
    answer = june(history)
    assert answer.figures["issues_raised"].rows == ("c",)
    assert answer.figures["issues_open"].rows == ("b", "c")
    assert values(answer, "issues_said_fixed") == [0]
    july = june(history, "2026-07")
    assert july.figures["issues_open"].rows == ("c",)
    assert [cohort.raised for cohort in july.cohorts[-3:]] == [("c",), (), ()]


def test_everybody_who_met_an_issue_is_counted_once_and_each_anonymous_note_too() -> None:
    notes = (("06-01", "ben"), ("06-02", "ben"), ("06-03", None), ("06-04", None))
    answer = june(programme(issue(("06-05", "returned", "ann"), ("06-06", "returned", "ben"), notes=notes)))
    assert numbers(answer)["met_by"] == {"numerator": 4, "denominator": 1, "value": 4.0}


# --- promises


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([("06-02", "promised", "06-10")], "broken"),
        ([("06-02", "promised", "06-10"), ("06-10 23:59:59", *RESOLVED)], "kept"),
        ([("06-02", "promised", "06-10"), ("06-11 00:00", *RESOLVED)], "broken"),
        ([("06-02", *RESOLVED), ("06-03", "promised", "06-10")], "kept"),
        ([("06-02", "promised", "06-10"), ("06-03", *RESOLVED), ("06-09", "verdict", "ben", "not")], "broken"),
        ([("06-02", "promised", "06-10"), ("06-03", *RESOLVED), ("06-11", "verdict", "ben", "not")], "kept"),
        ([("06-02", "promised", "06-10"), ("06-10 23:59:59", "declined")], "moved"),
        ([("06-02", "promised", "06-10"), ("06-03", "declined"), ("06-04", "reopened")], "moved"),
        ([("06-02", "declined"), ("06-03", "reopened"), ("06-04", "promised", "06-10")], "broken"),
        ([("06-02", "promised", "06-10"), ("06-03", "resolved", "cannot")], "moved"),
        ([("06-02", "promised", "06-10"), ("06-03", "resolved", "cannot"), ("06-04", "reopened")], "broken"),
        ([("06-02", "resolved", "cannot"), ("06-03", "promised", "06-10")], "broken"),
        ([("06-02", "promised", "06-10"), ("06-09", "promised", "07-10")], "moved"),
        ([("06-02", "promised", "06-10"), ("06-11 00:00", "promised", "07-10")], "broken"),
        ([("06-02", "promised", "06-10"), ("06-03", "promised", "07-10"), ("06-04", "promised", "06-10")], "broken"),
        ([("06-02", "promised", "06-10"), ("06-03", "promised", "06-10")], "broken"),
    ],
)
def test_a_promise_is_judged_when_its_date_is_over(events: list[tuple[str, ...]], outcome: str) -> None:
    answer = june(programme(issue(*events)))
    names = ("kept", "moved", "broken")
    assert [name for name in names for _ in answer.figures[f"promises_{name}"].rows] == [outcome]


@pytest.mark.parametrize(
    ("now", "broken"), [("06-10 23:59:59", 0), ("06-11 00:00", 1), ("06-10 12:00", 0), ("06-20", 1)]
)
def test_in_the_running_month_only_promises_for_dates_gone_by_count(now: str, broken: int) -> None:
    answer = june(programme(issue(("06-02", "promised", "06-10"))), now=at(now))
    assert not answer.complete
    assert values(answer, "promises_broken") == [broken]


def test_a_promise_ends_at_midnight_of_the_programme_not_of_utc() -> None:
    fixed = issue(("06-02", "promised", "06-10"), ("06-10 23:30", *RESOLVED))
    early = month(programme(fixed), COMPANY, "2026-06", now=LATER, zone=LONDON)
    late = month(programme(fixed), COMPANY, "2026-06", now=LATER, zone=BERLIN)
    assert early is not None
    assert late is not None
    assert values(early, "promises_kept", "promises_broken") == [1, 0]
    assert values(late, "promises_kept", "promises_broken") == [0, 1]


# --- edges of the month


@pytest.mark.parametrize(
    ("zone", "text", "starts", "ends"),
    [
        ("Europe/Berlin", "2026-03", "2026-02-28T23:00Z", "2026-03-31T22:00Z"),
        ("Europe/Berlin", "2026-10", "2026-09-30T22:00Z", "2026-10-31T23:00Z"),
        ("America/Asuncion", "2023-10", "2023-10-01T04:00Z", "2023-11-01T03:00Z"),  # midnight was skipped
        ("Asia/Kathmandu", "2026-12", "2026-11-30T18:15Z", "2026-12-31T18:15Z"),
    ],
)
def test_a_month_begins_with_the_first_instant_of_its_first_date(zone: str, text: str, starts: str, ends: str) -> None:
    edges = window(text, now=LATER, zone=ZoneInfo(zone))
    assert edges is not None
    assert [edges.start, edges.end] == [datetime.fromisoformat(starts), datetime.fromisoformat(ends)]


def test_an_issue_raised_in_the_hour_that_comes_twice_is_fixed_by_the_time_that_passed() -> None:
    raised = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    fixed = datetime(2026, 10, 25, 12, tzinfo=BERLIN)  # 25 hours on
    one = Issue("i1", "north", (Note(raised, "ben"),), (IssueEvent(fixed, "resolved", how="here"),))
    answer = month(programme(one), COMPANY, "2026-10", now=LATER, zone=BERLIN)
    assert answer is not None
    assert answer.figures["time_to_fix_median"].value == pytest.approx(25 / 24)


def test_the_running_month_ends_now_and_a_later_one_has_no_figures() -> None:
    history = programme(issue(("06-05", *RESOLVED)), issue(id="i2", notes=(("06-20", "ben"),)))
    answer = june(history, now=at("06-04"))
    assert (answer.complete, answer.ends) == (False, at("06-04"))
    assert values(answer, "issues_raised", "issues_open", "issues_said_fixed") == [1, 1, 0]
    assert month(history, COMPANY, "2026-07", now=at("06-30 23:59:59"), zone=LONDON) is None
    assert month(history, COMPANY, "2026-07", now=at("07-01 00:00"), zone=LONDON) is not None


def test_months_before_the_first_event_are_zeros() -> None:
    found = numbers(june(programme(issue()), "1999-12"))
    assert {found[name]["value"] for name in ("days_due", "issues_raised", "issues_open", "stories", "silent")} == {0}
    assert found["met_by"] == {"numerator": 0, "denominator": 0, "value": None}
    assert found["hours_lost"] == {"value": 0.0, "stated": 0}
    assert found["time_to_fix_p90"] == {"value": None, "open": 0}
    assert found["friction"] == {"value": []}


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-6", "26-06", "0000-01", "2026-06-01", "", "٢٠٢٦-06"])
def test_what_names_no_month_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a month"):
        month(History(), COMPANY, text, now=LATER, zone=LONDON)


@pytest.mark.parametrize("text", ["0002-01", "9999-12"])
def test_the_ends_of_the_calendar_are_no_error(text: str) -> None:
    answer = month(History(), COMPANY, text, now=LATER, zone=ZoneInfo("Pacific/Auckland"))
    assert (answer is None) == (text == "9999-12")


# --- days


@pytest.mark.parametrize(
    ("events", "june_says", "july_says"),
    [
        ([("05-01", "invited")], None, None),
        ([("05-01", "tentative")], None, None),
        ([("05-01", "invited"), ("05-02", "accepted")], "unsettled", None),
        ([("05-02", "accepted"), ("05-03", "invited"), ("05-04", "tentative")], "unsettled", None),
        ([("05-02", "accepted"), ("05-03", "declined")], "unsettled", None),
        ([("05-02", "accepted"), ("06-10 15:00", "held")], "held", None),
        ([("05-02", "accepted"), ("06-10 15:00", "missed")], "missed", None),
        ([("05-02", "accepted"), ("06-09", "cancelled")], "cancelled", None),
        ([("05-02", "accepted"), ("06-09", "postponed")], "postponed", None),
        ([("05-02", "accepted"), ("06-09", "postponed", "07-08"), ("06-09", "invited")], "postponed", None),
        ([("05-02", "accepted"), ("06-09", "postponed", "07-08"), ("06-10", "accepted")], None, "unsettled"),
        ([("05-02", "accepted"), ("06-09", "postponed", "07-08"), ("07-08 15:00", "held")], "postponed", None),
    ],
)
def test_a_day_is_due_where_it_stood_when_last_accepted(
    events: list[tuple[str, ...]], june_says: str | None, july_says: str | None
) -> None:
    history = programme(days=(day(*events),))
    assert [outcome(june(history)), outcome(june(history, "2026-07"))] == [june_says, july_says]


def outcome(answer: Month) -> str | None:
    names = ("held", "missed", "cancelled", "postponed", "unsettled")
    due = [name for name in names for _ in answer.figures[f"days_{name}"].rows]
    assert len(due) == answer.figures["days_due"].value
    return due[0] if due else None


def test_a_day_later_in_the_running_month_is_due_already() -> None:
    history = programme(days=(day(("06-01", "accepted"), start="06-30 09:00"),))
    assert values(june(history, now=at("06-15")), "days_due", "days_unsettled", "compliance") == [1, 1, 0.0]


def test_a_held_day_that_was_moved_belongs_to_the_month_where_it_was_last_accepted() -> None:
    moved = day(("05-02", "accepted"), ("06-09", "postponed", "07-08 09:00"), ("07-08 15:00", "held"))
    history = programme(days=(moved,))
    assert outcome(june(history, now=at("06-20"))) == "postponed"
    held_later = june(history, "2026-07")
    assert numbers(held_later)["compliance"] == {"numerator": 0, "denominator": 0, "value": None}


# --- silence, feedback


@pytest.mark.parametrize(
    ("events", "department", "silent"),
    [
        # 2026-06-30 is a Tuesday: ten working days after Tuesday 16 June, eleven after Monday 15 June
        ([("06-16", "updated")], "it", 0),
        ([("06-15", "updated")], "it", 1),
        ([("06-14", "updated")], "it", 1),
        ([("06-15", "asked")], None, 1),
        ([("06-26", "updated")], "legal", 0),
        ([("06-25", "updated")], "legal", 1),
        ([("06-10", *RESOLVED)], "it", 0),
        ([("06-10", *RESOLVED), ("06-20", "verdict", "ben", "not")], "it", 0),
        ([("06-10", *RESOLVED), ("06-12", "verdict", "ben", "not"), ("06-29", "verdict", "ben", "not")], "it", 1),
        ([("06-29", "returned", "ben")], None, 1),
        ([("06-29 23:59", "decided"), ("07-01 00:00", "updated")], "legal", 0),
    ],
)
def test_silence_is_counted_in_working_days(events: list[tuple[str, ...]], department: str | None, silent: int) -> None:
    assert values(june(programme(issue(*events, department=department))), "silent") == [silent]


@pytest.mark.parametrize(
    ("events", "notes", "told", "alive"),
    [
        ([], [("06-01", "ben")], [], ["ben"]),
        ([("06-02", "updated")], [("06-01", "ben")], ["ben"], ["ben"]),
        ([("06-02", "updated")], [("06-01", "ben"), ("06-03", "cleo")], ["ben"], ["ben", "cleo"]),
        ([("06-02", "updated")], [("06-02", "ben")], ["ben"], ["ben"]),
        ([("06-02", "asked")], [("06-01", "ben"), ("06-01", None)], [], ["ben"]),
        ([("06-02", "updated"), ("06-02", "returned", "cleo")], [("06-01", "ben")], ["ben"], ["ben", "cleo"]),
        ([("06-03", "updated"), ("06-02", "returned", "cleo")], [("06-01", "ben")], ["ben", "cleo"], ["ben", "cleo"]),
        # closed before the month, and nothing more
        ([("05-02", "declined")], [("05-01", "ben")], [], []),
        ([("05-02", "declined"), ("06-02", "updated")], [("05-01", "ben")], [], []),
        ([("05-02", "declined"), ("06-02", "reopened")], [("05-01", "ben")], ["ben"], ["ben"]),
        # still waiting when the month began, and unconfirmed when it ended
        ([("05-25", *RESOLVED)], [("05-01", "ben")], [], ["ben"]),
        ([("05-18 00:00", *RESOLVED)], [("05-01", "ben")], [], []),
        ([("05-18 00:00", *RESOLVED), ("06-02", "verdict", "ben", "fixed")], [("05-01", "ben")], [], []),
    ],
)
def test_feedback_is_a_word_to_those_whose_issue_was_alive(
    events: list[tuple[str, ...]], notes: list[tuple[str, str | None]], told: list[str], alive: list[str]
) -> None:
    rate = june(programme(issue(*events, notes=tuple(notes)))).figures["feedback_rate"]
    assert (list(rate.rows), list(rate.among)) == (told, alive)


# --- pace


def raised(*lasted: tuple[float, str]) -> History:
    """Raise issues on 1 January; each is said fixed, or given up, or left open, after some days."""
    start = datetime(2026, 1, 1, tzinfo=LONDON)
    kinds = {"fixed": ("resolved", "here"), "cannot": ("resolved", "cannot"), "declined": ("declined", None)}
    return programme(
        *(
            Issue(
                str(n),
                "north",
                (Note(start, "ben"),),
                (IssueEvent(start + timedelta(days=days), kinds[how][0], how=kinds[how][1]),) if how in kinds else (),
            )
            for n, (days, how) in enumerate(lasted)
        )
    )


@pytest.mark.parametrize(
    ("lasted", "median", "p90", "still_open"),
    [
        ([(3, "fixed")], 3, 3, 0),
        ([(1, "fixed"), (2, "fixed")], 1, 2, 0),
        ([(1, "fixed"), (2, "open")], 1, None, 1),
        ([(1, "fixed"), (0, "open"), (0, "open")], None, None, 2),
        # censored at the same time as a fix: still at risk then
        ([(2, "fixed"), (2, "declined")], 2, None, 1),
        ([(1, "cannot"), (2, "fixed"), (3, "fixed")], 2, 3, 1),
        ([(day, "fixed") for day in range(1, 11)], 5, 9, 0),
    ],
)
def test_time_to_fix_counts_open_issues_too(
    lasted: list[tuple[float, str]], median: float | None, p90: float | None, still_open: int
) -> None:
    found = numbers(june(raised(*lasted)))
    assert found["time_to_fix_median"] == {"value": median, "open": still_open}
    assert found["time_to_fix_p90"] == {"value": p90, "open": still_open}


@pytest.mark.parametrize(
    ("lasted", "now", "said"),
    [
        ([(30, "fixed")], "01-31 00:00", {"said_30": 0, "said_60": None}),  # the instant itself is not before the end
        ([(30, "fixed")], "01-31 00:01", {"said_30": 1, "said_60": None}),
        ([(30.001, "fixed")], "02-02", {"said_30": 0, "said_60": None}),
        ([(1, "fixed")], "01-30 23:59", {"said_30": None, "said_60": None}),
        ([(60, "fixed"), (2, "open")], "03-20", {"said_30": 0, "said_60": 1}),
    ],
)
def test_a_cohort_shows_a_dash_until_its_youngest_issue_is_old_enough(
    lasted: list[tuple[float, str]], now: str, said: dict[str, int | None]
) -> None:
    answer = june(raised(*lasted), f"2026-{now[:2]}", now=at(now))
    row = next(row for row in numbers(answer)["cohorts"]["value"] if row["month"] == "2026-01")
    assert {name: row[name] for name in said} == said


def test_an_empty_cohort_is_a_dash_even_when_it_is_old() -> None:
    rows = numbers(june(raised((1, "fixed"))))["cohorts"]["value"]
    assert [row["month"] for row in rows][::11] == ["2025-07", "2026-06"]
    assert rows[0] == {"month": "2025-07", "raised": 0} | dict.fromkeys(rows[0].keys() - {"month", "raised"})


def test_a_reopened_issue_stays_said_fixed_but_not_confirmed_in_its_cohort() -> None:
    events = [("06-02", *RESOLVED), ("06-03", "verdict", "ben", "fixed"), ("09-01", "returned", "cleo")]
    history = programme(issue(*events))
    before, after = june(history, "2026-08"), june(history, "2026-09")
    assert [values(each, "said_60", "confirmed_60") for each in (before, after)] == [[1.0, 1.0], [1.0, 0.0]]


# --- cost, stories, friction, cuts


def test_hours_lost_are_those_of_open_issues_that_state_both_numbers() -> None:
    history = programme(
        issue(id="a", minutes_per_case=0.4, cases_per_month=300),
        issue(id="b", minutes_per_case=5, cases_per_month=0),
        issue(id="c", minutes_per_case=5),
        issue(("06-02", *RESOLVED), id="d", minutes_per_case=60, cases_per_month=9),
    )
    assert numbers(june(history))["hours_lost"] == {"value": pytest.approx(2.0), "stated": 2}


@pytest.mark.parametrize(("thanked", "count"), [(None, 0), ("06-13 12:00", 1), ("06-13 12:01", 0), ("06-10 12:00", 1)])
def test_a_thank_you_within_three_days_counts(thanked: str | None, count: int) -> None:
    story = Story("s1", at("06-10"), "north", thanked_at=at(thanked) if thanked else None)
    assert values(june(programme(stories=(story,))), "stories", "thanked_in_72h") == [1, count]


def test_a_thank_you_after_the_month_is_not_counted_in_it() -> None:
    story = Story("s1", at("06-30 23:00"), "north", thanked_at=at("07-01 00:00"))
    assert values(june(programme(stories=(story,))), "stories", "thanked_in_72h") == [1, 0]


def test_friction_names_the_pairs_with_most_open_issues_first() -> None:
    places = [
        ("south", None),
        ("north", None),
        ("south", "it"),
        ("north", "it"),
        ("north", "legal"),
        ("north", "legal"),
    ]
    history = programme(*(issue(id=str(n), team=team, department=dep) for n, (team, dep) in enumerate(places)))
    rows = numbers(june(history))["friction"]["value"]
    assert [(row["department"], row["team"], row["value"]) for row in rows] == [
        ("Legal", "North", 2),
        ("IT", "North", 1),
        ("IT", "South", 1),
        (None, "North", 1),
        (None, "South", 1),
    ]


@pytest.mark.parametrize(
    ("subject", "days", "issues", "stories"),
    [
        (COMPANY, 1, ("a", "b"), 2),
        (Subject("team", "north"), 1, ("a",), 1),
        (Subject("team", "south"), 0, ("b",), 1),
        (Subject("manager", "ann"), 1, ("b",), 1),
        (Subject("manager", "someone else"), 0, (), 0),
        (Subject("department", "it"), 0, ("b",), 0),
    ],
)
def test_a_cut_takes_its_own_days_issues_and_stories(
    subject: Subject, days: int, issues: tuple[str, ...], stories: int
) -> None:
    history = programme(
        issue(id="a"),
        issue(id="b", team="south", sponsor="ann", department="it"),
        days=(day(("05-02", "accepted")),),
        stories=(Story("s1", at("06-10"), "north"), Story("s2", at("06-11"), "south", day="d1")),
    )
    answer = june(history, subject=subject)
    assert values(answer, "days_due", "stories") == [days, stories]
    assert answer.figures["issues_raised"].rows == issues


# --- keeping a month


def test_a_month_goes_to_json_and_back_with_its_rows() -> None:
    id = UUID("018f0000-0000-7000-8000-000000000001")
    answer = june(programme(issue(("06-02", "promised", "06-10"), id=id)))
    kept = msgspec.json.decode(msgspec.json.encode(answer), type=Month)
    assert numbers(kept) == numbers(answer)
    assert kept.figures["promises_broken"] == Figure(1, rows=(str(id),))


def test_one_ledger_answers_as_a_new_one_would() -> None:
    history = programme(*chain())
    ledger = Ledger(history)
    for text in ("2026-07", "2026-05", "2026-06", "2026-07"):
        assert month(ledger, COMPANY, text, now=LATER, zone=LONDON) == june(history, text)
