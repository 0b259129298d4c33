"""Who assists whom, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct, convert, to_builtins

from floorday.errors import NotFound
from floorday.people import actions, queries
from floorday.people.access import Actor
from floorday.people.queries import ListedPair
from floorday.render.words import gettext as _
from floorday.web.api import Nothing, Page, Paged, answer, paged, read_json, read_query, tells

Asked = Request[Any, Any, Any]
Answer = Response[bytes]


class Assistant(ListedPair, frozen=True, kw_only=True):
    """An assistant, and the manager for whom they answer and pick dates."""


class AssistantQuery(Paged, frozen=True, kw_only=True):
    """Whose assistants to list, or whose managers."""

    assistant: UUID | None = None
    manager: UUID | None = None


class AssistantFields(Struct, frozen=True):
    """Who is to answer for which manager."""

    assistant: UUID
    manager: UUID


def _id(row: ListedPair) -> UUID:
    return row.id


def _shown(row: ListedPair) -> Assistant:
    return convert(to_builtins(row), Assistant)


@get("/assistants", opt=tells("people", Page[Assistant], asks=AssistantQuery))
async def list_assistants(request: Asked, actor: NamedDependency[Actor]) -> Answer:
    """List who assists whom: everybody for those who keep people, else those that you are one of."""
    asked = read_query(request, AssistantQuery)
    rows = await queries.listed_pairs(
        actor, after=asked.cursor.id() if asked.cursor else None, limit=asked.limit + 1, assistant=asked.assistant,
        manager=asked.manager,
    )  # fmt: skip
    return answer(paged(request, asked, rows, key=_id, show=_shown))


@post("/assistants", opt=tells("people", Assistant, takes=AssistantFields, status=201))
async def add_assistant(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Answer:
    """Let somebody answer for a manager; who has no role yet becomes an assistant by it."""
    said = await read_json(request, AssistantFields)
    await actions.add_assistant(actor, said.assistant, said.manager, now=now)
    rows = await queries.listed_pairs(actor, assistant=said.assistant, manager=said.manager)
    return answer(_shown(rows[0]), status=201, location=f"/assistants/{rows[0].id}")


@get("/assistants/{pair_id:uuid}", opt=tells("people", Assistant))
async def show_assistant(actor: NamedDependency[Actor], pair_id: FromPath[UUID]) -> Answer:
    """Show who assists whom."""
    return answer(await _found(actor, pair_id))


async def _found(actor: Actor, pair_id: UUID) -> Assistant:
    rows = await queries.listed_pairs(actor, only=pair_id)
    if not rows:
        raise NotFound(_("They no longer assist this manager."))
    return _shown(rows[0])


@post("/assistants/{pair_id:uuid}/end", opt=tells("people", Assistant, takes=Nothing))
async def drop_assistant(
    request: Asked, actor: NamedDependency[Actor], pair_id: FromPath[UUID], now: NamedDependency[datetime]
) -> Answer:
    """End that somebody answers for a manager; their sessions and tokens end with it."""
    pair = await _found(actor, pair_id)
    await read_json(request, Nothing)
    await actions.drop_assistant(actor, pair_id, now=now)
    return answer(pair)


handlers = [list_assistants, add_assistant, show_assistant, drop_assistant]
