"""The months on their way to their readers: what was sent, what leaves when, and what can be done about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.config import settings
from floorday.db.text import Prose
from floorday.errors import BadInput, Forbidden, NotFound
from floorday.people import queries as people
from floorday.people.access import DEPARTMENT_ROLES, TEAM_ROLES, Act, Actor, Role, can
from floorday.people.access import Subject as Thing
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.summaries import actions, figures, queries, rules, words
from floorday.summaries.figures import COMPANY, Cut, Subject
from floorday.summaries.figures.window import local_date
from floorday.summaries.pages.shared import Asked, Shown
from floorday.summaries.queries import Frozen, MonthRow
from floorday.summaries.rules import Facts, Stage
from floorday.web import LETTER_FRAME, again, blank, read_form, redirect, show
from floorday.web.forms import Form

MOST = 36
"""So many months are listed."""


class Because(Struct, frozen=True):
    """Why."""

    because: Prose = Prose("")


class Comment(Struct, frozen=True):
    """What the head of service says."""

    comment: Prose = Prose("")


class To(Struct, frozen=True):
    """To whom."""

    person: UUID


class ByLetter(Struct, frozen=True):
    """Whether a kind of summary comes by letter."""

    cut: Cut
    letters: str


class Listed(Struct, frozen=True):
    """A month of the list."""

    month: str
    title: str
    stage: Stage
    label: str
    tone: str
    line: str


# --- the list ----------------------------------------------------------------------------------------------------


@get("/")
async def months_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """List the months, and which summaries are the reader's own."""
    mine = await _mine(actor)
    if not mine:
        raise Forbidden(_("Summaries are for managers, teams, departments, the coordinator and the head of service."))
    known = await queries.ways()
    facts = await _facts(known)
    return show(
        request, "summaries/months.html", months=_listed(known, facts, now=now), mine=mine,
        company=can(actor, Act.SEE_SUMMARY, Thing()), steers=can(actor, Act.SEND_SUMMARY),
        stopped=await queries.stopped(actor.person),
    )  # fmt: skip


async def _facts(known: list[MonthRow]) -> Facts:
    return actions.facts_of([row.way() for row in known], alive=True)


async def _mine(actor: Actor) -> list[tuple[Cut, str, str]]:
    """Name the summaries that are sent to somebody: the kind, whose, and what stands before a month in the address."""
    found: list[tuple[Cut, str, str]] = []
    if actor.has(Role.COORDINATOR, Role.HEAD_OF_SERVICE, Role.MANAGER):
        found.append(("company", words.subject_words("company", ""), "/summary"))
    if teams := actor.teams(*TEAM_ROLES):
        for one in await people.teams():
            if one.id in teams:
                found.append(("team", one.name, f"/summary/team/{one.id}"))
    if actor.has(Role.MANAGER):
        found.append(("manager", _("Your own days and issues"), f"/summary/manager/{actor.person}"))
    if offices := actor.departments(*DEPARTMENT_ROLES):
        for office in await people.departments():
            if office.id in offices:
                found.append(("department", office.name, f"/summary/department/{office.id}"))
    return found


def _listed(known: list[MonthRow], facts: Facts, *, now: datetime) -> list[Listed]:
    """List the months since floorday began, newest first."""
    if not known:
        return []
    rows = {row.month: row for row in known}
    first, last = rules.first_of(min(rows)), local_date(now, facts.zone).replace(day=1)
    found: list[Listed] = []
    while last >= first and len(found) < MOST:
        month = rules.word(last)
        if not ((row := rows.get(month)) and row.before_us):
            found.append(_one(month, row, facts, running=not found))
        last = figures.months_on(last, -1)
    return found


def _one(month: str, row: MonthRow | None, facts: Facts, *, running: bool) -> Listed:
    stage = rules.stage(row.way() if row else None, running=running)
    label, tone = {
        Stage.RUNNING: (_("running"), ""), Stage.COMING: (_("not yet"), "wait"), Stage.PREVIEW: (_("preview"), "you"),
        Stage.HELD: (_("held"), "hot"), Stage.SENDING: (_("being sent"), "wait"), Stage.SENT: (_("sent"), "done"),
        Stage.BEFORE_US: (_("not sent"), ""),
    }[stage]  # fmt: skip
    return Listed(month, words.month_words(month), stage, label, tone, _line(month, stage, row, facts))


