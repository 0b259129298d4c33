"""The table: what was measured, beside what it ought to be."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

HEADS = ("database", "issues", "what", "CPU us", "x bare", "req/s", "p50 ms", "p99 ms", "bytes", "goal")


class Goal(Struct, frozen=True):
    """Something to reach, and whether it is."""

    words: str
    reached: bool

    def __str__(self) -> str:
        return f"{self.words}: {'ok' if self.reached else 'not yet'}"


class Row(Struct):
    """One line; what was not measured is None."""

    database: str
    issues: int
    what: str
    cpu: float | None = None
    factor: float | None = None
    rate: float | None = None
    p50: float | None = None
    p99: float | None = None
    size: int | None = None
    goals: list[Goal | str] = []
    """And what else there is to say."""

    def cells(self) -> list[str]:
        """Say it as text."""
        return [self.database, f"{self.issues:,}", self.what, _number(self.cpu), _number(self.factor),
                _number(self.rate), _number(self.p50), _number(self.p99), _number(self.size),
                "; ".join(map(str, self.goals))]  # fmt: skip


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def aligned(rows: Iterable[Row]) -> list[str]:
    """Give the lines: words to the left, numbers to the right, a gap where the database or the size changes."""
    cells = [list(HEADS), *(row.cells() for row in rows)]
    wide = [max(len(line[place]) for line in cells) for place in range(len(HEADS))]
    lines, before = list[str](), cells[0][:2]
    for line in cells:
        if line[:2] != before:
            lines.append("")
        before = line[:2]
        words = {0, 2, len(HEADS) - 1}
        lines.append("  ".join(
            text.ljust(width) if place in words else text.rjust(width)
            for place, (text, width) in enumerate(zip(line, wide, strict=True))).rstrip())
    return lines
