"""The doors of some slices as one application over the bound database, with a clock that can be set.

    site = Site(bookings.router)
    ben = await site.visitor(cast.ben)
    page = await ben.get("/shifts")
    await ben.post("/shifts/new", "/shifts", day="2026-12-01", ...)     # from which page, to where
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any
from weakref import ref

import httpx
from litestar import Litestar
from litestar.di import Provide

from floorday import config
from floorday.app import create_app
from floorday.people import actions as people
from floorday.people.access import Actor
from floorday.web import Frame, app_parts
from floorday.web.application import Application

BASE = "http://127.0.0.1:8000"


def form_keys(page: str) -> dict[str, str]:
    """Take from a page what its forms send beside what is filled in: `csrf`, and `once` where a form has it."""
    return {name: found[1] for name in ("csrf", "once")
            if (found := re.search(rf'name="{name}" value="([^"]+)"', page))}  # fmt: skip


def _bare(actor: Actor) -> Frame:
    return Frame(name=actor.name)


class _Built:
    """An application that is lent to a Site at a time; a Site that still lives keeps its own."""

    def __init__(self, routers: tuple[Any, ...], frame_of: Callable[[Actor], Frame]) -> None:
        self.lent: Callable[[], Site | None] = lambda: None
        self.routers = routers  # they live as long as this: their ids are its key

        async def load(hashed: str, now: datetime) -> Actor | None:
            return await people.load_session(hashed, now=now)

        parts = app_parts(load=load, frame_of=frame_of, keys=people.FormKeys())
        self.app = Application(
            route_handlers=[*routers, *parts.route_handlers], middleware=list(parts.middleware),
            exception_handlers=parts.exception_handlers, before_send=list(parts.before_send),
            dependencies=parts.dependencies | {"now": Provide(self.clock, sync_to_thread=False)},
            openapi_config=None,
        )  # fmt: skip

    def clock(self) -> datetime:
        site = self.lent()
        assert site is not None, "Keep the Site as long as its application is asked."
        return site.clock


_built: dict[tuple[Any, ...], _Built] = {}


@cache
def _whole(_settings: config.Settings) -> Litestar:
    return create_app()


def whole_app() -> Litestar:
    """The whole application as these settings make it; built once, like those of a Site."""
    return _whole(config.settings())


class Site:
    """An application of these routers; `clock` is what its handlers take for now, `frame_of` what stands around pages.

    To build one takes longer than most tests do, so it is built once for the same routers and settings, and lent to one
    Site after the other: it keeps nothing of its own between two requests.
    """

    def __init__(
        self, *routers: Any, clock: datetime | None = None, frame_of: Callable[[Actor], Frame] = _bare
    ) -> None:
        self.clock = clock or config.now()
        key = (config.settings(), frame_of, *map(id, routers))
        built = _built.get(key)
        if built is None or built.lent() is not None:
            built = _built[key] = _Built(routers, frame_of)
        built.lent = ref(self)
        self.app = built.app

    async def visitor(self, actor: Actor | None = None) -> Visitor:
        """Open a browser, signed in as somebody or nobody."""
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=BASE)
        if actor is not None:
            opened = await people.open_session(actor.person, now=config.now())
            client.cookies.set("floorday", opened.token)
        return Visitor(client, self)


class Visitor:
    """A browser that fills in forms: tokens are taken from the page, as a browser does."""

    def __init__(self, client: httpx.AsyncClient, site: Site) -> None:
        self.client, self.site = client, site

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def post(self, page: str, to: str, **fields: Any) -> httpx.Response:
        """Send a form that stands on a page."""
        seen = await self.client.get(page)
        return await self.client.post(to, data=form_keys(seen.text) | fields, headers={"origin": BASE})
