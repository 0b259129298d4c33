"""The board: four columns of what is open, one for each turn; the same as a list, and what is closed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from markupsafe import Markup
from msgspec import Struct

from floorday.config import settings
from floorday.errors import Forbidden
from floorday.issues import queries, rules, worth
from floorday.issues.actions.steps import today as the_day
from floorday.issues.pages import cards, sheets, words
from floorday.issues.pages.cards import Standing
from floorday.issues.pages.triage import acts_of
from floorday.issues.queries import Board, Condition, Filters, IssueRow, Lane, Places, pointing
from floorday.issues.rules import Kind, Stage, Turn
from floorday.issues.worth import Gain
from floorday.people.access import Act, Actor, can
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import sheets as downloads
from floorday.web import show
from floorday.web.forms import Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]

CARDS = 8
"""So many cards of a column are shown; the rest is a link."""

MOST = 500
VIEWS = ("open", "mine", "quiet", "list", "closed")
ABOUT = ("picture", "measure")
"""What one comes with from a team's picture or from the register of measures."""
NARROWED = (
    "team", "department", "kind", "effort", "gain", "reputation", *ABOUT, "quick", "order", "broken", "q", "turn")
KEPT = NARROWED[:-1]
"""What stays in the address from view to view."""

CHOSEN = ("team", "department", "kind", "effort", "gain", "reputation", "broken")
NO_DEPARTMENT, ALONE, NOT_FIRST, BY_HOURS = "none", "only", "off", "hours"
QUICK = 4
"""So many quick wins stand before the columns."""



class Counts(Struct, frozen=True):
    """How many issues are open (or closed, in that view), how many of them sleep, are the reader's, are quiet."""

    open: int
    asleep: int
    mine: int
    quiet: int


class Column(Struct, frozen=True):
    """One turn of the board."""

    id: str
    title: str
    count: int
    note: str
    empty: str
    cards: list[Markup]
    more: str
    more_href: str


@get("/issues")
async def board_page(
    request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime], view: FromQuery[str] = "open"
) -> Shown:
    """Show what is open, turn by turn."""
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))
    view = view if view in VIEWS else "open"
    form = Form({name: request.query_params.get(name, "").strip()[:100] for name in NARROWED})
    filters = await _filters(form, view, actor, now=now)
    if wanted := downloads.asked(request):
        rows = _every(actor, filters, view, now=now)
        return await downloads.download(wanted, sheets.issues(), rows)
    today = the_day(now)
    narrowed = [name for name in CHOSEN if form.value(name)]
    lines: list[Markup] = []
    columns: list[Column] = []
    first: First | None = None
    month = f"{today:%Y-%m}"
    if view in {"list", "closed"} or form.value("q"):
        counts, lines = await _lines(actor, filters, form, view, now=now, today=today)
        places = await queries.places()
    else:
        found, places = await queries.turns(
            actor, filters, view, now=now, today=today, cards=CARDS,
            beside=_beside(actor, filters, form, view, now=now, month=month))
        counts = Counts(found.open, found.asleep, found.mine, found.quiet)
        if getattr(counts, view):
            first = _first(found.beside, form, actor, view, now=now, today=today, month=month)
            all_of_it = view == "open" and not (narrowed or any(form.value(name) for name in ABOUT))
            columns = _columns(found, form, actor, now=now, today=today, all_of_it=all_of_it)
    return show(
        request, "issues/board.html", acts=acts_of(actor) if lines and view != "closed" else [], every="",
        back=f"/issues?{request.url.query}", first=first, sorts=_sorts(form, view), options=_options,
        chosen=tuple(form.value(name) for name in CHOSEN), view=view, form=form, lead=_lead(counts, view),
        teams=place_options(places, "team", form), departments=place_options(places, "department", form),
        tabs=_tabs(counts, view, form), filtered=bool(narrowed),
        filter_label=_("Filter (%(n)s chosen)", n=len(narrowed)) if narrowed else _("Filter"),
        may_raise=can(actor, Act.RAISE), lines=lines, before="", after="", empty=_empty(view, form), columns=columns,
        about=await _about(filters, form, view, places),
        kept={name: form.value(name) for name in ABOUT if form.value(name)},
    )  # fmt: skip


async def _about(filters: Filters, form: Form, view: str, places: Places) -> list[tuple[str, str]]:
    """Say which statement and which measure a view is about, each with the address of the view without it."""
    wanted = filters.picture, filters.measure
    said = tuple(places.said.get(one, "") if one else "" for one in wanted)
    if any(one is not None and not words for one, words in zip(wanted, said, strict=True)):
        said = await pointing.names(*wanted)
    return [(words or _("nothing that is there any more"), _href(form, view, **{name: ""}))
            for name, words in zip(ABOUT, said, strict=True) if form.value(name)]  # fmt: skip


