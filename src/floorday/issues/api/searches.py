"""Searches that somebody has named, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from floorday.errors import Forbidden
from floorday.issues import actions, queries
from floorday.issues.actions import SearchForm
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _
from floorday.web.api import Nothing, answer, read_json, tells

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class NamedSearch(Struct, frozen=True):
    """A search under its name; `query` is the part of the page's address behind the question mark."""

    id: UUID
    name: str
    query: str


class NamedSearches(Struct, frozen=True):
    """Your searches, by name; nobody else sees them."""

    items: list[NamedSearch]


@get("/searches", opt=tells("issues", NamedSearches))
async def list_searches(actor: NamedDependency[Actor]) -> Shown:
    """List the searches you have named."""
    if not can(actor, Act.SEE_FACE):
        raise Forbidden(_("Issues are for those who work in the programme. Assistants see days and letters."))
    return answer(NamedSearches([NamedSearch(one.id, one.name, one.query) for one in await queries.searches(actor)]))


@post("/searches", opt=tells("issues", NamedSearch, takes=SearchForm, status=201))
async def save_search(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Keep a search under a name; the same name again keeps the newer one."""
    form = await read_json(request, SearchForm)
    return answer(NamedSearch(await actions.save_search(actor, form, now=now), form.name, form.query), status=201)


@post("/searches/{search_id:uuid}/deletion", opt=tells("issues", NamedSearch, takes=Nothing))
async def delete_search(request: Asked, actor: NamedDependency[Actor], search_id: FromPath[UUID]) -> Shown:
    """Forget an own search."""
    await read_json(request, Nothing)
    gone = await actions.delete_search(actor, search_id)
    return answer(NamedSearch(gone.id, gone.name, gone.query))


handlers = [list_searches, save_search, delete_search]
