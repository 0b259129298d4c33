"""What a door of the API takes and gives, who may use it with which token, and how it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import msgspec
from litestar import Response, Router
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import HTTPScope
from msgspec import Struct

from floorday.db.text import enc_hook
from floorday.errors import Forbidden, SignInNeeded
from floorday.render.words import gettext as _
from floorday.web.session import actor_of, state_of

TOLD = "api"
PREFIX = "/api/v1"
JSON = "application/json"
MAIL = "message/rfc822"

AREAS = ("people", "bookings", "issues", "summaries", "letters", "inbox")
SCOPES = ("read", "write", *(f"{verb}:{area}" for area in AREAS for verb in ("read", "write") if (
    verb, area) != ("write", "summaries")))  # fmt: skip
"""`read` and `write` alone are for every area."""


class Told(Struct, frozen=True):
    """What a door takes and gives."""

    area: str
    gives: Any
    takes: Any = None
    asks: Any = None
    status: int = 200
    body: str = JSON
    patterns: dict[str, str] = {}
    makes: bool = False
    refuses: bool = False


def tells(
    area: str, gives: Any, *, takes: Any = None, asks: Any = None, status: int = 200, body: str = JSON,
    patterns: dict[str, str] | None = None, makes: bool = False, refuses: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Describe a handler: `@get("/teams", opt=tells("people", Page[Team], asks=TeamQuery))`.

    One that `makes` what is not there yet answers 201 then; a GET that `refuses` may be answered 409, as acts are.
    """
    return {TOLD: Told(area, gives, takes, asks, status, body, patterns or {}, makes, refuses)}


def api_router(handlers: Sequence[Any]) -> Router:
    """Put handlers under /api/v1; each is for whoever brings a token with the scope it needs."""
    return Router(path=PREFIX, route_handlers=list(handlers), guards=[in_scope])


async def in_scope(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let nobody in without a token, and no token further than its scopes."""
    if actor_of(connection) is None:
        raise SignInNeeded(_("Send a token: Authorization: Bearer fd_... You make one under Settings, Tokens."))
    told: Told = handler.opt[TOLD]
    verb = "read" if cast("HTTPScope", connection.scope)["method"] in {"GET", "HEAD"} else "write"
    scopes = state_of(connection.scope).get("scopes", frozenset[str]())
    if not {verb, f"{verb}:{told.area}"} & scopes:
        raise Forbidden(_("This token may not do that: it lacks %(scope)s."), scope=f"{verb}:{told.area}")


def answer(value: Any, *, status: int = 200, location: str = "") -> Response[bytes]:
    """Answer in JSON, with an ETag that holds as long as the same is answered."""
    return ready(msgspec.json.encode(value, enc_hook=enc_hook), status=status, location=location)


def ready(body: bytes, *, status: int = 200, location: str = "", tag: bytes = b"") -> Response[bytes]:
    """Answer with what is JSON already; `tag` stands for a long body, and differs whenever that does."""
    headers = {"cache-control": "private, no-cache", "vary": "Authorization"}
    if status == 200:
        headers["etag"] = f'"{hashlib.sha256(tag or body).hexdigest()[:32]}"'
    if location:
        headers["location"] = f"{PREFIX}{location}"
    return Response(body, status_code=status, media_type=JSON, headers=headers)


class Piece(NamedTuple):
    """A part of an answer as JSON, and what stands for it in the answer's ETag."""

    json: bytes
    digest: bytes


def piece(value: Any) -> Piece:
    """Make a part of an answer."""
    body = msgspec.json.encode(value, enc_hook=enc_hook)
    return Piece(body, hashlib.sha256(body).digest())