def _line(month: str, stage: Stage, row: MonthRow | None, facts: Facts) -> str:
    """Say in a sentence what becomes of a month."""
    zone = facts.zone.key
    match stage:
        case Stage.RUNNING:
            return _("Shown to the coordinator on %(day)s.", day=when.moment(rules.preview_at(month, facts), zone))
        case Stage.COMING | Stage.PREVIEW:
            if row is not None and row.asked_at is not None:
                return _("%(name)s has sent it; it leaves within a minute.", name=row.asked_name or "")
            return _("Leaves on %(day)s.", day=when.moment(rules.send_at(month, facts), zone))
        case Stage.HELD if row is not None:
            return _("%(name)s holds it: %(why)s", name=row.held_name or "", why=row.held_because)
        case Stage.SENT if row is not None and row.begun_at is not None:
            return _("Sent on %(day)s.", day=when.moment(row.begun_at, zone))
        case _:
            return ""


@post("/letters")
async def by_letter(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Stop, or ask again for, the letters of a kind of summary."""
    wanted = await read_form(request, ByLetter)
    if wanted.cut not in {cut for cut, _name, _path in await _mine(actor)}:
        raise Forbidden(_("This summary is not sent to you."))
    if wanted.letters == "yes":
        await actions.go_on(actor, wanted.cut)
        return redirect("/summaries", say=_("You get these letters again."))
    await actions.stop_mine(actor, wanted.cut, now=now)
    return redirect("/summaries", say=_("You get no more of these letters. The pages stay open to you."))


# --- one month ---------------------------------------------------------------------------------------------------


@get("/{month:str}")
async def steering_page(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Shown:
    """Show what leaves, when, and what can be done about it."""
    return await _steering(request, actor, month, now=now)


async def _steering(
    request: Asked, actor: Actor, month: str, *, now: datetime, form: Form | None = None, status: int = 200
) -> Shown:
    actions.may_send(actor)
    stage = await actions.stage_of(month, now=now)
    row = await queries.way(month)
    facts = await _facts([])
    sent = await queries.frozen_of(month) if stage in {Stage.SENT, Stage.SENDING} else []
    return show(
        request, "summaries/steering.html", status=status, month=month, title=words.month_words(month),
        one=_one(month, row, facts, running=stage is Stage.RUNNING), row=row,
        form=form or blank(comment=row.comment if row else ""), comments=can(actor, Act.COMMENT_SUMMARY),
        changes=stage in {Stage.COMING, Stage.PREVIEW, Stage.HELD},
        sent=[(one, words.subject_words(_subject(one).cut, one.name), _kind(one)) for one in sent],
    )  # fmt: skip


def _subject(sent: Frozen) -> Subject:
    cut, _slash, id = sent.key.partition("/")
    kinds: dict[str, Cut] = {"team": "team", "manager": "manager", "department": "department"}
    return Subject(kinds[cut], UUID(id)) if id else COMPANY


def _kind(sent: Frozen) -> str:
    kinds: dict[Cut, str] = {"company": _("Company"), "team": _("Team"), "manager": _("Manager"),
                             "department": _("Department")}  # fmt: skip
    return kinds[_subject(sent).cut]


@get("/{month:str}/letter")
async def letter_preview(
    actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Response[str]:
    """Give the company's letter as it would be sent now, for the frame."""
    html = await actions.letter_before(actor, month, now=now)
    return Response(html, media_type=MediaType.HTML, headers=LETTER_FRAME)


@post("/{month:str}/hold")
async def hold(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Shown:
    """Keep a month from leaving."""
    actions.may_send(actor)
    try:
        wanted = await read_form(request, Because)
        await actions.hold(actor, month, wanted.because, now=now)
    except BadInput as wrong:
        return await _steering(request, actor, month, now=now, form=again(wrong), status=422)
    return redirect(f"/summaries/{month}", say=_("Held. It leaves when you release it."),
                    undo=f"/summaries/{month}/release")


@post("/{month:str}/release")
async def release(actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Let a month leave at its time."""
    await actions.release(actor, month, now=now)
    return redirect(f"/summaries/{month}", say=_("Released."))


@post("/{month:str}/comment")
async def comment(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Shown:
    """Say something that stands on top."""
    if not can(actor, Act.COMMENT_SUMMARY):
        raise Forbidden(_("The head of service says something to a summary."))
    try:
        wanted = await read_form(request, Comment)
        kept = await actions.comment(actor, month, wanted.comment, now=now)
    except BadInput as wrong:
        return await _steering(request, actor, month, now=now, form=again(wrong), status=422)
    said = _("Kept. This is how it will stand on top.") if kept else _("Taken away.")
    return redirect(f"/summaries/{month}", say=said)


@get("/{month:str}/sending")
async def sending_page(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Shown:
    """Ask once more before a month leaves: that cannot be undone."""
    actions.may_send(actor)
    rules.may_change(await actions.stage_of(month, now=now))
    return show(request, "summaries/sending.html", month=month, title=words.month_words(month))


@post("/{month:str}/sending")
async def send_now(actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Let a month leave at once."""
    await actions.send_now(actor, month, now=now)
    return redirect(f"/summaries/{month}", say=_("It leaves within a minute."))


# --- one summary that was sent -------------------------------------------------------------------------------------


@get("/{month:str}/sent/{summary_id:uuid}")
async def sent_page(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], summary_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Show who got a summary, and what is otherwise now."""
    return await _sent(request, actor, month, summary_id, now=now)


async def _found(actor: Actor, month: str, summary_id: UUID) -> Frozen:
    actions.may_send(actor)
    sent = await queries.frozen_by_id(summary_id)
    if sent is None or sent.month != month:
        raise NotFound(_("There is no such summary."))
    return sent


async def _sent(
    request: Asked, actor: Actor, month: str, summary_id: UUID, *, now: datetime, form: Form | None = None,
    status: int = 200,
) -> Shown:  # fmt: skip
    sent = await _found(actor, month, summary_id)
    subject = _subject(sent)
    received = {one.person for one in await queries.receivers(sent.id)}
    wanted = request.query_params.get("changes") == "yes"
    changed = await actions.what_changed(actor, sent, subject, now=now) if wanted else []
    return show(
        request, "summaries/sent.html", status=status, month=month, title=words.month_words(month), sent=sent,
        name=words.subject_words(subject.cut, sent.name), form=form or blank(), wanted=wanted,
        changed=[words.restated(line) for line in changed], readers=await queries.readers(subject), received=received,
        page=actions.page_of(subject, month), zone=settings().zone,
    )  # fmt: skip


@post("/{month:str}/sent/{summary_id:uuid}/letters")
async def resend(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], summary_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Send it once more to one of its readers."""
    sent = await _found(actor, month, summary_id)
    wanted = await read_form(request, To)
    name = await actions.resend(actor, _subject(sent), month, wanted.person, now=now)
    return redirect(f"/summaries/{month}/sent/{summary_id}", say=_("Sent to %(name)s.", name=name))


@post("/{month:str}/sent/{summary_id:uuid}/corrections")
async def correct(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], summary_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Tell everybody who got it what is otherwise now."""
    sent = await _found(actor, month, summary_id)
    try:
        wanted = await read_form(request, Because)
        told = await actions.correct(actor, _subject(sent), month, wanted.because, now=now)
    except BadInput as wrong:
        return await _sent(request, actor, month, summary_id, now=now, form=again(wrong), status=422)
    return redirect(f"/summaries/{month}/sent/{summary_id}", say=_("The correction goes to %(n)s readers.", n=told))


ROUTES: list[Any] = [
    months_page, by_letter, steering_page, letter_preview, hold, release, comment, sending_page, send_now, sent_page,
    resend, correct,
]
