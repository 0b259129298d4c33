"""Days, states, stories: the figures that are counted by looking at each thing once."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from floorday.summaries.figures.answer import Figure, Friction, count, rate
from floorday.summaries.figures.facts import Id, Story
from floorday.summaries.figures.ledger import State, first_heard
from floorday.summaries.figures.view import View
from floorday.summaries.figures.window import Window

SETTLED = ("held", "missed", "cancelled", "postponed")
STATES: dict[str, State] = {
    "issues_open": "open",
    "issues_waiting": "waiting",
    "issues_unconfirmed": "unconfirmed",
    "issues_closed_confirmed": "confirmed",
    "issues_cannot": "cannot",
    "issues_declined": "declined",
}
THANKS = timedelta(hours=72)


def days(view: View) -> dict[str, Figure]:
    """Count the days that were due in the month, and what became of them."""
    start, after = view.window.start, view.window.after
    due = [day for day in view.days if day.due is not None and start <= day.due < after]
    came: dict[str, list[Id]] = {outcome: [d.id for d in due if d.outcome == outcome] for outcome in SETTLED}
    ids = [day.id for day in due]
    return {
        "days_due": count(ids, "day"),
        **{f"days_{outcome}": count(rows, "day") for outcome, rows in came.items()},
        "days_unsettled": count([day.id for day in due if day.outcome not in SETTLED], "day"),
        "compliance": rate(came["held"], ids, "day"),
    }


def month_of_issues(view: View) -> dict[str, Figure]:
    """Count what happened to issues in the month."""
    start, end = view.window.start, view.window.end
    lately = [case for case in view.cases if case.steps and case.steps[-1].at >= start]
    steps = [(case.id, step) for case in lately for step in case.steps if step.at >= start]
    reopened = dict.fromkeys(id for id, step in steps if step.reopens)
    return {
        "issues_raised": count([case.id for case in view.cases if start <= case.raised < end]),
        "issues_said_fixed": count([case.id for case in lately if case.said_at and case.said_at >= start]),
        "issues_confirmed": count([case.id for case in lately if case.confirmed_at and case.confirmed_at >= start]),
        "issues_reopened": count(list(reopened)),
        "returns": count([id for id, step in steps if step.event.what == "returned"]),
    }


def states(view: View) -> dict[str, Figure]:
    """Count all issues ever raised by how they stand, and how many are confirmed or answered."""
    standing: dict[State, list[Id]] = {state: [] for state in STATES.values()}
    said: list[Id] = []
    answered: list[Id] = []
    for group in view.rested:
        standing[group.state] += group.ids
        said += group.ids if group.said else ()
        answered += group.ids if group.answered else ()
    for case in view.cases:
        standing[case.state].append(case.id)
        if case.said_at:
            said.append(case.id)
            if case.answered:
                answered.append(case.id)
    raised = [id for group in view.rested for id in group.ids] + [case.id for case in view.cases]
    return {
        **{name: count(standing[state]) for name, state in STATES.items()},
        "confirmed_rate": rate(standing["confirmed"], raised),
        "answered_rate": rate(answered, said),
    }


def hours_lost(view: View) -> Figure:
    """Add up the hours a month that open issues cost, where both numbers are stated."""
    lost: dict[Id, float] = {}
    for case in view.cases:
        minutes, cases = case.issue.minutes_per_case, case.issue.cases_per_month
        if case.state == "open" and minutes is not None and cases is not None:
            lost[case.id] = minutes * cases / 60
    return Figure(sum(lost.values(), 0.0), stated=len(lost), rows=tuple(lost))


def met_by(view: View) -> Figure:
    """Say how many people met each issue raised in the month, anonymous notes counting one each."""
    raised = [case for case in view.cases if view.window.has(case.raised)]
    anonymous = sum(note.reporter is None for case in raised for note in case.notes)
    met = anonymous + sum(len(first_heard(case)) for case in raised)
    ids = tuple(case.id for case in raised)
    return Figure(met / len(ids) if ids else None, numerator=met, denominator=len(ids), rows=ids, among=ids)


def stories(view: View) -> dict[str, Figure]:
    """Count the month's stories, and those with a thank-you within three days."""
    told = [story for story in view.stories if view.window.has(story.at)]
    return {
        "stories": count([story.id for story in told], "story"),
        "thanked_in_72h": count([story.id for story in told if _thanked_soon(story, view.window)], "story"),
    }


def _thanked_soon(story: Story, window: Window) -> bool:
    thanked = story.thanked_at
    return thanked is not None and thanked < window.end and thanked - story.at <= THANKS


def friction(view: View) -> tuple[Friction, ...]:
    """List the open issues between teams and departments, most first."""
    between: defaultdict[tuple[str | None, str], list[Id]] = defaultdict(list)
    for case in view.cases:
        if case.state == "open":
            department = view.departments.get(case.issue.department)
            between[department.name if department else None, view.teams[case.issue.team].name].append(case.id)
    rows = (Friction(department, team, tuple(ids)) for (department, team), ids in between.items())
    return tuple(sorted(rows, key=lambda f: (-len(f.rows), f.department is None, f.department or "", f.team)))
