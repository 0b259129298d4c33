"""What makes a story. Pure: no database, no clock of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday import workdays
from floorday.errors import BadInput, Refused
from floorday.render.months import months_later
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


def idea(person: UUID | None, *, named: AbstractSet[UUID]) -> None:
    """Check that whose idea it was is among those who told it under their name; of all others nothing is said."""
    if person is not None and person not in named:
        wrong = _("Choose one of those who told the idea under their name.")
        raise BadInput(wrong, fields={"idea_by": wrong})


def credit(fixed_by: str, idea_by: str) -> str:
    """Say who fixed what a story is about, and whose idea it was."""
    fixed = _("Fixed by %(name)s.", name=fixed_by.rstrip(".")) if fixed_by else ""
    thought = _("The idea was %(name)s's.", name=idea_by) if idea_by else ""
    return " ".join(said for said in (fixed, thought) if said)


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


class Praise(Struct, frozen=True, kw_only=True):
    """What a mail with praise says: what happened, the customer's own words, and who may be meant."""

    text: str
    customer_words: str = ""
    customer: str = ""
    hero: UUID | None = None


_SAID = re.compile(
    r"""[“"„»«](?P<words>[^“”"„»«]{12,1000})[”"“«»][ \t]*"""
    r"""(?:\n?[ \t]*(?:--?|[–—])[ \t]*(?P<who>[^\W\d_][^\n.,;:()]{0,60})\.?)?""")
NEEDLESS = re.compile(r"(?i)^\s*(?:hi|hello|dear|hey|good (?:morning|afternoon|evening))\b[^\n]{0,40}[,!]?\s*\n+")


def praise(subject: str, text: str, members: Mapping[UUID, str]) -> Praise:
    """Read a mail with praise. What stands in quotation marks is the customer's, of whose name the first is kept.

    The hero is whoever of the team is named, in the subject before the text: by the whole name, or by a first name that
    is one member's alone. Of two who are named nobody is meant for certain.
    """
    words, customer = "", ""
    if (said := _SAID.search(text)) is not None:
        words, customer = said["words"].strip(), (said["who"] or "").split(maxsplit=1)[0] if said["who"] else ""
        text = " ".join(part for part in (text[: said.start()].strip(), text[said.end() :].strip()) if part)
    text = NEEDLESS.sub("", text).strip() or subject
    hero = _named(subject, members) or _named(text, members)
    return Praise(text=text, customer_words=words, customer=customer[:40], hero=hero)


def _named(said: str, members: Mapping[UUID, str]) -> UUID | None:
    found = {person for person, name in members.items() if _stands(name, said)}
    if not found:
        firsts = {person: name.split(maxsplit=1)[0] for person, name in members.items() if name.strip()}
        alone = {person for person, first in firsts.items() if list(firsts.values()).count(first) == 1}
        found = {person for person in alone if _stands(firsts[person], said)}
    return found.pop() if len(found) == 1 else None


def _stands(name: str, said: str) -> bool:
    return re.search(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", said) is not None


def say(consent: Consent) -> str:
    """Name where a story may be told."""
    return {
        Consent.UNSAID: _("In the team, until its hero says more"), Consent.TEAM: _("In the team alone"),
        Consent.COMPANY: _("In the whole company"),
    }[consent]  # fmt: skip


# --- the stories of a month -------------------------------------------------------------------------------------

MOST_TOLD = 12
"""So many stories are read to the end in one letter."""


class Months(Struct, frozen=True):
    """From when to when the stories of a month happened; those of the month before wait for a late consent."""

    month: str
    since: datetime
    begins: datetime
    until: datetime


def month_of(month: str, zone: str, *, now: datetime) -> Months | None:
    """Say where a month lies in the programme's zone; None where it is none, or has not begun."""
    if not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", month):
        return None
    first, clock = date.fromisoformat(f"{month}-01"), ZoneInfo(zone)
    since, begins, until = [datetime.combine(months_later(first, some), time(), clock) for some in (-1, 0, 1)]
    return Months(month, since, begins, until) if begins <= now else None


def before(month: str) -> str:
    """Give the month before one."""
    return f"{months_later(date.fromisoformat(f'{month}-01'), -1):%Y-%m}"


def ordered(chosen: Sequence[tuple[UUID, int]], *, offered: AbstractSet[UUID]) -> list[UUID]:
    """Put the chosen stories in their order; two in one place stand as they came. Only what is offered is taken."""
    found = [story for story, _place in sorted(chosen, key=lambda pair: pair[1])]
    if len(set(found)) < len(found) or not set(found) <= offered:
        raise Refused(_("One of these stories can no longer be told, or was told already. Look at the page again."))
    if len(found) > MOST_TOLD:
        wrong = _("At most %(n)s stories; more are not read to the end.", n=MOST_TOLD)
        raise BadInput(wrong, fields={"story": wrong})
    return found


def undo_newsletter(sent_at: datetime | None, *, now: datetime, lasts: timedelta) -> None:
    """Check that a newsletter was sent so lately that its letters may still be here."""
    if sent_at is None or now - sent_at > lasts:
        raise Refused(_("There is nothing to undo here any more."))


def send_newsletter(sent_at: datetime | None, stories: int, *, read: bool) -> None:
    """Check that a newsletter has not left, that it tells something, and that somebody has read it."""
    if sent_at is not None:
        raise Refused(_("The stories of this month have been sent. They are sent once."))
    if not stories:
        raise Refused(_("There is no story in it that may be told. Choose one first."))
    if not read:
        wrong = _("Read it as it will leave, and say so with the tick.")
        raise BadInput(wrong, fields={"read": wrong})
