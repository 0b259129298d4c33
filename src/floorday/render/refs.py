"""The name by which people call an issue, FD-102: written and read here alone."""

from __future__ import annotations

PREFIX = "FD"
LONGEST = 8
"""Digits that a number can have."""


def ref(number: int) -> str:
    """Give the name of the issue with this number."""
    return f"{PREFIX}-{number}"


def read(said: str) -> int | None:
    """Give the number that somebody means: FD-102, fd 102, #102 or 102."""
    number = said.strip().upper().removeprefix(PREFIX).strip("-–# ")
    return int(number) if number.isdecimal() and len(number) <= LONGEST else None


EXAMPLE = ref(102)
"""What a number looks like, for a hint."""
