"""Several promised dates moved at once: for each which day it gets, what becomes of the old one, who hears of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from floorday.errors import BadInput, Refused
from floorday.issues import rules
from floorday.issues.actions.dates import FARTHEST, Becomes, NewDate, becomes, new_date
from floorday.issues.queries import IssueRow
from floorday.issues.queries.dates import told_of_dates
from floorday.people.access import Actor
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web.forms import Form


class Choice(Struct, frozen=True):
    """What was chosen: the dates (None: nothing yet, or something wrong), the form it stands in, and in words."""

    dates: NewDate | None
    form: Form
    said: str = ""
    letters: str = ""


def read(said: Mapping[str, str], *, today: date) -> Choice:
    """Read which date was chosen out of an address or a form; what is wrong stands beside its field."""
    day, later = said.get("for_date", "").strip()[:40], said.get("later", "").strip()[:10]
    values = {"for_date": day, "later": later}
    try:
        dates = wanted(date.fromisoformat(day) if day else None, int(later) if later else None)
    except BadInput as wrong:
        none_yet = not day and not later
        return Choice(None, Form(values, {} if none_yet else wrong.fields))
    except ValueError:
        name = "for_date" if day and not later else "later"
        return Choice(None, Form(values, {name: _("Please give a date.") if name == "for_date" else
                                          _("Please give a number of working days.")}))  # fmt: skip
    if dates.day is not None and dates.day < today:
        return Choice(None, Form(values, {"for_date": _("That date is past. Promise one that is still to come.")}))
    return Choice(dates, Form(values), _said(dates))


def wanted(day: date | None, later: int | None) -> NewDate:
    """Take one day for all, or so many working days later; raise BadInput for none, for both, and for too many."""
    if day is not None and later is not None:
        raise BadInput(_("Choose one of the two: a day for all, or working days for each."), fields={
            "later": _("Choose one of the two: a day for all, or working days for each.")})  # fmt: skip
    if day is None and later is None:
        raise BadInput(_("Please fill this in."), fields={"for_date": _("Please fill this in.")})
    if later is not None and not 1 <= later <= FARTHEST:
        wrong = _("Between 1 and %(most)s working days.", most=FARTHEST)
        raise BadInput(wrong, fields={"later": wrong})
    return NewDate(day, later or 0)


def _said(dates: NewDate) -> str:
    if dates.day is not None:
        return _("All of them: %(day)s", day=when.day(dates.day))
    return ngettext("Each one working day later", "Each %(n)s working days later", dates.later)


def standing(row: IssueRow) -> str:
    """Say which date stands."""
    if row.promised_for is None:
        return _("no date yet")
    return _("promised for %(day)s", day=when.day(row.promised_for))


def why_not(row: IssueRow, dates: NewDate, *, today: date) -> str:
    """Say why this date cannot be given to an issue that can be promised; "" where it can be."""
    try:
        day = new_date(row, dates)
        if day == row.promised_for:
            return _("It is so already.")
        rules.promise(row.facts(), day, because="-", today=today)
    except Refused as no:
        return no.sentence
    return ""


async def what_becomes(
    rows: Sequence[IssueRow], actor: Actor, dates: NewDate, *, today: date
) -> tuple[dict[UUID, tuple[str, str]], str]:  # fmt: skip
    """Say of each issue, with a tone, what its new date does, and of all of them how many letters that makes."""
    told = await told_of_dates(rows, actor)
    lines: dict[UUID, tuple[str, str]] = {}
    for row in rows:
        day, was = when.day(new_date(row, dates)), when.day(row.promised_for) if row.promised_for else ""
        hears = _hears(len(told[row.id]))
        match becomes(row, today=today):
            case Becomes.FIRST:
                lines[row.id] = _("First date: %(day)s. %(hears)s", day=day, hears=hears), ""
            case Becomes.MOVED:
                lines[row.id] = _("Moved with notice: %(was)s becomes %(day)s. %(hears)s", was=was, day=day,
                                  hears=hears), "done"  # fmt: skip
            case Becomes.BROKEN:
                lines[row.id] = _("%(was)s is over, so that promise counts as broken. New date: %(day)s. %(hears)s",
                                  was=was, day=day, hears=hears), "hot"  # fmt: skip
    people = frozenset[UUID]().union(*told.values())
    letters = ngettext("One person gets one letter, about all that they raised.",
                       "%(n)s people get one letter each, about all that they raised.", len(people))
    return lines, letters if people else _("No letter leaves: nobody who raised these gets mail about dates.")


def _hears(n: int) -> str:
    if not n:
        return _("Nobody gets a letter about it.")
    return ngettext("One person who raised it is told.", "%(n)s people who raised it are told.", n)
