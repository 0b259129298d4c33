"""What becomes of promised dates that are all to move: which day each gets, and what that does to the promise."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from floorday import workdays
from floorday.errors import Refused
from floorday.issues.queries import IssueRow
from floorday.render.words import gettext as _

FARTHEST = 366
"""No date moves by more working days than that."""


class NewDate(Struct, frozen=True):
    """One day for all, or each so many working days `later` than it was promised for."""

    day: date | None = None
    later: int = 0


class Becomes(StrEnum):
    """What a new date makes of the one that stands."""

    FIRST = "first"
    MOVED = "moved"
    BROKEN = "broken"


def new_date(row: IssueRow, wanted: NewDate) -> date:
    """Say for which day an issue is promised then; raise Refused where no date stands that could move."""
    if wanted.day is not None:
        return wanted.day
    if row.promised_for is None:
        raise Refused(_("No date is promised here yet, so there is none to move. Choose a day instead."))
    return workdays.after(row.promised_for, wanted.later)


def becomes(row: IssueRow, *, today: date) -> Becomes:
    """Say what telling a new date today makes of the one that stands: moved before it is over, broken after."""
    if row.promised_for is None:
        return Becomes.FIRST
    return Becomes.MOVED if row.promised_for >= today else Becomes.BROKEN

