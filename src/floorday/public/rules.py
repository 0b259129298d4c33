"""What of a team's issues may stand where everybody reads it. Pure: no database, no clock of its own.

Nothing that was said without a name, or with the name hidden, moves anything here: an issue counts, and may be listed,
only where whoever raised it first said so under their name. The page is written once a week, so that nobody can tell
from it on which day, or after which word, something changed; it stands by title, not by time; and it has no numbers of
issues, no persons, no department, and no count at all where little was said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.errors import BadInput, Refused
from floorday.issues.rules import Ending, Naming, Turn
from floorday.render.words import gettext as _

YEAR = timedelta(days=365)
"""How far back what was said is counted."""

LATELY = timedelta(days=92)
"""How long something that was fixed stays listed."""

FEW = 5
"""Below so many issues there is no count: behind a small number stand persons."""

MOST = 12
"""So many lines of a kind."""

OPENED_UNDER_A_NAME = 7
"""The version of the id of an issue that was; all others carry a random one."""


class Heard(Struct, frozen=True, kw_only=True):
    """An issue of a team; `naming` and `kept_back` are of its first note that was not anonymous."""

    id: UUID
    title: str
    turn: Turn
    ending: Ending
    raised_at: datetime
    resolved_at: datetime | None
    promised_for: date | None
    restricted: bool
    naming: str | None
    kept_back: bool

    @property
    def openly(self) -> bool:
        """Say whether it was raised under a name, and nobody restricted it."""
        named = self.id.version == OPENED_UNDER_A_NAME and self.naming == Naming.NAMED.value
        return named and not self.restricted and not self.kept_back

    @property
    def fixed(self) -> bool:
        """Say whether it is said fixed, and nobody said otherwise."""
        return self.turn is Turn.TELL_FLOOR or self.ending in {Ending.CONFIRMED, Ending.UNCONFIRMED}

    @property
    def promised(self) -> bool:
        """Say whether somebody gave a date for it that still stands."""
        return self.promised_for is not None and self.turn in {Turn.BEING_FIXED, Turn.NEEDS_DECISION}


class Line(Struct, frozen=True, kw_only=True):
    """An issue that may be listed: fixed in a month, or promised for a day."""

    issue: UUID
    title: str = ""
    month: str = ""
    promised: date | None = None
    late: bool = False


class Written(Struct, frozen=True, kw_only=True):
    """What a page says, as it was written on a day; titles are read where it is shown."""

    on: date
    said: int
    fixed: int
    confirmed: int
    promised: int
    cannot: int
    lines: tuple[Line, ...]

    @property
    def counted(self) -> bool:
        """Say whether enough was said for counts to be told."""
        return self.said >= FEW

    def listed(self, titles: Mapping[UUID, str]) -> tuple[list[Line], list[Line]]:
        """Give what is fixed and what is promised, of the issues with these titles, by title."""
        known = [Line(issue=one.issue, title=titles[one.issue], month=one.month, promised=one.promised, late=one.late)
                 for one in self.lines if one.issue in titles]  # fmt: skip
        known.sort(key=lambda one: (one.title.casefold(), one.title))
        return [one for one in known if one.month], [one for one in known if one.promised]


def monday(now: datetime, zone: str) -> datetime:
    """Give the first instant of the week at hand, where the team sits."""
    clock = ZoneInfo(zone)
    today = now.astimezone(clock).date()
    first = today - timedelta(days=today.weekday())
    return datetime(first.year, first.month, first.day, tzinfo=clock)


def write(heard: Iterable[Heard], *, zone: str, now: datetime) -> Written:
    """Say what a page would tell now, with all lines that may be listed."""
    today = now.astimezone(ZoneInfo(zone)).date()
    openly = [one for one in heard if one.openly and one.ending not in {Ending.JOINED, Ending.DECLINED}]
    year = [one for one in openly if one.raised_at >= now - YEAR]
    return Written(
        on=today, said=len(year), fixed=sum(one.fixed for one in year),
        confirmed=sum(one.ending is Ending.CONFIRMED for one in year), promised=sum(one.promised for one in year),
        cannot=sum(one.ending is Ending.CANNOT for one in year),
        lines=(*_fixed(openly, zone, now), *_promised(openly, today)),
    )  # fmt: skip


def _fixed(openly: Iterable[Heard], zone: str, now: datetime) -> list[Line]:
    found = [(one.resolved_at, one) for one in openly if one.fixed and one.resolved_at is not None]
    lately = sorted(((at, one) for at, one in found if at >= now - LATELY), key=lambda pair: (pair[0], pair[1].id))
    return [Line(issue=one.id, title=one.title, month=f"{at.astimezone(ZoneInfo(zone)):%Y-%m}")
            for at, one in lately[-2 * MOST :]]  # fmt: skip


def _promised(openly: Iterable[Heard], today: date) -> list[Line]:
    found = sorted(((one.promised_for or today, one) for one in openly if one.promised),
                   key=lambda pair: (pair[0], pair[1].id))  # fmt: skip
    return [Line(issue=one.id, title=one.title, promised=day, late=day < today) for day, one in found[: 2 * MOST]]


def agreed(wanted: Iterable[UUID], offered: Mapping[UUID, bool]) -> None:
    """Check that each issue that is to be listed was offered, and that its title names nobody."""
    chosen = list(wanted)
    if any(one not in offered for one in chosen):
        raise Refused(_("One of these can no longer be listed. Look at the page again."))
    if any(offered[one] for one in chosen):
        wrong = _("A title with somebody's name in it is not shown to everybody. Say the title better first.")
        raise BadInput(wrong, fields={"issues": wrong})
    if len(chosen) > 2 * MOST:
        wrong = _("At most %(n)s lines; nobody reads more.", n=2 * MOST)
        raise BadInput(wrong, fields={"issues": wrong})


def looked(yes: bool) -> None:
    """Check that whoever puts a page on says that they looked at it."""
    if not yes:
        wrong = _("Look at what it will show, and say so with the tick.")
        raise BadInput(wrong, fields={"looked": wrong})
