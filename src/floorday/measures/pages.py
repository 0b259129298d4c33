"""The register of measures that punish the right action: all of them, one with its issues, and its reviews."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.config import settings
from floorday.errors import BadInput, NotFound, Refused
from floorday.issues import queries as issues
from floorday.issues import rules as issue_rules
from floorday.issues.pages.words import door
from floorday.issues.queries import IssueRow
from floorday.measures import actions, queries, rules
from floorday.measures.actions import MeasureForm, ReviewForm
from floorday.measures.queries import Line, Measure, Wanted
from floorday.measures.rules import Outcome, State
from floorday.people.access import Act, Actor, can
from floorday.render import refs, when
from floorday.render.sheets import Sheet, day, link, number, text
from floorday.render.tokens import link as address
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import blank, read_form, redirect, show
from floorday.web import sheets as downloads
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]
ALL = "all"


class OpenFields(MeasureForm, frozen=True, kw_only=True):
    """A new measure, and the issue that it is opened for."""

    issue: UUID | None = None


class Caused(Struct, frozen=True):
    """An issue that is a conflict with the measure, as far as the reader sees it."""

    ref: str
    href: str
    title: str
    standing: str
    place: str
    hours: str


@get("/measures")
async def register_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """List the measures, what is due first."""
    actions.reads(actor)
    form = Form({name: request.query_params.get(name, "").strip()[:60] for name in ("state", "department")})
    today = actions.today(now)
    rows = await queries.measures(actor, _wanted(form), today=today)
    if wanted := downloads.asked(request):
        return await downloads.download(wanted, sheet(), rows)
    narrowed = [name for name in ("state", "department") if form.value(name)]
    return show(
        request, "measures/list.html", form=form, rows=rows, today=today, filtered=bool(narrowed),
        lead=_lead(rows, today),
        states=[(State.OVERDUE.value, _("Review overdue")), (State.RETIRED.value, _("Retired")), (ALL, _("All"))],
        departments=list((await issues.departments()).items()), keeps=can(actor, Act.KEEP_MEASURES),
        said={row.id: last(row) for row in rows},
        filter_label=_("Filter (%(n)s chosen)", n=len(narrowed)) if narrowed else _("Filter"),
    )  # fmt: skip


def _wanted(form: Form) -> Wanted:
    state = form.value("state")
    chosen = None if state == ALL else State(state) if state in set(State) else State.CURRENT
    try:
        department = UUID(form.value("department"))
    except ValueError:
        department = None
    return Wanted(state=chosen, department=department)


def _lead(rows: list[Measure], today: date) -> str:
    late = sum(row.overdue(today) for row in rows)
    said = ngettext("%(n)s measure.", "%(n)s measures.", len(rows))
    if not late:
        return said
    return f"{said} " + ngettext("%(n)s review is overdue.", "%(n)s reviews are overdue.", late)


def last(row: Measure) -> str:
    """Say what the last review decided, in a line; "" where there was none."""
    outcome = row.last_outcome()
    if outcome is None or row.reviewed_on is None:
        return ""
    if row.reviewed_by_name:
        return _("%(outcome)s on %(day)s by %(name)s: %(because)s", outcome=rules.say(outcome),
                 day=when.short_day(row.reviewed_on), name=row.reviewed_by_name, because=row.because)  # fmt: skip
    return _("%(outcome)s on %(day)s: %(because)s", outcome=rules.say(outcome), day=when.short_day(row.reviewed_on),
             because=row.because)  # fmt: skip


def sheet() -> Sheet[Measure]:
    """Give the columns of the register."""
    return Sheet(name=_("Measures"), zone=settings().zone, columns=(
        text(_("Measure"), lambda row: row.name), text(_("Department"), lambda row: row.department_name),
        text(_("What it measures"), lambda row: row.measures), text(_("Target"), lambda row: row.target),
        text(_("What it punishes"), lambda row: row.punishes), text(_("Examples"), lambda row: row.examples),
        day(_("Reviewed on"), lambda row: row.reviewed_on), text(_("Reviewed by"), lambda row: row.reviewed_by_name),
        text(_("Outcome"), _outcome), text(_("Because"), lambda row: row.because),
        day(_("Next review"), lambda row: row.review_due), number(_("Issues"), lambda row: row.issues),
        number(_("Hours lost a month"), lambda row: round(row.hours, 2)), number(_("Teams"), lambda row: row.teams),
        link(_("Link"), lambda row: address(f"/measures/{row.id}")),
    ))  # fmt: skip


def _outcome(row: Measure) -> str:
    outcome = row.last_outcome()
    return rules.say(outcome) if outcome else ""


# --- a new one ---------------------------------------------------------------------------------------------------


@get("/measures/new")
async def new_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Ask which measure punishes what."""
    actions.keeps(actor)
    issue = await _issue(actor, request.query_params.get("issue", ""))
    form = blank(issue=str(issue.id), department=str(issue.department or "")) if issue else blank()
    return await _new(request, form, issue)


