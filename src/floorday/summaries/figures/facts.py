"""What the figures are counted from: plain facts, as a query or a history file brings them.

Ids are opaque and hashable (UUIDs or strings); times are aware, in any zone; lists may stand
in any order, and where two times are equal, the order in the list decides.
The history must be whole, an issue that was joined is given too, with its notes.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct, field

Id = Any

DayWord = Literal["invited", "accepted", "tentative", "declined", "postponed", "cancelled", "held", "missed"]
IssueWord = Literal[
    "acknowledged",
    "promised",
    "updated",
    "asked",
    "decided",
    "resolved",
    "verdict",
    "reopened",
    "returned",
    "joined",
    "split",
    "declined",
]
How = Literal["workaround", "here", "everybody", "cannot"]
Says = Literal["fixed", "partly", "not"]


class Team(Struct, frozen=True):
    """A team, for its name."""

    id: Id
    name: str


class Department(Struct, frozen=True):
    """A department; `word_days` is its charter's, None without a charter."""

    id: Id
    name: str
    word_days: int | None = None


class DayEvent(Struct, frozen=True, gc=False):
    """What happened to a day; `start` is the new start that a postponement may carry."""

    at: datetime
    what: DayWord
    start: datetime | None = None


class Day(Struct, frozen=True):
    """A manager's day with a team; `start` as it was first invited."""

    id: Id
    manager: Id
    team: Id
    start: datetime
    events: tuple[DayEvent, ...] = ()


class Note(Struct, frozen=True, gc=False):
    """A note on an issue; an anonymous one has no reporter."""

    at: datetime
    reporter: Id | None = None


class IssueEvent(Struct, frozen=True, gc=False):
    """What happened to an issue.

    `promised` needs `due`, `resolved` needs `how`, `verdict` needs `says` and `reporter`,
    `returned` needs `reporter`, `joined` needs `into`.
    """

    at: datetime
    what: IssueWord
    due: date | None = field(default=None, name="for")
    how: How | None = field(default=None, name="as")
    says: Says | None = None
    reporter: Id | None = None
    into: Id | None = None


class Issue(Struct, frozen=True, gc=False):
    """An issue with everything that was said and done about it."""

    id: Id
    team: Id
    notes: tuple[Note, ...]
    events: tuple[IssueEvent, ...] = ()
    department: Id | None = None
    sponsor: Id | None = None
    minutes_per_case: float | None = None
    cases_per_month: float | None = None


class Story(Struct, frozen=True):
    """A good story about somebody of the team."""

    id: Id
    at: datetime
    team: Id
    day: Id | None = None
    thanked_at: datetime | None = None


class History(Struct, frozen=True):
    """All that happened in the programme, as far as the months asked for depend on it."""

    teams: tuple[Team, ...] = ()
    departments: tuple[Department, ...] = ()
    days: tuple[Day, ...] = ()
    issues: tuple[Issue, ...] = ()
    stories: tuple[Story, ...] = ()
