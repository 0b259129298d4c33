"""Programs take apart what was put together wrongly, and ask those who raised an issue one thing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.issues import actions
from floorday.issues.actions import Said
from floorday.issues.api.shown import OpenedIssue
from floorday.issues.api.steps import after
from floorday.people.access import Actor
from floorday.web.api import Nothing, read_json, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class AskFields(Struct, frozen=True):
    """One question: to all who raised it, to one of them whose name you see, or to who wrote a note."""

    text: Said
    reporter: UUID | None = None
    note: UUID | None = None


class AnswerFields(Struct, frozen=True):
    """The answer; `to` is the question that was read, so that a newer one is not answered by it."""

    text: Said
    to: UUID | None = None


@post("/issues/{issue_id:uuid}/split", opt=tells("issues", OpenedIssue, takes=Nothing))
async def split_issue(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take it out of the one that it was joined into; it stands where it stood before."""
    await read_json(request, Nothing)
    await actions.split(actor, issue_id, now=now)
    return await after(actor, issue_id)


@post("/notes/{note_id:uuid}/issue", opt=tells("issues", OpenedIssue, takes=Nothing))
async def take_note_out(
    request: Asked, actor: NamedDependency[Actor], note_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Make an issue of its own of a note that was wrongly added; the new one is answered."""
    await read_json(request, Nothing)
    return await after(actor, (await actions.take_out(actor, note_id, now=now)).id)


@post("/issues/{issue_id:uuid}/reporter-questions", opt=tells("issues", OpenedIssue, takes=AskFields))
async def ask_reporters(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Ask those who raised it, or one of them, one thing."""
    said = await read_json(request, AskFields)
    await actions.question(actor, issue_id, said.text, now=now, reporter=said.reporter, note=said.note)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/reporter-questions/withdrawal", opt=tells("issues", OpenedIssue, takes=Nothing))
async def withdraw_question(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the question back."""
    await read_json(request, Nothing)
    await actions.withdraw_question(actor, issue_id, now=now)
    return await after(actor, issue_id)


@post("/issues/{issue_id:uuid}/answers", opt=tells("issues", OpenedIssue, takes=AnswerFields))
async def answer_question(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Answer what those who raised it are asked."""
    said = await read_json(request, AnswerFields)
    await actions.answer(actor, issue_id, said.text, now=now, to=said.to)
    return await after(actor, issue_id)


handlers = [split_issue, take_note_out, ask_reporters, withdraw_question, answer_question]
