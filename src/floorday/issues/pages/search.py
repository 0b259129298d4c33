"""Search: issues by any words, with why each was found; searches that have a name; and what a line may be about."""

from __future__ import annotations

import functools
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup, escape
from msgspec import Struct

from floorday.config import settings
from floorday.db import folding
from floorday.db.folding import Words
from floorday.errors import BadInput, Forbidden
from floorday.issues import actions, queries, rules
from floorday.issues.actions import Named, Said, SearchForm
from floorday.issues.pages import words
from floorday.issues.pages.board import place_options
from floorday.issues.queries import Alike, Filters, Hit, IssueRow, Search, pointing
from floorday.issues.rules import Kind, Stage, Stream, Turn
from floorday.people.access import Act, Actor, can
from floorday.render import pages, refs, when
from floorday.render.words import gettext as _
from floorday.render.words import language, ngettext
from floorday.web import read_form, redirect, show
from floorday.web.forms import Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]

NARROWED = ("turn", "team", "department", "kind", "stream", "owner", "since", "until", "picture", "measure")
KEPT = ("q", *NARROWED)
KINDS, TURNS, STREAMS = frozenset(Kind), frozenset(Turn), frozenset(Stream)
FOUND, WITHOUT, NOTHING = "found", "without", "nothing"
"""What the page shows: hits, that a minus alone finds nothing, or that nothing was found."""

OPEN, CLOSED, ME = "open", "closed", "me"
LONGEST = 200
HERE = "\x02"
"""Stands in what is drawn before where something is put in; no text of anybody's holds a control character."""

SPECIAL = re.compile("[&<>\"']")
AROUND = 60
"""So many characters of a note are shown before the first word that was found."""


Spans = list[tuple[int, int]]
"""Where words stand in a text."""


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
    return Markup(_marked(text, folding.places(text, found), 0))  # noqa: S704 - each part of it is escaped


def _marked(text: str, spans: Spans, at: int) -> str:
    """Show a text from a character on with these places of it marked, as markup."""
    if SPECIAL.search(text) is not None:
        return _marked_carefully(text, spans, at)
    pieces: list[str] = []
    for start, end in spans:
        pieces += (text[at:start], "<mark>", text[start:end], "</mark>")
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def _marked_carefully(text: str, spans: Spans, at: int) -> str:
    """Do the same for a text in which something is to be escaped."""
    pieces: list[str] = []
    for start, end in spans:
        pieces += (escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>")
        at = end
    pieces.append(escape(text[at:]))
    return "".join(pieces)


@get("/search")
async def search_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Find issues by words and filters, the newest first."""
    _may(actor)
    sent = request.query_params
    given = {name: text for name in (*KEPT, "before") if (text := sent.get(name, "").strip()[:LONGEST])}
    wanted = _wanted(actor, given)
    before = given.pop("before", "")
    asks = bool(given)
    hits, named = await queries.searched(actor, wanted) if asks else ([], None)
    more, hits = len(hits) > queries.SHOWN, hits[: queries.SHOWN]
    names = hits[0].shown.names if hits else None
    if names is None:
        names, named = await queries.numbers()
    places = await queries.places(names)
    about = await pointing.names(wanted.filters.picture, wanted.filters.measure)
    saved = await queries.searches(actor, named)
    query = urlencode(given)
    return show(request, "issues/search.html", main=functools.partial(
        _main, given, places, saved=saved, about=tuple(one for one in about if one), query=query,
        lead=_lead(len(hits), more, asks), found=_found(hits, wanted.words, now),
        instead="" if not asks else WITHOUT if wanted.words.unwanted and not wanted.words.wanted else NOTHING,
        older=f"/search?{query}&before={hits[-1].shown.row.number}" if more else "",
        newer=f"/search?{query}" if before else "",
    ))  # fmt: skip


def _main(
    given: dict[str, str], places: queries.Places, *, saved: list[queries.Saved], about: tuple[str, ...], query: str,
    lead: str, found: str, instead: str, older: str, newer: str,
) -> Markup:  # fmt: skip
    """Put the page together: all of it but what is this question's own was drawn before, for the filters chosen.

    Only while the page is drawn, whose tokens stand in it.
    """
    chosen = tuple(given.get(name, "") for name in NARROWED)
    form = Form(dict(zip(NARROWED, chosen, strict=True)))
    teams, departments = place_options(places, "team", form), place_options(places, "department", form)
    keeps = bool(query)
    shows = (about, bool(lead), bool(saved), FOUND if found else instead, bool(newer), bool(older), keeps)

    def drawn() -> Markup:
        narrowed = sum(map(bool, chosen))
        label = _("Filter (%(n)s chosen)", n=narrowed) if narrowed else _("Filter")
        return pages.piece(
            "issues/_find.html", "find", form, _options(), teams, departments, label, bool(narrowed), *shows)

    typed = given.get("q", "")
    return pages.holed(("find", chosen, teams, departments, shows), drawn).filled(
        lead=escape(lead), q=escape(typed), encoded=quote(typed), query=escape(query), found=found,
        saved=_saved(saved) if saved else "", newer=escape(newer), older=escape(older),
    )[0]  # fmt: skip


def _saved(searches: list[queries.Saved]) -> str:
    """Show somebody's own searches."""
    key = tuple((str(one.id), one.name, one.query) for one in searches)
    return pages.holed(("saved", key), lambda: pages.piece("issues/_find.html", "saved", searches)).filled()[0]


def _options() -> dict[str, list[tuple[str, str]]]:
    """Give the choices of the filters that are the same for everybody."""
    turns = [(turn.value, rules.say(Stage(turn.value))) for turn in Turn if turn is not Turn.CLOSED]
    return {
        "turn": [(OPEN, _("Open")), *turns, (CLOSED, _("Closed"))], "kind": words.kind_options(),
        "stream": words.stream_options(good_news=False), "owner": [(ME, _("Me"))],
    }  # fmt: skip


def _may(actor: Actor) -> None:
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))


