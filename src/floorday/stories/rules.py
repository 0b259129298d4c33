"""What makes a story. Pure: no database, no clock of its own."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from floorday.errors import BadInput, Refused
from floorday.render.words import gettext as _


def hero(person: UUID | None, name: str, *, members: AbstractSet[UUID]) -> None:
    """Check that a story has one hero: somebody of the team, or a name."""
    if (person is None) == (not name.strip()):
        wrong = _("Say who the hero is: somebody of the team, or a name.")
        raise BadInput(wrong, fields={"hero": wrong})
    if person is not None and person not in members:
        wrong = _("The hero is somebody of the team. Of others give the name.")
        raise BadInput(wrong, fields={"hero": wrong})


def told(text: str, at: datetime, *, now: datetime) -> None:
    """Check that a story says what happened, and that it has happened."""
    if not text.strip():
        wrong = _("Say what happened.")
        raise BadInput(wrong, fields={"text": wrong})
    if at > now:
        wrong = _("A story tells what has happened. Give a moment that is past.")
        raise BadInput(wrong, fields={"at": wrong})


def thank(thanked_at: datetime | None) -> None:
    """Check that nobody has given the thanks yet."""
    if thanked_at is not None:
        raise Refused(_("They have been thanked already."))
