"""Programs at the API: the whole application over the bound database, and one with a token."""

from __future__ import annotations

from typing import Any

import httpx
from litestar import Litestar

from floorday import config
from floorday.db.text import Title
from floorday.people import actions as people
from floorday.people.access import Actor
from floorday.people.actions import TokenForm
from tests.site import whole_app

BASE = "http://127.0.0.1:8000"


class Program:
    """Something that asks with a token (or without one)."""

    def __init__(self, app: Litestar, token: str = "") -> None:
        self.token = token
        headers = {"authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url=f"{BASE}/api/v1", headers=headers)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path.removeprefix("/api/v1"), headers=headers)

    async def post(self, path: str, headers: dict[str, str] | None = None, /, **fields: Any) -> httpx.Response:
        return await self.client.post(path, json=fields, headers=headers)

    async def every(self, path: str) -> list[dict[str, Any]]:
        """Read a list to its end."""
        found: list[dict[str, Any]] = []
        following: str | None = path
        while following:
            page = (await self.get(following)).json()
            found += page["items"]
            following = page["next"]
        return found


async def program(actor: Actor, *scopes: str, app: Litestar | None = None) -> Program:
    """Make a token for somebody and a program that has it."""
    form = TokenForm(Title("a test"), list(scopes or ("read", "write")), 30)
    made = await people.create_token(actor, form, now=config.now())
    return Program(app or whole_app(), made.secret)
