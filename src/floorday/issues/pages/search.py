"""Search: issues by any words, with why each was found; searches that have a name; and what a line may be about."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup
from msgspec import Struct

from floorday.config import settings
from floorday.db import folding
from floorday.db.folding import Words
from floorday.errors import BadInput, Forbidden
from floorday.issues import actions, queries, rules
from floorday.issues.actions import Named, Said, SearchForm
from floorday.issues.actions.steps import today as the_day
from floorday.issues.pages import cards, words
from floorday.issues.pages.board import place_options
from floorday.issues.queries import Alike, Filters, Hit, Search, pointing
from floorday.issues.rules import Kind, Stage, Stream, Turn
from floorday.people.access import Act, Actor, can
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import read_form, redirect, show
from floorday.web.forms import Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]

NARROWED = ("turn", "team", "department", "kind", "stream", "owner", "since", "until", "picture", "measure")
KEPT = ("q", *NARROWED)
OPEN, CLOSED, ME = "open", "closed", "me"
LONGEST = 200
AROUND = 60
"""So many characters of a note are shown before the first word that was found."""


class Found(Struct, frozen=True):
    """A hit as the page shows it; `said` are notes in which words were found, marked."""

    ref: str
    href: str
    title: Markup
    standing: str
    place: str
    age: str
    met_by: str
    said: list[Markup]
    key: str


class Known(Struct, frozen=True):
    """An issue that a line may be about; `closed` ones are brought back by a note."""

    ref: str
    href: str
    title: str
    standing: str
    met_by: str
    closed: bool
    act: str


class SaveFields(Struct, frozen=True):
    """The name of a search; the search itself stands in the same form."""

    name: Named = Named("")
    query: str = ""


def marked(text: str, found: Words) -> Markup:
    """Show a text with the words that were found in it marked."""
    pieces: list[Markup] = []
    at = 0
    for start, end in folding.places(text, found):
        pieces += [Markup.escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        at = end
    return Markup("").join([*pieces, Markup.escape(text[at:])])


@get("/search")
async def search_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Find issues by words and filters, the newest first."""
    _may(actor)
    form = Form({name: request.query_params.get(name, "").strip()[:LONGEST] for name in (*KEPT, "before")})
    wanted = _wanted(actor, form)
    asks = bool(form.value("q")) or any(form.value(name) for name in NARROWED)
    hits = await queries.search(actor, wanted) if asks else []
    more, hits = len(hits) > queries.SHOWN, hits[: queries.SHOWN]
    places = await queries.places()
    about = await pointing.names(wanted.filters.picture, wanted.filters.measure)
    day = the_day(now)
    query = _query(form)
    narrowed = sum(bool(form.value(name)) for name in NARROWED)
    return show(
        request, "issues/search.html", form=form, asks=asks, query=query, saved=await queries.searches(actor),
        found=[_found(hit, wanted.words, actor, now=now, today=day) for hit in hits], lead=_lead(len(hits), more, asks),
        only_without=bool(wanted.words.unwanted) and not wanted.words.wanted,
        filter_label=_("Filter (%(n)s chosen)", n=narrowed) if narrowed else _("Filter"), filtered=bool(narrowed),
        about=[words for words in about if words], turns=[(OPEN, _("Open")), *_turns(), (CLOSED, _("Closed"))],
        teams=place_options(places, "team", form), departments=place_options(places, "department", form),
        kinds=words.kind_options(), streams=words.stream_options(good_news=False), owners=[(ME, _("Me"))],
        older=f"/search?{urlencode([*parse_qsl(query), ('before', hits[-1].shown.row.number)])}" if more else "",
        newer=f"/search?{query}" if form.value("before") else "",
    )  # fmt: skip


def _turns() -> list[tuple[str, str]]:
    return [(turn.value, rules.say(Stage(turn.value))) for turn in Turn if turn is not Turn.CLOSED]


def _may(actor: Actor) -> None:
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))


def _wanted(actor: Actor, form: Form) -> Search:
    """Read the page's address; what nobody could have chosen counts as not said."""
    turn, before, stream = form.value("turn"), form.value("before"), form.value("stream")
    zone = ZoneInfo(settings().zone)
    until = _date(form.value("until"))
    typed = form.value("q")
    owner = actor.person if form.value("owner") == ME else _uuid(form.value("owner"))
    return Search(
        words=folding.read(typed), number=refs.read(typed),
        filters=Filters(
            team=_uuid(form.value("team")), department=_uuid(form.value("department")), owner=owner, joined=True,
            picture=_uuid(form.value("picture")), measure=_uuid(form.value("measure")),
            kind=Kind(form.value("kind")) if form.value("kind") in set(Kind) else None,
            turn=Turn(turn) if turn in set(Turn) and turn != CLOSED else None,
            closed={OPEN: False, CLOSED: True}.get(turn),
        ),
        stream=Stream(stream) if stream in set(Stream) else None,
        since=_start(_date(form.value("since")), zone),
        until=_start(until + timedelta(days=1) if until else None, zone),
        before=int(before) if before.isascii() and before.isdecimal() and len(before) <= refs.LONGEST else None,
        limit=queries.SHOWN + 1,
    )  # fmt: skip


