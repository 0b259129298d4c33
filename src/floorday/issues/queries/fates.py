"""What became of a letter about an issue, and whether its reader may know who got it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from floorday.issues.queries.rows import LetterRow, Opened

TO_ROLES = frozenset({"owner_named", "sponsor_named", "decision_asked"})
"""Letters to somebody for what they are, and not for having raised it."""

SOON = timedelta(minutes=15)


class LetterFate(StrEnum):
    """How far a letter has come."""

    SOON = "leaves in a moment"
    LATER = "leaves later"
    SENT = "sent"
    AGAIN = "trying again"
    FAILED = "did not arrive"
    LEFT_BEFORE = "left before the database was restored"
    TOLD = "told"


def is_secret(letter: LetterRow, found: Opened) -> bool:
    """Say whether whoever got it raised the issue behind a name that is hidden from its reader."""
    return letter.person in found.hidden and letter.name not in TO_ROLES and not letter.deed


def fate(letter: LetterRow, *, now: datetime) -> LetterFate:
    """Say how far a letter has come."""
    if letter.failed_at is not None:
        return LetterFate.FAILED
    if letter.left_before is not None:
        return LetterFate.LEFT_BEFORE
    if letter.sent_at is not None:
        return LetterFate.SENT
    if letter.server_words:
        return LetterFate.AGAIN
    if letter.leaves_at is None:
        return LetterFate.TOLD
    return LetterFate.LATER if letter.leaves_at - now > SOON else LetterFate.SOON


def by_occasion(letters: list[LetterRow], found: Opened) -> list[LetterRow]:
    """Put the newest first, and of one occasion those last whose names are hidden.

    They were written in the order of names, so their place would tell.
    """
    return sorted(letters, key=lambda one: (-one.created_at.timestamp(), is_secret(one, found)))
