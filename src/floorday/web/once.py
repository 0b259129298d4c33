"""A form that is posted twice acts once.

Each form carries a one-time key. The first post claims it; a second one, from a double tap or the back button, is
sent where the first one went. A post that was refused gives its key back, so that it can be put right and sent again.
"""

# pyright: reportUnknownMemberType=false
# Litestar's to_asgi_response leaves its own parameters open.
from __future__ import annotations

import asyncio
import hashlib
import logging
from datetime import datetime
from typing import Any, Protocol, cast

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from floorday.config import now
from floorday.errors import Refused
from floorday.render.words import gettext as _
from floorday.web import secrets
from floorday.web.pages import redirect
from floorday.web.session import SAFE, SESSION, VISITOR

FIELD = "once"
TOKEN = "{token}"  # noqa: S105 - the place of one
PATIENCE = (0.1, 0.2, 0.4, 0.8, 1.5)

log = logging.getLogger("floorday.web")


class Keys(Protocol):
    """Where used keys are kept, for a day or so."""

    async def claim(self, key: str, now: datetime) -> str | None:
        """Keep a key and return None; a key that is kept already returns where its post went ("" while it runs)."""
        ...

    async def settle(self, key: str, went_to: str) -> None:
        """Keep where the post of this key went."""
        ...

    async def forget(self, key: str) -> None:
        """Give a key back: its post changed nothing."""
        ...


class Once(ASGIMiddleware):
    """Let the first post of a key through and answer every other one as the first was."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, keys: Keys) -> None:
        self.keys = keys

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Claim, act, remember where it went."""
        if cast("HTTPScope", scope)["method"] in SAFE or not (key := await _key(scope, receive)):
            await next_app(scope, receive, send)
            return
        went_to = await self._claim(key)
        if went_to is None:
            await self._act(key, scope, receive, send, next_app)
            return
        if not went_to:
            raise Refused(_("This was sent a moment ago. Look whether it has arrived before you send it again."))
        answer = redirect(_with_token(scope, went_to), say=_("Already done."))
        request: Request[Any, Any, Any] = Request(scope, receive)
        await answer.to_asgi_response(app=None, request=request)(scope, receive, send)

    async def _claim(self, key: str) -> str | None:
        went_to = await self.keys.claim(key, now())
        for pause in PATIENCE:
            if went_to != "":
                break
            await asyncio.sleep(pause)
            went_to = await self.keys.claim(key, now())
        return went_to

    async def _act(self, key: str, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        async def watching(message: Message) -> None:
            if message["type"] == "http.response.start":
                location = Headers(message["headers"]).get("location", "")
                await self._remember(scope, key, message["status"], location)
            await send(message)

        try:
            await next_app(scope, receive, watching)
        except BaseException:
            await self.keys.forget(key)
            raise

    async def _remember(self, scope: Scope, key: str, status: int, location: str) -> None:
        try:
            if status < 400:
                await self.keys.settle(key, _without_token(scope, location) or "/")
            else:
                await self.keys.forget(key)
        except Exception:  # the answer stands, whether or not its key could be noted
            log.exception("The key of a form could not be noted.")


def _without_token(scope: Scope, location: str) -> str:
    """Leave out the token of a letter's page: it is kept nowhere in clear."""
    token = str(scope["path_params"].get("token", ""))
    return location.replace(token, TOKEN) if token else location


def _with_token(scope: Scope, location: str) -> str:
    return location.replace(TOKEN, str(scope["path_params"].get("token", "")))


async def _key(scope: Scope, receive: Receive) -> str:
    """Bind the form's key to the browser, so that nobody can spend somebody else's."""
    request: Request[Any, Any, Any] = Request(scope, receive)
    given = (await request.form()).get(FIELD)
    if not isinstance(given, str) or not given:
        return ""
    connection: ASGIConnection[Any, Any, Any, Any] = request
    carried = [connection.cookies.get(secrets.cookie_name(name), "") for name in (SESSION, VISITOR)]
    return hashlib.sha256("|".join((*carried, given)).encode("utf-8", "replace")).hexdigest()
