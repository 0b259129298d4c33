"""What may happen to a booking, and what follows from it. Pure: no database, no clock of its own."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a booking stands."""

    INVITED = "invited"
    TENTATIVE = "tentative"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    HELD = "held"
    MISSED = "missed"


HOLDING = frozenset({State.INVITED, State.TENTATIVE, State.ACCEPTED})
"""In these states a booking takes the seat and the manager's time."""
