"""What a vendor may say of an issue that is with them, and what follows. Pure: no database, no clock of its own.

A vendor is a firm outside, without an account. What they say is theirs; to those who raised the issue it goes as the
owner's word, once the owner has said yes, unless the vendor was said to speak for us.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from msgspec import Struct

from floorday.errors import BadInput, Refused
from floorday.render.words import gettext as _


class Says(StrEnum):
    """What a vendor says."""

    ACKNOWLEDGED = "acknowledged"
    DATE = "date"
    WORD = "word"
    FIXED = "fixed"
    CANNOT = "cannot"
    REFERENCE = "reference"


class Fate(StrEnum):
    """What became of what a vendor said: only kept, waiting for the owner, passed on, set aside, said anew since."""

    KEPT = "kept"
    WAITS = "waits"
    PASSED = "passed"
    ASIDE = "aside"
    OVERTAKEN = "overtaken"


PASSED_ON = frozenset({Says.DATE, Says.WORD, Says.FIXED, Says.CANNOT})
"""What those who raised the issue are to hear, once the owner has said yes."""

ANSWERS = frozenset({Says.DATE, Says.FIXED, Says.CANNOT})
"""Of these a newer one overtakes an older one that waits."""


class Waiting(Struct, frozen=True):
    """A word of a vendor that waits for the owner."""

    kind: Says


def fate(says: Says, *, speaks: bool) -> Fate:
    """Say what becomes of a word: kept, passed on at once, or waiting for the owner's yes."""
    if says not in PASSED_ON:
        return Fate.KEPT
    return Fate.PASSED if speaks else Fate.WAITS


def overtakes(says: Says) -> Collection[Says]:
    """Say which waiting words a new one takes the place of."""
    return ANSWERS if says in ANSWERS else frozenset()


def check(says: Says, *, text: str, for_date: date | None, today: date, closed: bool) -> None:
    """Refuse what cannot be said, with a sentence beside the field."""
    if closed:
        raise Refused(_("This has been closed in the meantime; nothing more is needed. Thank you."))
    wrong: dict[str, str] = {}
    if says is Says.DATE and for_date is None:
        wrong["for_date"] = _("Give the date by which it is fixed.")
    elif says is Says.DATE and for_date is not None and for_date < today:
        wrong["for_date"] = _("That date is past. Give one that is still to come.")
    if not text.strip():
        missing = {
            Says.WORD: ("word", _("Write a word first.")),
            Says.FIXED: ("done", _("Say what was done, so that it can be looked at.")),
            Says.CANNOT: ("because", _("Say why it cannot be fixed.")),
        }.get(says)
        if missing is not None:
            wrong[missing[0]] = missing[1]
    if wrong:
        raise BadInput(next(iter(wrong.values())), fields=wrong)
