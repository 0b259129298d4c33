"""Notes that name a colleague, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import Line, Title
from floorday.errors import Forbidden, NotFound
from floorday.issues import queries
from floorday.issues.actions import reporting
from floorday.issues.api.shown import Note, show_note
from floorday.issues.queries import reported
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _
from floorday.web.api import Nothing, answer, read_json, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class ReportForm(Struct, frozen=True):
    """A word beside "it names somebody"."""

    word: Line = Line("")


class WordForm(Struct, frozen=True):
    """What to say instead."""

    word: Line


class MaskForm(Struct, frozen=True):
    """The words to mask, as they stand in the note."""

    words: list[Line]


class NoteRestriction(Struct, frozen=True):
    """Whether a note is restricted, and what its issue is called then where its title repeats the note."""

    restricted: bool
    title: Title = Title("")


class DismissalForm(Struct, frozen=True):
    """Why it stays as it is."""

    because: Line


class NoteReport(Struct, frozen=True):
    """Who said that a note names somebody. `settled` by what was done; null while it waits."""

    by_name: str | None
    at: datetime
    word: str
    settled: str | None


class NoteDeed(Struct, frozen=True):
    """What was done with a note; `before` is what its line said until then."""

    at: datetime
    by_name: str | None
    what: str
    text: str
    before: str
    taken_back: bool


class ReportedNote(Struct, frozen=True):
    """A note that was reported, by whom, and what was done."""

    note: Note
    waits: bool
    reports: list[NoteReport]
    done: list[NoteDeed]


class ReportedLine(Struct, frozen=True):
    """A note that was reported, as a list shows it."""

    note: UUID
    issue: UUID | None
    team_name: str
    text: str
    restricted: bool
    waits: bool
    reports: int
    last_at: datetime


class ReportedNotes(Struct, frozen=True):
    """The notes that were reported: those that wait first."""

    items: list[ReportedLine]


class Reported(Struct, frozen=True):
    """The report that was made."""

    report: UUID


class TakenBack(Struct, frozen=True):
    """The note of which a report was taken back."""

    note: UUID


def _coordinates(actor: Actor) -> None:
    if not can(actor, Act.KEEP_NOTES):
        raise Forbidden(_("The coordinator looks after notes that name somebody."))


async def _shown(actor: Actor, note_id: UUID) -> Shown:
    await reporting.reported_note(actor, note_id)
    rows = await queries.listed_notes(actor, only=note_id)
    if not rows:
        raise NotFound(_("There is no such note."))
    said, acts = await reported.reports(note_id), await reported.note_acts(note_id)
    return answer(ReportedNote(
        show_note(rows[0]), any(one.act is None for one in said),
        [NoteReport(one.by_name, one.at, one.word, one.act) for one in said],
        [NoteDeed(one.at, one.by_name, one.what, "" if one.what == "issue restricted" else one.text, one.before,
                  one.taken_back_at is not None) for one in acts],
    ))  # fmt: skip


@post("/notes/{note_id:uuid}/reports", opt=tells("issues", Reported, takes=ReportForm, status=201))
async def report_note(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say that a note names somebody; coordinators alone learn of it."""
    said = await read_json(request, ReportForm)
    return answer(Reported(await reporting.report_note(actor, note_id, said.word, now=now)), status=201)


@post("/notes/{note_id:uuid}/reports/withdrawal", opt=tells("issues", TakenBack, takes=Nothing))
async def take_report_back(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take an own report back, as long as nothing was done about it."""
    await read_json(request, Nothing)
    await reporting.take_report_back(actor, note_id, now=now)
    return answer(TakenBack(note_id))


@get("/notes/reported", opt=tells("issues", ReportedNotes))
async def list_reported(actor: NamedDependency[Actor]) -> Shown:
    """List the notes that were reported; for coordinators."""
    _coordinates(actor)
    return answer(ReportedNotes([
        ReportedLine(row.note, row.issue, row.team_name, row.text, row.restricted, row.open > 0, row.reports,
                     row.last_at) for row in await reported.reported()
    ]))  # fmt: skip


@get("/notes/{note_id:uuid}/reported", opt=tells("issues", ReportedNote))
async def see_reported(actor: NamedDependency[Actor], note_id: FromPath[UUID]) -> Shown:
    """Show a reported note, who said so and what was done; for coordinators."""
    return await _shown(actor, note_id)


@post("/notes/{note_id:uuid}/correction-request", opt=tells("issues", ReportedNote, takes=WordForm))
async def ask_correction(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Ask its reporter for better words."""
    said = await read_json(request, WordForm)
    await reporting.ask_correction(actor, note_id, said.word, now=now)
    return await _shown(actor, note_id)


@post("/notes/{note_id:uuid}/masking", opt=tells("issues", ReportedNote, takes=MaskForm))
async def mask_note(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Put "[a colleague]" for words of a note, wherever they stand; opens a restricted one."""
    said = await read_json(request, MaskForm)
    await reporting.mask_words(actor, note_id, said.words, now=now)
    return await _shown(actor, note_id)


@post("/notes/{note_id:uuid}/restriction", opt=tells("issues", ReportedNote, takes=NoteRestriction))
async def restrict_note(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Keep a note to its reporter and coordinators, or open it again."""
    said = await read_json(request, NoteRestriction)
    if said.restricted:
        await reporting.restrict_note(actor, note_id, title=said.title, now=now)
    else:
        await reporting.open_note(actor, note_id, now=now)
    return await _shown(actor, note_id)


@post("/notes/{note_id:uuid}/issue-restriction", opt=tells("issues", ReportedNote, takes=Nothing))
async def restrict_issue_of(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Restrict the issue that a reported note belongs to."""
    await read_json(request, Nothing)
    await reporting.restrict_issue_of(actor, note_id, now=now)
    return await _shown(actor, note_id)


@post("/notes/{note_id:uuid}/dismissal", opt=tells("issues", ReportedNote, takes=DismissalForm))
async def dismiss_report(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Leave a note as it is, and say why."""
    said = await read_json(request, DismissalForm)
    await reporting.dismiss_report(actor, note_id, said.because, now=now)
    return await _shown(actor, note_id)


@post("/notes/{note_id:uuid}/reported/undo", opt=tells("issues", ReportedNote, takes=Nothing))
async def undo_note_act(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take back what was done last with a reported note."""
    await read_json(request, Nothing)
    await reporting.undo_note_act(actor, note_id, now=now)
    return await _shown(actor, note_id)


handlers = [
    report_note, take_report_back, list_reported, see_reported, ask_correction, mask_note, restrict_note,
    restrict_issue_of, dismiss_report, undo_note_act,
]  # fmt: skip