def _options() -> dict[str, list[tuple[str, str]]]:
    """Give the choices of the filters that are the same for everybody."""
    return {
        "kind": words.kind_options(), "effort": words.effort_options(), "gain": words.gain_options(),
        "reputation": words.reputation_options(),
    }  # fmt: skip


def place_options(places: Places, name: str, form: Form) -> Markup:
    """Give the options of a select; there may be many of them, and they hardly ever change."""
    if name not in places.made:
        pairs = [(one.id, one.name) for one in places.teams] if name == "team" else places.departments.items()
        places.made[name] = Markup("").join(
            Markup('<option value="{}">{}</option>\n').format(one, said) for one, said in pairs)
    if not form.value(name):
        return places.made[name]
    chosen = Markup('<option value="{}"').format(form.value(name))
    return places.made[name].replace(chosen, chosen + Markup(" selected"))


class First(Struct, frozen=True):
    """What stands before the columns: quick wins, and the month's hard ones; and the address without the quick wins."""

    shown: bool
    quick: list[Markup]
    all_quick: str
    other: str
    month: str
    hard: list[Hard]


class Hard(Struct, frozen=True):
    """A hard one of the month."""

    href: str
    title: str
    ref: str
    standing: str
    sponsor: str


def _beside(
    actor: Actor, filters: Filters, form: Form, view: str, *, now: datetime, month: str
) -> Callable[[Places], list[Condition]]:
    """Select what stands before the columns: the month's hard ones, and unless turned off the quick wins."""

    def select(known: Places) -> list[Condition]:
        hard = [queries.of_month(actor, month)]
        if form.value("quick") == NOT_FIRST:
            return hard
        return [*hard, queries.quick_wins(actor, filters, view, known, now=now, limit=QUICK)]

    return select


def _first(
    beside: list[list[queries.Shown]], form: Form, actor: Actor, view: str, *, now: datetime, today: date, month: str
) -> First:
    """Say what is taken first, and what is not to be lost from sight."""
    shown = form.value("quick") != NOT_FIRST
    hard, wins = beside[0], beside[1] if shown else []
    return First(
        shown=shown, all_quick=_href(form, "list", quick=ALONE),
        other=_href(form, view, quick=NOT_FIRST if shown else ""),
        quick=[cards.quick(one, cards.standing(one.row, actor, now=now, today=today)) for one in wins],
        month=words.month_of(month), hard=[hard_line(one.row) for one in hard] if view == "open" else [],
    )  # fmt: skip


def hard_line(row: IssueRow) -> Hard:
    """Say a hard one in a line."""
    return Hard(href=f"/issues/{row.id}", title=row.title, ref=refs.ref(row.number), standing=rules.say(row.stage),
                sponsor=row.sponsor_name or "")  # fmt: skip


def _sorts(form: Form, view: str) -> dict[str, str]:
    """Give the addresses of the list in its two orders."""
    return {"age": _href(form, view, order=""), "hours": _href(form, view, order=BY_HOURS)}


async def _lines(
    actor: Actor, filters: Filters, form: Form, view: str, *, now: datetime, today: date
) -> tuple[Counts, list[Markup]]:  # fmt: skip
    """Draw the lines of a view, what asks something of its reader first, and count."""
    shown = await queries.shown(actor, filters)
    rows = [one.row for one in shown]
    stands = [cards.standing(row, actor, now=now, today=today) for row in rows]
    counts = Counts(
        open=len(rows), asleep=sum(row.snoozed_until is not None for row in rows),
        mine=sum(row.mine or one.asks for row, one in zip(rows, stands, strict=True)),
        quiet=sum(one.quiet > 0 for one in stands),
    )  # fmt: skip
    if len(rows) == filters.limit and view != "closed":
        found, _places = await queries.turns(actor, filters, "open", now=now, today=today, cards=0)
        counts = Counts(found.open, found.asleep, found.mine, found.quiet)
    chosen = [(one, how) for one, how in zip(shown, stands, strict=True) if _chosen(view, one.row, how)]
    if filters.order == "oldest":
        first = form.value("quick") != NOT_FIRST
        chosen.sort(key=lambda pair: (not (first and pair[0].row.quick), not pair[1].asks))
    return counts, [cards.line(one, how) for one, how in chosen]


def _chosen(view: str, row: IssueRow, stands: Standing) -> bool:
    match view:
        case "mine":
            return row.mine or stands.asks
        case "quiet":
            return stands.quiet > 0
        case _:
            return True


async def _every(actor: Actor, filters: Filters, view: str, *, now: datetime) -> AsyncGenerator[list[IssueRow]]:
    """Give in batches all issues of a view, however many its page shows."""
    today = the_day(now)
    async for some in queries.every_issue(actor, filters):
        yield [row for row in some if _chosen(view, row, cards.standing(row, actor, now=now, today=today))]


