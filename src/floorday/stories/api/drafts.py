"""For programs: praise that came by mail and waits to be told as a story."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct, structs

from floorday.people.access import Actor
from floorday.stories import actions, queries
from floorday.stories.actions import Telling
from floorday.stories.api.shown import Story, show_story_row
from floorday.web.api import Nothing, answer, read_json, tells

Asked = Request[Any, Any, Any]
Answer = Response[bytes]


class Drafts(Struct, frozen=True):
    """What waits to be told by you or others of the team, oldest first."""

    items: list[Story]


class DraftForm(Telling, frozen=True, kw_only=True):
    """How it is told. `agreed`: a hero whom we know by name alone has said that it may be told in the company."""

    agreed: bool = False


@get("/stories/drafts", opt=tells("issues", Drafts))
async def list_drafts(actor: NamedDependency[Actor]) -> Answer:
    """List the praise that you may tell; nobody else is shown it."""
    return answer(Drafts([show_story_row(row) for row in await queries.drafts(actor)]))


@get("/stories/drafts/{draft_id:uuid}", opt=tells("issues", Story))
async def show_draft(actor: NamedDependency[Actor], draft_id: FromPath[UUID]) -> Answer:
    """Show praise that waits."""
    return answer(show_story_row(await queries.draft(actor, draft_id)))


@post("/stories/drafts/{draft_id:uuid}", opt=tells("issues", Story, takes=DraftForm))
async def tell_draft(
    request: Asked, actor: NamedDependency[Actor], draft_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Tell it as a story; the hero is asked where it may be told."""
    await queries.draft(actor, draft_id)
    said = await read_json(request, DraftForm)
    told = Telling(**{name: value for name, value in structs.asdict(said).items() if name != "agreed"})
    return answer(show_story_row(await actions.tell_draft(actor, draft_id, told, agreed=said.agreed, now=now)))


@post("/stories/drafts/{draft_id:uuid}/aside", opt=tells("issues", Story, takes=Nothing))
async def put_aside(
    request: Asked, actor: NamedDependency[Actor], draft_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Let it be no story."""
    await read_json(request, Nothing)
    row = await queries.draft(actor, draft_id)
    await actions.put_aside(actor, draft_id, now=now)
    return answer(show_story_row(row))


@post("/stories/drafts/{draft_id:uuid}/back", opt=tells("issues", Story, takes=Nothing))
async def take_up(request: Asked, actor: NamedDependency[Actor], draft_id: FromPath[UUID]) -> Answer:
    """Take up again what was put aside."""
    await read_json(request, Nothing)
    await actions.take_up(actor, draft_id)
    return answer(show_story_row(await queries.draft(actor, draft_id)))


handlers = [list_drafts, show_draft, tell_draft, put_aside, take_up]
