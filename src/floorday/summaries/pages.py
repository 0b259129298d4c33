"""The company's month as a page: each figure opens the rows it was counted from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Struct

from floorday.config import settings
from floorday.errors import Forbidden, NotFound
from floorday.people.access import Act, Actor, Subject, What, can, visible
from floorday.render import refs, when
from floorday.render.sheets import Sheet, link, moment, text
from floorday.render.tokens import link as address
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.summaries import figures, queries
from floorday.summaries.figures import COMPANY, Figure, Month
from floorday.summaries.queries import Counted, DayLine, IssueLine
from floorday.web import redirect, sheets, show

Asked = Request[Any, Any, Any]
Shown = Response[Any]

SMALLEST_DENOMINATOR = 5
"""Under this a rate shows its counts and no percentage."""


@get("/")
async def newest(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Open the running month."""
    _may_read(actor)
    return redirect(f"/summary/{now.astimezone(_zone()):%Y-%m}")


@get("/{month:str}")
async def month_page(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Shown:
    """Tell the company's month."""
    _may_read(actor)
    wanted = (month, before) if (before := _month_before(month, now=now)) else (month,)
    told = await _counted(wanted, now=now)
    answer = _begun(told.months[0])
    shown = queries.months(told.first, now=now, zone=_zone())
    return show(
        request,
        "summaries/month.html",
        month=month,
        title=month_words(month),
        complete=answer.complete,
        figures=answer.figures,
        groups=_groups(month, answer, told.months[1] if before else None),
        empty=not any(figure.rows or figure.among for figure in answer.figures.values()),
        months=[(one, month_words(one), one == month) for one in shown if one <= f"{now.astimezone(_zone()):%Y-%m}"],
        zone=settings().zone,
    )


@get("/{month:str}/{name:str}")
async def rows_page(
    request: Asked,
    actor: NamedDependency[Actor],
    month: FromPath[str],
    name: FromPath[str],
    now: NamedDependency[datetime],
) -> Shown:
    """Open the rows behind one figure."""
    _may_read(actor)
    labels = figure_words()
    if name not in labels:
        raise NotFound(_("There is no such figure."))
    figure = _begun((await _counted((month,), now=now)).months[0]).figures[name]
    counted, missing = await _opened(actor, figure)
    if form := sheets.asked(request):
        sheet = _sheet(_("%(figure)s %(month)s", figure=labels[name], month=month))
        return await sheets.download(form, sheet, _lines(actor, counted, missing))
    return show(
        request,
        "summaries/rows.html",
        month=month,
        title=labels[name],
        month_title=month_words(month),
        figure=_figure_words(figure),
        meaning=meanings()[name],
        counted=counted,
        missing=missing,
        whole=visible(actor, What.ISSUES).all,
    )


class Line(Struct, frozen=True):
    """A row behind a figure as a line of a file; `part` says that it was counted, not only in the whole."""

    part: bool
    team: str
    href: str
    number: str = ""
    title: str = ""
    day: DayLine | None = None


def _lines(actor: Actor, counted: Rows, missing: Rows) -> list[Line]:
    """Put days and issues in one list; which team an issue is of stays with those who see all of them."""
    whole = visible(actor, What.ISSUES).all
    found: list[Line] = []
    for part, rows in ((True, counted), (False, missing)):
        found += [Line(part, row.team_name, f"/bookings/{row.id}", day=row) for row in rows.days]
        found += [
            Line(part, row.team_name if whole else "", f"/issues/{row.id}", refs.ref(row.number), row.title)
            for row in rows.issues
        ]
    return found


def _sheet(name: str) -> Sheet[Line]:
    return Sheet(name=name, zone=settings().zone, columns=(
        text(_("Counted"), lambda row: _("in the part") if row.part else _("in the whole alone")),
        text(_("Issue"), lambda row: row.number), text(_("Title"), lambda row: row.title),
        text(_("Manager"), lambda row: row.day and row.day.manager_name), text(_("Team"), lambda row: row.team),
        moment(_("Starts"), lambda row: row.day and row.day.starts_at),
        moment(_("Ends"), lambda row: row.day and row.day.ends_at),
        text(_("Time zone there"), lambda row: row.day and row.day.zone),
        link(_("Link"), lambda row: address(row.href)),
    ))  # fmt: skip


class Rows(Struct, frozen=True):
    """The rows behind a figure that a reader may see, and how many more there are."""

    issues: list[IssueLine]
    days: list[DayLine]
    others: int


async def _opened(actor: Actor, figure: Figure) -> tuple[Rows, Rows]:
    """Open the rows that were counted, and those in the whole alone."""
    part = set(figure.rows)
    others = tuple(row for row in figure.among if row not in part)
    if figure.kind == "day":
        days = {queries.raw(line.id): line for line in await queries.day_lines(figure.rows + others)}
        return _days(actor, days, figure.rows), _days(actor, days, others)
    issues = {queries.raw(line.id): line for line in await queries.issue_lines(figure.rows + others)}
    return _issues(actor, issues, figure.rows), _issues(actor, issues, others)


def _issues(actor: Actor, lines: Mapping[Any, IssueLine], ids: tuple[Any, ...]) -> Rows:
    """Show issues as far as this reader's own lists would show them; the others are counted."""
    faces = visible(actor, What.ISSUES)
    seen = [line for row in ids if (line := lines.get(row)) and (faces.all or not line.restricted)]
    return Rows(seen, [], len(ids) - len(seen))


def _days(actor: Actor, lines: Mapping[Any, DayLine], ids: tuple[Any, ...]) -> Rows:
    """Show days as far as this reader's own lists would show them; the others are counted."""
    mine = visible(actor, What.BOOKINGS)
    seen = [
        line
        for row in ids
        if (line := lines.get(row)) and (mine.all or line.team in mine.teams or line.manager in mine.persons)
    ]
    return Rows([], seen, len(ids) - len(seen))


async def _counted(wanted: tuple[str, ...], *, now: datetime) -> Counted:
    try:
        return await queries.counted(COMPANY, wanted, now=now, zone=_zone())
    except ValueError:
        raise NotFound(_("A month looks like 2026-11.")) from None


def _begun(answer: Month | None) -> Month:
    if answer is None:
        raise NotFound(_("This month has not begun."))
    return answer


def _month_before(month: str, *, now: datetime) -> str | None:
    """Name the month to compare with, if this one is over."""
    try:
        edges = figures.window(month, now=now, zone=_zone())
        if edges is None or not edges.complete:
            return None
        before = f"{edges.first_day() - timedelta(days=1):%Y-%m}".rjust(7, "0")
        return before if figures.window(before, now=now, zone=_zone()) else None
    except ValueError:
        return None


def _groups(month: str, answer: Month, before: Month | None) -> list[tuple[str, list[dict[str, Any]]]]:
    """Put the figures in the order they are told."""
    told = [
        (_("Days on the floor"), ("days_due", "days_held", "compliance", "days_missed", "days_postponed",
                                  "days_cancelled", "days_unsettled")),
        (_("Raised and fixed"), ("issues_raised", "issues_said_fixed", "issues_confirmed", "issues_reopened",
                                 "returns", "confirmed_rate")),
        (_("Where all issues stand"), ("issues_open", "issues_waiting", "issues_unconfirmed",
                                       "issues_closed_confirmed", "issues_cannot", "issues_declined")),
        (_("Promises for this month"), ("promises_kept", "promises_moved", "promises_broken")),
    ]  # fmt: skip
    return [(title, [_shown(month, name, answer, before) for name in names]) for title, names in told]


def _shown(month: str, name: str, answer: Month, before: Month | None) -> dict[str, Any]:
    figure = answer.figures[name]
    change, tone = _change(name, figure, before.figures[name] if before else None)
    return {
        "label": figure_words()[name],
        "figure": _figure_words(figure),
        "of": _of(figure),
        "href": f"/summary/{month}/{name}" if figure.rows or figure.among else "",
        "change": change,
        "tone": tone,
    }


def _figure_words(figure: Figure) -> str:
    """Say a figure: a count, or a percentage where enough stands behind it."""
    if figure.denominator is UNSET:
        return "–" if figure.value is None else f"{figure.value:g}"
    if not figure.denominator or figure.value is None:
        return "–"
    if figure.denominator < SMALLEST_DENOMINATOR:
        return _("%(part)s of %(whole)s", part=figure.numerator, whole=figure.denominator)
    return f"{100 * figure.value:.0f} %"


def _of(figure: Figure) -> str:
    if figure.denominator is UNSET or figure.denominator < SMALLEST_DENOMINATOR:
        return ""
    return _("%(part)s of %(whole)s", part=figure.numerator, whole=figure.denominator)


LESS_IS_BETTER = frozenset(
    {"days_missed", "days_postponed", "days_cancelled", "days_unsettled", "issues_reopened", "returns",
     "issues_open", "issues_unconfirmed", "promises_broken", "promises_moved"}
)  # fmt: skip
NEITHER = frozenset({"days_due", "issues_raised", "issues_waiting", "issues_cannot", "issues_declined"})


def _change(name: str, figure: Figure, before: Figure | None) -> tuple[str, str]:
    """Say in words how a count changed on the month before, and whether that is good."""
    if before is None or figure.denominator is not UNSET or figure.value is None or before.value is None:
        return "", ""
    difference = int(figure.value - before.value)
    if difference == 0:
        return _("as the month before"), ""
    better = (difference < 0) == (name in LESS_IS_BETTER)
    tone = "" if name in NEITHER else ("good" if better else "bad")
    said = (
        ngettext("%(n)s more than the month before", "%(n)s more than the month before", abs(difference))
        if difference > 0
        else ngettext("%(n)s less than the month before", "%(n)s less than the month before", abs(difference))
    )
    return said, tone


def figure_words() -> dict[str, str]:
    """Name the figures."""
    return {
        "days_due": _("Days due"),
        "days_held": _("Held"),
        "compliance": _("Held of those due"),
        "days_missed": _("Missed"),
        "days_postponed": _("Postponed"),
        "days_cancelled": _("Cancelled"),
        "days_unsettled": _("Not settled yet"),
        "issues_raised": _("Raised"),
        "issues_said_fixed": _("Said fixed"),
        "issues_confirmed": _("Confirmed by the floor"),
        "issues_reopened": _("Reopened"),
        "returns": _("Came back"),
        "confirmed_rate": _("Confirmed, of all ever raised"),
        "issues_open": _("Open"),
        "issues_waiting": _("Wait for the floor's word"),
        "issues_unconfirmed": _("Closed without a word"),
        "issues_closed_confirmed": _("Closed, confirmed"),
        "issues_cannot": _("Cannot be fixed"),
        "issues_declined": _("Declined"),
        "promises_kept": _("Kept"),
        "promises_moved": _("Moved with notice"),
        "promises_broken": _("Broken"),
    }


def meanings() -> dict[str, str]:
    """Say exactly what each figure counts."""
    return {
        "days_due": _("Days that were ever accepted and whose start, as it stood then, falls in this month."),
        "days_held": _("Of the days due, those that were held."),
        "compliance": _("Days held, of the days due. A postponed day is neither held nor cancelled."),
        "days_missed": _("Of the days due, those to which the manager did not come."),
        "days_postponed": _("Of the days due, those that wait for a new date."),
        "days_cancelled": _("Of the days due, those that were called off."),
        "days_unsettled": _("Of the days due, those of which nobody has said yet what became of them."),
        "issues_raised": _("Issues whose first note came in this month. Joined issues count once."),
        "issues_said_fixed": _("Issues that their owner said for the first time to be fixed, in this month."),
        "issues_confirmed": _("Issues that a reporter confirmed in this month and that still stand confirmed."),
        "issues_reopened": _("Issues that came open again in this month."),
        "returns": _("Times the same problem was met again after it had been closed."),
        "confirmed_rate": _("Issues that stand confirmed, of all that were ever raised. Silence is never a yes."),
        "issues_open": _("Issues that stand open at the end of the month."),
        "issues_waiting": _("Said to be fixed less than 14 days ago; no reporter has answered yet."),
        "issues_unconfirmed": _("Said to be fixed at least 14 days ago; no reporter has answered."),
        "issues_closed_confirmed": _("A reporter has said that it is fixed."),
        "issues_cannot": _("The owner has said why it cannot be fixed."),
        "issues_declined": _("Declined at triage, with a reason."),
        "promises_kept": _("Promises for a date in this month that is over, with a resolution standing by then."),
        "promises_moved": _("Promises for which a new date, or an end, was told before the date."),
        "promises_broken": _("Promises whose date passed without either."),
    }


def month_words(month: str) -> str:
    """Say a month: November 2026."""
    year, _dash, number = month.partition("-")
    return when.month(datetime(int(year), int(number), 15, tzinfo=_zone()), settings().zone)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings().zone)


def _may_read(actor: Actor) -> None:
    if not can(actor, Act.SEE_SUMMARY, Subject()):
        raise Forbidden(_("The company's summary is for managers, the coordinator and the head of customer service."))


router = Router(path="/summary", route_handlers=[newest, month_page, rows_page])
