"""A month's answer: figures, each with the rows that it was counted from."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, to_builtins
from msgspec.structs import replace

from floorday.summaries.figures.facts import Id

NAMES = (
    *("days_due", "days_held", "days_missed", "days_cancelled", "days_postponed", "days_unsettled", "compliance"),
    *("issues_raised", "issues_said_fixed", "issues_confirmed", "issues_reopened", "returns"),
    *("issues_open", "issues_waiting", "issues_unconfirmed"),
    *("issues_closed_confirmed", "issues_cannot", "issues_declined", "confirmed_rate", "answered_rate", "cohorts"),
    *("said_30", "said_60", "said_90", "said_180", "confirmed_30", "confirmed_60", "confirmed_90", "confirmed_180"),
    *("time_to_fix_median", "time_to_fix_p90", "promises_kept", "promises_moved", "promises_broken", "silent"),
    *("feedback_rate", "hours_lost", "met_by", "stories", "thanked_in_72h", "friction"),
)
"""All figures in the order in which they are read."""

RowKind = Literal["day", "issue", "story", "person"]
Cut = Literal["company", "team", "manager", "department"]


class Subject(Struct, frozen=True):
    """Whose month it is; the company has no id."""

    cut: Cut = "company"
    id: Id = None


COMPANY = Subject()


class Figure(Struct, frozen=True):
    """One number and the rows behind it.

    `rows` were counted in the value or the numerator, `among` in the denominator; `kind` says
    what these ids are. An issue stands twice where it counts twice (two promises, two returns).
    `open` and `stated` go with the times to fix and the hours lost.
    """

    value: int | float | None
    numerator: int | UnsetType = UNSET
    denominator: int | UnsetType = UNSET
    open: int | UnsetType = UNSET
    stated: int | UnsetType = UNSET
    kind: RowKind = "issue"
    rows: tuple[Id, ...] = ()
    among: tuple[Id, ...] = ()


class Cohort(Struct, frozen=True):
    """The issues raised in one month; `got` maps "said_30" ... to those that got there, None while too young."""

    month: str
    raised: tuple[Id, ...]
    got: dict[str, tuple[Id, ...] | None]


class Friction(Struct, frozen=True):
    """The open issues between a team and a department, by their names."""

    department: str | None
    team: str
    rows: tuple[Id, ...]


class Month(Struct, frozen=True):
    """All figures of one month for one subject; it goes to JSON and back with its rows."""

    subject: Subject
    month: str
    zone: str
    complete: bool
    starts: datetime
    ends: datetime
    figures: dict[str, Figure]
    cohorts: tuple[Cohort, ...]
    friction: tuple[Friction, ...]


def numbers(month: Month) -> dict[str, dict[str, Any]]:
    """Give the figures as the API answers them: the numbers without their rows."""
    plain = {name: _plain(figure) for name, figure in month.figures.items()}
    plain["cohorts"] = {"value": [_cohort(each) for each in month.cohorts]}
    plain["friction"] = {
        "value": [{"department": f.department, "team": f.team, "value": len(f.rows)} for f in month.friction]
    }
    return {name: plain[name] for name in NAMES}


def _plain(figure: Figure) -> dict[str, Any]:
    parts: dict[str, Any] = to_builtins(figure)
    return {name: part for name, part in parts.items() if name not in {"kind", "rows", "among"}}


def _cohort(cohort: Cohort) -> dict[str, Any]:
    got = {name: None if rows is None else len(rows) for name, rows in cohort.got.items()}
    return {"month": cohort.month, "raised": len(cohort.raised), **got}


def alone(figure: Figure) -> Figure:
    """Give a number without the rows behind it."""
    return replace(figure, rows=(), among=())


def is_empty(month: Month) -> bool:
    """Say whether there is nothing to tell of."""
    return not any(figure.value or (figure.denominator is not UNSET and figure.denominator)
                   or (figure.open is not UNSET and figure.open) for figure in month.figures.values())  # fmt: skip


def count(rows: list[Id], kind: RowKind = "issue") -> Figure:
    """Count rows."""
    return Figure(len(rows), kind=kind, rows=tuple(rows))


def rate(rows: list[Id], among: list[Id], kind: RowKind = "issue") -> Figure:
    """Count rows among others; the value is null where there are no others."""
    top, under = len(rows), len(among)
    value = top / under if under else None
    return Figure(value, numerator=top, denominator=under, kind=kind, rows=tuple(rows), among=tuple(among))
