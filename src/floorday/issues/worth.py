"""What an issue costs, and whether it is worth doing first. Pure: no database, no clock of its own.

Effort is what the owner says; gain is never typed. It is worked out from four things that people did say: the hours
lost, who met it, how often it came back, how the company's name is touched. The strongest of them decides, none is
added to another, and each is told in words. `queries/worth.py` asks the database the same by the same thresholds.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from floorday.errors import Refused
from floorday.issues.rules import Effort, Turn
from floorday.render.words import gettext as _
from floorday.render.words import ngettext

Reputation = Annotated[int, Meta(ge=0, le=4)]
"""How the company's name is touched: 0 nobody outside notices ... 4 a regulator or the press asks."""

WORST = 4

UNSAID = "unsaid"
"""What a filter asks for where nobody has said it."""


class Gain(StrEnum):
    """What fixing it would bring."""

    UNSAID = "unsaid"
    LITTLE = "little"
    SOME = "some"
    MUCH = "much"


class Least(Struct, frozen=True):
    """What each of the four has to reach by itself."""

    hours: int
    met_by: int
    returns: int
    reputation: int


LEAST = {
    Gain.MUCH: Least(hours=40, met_by=8, returns=3, reputation=3),
    Gain.SOME: Least(hours=8, met_by=3, returns=1, reputation=2),
}
"""The best first. Forty hours a month are a quarter of somebody's working time, eight are a day of it."""

WORTH_DOING = (Gain.MUCH, Gain.SOME)


class Worth(Struct, frozen=True, kw_only=True):
    """What was said of an issue's cost: hours a month (None: not stated), and the three beside them."""

    hours: float | None = None
    met_by: int = 0
    returns: int = 0
    reputation: int | None = None

    @property
    def gain(self) -> Gain:
        """Say what fixing it would bring."""
        for gain, least in LEAST.items():
            if (
                (self.hours or 0) >= least.hours
                or self.met_by >= least.met_by
                or self.returns >= least.returns
                or (self.reputation or 0) >= least.reputation
            ):
                return gain
        return Gain.UNSAID if self.hours is None else Gain.LITTLE


def hours(minutes_per_case: float | None, cases_per_month: float | None) -> float | None:
    """Work out the hours lost a month; None where one of the two is not stated."""
    if minutes_per_case is None or cases_per_month is None:
        return None
    return minutes_per_case * cases_per_month / 60


def is_quick(effort: Effort, gain: Gain) -> bool:
    """Say whether an issue belongs to the quick wins: small effort, and worth doing."""
    return effort is Effort.SMALL and gain in WORTH_DOING


# --- in words ----------------------------------------------------------------------------------------------------


def say_hours(lost: float) -> str:
    """Say hours a month: "31 hours a month"."""
    if 0 < lost < 1:
        return _("less than an hour a month")
    n = round(lost)
    return ngettext("%(n)s hour a month", "%(hours)s hours a month", n, n=n, hours=f"{n:,}")


def why(worth: Worth) -> str:
    """Say what fixing it would bring: "Saves about 31 hours a month for 4 reporters. It came back twice."."""
    people = ngettext("%(n)s reporter", "%(n)s reporters", worth.met_by)
    if worth.hours:
        said = [_("Saves about %(hours)s for %(people)s.", hours=say_hours(worth.hours), people=people)]
    else:
        said = [_("Met by %(people)s.", people=people)]
    if worth.returns:
        said.append(ngettext("It came back once.", "It came back %(n)s times.", worth.returns))
    if worth.reputation:
        said.append(_("%(touched)s.", touched=say_reputation(worth.reputation)))
    return " ".join(said)


def shortly(worth: Worth) -> str:
    """Say the one thing that makes it worth doing, "40 hours a month"."""
    least = LEAST[Gain.SOME]
    if (worth.hours or 0) >= least.hours:
        return say_hours(worth.hours or 0)
    if (worth.reputation or 0) >= least.reputation:
        return say_reputation(worth.reputation or 0).lower()
    if worth.met_by >= least.met_by:
        return ngettext("%(n)s reporter", "%(n)s reporters", worth.met_by)
    return _("it came back")


def say_gain(gain: Gain) -> str:
    """Name a gain."""
    return {Gain.MUCH: _("Much"), Gain.SOME: _("Some"), Gain.LITTLE: _("Little"), Gain.UNSAID: _("Not said")}[gain]


def say_effort(effort: Effort) -> str:
    """Name an effort."""
    return {Effort.SMALL: _("Small"), Effort.MEDIUM: _("Medium"), Effort.LARGE: _("Large"),
            Effort.UNKNOWN: _("Not said")}[effort]  # fmt: skip


def meaning(gain: Gain) -> str:
    """Say what makes a gain, in the words of its thresholds."""
    if gain in LEAST:
        least = LEAST[gain]
        return _(
            "%(hours)s hours a month or more, or met by %(met_by)s, or back %(returns)s times, or: %(touched)s",
            hours=least.hours, met_by=least.met_by, returns=least.returns,
            touched=say_reputation(least.reputation).lower(),
        ) if least.returns > 1 else _(
            "%(hours)s hours a month or more, or met by %(met_by)s, or came back, or: %(touched)s",
            hours=least.hours, met_by=least.met_by, touched=say_reputation(least.reputation).lower(),
        )  # fmt: skip
    return _("less than that") if gain is Gain.LITTLE else _("minutes or cases are not stated")


def say_reputation(level: int) -> str:
    """Say how the company's name is touched."""
    return (
        _("Nobody outside notices"), _("One customer is annoyed"), _("Several customers complain"),
        _("Customers leave, or it is told in public"), _("A regulator or the press asks"),
    )[level]  # fmt: skip


def example(level: int) -> str:
    """Give a worked example of a level."""
    return (
        _("we copy a form by hand, the customer hears nothing of it"),
        _("a caller says the birthday twice, and says so"),
        _("every week some write that the bill came twice"),
        _("two cancelled over it, a public review tells why"),
        _("the ombudsman opens a case, a newspaper calls"),
    )[level]  # fmt: skip


# --- two hard ones a month ---------------------------------------------------------------------------------------

MOST_HARD = 2
"""So many hard ones are kept in sight for a month; with more, none is."""


def may_pick(
    month: str, *, today: date, taken: int, known: bool, effort: Effort, turn: Turn, sponsored: bool,
) -> None:  # fmt: skip
    """Let an issue be one of a month's hard ones, or raise Refused; so many have been `taken` already."""
    if month not in months(today):
        raise Refused(_("Hard ones are picked for the running month or the next one."))
    if known:
        raise Refused(_("This one is picked for the month already."))
    if turn in {Turn.TELL_FLOOR, Turn.CLOSED}:
        raise Refused(_("This one waits for nobody to fix it any more. Pick one that does."))
    if effort is not Effort.LARGE:
        raise Refused(_("A hard one is one whose effort is large. Ask its owner how hard it is, and say so there."))
    if not sponsored:
        raise Refused(_("Nobody answers for this one yet. Name its sponsor first: a hard one needs a manager."))
    if taken >= MOST_HARD:
        raise Refused(_("Two hard ones are picked for this month. Exchange one of them, with the reason."))


def months(today: date) -> tuple[str, str]:
    """Give the running month and the next one, "2026-11" and "2026-12"."""
    following = today.replace(day=1) + timedelta(days=32)
    return f"{today:%Y-%m}", f"{following:%Y-%m}"
