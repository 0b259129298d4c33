"""Triage: what nobody has taken yet, one after the other, until each has its place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db import folding
from floorday.db.text import Prose, Title
from floorday.errors import BadInput, Forbidden, NotFound, Raced, Refused
from floorday.issues import actions, queries, rules
from floorday.issues.actions import triage as placing
from floorday.issues.actions.steps import today as the_day
from floorday.issues.fields import SnoozeFields
from floorday.issues.pages import words
from floorday.issues.pages.issue import suggested
from floorday.issues.pages.issue.told import note_of
from floorday.issues.pages.steps import possible
from floorday.issues.queries import IssueRow, Opened
from floorday.issues.queries import triage as waiting
from floorday.issues.queries.similar import alike as alike_faces
from floorday.issues.queries.suggestions import Said
from floorday.issues.queries.triage import PAGE, Asks, Counts, Option, Queue, Waiting
from floorday.issues.rules import Kind, Stage, Stream, Turn
from floorday.people.access import DEPARTMENT_ROLES, Act, Actor, Role, can
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import read_form, redirect, show
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]

NARROWED = ("team", "kind", "stream", "age")
KEPT = ("view", *NARROWED, "order")
MORE_FIT = 5
"""So many of several that fit a name are said."""


class WhomFields(Struct, frozen=True):
    """Who fixes it, as it was typed or chosen: "IT: Gus Grant", "gus", "IT", "me"."""

    whom: str


class IntoFields(Struct, frozen=True):
    """The number of the issue it joins."""

    into: str


class ReasonFields(Struct, frozen=True):
    """Why not: a ready sentence, own words, or both."""

    because: Prose = Prose("")
    ready: Prose = Prose("")


class AskFields(Struct, frozen=True):
    """What those who raised it are asked."""

    question: actions.Said


class NameFields(Struct, frozen=True):
    """What gets fixed, and of which kind it is."""

    title: Title
    sort: Kind


class RestrictionFields(Struct, frozen=True):
    """Whether only those who are in it see it."""

    restricted: bool = False


# --- the page ----------------------------------------------------------------------------------------------------


@get("/triage")
async def triage_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Show the queue, and one of it whole."""
    return await _show(request, actor, number_of(request.query_params.get("at", "")), now=now)


