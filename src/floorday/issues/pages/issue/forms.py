"""What the forms of an issue's page send, beside what programs send alike (`issues/fields.py`)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from floorday.db.text import Prose
from floorday.issues import actions, worth
from floorday.issues.rules import Cost, Effort, Verdict


class OwnerFields(Struct, frozen=True):
    """Who fixes it: a department, and a person of it where one is named already ("department/person")."""

    owner: str


class PromiseFields(Struct, frozen=True):
    """By when it is fixed."""

    promised_for: date
    promise_because: Prose = Prose("")


class DecisionFields(Struct, frozen=True):
    """Yes, or no because."""

    decision: Literal["yes", "no"]
    decision_because: Prose = Prose("")


class VerdictFields(Struct, frozen=True):
    """What a reporter says of it."""

    says: Verdict
    verdict_because: Prose = Prose("")


class CorrectionFields(Struct, frozen=True):
    """An own note, said better."""

    correction: actions.Said


class AgainFields(Struct, frozen=True):
    """What it is now."""

    again: Prose


class DeclineFields(Struct, frozen=True):
    """Why not."""

    decline_because: Prose


class JoinFields(Struct, frozen=True):
    """The number of the issue it joins."""

    into: str


class MeasureFields(Struct, frozen=True):
    """What it costs."""

    minutes: Cost | None = None
    cases: Cost | None = None
    effort: Literal["unsaid", "small", "medium", "large"] | None = None
    reputation: Literal["unsaid", "0", "1", "2", "3", "4"] | None = None

    def chosen(self) -> tuple[Effort | None, int | UnsetType | None]:
        """Give effort and reputation as the action takes them; a form without them leaves them as they are."""
        effort = None if self.effort is None else Effort("" if self.effort == worth.UNSAID else self.effort)
        if self.reputation is None:
            return effort, UNSET
        return effort, None if self.reputation == worth.UNSAID else int(self.reputation)


class RestrictionFields(Struct, frozen=True):
    """Whether only those who are in it see it."""

    restricted: bool = False
