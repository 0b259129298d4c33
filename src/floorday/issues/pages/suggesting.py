"""What leads suggest to join: said on an issue's page or in the queue, settled by a coordinator on one of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import Line
from floorday.errors import BadInput, Forbidden, Raced, Refused
from floorday.issues import queries, rules
from floorday.issues.actions import suggesting
from floorday.issues.pages.issue.page import show_issue
from floorday.issues.pages.notes import BackFields
from floorday.issues.pages.triage import numbered, suggestion_tabs
from floorday.issues.queries import IssueRow, suggestions
from floorday.issues.queries import triage as waiting
from floorday.issues.queries.suggestions import JOINED, Suggestion
from floorday.issues.rules import Turn
from floorday.people.access import Act, Actor, can
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import own_path, read_form, redirect, show
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]
HERE = "/triage/suggestions"


class SuggestFields(BackFields, frozen=True, kw_only=True):
    """The number of the other one, a word, and where the button stood."""

    same: str
    same_word: Line = Line("")


class AcceptFields(Struct, frozen=True):
    """Which of the two stays."""

    into: UUID | None = None


class RefuseFields(Struct, frozen=True):
    """Why they stay two."""

    because: Line = Line("")


@get(HERE)
async def suggestions_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Show what waits, and what was settled last."""
    return await _show(request, actor, now=now)


async def _show(
    request: Asked, actor: Actor, *, now: datetime, status: int = 200, form: Form | None = None, failed: str = "",
    refused: str = "",
) -> Shown:  # fmt: skip
    if not suggestions.reads(actor):
        raise Forbidden(_("Team leads suggest what to join, and the coordinator settles it."))
    settles = can(actor, Act.SETTLE_SUGGESTIONS)
    open_ones, settled = await suggestions.waiting(actor), await suggestions.settled(actor)
    both = {id for one in open_ones for id in (one.issue, one.other)}
    rows = {row.id: row for row in await waiting.several(actor, ids=sorted(both))}
    return show(
        request, "issues/suggestions.html", status=status, settles=settles, refused=refused, form=form or Form(),
        failed=failed, tabs=suggestion_tabs(await waiting.counts(actor), actor),
        waits=[card_of(one, rows, actor, now=now) for one in open_ones],
        settled=[_past(one) for one in settled], unsaid=_("They look alike, but are two things."),
    )  # fmt: skip


def card_of(one: Suggestion, rows: dict[UUID, IssueRow], actor: Actor, *, now: datetime) -> dict[str, Any]:
    """Say who suggests what, of which two, and what its reader may do about it."""
    sides = [_side(rows.get(id), number, now=now) for id, number in ((one.issue, one.number),
                                                                     (one.other, one.other_number))]  # fmt: skip
    settles, mine = can(actor, Act.SETTLE_SUGGESTIONS), one.by == actor.person
    open_sides = [side for side in sides if side["open"]]
    joins = settles and len(open_sides) == 2 and not one.one
    sides.sort(key=lambda side: side["number"])
    shut = settles and len(open_sides) < 2
    return {
        "id": one.id, "path": f"{HERE}/{one.id}", "sides": sides, "joins": joins, "settles": settles,
        "said": _("%(name)s (%(team)s) suggests it since %(day)s.", name=one.by_name or _("Somebody"),
                  team=one.team_name, day=when.day(one.at, one.team_zone)),
        "word": one.word, "takes_back": mine and not settles, "key": refs.ref(one.number),
        "about": _("%(ref)s and %(other)s", ref=sides[0]["ref"], other=sides[1]["ref"]),
        "closed": _("One of the two is closed, so they cannot be joined.") if shut else "",
    }  # fmt: skip


def _side(row: IssueRow | None, number: int, *, now: datetime) -> dict[str, Any]:
    if row is None:
        gone = _("Not shown to you any more")
        return {"id": "", "number": number, "ref": refs.ref(number), "title": gone, "href": "", "about": "",
                "open": False}  # fmt: skip
    days = max((now - row.raised_at).days, 0)
    said = [refs.ref(row.number), *([row.team_name] if row.whole and row.team_name else []),
            *([row.department_name] if row.department_name else []), rules.say(row.stage),
            _("raised today") if not days else _("raised %(days)s ago", days=when.days(days)),
            ngettext("met by %(n)s", "met by %(n)s", row.met_by)]  # fmt: skip
    return {"id": row.id, "number": row.number, "ref": refs.ref(row.number), "title": row.title,
            "href": f"/issues/{row.id}", "about": " · ".join(said), "open": row.turn is not Turn.CLOSED}  # fmt: skip


