"""A department's page: what its charter promises, and what of that was kept and missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.config import settings
from floorday.errors import NotFound
from floorday.issues.actions.steps import today as the_day
from floorday.issues.charters import Part, Period
from floorday.issues.clocks import Charter
from floorday.issues.pages.friction import SMALLEST_DENOMINATOR
from floorday.issues.pages.worth import see
from floorday.issues.queries.charters import Case, charter_cases
from floorday.people import queries as people
from floorday.people.access import Act, Actor, can
from floorday.people.queries import Office
from floorday.render import refs, when
from floorday.render.sheets import Sheet, link, number, text
from floorday.render.tokens import link as address
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import sheets as downloads
from floorday.web import show

Asked = Request[Any, Any, Any]
Shown = Response[Any]

USUAL = "quarter"
KEPT, MISSED = "kept", "missed"


class Line(Struct, frozen=True):
    """One part of the charter and what became of it; the addresses open the issues."""

    name: str
    promised: str
    what: str
    kept: int
    missed: int
    rate: str
    kept_href: str
    missed_href: str


class Row(Struct, frozen=True):
    """An issue behind a number."""

    href: str
    title: str
    about: str
    said: str
    kept: bool


@get("/departments/{department_id:uuid}")
async def charter_page(
    request: Asked, actor: NamedDependency[Actor], department_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show a department's charter, and how it was kept on the issues that the reader sees whole."""
    see(actor)
    office = await people.department(department_id)
    if office is None:
        raise NotFound(_("There is no such department."))
    today, chosen = the_day(now), request.query_params.get("period", USUAL)
    periods = periods_of(today)
    chosen = chosen if chosen in periods else USUAL
    charter = charter_of(office)
    cases = await charter_cases(actor, office.id, charter, periods[chosen][1], today=today, zone=settings().zone)
    part, how = request.query_params.get("part", ""), request.query_params.get("how", "")
    opened = [one for one in cases if one.judged.part == part and one.judged.kept == (how == KEPT)]
    if wanted := downloads.asked(request):
        return await downloads.download(wanted, _sheet(), cases)
    promised = {Part.ACKNOWLEDGE: charter.acknowledge_days, Part.WORD: charter.word_days, Part.FIX: charter.fix_days}
    return show(
        request, "issues/charter.html", name=office.name, closed=office.closed_at is not None,
        tabs=[{"label": said, "href": _href(office.id, name), "current": name == chosen}
              for name, (said, _period) in periods.items()],
        lines=[_line(one, days, cases, office.id, chosen) for one, days in promised.items()],
        said=_said(periods[chosen][1]), promises=any(promised.values()), any=bool(cases),
        keeps=can(actor, Act.EDIT_DEPARTMENT), settings=f"/settings/departments/{office.id}",
        issues=f"/issues?view=list&department={office.id}", rows=[_row(one) for one in opened],
        opened=_opened(part, how, len(opened)),
    )  # fmt: skip


def charter_of(office: Office) -> Charter:
    """Give what a department promises, as it stands."""
    return Charter(acknowledge_days=office.acknowledge_days, word_days=office.word_days, fix_days=office.fix_days)


def periods_of(today: date) -> dict[str, tuple[str, Period]]:
    """List the periods to choose from, each with its name; all end today or before."""
    month = today.replace(day=1)
    last = month - timedelta(days=1)
    return {
        "month": (_("This month"), Period(month, today)),
        "last": (_("Last month"), Period(last.replace(day=1), last)),
        "quarter": (_("90 days"), Period(today - timedelta(days=89), today)),
        "year": (_("12 months"), Period(today - timedelta(days=364), today)),
    }


def _href(department: UUID, period: str, **more: str) -> str:
    query = {name: value for name, value in {"period": "" if period == USUAL else period, **more}.items() if value}
    return f"/departments/{department}" + (f"?{urlencode(query)}" if query else "")


def _said(period: Period) -> str:
    return _("From %(first)s to %(last)s; only working days count.", first=when.day(period.first),
             last=when.day(period.last))  # fmt: skip


def _name(part: Part) -> tuple[str, str]:
    """Name a part, and say what counts as kept."""
    match part:
        case Part.ACKNOWLEDGE:
            return _("Acknowledged in time"), _("Somebody takes it, or answers at once.")
        case Part.WORD:
            return _("Word in time"), _("Those who raised it never wait longer for a word; sleep does not count.")
        case Part.FIX:
            return _("Fixed in time"), _("Counted from the day it was raised; what came back is not fixed. What was"
                                         " refused in time counts in neither.")  # fmt: skip


def _line(part: Part, days: int, cases: Sequence[Case], department: UUID, period: str) -> Line:
    mine = [one.judged.kept for one in cases if one.judged.part is part]
    kept, missed = sum(mine), len(mine) - sum(mine)
    name, what = _name(part)
    rate = f"{100 * kept / len(mine):.0f} %" if len(mine) >= SMALLEST_DENOMINATOR else ""

    def href(how: str) -> str:
        return _href(department, period, part=part.value, how=how) + "#rows"

    return Line(
        name=name, what=what, kept=kept, missed=missed, rate=rate, kept_href=href(KEPT), missed_href=href(MISSED),
        promised=ngettext("%(n)s working day", "%(n)s working days", days) if days else "",
    )  # fmt: skip


def _opened(part: str, how: str, n: int) -> str:
    """Say what the rows are."""
    if part not in set(Part) or how not in {KEPT, MISSED}:
        return ""
    name = _name(Part(part))[0]
    if how == KEPT:
        return _("%(name)s: %(n)s kept", name=name, n=n)
    return _("%(name)s: %(n)s missed", name=name, n=n)


def _row(case: Case) -> Row:
    judged = case.judged
    days = ngettext("%(n)s working day", "%(n)s working days", judged.days)
    match judged.part:
        case Part.ACKNOWLEDGE:
            said = _("taken after %(days)s", days=days) if judged.kept else _("waited %(days)s", days=days)
        case Part.WORD:
            said = _("longest silence %(days)s", days=days)
        case Part.FIX:
            late = _("not fixed in time; %(days)s until it was, or until today", days=days)
            said = _("fixed after %(days)s", days=days) if judged.kept else late
    return Row(
        href=f"/issues/{case.issue}", title=case.title, said=said, kept=judged.kept,
        about=_("%(ref)s · %(team)s · raised %(day)s", ref=refs.ref(case.number), team=case.team_name,
                day=when.day(case.raised)),
    )  # fmt: skip


def _sheet() -> Sheet[Case]:
    return Sheet(name=_("Charter"), zone=settings().zone, columns=(
        text(_("Issue"), lambda one: refs.ref(one.number)), text(_("Title"), lambda one: one.title),
        text(_("Team"), lambda one: one.team_name), text(_("Raised"), lambda one: one.raised.isoformat()),
        text(_("Promised"), lambda one: _name(one.judged.part)[0]),
        text(_("Kept"), lambda one: _("yes") if one.judged.kept else _("no")),
        text(_("Decided on"), lambda one: one.judged.on.isoformat()),
        number(_("Working days"), lambda one: one.judged.days),
        link(_("Link"), lambda one: address(f"/issues/{one.issue}")),
    ))  # fmt: skip


handlers = [charter_page]
