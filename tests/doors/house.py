"""The whole application over the bound database, and a way to see whether anything in it changed."""

from __future__ import annotations

import hashlib
import re
from uuid import uuid4

import httpx
from litestar import Litestar
from litestar.routes import HTTPRoute

from floorday import config
from floorday.db import run_sql
from floorday.people import actions as people
from floorday.people.access import Actor
from floorday.piccolo_app import APP_CONFIG
from tests.site import BASE, form_keys

MAY_MOVE = {"session", "form_key", "api_token", "idempotency_key", "device"}
"""When a session was last used, and which forms were posted, may change by looking and by failing."""


def routes(app: Litestar, method: str) -> list[str]:
    """List the paths that answer a browser's method, as `/people/{person_id}`; programs have tests of their own."""
    found = [route for route in app.routes if isinstance(route, HTTPRoute) and method in route.methods]
    return sorted(route.path_format for route in found if not route.path_format.startswith(("/static", "/api/")))


def filled(path: str, ids: dict[str, str]) -> str:
    """Put ids into a path: known ones by the parameter's name, else one that nobody has."""
    return re.sub(r"\{(\w+)\}", lambda found: ids.get(found[1], str(uuid4())), path)


async def contents() -> dict[str, str]:
    """Take a fingerprint of every table."""
    found: dict[str, str] = {}
    for table in APP_CONFIG.table_classes:
        name = table._meta.tablename
        if name not in MAY_MOVE:
            rows = await run_sql(f'SELECT * FROM "{name}"')
            found[name] = hashlib.sha256("\n".join(sorted(map(str, rows))).encode()).hexdigest()
    return found


class Caller:
    """A signed-in browser that can also misbehave."""

    def __init__(self, client: httpx.AsyncClient, csrf: str) -> None:
        self.client, self.csrf = client, csrf

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def post(self, path: str, content: bytes, content_type: str) -> httpx.Response:
        """Send any bytes, with a token that is right."""
        headers = {"origin": BASE, "content-type": content_type, "x-csrf-token": self.csrf}
        return await self.client.post(path, content=content, headers=headers)


async def caller(app: Litestar, actor: Actor | None) -> Caller:
    """Sign somebody in (or nobody) and fetch a form's token."""
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url=BASE)
    if actor is not None:
        opened = await people.open_session(actor.person, now=config.now())
        client.cookies.set("floorday", opened.token)
    page = await client.get("/settings" if actor is not None else "/sign-in")
    return Caller(client, form_keys(page.text)["csrf"])