def _uuid(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None


def _date(raw: str) -> date | None:
    try:
        found = date.fromisoformat(raw)
    except ValueError:
        return None
    return found if 1990 <= found.year < 2200 else None


def _start(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone).astimezone(UTC) if day else None


def _query(form: Form) -> str:
    return urlencode([(name, form.value(name)) for name in KEPT if form.value(name)])


def _lead(count: int, more: bool, asks: bool) -> str:
    if not asks:
        return ""
    if more:
        return _("The newest %(n)s of more. Add a word, or filter.", n=count)
    return ngettext("%(n)s found.", "%(n)s found.", count)


def _found(hit: Hit, found: Words, actor: Actor, *, now: datetime, today: date) -> Found:
    row = hit.shown.row
    stands = cards.standing(row, actor, now=now, today=today)
    return Found(
        ref=refs.ref(row.number), href=f"/issues/{row.id}", title=marked(row.title, found),
        standing=rules.say(row.stage), place=row.team_name or row.department_name or rules.say_kind(row.kind),
        age=_("raised %(days)s ago", days=when.days(stands.days)) if stands.days else _("raised today"),
        met_by=_("Met by %(n)s", n=row.met_by), said=[marked(_cut(text, found), found) for text in hit.said],
        key=str(row.number),
    )  # fmt: skip


def _cut(text: str, found: Words) -> str:
    """Begin a long note shortly before the first word that was found."""
    spans = folding.places(text, found)
    start = text.rfind(" ", 0, max(spans[0][0] - AROUND, 0)) + 1 if spans else 0
    return ("… " if start else "") + text[start:]


# --- searches that have a name -----------------------------------------------------------------------------------


@post("/search/saved")
async def save_search(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Keep a search under a name."""
    wanted = await read_form(request, SaveFields)
    name = wanted.name or Named(request.query_params.get("name", "")[: Named.longest])
    query = _clean(wanted.query or request.query_params.get("query", ""))
    await actions.save_search(actor, SearchForm(name=name, query=query), now=now)
    return redirect(f"/search?{query}", say=_("Kept as “%(name)s”.", name=name))


@post("/search/saved/{search_id:uuid}/deletion")
async def delete_search(request: Asked, actor: NamedDependency[Actor], search_id: FromPath[UUID]) -> Shown:
    """Forget an own search."""
    del request
    gone = await actions.delete_search(actor, search_id)
    back = urlencode({"name": gone.name, "query": gone.query})
    return redirect("/search", say=_("“%(name)s” is forgotten.", name=gone.name), undo=f"/search/saved?{back}")


def _clean(query: str) -> str:
    """Keep of an address what the page itself would have written there."""
    sent = dict(parse_qsl(query[:4000]))
    return urlencode([(name, sent[name].strip()[:LONGEST]) for name in KEPT if sent.get(name, "").strip()])


# --- what a line may already be about ----------------------------------------------------------------------------


@post("/notes/similar")
async def similar_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """Show which issues a line may already be about; with `part` alone, to be put beside the form. Keeps nothing."""
    if not can(actor, Act.RAISE):
        raise Forbidden(_("Ask the coordinator for a role in the programme first."))
    typed = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    text = _line(typed.get("text", ""))
    known = [_known(one) for one in await queries.similar(actor, text)] if can(actor, Act.SEE_FACE) else []
    if typed.get("part"):
        return show(request, "notes/alike.html", known=known)
    carried = {name: value for name, value in typed.items() if name not in {"csrf", "once", "part", "look"}}
    return show(request, "notes/similar.html", known=known, text=text, carried=carried)


def _line(typed: str) -> str:
    """Read the line that somebody is about to say, or raise BadInput."""
    try:
        line = Said.parse(typed)
    except ValueError as error:
        raise BadInput(str(error), fields={"text": str(error)}) from error
    if not line:
        empty = _("Write the line first, then look whether it is known.")
        raise BadInput(empty, fields={"text": empty})
    return line


def _known(alike: Alike) -> Known:
    row = alike.shown.row
    closed = row.turn is Turn.CLOSED
    return Known(
        ref=refs.ref(row.number), href=f"/issues/{row.id}", title=row.title, standing=rules.say(row.stage),
        met_by=_("Met by %(n)s", n=row.met_by), closed=closed, act=f"/issues/{row.id}/notes",
    )  # fmt: skip


handlers = [search_page, save_search, delete_search, similar_page]
