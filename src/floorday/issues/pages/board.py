"""The board: four columns of what is open, one for each turn; the same as a list, and what is closed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Struct

from floorday.errors import Forbidden
from floorday.issues import queries, rules
from floorday.issues.actions.steps import today as the_day
from floorday.issues.pages import words
from floorday.issues.pages.steps import asks, overdue_days, quiet_days
from floorday.issues.queries import Filters, IssueRow
from floorday.issues.rules import Kind, Stage, Turn
from floorday.people.access import Act, Actor, can
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import show
from floorday.web.forms import Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]

CARDS = 8
"""So many cards of a column are shown; the rest is a link."""

MOST = 500
VIEWS = ("open", "mine", "quiet", "list", "closed")
NARROWED = ("team", "department", "kind", "q", "turn")


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
    act: str = ""
    act_href: str = ""


class Column(Struct, frozen=True):
    """One turn of the board."""

    id: str
    title: str
    count: int
    note: str
    empty: str
    cards: list[Card]
    more: str
    more_href: str


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


@get("/issues")
async def board_page(
    request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime], view: FromQuery[str] = "open"
) -> Shown:
    """Show what is open, turn by turn."""
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))
    view = view if view in VIEWS else "open"
    form = Form({name: request.query_params.get(name, "").strip()[:100] for name in NARROWED})
    rows = await queries.board(actor, _filters(form, view))
    teams = [(one.id, one.name) for one in await queries.teams()]
    departments = list((await queries.departments()).items())
    today = the_day(now)
    chosen = [row for row in rows if _in_view(view, row, actor, now=now, today=today)]
    as_list = view in {"list", "closed"} or bool(form.value("q"))
    lists = [_line(row, actor, now=now, today=today) for row in chosen] if as_list else []
    lists.sort(key=lambda line: not line.mine)
    narrowed = [name for name in ("team", "department", "kind") if form.value(name)]
    return show(
        request, "issues/board.html", view=view, form=form, lead=_lead(rows, view), teams=teams,
        departments=departments,
        tabs=_tabs(rows, view, form, actor, now=now, today=today), kinds=words.kind_options(), filtered=bool(narrowed),
        filter_label=_("Filter (%(n)s chosen)", n=len(narrowed)) if narrowed else _("Filter"),
        may_raise=can(actor, Act.RAISE), lines=lists, before="", after="", empty=_empty(view, form),
        columns=[] if as_list or not chosen else _columns(
            chosen, form, actor, now=now, today=today, all_of_it=view == "open" and not narrowed),
    )  # fmt: skip


def _filters(form: Form, view: str) -> Filters:
    turn = form.value("turn")
    number = refs.read(form.value("q"))
    return Filters(
        team=_uuid(form.value("team")), department=_uuid(form.value("department")),
        kind=Kind(form.value("kind")) if form.value("kind") in set(Kind) else None,
        words=form.value("q") if number is None else str(number), closed=view == "closed",
        turn=Turn(turn) if view == "list" and turn in set(Turn) else None,
        order="newest" if view == "closed" else "oldest", limit=queries.PAGE if view == "closed" else MOST,
    )  # fmt: skip


def _uuid(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None


def _in_view(view: str, row: IssueRow, actor: Actor, *, now: datetime, today: date) -> bool:
    match view:
        case "mine":
            return row.mine or asks(row, actor, today=today)
        case "quiet":
            return quiet_days(row, now) > 0
        case _:
            return True


def _lead(rows: list[IssueRow], view: str) -> str:
    if view == "closed":
        return ngettext("%(n)s closed.", "%(n)s closed.", len(rows))
    asleep = sum(row.snoozed_until is not None for row in rows)
    said = ngettext("%(n)s open.", "%(n)s open.", len(rows))
    return said + " " + ngettext("%(n)s of them sleeps.", "%(n)s of them sleep.", asleep) if asleep else said


def _tabs(
    rows: list[IssueRow], view: str, form: Form, actor: Actor, *, now: datetime, today: date
) -> list[dict[str, Any]]:
    """Name the views; where the closed ones were read the others are not counted."""
    counts: dict[str, int | None] = dict.fromkeys(VIEWS)
    if view != "closed":
        for name in ("open", "mine", "quiet"):
            counts[name] = sum(_in_view(name, row, actor, now=now, today=today) for row in rows)
    said = {"open": _("Open"), "mine": _("Mine"), "quiet": _("Quiet"), "list": _("As a list"), "closed": _("Closed")}
    return [{"label": said[name], "href": _href(form, name), "current": name == view, "count": counts[name]}
            for name in VIEWS]  # fmt: skip


def _href(form: Form, view: str, turn: str = "") -> str:
    kept = {name: form.value(name) for name in ("team", "department", "kind", "q")}
    wanted = {"view": view, "turn": turn, **kept}
    return "/issues?" + urlencode({name: value for name, value in wanted.items() if value})


def _empty(view: str, form: Form) -> str:
    if any(form.value(name) for name in ("team", "department", "kind", "q")):
        return _("Nothing fits what you chose.")
    match view:
        case "mine":
            return _("Nothing of yours is open: nothing you raised, own or sponsor.")
        case "quiet":
            return _("Nobody waits for a word: every open issue has had one.")
        case "closed":
            return _("Nothing is closed yet. An issue closes when those who raised it say that it is fixed.")
        case _:
            return _("Nothing is open. The next note opens an issue.")


# --- columns ---------------------------------------------------------------------------------------------------


def _columns(
    rows: list[IssueRow], form: Form, actor: Actor, *, now: datetime, today: date, all_of_it: bool
) -> list[Column]:
    said = {
        Turn.NEEDS_OWNER: _("Everything has an owner."),
        Turn.BEING_FIXED: _("Nobody fixes anything just now."),
        Turn.NEEDS_DECISION: _("Nothing waits for a decision."),
        Turn.TELL_FLOOR: _("Nothing waits for the word of those who raised it."),
    }
    columns: list[Column] = []
    for turn, empty in said.items():
        awake = [row for row in rows if row.turn is turn and row.snoozed_until is None]
        awake.sort(key=lambda row: not asks(row, actor, today=today))
        rest = len(awake) - CARDS
        columns.append(Column(
            id=turn.value.replace(" ", "-"), title=rules.say(Stage(turn.value)), count=len(awake),
            note=_column_note(turn, awake, now=now), empty=empty if all_of_it else _("Nothing here."),
            cards=[_card(row, actor, now=now, today=today) for row in awake[:CARDS]],
            more=_("Show %(n)s more", n=rest) if rest > 0 else "",
            more_href=_href(form, "list", turn.value) if rest > 0 else "",
        ))  # fmt: skip
    return columns


def _column_note(turn: Turn, rows: list[IssueRow], *, now: datetime) -> str:
    if not rows:
        return ""
    quiet = sum(quiet_days(row, now) > 0 for row in rows)
    if turn is Turn.BEING_FIXED and quiet:
        return _("%(n)s quiet", n=quiet)
    oldest = max((now - row.raised_at).days for row in rows)
    return "" if turn is Turn.TELL_FLOOR else _("oldest %(days)s", days=when.days(max(oldest, 0)))


def _card(row: IssueRow, actor: Actor, *, now: datetime, today: date) -> Card:
    days = max((now - row.raised_at).days, 0)
    if row.turn is Turn.TELL_FLOOR and row.resolved_at is not None:
        age = _("took %(days)s", days=when.days(max((row.resolved_at - row.raised_at).days, 0)))
    else:
        age = when.days(days) if days else _("today")
    finds_owner = row.turn is Turn.NEEDS_OWNER and row.whole and row.can(actor, Act.ASSIGN)
    told, tone = ("", "") if finds_owner else _next(row, actor, now=now, today=today)
    return Card(
        ref=refs.ref(row.number), href=f"/issues/{row.id}", title=row.title, place=_place(row),
        days=None if row.turn is Turn.TELL_FLOOR else days, age=age, overdue=overdue_days(row, today) > 0, next=told,
        tone=tone, owner=row.owner_name or "", met_by=_("Met by %(n)s", n=row.met_by),
        act=_("Find an owner") if finds_owner else "", act_href=f"/issues/{row.id}#next-step" if finds_owner else "",
    )  # fmt: skip


def _place(row: IssueRow) -> str:
    """Say where: the team, for whoever may see it, else who fixes it or what it is."""
    return row.team_name or row.department_name or rules.say_kind(row.kind)


def _next(row: IssueRow, actor: Actor, *, now: datetime, today: date) -> tuple[str, str]:
    """Say the one next step, and in which tone: mine, asked, told, quiet."""
    mine, quiet = asks(row, actor, today=today), quiet_days(row, now)
    late = overdue_days(row, today)
    match row.turn:
        case Turn.NEEDS_OWNER:
            said = _("%(department)s names an owner.", department=row.department_name) if row.department_name else ""
            return said, ""
        case Turn.BEING_FIXED if mine and row.promised_for is None:
            return _("Give a date."), "me"
        case Turn.BEING_FIXED if late:
            said = ngettext("Promised for yesterday.", "The promise is %(n)s days overdue.", late)
            return said, "me" if mine else ""
        case Turn.BEING_FIXED if quiet:
            return _("Quiet for %(days)s", days=when.days(quiet)), "quiet"
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


def _line(row: IssueRow, actor: Actor, *, now: datetime, today: date) -> Line:
    standing = rules.say(row.stage)
    if row.snoozed_until is not None:
        standing = _("%(standing)s, sleeps until %(day)s", standing=standing, day=when.short_day(row.snoozed_until))
    return Line(
        ref=refs.ref(row.number), href=f"/issues/{row.id}", title=row.title, standing=standing,
        mine=asks(row, actor, today=today), team=row.team_name, department=row.department_name or "",
        owner=row.owner_name or "", promised=when.short_day(row.promised_for) if row.promised_for else "",
        overdue=overdue_days(row, today) > 0, met_by=str(row.met_by),
        age="–" if row.turn is Turn.CLOSED else when.days(max((now - row.raised_at).days, 0)),
    )  # fmt: skip


handlers = [board_page]
