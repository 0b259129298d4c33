"""The history, indexed once: what stood at which instant.

`Ledger` sorts every issue's and day's past a single time; `cases(end)` and `days(end)` then
look up how things stood just before `end`, and are kept for the next figure or cut.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

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

Moment = tuple[datetime, int]
"""When, and at which place in the list; notes come before events of the same instant."""

Standing = Literal["open", "resolved", "cannot", "declined"]
State = Literal["open", "waiting", "unconfirmed", "confirmed", "cannot", "declined"]

Entry = TypeVar("Entry", DayEvent, IssueEvent, Note, Story)

NOTE = -1
WAIT = timedelta(days=14)
WORDS = frozenset({"acknowledged", "promised", "updated", "decided", "resolved", "declined"})
ASIDE = frozenset({"invited", "tentative"})


class Step(Struct, frozen=True):
    """An issue as it stands just after one of its events.

    `since` is when it came to stand so, `fixed` the first `fixed` said to the standing resolution.
    """

    moment: Moment
    event: IssueEvent
    standing: Standing
    since: Moment
    fixed: Moment | None = None
    reopens: bool = False

    @property
    def at(self) -> datetime:
        """Say when it happened."""
        return self.moment[0]

    @property
    def word(self) -> bool:
        """Say whether those who raised the issue hear something by it."""
        return self.reopens or self.event.what in WORDS


class Trail(Struct, frozen=True):
    """An issue's whole past in order of time."""

    issue: Issue
    notes: tuple[Note, ...]
    steps: tuple[Step, ...]
    ats: tuple[datetime, ...]
    joined_at: datetime | None
    into: Id | None
    said: Moment | None

    def before(self, end: datetime) -> tuple[Step, ...]:
        """Give the steps before an instant."""
        return self.steps[: bisect_left(self.ats, end)]


class Case(Struct, frozen=True):
    """An issue as it stood at an instant, the notes of those that were joined to it included."""

    issue: Issue
    notes: tuple[Note, ...]
    raised: datetime
    steps: tuple[Step, ...]
    state: State
    said: Moment | None

    @property
    def id(self) -> Id:
        """Name the issue."""
        return self.issue.id

    @property
    def said_at(self) -> datetime | None:
        """Say when the owner first said that it is fixed."""
        return self.said[0] if self.said else None

    @property
    def confirmed_at(self) -> datetime | None:
        """Say when a reporter confirmed it, if it stands confirmed."""
        fixed = self.steps[-1].fixed if self.state == "confirmed" else None
        return fixed[0] if fixed else None

    @property
    def answered(self) -> bool:
        """Say whether any verdict came after it was said fixed."""
        said = self.said
        return said is not None and any(s.event.what == "verdict" and s.moment > said for s in self.steps)

    @property
    def last_word(self) -> datetime:
        """Say when somebody last said something about it; being raised is the first word."""
        return max([self.raised, *(s.at for s in self.steps if s.word)])


class DayCase(Struct, frozen=True):
    """A day as it stood at an instant: when it was due (None if never accepted), what came of it."""

    day: Day
    due: datetime | None
    outcome: str

    @property
    def id(self) -> Id:
        """Name the day."""
        return self.day.id


class Ledger:
    """A history made ready for many questions; build one, and ask it for months and cuts."""

    def __init__(self, history: History) -> None:
        self.teams: Mapping[Id, Team] = {team.id: team for team in history.teams}
        self.departments: Mapping[Id, Department] = {each.id: each for each in history.departments}
        self.stories: tuple[Story, ...] = _in_order(history.stories)
        self.manager_of: Mapping[Id, Id] = {day.id: day.manager for day in history.days}
        self._trails: dict[Id, Trail] = {issue.id: trail(issue) for issue in history.issues}
        self._days = tuple((day, _in_order(day.events)) for day in history.days)
        self._cases: dict[datetime, tuple[Case, ...]] = {}
        self._day_cases: dict[datetime, tuple[DayCase, ...]] = {}

    def cases(self, end: datetime) -> tuple[Case, ...]:
        """Give every issue raised before an instant, without those joined to another by then."""
        if end not in self._cases:
            self._cases[end] = tuple(_cases(self._trails, end))
        return self._cases[end]

    def days(self, end: datetime) -> tuple[DayCase, ...]:
        """Give every day as it stood before an instant."""
        if end not in self._day_cases:
            self._day_cases[end] = tuple(_day_case(day, events, end) for day, events in self._days)
        return self._day_cases[end]


