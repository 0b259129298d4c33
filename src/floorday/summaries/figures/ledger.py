"""The history, indexed once: what stood at which instant.

`Ledger` sorts every issue's and day's past a single time; `cases(end)` and `days(end)` then
look up how things stood just before `end`, and are kept for the next figure or cut.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from operator import attrgetter
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

_at = attrgetter("at")

Entry = TypeVar("Entry", DayEvent, IssueEvent, Note, Story)

NOTE = -1
WAIT = timedelta(days=14)
WORDS = frozenset({"acknowledged", "promised", "updated", "decided", "resolved", "declined"})
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
ASIDE = frozenset({"invited", "tentative"})


class Step(Struct, frozen=True, gc=False):
    """An issue as it stands just after one of its events.

    `since` is when it came to stand so, `fixed` the first `fixed` said to the standing resolution.
    """

    at: datetime
    moment: Moment
    event: IssueEvent
    standing: Standing
    since: Moment
    fixed: Moment | None = None
    reopens: bool = False

    @property
    def word(self) -> bool:
        """Say whether those who raised the issue hear something by it."""
        return self.reopens or self.event.what in WORDS


class Trail(Struct, frozen=True, gc=False):
    """An issue's whole past in order of time; `answer` is the first verdict after it was `said` to be fixed.

    `joins` says since when it is part of which issue; of none, since it was split from one.
    """

    issue: Issue
    notes: tuple[Note, ...]
    steps: tuple[Step, ...]
    joins: tuple[tuple[datetime, Id | None], ...]
    said: Moment | None
    answer: Moment | None
    promised: bool

    def before(self, end: datetime) -> tuple[Step, ...]:
        """Give the steps before an instant."""
        if not self.steps or self.steps[-1].at < end:
            return self.steps
        return self.steps[: bisect_left(self.steps, end, key=_at)]

    @property
    def joined_at(self) -> datetime | None:
        """Say since when it is part of another issue; None where it is part of none."""
        return self.joins[-1][0] if self.joins and self.joins[-1][1] is not None else None

    def into(self, end: datetime) -> Id | None:
        """Say which issue it was joined into, and not split from, before an instant."""
        return next((into for at, into in reversed(self.joins) if at < end), None)


class Case(Struct, frozen=True, gc=False):
    """An issue as it stood at an instant, the notes of those that were joined to it included.

    `said_at` is when the owner first said that it is fixed, `answered` whether any verdict came after that;
    `confirmed_at` when a reporter confirmed it, if it stands confirmed.
    """

    id: Id
    issue: Issue
    notes: tuple[Note, ...]
    raised: datetime
    steps: tuple[Step, ...]
    state: State
    said_at: datetime | None
    answered: bool
    confirmed_at: datetime | None
    promised: bool

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
        self.trails: dict[Id, Trail] = {issue.id: trail(issue) for issue in history.issues}
        self._days = tuple((day, _in_order(day.events)) for day in history.days)
        self._cases: dict[datetime, tuple[Case, ...]] = {}
        self._day_cases: dict[datetime, tuple[DayCase, ...]] = {}

    def cases(self, end: datetime) -> tuple[Case, ...]:
        """Give every issue raised before an instant, without those that are part of another by then."""
        if end not in self._cases:
            self._cases[end] = tuple(_cases(self.trails, end))
        return self._cases[end]

    def days(self, end: datetime) -> tuple[DayCase, ...]:
        """Give every day as it stood before an instant."""
        if end not in self._day_cases:
            self._day_cases[end] = tuple(_day_case(day, events, end) for day, events in self._days)
        return self._day_cases[end]


def trail(issue: Issue) -> Trail:
    """Put an issue's past in order, and say after each event how it stands."""
    steps: list[Step] = []
    last: Step | None = None
    joins: list[tuple[datetime, Id | None]] = []
    said: Moment | None = None
    answer: Moment | None = None
    promised = False
    for order, event in enumerate(_in_order(issue.events)):
        last = _next(last, event, (event.at, order))
        steps.append(last)
        if event.what in {"joined", "split"}:
            joins.append((event.at, event.into if event.what == "joined" else None))
        elif event.what == "resolved" and event.how != "cannot":
            said = said or last.moment
        elif event.what == "verdict" and said:
            answer = answer or last.moment
        elif event.what == "promised":
            promised = True
    return Trail(
        issue,
        notes=_in_order(issue.notes),
        steps=tuple(steps),
        joins=tuple(joins),
        said=said,
        answer=answer,
        promised=promised,
    )


def _in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Put entries in order of time, all of them in UTC; equal times keep the list's order."""
    if isinstance(entries, tuple) and (not entries or (len(entries) == 1 and entries[0].at.tzinfo is UTC)):
        return entries  # most issues have one note
    told = [entry if entry.at.tzinfo is UTC else replace(entry, at=utc(entry.at)) for entry in entries]
    if len(told) > 1:
        told.sort(key=_at)
    return tuple(told)


def _next(last: Step | None, event: IssueEvent, moment: Moment) -> Step:
    at = moment[0]
    if event.what == "resolved":
        return Step(at, moment, event, "cannot" if event.how == "cannot" else "resolved", moment)
    if event.what == "declined":
        return Step(at, moment, event, "declined", moment)
    if last is None:
        return Step(at, moment, event, "open", moment)
    if _reopens(last.standing, event):
        return Step(at, moment, event, "open", moment, None, reopens=True)
    says_fixed = last.standing == "resolved" and event.what == "verdict" and event.says == "fixed"
    return Step(at, moment, event, last.standing, last.since, last.fixed or (moment if says_fixed else None))


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
    return stands(last.standing, fixed=last.fixed is not None, waited=at - last.since[0])


def stands(standing: Standing, *, fixed: bool, waited: timedelta) -> State:
    """Say how an issue stands that has stood so for some time, after somebody has said that it is `fixed` or not."""
    if standing != "resolved":
        return standing
    if fixed:
        return "confirmed"
    return "unconfirmed" if waited >= WAIT else "waiting"


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
    into = joined(trails, end)
    brought: defaultdict[Id, list[Note]] = defaultdict(list)
    for id in into:
        brought[last_of_chain(id, into)].extend(trails[id].notes)
    for id, t in trails.items():
        if id in into:
            continue
        notes = tuple(sorted((*t.notes, *brought[id]), key=_at)) if id in brought else t.notes
        if notes and notes[0].at < end:
            yield _case(t, notes if notes[-1].at < end else tuple(note for note in notes if note.at < end), end)


def joined(trails: Mapping[Id, Trail], end: datetime) -> dict[Id, Id]:
    """Say of those that are part of another issue before an instant which that is."""
    return {id: whole for id, t in trails.items() if t.joins and (whole := t.into(end)) is not None}


def last_of_chain(id: Id, into: Mapping[Id, Id]) -> Id:
    """Say into which issue one has gone in the end."""
    for _ in into:  # no chain is longer, so even a circle comes to an end
        if id not in into:
            break
        id = into[id]
    return id


def _case(t: Trail, notes: tuple[Note, ...], end: datetime) -> Case:
    steps = t.before(end)
    last = steps[-1] if steps else None
    stands = state(last, end)
    confirmed = last.fixed if last and stands == "confirmed" else None
    return Case(
        t.issue.id,
        t.issue,
        notes,
        raised=notes[0].at,
        steps=steps,
        state=stands,
        said_at=t.said[0] if t.said and t.said[0] < end else None,
        answered=t.answer is not None and t.answer[0] < end,
        confirmed_at=confirmed[0] if confirmed else None,
        promised=t.promised,
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
    return at if at.tzinfo is UTC else at.astimezone(UTC)
