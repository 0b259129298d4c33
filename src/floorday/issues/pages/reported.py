"""Notes that name a colleague: said by whoever reads one, put right by a coordinator."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import Line, Title
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.issues import queries
from floorday.issues.actions import reporting
from floorday.issues.pages.notes import BackFields
from floorday.issues.queries import reported
from floorday.issues.queries.reported import NoteActRow, Reported
from floorday.people.access import Act, Actor, can
from floorday.render import refs, when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.web import own_path, read_form, redirect, show
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class ReportFields(BackFields, frozen=True):
    """A word beside "It names somebody", and where the button stood."""

    word: Line = Line("")


class AskFields(Struct, frozen=True):
    """What to say instead."""

    word: Line


class MaskFields(Struct, frozen=True):
    """Which words to mask: those that were ticked, and others, divided by commas."""

    words: list[Line] = []
    others: Line = Line("")


class RestrictionFields(Struct, frozen=True):
    """Whether it is restricted, and what its issue is called then."""

    restricted: bool = False
    title: Title = Title("")


class DismissalFields(Struct, frozen=True):
    """Why it stays as it is."""

    because: Line


class Nothing(Struct, frozen=True):
    """A form of one button."""


@post("/notes/{note_id:uuid}/reports")
async def report(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that a note names somebody."""
    wanted = await read_form(request, ReportFields)
    there = wanted.back if own_path(wanted.back) else "/issues"
    try:
        await reporting.report_note(actor, note_id, wanted.word, now=now)
    except Refused as refused:
        return redirect(there, say=refused.sentence)
    said = _("The coordinator looks at it. Nobody else learns that you said so.")
    return redirect(there, say=said, undo=f"/notes/{note_id}/reports/withdrawal")


@post("/notes/{note_id:uuid}/reports/withdrawal")
async def take_report_back(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take an own report back, as long as nothing was done about it."""
    back = (await read_form(request, BackFields)).back
    await reporting.take_report_back(actor, note_id, now=now)
    return redirect(back if own_path(back) else "/issues", say=_("Taken back."))


@get("/notes/reported")
async def reported_page(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the notes that were reported."""
    _coordinates(actor)
    return show(request, "notes/reported.html", rows=[_row(row, actor) for row in await reported.reported()])


def _coordinates(actor: Actor) -> None:
    if not can(actor, Act.KEEP_NOTES):
        raise Forbidden(_("The coordinator looks after notes that name somebody."))


def _row(row: Reported, actor: Actor) -> dict[str, Any]:
    status, tone = _("Settled"), "done"
    if row.open and row.corrected:
        status, tone = _("Said better since"), "you"
    elif row.open and row.asked:
        status, tone = _("Asked for better words"), "wait"
    elif row.open:
        status, tone = _("Look at it"), "you"
    return {
        "href": f"/notes/{row.note}/reported", "text": row.text, "status": status, "tone": tone, "team": row.team_name,
        "ref": refs.ref(row.number) if row.number else _("Good news"), "id": row.note,
        "reports": ngettext("reported once", "reported %(n)s times", row.reports),
        "when": when.moment(row.last_at, row.team_zone, actor.zone), "restricted": row.restricted,
    }  # fmt: skip


@get("/notes/{note_id:uuid}/reported")
async def note_page(request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID]) -> Shown:
    """Show a note that was reported, and what can be done."""
    return await _show(request, actor, note_id)


async def _show(
    request: Asked, actor: Actor, note_id: UUID, *, status: int = 200, form: Form | None = None, failed: str = "",
    refused: str = "",
) -> Shown:  # fmt: skip
    written = await reporting.reported_note(actor, note_id)
    rows = await queries.listed_notes(actor, only=note_id)
    if not rows:
        raise NotFound(_("There is no such note."))
    note, acts = rows[0], await reported.note_acts(note_id)
    said = await reported.reports(note_id)
    words = await reported.names_in(note.text, note.idea, note.fixed_like)
    standing = [act for act in acts if act.taken_back_at is None and act.what != "corrected"]
    return show(
        request, "notes/reported_one.html", status=status, note=note, form=form or Form({"words": words}),
        failed=failed, refused=refused, own=f"/notes/{note_id}", words=_words(note.text, note.idea, note.fixed_like),
        ref=refs.ref(note.issue_number) if note.issue_number else "", who=note.name or _("anonymous"),
        said_on=when.day(note.at, note.team_zone), gone=note.withdrawn_at is not None,
        may_ask=reported.may_be_asked(written.naming, written.reporter) and note.issue is not None,
        repeats=bool(note.issue), open=any(one.act is None for one in said), undo=_undo(standing),
        reports=[(one.by_name or _("Somebody who has left"), one.word, when.moment(one.at, note.team_zone, actor.zone))
                 for one in said],
        history=[_line(act, actor, note.team_zone) for act in acts],
        labels={"word": _("What should be said instead?"), "words": _("Words to mask"), "others": _("Other words"),
                "because": _("Why it stays"), "title": _("What the issue is called then")},
    )  # fmt: skip


