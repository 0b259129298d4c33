"""The doors of some slices as one application over the bound database, with a clock that can be set.

    site = Site(bookings.router)
    ben = await site.visitor(cast.ben)
    page = await ben.get("/shifts")
    await ben.post("/shifts/new", "/shifts", day="2026-12-01", ...)     # from which page, to where
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import httpx
from litestar.di import Provide

from floorday import config
from floorday.people import actions as people
from floorday.people.access import Actor
from floorday.web import Frame, app_parts
from floorday.web.application import Application

BASE = "http://127.0.0.1:8000"


def form_keys(page: str) -> dict[str, str]:
    """Take from a page what its forms send beside what is filled in: `csrf`, and `once` where a form has it."""
    return {name: found[1] for name in ("csrf", "once")
            if (found := re.search(rf'name="{name}" value="([^"]+)"', page))}  # fmt: skip


class Site:
    """An application of these routers; `clock` is what its handlers take for now."""

    def __init__(self, *routers: Any, clock: datetime | None = None) -> None:
        self.clock = clock or config.now()

        async def load(hashed: str, now: datetime) -> Actor | None:
            return await people.load_session(hashed, now=now)

        parts = app_parts(load=load, frame_of=lambda actor: Frame(name=actor.name), keys=people.FormKeys())
        self.app = Application(
            route_handlers=[*routers, *parts.route_handlers], middleware=list(parts.middleware),
            exception_handlers=parts.exception_handlers, before_send=list(parts.before_send),
            dependencies=parts.dependencies | {"now": Provide(lambda: self.clock, sync_to_thread=False)},
            openapi_config=None,
        )  # fmt: skip

    async def visitor(self, actor: Actor | None = None) -> Visitor:
        """Open a browser, signed in as somebody or nobody."""
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=BASE)
        if actor is not None:
            opened = await people.open_session(actor.person, now=config.now())
            client.cookies.set("floorday", opened.token)
        return Visitor(client)


class Visitor:
    """A browser that fills in forms: tokens are taken from the page, as a browser does."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def post(self, page: str, to: str, **fields: Any) -> httpx.Response:
        """Send a form that stands on a page."""
        seen = await self.client.get(page)
        return await self.client.post(to, data=form_keys(seen.text) | fields, headers={"origin": BASE})
