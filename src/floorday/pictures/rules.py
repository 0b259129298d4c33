"""What makes a picture of good service: three to five statements that a team agreed on. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from floorday.errors import BadInput, Refused
from floorday.render.months import months_later
from floorday.render.words import gettext as _

FEWEST, MOST = 3, 5
MOST_PROPOSED = 10


def lines(text: str) -> list[str]:
    """Read statements that stand one a line, with or without bullets; the same twice is said once."""
    found = (line.strip(" -•") for line in text.splitlines())
    return list(dict.fromkeys(line for line in found if line))


def is_old(agreed_on: date, *, today: date, months: int) -> bool:
    """Say whether an agreement is older than so many months."""
    return months > 0 and months_later(agreed_on, months) < today


def propose(text: str, *, there: Collection[str], proposed: int) -> None:
    """Check a statement that is about to be proposed; `there` are the words of those that stand."""
    if not text.strip():
        wrong = _("Write what better service looks like, in one line.")
        raise BadInput(wrong, fields={"text": wrong})
    if text in there:
        wrong = _("This statement is there already.")
        raise BadInput(wrong, fields={"text": wrong})
    if proposed >= MOST_PROPOSED:
        raise Refused(_("%(n)s statements are proposed already. Agree on some, or take one back.", n=MOST_PROPOSED))


def agree(count: int, on: date, by: str, *, today: date, last: date | None) -> None:
    """Check what a team agrees on: at most five statements, on a day that is neither to come nor before the last."""
    wrong: dict[str, str] = {}
    if count == 0:
        wrong["statements"] = _("Choose the statements that the team agreed on.")
    if count > MOST:
        wrong["statements"] = _(
            "A picture has at most %(most)s statements, and these are %(n)s. Leave out what matters least.",
            most=MOST, n=count)  # fmt: skip
    if not by.strip():
        wrong["agreed_by"] = _("Say who agreed, like “team meeting”.")
    if on > today:
        wrong["agreed_on"] = _("This day is still to come. Give the day on which the team agreed.")
    elif last is not None and on < last:
        wrong["agreed_on"] = _("The team agreed again after that day. Give the day of the latest agreement.")
    if wrong:
        raise BadInput(next(iter(wrong.values())), fields=wrong)


def few(count: int) -> str:
    """Say kindly that a picture is thin; "" where it is not."""
    if count >= FEWEST or not count:
        return ""
    return _("Three to five statements make a picture; what else does the team stand for?")


class Renewal(NamedTuple):
    """What a whole picture said anew means: which statements stay (None: a new one) in their order, which retire."""

    order: list[tuple[UUID | None, str]]
    retire: list[UUID]


def renew(standing: Sequence[tuple[UUID, str]], wanted: Sequence[str]) -> Renewal:
    """Match a whole picture by its words with what stands."""
    known = {text: one for one, text in reversed(standing)}
    order = [(known.get(text), text) for text in dict.fromkeys(wanted)]
    kept = {one for one, _text in order}
    return Renewal(order, [one for one, _text in standing if one not in kept])


def moved(order: Sequence[UUID], one: UUID, *, up: bool) -> list[UUID]:
    """Give the order after one has changed places with its neighbour; at an end nothing changes."""
    found = list(order)
    at = found.index(one)
    to = at - 1 if up else at + 1
    if 0 <= to < len(found):
        found[at], found[to] = found[to], found[at]
    return found
