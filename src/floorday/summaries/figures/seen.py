"""What a month needs to know of one issue, as it stood at the month's end: so little that many fit side by side.

Instants are counted here in microseconds since 1970 (`micros`), for there are many of them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from floorday.summaries.figures.facts import Id
from floorday.summaries.figures.ledger import Case, State, first_heard
from floorday.summaries.figures.window import Window
from floorday.summaries.figures.word import Promise, promised

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)

Micros = int


class Seen(Struct, frozen=True, gc=False):
    """An issue at the end of a month.

    `closed` is since when it is closed as it is, `word` when somebody last said something about it, `lost` the hours
    that an open one costs a month. `reopened`, `returns`, `promised` and `met` are what fell into the month.
    """

    id: Id
    team: Id
    department: Id | None
    state: State
    raised: Micros
    said: Micros | None
    answered: bool
    confirmed: Micros | None
    closed: Micros | None
    word: Micros | None = None
    lost: float | None = None
    reopened: bool = False
    returns: int = 0
    promised: tuple[Promise, ...] = ()
    met: int = 0


class Rested(Struct, frozen=True):
    """Issues that stand alike, and have stood so since long before the months asked for; the `ids` where wanted."""

    state: State
    said: bool
    answered: bool
    count: int
    ids: tuple[Id, ...] = ()


class Spell(Struct, frozen=True):
    """A month in microseconds; what falls into it lies before its end, too. `end` is when things are looked at."""

    start: Micros
    after: Micros
    end: Micros

    @property
    def until(self) -> Micros:
        """Say until when what happens falls into it."""
        return min(self.after, self.end)

    def has(self, at: Micros | None) -> bool:
        """Say whether this fell into it."""
        return at is not None and self.start <= at < self.until


def micros(at: datetime) -> Micros:
    """Count an instant in microseconds."""
    return (at - EPOCH) // MICRO


def instant(at: Micros) -> datetime:
    """Read it again."""
    return EPOCH + at * MICRO


def spell(window: Window) -> Spell:
    """Give a month's edges in microseconds."""
    return Spell(micros(window.start), micros(window.after), micros(window.end))


def seen(case: Case, window: Window) -> Seen:
    """Look at an issue at the end of a month."""
    reopened, returns, until = False, 0, min(window.after, window.end)
    if case.steps and case.steps[-1].at >= window.start:
        for step in case.steps:
            if window.start <= step.at < until:
                reopened = reopened or step.reopens
                returns += step.event.what == "returned"
    still = case.state == "open"
    return Seen(
        case.id, case.issue.team, case.issue.department, case.state, micros(case.raised),
        said=None if case.said_at is None else micros(case.said_at),
        answered=case.answered,
        confirmed=None if case.confirmed_at is None else micros(case.confirmed_at),
        closed=None if still or not case.steps else micros(case.steps[-1].since[0]),
        word=micros(case.last_word) if still else None,
        lost=lost(case.issue.minutes_per_case, case.issue.cases_per_month) if still else None,
        reopened=reopened, returns=returns,
        promised=promised(case, window) if case.promised else (),
        met=met(case) if window.start <= case.raised < until else 0,
    )  # fmt: skip


def lost(minutes: float | None, cases: float | None) -> float | None:
    """Say how many hours a month an issue costs, where both numbers are stated."""
    return None if minutes is None or cases is None else minutes * cases / 60


def met(case: Case) -> int:
    """Count those who met an issue, an anonymous note as one of them."""
    return sum(note.reporter is None for note in case.notes) + len(first_heard(case))


def happened(case: Case, window: Window) -> bool:
    """Say whether anything of it may have fallen into the month: most did not."""
    return case.raised >= window.start or case.promised or bool(case.steps and case.steps[-1].at >= window.start)

