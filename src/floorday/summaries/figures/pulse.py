"""A year at a glance: of each month what was raised, what was said fixed, and what was open at its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from floorday.summaries.figures.answer import Subject
from floorday.summaries.figures.ledger import Ledger
from floorday.summaries.figures.view import issue_of
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


class Beat:
    """A pulse that is counted part by part."""

    def __init__(self, subject: Subject, window: Window) -> None:
        self.subject, self.window = subject, window
        self.raised = self.fixed = self.open = 0

    def add(self, ledger: Ledger) -> None:
        """Take in a part of the history, as `month` counts these three."""
        for case in ledger.cases(self.window.end):
            if issue_of(self.subject, case):
                self.raised += case.raised >= self.window.start
                self.fixed += case.said_at is not None and case.said_at >= self.window.start
                self.open += case.state == "open"

    def pulse(self) -> Pulse:
        """Say what was counted."""
        return Pulse(self.window.month, self.raised, self.fixed, self.open)


def pulse(ledger: Ledger, subject: Subject, window: Window) -> Pulse:
    """Count it from a history in one part."""
    beat = Beat(subject, window)
    beat.add(ledger)
    return beat.pulse()


def pulse_of(month: str, numbers: Mapping[str, Mapping[str, Any]]) -> Pulse:
    """Read it from a month's figures."""
    return Pulse(
        month, numbers["issues_raised"]["value"], numbers["issues_said_fixed"]["value"],
        numbers["issues_open"]["value"])  # fmt: skip
