"""What may be done with an own note, and with an own step while its letters wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from floorday.errors import Refused
from floorday.render.words import gettext as _


def withdraw_note(*, mine: bool, withdrawn: bool) -> None:
    """Take back an own note; nobody else's."""
    if not mine:
        raise Refused(_("Only who wrote a note can withdraw it."))
    if withdrawn:
        raise Refused(_("This note has been withdrawn already."))


def correct_note(text: str, *, mine: bool, withdrawn: bool) -> None:
    """Say an own note better; nobody else's."""
    if not mine:
        raise Refused(_("Only who wrote a note can correct it."))
    if withdrawn:
        raise Refused(_("This note has been withdrawn already."))
    if not text.strip():
        raise Refused(_("Write what was said or seen, or withdraw the note."))


def undo(*, mine: bool, at: datetime, now: datetime, seconds: int) -> None:
    """Take back an own step while its letters wait."""
    if not mine or now - at > timedelta(seconds=seconds):
        raise Refused(_("There is nothing to undo here any more."))