def _words(*texts: str) -> list[tuple[str, str]]:
    """List the words to choose from, without what is masked already."""
    plain = (re.sub(r"\[[^\]]*\]", " ", text) for text in texts)
    said = (word.strip(".,;:!?\"'()“”„") for text in plain for word in text.split())
    return [(word, word) for word in dict.fromkeys(said) if word]


def _undo(standing: list[NoteActRow]) -> str:
    if not standing:
        return ""
    return {
        "masked": _("Put the masked words back"), "restricted": _("Let everybody read it again"),
        "issue restricted": _("Show everybody the issue again"), "dismissed": _("Open the report again"),
        "asked": _("Take the question back"),
    }.get(standing[-1].what, "")  # fmt: skip


def _line(act: NoteActRow, actor: Actor, zone: str) -> dict[str, Any]:
    said = {
        "masked": _("masked words; before it said"), "restricted": _("restricted the note"),
        "issue restricted": _("restricted the issue"), "dismissed": _("left it as it is, because"),
        "asked": _("asked for better words"), "corrected": _("said it better; before it said"),
    }.get(act.what, act.what)  # fmt: skip
    body = act.before if act.what in {"masked", "corrected"} else "" if act.what == "issue restricted" else act.text
    back = _("taken back") if act.taken_back_at is not None and act.what != "asked" else ""
    return {"who": act.by_name or _("floorday"), "text": said, "body": body, "at": when.machine(act.at),
            "when": when.moment(act.at, zone, actor.zone), "door": back, "tone": ""}  # fmt: skip


@post("/notes/{note_id:uuid}/correction-request")
async def ask(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Ask its reporter for better words."""

    async def act() -> str:
        wanted = await read_form(request, AskFields)
        await reporting.ask_correction(actor, note_id, wanted.word, now=now)
        return _("They are asked by a letter, and on the issue's page.")

    return await _done(request, actor, note_id, act, "word")


@post("/notes/{note_id:uuid}/masking")
async def mask(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Mask words."""

    async def act() -> str:
        wanted = await read_form(request, MaskFields)
        words = [*wanted.words, *(one.strip() for one in wanted.others.split(","))]
        await reporting.mask_words(actor, note_id, words, now=now)
        return _("Masked, wherever it stood. What was said before is on this page alone.")

    return await _done(request, actor, note_id, act, "words")


@post("/notes/{note_id:uuid}/restriction")
async def restrict(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Restrict a note, or let everybody read it again who could before."""

    async def act() -> str:
        wanted = await read_form(request, RestrictionFields)
        if not wanted.restricted:
            await reporting.open_note(actor, note_id, now=now)
            return _("Whoever sees the issue whole reads it again.")
        await reporting.restrict_note(actor, note_id, title=wanted.title, now=now)
        return _("Only its reporter and coordinators read it now.")

    return await _done(request, actor, note_id, act, "title")


@post("/notes/{note_id:uuid}/issue-restriction")
async def restrict_issue(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Restrict the issue of a note."""

    async def act() -> str:
        await read_form(request, Nothing)
        await reporting.restrict_issue_of(actor, note_id, now=now)
        return _("Only those who are in it see the issue now.")

    return await _done(request, actor, note_id, act, "issue")


@post("/notes/{note_id:uuid}/dismissal")
async def dismiss(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Leave a note as it is."""

    async def act() -> str:
        wanted = await read_form(request, DismissalFields)
        await reporting.dismiss_report(actor, note_id, wanted.because, now=now)
        return _("It stays as it is.")

    return await _done(request, actor, note_id, act, "because")


@post("/notes/{note_id:uuid}/reported/undo")
async def undo(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take back what was done last."""
    await read_form(request, BackFields)

    async def act() -> str:
        await reporting.undo_note_act(actor, note_id, now=now)
        return _("Taken back.")

    return await _done(request, actor, note_id, act, "", undo=False)


async def _done(
    request: Asked, actor: Actor, note_id: UUID, act: Callable[[], Awaitable[str]], failed: str, *, undo: bool = True
) -> Shown:
    page = f"/notes/{note_id}/reported"
    try:
        said = await act()
    except (BadInput, Refused) as wrong:
        sent = await request.form()
        values: dict[str, Any] = {name: value for name, value in sent.items() if isinstance(value, str)}
        values["words"] = [one for one in sent.getall("words", []) if isinstance(one, str)]
        fields = wrong.fields if isinstance(wrong, BadInput) else {}
        form = Form(values, {name: text for name, text in fields.items() if name != WHOLE})
        return await _show(request, actor, note_id, status=wrong.status, form=form, failed=failed,
                           refused="" if form.errors else wrong.sentence)
    return redirect(page, say=said, undo=f"{page}/undo" if undo else None)


handlers = [report, take_report_back, reported_page, note_page, ask, mask, restrict, restrict_issue, dismiss, undo]
