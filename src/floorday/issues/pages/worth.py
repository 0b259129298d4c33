"""Effort and gain as a grid whose cells open the list; and the two hard ones of a month."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import Line
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.issues import actions, queries, worth
from floorday.issues.actions.steps import today as the_day
from floorday.issues.pages import words
from floorday.issues.pages.board import hard_line, place_options
from floorday.issues.queries import Filters, IssueRow
from floorday.issues.queries.weighing import Cell, Unsaid
from floorday.issues.rules import Effort
from floorday.issues.worth import Gain
from floorday.people.access import DEPARTMENT_ROLES, Act, Actor, can
from floorday.render import refs, tokens
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import read_form, redirect, show
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]

EFFORTS = (Effort.SMALL, Effort.MEDIUM, Effort.LARGE, Effort.UNKNOWN)
GAINS = (Gain.MUCH, Gain.SOME, Gain.LITTLE, Gain.UNSAID)
ASKED = 20
CANDIDATES = 12


class Square(Struct, frozen=True):
    """A cell of the grid as the page shows it."""

    column: str
    count: int
    hours: str
    href: str
    first: bool


def see(actor: Actor) -> None:
    """Let in whoever sees issues; raise Forbidden."""
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))


@get("/issues/worth")
async def worth_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Show how many open issues there are of each effort and gain."""
    see(actor)
    form = Form({name: request.query_params.get(name, "").strip()[:100] for name in ("team", "department")})
    filters = Filters(team=_uuid(form.value("team")), department=_uuid(form.value("department")))
    cells = {(one.effort, one.gain): one for one in await queries.grid(actor, filters)}
    places = await queries.places()
    total, stated = sum(one.n for one in cells.values()), sum(one.stated for one in cells.values())
    asks = actor.has(*DEPARTMENT_ROLES) or can(actor, Act.PICK_HARD_ONE)
    return show(
        request, "issues/worth.html", form=form, total=total,
        lead=_lead(total, stated, sum(one.hours for one in cells.values())),
        columns=[(worth.say_effort(one), "") for one in EFFORTS],
        rows=[(worth.say_gain(gain), worth.meaning(gain), [_square(cells, effort, gain, form) for effort in EFFORTS])
              for gain in GAINS],
        unsaid=[_unsaid(one, asks=asks) for one in await queries.unsaid(actor, filters, limit=ASKED)],
        teams=place_options(places, "team", form), departments=place_options(places, "department", form),
        narrowed=bool(filters.team or filters.department),
    )  # fmt: skip


