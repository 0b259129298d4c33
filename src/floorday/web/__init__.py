"""The web without any noun: sessions, forms, errors, headers, and how a page is shown.

`app_parts` gives app.py everything at once; the rest is imported from here or from the module that does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.router import Router
from litestar.types import ASGIApp, BeforeMessageSendHookHandler, Receive, Scope, Send
from msgspec import Struct

from floorday import config
from floorday.errors import SignInNeeded
from floorday.render.words import gettext as _
from floorday.web import errors, static
from floorday.web.api.once import Idempotent, Requests
from floorday.web.forms import Form, again, blank, in_zone, read_form
from floorday.web.headers import LETTER_FRAME, Conditional, add_headers
from floorday.web.once import Keys, Once
from floorday.web.pages import Flash, Frame, FrameOf, NavItem, own_path, redirect, show
from floorday.web.session import (
    DESK,
    LETTER_PAGE,
    NO_TOKEN,
    PUBLIC_PAGE,
    Load,
    LoadBearer,
    Session,
    actor_of,
    begin,
    carried,
    carry,
    digest,
    end,
    new_token,
    session_of,
    state_of,
)

__all__ = [
    "DESK",
    "LETTER_FRAME",
    "LETTER_PAGE",
    "NO_TOKEN",
    "PUBLIC_PAGE",
    "Flash",
    "Form",
    "Frame",
    "Keys",
    "NavItem",
    "Parts",
    "actor_of",
    "again",
    "app_parts",
    "begin",
    "blank",
    "carried",
    "carry",
    "digest",
    "end",
    "in_zone",
    "new_token",
    "own_path",
    "read_form",
    "redirect",
    "session_of",
    "show",
]

BODY_LIMIT = 10_000_000


class Parts(Struct, frozen=True):
    """What app.py hands to Litestar."""

    middleware: Sequence[ASGIMiddleware]
    exception_handlers: dict[Any, Any]
    dependencies: dict[str, Provide]
    before_send: Sequence[BeforeMessageSendHookHandler]
    route_handlers: Sequence[Router]
    request_max_body_size: int = BODY_LIMIT


def app_parts(
    *,
    load: Load,
    frame_of: FrameOf,
    keys: Keys,
    load_bearer: LoadBearer | None = None,
    requests: Requests | None = None,
) -> Parts:
    """Wire the web: who a session or token belongs to, what stands around their pages, where used keys are kept."""
    middleware: list[ASGIMiddleware] = [
        _Surroundings(frame_of), Conditional(), Session(load, load_bearer), Once(keys),
    ]  # fmt: skip
    if requests is not None:
        middleware.append(Idempotent(requests))
    return Parts(
        middleware=middleware,
        exception_handlers=errors.handlers(),
        dependencies={
            "now": Provide(the_time, sync_to_thread=False),
            "actor": Provide(the_actor, sync_to_thread=False),
        },
        before_send=(add_headers,),
        route_handlers=(static.router(),),
    )


def the_time() -> datetime:
    """Look at the one clock."""
    return config.now()


def the_actor(request: Request[Any, Any, Any], now: NamedDependency[datetime]) -> Any:
    """Return who is signed in; nobody is sent to the door.

    After the time, which nearly every page asks for as well: what could be had side by side would take a task each.
    """
    del now
    actor = actor_of(request)
    if actor is None:
        raise SignInNeeded(_("Please sign in first."))
    return actor


class _Surroundings(ASGIMiddleware):
    scopes = (ScopeType.HTTP,)

    def __init__(self, frame_of: FrameOf) -> None:
        self.frame_of = frame_of

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:

        state_of(scope)["frame_of"] = self.frame_of
        await next_app(scope, receive, send)
