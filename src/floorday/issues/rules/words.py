"""The words of an issue: its kinds, turns and stages, what is done to it, and the letters that follow."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from floorday.render.words import gettext as _


class Kind(StrEnum):
    """What gets in the way."""

    GLITCH = "glitch"
    RED_TAPE = "red tape"
    HAND_OFF = "hand-off"
    PRODUCT = "product"
    KNOWLEDGE = "knowledge"
    WORKSPACE = "workspace"
    STAFFING = "staffing"
    MEASURE_CONFLICT = "measure conflict"
    OTHER = "other"


class Stream(StrEnum):
    """Who said or saw it."""

    MANAGER_SAW = "manager saw"
    STAFF_TOLD = "staff told"
    CUSTOMER_SAID = "customer said"
    GOOD_NEWS = "good news"


class Naming(StrEnum):
    """How a reporter wants to be known."""

    NAMED = "named"
    HIDDEN = "hidden"
    ANONYMOUS = "anonymous"


class Turn(StrEnum):
    """Whose turn it is; nothing else is a state of an issue."""

    NEEDS_OWNER = "needs owner"
    BEING_FIXED = "being fixed"
    NEEDS_DECISION = "needs decision"
    TELL_FLOOR = "tell the floor"
    CLOSED = "closed"


class Ending(StrEnum):
    """How a closed issue ended; NONE while it is open."""

    NONE = ""
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    CANNOT = "cannot"
    DECLINED = "declined"
    JOINED = "joined"


class Resolution(StrEnum):
    """What was done."""

    WORKAROUND = "workaround"
    HERE = "here"
    EVERYBODY = "everybody"
    CANNOT = "cannot"


class Verdict(StrEnum):
    """What a reporter says of a resolution."""

    FIXED = "fixed"
    PARTLY = "partly"
    NOT = "not"


class PromiseState(StrEnum):
    """What became of a date that was promised."""

    STANDING = "standing"
    KEPT = "kept"
    MOVED = "moved"
    BROKEN = "broken"
    SAID_AGAIN = "said again"


class Effort(StrEnum):
    """How hard it is to fix, as the owner sees it."""

    UNKNOWN = ""
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Stage(StrEnum):
    """Turn and ending in one word: where an issue stands."""

    NEEDS_OWNER = "needs owner"
    BEING_FIXED = "being fixed"
    NEEDS_DECISION = "needs decision"
    TELL_FLOOR = "tell the floor"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    CANNOT = "cannot"
    DECLINED = "declined"
    JOINED = "joined"

    @classmethod
    def of(cls, turn: Turn, ending: Ending) -> Stage:
        """Say both in one word."""
        return cls(ending.value if turn is Turn.CLOSED else turn.value)

    @property
    def turn(self) -> Turn:
        """Say whose turn it is."""
        return Turn.CLOSED if self in CLOSED else Turn(self.value)

    @property
    def ending(self) -> Ending:
        """Say how it ended, if it did."""
        return Ending(self.value) if self in CLOSED else Ending.NONE


OPEN = (Stage.NEEDS_OWNER, Stage.BEING_FIXED, Stage.NEEDS_DECISION)
"""In these stages somebody has still to fix it."""

CLOSED = (Stage.CONFIRMED, Stage.UNCONFIRMED, Stage.CANNOT, Stage.DECLINED, Stage.JOINED)

ANSWERABLE = (Stage.TELL_FLOOR, Stage.UNCONFIRMED, Stage.CONFIRMED)
"""In these stages reporters may say what they think of what was done."""

SILENCE = timedelta(days=14)
"""After so long without a verdict a resolution is unconfirmed (14 times 24 hours); silence is never a yes."""

Cost = Annotated[float, Meta(ge=0, le=1_000_000)]

RETURNS_TOLD = 3
"""At so many returns the head of service is told: somebody has to look for the cause."""


class Verb(StrEnum):
    """What is done to an issue."""

    RAISE = "raise"
    NOTE = "me too"
    HAND = "hand over"
    ASSIGN = "assign"
    SPONSOR = "sponsor"
    PROMISE = "promise"
    UPDATE = "update"
    ASK = "ask"
    DECIDE = "decide"
    RESOLVE = "resolve"
    CANNOT = "cannot"
    FIXED = "say fixed"
    NOT_FIXED = "say partly or not"
    UNCONFIRM = "hear nothing"
    AGAIN = "again"
    RETURN = "return"
    DECLINE = "decline"
    SNOOZE = "snooze"
    WAKE = "wake"
    JOIN = "join"
    SPLIT = "split"
    TAKE_OUT = "take out"
    QUESTION = "ask the floor"
    ANSWER = "answer"
    UNASK = "take the question back"


class Letter(StrEnum):
    """The letters that follow from a step, by the name of their templates."""

    NOTE_THANKS = "note_thanks"
    TAKEN = "issue_taken"
    PROMISED = "issue_promised"
    DELAYED = "issue_delayed"
    UPDATED = "issue_updated"
    DECLINED = "issue_declined"
    JOINED = "issue_joined"
    DECISION_MADE = "decision_made"
    VERDICT_ASKED = "verdict_asked"
    REOPENED = "issue_reopened"
    CONFIRMED = "issue_confirmed"
    CANNOT = "issue_cannot"
    OWNER_NAMED = "owner_named"
    SPONSOR_NAMED = "sponsor_named"
    DECISION_ASKED = "decision_asked"
    SPLIT = "issue_split"
    TAKEN_OUT = "note_taken_out"
    QUESTION = "note_question"
    ANSWERED = "note_answered"


def say(stage: Stage) -> str:
    """Name a stage to a reader."""
    return {
        Stage.NEEDS_OWNER: _("Needs an owner"), Stage.BEING_FIXED: _("Being fixed"),
        Stage.NEEDS_DECISION: _("Needs a decision"), Stage.TELL_FLOOR: _("Fixed, tell the floor"),
        Stage.CONFIRMED: _("Confirmed"), Stage.UNCONFIRMED: _("Unconfirmed"), Stage.CANNOT: _("Cannot be fixed"),
        Stage.DECLINED: _("Declined"), Stage.JOINED: _("Joined"),
    }[stage]  # fmt: skip


def say_kind(kind: Kind) -> str:
    """Name a kind to a reader."""
    return {
        Kind.GLITCH: _("Glitch"), Kind.RED_TAPE: _("Red tape"), Kind.HAND_OFF: _("Hand-off"),
        Kind.PRODUCT: _("Product"), Kind.KNOWLEDGE: _("Knowledge"), Kind.WORKSPACE: _("Workspace"),
        Kind.STAFFING: _("Staffing"), Kind.MEASURE_CONFLICT: _("Measure conflict"), Kind.OTHER: _("Other"),
    }[kind]  # fmt: skip
