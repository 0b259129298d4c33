"""Friction: from which department to which team what is needed gets stuck; every number opens its list."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from floorday.config import settings
from floorday.issues import queries
from floorday.issues.pages.board import NO_DEPARTMENT
from floorday.issues.pages.worth import see
from floorday.issues.queries import Link
from floorday.people.access import Actor
from floorday.render import when
from floorday.render.sheets import Sheet, number, text
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import sheets as downloads
from floorday.web import show

Asked = Request[Any, Any, Any]
Shown = Response[Any]

SMALLEST_DENOMINATOR = 5
"""Under this a part shows its counts and no percentage."""


class Number(Struct, frozen=True):
    """A number of the table, and the list it opens ("" where there is nothing to open)."""

    said: str
    href: str = ""
    note: str = ""


class Row(Struct, frozen=True):
    """What one department still owes one team."""

    department: str
    href: str
    team: str
    open: Number
    hours: Number
    median: Number
    silent: Number
    broken: Number


@get("/friction")
async def friction_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Show what each department still owes each team, as far as the reader sees issues whole."""
    see(actor)
    links = await queries.friction(actor, now=now, zone=ZoneInfo(settings().zone))
    if wanted := downloads.asked(request):
        return await downloads.download(wanted, _sheet(now), links)
    total = sum(one.n for one in links)
    return show(
        request, "issues/friction.html", rows=[_row(one, now) for one in links], total=total,
        hours=f"{sum(one.hours for one in links):,.0f}", stated=sum(one.stated for one in links),
        silent=sum(one.silent for one in links), broken=sum(one.broken for one in links),
        lead=ngettext("%(n)s open issue that you see whole.", "%(n)s open issues that you see whole.", total),
    )  # fmt: skip


def _row(one: Link, now: datetime) -> Row:
    def href(view: str = "list", **more: str) -> str:
        return "/issues?" + urlencode({
            "view": view, "department": str(one.department or NO_DEPARTMENT), "team": str(one.team), **more})

    some = one.n > 0
    issues = ngettext("in %(n)s issue", "in %(n)s issues", one.broken_issues)
    return Row(
        department=one.department_name or _("No department yet"), team=one.team_name,
        href=f"/departments/{one.department}" if one.department else "",
        open=Number(str(one.n), href() if some else ""),
        hours=Number(f"{one.hours:,.0f}" if one.stated else "–", href(order="hours") if one.stated else "",
                     _("%(n)s of %(all)s say", n=one.stated, all=one.n) if some else ""),
        median=Number(when.days(max((now - one.median).days, 0)) if one.median else "–", href() if some else ""),
        silent=Number(str(one.silent), href("quiet") if one.silent else "", _part(one.silent, one.n)),
        broken=Number(str(one.broken), href(broken="on") if one.broken else "",
                      issues if one.broken != one.broken_issues else ""),
    )  # fmt: skip


def _part(part: int, whole: int) -> str:
    """Say a part of enough as a percentage, else as counts."""
    if not part:
        return ""
    if whole < SMALLEST_DENOMINATOR:
        return _("of %(n)s", n=whole)
    return f"{100 * part / whole:.0f} %"


def _sheet(now: datetime) -> Sheet[Link]:
    return Sheet(name=_("Friction"), zone=settings().zone, columns=(
        text(_("Department"), lambda one: one.department_name), text(_("Team"), lambda one: one.team_name),
        number(_("Open issues"), lambda one: one.n),
        number(_("Hours lost a month"), lambda one: round(one.hours, 2) if one.stated else None),
        number(_("Issues that state hours"), lambda one: one.stated),
        number(_("Median age in days"), lambda one: (now - one.median).days if one.median else None),
        number(_("Silent over charter"), lambda one: one.silent),
        number(_("Promises broken in 12 months"), lambda one: one.broken),
    ))  # fmt: skip


handlers = [friction_page]
