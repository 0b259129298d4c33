"""What makes a story. Pure: no database, no clock of its own."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from floorday import workdays
from floorday.errors import BadInput, Refused
from floorday.render.words import gettext as _


class Consent(StrEnum):
    """Where a story may be told, as its hero says; as long as they have said nothing, in the team alone."""

    UNSAID = ""
    TEAM = "team"
    COMPANY = "company"


THANKS_WITHIN = timedelta(hours=72)
"""So long after it happened a thank-you is still one."""

REMIND_AFTER = timedelta(hours=24)
MORNING = 8


def thanks_due(at: datetime, *, now: datetime, zone: str) -> bool:
    """Say whether it is time to remind whoever gives the thanks: on a morning at work, while they are still in time."""
    local = now.astimezone(ZoneInfo(zone))
    in_time = at + REMIND_AFTER <= now < at + THANKS_WITHIN
    return in_time and local.hour >= MORNING and workdays.is_workday(local.date())


def first_name(customer: str) -> None:
    """Check that a customer is called by the first name at most."""
    if len(customer.split()) > 1:
        wrong = _("The customer's first name at most; nobody needs to find them.")
        raise BadInput(wrong, fields={"customer": wrong})


def hero(person: UUID | None, name: str, *, members: AbstractSet[UUID]) -> None:
    """Check that a story has one hero: somebody of the team, or a name."""
    if (person is None) == (not name.strip()):
        wrong = _("Say who the hero is: somebody of the team, or a name.")
        raise BadInput(wrong, fields={"hero": wrong})
    if person is not None and person not in members:
        wrong = _("The hero is somebody of the team, or who fixed the issue. Of others give the name.")
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


def withdraw(withdrawn_at: datetime | None, thanked_at: datetime | None) -> None:
    """Check that a story can be taken back; what somebody was thanked for stays told."""
    if withdrawn_at is not None:
        raise Refused(_("This story has been taken back already."))
    if thanked_at is not None:
        raise Refused(_("They have been thanked for it, so it stays. You can still say it better."))


def say(consent: Consent) -> str:
    """Name where a story may be told."""
    return {
        Consent.UNSAID: _("In the team, until its hero says more"), Consent.TEAM: _("In the team alone"),
        Consent.COMPANY: _("In the whole company"),
    }[consent]  # fmt: skip
