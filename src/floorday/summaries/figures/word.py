"""What people were told: promises, silence, and whether those who raised an issue heard of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal

from floorday.summaries.figures.facts import Department, Id
from floorday.summaries.figures.ledger import Case, Moment, Step, first_heard, state
from floorday.summaries.figures.window import Window, first_instant, local_date, working_days

WORD_DAYS = 10
ALIVE = frozenset({"open", "waiting"})

Promise = Literal["kept", "moved", "broken"]


def promised(case: Case, window: Window) -> tuple[Promise, ...]:
    """Say what became of each promise for a date of the month that is over."""
    return tuple([promise(case, due, deadline) for due, deadline in _fallen_due(case, window)])


def _fallen_due(case: Case, window: Window) -> Iterator[tuple[date, datetime]]:
    """List the dates of the month that were promised in time; said again, a date is the same promise."""
    first = window.first_day()
    dates = dict.fromkeys([step.event.due for step in case.steps if step.event.what == "promised"])
    for due in dates:
        if due is not None and (due.year, due.month) == (first.year, first.month):
            deadline = first_instant(due + timedelta(days=1), window.zone)
            if deadline <= window.end and any(_says(step, due) and step.at < deadline for step in case.steps):
                yield due, deadline


def promise(case: Case, due: date, deadline: datetime) -> Promise:
    """Say what became of a promise by the end of its date."""
    steps = [step for step in case.steps if step.at < deadline]
    last = steps[-1]
    if last.standing == "resolved":
        return "kept"
    said = max(step.moment for step in steps if _says(step, due))
    given_up = last.standing == "cannot" and last.since > said
    return "moved" if given_up or any(_moves(step, due) for step in steps if step.moment > said) else "broken"


def _says(step: Step, due: date) -> bool:
    return step.event.what == "promised" and step.event.due == due


def _moves(step: Step, due: date) -> bool:
    return step.event.what == "declined" or (step.event.what == "promised" and not _says(step, due))


def is_silent(last_word: datetime, department: Department | None, window: Window) -> bool:
    """Say whether nobody has said a word about an open issue for longer than the charter allows."""
    since = local_date(last_word, window.zone)
    return working_days(since, window.last_date()) > _word_days(department)


def _word_days(department: Department | None) -> int:
    if department is None or department.word_days is None:
        return WORD_DAYS
    return department.word_days


def heard(case: Case, window: Window) -> dict[Id, bool]:
    """Say of each person with an issue alive in the month whether they heard something of it."""
    word = last_word_in(case, window)
    return {person: word is not None and word >= first for person, first in first_heard(case).items()}


def last_word_in(case: Case, window: Window) -> Moment | None:
    """Say when the last word of the month was said about an issue."""
    return next((step.moment for step in reversed(case.steps) if step.word and window.has(step.at)), None)


def alive(case: Case, window: Window) -> bool:
    """Say whether it was open or waiting at any time in the month."""
    last = case.steps[-1] if case.steps else None
    if case.raised >= window.start or last is None:
        return True
    if last.at < window.start:  # which is so of most
        return state(last, window.start) in ALIVE
    before: Step | None = None
    for step in case.steps:
        if step.at >= window.start:
            break
        before = step
    if state(before, window.start) in ALIVE:
        return True
    return any(state(step, step.at) in ALIVE for step in case.steps if step.at >= window.start)
