"""Notes for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.errors import NotFound
from floorday.issues import actions, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.api.shown import Note, show_note
from floorday.issues.queries import NoteRow
from floorday.issues.rules import Naming, Stream
from floorday.people.access import Actor
from floorday.render.words import gettext as _
from floorday.web.api import Nothing, Page, Paged, answer, keep_nothing, paged, read_json, read_query, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class NoteQuery(Paged, frozen=True, kw_only=True):
    """Which notes to list."""

    issue: UUID | None = None
    day: UUID | None = None
    team: UUID | None = None
    stream: Stream | None = None
    mine: bool = False
    withdrawn: bool = False


class MeToo(Struct, frozen=True, kw_only=True):
    """What somebody who meets it too says."""

    text: Said
    stream: Stream
    team: UUID | None = None
    naming: Naming = Naming.NAMED


class Correction(Struct, frozen=True):
    """An own note, said better."""

    text: Said


class Noted(Struct, frozen=True):
    """What became of a note. `follow_up` is an anonymous reporter's code, told this once.

    `masked` says what was masked before it was kept: card, account, mail or phone, in order. What is no customer's
    is sent in `spared`, as it stands in the text.
    """

    note: UUID
    issue: UUID | None
    follow_up: str | None
    masked: list[str] = []


def _note_id(row: NoteRow) -> UUID:
    return row.id


@get("/notes", opt=tells("issues", Page[Note], asks=NoteQuery))
async def list_notes(request: Asked, actor: NamedDependency[Actor]) -> Shown:
    """List the notes you may read."""
    asked = read_query(request, NoteQuery)
    rows = await queries.listed_notes(
        actor, after=asked.cursor.id() if asked.cursor else None, limit=asked.limit + 1, issue=asked.issue,
        day=asked.day, team=asked.team, stream=asked.stream, mine=asked.mine, withdrawn=asked.withdrawn,
    )  # fmt: skip
    return answer(paged(request, asked, rows, key=_note_id, show=show_note))


@get("/notes/{note_id:uuid}", opt=tells("issues", Note))
async def see_note(actor: NamedDependency[Actor], note_id: FromPath[UUID]) -> Shown:
    """Show a note."""
    return answer(show_note(await _seen_note(actor, note_id)))


async def _seen_note(actor: Actor, note_id: UUID) -> NoteRow:
    rows = await queries.listed_notes(actor, only=note_id)
    if not rows:
        raise NotFound(_("There is no such note."))
    return rows[0]


@post("/notes", opt=tells("issues", Noted, takes=NoteForm, status=201))
async def add_note(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Note what got in the way, or went well; it opens an issue, or adds itself to one."""
    return await _noted(request, actor, await read_json(request, NoteForm), now=now)


async def _noted(request: Asked, actor: Actor, form: NoteForm, *, now: datetime) -> Shown:
    if form.naming is Naming.ANONYMOUS:
        keep_nothing(request)
    noted = await actions.note(actor, form, now=now)
    told = Noted(noted.note, noted.issue, noted.follow_up, noted.masked)
    return answer(told, status=201, location=f"/notes/{noted.note}")


@post("/notes/{note_id:uuid}/correction", opt=tells("issues", Note, takes=Correction))
async def correct_note(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say an own note better; how it was said before stays in the history."""
    said = await read_json(request, Correction)
    await actions.correct_note(actor, note_id, said.text, now=now)
    return answer(show_note(await _seen_note(actor, note_id)))


@post("/notes/{note_id:uuid}/withdrawal", opt=tells("issues", Note, takes=Nothing))
async def withdraw_note(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take an own note back."""
    await read_json(request, Nothing)
    await actions.withdraw_note(actor, note_id, now=now)
    return answer(show_note(await _seen_note(actor, note_id)))


@post("/issues/{issue_id:uuid}/notes", opt=tells("issues", Noted, takes=MeToo, status=201))
async def meet_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Meet it too; on a closed issue that brings it back."""
    said = await read_json(request, MeToo)
    form = NoteForm(text=said.text, stream=said.stream, team=said.team, issue=issue_id, naming=said.naming)
    return await _noted(request, actor, form, now=now)


handlers = [list_notes, see_note, add_note, correct_note, withdraw_note, meet_issue]