def _past(one: Suggestion) -> dict[str, Any]:
    ref, other, name = refs.ref(one.number), refs.ref(one.other_number), one.settled_by_name or _("Somebody")
    if one.outcome == JOINED:
        said = _("%(ref)s and %(other)s are one issue now: %(name)s joined them.", ref=ref, other=other, name=name)
    else:
        said = _("%(ref)s and %(other)s stay two: %(name)s says why.", ref=ref, other=other, name=name)
    about = _("%(name)s, %(day)s", name=one.by_name or _("Somebody"), day=when.day(one.at, one.team_zone))
    return {"said": said, "because": one.because, "href": f"/issues/{one.issue}", "about": about}


@post("/issues/{issue_id:uuid}/suggestions")
async def suggest(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that it is the same as another one."""
    try:
        row = await queries.issue(actor, issue_id)
        wanted = await read_form(request, SuggestFields)
        other = await _named(actor, wanted.same)
        one = await suggesting.suggest(actor, row.id, other.id, wanted.same_word, now=now)
    except (BadInput, Refused) as no:
        values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        fields = no.fields if isinstance(no, BadInput) else {}
        form = Form(values, {name: text for name, text in fields.items() if name != WHOLE})
        return await show_issue(request, actor, issue_id, now=now, status=no.status, form=form, failed="suggest",
                                refused="" if form.errors else fields.get(WHOLE, no.sentence))  # fmt: skip
    said = _("Suggested: %(ref)s and %(other)s are the same. You are told what becomes of it.",
             ref=refs.ref(one.number), other=refs.ref(one.other_number))  # fmt: skip
    back = wanted.back if own_path(wanted.back) else f"/issues/{issue_id}"
    return redirect(back, say=said, undo=f"{HERE}/{one.id}/withdrawal")


async def _named(actor: Actor, said: str) -> IssueRow:
    """Find the issue that is named by its number."""
    try:
        return await numbered(actor, said)
    except BadInput as no:
        raise BadInput(no.sentence, fields={"same": no.fields["into"]}) from None


@post(HERE + "/{suggestion_id:uuid}/acceptance")
async def accept(
    request: Asked, actor: NamedDependency[Actor], suggestion_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Join the two."""
    try:
        wanted = await read_form(request, AcceptFields)
        stays = await suggesting.accept_suggestion(actor, suggestion_id, into=wanted.into, now=now)
    except (BadInput, Refused, Raced) as no:
        return await _refused(request, actor, suggestion_id, no, now=now)
    said = _("Joined: it goes on as %(ref)s, and everybody who raised it is told.", ref=refs.ref(stays.number))
    return redirect(HERE, say=said, undo=f"{HERE}/{suggestion_id}/undo")


@post(HERE + "/{suggestion_id:uuid}/refusal")
async def refuse(
    request: Asked, actor: NamedDependency[Actor], suggestion_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that they stay two."""
    try:
        wanted = await read_form(request, RefuseFields)
        one = await suggesting.refuse_suggestion(actor, suggestion_id, wanted.because, now=now)
    except (BadInput, Refused, Raced) as no:
        return await _refused(request, actor, suggestion_id, no, now=now)
    said = _("%(ref)s and %(other)s stay two. %(name)s reads why.", ref=refs.ref(one.number),
             other=refs.ref(one.other_number), name=one.by_name or _("Whoever suggested it"))  # fmt: skip
    return redirect(HERE, say=said, undo=f"{HERE}/{suggestion_id}/undo")


@post(HERE + "/{suggestion_id:uuid}/withdrawal")
async def withdraw(
    request: Asked, actor: NamedDependency[Actor], suggestion_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take an own suggestion back."""
    try:
        one = await suggesting.take_suggestion_back(actor, suggestion_id, now=now)
    except (Refused, Raced) as no:
        return await _refused(request, actor, suggestion_id, no, now=now)
    said = _("Taken back: %(ref)s and %(other)s.", ref=refs.ref(one.number), other=refs.ref(one.other_number))
    return redirect(HERE, say=said)


@post(HERE + "/{suggestion_id:uuid}/undo")
async def undo(
    request: Asked, actor: NamedDependency[Actor], suggestion_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take back how it was settled."""
    try:
        await suggesting.undo_suggestion(actor, suggestion_id, now=now)
    except (Refused, Raced) as no:
        return await _refused(request, actor, suggestion_id, no, now=now)
    return redirect(HERE, say=_("Undone. No letter has left."))


async def _refused(
    request: Asked, actor: Actor, suggestion_id: UUID, no: BadInput | Refused | Raced, *, now: datetime
) -> Shown:
    """Show the list again with the reason, and what was typed."""
    values = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    fields = no.fields if isinstance(no, BadInput) else {}
    form = Form(values, {name: text for name, text in fields.items() if name != WHOLE})
    return await _show(request, actor, now=now, status=no.status, form=form, failed=str(suggestion_id),
                       refused="" if form.errors else fields.get(WHOLE, no.sentence))  # fmt: skip


handlers = [suggestions_page, suggest, accept, refuse, withdraw, undo]
