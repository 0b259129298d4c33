"""What the history of an issue tells: how it stood before it was joined, and what became of a promise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from floorday.issues.rules.steps import QUIET, TRANSITIONS, Issue
from floorday.issues.rules.words import ANSWERABLE, OPEN, PromiseState, Resolution, Stage, Verb, Verdict

AWAKE = "awake"


def asleep(issue: Issue) -> str:
    """Say of an issue that is joined until when it sleeps, for `stood` to read: what has no minute does not tell it."""
    return issue.snoozed_until.isoformat() if issue.snoozed_until is not None else AWAKE


class Stood(Struct, frozen=True):
    """How an issue stood, as far as joining it into another one forgets that."""

    stage: Stage
    question: str = ""
    snoozed_until: date | None = None


class Happened(Struct, frozen=True):
    """A line of an issue's history, as far as it tells what became of a promise."""

    at: datetime
    what: str
    says: str = ""
    for_date: date | None = None
    text: str = ""


def stood(lines: Sequence[Happened], *, owned: bool, today: date) -> Stood:
    """Say how an issue stands after these lines of its history, in order of time, however it has been joined since.

    The lines tell it, so that it is the same for what was brought in from a file. The last may be the joining itself,
    which says until when it slept. `owned` is whether its owner is still here: else it *needs an owner*.
    """
    stage, asked, until = Stage.NEEDS_OWNER, "", _slept(lines)
    for line in lines:
        match line.what:
            case "asked" if stage in OPEN:
                stage, asked = Stage.NEEDS_DECISION, line.text
            case "decided" if stage in OPEN:
                stage = Stage.BEING_FIXED
            case "resolved":
                stage = Stage.CANNOT if line.says == Resolution.CANNOT.value else Stage.TELL_FLOOR
            case "verdict" if line.says == Verdict.FIXED.value:
                stage = Stage.CONFIRMED if stage in ANSWERABLE else stage
            case "verdict" | "reopened" | "returned" if stage not in OPEN:
                stage = Stage.BEING_FIXED
            case "unconfirmed":
                stage = Stage.UNCONFIRMED
            case "declined":
                stage = Stage.DECLINED
            case _:
                pass
    if stage in {Stage.NEEDS_OWNER, Stage.BEING_FIXED}:
        stage = Stage.BEING_FIXED if owned else Stage.NEEDS_OWNER
    return Stood(
        stage, question=asked if stage is Stage.NEEDS_DECISION else "",
        snoozed_until=until if until is not None and until > today and stage in OPEN else None,
    )  # fmt: skip


def _slept(lines: Sequence[Happened]) -> date | None:
    """Say until when an issue sleeps after these lines; None: it is awake."""
    until: date | None = None
    for line in lines:
        if line.what == "snoozed":
            until = line.for_date
        elif line.what == "joined" and line.says:
            until = None if line.says == AWAKE else date.fromisoformat(line.says)
        elif line.what in _WAKING:
            until = None
    return until


def promise_state(
    lines: Sequence[Happened], place: int, *, deadline: datetime, now: datetime
) -> PromiseState:
    """Say what became of the promise at this place of a history that stands in order of time.

    `deadline` is the first instant of the next date. Kept: something was done by then and stands. Moved: another
    date, a refusal, or that it goes on as part of another issue was told by then (and not split since). The last
    saying of a date counts.
    """
    due = lines[place].for_date
    told = [line for line in lines[place + 1 :] if line.at < deadline]
    if any(line.what == "promised" and line.for_date == due for line in told):
        return PromiseState.SAID_AGAIN
    stands = _stands(lines[: place + 1], "")
    stands = _stands(told, stands)
    if stands == "done":
        return PromiseState.KEPT
    apart = max((line.at for line in lines if line.what == "split"), default=None)
    joined = any(line.what == "joined" and (apart is None or line.at > apart) for line in told)
    if joined or stands == "cannot" or any(line.what in {"promised", "declined"} for line in told):
        return PromiseState.MOVED
    return PromiseState.BROKEN if now >= deadline else PromiseState.STANDING


def _stands(lines: Sequence[Happened], stands: str) -> str:
    """Say which answer stands after these lines: "done", "cannot", "declined" or none."""
    for line in lines:
        match line.what:
            case "resolved":
                stands = "cannot" if line.says == Resolution.CANNOT.value else "done"
            case "declined":
                stands = "declined"
            case "reopened" | "returned":
                stands = ""
            case "verdict" if line.says != Verdict.FIXED.value and stands != "declined":
                stands = ""
            case _:
                pass
    return stands


_WAKING = frozenset(row.event for row in TRANSITIONS if row.verb not in QUIET | {Verb.JOIN, Verb.SPLIT})
