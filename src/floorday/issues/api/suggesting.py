"""What leads suggest to join, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import Line
from floorday.errors import Forbidden
from floorday.issues.actions import suggesting
from floorday.issues.api.shown import OpenedIssue
from floorday.issues.api.steps import after
from floorday.issues.queries import suggestions
from floorday.people.access import Actor
from floorday.render import refs
from floorday.render.words import gettext as _
from floorday.web.api import Nothing, answer, read_json, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class SuggestionForm(Struct, frozen=True):
    """The other issue, and a word for the coordinator."""

    other: UUID
    word: Line = Line("")


class AcceptanceForm(Struct, frozen=True):
    """Which of the two stays; without it the one with the lower number."""

    into: UUID | None = None


class RefusalForm(Struct, frozen=True):
    """Why they stay two."""

    because: Line


class JoinSuggestion(Struct, frozen=True):
    """A lead's word that two issues are the same; `outcome` is "" while it waits, then "joined" or "apart"."""

    id: UUID
    issue: UUID
    ref: str
    other: UUID
    other_ref: str
    team_name: str
    by_name: str | None
    at: datetime
    word: str
    outcome: str
    because: str
    settled_by_name: str | None
    settled_at: datetime | None


class JoinSuggestions(Struct, frozen=True):
    """What waits, the oldest first, then what was settled last."""

    items: list[JoinSuggestion]


def _shown(one: suggestions.Suggestion) -> JoinSuggestion:
    return JoinSuggestion(
        one.id, one.issue, refs.ref(one.number), one.other, refs.ref(one.other_number), one.team_name, one.by_name,
        one.at, one.word, one.outcome, one.because, one.settled_by_name, one.settled_at,
    )  # fmt: skip


async def _again(actor: Actor, id: UUID, *, status: int = 200) -> Shown:
    found = await suggestions.suggestion(actor, id)
    assert found is not None
    return answer(_shown(found), status=status)


@get("/suggestions", opt=tells("issues", JoinSuggestions))
async def list_suggestions(actor: NamedDependency[Actor]) -> Shown:
    """List what leads suggest to join: all of it to a coordinator, their own team's to a lead."""
    if not suggestions.reads(actor):
        raise Forbidden(_("Team leads suggest what to join, and the coordinator settles it."))
    found = [*await suggestions.waiting(actor), *await suggestions.settled(actor)]
    return answer(JoinSuggestions([_shown(one) for one in found]))


@post("/issues/{issue_id:uuid}/suggestions", opt=tells("issues", JoinSuggestion, takes=SuggestionForm, status=201))
async def suggest_joining(
    request: Asked, actor: NamedDependency[Actor], issue_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say, as the lead of the team of one of them, that two issues are the same."""
    wanted = await read_json(request, SuggestionForm)
    found = await suggesting.suggest(actor, issue_id, wanted.other, wanted.word, now=now)
    return await _again(actor, found.id, status=201)


@post("/suggestions/{suggestion_id:uuid}/acceptance", opt=tells("issues", OpenedIssue, takes=AcceptanceForm))
async def accept_suggestion(
    request: Asked, actor: NamedDependency[Actor], suggestion_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Join the two; the one that stays is answered."""
    wanted = await read_json(request, AcceptanceForm)
    row = await suggesting.accept_suggestion(actor, suggestion_id, into=wanted.into, now=now)
    return await after(actor, row.id)


@post("/suggestions/{suggestion_id:uuid}/refusal", opt=tells("issues", JoinSuggestion, takes=RefusalForm))
async def refuse_suggestion(
    request: Asked, actor: NamedDependency[Actor], suggestion_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Say why they stay two."""
    wanted = await read_json(request, RefusalForm)
    await suggesting.refuse_suggestion(actor, suggestion_id, wanted.because, now=now)
    return await _again(actor, suggestion_id)


@post("/suggestions/{suggestion_id:uuid}/withdrawal", opt=tells("issues", JoinSuggestion, takes=Nothing))
async def withdraw_suggestion(
    request: Asked, actor: NamedDependency[Actor], suggestion_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take an own suggestion back; it is answered as it was, and is no more."""
    await read_json(request, Nothing)
    return answer(_shown(await suggesting.take_suggestion_back(actor, suggestion_id, now=now)))


@post("/suggestions/{suggestion_id:uuid}/undo", opt=tells("issues", JoinSuggestion, takes=Nothing))
async def undo_suggestion(
    request: Asked, actor: NamedDependency[Actor], suggestion_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Shown:
    """Take back how it was settled, until its letters leave; it waits again."""
    await read_json(request, Nothing)
    await suggesting.undo_suggestion(actor, suggestion_id, now=now)
    return await _again(actor, suggestion_id)


handlers = [
    list_suggestions, suggest_joining, accept_suggestion, refuse_suggestion, withdraw_suggestion, undo_suggestion,
]  # fmt: skip
