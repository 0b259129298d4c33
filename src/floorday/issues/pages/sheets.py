"""Issues and notes as files: which columns the lists have. They hold what the list on the page says, and no more."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from floorday.config import settings
from floorday.issues import rules, worth
from floorday.issues.pages import words
from floorday.issues.queries import IssueRow, NoteRow
from floorday.issues.rules import Naming, Turn
from floorday.render import refs
from floorday.render.sheets import Sheet, day, link, number, text
from floorday.render.tokens import link as address
from floorday.render.words import gettext as _


def issues() -> Sheet[IssueRow]:
    """Give the columns of the issues; what is not for the reader of a face is empty in its row already."""
    zone = settings().zone
    return Sheet(name=_("Issues"), zone=zone, columns=(
        text(_("Number"), lambda row: refs.ref(row.number)), text(_("Title"), lambda row: row.title),
        text(_("Kind"), lambda row: rules.say_kind(row.kind)), text(_("Whose turn"), lambda row: rules.say(row.stage)),
        day(_("Sleeps until"), lambda row: row.snoozed_until), text(_("Team"), lambda row: row.team_name),
        text(_("Department"), lambda row: row.department_name), text(_("Owner"), lambda row: row.owner_name),
        day(_("Promised for"), lambda row: row.promised_for), day(_("Raised"), lambda row: _raised(row, zone)),
        number(_("Met by"), lambda row: row.met_by),
        number(_("Came back"), lambda row: row.returns if row.whole else None), text(_("When and where"), words.backs),
        text(_("Good service"), lambda row: row.picture_text), text(_("Measure"), lambda row: row.measure_name),
        number(_("Minutes a case"), lambda row: row.minutes_per_case),
        number(_("Cases a month"), lambda row: row.cases_per_month),
        number(_("Hours lost a month"), lambda row: None if row.hours is None else round(row.hours, 2)),
        text(_("Effort"), lambda row: worth.say_effort(row.effort) if row.whole else ""),
        text(_("Gain"), lambda row: worth.say_gain(row.worth.gain) if row.whole else ""),
        text(_("Our name"), lambda row: "" if row.reputation is None else worth.say_reputation(row.reputation)),
        text(_("References"), lambda row: "; ".join(one.text for one in row.references)),
        text(_("With the vendor"), lambda row: row.vendor_name),
        link(_("Link"), lambda row: address(f"/issues/{row.id}")),
    ))  # fmt: skip


def _raised(row: IssueRow, zone: str) -> date | None:
    """Say the day an issue was raised, as the page says how long it is open; of a closed one the page is silent."""
    if row.turn is Turn.CLOSED and not row.whole:
        return None
    return row.raised_at.astimezone(ZoneInfo(row.team_zone or zone)).date()


def notes(name: str) -> Sheet[NoteRow]:
    """Give the columns of notes. None tells the time: of an anonymous note nobody knows it, and nothing else may."""
    return Sheet(name=name, zone=settings().zone, columns=(
        day(_("Day"), lambda row: row.at.astimezone(ZoneInfo(row.team_zone)).date()),
        text(_("Team"), lambda row: row.team_name), text(_("Who said or saw it"), lambda row: words.stream(row.stream)),
        text(_("Note"), lambda row: row.text), text(_("From"), _who),
        text(_("Issue"), lambda row: refs.ref(row.issue_number) if row.issue_number else ""),
        link(_("Link"), lambda row: address(f"/issues/{row.issue}") if row.issue else ""),
    ))  # fmt: skip


def _who(row: NoteRow) -> str:
    """Say who a note is from. A file travels: a hidden name is marked, and one's own stays out of it."""
    match row.naming:
        case Naming.ANONYMOUS:
            return _("anonymous")
        case Naming.HIDDEN if row.name and not row.mine:
            return _("%(name)s (name hidden)", name=row.name)
        case Naming.HIDDEN:
            return _("name hidden")
        case Naming.NAMED:
            return row.name