async def _new(request: Asked, form: Form, issue: IssueRow | None, *, status: int = 200) -> Shown:
    return show(
        request, "measures/new.html", status=status, form=form, labels=labels(), issue=issue.title if issue else "",
        departments=list((await issues.departments()).items()),
        back=f"/issues/{issue.id}" if issue else "/measures", back_label=_("The issue") if issue else _("Measures"),
    )  # fmt: skip



async def _issue(actor: Actor, raw: str) -> IssueRow | None:
    """Find the issue that a measure is opened for, if this reader sees it."""
    try:
        return await issues.issue(actor, UUID(raw))
    except (ValueError, NotFound):
        return None


@post("/measures/new")
async def open_measure(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Put a measure into the register."""
    actions.keeps(actor)
    try:
        wanted = await read_form(request, OpenFields)
        made = await actions.open_measure(actor, wanted, now=now, issue=wanted.issue)
    except (BadInput, Refused) as wrong:
        form = await _typed(request, wrong)
        return await _new(request, form, await _issue(actor, str(form.value("issue"))), status=wrong.status)
    return redirect(f"/measures/{made}", say=_("It is in the register."))


async def _typed(request: Asked, wrong: BadInput | Refused) -> Form:
    values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    fields = wrong.fields if isinstance(wrong, BadInput) else {}
    return Form(values, fields or {WHOLE: wrong.sentence})


def labels() -> dict[str, str]:
    """Name the fields of the page's forms."""
    return {"name": _("Name"), "department": _("Who sets it"), "measures": _("What it measures"),
            "target": _("Its target"), "punishes": _("The right action that it punishes"), "examples": _("Examples"),
            "outcome": _("What was decided"), "because": _("Why"), "reviewed_on": _("Reviewed on")}  # fmt: skip


# --- one ---------------------------------------------------------------------------------------------------------


@get("/measures/{measure_id:uuid}")
async def measure_page(
    request: Asked, actor: NamedDependency[Actor], measure_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Show a measure with the issues that it causes, and its reviews."""
    return await _show(request, actor, measure_id, now=now)


async def _show(
    request: Asked, actor: Actor, measure_id: UUID, *, now: datetime, status: int = 200, form: Form | None = None,
    step: str = "",
) -> Shown:  # fmt: skip
    actions.reads(actor)
    row = await queries.measure(measure_id)
    rows = [one.row for one in await queries.caused(actor, measure_id)]
    if wanted := downloads.asked(request):
        return await downloads.download(wanted, sheet(), [queries.summed(row, rows)])
    today = actions.today(now)
    keeps = can(actor, Act.KEEP_MEASURES)
    filled = {"name": row.name, "department": str(row.department), "measures": row.measures, "target": row.target,
              "punishes": row.punishes, "examples": row.examples, "reviewed_on": today.isoformat()}  # fmt: skip
    typed = form or Form()
    return show(
        request, "measures/measure.html", status=status, row=row, form=Form({**filled, **typed.values}, typed.errors),
        labels=labels(), step=step, today=today.isoformat(), facts=_facts(row, rows, today),
        late=row.overdue(today), last=last(row), caused=[_caused(one) for one in rows],
        history=[_line(line) for line in await queries.history(measure_id)], keeps=keeps,
        reviews=row.may_review(actor), next=when.day(actions.next_review(today)),
        outcomes=[(one.value, rules.say(one), _means(one)) for one in Outcome],
        departments=list((await issues.departments()).items()) if keeps else [],
    )  # fmt: skip


def _means(outcome: Outcome) -> str:
    said = {Outcome.KEPT: _("as it is"), Outcome.CHANGED: _("or its target"),
            Outcome.DROPPED: _("leaves the register")}  # fmt: skip
    return said[outcome]


def _facts(row: Measure, rows: list[IssueRow], today: date) -> list[tuple[str, str, bool]]:
    summed = queries.summed(row, rows)
    teams = ", ".join(sorted({one.team_name for one in rows if one.team_name}))
    unsaid = _("not said yet")
    facts = [(_("Who sets it"), row.department_name, False), (_("What it measures"), row.measures or unsaid, False),
             (_("Its target"), row.target or unsaid, False)]  # fmt: skip
    if row.review_due is not None:
        facts.append((_("Next review"), when.day(row.review_due), row.overdue(today)))
    facts.append((_("Issues"), str(summed.issues), False))
    if teams:
        facts.append((_("Teams touched"), teams, False))
    if summed.hours:
        hours = ngettext("%(n)s a month", "%(n)s a month", round(summed.hours))
        facts.append((_("Hours lost"), hours, False))
    return facts


def _caused(row: IssueRow) -> Caused:
    hours = row.minutes_per_case * row.cases_per_month / 60 if row.minutes_per_case and row.cases_per_month else 0
    return Caused(
        ref=refs.ref(row.number), href=f"/issues/{row.id}", title=row.title, standing=issue_rules.say(row.stage),
        place=row.team_name or row.department_name or issue_rules.say_kind(row.kind),
        hours=_("%(n)s hours a month", n=round(hours)) if hours else "",
    )  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    zone = settings().zone
    said = {"opened": _("put it into the register"), "changed": _("described it better; before it said"),
            "retired": _("retired it"), "brought back": _("brought it back")}.get(line.what, line.what)
    if line.what == "reviewed" and line.for_date is not None:
        said = _("reviewed it on %(day)s: %(outcome)s", day=when.day(line.for_date),
                 outcome=rules.say(Outcome(line.says)).lower())  # fmt: skip
    return {"who": line.by_name or _("floorday"), "text": said, "body": line.text, "at": when.machine(line.at),
            "when": when.moment(line.at, zone, zone), "tone": "", "door": door(line.door)}  # fmt: skip


@post("/measures/{measure_id:uuid}")
async def change(
    request: Asked, actor: NamedDependency[Actor], measure_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Describe a measure better."""
    try:
        await actions.change(actor, measure_id, await read_form(request, MeasureForm), now=now)
    except (BadInput, Refused) as wrong:
        form = await _typed(request, wrong)
        return await _show(request, actor, measure_id, now=now, status=wrong.status, form=form, step="change")
    return redirect(f"/measures/{measure_id}", say=_("Saved."))


@post("/measures/{measure_id:uuid}/reviews")
async def review(
    request: Asked, actor: NamedDependency[Actor], measure_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say what a review decided."""
    try:
        wanted = await read_form(request, ReviewForm)
        await actions.review(actor, measure_id, wanted, now=now)
    except (BadInput, Refused) as wrong:
        form = await _typed(request, wrong)
        return await _show(request, actor, measure_id, now=now, status=wrong.status, form=form, step="review")
    if wanted.outcome is Outcome.DROPPED:
        back = f"/measures/{measure_id}/return" if can(actor, Act.KEEP_MEASURES) else None
        return redirect(f"/measures/{measure_id}", say=_("Noted. The measure leaves the register."), undo=back)
    due = when.day(actions.next_review(wanted.reviewed_on))
    return redirect(f"/measures/{measure_id}", say=_("Noted. The next review is due on %(day)s.", day=due))


@post("/measures/{measure_id:uuid}/retirement")
async def retire(
    actor: NamedDependency[Actor], measure_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take a measure out of the register."""
    await actions.retire(actor, measure_id, now=now)
    return redirect(f"/measures/{measure_id}", say=_("Retired. Its issues go on pointing at it."),
                    undo=f"/measures/{measure_id}/return")  # fmt: skip


@post("/measures/{measure_id:uuid}/return")
async def bring_back(
    actor: NamedDependency[Actor], measure_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Put a retired measure back."""
    await actions.bring_back(actor, measure_id, now=now)
    return redirect(f"/measures/{measure_id}", say=_("It is in the register again."))


router = Router(
    path="/",
    route_handlers=[register_page, new_page, open_measure, measure_page, change, review, retire, bring_back],
)