def trail(issue: Issue) -> Trail:
    """Put an issue's past in order, and say after each event how it stands."""
    steps: list[Step] = []
    for order, event in enumerate(_in_order(issue.events)):
        steps.append(_next(steps[-1] if steps else None, event, (event.at, order)))
    joined = next((s for s in steps if s.event.what == "joined"), None)
    return Trail(
        issue,
        notes=_in_order(issue.notes),
        steps=tuple(steps),
        ats=tuple(s.at for s in steps),
        joined_at=joined.at if joined else None,
        into=joined.event.into if joined else None,
        said=next((s.moment for s in steps if s.event.what == "resolved" and s.event.how != "cannot"), None),
    )


def _in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Put entries in order of time, all of them in UTC; equal times keep the list's order."""
    return tuple(sorted((replace(entry, at=utc(entry.at)) for entry in entries), key=lambda entry: entry.at))


def _next(last: Step | None, event: IssueEvent, moment: Moment) -> Step:
    if event.what == "resolved":
        return Step(moment, event, "cannot" if event.how == "cannot" else "resolved", since=moment)
    if event.what == "declined":
        return Step(moment, event, "declined", since=moment)
    if last is None:
        return Step(moment, event, "open", since=moment)
    if _reopens(last.standing, event):
        return Step(moment, event, "open", since=moment, reopens=True)
    says_fixed = last.standing == "resolved" and event.what == "verdict" and event.says == "fixed"
    return Step(moment, event, last.standing, last.since, last.fixed or (moment if says_fixed else None))


def _reopens(standing: Standing, event: IssueEvent) -> bool:
    if event.what == "verdict":
        return standing in {"resolved", "cannot"} and event.says in {"partly", "not"}
    return event.what in {"reopened", "returned"} and standing != "open"


def state(last: Step | None, at: datetime) -> State:
    """Say how an issue stands at an instant, by its last step before it.

    Silence is never a yes: a fortnight without a verdict makes a resolution unconfirmed.
    """
    if last is None:
        return "open"
    if last.standing != "resolved":
        return last.standing
    if last.fixed:
        return "confirmed"
    return "unconfirmed" if at - last.since[0] >= WAIT else "waiting"


def first_heard(case: Case) -> dict[Id, Moment]:
    """Say when each person first spoke up on an issue: by a note, or by bringing it back."""
    firsts: dict[Id, Moment] = {}
    for note in case.notes:
        if note.reporter is not None:
            firsts.setdefault(note.reporter, (note.at, NOTE))
    for step in case.steps:
        if step.event.what == "returned" and step.event.reporter is not None:
            earlier = firsts.get(step.event.reporter, step.moment)
            firsts[step.event.reporter] = min(earlier, step.moment)
    return firsts


def _cases(trails: Mapping[Id, Trail], end: datetime) -> Iterable[Case]:
    into = {id: t.into for id, t in trails.items() if t.joined_at is not None and t.joined_at < end}
    notes: defaultdict[Id, list[Note]] = defaultdict(list)
    for id, t in trails.items():
        notes[_last_of_chain(id, into)].extend(note for note in t.notes if note.at < end)
    for id, t in trails.items():
        if notes[id] and id not in into:
            yield _case(t, sorted(notes[id], key=lambda note: note.at), end)


def _last_of_chain(id: Id, into: Mapping[Id, Id]) -> Id:
    for _ in into:  # no chain is longer, so even a circle comes to an end
        if id not in into:
            break
        id = into[id]
    return id


def _case(t: Trail, notes: list[Note], end: datetime) -> Case:
    steps = t.before(end)
    return Case(
        t.issue,
        notes=tuple(notes),
        raised=notes[0].at,
        steps=steps,
        state=state(steps[-1] if steps else None, end),
        said=t.said if t.said and t.said[0] < end else None,
    )


def _day_case(day: Day, events: Iterable[DayEvent], end: datetime) -> DayCase:
    start, due, outcome = day.start, None, ""
    for event in events:
        if event.at >= end:
            break
        start = event.start or start
        due = start if event.what == "accepted" else due
        outcome = outcome if event.what in ASIDE else event.what
    return DayCase(day, utc(due) if due else None, outcome)


def utc(at: datetime) -> datetime:
    """Count time in one zone: subtraction inside another forgets the change of the clocks."""
    return at.astimezone(UTC)
