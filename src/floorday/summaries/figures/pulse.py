"""A year at a glance: of each month what was raised, what was said fixed, and what was open at its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from floorday.summaries.figures.answer import Subject
from floorday.summaries.figures.ledger import Ledger
from floorday.summaries.figures.view import view
from floorday.summaries.figures.window import Window


class Pulse(Struct, frozen=True):
    """One month of it."""

    month: str
    raised: int
    fixed: int
    open: int

    def __bool__(self) -> bool:
        """Say whether anything was there."""
        return bool(self.raised or self.fixed or self.open)


def pulse(ledger: Ledger, subject: Subject, window: Window) -> Pulse:
    """Count it, as `month` counts these three."""
    raised = fixed = still = 0
    for case in view(ledger, subject, window).cases:
        raised += case.raised >= window.start
        fixed += case.said_at is not None and case.said_at >= window.start
        still += case.state == "open"
    return Pulse(window.month, raised, fixed, still)


def pulse_of(month: str, numbers: Mapping[str, Mapping[str, Any]]) -> Pulse:
    """Read it from a month's figures."""
    return Pulse(
        month, numbers["issues_raised"]["value"], numbers["issues_said_fixed"]["value"],
        numbers["issues_open"]["value"])  # fmt: skip