async def _filters(form: Form, view: str, actor: Actor, *, now: datetime) -> Filters:
    """Read the page's address; what nobody could have chosen counts as not said."""
    turn, effort, gain, touched = (form.value(name) for name in ("turn", "effort", "gain", "reputation"))
    number = refs.read(form.value("q"))
    of_broken = None
    if form.value("broken") and view in {"list", "closed"}:
        found = await queries.broken(actor, now=now, zone=ZoneInfo(settings().zone))
        of_broken = tuple(dict.fromkeys(one.issue for one in found))
    return Filters(
        team=_uuid(form.value("team")), department=_uuid(form.value("department")), ids=of_broken,
        unhanded=form.value("department") == NO_DEPARTMENT, quick=view == "list" and form.value("quick") == ALONE,
        effort=words.read_effort(effort), gain=Gain(gain) if gain in set(Gain) else None,
        picture=_about_one(form.value("picture")), measure=_about_one(form.value("measure")),
        reputation=int(touched) if touched in {str(level) for level in range(worth.WORST + 1)} else None,
        kind=Kind(form.value("kind")) if form.value("kind") in set(Kind) else None,
        words=form.value("q") if number is None else str(number),
        closed=None if of_broken is not None and view == "list" else view == "closed",
        turn=Turn(turn) if view == "list" and turn in set(Turn) else None,
        order="newest" if view == "closed" else "hours" if form.value("order") == BY_HOURS else "oldest",
        limit=queries.PAGE if view == "closed" else MOST,
    )  # fmt: skip


def _about_one(raw: str) -> UUID | None:
    """Read an id of which a view is; nothing is about what nobody could have chosen."""
    return (_uuid(raw) or UUID(int=0)) if raw else None


def _uuid(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None


def _lead(counts: Counts, view: str) -> str:
    if view == "closed":
        return ngettext("%(n)s closed.", "%(n)s closed.", counts.open)
    said = ngettext("%(n)s open.", "%(n)s open.", counts.open)
    if not counts.asleep:
        return said
    return said + " " + ngettext("%(n)s of them sleeps.", "%(n)s of them sleep.", counts.asleep)


def _tabs(counts: Counts, view: str, form: Form) -> list[dict[str, Any]]:
    """Name the views; where the closed ones were read the others are not counted."""
    numbers = {"open": counts.open, "mine": counts.mine, "quiet": counts.quiet} if view != "closed" else {}
    said = {"open": _("Open"), "mine": _("Mine"), "quiet": _("Quiet"), "list": _("As a list"), "closed": _("Closed")}
    return [{"label": said[name], "href": _href(form, name), "current": name == view, "count": numbers.get(name)}
            for name in VIEWS]  # fmt: skip


def _href(form: Form, view: str, turn: str = "", **changed: str) -> str:
    wanted = {"view": view, "turn": turn, **{name: form.value(name) for name in KEPT}, **changed}
    if view != "list":
        wanted |= {name: "" for name in ("order", "broken") if name not in changed}
        wanted["quick"] = "" if wanted["quick"] == ALONE else wanted["quick"]
    return "/issues?" + urlencode({name: value for name, value in wanted.items() if value})


def _empty(view: str, form: Form) -> str:
    if any(form.value(name) for name in (*CHOSEN, *ABOUT, "q")) or form.value("quick") == ALONE:
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
    board: Board, form: Form, actor: Actor, *, now: datetime, today: date, all_of_it: bool
) -> list[Column]:
    said = {
        Turn.NEEDS_OWNER: _("Everything has an owner."),
        Turn.BEING_FIXED: _("Nobody fixes anything just now."),
        Turn.NEEDS_DECISION: _("Nothing waits for a decision."),
        Turn.TELL_FLOOR: _("Nothing waits for the word of those who raised it."),
    }
    columns: list[Column] = []
    for turn, empty in said.items():
        lane = board.lanes[turn]
        awake = [(one, cards.standing(one.row, actor, now=now, today=today)) for one in lane.shown]
        awake.sort(key=lambda pair: (not pair[1].asks, pair[0].row.raised_at, pair[0].row.number))
        rest = lane.count - CARDS
        columns.append(Column(
            id=turn.value.replace(" ", "-"), title=rules.say(Stage(turn.value)), count=lane.count,
            note=_column_note(turn, lane, now=now), empty=empty if all_of_it else _("Nothing here."),
            cards=[cards.card(one, how) for one, how in awake[:CARDS]],
            more=_("Show %(n)s more", n=rest) if rest > 0 else "",
            more_href=_href(form, "list", turn.value) if rest > 0 else "",
        ))  # fmt: skip
    return columns


def _column_note(turn: Turn, lane: Lane, *, now: datetime) -> str:
    if lane.oldest is None or turn is Turn.TELL_FLOOR:
        return ""
    if turn is Turn.BEING_FIXED and lane.quiet:
        return _("%(n)s quiet", n=lane.quiet)
    return _("oldest %(days)s", days=when.days(max((now - lane.oldest).days, 0)))


handlers = [board_page]
