"""What a measure in the register is, and what a review says of it. Pure: no database, no clock of its own."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from floorday.errors import BadInput, Refused
from floorday.render.words import gettext as _


class Outcome(StrEnum):
    """What a review decided: the measure is kept as it is, or changed, or dropped, which ends it."""

    KEPT = "kept"
    CHANGED = "changed"
    DROPPED = "dropped"


class State(StrEnum):
    """Which measures a list holds."""

    CURRENT = "current"
    OVERDUE = "overdue"
    RETIRED = "retired"


def say(outcome: Outcome) -> str:
    """Name an outcome to a reader."""
    return {Outcome.KEPT: _("Kept"), Outcome.CHANGED: _("Changed"), Outcome.DROPPED: _("Dropped")}[outcome]


def described(name: str, punishes: str) -> None:
    """Check that a measure has a name, and says which right action it punishes."""
    wrong: dict[str, str] = {}
    if not name.strip():
        wrong["name"] = _("Give the measure its name, like “average handling time”.")
    if not punishes.strip():
        wrong["punishes"] = _("Say which right action it punishes; without that it is no conflict.")
    if wrong:
        raise BadInput(next(iter(wrong.values())), fields=wrong)


def review(on: date, because: str, *, today: date, last: date | None, retired: bool) -> None:
    """Check a review: of a measure that still counts, with its reason, on a day since the last one and not to come."""
    if retired:
        raise Refused(_("This measure is retired. Bring it back first."))
    wrong: dict[str, str] = {}
    if not because.strip():
        wrong["because"] = _("Say why, in one line; the floor reads it.")
    if on > today:
        wrong["reviewed_on"] = _("This day is still to come. Give the day of the review.")
    elif last is not None and on < last:
        wrong["reviewed_on"] = _("It was reviewed again after that day. Give the day of the latest review.")
    if wrong:
        raise BadInput(next(iter(wrong.values())), fields=wrong)


def retire(*, retired: bool) -> None:
    """Check that a measure is not retired yet."""
    if retired:
        raise Refused(_("This measure is retired already."))


def bring_back(*, retired: bool) -> None:
    """Check that there is something to bring back."""
    if not retired:
        raise Refused(_("This measure is in the register already."))
