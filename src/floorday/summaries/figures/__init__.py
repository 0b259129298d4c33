"""The figures of a summary: pure, from facts to numbers, each with the rows behind it.

    ledger = Ledger(history)
    answer = month(ledger, Subject("team", team_id), "2026-11", now=now, zone=zone)

`month(history, ...)` does both; with a `Ledger` twelve months and their cuts share the work.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    alone,
    is_empty,
    numbers,
)
from floorday.summaries.figures.counts import (
    days,
    feedback_rate,
    friction,
    hours_lost,
    met_by,
    month_of_issues,
    promises,
    silent,
    states,
    stories,
)
from floorday.summaries.figures.facts import (
    Day,
    DayEvent,
    Department,
    History,
    Id,
    Issue,
    IssueEvent,
    Note,
    Story,
    Team,
)
from floorday.summaries.figures.folded import (
    NEVER,
    STANDINGS,
    Folded,
    folded,
    groups,
    is_alive,
    packed,
    state_of,
    still,
    unpacked,
)
from floorday.summaries.figures.ledger import Ledger, State, Trail
from floorday.summaries.figures.pace import cohorts, summed, times_to_fix
from floorday.summaries.figures.pulse import Beat, Pulse, pulse, pulse_of
from floorday.summaries.figures.reach import Reach, reach
from floorday.summaries.figures.restated import RESTATED, Turn, again, figures_again, recounted, turned, turns
from floorday.summaries.figures.seen import Rested, Seen, Spell, instant, lost, micros, spell
from floorday.summaries.figures.view import Listening, View, issue_of, view
from floorday.summaries.figures.window import Window, months_on, window
from floorday.summaries.figures.word import heard

__all__ = [
    "COMPANY", "NAMES", "NEVER", "RESTATED", "STANDINGS", "Beat", "Cohort", "Cut", "Day", "DayEvent", "Department",
    "Figure", "Folded", "Friction", "History", "Id", "Issue", "IssueEvent", "Ledger", "Listening", "Month", "Note",
    "Pulse", "Reach", "Rested", "RowKind", "Seen", "Spell", "State", "Story", "Subject", "Team", "Trail", "Turn",
    "View", "Window", "again", "figures_again", "folded", "groups", "heard", "instant", "is_alive", "is_empty",
    "issue_of", "lost", "micros", "month", "month_of", "months_on", "numbers", "packed", "pulse", "pulse_of",
    "reach", "recounted", "spell", "state_of", "still", "turned", "turns", "unpacked", "window",
]  # fmt: skip


def month(history: History | Ledger, subject: Subject, month: str, *, now: datetime, zone: ZoneInfo) -> Month | None:
    """Count every figure of one month ("yyyy-mm") for one subject; None if the month has not begun.

    Give a `Ledger` to ask for several months or cuts.
    Raises ValueError when the text names no month.
    """
    edges = window(month, now=now, zone=zone)
    if edges is None:
        return None
    ledger = history if isinstance(history, Ledger) else Ledger(history)
    return month_of(view(ledger, subject, edges))


def month_of(mine: View, *, rows: bool = True) -> Month:
    """Count every figure of what was taken together.

    Without `rows` the figures are numbers alone; of cohorts and friction what stands there says no more than how many.
    """
    edges, followed = mine.window, cohorts(mine)
    return Month(
        mine.subject,
        edges.month,
        edges.zone.key,
        complete=edges.complete,
        starts=edges.start,
        ends=edges.end,
        figures={
            name: figure if rows else alone(figure)
            for some in _figures(mine, followed) for name, figure in some.items()},
        cohorts=followed,
        friction=friction(mine),
    )


def _figures(mine: View, followed: tuple[Cohort, ...]) -> Iterator[dict[str, Figure]]:
    """Count them one after the other: of a large company the rows behind them all would fill the memory."""
    yield days(mine)
    yield month_of_issues(mine)
    yield states(mine)
    yield times_to_fix(mine)
    yield promises(mine)
    yield {"silent": silent(mine), "feedback_rate": feedback_rate(mine)}
    yield {"hours_lost": hours_lost(mine), "met_by": met_by(mine)}
    yield stories(mine)
    yield from summed(followed)
