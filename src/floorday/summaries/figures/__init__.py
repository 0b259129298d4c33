"""The figures of a summary: pure, from facts to numbers, each with the rows behind it.

    ledger = Ledger(history)
    answer = month(ledger, Subject("team", team_id), "2026-11", now=now, zone=zone)

`month(history, ...)` does both; with a `Ledger` twelve months and their cuts share the work.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from floorday.summaries.figures.answer import (
    COMPANY,
    NAMES,
    Cohort,
    Cut,
    Figure,
    Friction,
    Month,
    RowKind,
    Subject,
    numbers,
)
from floorday.summaries.figures.counts import days, friction, hours_lost, met_by, month_of_issues, states, stories
from floorday.summaries.figures.facts import (
    Day,
    DayEvent,
    Department,
    History,
    Id,
    Issue,
    IssueEvent,
    Note,
    Settled,
    Story,
    Team,
)
from floorday.summaries.figures.ledger import LONG_AGO, Ledger, State
from floorday.summaries.figures.pace import cohorts, summed, times_to_fix
from floorday.summaries.figures.pulse import Pulse, pulse, pulse_of
from floorday.summaries.figures.reach import CLOSES, TURNS, Reach, reach, whole
from floorday.summaries.figures.restated import RESTATED, Turn, recounted, turns
from floorday.summaries.figures.view import View, view
from floorday.summaries.figures.window import Window, months_on, window
from floorday.summaries.figures.word import feedback_rate, promises, silent

__all__ = [
    "CLOSES",
    "COMPANY",
    "LONG_AGO",
    "NAMES",
    "RESTATED",
    "TURNS",
    "Cohort",
    "Cut",
    "Day",
    "DayEvent",
    "Department",
    "Figure",
    "Friction",
    "History",
    "Id",
    "Issue",
    "IssueEvent",
    "Ledger",
    "Month",
    "Note",
    "Pulse",
    "Reach",
    "RowKind",
    "Settled",
    "State",
    "Story",
    "Subject",
    "Team",
    "Turn",
    "Window",
    "month",
    "months_on",
    "numbers",
    "pulse",
    "pulse_of",
    "reach",
    "recounted",
    "turns",
    "whole",
    "window",
]


def month(history: History | Ledger, subject: Subject, month: str, *, now: datetime, zone: ZoneInfo) -> Month | None:
    """Count every figure of one month ("yyyy-mm") for one subject; None if the month has not begun.

    Give a `Ledger` to ask for several months or cuts: what was told to it must reach so far (`reach`).
    Raises ValueError when the text names no month.
    """
    edges = window(month, now=now, zone=zone)
    if edges is None:
        return None
    ledger = history if isinstance(history, Ledger) else Ledger(history)
    return _month(view(ledger, subject, edges), subject)


def _month(mine: View, subject: Subject) -> Month:
    edges, rows = mine.window, cohorts(mine)
    return Month(
        subject,
        edges.month,
        edges.zone.key,
        complete=edges.complete,
        starts=edges.start,
        ends=edges.end,
        figures=_figures(mine) | summed(rows),
        cohorts=rows,
        friction=friction(mine),
    )


def _figures(mine: View) -> dict[str, Figure]:
    return {
        **days(mine),
        **month_of_issues(mine),
        **states(mine),
        **times_to_fix(mine),
        **promises(mine),
        "silent": silent(mine),
        "feedback_rate": feedback_rate(mine),
        "hours_lost": hours_lost(mine),
        "met_by": met_by(mine),
        **stories(mine),
    }
