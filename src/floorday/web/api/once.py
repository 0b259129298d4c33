"""A request that a program sends twice acts once: the `Idempotency-Key` header.

The same key with the same request is answered as the first time, with another one it is refused. A request that was
refused gives its key back, so that it can be put right and sent again.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from typing import Any, Protocol, cast

from litestar import Request
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Message, Receive, Scope, Send
from msgspec import Struct

from floorday.config import now
from floorday.errors import BadInput, Refused
from floorday.render.words import gettext as _
from floorday.web.session import SAFE, actor_of, state_of

HEADER = "idempotency-key"
LONGEST = 200

log = logging.getLogger("floorday.web")


class Answered(Struct, frozen=True):
    """What was asked with a key (as a hash), and what it was answered; status 0 while it runs."""

    asked: str
    status: int
    location: str = ""
    body: str = ""


class Requests(Protocol):
    """Where keys are kept, for two days."""

    async def claim(self, key: str, asked: str, now: datetime) -> Answered | None:
        """Keep a key and return None; a key that is kept already returns what stands beside it."""
        ...

    async def settle(self, key: str, answered: Answered) -> None:
        """Keep what was answered."""
        ...

    async def blank(self, key: str, now: datetime) -> None:
        """Keep that it was done and nothing else."""
        ...

    async def forget(self, key: str) -> None:
        """Give a key back."""
        ...


def keep_nothing(request: Request[Any, Any, Any]) -> None:
    """Let nothing be kept of this request and its answer: they would tell who an anonymous reporter is."""
    state_of(request.scope)["keep_nothing"] = True


class Idempotent(ASGIMiddleware):
    """Let the first request of a key through and answer every other one as the first was."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, requests: Requests) -> None:
        self.requests = requests

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Claim, act, remember the answer."""
        given = Headers.from_scope(scope).get(HEADER)
        request: Request[Any, Any, Any] = Request(scope, receive)
        method = cast("HTTPScope", scope)["method"]
        if given is None or method in SAFE or not scope["path"].startswith("/api/") or actor_of(request) is None:
            await next_app(scope, receive, send)
            return
        if not 1 <= len(given) <= LONGEST:
            wrong = _("An Idempotency-Key has 1 to %(n)s characters.", n=LONGEST)
            raise BadInput(wrong, fields={"Idempotency-Key": wrong})
        key = _hash(str(state_of(scope)["session"]), given)
        query = scope["query_string"].decode("latin-1")
        asked = _hash(method, scope["path"], query, (await request.body()).hex())
        known = await self.requests.claim(key, asked, now())
        if known is None:
            await self._act(key, asked, scope, receive, send, next_app)
        else:
            await _again(known, asked, send)

    async def _act(
        self, key: str, asked: str, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        begun: list[HTTPResponseStartEvent] = []
        body = bytearray()

        async def keeping(message: Message) -> None:
            """Hold the answer back until it is kept, so that an answer lost on its way can be asked for again."""
            if message["type"] == "http.response.start":
                begun.append(message)
                return
            if message["type"] == "http.response.body" and begun:
                body.extend(message["body"])
                if message["more_body"]:
                    return
                await self._remember(key, asked, scope, begun[0], bytes(body))
                await send(begun[0])
                message["body"] = bytes(body)
            await send(message)

        try:
            await next_app(scope, receive, keeping)
        except Exception:
            await self.requests.forget(key)
            raise

    async def _remember(
        self, key: str, asked: str, scope: Scope, begun: HTTPResponseStartEvent, body: bytes
    ) -> None:
        try:
            if begun["status"] >= 400:
                await self.requests.forget(key)
            elif state_of(scope).get("keep_nothing"):
                await self.requests.blank(key, now())
            else:
                location = Headers(begun["headers"]).get("location", "")
                await self.requests.settle(key, Answered(asked, begun["status"], location, body.decode()))
        except Exception:  # the answer stands, whether or not it could be kept
            log.exception("The answer to a request with a key could not be kept.")


async def _again(known: Answered, asked: str, send: Send) -> None:
    if known.status and not known.asked:
        raise Refused(_("This was done already. Its answer was not kept, so that nobody can tell who sent it."))
    if known.asked != asked:
        wrong = _("This key was used for another request. Take a new one.")
        raise BadInput(wrong, fields={"Idempotency-Key": wrong})
    if not known.status:
        raise Refused(_("This request is still being worked on. Send it again in a moment."))
    body = known.body.encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
               (b"cache-control", b"private, no-cache"), (b"idempotency-replayed", b"true")]  # fmt: skip
    if known.location:
        headers.append((b"location", known.location.encode("latin-1")))
    await send({"type": "http.response.start", "status": known.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
