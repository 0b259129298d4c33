"""One subject's share of the history at the end of a month, put together part by part.

    mine = View(subject, window, places)
    for ledger in parts: mine.add(ledger)

A part must hold whole whatever was ever joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from floorday.summaries.figures.answer import Subject
from floorday.summaries.figures.facts import Department, Id, Story, Team
from floorday.summaries.figures.ledger import Case, DayCase, Ledger, joined, last_of_chain
from floorday.summaries.figures.seen import Rested, Seen, happened, seen, spell
from floorday.summaries.figures.window import Window
from floorday.summaries.figures.word import alive, heard, last_word_in


class Listening(Struct, frozen=True, gc=False):
    """An issue alive in the month whose reporters are yet to be found: those of its notes, and of its parts'.

    `word` is when the last word of the month was said. Where it was `returned`, who did so is a reporter, too.
    """

    notes: tuple[Id, ...]
    word: datetime | None
    returned: bool


class View:
    """What one subject's figures are counted from.

    With `lately` only what happened in the month is taken in.
    """

    def __init__(self, subject: Subject, window: Window, places: Ledger, *, lately: bool = False) -> None:
        self.subject, self.window, self.spell = subject, window, spell(window)
        self.seen: list[Seen] = []
        self.rested: list[Rested] = []
        self.persons: dict[Id, bool] = {}
        self.listening: list[Listening] = []
        self.days: tuple[DayCase, ...] = tuple(day for day in places.days(window.end) if _day_of(subject, day))
        self.stories: tuple[Story, ...] = tuple(one for one in places.stories if _story_of(subject, one, places))
        self.teams: Mapping[Id, Team] = places.teams
        self.departments: Mapping[Id, Department] = places.departments
        self._lately = lately

    def add(self, ledger: Ledger, *, persons: bool = True) -> None:
        """Take in what belongs to the subject.

        Where its reporters are no `persons`, those who raised what is alive in the month are left for the caller to
        find (`listening`) and to `hear`, each with whether they heard something.
        """
        brought: dict[Id, list[Id]] | None = None
        for case in ledger.cases(self.window.end):
            if not issue_of(self.subject, case) or (self._lately and not happened(case, self.window)):
                continue
            self.seen.append(seen(case, self.window))
            if self._lately or not alive(case, self.window):
                continue
            if persons:
                self.hear(heard(case, self.window).items())
            else:
                if brought is None:
                    brought = _brought(ledger, self.window.end)
                word = last_word_in(case, self.window)
                self.listening.append(Listening(
                    (case.id, *brought.get(case.id, ())), word and word[0],
                    any(step.event.what == "returned" for step in case.steps)))  # fmt: skip

    def hear(self, persons: Iterable[tuple[Any, bool]]) -> None:
        """Note of persons whether they heard something of one of their issues."""
        for person, told in persons:
            self.persons[person] = self.persons.get(person, False) or told


def view(ledger: Ledger, subject: Subject, window: Window) -> View:
    """Take what belongs to the subject from a history in one part."""
    mine = View(subject, window, ledger)
    mine.add(ledger)
    return mine


def _brought(ledger: Ledger, end: datetime) -> dict[Id, list[Id]]:
    """Say of issues which others were part of them before an instant."""
    into = joined(ledger.trails, end)
    found: dict[Id, list[Id]] = {}
    for id in into:
        found.setdefault(last_of_chain(id, into), []).append(id)
    return found


def issue_of(subject: Subject, case: Case) -> bool:
    """Say whether an issue is the subject's."""
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
