"""Headers of every answer, and 304 where the reader has the page already."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# MutableScopeHeaders inherits from an open MutableMapping.
from __future__ import annotations

from typing import cast

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from floorday.web import secrets
from floorday.web.session import state_of
from floorday.web.static import PATH as STATIC

POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"

LETTER_FRAME = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
    "x-frame-options": "SAMEORIGIN",
}
"""For the answer inside `<iframe class="letter">`: the letter's own style and nothing else, framed by us alone."""

ALWAYS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=()",
}

_ALWAYS = [(name.encode(), value.encode()) for name, value in ALWAYS.items()]
"""As they are sent: this runs for every answer."""

KEPT_FOR_A_YEAR = "public, max-age=31536000, immutable"


async def add_headers(message: Message, scope: Scope) -> None:
    """Add what every answer carries; what a handler has set stays."""
    if message["type"] != "http.response.start" or scope["type"] != "http":
        return
    headers = MutableScopeHeaders.from_message(message)
    state = state_of(scope)
    said = {name.lower() for name, _ in message["headers"]}
    headers.headers += [one for one in _ALWAYS if one[0] not in said]
    if secrets.https():
        headers.setdefault("strict-transport-security", "max-age=31536000")
    if state.get("letter_page"):
        headers["referrer-policy"] = "no-referrer"
        headers["x-robots-tag"] = "noindex, nofollow"
        headers["cache-control"] = "no-store"
    elif scope["path"].startswith(f"{STATIC}/") and message["status"] == 200:
        headers["cache-control"] = KEPT_FOR_A_YEAR if scope["query_string"].startswith(b"v=") else "no-cache"
    elif state.get("actor") is not None or headers.get("content-type", "").startswith("text/html"):
        headers.setdefault("cache-control", "no-store")


class Conditional(ASGIMiddleware):
    """Answer 304 where the answer's ETag is one the browser holds (RFC 9110 13.1.2)."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Compare and drop the body."""
        held = Headers.from_scope(scope).get("if-none-match")
        if cast("HTTPScope", scope)["method"] not in {"GET", "HEAD"} or not held:
            await next_app(scope, receive, send)
            return
        tags = {tag.strip().removeprefix("W/") for tag in held.split(",")}
        dropped = False

        async def wrapped(message: Message) -> None:
            nonlocal dropped
            if message["type"] == "http.response.start":
                tag: str = MutableScopeHeaders.from_message(message).get("etag", "").removeprefix("W/")
                if message["status"] == 200 and tag and (tag in tags or "*" in tags):
                    dropped = True
                    message["status"] = 304
                    message["headers"] = [
                        (name, value)
                        for name, value in message["headers"]
                        if name.lower() not in {b"content-length", b"content-type", b"content-encoding"}
                    ]
            elif dropped and message["type"] == "http.response.body":
                if message["more_body"]:
                    return
                message["body"] = b""
            await send(message)

        await next_app(scope, receive, wrapped)
