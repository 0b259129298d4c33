"""What stands on a team's huddle card, and what its manager of the day is asked. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from floorday.issues.rules import Ending, Turn
from floorday.render.words import gettext as _

LATELY = timedelta(days=14)
"""How far back a huddle looks."""

UNOWNED = timedelta(days=7)
"""After so long without an owner an issue is worth a question."""

MOST = 4
"""So many lines of a kind stand on a card that is read standing."""


class Talked(Struct, frozen=True, kw_only=True):
    """The face of an issue of a team, with when it came back last."""

    id: UUID
    number: int
    title: str
    department_name: str | None
    turn: Turn
    ending: Ending
    raised_at: datetime
    resolved_at: datetime | None
    promised_for: date | None
    sponsor: UUID | None
    back_at: datetime | None

    @property
    def open(self) -> bool:
        """Say whether somebody still has to do something."""
        return self.turn in {Turn.NEEDS_OWNER, Turn.BEING_FIXED, Turn.NEEDS_DECISION}


class Sorted(Struct, frozen=True):
    """What a huddle talks about: fixed lately, what waits for the team's verdict, what came back."""

    fixed: Sequence[Talked]
    verdicts: Sequence[Talked]
    back: Sequence[Talked]


def sort(issues: Iterable[Talked], *, now: datetime) -> Sorted:
    """Put the issues of a team into the parts of its card; the newest first, what waits longest for a verdict first."""
    known = sorted(issues, key=lambda one: one.number)
    done = [one for one in known if one.ending in {Ending.CONFIRMED, Ending.UNCONFIRMED}]
    lately = [one for one in done if one.resolved_at is not None and one.resolved_at >= now - LATELY]
    waits = [one for one in known if one.turn is Turn.TELL_FLOOR]
    back = [one for one in known if one.open and one.back_at is not None and one.back_at >= now - LATELY]
    return Sorted(
        fixed=sorted(lately, key=lambda one: one.resolved_at or now, reverse=True),
        verdicts=sorted(waits, key=lambda one: one.resolved_at or now),
        back=sorted(back, key=lambda one: one.back_at or now, reverse=True),
    )


def question(
    issues: Iterable[Talked], *, manager: UUID | None, picture: Sequence[str], today: date, now: datetime
) -> str:
    """Choose the one question for the manager: what only they can move comes first.

    What they sponsor and must decide; what anybody must decide; a date that has passed; what nobody has; what came
    back; else one statement of the team's picture, another each day.
    """
    known = sorted(issues, key=lambda one: (one.raised_at, one.number))
    decide = [one for one in known if one.turn is Turn.NEEDS_DECISION]
    own = [one for one in decide if manager is not None and one.sponsor == manager]
    late = [one for one in known if one.open and one.promised_for is not None and one.promised_for < today]
    unowned = [one for one in known if one.turn is Turn.NEEDS_OWNER and one.raised_at < now - UNOWNED]
    back = [one for one in known if one.open and one.back_at is not None and one.back_at >= now - LATELY]
    for found, words in (
        (own, _("“%(title)s” waits for your yes or no. What do you still need to know?")),
        (decide, _("“%(title)s” waits for a decision. Who can make it, and by when?")),
        (late, _("The date of “%(title)s” has passed. What stands in the way, and can you move it?")),
        (unowned, _("Nobody has “%(title)s” yet. Who could take it?")),
        (back, _("“%(title)s” came back. What did we miss?")),
    ):
        if found:
            return words % {"title": found[0].title}
    if picture:
        said = picture[today.toordinal() % len(picture)]
        return _("We call this good service: “%(said)s” What would let it happen more often?", said=said)
    return _("What got in the way today that you could move?")