def _uuid(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None


def _lead(total: int, stated: int, lost: float) -> str:
    if not total:
        return _("Nothing is open that you see whole.")
    said = ngettext("%(n)s open issue.", "%(n)s open issues.", total)
    return said + " " + _("%(stated)s of them state what they cost: %(hours)s.", stated=stated,
                          hours=worth.say_hours(lost))  # fmt: skip


def _square(cells: dict[tuple[Effort, Gain], Cell], effort: Effort, gain: Gain, form: Form) -> Square:
    cell = cells.get((effort, gain))
    wanted = {"view": "list", "effort": effort.value or worth.UNSAID, "gain": gain.value, **form.values}
    return Square(
        column=worth.say_effort(effort), count=cell.n if cell else 0,
        hours=worth.say_hours(cell.hours) if cell and cell.hours else "",
        href="/issues?" + urlencode({name: value for name, value in wanted.items() if value}) if cell else "",
        first=worth.is_quick(effort, gain),
    )  # fmt: skip


def _unsaid(one: Unsaid, *, asks: bool) -> dict[str, str]:
    """Say what is missing of an issue, and how to ask its owner for it."""
    ref = refs.ref(one.number)
    missing = [_("effort")] if one.effort is Effort.UNKNOWN else []
    if one.hours is None:
        missing.append(_("minutes and cases"))
    mail = ""
    if asks and one.owner_email:
        subject = _("%(ref)s: how hard is it to fix, and what does it cost?", ref=ref)
        body = _("%(title)s\nSay it here, a guess is enough: %(link)s", title=one.title,
                 link=tokens.link(f"/issues/{one.id}"))  # fmt: skip
        mail = f"mailto:{one.owner_email}?" + urlencode({"subject": subject, "body": body}).replace("+", "%20")
    return {"href": f"/issues/{one.id}", "title": one.title, "ref": ref, "owner": one.owner_name or "", "mail": mail,
            "missing": _("Not said: %(what)s", what=", ".join(missing))}  # fmt: skip


# --- two hard ones a month ---------------------------------------------------------------------------------------


class PickFields(Struct, frozen=True):
    """Which issue."""

    issue: UUID


class ExchangeFields(Struct, frozen=True):
    """Which issue instead of which, and why."""

    issue: UUID
    out: UUID
    because: Line = Line("")


@get("/hard-ones")
async def hard_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Show the hard ones of this month and the next, and which could be."""
    return await _show_hard(request, actor, now=now)


@post("/hard-ones/{month:str}/picks")
async def pick(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Shown:
    """Keep an issue in sight for a month."""
    try:
        row = await actions.pick_hard_one(actor, month, (await read_form(request, PickFields)).issue, now=now)
    except (BadInput, Refused) as refused:
        return await _show_hard(request, actor, now=now, month=month, refused=refused)
    return redirect(f"/hard-ones?month={month}", say=_("%(ref)s is kept in sight.", ref=refs.ref(row.number)))


@post("/hard-ones/{month:str}/exchanges")
async def exchange(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Shown:
    """Keep another issue in sight instead of one."""
    try:
        wanted = await read_form(request, ExchangeFields)
        row = await actions.exchange_hard_one(
            actor, month, wanted.issue, out=wanted.out, because=wanted.because, now=now)
    except (BadInput, Refused) as refused:
        return await _show_hard(request, actor, now=now, month=month, refused=refused)
    return redirect(f"/hard-ones?month={month}", say=_("%(ref)s is kept in sight instead.", ref=refs.ref(row.number)))


async def _show_hard(
    request: Asked, actor: Actor, *, now: datetime, month: str = "", refused: BadInput | Refused | None = None
) -> Shown:
    see(actor)
    open_months = worth.months(the_day(now))
    month = month or request.query_params.get("month", "") or open_months[0]
    if not _is_month(month):
        raise NotFound(_("A month looks like 2026-11."))
    shown = await queries.hard_ones(actor, month)
    picked = {one.issue: one for one in await queries.picked((month,))}
    may = can(actor, Act.PICK_HARD_ONE) and month in open_months
    found = await queries.candidates(actor, month, limit=CANDIDATES) if may else []
    form = await _typed(request, refused) if refused is not None else Form()
    return show(
        request, "issues/hard.html", status=refused.status if refused else 200, form=form, month=month,
        title=words.month_of(month), may=may, full=len(picked) >= worth.MOST_HARD,
        refused=refused.sentence if refused and not form.errors else "",
        tabs=[{"label": words.month_of(one), "href": f"/hard-ones?month={one}", "current": one == month}
              for one in sorted({*open_months, month})],
        hard=[_hard(one.row, picked.get(one.row.id)) for one in shown], outs=_outs([one.row for one in shown], picked),
        candidates=[_candidate(one.row) for one in found],
        choices=[(one.row.id, f"{refs.ref(one.row.number)} {one.row.title}") for one in found if one.row.sponsor],
    )  # fmt: skip


def _is_month(month: str) -> bool:
    try:
        return f"{datetime.strptime(month, '%Y-%m'):%Y-%m}" == month  # noqa: DTZ007 - a month, no instant
    except ValueError:
        return False


async def _typed(request: Asked, refused: BadInput | Refused) -> Form:
    values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    fields = refused.fields if isinstance(refused, BadInput) else {}
    return Form(values, {name: text for name, text in fields.items() if name != WHOLE})


def _hard(row: IssueRow, picked: queries.Picked | None) -> dict[str, Any]:
    by = _("Picked by %(name)s.", name=picked.by_name) if picked and picked.by_name else ""
    return {"line": hard_line(row), "why": worth.why(row.worth) if row.whole else "", "by": by}


def _outs(rows: list[IssueRow], picked: dict[UUID, queries.Picked]) -> list[tuple[UUID, str]]:
    """List what can be let go; one that has become part of another is told by its own id."""
    named = {row.id: f"{refs.ref(row.number)} {row.title}" for row in rows}
    return [(one, named.get(one, _("one that has become part of another"))) for one in picked]


def _candidate(row: IssueRow) -> dict[str, Any]:
    return {"line": hard_line(row), "id": row.id, "gain": worth.say_gain(row.worth.gain), "why": worth.why(row.worth),
            "ready": row.sponsor is not None and row.sponsor_left_at is None}  # fmt: skip


handlers = [worth_page, hard_page, pick, exchange]
