"""What an issue's page offers to take apart what was put together wrongly, and to ask those who raised it one thing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.issues import actions, rules
from floorday.issues.actions import Said
from floorday.issues.pages.issue.acts import done
from floorday.people.access import Actor
from floorday.render import refs
from floorday.render.words import gettext as _
from floorday.web import read_form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class AskFields(Struct, frozen=True):
    """A question to those who raised it; of a note, to who wrote that one alone."""

    ask_floor: Said
    note: UUID | None = None


class AnswerFields(Struct, frozen=True):
    """The answer of somebody who raised it, to the question that they have read."""

    answer: Said
    to: UUID | None = None


@post("/issues/{issue_id:uuid}/split")
async def split(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take it out of the one that it was joined into."""

    async def act() -> str:
        row = await actions.split(actor, issue_id, now=now)
        return _("%(ref)s is followed by itself again: %(standing)s. Those who raised it are told.",
                 ref=refs.ref(row.number), standing=rules.say(row.stage).lower())  # fmt: skip

    return await done(request, actor, issue_id, act, "split", now=now, undo=True)


@post("/issues/{issue_id:uuid}/notes/{note_id:uuid}/issue")
async def take_out(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], note_id: FromPath[UUID],
    now: NamedDependency[datetime],
) -> Shown:  # fmt: skip
    """Make an issue of its own of a note."""

    new = ""

    async def act() -> str:
        nonlocal new
        row = await actions.take_out(actor, note_id, now=now)
        new = f"/issues/{row.id}/undo"
        return _("The note is %(ref)s now, and whoever wrote it is told.", ref=refs.ref(row.number))

    return await done(request, actor, issue_id, act, f"of {note_id}", now=now, undo=lambda: new)


@post("/issues/{issue_id:uuid}/reporter-questions")
async def ask_floor(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Ask those who raised it one thing, or who wrote one of the notes."""
    step = "ask floor"

    async def act() -> str:
        nonlocal step
        form = await request.form()
        step = f"of {form['note']}" if form.get("note") else step
        wanted = await read_form(request, AskFields)
        await actions.question(actor, issue_id, wanted.ask_floor, now=now, note=wanted.note)
        return _("Asked. The answer comes to you by mail, and stands here.")

    return await done(request, actor, issue_id, act, lambda: step, now=now, undo=True)


@post("/issues/{issue_id:uuid}/reporter-questions/withdrawal")
async def withdraw_question(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take the question back."""

    async def act() -> str:
        await actions.withdraw_question(actor, issue_id, now=now)
        return _("The question is taken back. What was answered stays in the history.")

    return await done(request, actor, issue_id, act, "ask floor", now=now)


@post("/issues/{issue_id:uuid}/answers")
async def answer(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Answer what those who raised it are asked."""

    async def act() -> str:
        wanted = await read_form(request, AnswerFields)
        await actions.answer(actor, issue_id, wanted.answer, now=now, to=wanted.to)
        return _("Thank you. Your answer goes to whoever asked.")

    return await done(request, actor, issue_id, act, "answer", now=now)


handlers = [split, take_out, ask_floor, withdraw_question, answer]
