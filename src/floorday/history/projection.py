"""Where the events of an issue have led, and those of a day: the rows that live actions would have left. Pure.

A record may hold what the program itself would refuse (a promise without an owner, two resolutions in a row); each
event is taken as the figures take it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from floorday.bookings.rules import State
from floorday.issues.rules import SILENCE, WORDS, Ending, Resolution, Stage, Turn, Verdict


class Happened(Struct, frozen=True, kw_only=True):
    """One event of an issue, in the words that the history of an issue is kept in."""

    at: datetime
    what: str
    text: str = ""
    says: str = ""
    due: date | None = None
    by: UUID | None = None


class Standing(Struct, frozen=True, kw_only=True):
    """An issue as its row shows it. `lapses`: when a fortnight without a word closed it as unconfirmed."""

    stage: Stage
    last_word_at: datetime
    changed_at: datetime
    promised_for: date | None = None
    question: str = ""
    resolution: str = ""
    done: str = ""
    resolved_by: UUID | None = None
    resolved_at: datetime | None = None
    round: int = 0
    lapses: tuple[datetime, ...] = ()

    @property
    def turn(self) -> Turn:
        """Say whose turn it is."""
        return self.stage.turn

    @property
    def ending(self) -> Ending:
        """Say how it ended, if it did."""
        return self.stage.ending


OPEN = frozenset({Stage.NEEDS_OWNER, Stage.BEING_FIXED, Stage.NEEDS_DECISION})
RESOLVED = frozenset({Stage.TELL_FLOOR, Stage.UNCONFIRMED, Stage.CONFIRMED})


def project(events: Iterable[Happened], *, raised_at: datetime, owned: bool, now: datetime) -> Standing:
    """Follow the events of an issue, in their order, to how it stands now."""
    for standing in steps(events, raised_at=raised_at, owned=owned):
        last = standing
    return _lapsed(last, now)  # pyright: ignore[reportPossiblyUnboundVariable]  # there is always the first one


def steps(events: Iterable[Happened], *, raised_at: datetime, owned: bool) -> Iterable[Standing]:
    """Give how an issue stood at first, and after each of its events."""
    idle = Stage.BEING_FIXED if owned else Stage.NEEDS_OWNER
    now = Standing(stage=idle, last_word_at=raised_at, changed_at=raised_at)
    yield now
    for event in events:
        before = _lapsed(now, event.at)
        now = replace(_after(before, event, idle), changed_at=event.at)
        if event.what in WORDS - {"reopened", "returned"} or _reopens(before, event):
            now = replace(now, last_word_at=event.at)
        yield now


def _lapsed(now: Standing, at: datetime) -> Standing:
    """Close what was said to be fixed and heard no word for a fortnight."""
    if now.stage is not Stage.TELL_FLOOR or now.resolved_at is None or at - now.resolved_at < SILENCE:
        return now
    ends = now.resolved_at + SILENCE
    return replace(now, stage=Stage.UNCONFIRMED, changed_at=ends, lapses=(*now.lapses, ends))


def _after(now: Standing, event: Happened, idle: Stage) -> Standing:
    if _reopens(now, event):
        return replace(now, stage=idle, resolution="", done="", resolved_by=None, resolved_at=None)
    match event.what:
        case "promised":
            return replace(now, promised_for=event.due)
        case "asked" if now.stage in OPEN:
            return replace(now, stage=Stage.NEEDS_DECISION, question=event.text)
        case "decided":
            return replace(now, stage=idle if now.stage in OPEN else now.stage, question="")
        case "resolved":
            cannot = event.says == Resolution.CANNOT
            return replace(
                now, stage=Stage.CANNOT if cannot else Stage.TELL_FLOOR, question="", resolution=event.says,
                done=event.text, resolved_by=event.by, resolved_at=event.at, round=now.round + 1,
                promised_for=None if cannot else now.promised_for,
            )  # fmt: skip
        case "verdict" if event.says == Verdict.FIXED and now.stage in RESOLVED:
            return replace(now, stage=Stage.CONFIRMED)
        case "declined":
            return replace(now, stage=Stage.DECLINED, question="", done=event.text, promised_for=None,
                           resolution="", resolved_by=None, resolved_at=None)  # fmt: skip
        case "joined":
            return replace(now, stage=Stage.JOINED, question="")
        case _:
            return now


def _reopens(now: Standing, event: Happened) -> bool:
    """Say whether an event brings an issue back; on an open one nothing does."""
    if event.what == "verdict":
        return event.says in {Verdict.PARTLY, Verdict.NOT} and now.stage in RESOLVED | {Stage.CANNOT}
    return event.what in {"reopened", "returned"} and now.stage in RESOLVED | {Stage.CANNOT, Stage.DECLINED}


class DayHappened(Struct, frozen=True):
    """One event of a day."""

    at: datetime
    what: str


class DayStanding(Struct, frozen=True):
    """A booking as its row shows it."""

    state: State
    changed_at: datetime
    sequence: int = 0
    answer: str = ""
    answer_sequence: int | None = None
    answered_at: datetime | None = None


def project_day(events: Iterable[DayHappened], *, booked_at: datetime) -> DayStanding:
    """Follow the events of a day to how it stands; each postponement and the cancelling are a revision of it."""
    now = DayStanding(State.INVITED, booked_at)
    for event in events:
        state = State(event.what)
        now = replace(now, state=state, changed_at=event.at)
        if state in {State.ACCEPTED, State.TENTATIVE, State.DECLINED}:
            now = replace(now, answer=state.value, answer_sequence=now.sequence, answered_at=event.at)
        elif state in {State.POSTPONED, State.CANCELLED}:
            now = replace(now, sequence=now.sequence + 1, answer=now.answer if state is State.CANCELLED else "")
    return now
