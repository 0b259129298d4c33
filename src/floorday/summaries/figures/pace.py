"""How long it takes: cohorts, and the time to fix by Kaplan-Meier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from floorday.summaries.figures.answer import Cohort, Figure, rate
from floorday.summaries.figures.facts import Id
from floorday.summaries.figures.ledger import Case
from floorday.summaries.figures.view import View
from floorday.summaries.figures.window import COHORTS, year_up_to

WITHIN = (30, 60, 90, 180)
DAY = timedelta(days=1)
TOLERANCE = 1e-9


def cohorts(view: View) -> tuple[Cohort, ...]:
    """Follow the issues of each of the twelve months up to this one."""
    year = year_up_to(view.window)
    raised: list[list[Case]] = [[] for _ in range(COHORTS)]
    for case in view.cases:
        place = year.place(case.raised)
        if place is not None:
            raised[place].append(case)
    return tuple(_cohort(*each, end=view.window.end) for each in zip(year.months, raised, strict=True))


def _cohort(month: str, cases: list[Case], *, end: datetime) -> Cohort:
    got: dict[str, tuple[Id, ...] | None] = {}
    age = end - max(case.raised for case in cases) if cases else None
    said = [(case.id, case.said_at - case.raised) for case in cases if case.said_at]
    confirmed = [(case.id, case.confirmed_at - case.raised) for case in cases if case.confirmed_at]
    for days in WITHIN:
        ripe = age is not None and age >= days * DAY
        got[f"said_{days}"] = _within(days * DAY, said) if ripe else None
        got[f"confirmed_{days}"] = _within(days * DAY, confirmed) if ripe else None
    return Cohort(month, tuple(case.id for case in cases), got)


def _within(time: timedelta, took: list[tuple[Id, timedelta]]) -> tuple[Id, ...]:
    return tuple([id for id, lasted in took if lasted <= time])


def summed(rows: Iterable[Cohort]) -> dict[str, Figure]:
    """Sum each column over the cohorts that are old enough for it."""
    rows = tuple(rows)
    names = [f"{what}_{days}" for what in ("said", "confirmed") for days in WITHIN]
    return {name: _summed(name, rows) for name in names}


def _summed(name: str, rows: tuple[Cohort, ...]) -> Figure:
    ripe = [(cohort, got) for cohort in rows if (got := cohort.got[name]) is not None]
    return rate([id for _, got in ripe for id in got], [id for cohort, _ in ripe for id in cohort.raised])


class Course(Struct, frozen=True, gc=False):
    """How long an issue took to be said fixed, or for how long we know that it was not."""

    id: Id
    lasted: timedelta
    fixed: bool


def times_to_fix(view: View) -> dict[str, Figure]:
    """Say in how many days half, and nine in ten, of a year's issues were said fixed.

    Open issues count too (Kaplan and Meier, 1958): each is at risk until it was last seen open.
    """
    year = year_up_to(view.window)
    courses = [_course(case, view.window.end) for case in view.cases if year.has(case.raised)]
    rows = tuple(course.id for course in courses)
    still_open = sum(not course.fixed for course in courses)
    return {
        name: Figure(time_until(left, courses), open=still_open, rows=rows)
        for name, left in (("time_to_fix_median", 0.5), ("time_to_fix_p90", 0.1))
    }


def _course(case: Case, end: datetime) -> Course:
    if case.said_at is not None:
        return Course(case.id, case.said_at - case.raised, fixed=True)
    seen = case.steps[-1].since[0] if case.state in {"cannot", "declined"} else end
    return Course(case.id, seen - case.raised, fixed=False)


def time_until(left: float, courses: Iterable[Course]) -> float | None:
    """Find the day on which no more than this share is left to be fixed, None if it did not come."""
    courses = tuple(courses)
    fixed, lasted = Counter(c.lasted for c in courses if c.fixed), Counter(c.lasted for c in courses)
    at_risk, share = len(courses), 1.0
    for time in sorted(lasted):
        share *= 1 - fixed[time] / at_risk
        if share <= left + TOLERANCE:
            return time / DAY
        at_risk -= lasted[time]
    return None
