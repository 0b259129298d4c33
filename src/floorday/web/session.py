"""Who is asking, and whether a form of ours sent it.

The cookie holds 256 random bits and the database their hash. An id that the database does not know is nobody's:
it is taken back, never adopted, and signing in always makes a new one (`begin`), so a planted cookie is worth nothing.

Every unsafe request with a cookie of ours needs a token bound to that cookie and must come from our own pages. Before
sign-in the token is bound to a cookie of its own. A bearer token takes no cookie, so nobody can ride on one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, FormMultiDict, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from floorday.config import now, settings
from floorday.errors import Forbidden, SignInNeeded
from floorday.render import words
from floorday.render.words import gettext as _
from floorday.web import body, secrets

SESSION = "floorday"
VISITOR = "floorday-form"
DESK = "floorday-desk"
"""What a computer carries that is a team's desk: nobody's session, and worth nothing on any page but the desk's."""

FIELD = "csrf"
HEADER = "x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

NO_TOKEN = "no_csrf"  # noqa: S105 - a name
"""`opt={NO_TOKEN: True}` on a handler that other programs post to without a cookie (one-click unsubscribe)."""

LETTER_PAGE = "letter_page"
"""`opt={LETTER_PAGE: True}` on pages reached through a letter's token: no referrer, no index."""

PUBLIC_PAGE = "public_page"
"""`opt={PUBLIC_PAGE: True}` on a page that is the same for everybody: whoever is signed in is nobody there."""

API = "/api/"
"""Under it cookies count for nothing: who acts there brings a token."""

Load = Callable[[str, datetime], Awaitable[Any | None]]


class Bearer(Protocol):
    """Who a token of the API stands for, and what it may be used for."""

    @property
    def actor(self) -> Any:
        """Who acts."""
        ...

    @property
    def scopes(self) -> frozenset[str]:
        """What the token may be used for."""
        ...


LoadBearer = Callable[[str, datetime], Awaitable[Bearer | None]]


def new_token() -> tuple[str, str]:
    """Make a session's secret and the hash to keep."""
    token = secrets.fresh()
    return token, digest(token)


def digest(token: str) -> str:
    """Hash a session's secret."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def begin(response: Response[Any], token: str) -> None:
    """Give the browser its new session; whatever it carried before is gone."""
    response.set_cookie(secrets.cookie(SESSION, token, max_age=settings().session_days * 86400))
    response.set_cookie(secrets.cookie(VISITOR, "", max_age=0))


def end(response: Response[Any]) -> None:
    """Take the session's cookie back."""
    response.set_cookie(secrets.cookie(SESSION, "", max_age=0))


def carry(response: Response[Any], name: str, value: str, *, seconds: int) -> None:
    """Give the browser a key of its own beside the session, for so many seconds."""
    response.set_cookie(secrets.cookie(name, value, max_age=seconds))


def carried(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> str:
    """Return a key that `carry` gave, or ""."""
    return connection.cookies.get(secrets.cookie_name(name), "")


def state_of(scope: Scope) -> dict[str, Any]:
    """Return what this request carries from one part of the web to the next."""
    return cast("dict[str, Any]", cast("Any", scope).setdefault("state", {}))


def actor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Any | None:
    """Return who is signed in, or nobody."""
    return state_of(connection.scope).get("actor")


def session_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """Return the hash of the session that is being used, to end or list it."""
    return state_of(connection.scope).get("session")


def form_token(connection: ASGIConnection[Any, Any, Any, Any]) -> tuple[str, Cookie | None]:
    """Return the token for a form, and the cookie to set where a visitor has none yet."""
    if bound := _binding(connection):
        return secrets.mac("form", bound), None
    state = state_of(connection.scope)
    visitor = str(state.setdefault("new_visitor", secrets.fresh()))
    return secrets.mac("form", visitor), secrets.cookie(VISITOR, visitor, max_age=None)


class Session(ASGIMiddleware):
    """Put the actor into the request's state and check what unsafe requests carry."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, load: Load, load_bearer: LoadBearer | None = None) -> None:
        self.load = load
        self.load_bearer = load_bearer

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Load, check, pass on."""
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope, receive, send)
        state = state_of(scope)
        state["actor"] = state["session"] = None
        state["letter_page"] = bool(connection.route_handler.opt.get(LETTER_PAGE))
        stale = False
        token = connection.cookies.get(secrets.cookie_name(SESSION), "")
        if connection.scope["path"].startswith(API):
            await self._bearer(connection, state)
        elif token and not bears_token(connection) and not connection.route_handler.opt.get(PUBLIC_PAGE):
            state["actor"] = await self.load(digest(token), now())
            stale = state["actor"] is None
            state["session"] = None if stale else digest(token)
        words.speak(getattr(state["actor"], "language", words.SOURCE_LANGUAGE))
        if cast("HTTPScope", scope)["method"] not in SAFE:
            if connection.scope["path"].startswith(API) and self.load_bearer and state["actor"] is None:
                raise SignInNeeded(_("Send a token: Authorization: Bearer fd_... You make one under Settings, Tokens."))
            await self._check(scope, receive, connection)
        await next_app(scope, receive, _taking_back(send) if stale else send)

    async def _bearer(self, connection: ASGIConnection[Any, Any, Any, Any], state: dict[str, Any]) -> None:
        """Take the token alone: no cookie, so nobody can ride on one."""
        if self.load_bearer is None or not bears_token(connection):
            return
        hashed = digest(connection.headers["authorization"][len("bearer ") :].strip())
        found = await self.load_bearer(hashed, now())
        if found is not None:
            state["actor"], state["session"], state["scopes"] = found.actor, hashed, found.scopes

    async def _check(self, scope: Scope, receive: Receive, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        request: Request[Any, Any, Any] = Request(scope, receive)
        form = await body.read(request)
        if connection.scope["path"].startswith(API):
            return
        if bears_token(connection) or connection.route_handler.opt.get(NO_TOKEN):
            return
        if not _from_our_pages(connection):
            raise Forbidden(_("This came from another site, so nothing was done. Please use the page itself."))
        _check_token(connection, form)


def bears_token(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Say whether the request brings an API token, and therefore no cookie counts."""
    return connection.headers.get("authorization", "").lower().startswith("bearer ")


def _check_token(connection: ASGIConnection[Any, Any, Any, Any], form: FormMultiDict) -> None:
    given = connection.headers.get(HEADER) or form.get(FIELD) or ""
    bound = _binding(connection)
    if not bound or not secrets.same(str(given), secrets.mac("form", bound)):
        raise Forbidden(
            _("This page was open for too long or in another session, so nothing was done. Go back, reload, try again.")
        )


def _binding(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    if actor_of(connection) is not None:
        return connection.cookies.get(secrets.cookie_name(SESSION), "")
    return connection.cookies.get(secrets.cookie_name(VISITOR), "")


def _from_our_pages(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    if origin is None:
        return True
    if origin == "null":
        # A page without referrer sends this instead of its origin (Fetch standard, "serialize a request origin").
        return site == "same-origin" or bool(state_of(connection.scope)["letter_page"])
    here = f"{connection.scope['scheme']}://{connection.headers.get('host', '')}".lower()
    return origin in {_origin(settings().base_url), here}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _taking_back(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            ours = f"{secrets.cookie_name(SESSION)}="
            if not any(value.startswith(ours) for value in headers.getall("set-cookie", [])):
                headers.add("set-cookie", secrets.cookie(SESSION, "", max_age=0).to_header(header=""))
        await send(message)

    return wrapped