async def _show(
    request: Asked, actor: Actor, at: int | None, *, now: datetime, status: int = 200, form: Form | None = None,
    failed: str = "", refused: str = "",
) -> Shown:  # fmt: skip
    """Show the queue with one issue chosen; after a refused act (`failed`) with its reason and what was typed."""
    if not can(actor, Act.TRIAGE):
        raise Forbidden(_("Coordinators, team leads and departments give what was raised its place."))
    filters = Form({name: request.query_params.get(name, "").strip()[:100] for name in KEPT})
    asks = asks_of(filters)
    page = number_of(request.query_params.get("page", "")) or 1
    found = await waiting.queue(actor, asks, at=at, page=page, now=now)
    before, line, after = found.around(at)
    chosen = await _chosen(actor, line) if line else None
    options, said = await waiting.beside(actor, chosen.issue.id) if chosen else (await waiting.options(), [])
    query = query_of(filters)
    narrowed = sum(bool(filters.value(name)) for name in NARROWED)
    gone = at is not None and status == 200 and (line is None or line.number != at)
    context: dict[str, Any] = {}
    if chosen is not None:
        context = await _detail(chosen, actor, options, said, form or Form(), now=now, failed=failed)
    return show(
        request, "issues/triage.html", status=status, filters=filters, query=query, one=at is not None and not gone,
        tabs=_tabs(found, filters, actor), lines=[_line(one, filters, line, now=now) for one in found.lines],
        total=found.total, shown=_shown(found), filtered=bool(narrowed), orders=_orders(filters),
        filter_label=_("Filter (%(n)s chosen)", n=narrowed) if narrowed else _("Filter"),
        teams=_teams(options, actor), kinds=words.kind_options(), streams=words.stream_options(good_news=False),
        ages=[("day", _("raised within a day")), ("week", _("older than a week")), ("month", _("older than a month"))],
        previous=_href(filters, at=before.number) if before else "",
        following=_href(filters, at=after.number) if after else "",
        next_number=after.number if after else before.number if before else "", number=line.number if line else "",
        url=_href(filters, at=line.number) if line and at is not None else _href(filters),
        back_page=_href(filters, page=found.start // PAGE) if found.start else "",
        next_page=_href(filters, page=found.start // PAGE + 2) if found.after else "",
        counted=_("%(n)s of %(total)s", n=line.place, total=found.total) if line else "",
        gone=refs.ref(at) if gone and at is not None else "", gone_href=f"/issues?view=list&q={at}" if gone else "",
        empty=await _empty(actor, found, filters, narrowed) if line is None else None, chosen=chosen is not None,
        acts=acts_of(actor), every=_every(found.total), refused=refused, form=form or Form(),
        failed=failed, labels=_labels(), **context,
    )  # fmt: skip


def asks_of(form: Form) -> Asks:
    """Read the page's address; what nobody could have chosen counts as not said."""
    kind, stream, age = form.value("kind"), form.value("stream"), form.value("age")
    return Asks(
        handed=form.value("view") == "handed", newest=form.value("order") == "newest", team=_uuid(form.value("team")),
        kind=Kind(kind) if kind in set(Kind) else None, stream=Stream(stream) if stream in set(Stream) else None,
        age=age if age in waiting.AGES else "",  # type: ignore[arg-type]  # one of its words
    )  # fmt: skip


def query_of(form: Form) -> str:
    """Write down what the queue is narrowed to, as it stands in the page's address."""
    return urlencode([(name, form.value(name)) for name in KEPT if form.value(name)])


def _href(form: Form, *, at: int | None = None, page: int | None = None) -> str:
    said = [(name, form.value(name)) for name in KEPT if form.value(name)]
    said += [("page", str(page))] if page and page > 1 else []
    said += [("at", str(at))] if at is not None else []
    return f"/triage?{urlencode(said)}" if said else "/triage"


def number_of(said: str) -> int | None:
    """Read an issue's number out of an address."""
    return refs.read(said) if said.isascii() else None


def _uuid(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None


def _tabs(found: Queue, form: Form, actor: Actor) -> list[dict[str, Any]]:
    """Name the views, for whoever has several."""
    if not actor.has(Role.COORDINATOR, Role.LEAD):
        return []
    return _views(found.counts, form, current="handed" if form.value("view") == "handed" else "")


def _views(counts: Counts, form: Form, *, current: str) -> list[dict[str, Any]]:
    rest = Form({**form.values, "view": ""})
    return [
        {"label": _("Without a place"), "href": _href(rest), "current": not current, "count": counts.waiting},
        {"label": _("Suggested to join"), "href": "/triage/suggestions", "current": current == "suggested",
         "count": counts.suggested},
        {"label": _("With a department, no owner yet"), "href": _href(Form({**rest.values, "view": "handed"})),
         "current": current == "handed", "count": counts.handed},
    ]  # fmt: skip


def suggestion_tabs(counts: Counts, actor: Actor) -> list[dict[str, Any]]:
    """Name the views beside what leads suggest to join."""
    return _views(counts, Form(), current="suggested") if actor.has(Role.COORDINATOR, Role.LEAD) else []


def _orders(form: Form) -> list[tuple[str, str, bool]]:
    newest = form.value("order") == "newest"
    return [(_("Oldest first"), _href(Form({**form.values, "order": ""})), not newest),
            (_("Newest first"), _href(Form({**form.values, "order": "newest"})), newest)]  # fmt: skip


def _shown(found: Queue) -> str:
    if len(found.lines) == found.total:
        return ngettext("%(n)s waits", "%(n)s wait", found.total)
    return _("%(first)s to %(last)s of %(total)s", first=found.start + 1, last=found.start + len(found.lines),
             total=found.total)  # fmt: skip


def _every(total: int) -> str:
    if total <= placing.MOST:
        return _("All of this list (%(n)s)", n=total)
    return _("The first %(most)s of this list (it holds %(n)s)", most=placing.MOST, n=total)


def _line(line: Waiting, form: Form, chosen: Waiting | None, *, now: datetime) -> dict[str, Any]:
    return {
        "number": line.number, "ref": refs.ref(line.number), "title": line.title, "href": _href(form, at=line.number),
        "about": " · ".join([
            refs.ref(line.number), line.team_name, *([line.department_name] if line.department_name else []),
            _age(line.raised_at, now), *([_("met by %(n)s", n=line.met_by)] if line.met_by > 1 else []),
        ]),
        "restricted": line.restricted, "current": chosen is not None and line.number == chosen.number,
    }  # fmt: skip


def _age(raised: datetime, now: datetime) -> str:
    days = max((now - raised).days, 0)
    return when.days(days) if days else _("today")


def _teams(options: Sequence[Option], actor: Actor) -> list[tuple[UUID, str]]:
    """List the teams whose issues may be in this reader's queue; of one there is nothing to choose."""
    every = actor.has(Role.COORDINATOR, *DEPARTMENT_ROLES)
    own = actor.teams(Role.LEAD)
    teams = [(one.id, one.name) for one in options if one.what == "team" and (every or one.id in own)]
    return teams if len(teams) > 1 else []


async def _empty(actor: Actor, found: Queue, form: Form, narrowed: int) -> dict[str, str]:
    """Say that nothing waits, and where the last one went."""
    if narrowed:
        return {"text": _("Nothing that waits fits what you chose."), "href": _href(Form({
            **form.values, **dict.fromkeys(NARROWED, "")})), "label": _("Show all that wait")}  # fmt: skip
    if form.value("view") == "handed":
        return {"text": _("Every department has named an owner."), "href": "", "label": ""}
    last = await waiting.last_placed(actor)
    if last is None:
        return {"text": _("Nothing waits for a place, and nothing ever has. The next note opens an issue."), "href": "",
                "label": ""}  # fmt: skip
    who = last.owner_name if last.stage is Stage.BEING_FIXED and last.owner_name else None
    said = _("%(name)s has it", name=who) if who else rules.say(last.stage).lower()
    return {"text": _("Nothing waits for a place. The last one: %(title)s (%(said)s).", title=last.title, said=said),
            "href": f"/issues/{last.id}", "label": _("Open %(ref)s", ref=refs.ref(last.number))}  # fmt: skip


# --- the one that is chosen --------------------------------------------------------------------------------------


async def _chosen(actor: Actor, line: Waiting) -> Opened | None:
    try:
        found = await queries.opened(actor, line.id)
    except NotFound:
        return None
    return found if found.issue.whole else None


async def _detail(
    found: Opened, actor: Actor, options: Sequence[Option], said: Sequence[Said], form: Form, *, now: datetime,
    failed: str,
) -> dict[str, Any]:  # fmt: skip
    row, day = found.issue, the_day(now)
    steps = possible(found, actor)
    asks = row.can(actor, Act.QUESTION)
    handed = waiting.theirs(options, actor) if "owner" in steps else []
    alike = await alike_faces(actor, row.title, but=row.number)
    week = day + timedelta(days=7 - day.weekday())
    return {
        "row": row, "ref": refs.ref(row.number), "steps": steps, "own": f"/triage/{row.id}",
        "here_now": f"/triage?at={row.number}", "asks": asks, "asked": row.asks_since is not None,
        "was": row.department or "", "me": _me(handed, actor), "whom": [name for name, _one in named(handed)],
        "about": _about(row, now), "tag": rules.say_kind(row.kind),
        "notes": [{**note_of(note, row, actor, Form(), failed=""), "correct": "", "withdraw": ""}
                  for note in found.notes if note.withdrawn_at is None],
        "alike": [{"ref": refs.ref(one.number), "href": f"/issues/{one.id}", "title": one.title,
                   "standing": rules.say(one.stage), "open": one.stage.turn is not Turn.CLOSED} for one in alike],
        "suggests": row.can(actor, Act.SUGGEST) and not can(actor, Act.SETTLE_SUGGESTIONS),
        "suggested": [suggested.card_of(one, actor) for one in said],
        "ready": ready_sentences(), "tomorrow": (day + timedelta(days=1)).isoformat(), "next_week": week.isoformat(),
        "next_week_said": when.short_day(week), "after_today": (day + timedelta(days=1)).isoformat(),
        "titled": Form({"title": row.title, "sort": row.kind.value, **(form.values if failed == "title" else {})},
                       form.errors),
    }  # fmt: skip


def _about(row: IssueRow, now: datetime) -> str:
    raised = _age(row.raised_at, now)
    days = _("raised today") if raised == _("today") else _("raised %(days)s ago", days=raised)
    said = [refs.ref(row.number), row.team_name, days, _("met by %(n)s", n=row.met_by)]
    if row.department_name:
        said.insert(2, _("with %(department)s", department=row.department_name))
    return " · ".join(said)


def ready_sentences() -> list[tuple[str, str]]:
    """List sentences to start from, each with the few words on its button."""
    return [
        (_("It works as intended. Here is what to do instead: "), _("Works as intended")),
        (_("It happens too seldom for what it would cost to change."), _("Too seldom")),
        (_("We know of it and have decided to leave it as it is."), _("Decided before")),
        (_("We cannot find out what is meant. Say it again with an example, please."), _("Not understood")),
    ]


def named(options: Sequence[Option]) -> list[tuple[str, Option]]:
    """Give each department and each person of one the name by which they are chosen; no name twice."""
    plain = [one.name if one.person is None else f"{one.name}: {one.person_name}" for one in options]
    return [(f"{name} ({one.email})" if plain.count(name) > 1 and one.email else name, one)
            for name, one in zip(plain, options, strict=True)]  # fmt: skip


def _me(options: Sequence[Option], actor: Actor) -> str:
    """Give what one press of "I take it" sends; nothing to somebody of no department, or of several."""
    mine = [name for name, one in named(options) if one.person == actor.person]
    return mine[0] if len(mine) == 1 else ""


def whom(said: str, options: Sequence[Option], actor: Actor, *, field: str = "whom") -> Option:
    """Find the department or the person that somebody means; raise BadInput for nobody, and for several."""
    typed = folding.fold(said).split()
    folded = [(name, folding.fold(name).split(), one) for name, one in named(options)]
    me = [(name, one) for name, _words, one in folded if one.person == actor.person]
    if typed == folding.fold(_("me")).split() and me:
        fits = me
    else:
        exact = [(name, one) for name, parts, one in folded if parts == typed]
        fits = exact or [(name, one) for name, parts, one in folded if _begun(typed, parts)]
        departments = [(name, one) for name, one in fits if one.person is None]
        if len(departments) == 1 and all(one.id == departments[0][1].id for _name, one in fits):
            fits = departments
    if len(fits) == 1:
        return fits[0][1]
    if fits:
        some = "; ".join(name for name, _one in fits[:MORE_FIT])
        wrong = _("Several fit: %(names)s. Type more.", names=some if len(fits) <= MORE_FIT else f"{some} …")
    else:
        wrong = _("There is nobody of that name to take it. Choose one of the list.")
    raise BadInput(wrong, fields={field: wrong}, values={field: said})


def _begun(typed: list[str], parts: list[str]) -> bool:
    """Say whether each word that was typed begins one of the name's."""
    return bool(typed) and all(any(part.startswith(word) for part in parts) for word in typed)


def acts_of(actor: Actor) -> list[tuple[str, str]]:
    """List what somebody may do to several at once."""
    fixes = actor.has(Role.COORDINATOR, *DEPARTMENT_ROLES)
    leads = actor.has(Role.COORDINATOR, Role.LEAD)
    coordinates = actor.has(Role.COORDINATOR)
    every = [
        ("hand", _("Hand to a department or an owner"), fixes), ("sponsor", _("Name a sponsor"), fixes),
        ("join", _("Join all into one"), leads), ("decline", _("Decline with one reason"), coordinates),
        ("snooze", _("Let sleep until a day"), coordinates), ("kind", _("Set the kind"), fixes or leads),
        ("promise", _("Change the promised dates"), actor.has(*DEPARTMENT_ROLES)),
    ]  # fmt: skip
    return [(name, said) for name, said, mine in every if mine]


def _labels() -> dict[str, str]:
    return {"whom": _("Who fixes it"), "into": _("The issue it joins"), "because": _("Why not?"),
            "until": _("Sleep until"), "title": _("Title"), "sort": _("Kind"), "question": _("Your question")}


# --- acts --------------------------------------------------------------------------------------------------------


@post("/triage/{issue_id:uuid}/owner")
async def take(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Give it to a department, or to somebody there."""

    async def act(waits: IssueRow) -> str:
        if not waits.can(actor, Act.ASSIGN):
            raise Forbidden(_("The coordinator or the department does that."))
        wanted = await read_form(request, WhomFields)
        one = whom(wanted.whom, waiting.theirs(await waiting.options(), actor), actor)
        row = await placing.out_of_queue(actor, waits, placing.Hand(one.id, one.person), now=now)
        if row.owner_name:
            return _("%(ref)s: %(name)s has it now.", ref=refs.ref(row.number), name=row.owner_name)
        return _("%(ref)s: %(department)s has it now and names an owner.", ref=refs.ref(row.number),
                 department=row.department_name)  # fmt: skip

    return await _done(request, actor, issue_id, act, "take", now=now)


@post("/triage/{issue_id:uuid}/join")
async def join(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Make it part of another one."""

    async def act(waits: IssueRow) -> str:
        target = await numbered(actor, (await read_form(request, IntoFields)).into)
        await placing.out_of_queue(actor, waits, placing.Join(target.id), now=now)
        return _("%(ref)s went into %(other)s, and its reporters with it.", ref=refs.ref(waits.number),
                 other=refs.ref(target.number))  # fmt: skip

    return await _done(request, actor, issue_id, act, "join", now=now)


async def numbered(actor: Actor, said: str) -> IssueRow:
    """Find the issue that a person names by its number."""
    number = refs.read(said)
    try:
        if number is None:
            raise NotFound("")
        return await queries.by_number(actor, number)
    except NotFound:
        wrong = _("There is no issue with this number. It looks like %(ref)s.", ref=refs.EXAMPLE)
        raise BadInput(wrong, fields={"into": wrong}) from None


@post("/triage/{issue_id:uuid}/decline")
async def decline(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say why it will not be done."""

    async def act(waits: IssueRow) -> str:
        wanted = await read_form(request, ReasonFields)
        row = await placing.out_of_queue(actor, waits, placing.Decline(reason(wanted)), now=now)
        return _("%(ref)s is declined. Everybody who raised it reads why.", ref=refs.ref(row.number))

    return await _done(request, actor, issue_id, act, "decline", now=now)


def reason(said: ReasonFields) -> str:
    """Put a ready sentence before own words, unless they begin with it."""
    ready, own = said.ready.strip(), said.because.strip()
    return own if not ready or own.startswith(ready) else f"{ready} {own}".strip()


@post("/triage/{issue_id:uuid}/snooze")
async def snooze(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Put it to sleep until a day."""

    async def act(waits: IssueRow) -> str:
        wanted = await read_form(request, SnoozeFields)
        row = await placing.out_of_queue(actor, waits, placing.Snooze(wanted.until), now=now)
        return _("%(ref)s sleeps until %(day)s.", ref=refs.ref(row.number), day=when.day(wanted.until))

    return await _done(request, actor, issue_id, act, "snooze", now=now)


@post("/triage/{issue_id:uuid}/question")
async def ask(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Ask those who raised it one thing; it waits on."""

    async def act(waits: IssueRow) -> str:
        wanted = await read_form(request, AskFields)
        await placing.out_of_queue(actor, waits, placing.Ask(wanted.question), now=now)
        return _("%(ref)s: those who raised it are asked.", ref=refs.ref(waits.number))

    return await _done(request, actor, issue_id, act, "question", now=now)


@post("/triage/{issue_id:uuid}/title")
async def retitle(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say better what gets fixed, and of which kind it is; it stays in the queue."""

    async def act(waits: IssueRow) -> str:
        wanted = await read_form(request, NameFields)
        row = await placing.out_of_queue(
            actor, waits, placing.Sort(wanted.sort, wanted.title), now=now)
        return _("%(ref)s is saved.", ref=refs.ref(row.number))

    return await _done(request, actor, issue_id, act, "title", now=now, stays=True)


@post("/triage/{issue_id:uuid}/restriction")
async def restrict(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Keep it to those who are in it, or open it again; it stays in the queue."""

    async def act(waits: IssueRow) -> str:
        wanted = await read_form(request, RestrictionFields)
        await placing.out_of_queue(actor, waits, placing.Restrict(wanted.restricted), now=now)
        return _("Only those who are in it see it now.") if wanted.restricted else _("Everybody sees what gets fixed.")

    return await _done(request, actor, issue_id, act, "restrict", now=now, stays=True)


@post("/triage/{issue_id:uuid}/undo")
async def undo(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the last step back, and show the issue again."""
    filters = Form({name: request.query_params.get(name, "").strip()[:100] for name in KEPT})
    if not can(actor, Act.TRIAGE):
        raise Forbidden(_("Coordinators, team leads and departments give what was raised its place."))
    try:
        row = await actions.undo(actor, issue_id, now=now)
    except Refused as no:
        return redirect(_href(filters), say=no.sentence)
    return redirect(_href(filters, at=row.number), say=_("Undone. No letter has left."))


async def _done(
    request: Asked, actor: Actor, issue_id: UUID, act: Callable[[IssueRow], Awaitable[str]], failed: str, *,
    now: datetime, stays: bool = False,
) -> Shown:  # fmt: skip
    """Act, then go on with the next one; where that is refused, show the reason beside what was typed."""
    typed = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    filters = Form({name: request.query_params.get(name, "").strip()[:100] for name in KEPT})
    at = number_of(typed.get("number" if stays else "next", ""))
    try:
        said = await act(await placing.still_waits(actor, issue_id, department=_uuid(typed.get("was", ""))))
    except Raced as raced:
        # What somebody else has placed is told in a word, and the next one is there.
        return redirect(_href(filters, at=number_of(typed.get("next", ""))), say=raced.sentence)
    except (BadInput, Refused) as refused:
        fields = refused.fields if isinstance(refused, BadInput) else {}
        form = Form(typed, {name: text for name, text in fields.items() if name != WHOLE})
        return await _show(
            request, actor, number_of(typed.get("number", "")), now=now, status=refused.status, form=form,
            failed=failed, refused="" if form.errors else fields.get(WHOLE, refused.sentence))
    back = f"/triage/{issue_id}/undo"
    query = query_of(filters)
    return redirect(_href(filters, at=at), say=said, undo=f"{back}?{query}" if query else back)


handlers = [triage_page, take, join, decline, snooze, ask, retitle, restrict, undo]
