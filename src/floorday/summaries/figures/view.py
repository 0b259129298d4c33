"""One subject's share of the history at the end of a month."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from floorday.summaries.figures.answer import Subject
from floorday.summaries.figures.facts import Department, Story, Team
from floorday.summaries.figures.ledger import Case, DayCase, Ledger, Rested
from floorday.summaries.figures.window import Window


class View(Struct, frozen=True):
    """What one subject's figures are counted from."""

    window: Window
    cases: tuple[Case, ...]
    rested: tuple[Rested, ...]
    days: tuple[DayCase, ...]
    stories: tuple[Story, ...]
    teams: Mapping[object, Team]
    departments: Mapping[object, Department]


def view(ledger: Ledger, subject: Subject, window: Window) -> View:
    """Take what belongs to the subject."""
    return View(
        window,
        cases=_cases(ledger, subject, window),
        rested=ledger.rested,
        days=tuple(day for day in ledger.days(window.end) if _day_of(subject, day)),
        stories=tuple(story for story in ledger.stories if _story_of(subject, story, ledger)),
        teams=ledger.teams,
        departments=ledger.departments,
    )


def _cases(ledger: Ledger, subject: Subject, window: Window) -> tuple[Case, ...]:
    cases = ledger.cases(window.end)
    return cases if subject.cut == "company" else tuple(case for case in cases if _issue_of(subject, case))


def _issue_of(subject: Subject, case: Case) -> bool:
    match subject.cut:
        case "company":
            return True
        case "team":
            return case.issue.team == subject.id
        case "manager":
            return case.issue.sponsor == subject.id
        case "department":
            return case.issue.department == subject.id


def _day_of(subject: Subject, each: DayCase) -> bool:
    match subject.cut:
        case "company":
            return True
        case "team":
            return each.day.team == subject.id
        case "manager":
            return each.day.manager == subject.id
        case "department":
            return False


def _story_of(subject: Subject, story: Story, ledger: Ledger) -> bool:
    match subject.cut:
        case "company":
            return True
        case "team":
            return story.team == subject.id
        case "manager":
            return ledger.manager_of.get(story.day) == subject.id
        case "department":
            return False
