"""Issues as the board shows them: as a card, and as a line of a list. Drawn once, and kept with what they show."""

from __future__ import annotations

from datetime import date, datetime

from markupsafe import Markup
from msgspec import Struct, structs

from floorday.issues import rules, worth
from floorday.issues.pages import words
from floorday.issues.pages.steps import asks, overdue_days, quiet_days
from floorday.issues.queries import IssueRow, Shown
from floorday.issues.rules import Turn
from floorday.issues.vendors import Says
from floorday.people.access import Actor
from floorday.render import pages, refs, when
from floorday.render.words import gettext as _
from floorday.render.words import language, ngettext


class Card(Struct, frozen=True):
    """An issue on the board."""

    ref: str
    href: str
    title: str
    place: str
    days: int | None
    age: str
    overdue: bool
    next: str
    tone: str
    owner: str
    met_by: str
    outside: str = ""
    act: str = ""
    act_href: str = ""


class Line(Struct, frozen=True):
    """An issue in the list."""

    ref: str
    href: str
    title: str
    standing: str
    mine: bool
    team: str
    department: str
    owner: str
    promised: str
    overdue: bool
    age: str
    met_by: str
    hours: str
    quick: str
    back: str


class Standing(Struct, frozen=True):
    """What the clock and the reader add to an issue; with its row it is all that a card or a line depends on."""

    language: str
    asks: bool
    days: int
    quiet: int
    late: int


def standing(row: IssueRow, actor: Actor, *, now: datetime, today: date) -> Standing:
    """Say how an issue stands for its reader today."""
    return Standing(
        language=language(), asks=asks(row, actor, today=today), days=max((now - row.raised_at).days, 0),
        quiet=quiet_days(row, now), late=overdue_days(row, today),
    )  # fmt: skip


def card(shown: Shown, stands: Standing) -> Markup:
    """Draw a card."""
    return shown.once(("card", stands), lambda row: pages.piece("parts.html", "issue_card", _card(row, stands)))


def quick(shown: Shown, stands: Standing) -> Markup:
    """Draw a card of the quick wins, with why it is one."""
    return shown.once(("quick", stands), lambda row: pages.piece("parts.html", "issue_card", structs.replace(
        _card(row, stands), next=worth.why(row.worth), tone="", met_by="")))  # fmt: skip


def line(shown: Shown, stands: Standing) -> Markup:
    """Draw a line of a list."""
    return shown.once(("line", stands), lambda row: pages.piece("issues/parts.html", "line", _line(row, stands)))


def _card(row: IssueRow, stands: Standing) -> Card:
    if row.turn is Turn.TELL_FLOOR and row.resolved_at is not None:
        age = _("took %(days)s", days=when.days(max((row.resolved_at - row.raised_at).days, 0)))
    else:
        age = when.days(stands.days) if stands.days else _("today")
    finds_owner = row.turn is Turn.NEEDS_OWNER and stands.asks
    told, tone = ("", "") if finds_owner else _next(row, stands)
    return Card(
        ref=refs.ref(row.number), href=f"/issues/{row.id}", title=row.title, place=_place(row),
        days=None if row.turn is Turn.TELL_FLOOR else stands.days, age=age, overdue=stands.late > 0, next=told,
        tone=tone, owner=row.owner_name or "", met_by=_met_by(row), outside=_outside(row),
        act=_("Find an owner") if finds_owner else "", act_href=f"/issues/{row.id}#next-step" if finds_owner else "",
    )  # fmt: skip


def _met_by(row: IssueRow) -> str:
    said = [_("Met by %(n)s", n=row.met_by)]
    if row.hours:
        said.append(_("%(hours)s h", hours=f"{max(round(row.hours), 1):,}"))
    if row.returns:
        said.append(_("back %(n)s×", n=row.returns))
    return " · ".join(said)


def _place(row: IssueRow) -> str:
    """Say where: the team, for whoever may see it, else who fixes it or what it is."""
    return row.team_name or row.department_name or rules.say_kind(row.kind)


def _outside(row: IssueRow) -> str:
    """Say what is outside the house: with which vendor it is, and what other trackers call it."""
    held = [_("with %(vendor)s", vendor=row.vendor_name)] if row.vendor_name else []
    return " · ".join([*held, *(one.text for one in row.references)])


def _next(row: IssueRow, stands: Standing) -> tuple[str, str]:
    """Say the one next step, and in which tone: mine, asked, told, quiet."""
    mine, quiet, late = stands.asks, stands.quiet, stands.late
    match row.turn:
        case Turn.NEEDS_OWNER:
            said = _("%(department)s names an owner.", department=row.department_name) if row.department_name else ""
            return said, ""
        case Turn.BEING_FIXED if mine and row.vendor_says == Says.DATE and row.vendor_date is not None:
            return _("%(vendor)s says %(day)s. Promise it?", vendor=row.vendor_name or "",
                     day=when.short_day(row.vendor_date)), "me"  # fmt: skip
        case Turn.BEING_FIXED if mine and row.vendor_says:
            return _("%(vendor)s has answered. Pass it on?", vendor=row.vendor_name or ""), "me"
        case Turn.BEING_FIXED if mine and row.promised_for is None:
            return _("Give a date."), "me"
        case Turn.BEING_FIXED if late:
            said = ngettext("Promised for yesterday.", "The promise is %(n)s days overdue.", late)
            return said, "me" if mine else ""
        case Turn.BEING_FIXED if quiet:
            said = ngettext("Quiet for %(n)s working day", "Quiet for %(n)s working days", quiet)
            return said, "quiet"
        case Turn.BEING_FIXED if row.promised_for is not None:
            return _("Promised for %(day)s", day=when.short_day(row.promised_for)), ""
        case Turn.BEING_FIXED:
            return _("No date yet."), ""
        case Turn.NEEDS_DECISION:
            return row.question or _("Waits for a yes or no."), "me" if mine else "ask"
        case Turn.TELL_FLOOR:
            return row.done or _("The floor is being asked."), "me" if mine else "told"
        case Turn.CLOSED:
            return "", ""


def _line(row: IssueRow, stands: Standing) -> Line:
    said = rules.say(row.stage)
    if row.snoozed_until is not None:
        said = _("%(standing)s, sleeps until %(day)s", standing=said, day=when.short_day(row.snoozed_until))
    return Line(
        ref=refs.ref(row.number), href=f"/issues/{row.id}", title=row.title, standing=said,
        mine=stands.asks, team=row.team_name, department=row.department_name or "",
        owner=row.owner_name or "", promised=when.short_day(row.promised_for) if row.promised_for else "",
        overdue=stands.late > 0, met_by=str(row.met_by), hours=_hours(row),
        quick=_("Quick win: %(why)s", why=worth.shortly(row.worth)) if row.quick else "",
        back=_("%(back)s: %(when)s", back=words.came_back(row.returns), when=words.backs(row)) if row.backs else "",
        age="–" if row.turn is Turn.CLOSED else when.days(stands.days),
    )  # fmt: skip


def _hours(row: IssueRow) -> str:
    """Say the hours lost a month in a column of numbers."""
    if row.hours is None:
        return "–"
    return f"{row.hours:.1f}" if 0 < row.hours < 1 else f"{row.hours:,.0f}"
