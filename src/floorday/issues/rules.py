"""What may happen to an issue, and what follows from it. Pure: no database, no clock of its own."""

from __future__ import annotations

from enum import StrEnum


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


class Effort(StrEnum):
    """How hard it is to fix, as the owner sees it."""

    UNKNOWN = ""
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
