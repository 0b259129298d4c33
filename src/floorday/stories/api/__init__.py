"""Stories for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.db.text import AskedId, Prose
from floorday.people.access import Actor
from floorday.stories import actions, queries
from floorday.stories.actions import Moment, StoryForm, Telling
from floorday.stories.api import drafts, newsletters
from floorday.stories.api.shown import Story, show_story_row, shown
from floorday.stories.queries import StoryRow, Wanted
from floorday.web.api import (
    External,
    Page,
    Paged,
    answer,
    api_router,
    paged,
    read_json,
    read_query,
    tells,
)

Asked = Request[Any, Any, Any]
Answer = Response[bytes]


class Thanks(Struct, frozen=True, kw_only=True):
    """The words of a thank-you, which the hero gets as a letter; left out: they were thanked in person."""

    text: Prose = Prose("")


class StoryQuery(Paged, frozen=True, kw_only=True):
    """Which stories to list: happened at `since` or later, and before `until`."""

    team: UUID | None = None
    hero: UUID | None = None
    day: UUID | None = None
    thanked: bool | None = None
    external_id: AskedId | None = None
    picture: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None


def _id(row: StoryRow) -> UUID:
    return row.id


@get("/stories", opt=tells("issues", Page[Story], asks=StoryQuery))
async def list_stories(request: Asked, actor: NamedDependency[Actor]) -> Answer:
    """List the stories you may read."""
    asked = read_query(request, StoryQuery)
    rows = await queries.stories(actor, Wanted(
        after=asked.cursor.id() if asked.cursor else None, limit=asked.limit + 1, team=asked.team, hero=asked.hero,
        day=asked.day, thanked=asked.thanked, external_id=asked.external_id, picture=asked.picture, since=asked.since,
        until=asked.until,
    ))  # fmt: skip
    ideas = await queries.credited(rows)
    return answer(paged(request, asked, rows, key=_id, show=lambda row: show_story_row(row, ideas)))


@get("/stories/{story_id:uuid}", opt=tells("issues", Story))
async def show_story(actor: NamedDependency[Actor], story_id: FromPath[UUID]) -> Answer:
    """Show a story."""
    return answer(await shown(await queries.story(actor, story_id)))


@post("/stories", opt=tells("issues", Story, takes=StoryForm, status=201))
async def tell_story(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Answer:
    """Tell what somebody of a team did well."""
    row = await actions.tell(actor, await read_json(request, StoryForm), now=now)
    return answer(await shown(row), status=201, location=f"/stories/{row.id}")


@post("/stories/{story_id:uuid}", opt=tells("issues", Story, takes=Telling))
async def change_story(
    request: Asked, actor: NamedDependency[Actor], story_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Say a story anew."""
    await queries.story(actor, story_id)
    return answer(await shown(await actions.change(actor, story_id, await read_json(request, Telling), now=now)))


@post("/stories/{story_id:uuid}/thanks", opt=tells("issues", Story, takes=Thanks))
async def thank_hero(
    request: Asked, actor: NamedDependency[Actor], story_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """Thank the hero, or note that it has been done."""
    given = await read_json(request, Thanks)
    return answer(await shown(await actions.thank(actor, story_id, given.text, now=now)))


@post("/stories/{story_id:uuid}/external-id", opt=tells("issues", Story, takes=External))
async def match_story(request: Asked, actor: NamedDependency[Actor], story_id: FromPath[UUID]) -> Answer:
    """Say what your program calls a story."""
    said = await read_json(request, External)
    return answer(await shown(await actions.match(actor, story_id, said.external_id)))


router = api_router([
    list_stories, show_story, tell_story, change_story, thank_hero, match_story, *drafts.handlers,
    *newsletters.handlers,
])  # fmt: skip