def _wanted(actor: Actor, given: dict[str, str]) -> Search:
    """Read the page's address; what nobody could have chosen counts as not said."""
    turn, kind, stream, typed = (given.get(name, "") for name in ("turn", "kind", "stream", "q"))
    zone = ZoneInfo(settings().zone)
    until = _date(given.get("until"))
    before = given.get("before", "")
    return Search(
        words=folding.read(typed), number=refs.read(typed), reference=typed if typed.isprintable() else "",
        filters=Filters(
            team=_uuid(given.get("team")), department=_uuid(given.get("department")), joined=True,
            owner=actor.person if given.get("owner") == ME else _uuid(given.get("owner")),
            picture=_uuid(given.get("picture")), measure=_uuid(given.get("measure")),
            kind=Kind(kind) if kind in KINDS else None,
            turn=Turn(turn) if turn in TURNS and turn != CLOSED else None,
            closed={OPEN: False, CLOSED: True}.get(turn),
        ),
        stream=Stream(stream) if stream in STREAMS else None,
        since=_start(_date(given.get("since")), zone),
        until=_start(until + timedelta(days=1) if until else None, zone),
        before=int(before) if before.isascii() and before.isdecimal() and len(before) <= refs.LONGEST else None,
        limit=queries.SHOWN + 1,
    )  # fmt: skip


def _uuid(raw: str | None) -> UUID | None:
    try:
        return UUID(raw) if raw else None
    except ValueError:
        return None


def _date(raw: str | None) -> date | None:
    try:
        found = date.fromisoformat(raw) if raw else None
    except ValueError:
        return None
    return found if found is not None and 1990 <= found.year < 2200 else None


def _start(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone).astimezone(UTC) if day else None


def _lead(count: int, more: bool, asks: bool) -> str:
    if not asks:
        return ""
    if more:
        return _("The newest %(n)s of more. Add a word, or filter.", n=count)
    return ngettext("%(n)s found.", "%(n)s found.", count)


def _found(hits: list[Hit], found: Words, now: datetime) -> str:
    """Show hits as markup; all of each but the words that were found was drawn before."""
    spoken, (before, behind), pieces = language(), _around_note(), list[str]()
    for hit in hits:
        row = hit.shown.row
        days = max((now - row.raised_at).days, 0)
        begin, middle, end, plain = hit.shown.once(("found", spoken, days), lambda row, days=days: _drawn(row, days))
        pieces.append(begin)
        if plain:
            title, at = row.title, 0
            for start, stop in hit.marks:
                pieces += (title[at:start], "<mark>", title[start:stop], "</mark>")
                at = stop
            pieces += (title[at:], middle)
        else:
            pieces += (_marked(row.title, hit.marks, 0), middle)
        for text, spans in zip(hit.said, hit.spans, strict=True):
            pieces += (before, _note(text, spans), behind)
        pieces.append(end)
    return "".join(pieces)


def _drawn(row: IssueRow, days: int) -> tuple[str, str, str, bool]:
    """Draw a hit without what depends on the words: what stands before the title, behind it, and behind the notes.

    And say whether nothing in the title is to be escaped.
    """
    drawn = pages.piece(
        "issues/_found.html", "line", row.number, f"/issues/{row.id}", refs.ref(row.number), HERE, HERE,
        rules.say(row.stage), row.team_name or row.department_name or rules.say_kind(row.kind),
        _("raised %(days)s ago", days=when.days(days)) if days else _("raised today"), _("Met by %(n)s", n=row.met_by),
    )  # fmt: skip
    begin, middle, end = str(drawn).split(HERE)
    return begin, middle, end, SPECIAL.search(row.title) is None


@functools.cache
def _around_note() -> tuple[str, str]:
    before, behind = str(pages.piece("issues/_found.html", "note", HERE)).split(HERE)
    return before, behind


def _note(text: str, spans: Spans) -> str:
    """Begin a long note shortly before the first word that was found."""
    start = text.rfind(" ", 0, max(spans[0][0] - AROUND, 0)) + 1 if spans else 0
    return f"… {_marked(text, spans, start)}" if start else _marked(text, spans, 0)


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
