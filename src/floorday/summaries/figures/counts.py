"""Days, states, stories: the figures that are counted by looking at each thing once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from floorday.summaries.figures.answer import Figure, Friction, count, rate
from floorday.summaries.figures.facts import Id, Story
from floorday.summaries.figures.ledger import State
from floorday.summaries.figures.seen import instant, micros
from floorday.summaries.figures.view import View
from floorday.summaries.figures.window import Window
from floorday.summaries.figures.word import Promise, is_silent

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
    has = view.spell.has
    returns = [one for one in view.seen if one.returns]
    return {
        "issues_raised": count([one.id for one in view.seen if has(one.raised)]),
        "issues_said_fixed": count([one.id for one in view.seen if has(one.said)]),
        "issues_confirmed": count([one.id for one in view.seen if has(one.confirmed)]),
        "issues_reopened": count([one.id for one in view.seen if one.reopened]),
        "returns": count([one.id for one in returns for _ in range(one.returns)]),
    }


def promises(view: View) -> dict[str, Figure]:
    """Count the promises for dates of the month that are over, by what became of them."""
    rows: dict[Promise, list[Id]] = {"kept": [], "moved": [], "broken": []}
    for one in view.seen:
        for outcome in one.promised:
            rows[outcome].append(one.id)
    return {f"promises_{outcome}": count(ids) for outcome, ids in rows.items()}


def silent(view: View) -> Figure:
    """Count the open issues on which nobody has said a word for longer than the charter allows."""
    return count([
        one.id for one in view.seen
        if one.word is not None and is_silent(instant(one.word), view.departments.get(one.department), view.window)
    ])  # fmt: skip


def feedback_rate(view: View) -> Figure:
    """Count the people with an issue alive in the month, and those of them who heard something of it."""
    return rate([person for person, told in view.persons.items() if told], list(view.persons), "person")


def states(view: View) -> dict[str, Figure]:
    """Count all issues ever raised by how they stand, and how many are confirmed or answered."""
    rows: dict[str, list[Id]] = {name: [] for name in (*STATES.values(), "raised", "said", "answered")}
    counts = dict.fromkeys(rows, 0)

    def add(names: tuple[str, ...], many: int, ids: Sequence[Id]) -> None:
        for name in names:
            counts[name] += many
            rows[name] += ids

    for group in view.rested:
        add((group.state, "raised", *_answers(said=group.said, answered=group.answered)), group.count, group.ids)
    for one in view.seen:
        for name in (one.state, "raised", *_answers(said=one.said is not None, answered=one.answered)):
            counts[name] += 1
            rows[name].append(one.id)

    def of(name: str, among: str) -> Figure:
        top, under = counts[name], counts[among]
        return Figure(top / under if under else None, numerator=top, denominator=under,
                      rows=tuple(rows[name]), among=tuple(rows[among]))  # fmt: skip

    return {
        **{name: Figure(counts[state], rows=tuple(rows[state])) for name, state in STATES.items()},
        "confirmed_rate": of("confirmed", "raised"),
        "answered_rate": of("answered", "said"),
    }


def _answers(*, said: bool, answered: bool) -> tuple[str, ...]:
    if not said:
        return ()
    return ("said", "answered") if answered else ("said",)


def hours_lost(view: View) -> Figure:
    """Add up the hours a month that open issues cost, where both numbers are stated."""
    lost = {one.id: one.lost for one in view.seen if one.lost is not None}
    return Figure(sum(lost.values(), 0.0), stated=len(lost), rows=tuple(lost))


def met_by(view: View) -> Figure:
    """Say how many people met each issue raised in the month, anonymous notes counting one each."""
    raised = [one for one in view.seen if view.spell.has(one.raised)]
    met, ids = sum(one.met for one in raised), tuple([one.id for one in raised])
    return Figure(met / len(ids) if ids else None, numerator=met, denominator=len(ids), rows=ids, among=ids)


def stories(view: View) -> dict[str, Figure]:
    """Count the month's stories, and those with a thank-you within three days."""
    told = [story for story in view.stories if view.spell.has(micros(story.at))]
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
    for one in view.seen:
        if one.state == "open":
            department = view.departments.get(one.department)
            between[department.name if department else None, view.teams[one.team].name].append(one.id)
    rows = (Friction(department, team, tuple(ids)) for (department, team), ids in between.items())
    return tuple(sorted(rows, key=lambda f: (-len(f.rows), f.department is None, f.department or "", f.team)))
