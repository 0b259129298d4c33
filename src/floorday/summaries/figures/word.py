"""What people were told: promises, silence, and whether those who raised an issue heard of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal

from floorday.summaries.figures.answer import Figure, count, rate
from floorday.summaries.figures.facts import Department, Id
from floorday.summaries.figures.ledger import Case, Step, first_heard, state
from floorday.summaries.figures.view import View
from floorday.summaries.figures.window import Window, first_instant, local_date, working_days

WORD_DAYS = 10
ALIVE = frozenset({"open", "waiting"})

Promise = Literal["kept", "moved", "broken"]


def promises(view: View) -> dict[str, Figure]:
    """Count the promises for dates of the month that are over, by what became of them."""
    rows: dict[Promise, list[Id]] = {"kept": [], "moved": [], "broken": []}
    for case in view.cases:
        if not case.promised:
            continue
        for due, deadline in _fallen_due(case, view.window):
            rows[promise(case, due, deadline)].append(case.id)
    return {f"promises_{outcome}": count(ids) for outcome, ids in rows.items()}


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


def silent(view: View) -> Figure:
    """Count the open issues on which nobody has said a word for longer than the charter allows."""
    return count([case.id for case in view.cases if case.state == "open" and _is_silent(case, view)])


def _is_silent(case: Case, view: View) -> bool:
    since = local_date(case.last_word, view.window.zone)
    allowed = _word_days(view.departments.get(case.issue.department))
    return working_days(since, view.window.last_date()) > allowed


def _word_days(department: Department | None) -> int:
    if department is None or department.word_days is None:
        return WORD_DAYS
    return department.word_days


def feedback_rate(view: View) -> Figure:
    """Count the people with an issue alive in the month, and those of them who heard something of it."""
    alive: dict[Id, None] = {}
    told: set[Id] = set()
    for case in view.cases:
        if _alive(case, view.window):
            words = [step.moment for step in case.steps if step.word and view.window.has(step.at)]
            firsts = first_heard(case)
            alive |= dict.fromkeys(firsts)
            told |= {person for person, first in firsts.items() if words and words[-1] >= first}
    return rate([person for person in alive if person in told], list(alive), "person")


def _alive(case: Case, window: Window) -> bool:
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
