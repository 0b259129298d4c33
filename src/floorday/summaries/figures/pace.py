"""How long it takes: cohorts, and the time to fix by Kaplan-Meier."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby

from floorday.summaries.figures.answer import Cohort, Figure, rate
from floorday.summaries.figures.facts import Id
from floorday.summaries.figures.seen import Micros, Seen, micros
from floorday.summaries.figures.view import View
from floorday.summaries.figures.window import COHORTS, year_up_to

WITHIN = (30, 60, 90, 180)
DAY: Micros = 24 * 60 * 60 * 1_000_000
TOLERANCE = 1e-9


def cohorts(view: View) -> tuple[Cohort, ...]:
    """Follow the issues of each of the twelve months up to this one."""
    year = year_up_to(view.window)
    edges = [micros(edge) for edge in year.edges]
    raised: list[list[Seen]] = [[] for _ in range(COHORTS)]
    for one in view.seen:
        if edges[0] <= one.raised < edges[-1]:
            raised[bisect_right(edges, one.raised) - 1].append(one)
    return tuple(_cohort(*each, end=view.spell.end) for each in zip(year.months, raised, strict=True))


def _cohort(month: str, those: list[Seen], *, end: Micros) -> Cohort:
    got: dict[str, tuple[Id, ...] | None] = {}
    age = end - max(one.raised for one in those) if those else None
    said = [(one.id, one.said - one.raised) for one in those if one.said is not None]
    confirmed = [(one.id, one.confirmed - one.raised) for one in those if one.confirmed is not None]
    for days in WITHIN:
        ripe = age is not None and age >= days * DAY
        got[f"said_{days}"] = _within(days * DAY, said) if ripe else None
        got[f"confirmed_{days}"] = _within(days * DAY, confirmed) if ripe else None
    return Cohort(month, tuple([one.id for one in those]), got)


def _within(time: Micros, took: list[tuple[Id, Micros]]) -> tuple[Id, ...]:
    return tuple([id for id, lasted in took if lasted <= time])


def summed(rows: tuple[Cohort, ...]) -> Iterator[dict[str, Figure]]:
    """Sum each column over the cohorts that are old enough for it."""
    for what in ("said", "confirmed"):
        for days in WITHIN:
            name = f"{what}_{days}"
            yield {name: _summed(name, rows)}


def _summed(name: str, rows: tuple[Cohort, ...]) -> Figure:
    ripe = [(cohort, got) for cohort in rows if (got := cohort.got[name]) is not None]
    return rate([id for _, got in ripe for id in got], [id for cohort, _ in ripe for id in cohort.raised])


def times_to_fix(view: View) -> dict[str, Figure]:
    """Say in how many days half, and nine in ten, of a year's issues were said fixed.

    Open issues count too (Kaplan and Meier, 1958): each is at risk until it was last seen open.
    """
    year = year_up_to(view.window)
    first, after = micros(year.edges[0]), micros(year.edges[-1])
    those = [one for one in view.seen if first <= one.raised < after]
    rows = tuple([one.id for one in those])
    fixed = sorted([one.said - one.raised for one in those if one.said is not None])
    left_open = sorted([_closed(one, view.spell.end) - one.raised for one in those if one.said is None])
    return {
        name: Figure(time_until(left, fixed, left_open), open=len(left_open), rows=rows)
        for name, left in (("time_to_fix_median", 0.5), ("time_to_fix_p90", 0.1))
    }


def _closed(one: Seen, end: Micros) -> Micros:
    """Say until when we know that an issue was not said fixed."""
    return one.closed if one.state in {"cannot", "declined"} and one.closed is not None else end


def time_until(left: float, fixed: Sequence[Micros], left_open: Sequence[Micros]) -> float | None:
    """Find the day on which no more than this share is left to be fixed, None if it did not come.

    Both say how long issues took, or were at risk, shortest first; at one time what was fixed goes before the others.
    """
    share, done = 1.0, 0
    for time, those in groupby(fixed):
        many = sum(1 for _one in those)
        at_risk = len(fixed) - done + len(left_open) - bisect_left(left_open, time)
        share *= 1 - many / at_risk
        if share <= left + TOLERANCE:
            return time / DAY
        done += many
    return None
