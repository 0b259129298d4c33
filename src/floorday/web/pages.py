"""Showing a page and sending the browser on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from msgspec import Struct

from floorday.config import now
from floorday.render import pages
from floorday.web import secrets, sheets
from floorday.web.session import actor_of, form_token, state_of
from floorday.web.static import static

FLASH = "floorday-say"
FLASH_SECONDS = 60
FLASH_BYTES = 3000


class NavItem(Struct, frozen=True, cache_hash=True):
    """One place of the product; `tab` puts it on the phone's bar as well (up to five)."""

    label: str
    href: str
    icon: str
    count: int | None = None
    tab: bool = True


class Frame(Struct, frozen=True, cache_hash=True):
    """What stands around a page: the places of this reader, who they are, where their settings are."""

    nav: tuple[NavItem, ...] = ()
    name: str = ""
    title: str = ""
    settings: str = "/settings"

    def current(self, place: str) -> tuple[str, ...]:
        """Name the places that a path lies in."""
        return tuple(item.href for item in self.nav if place == item.href or place.startswith(f"{item.href}/"))


FrameOf = Callable[[Any], Frame]


class Flash(Struct, frozen=True):
    """A word that is said once, on the next page; `undo` is the path whose POST takes it back."""

    say: str
    undo: str = ""


def show(
    request: Request[Any, Any, Any],
    template: str,
    /,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    """Render a page for whoever is asking."""
    cookies: list[Cookie] = []

    @functools.cache
    def csrf() -> str:
        token, visitor = form_token(request)
        if visitor is not None:
            cookies.append(visitor)
        return token

    flash = _take_flash(request, cookies)
    html = pages.page(template, **_surroundings(request), csrf=csrf, once=secrets.fresh, flash=flash, **context)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers, cookies=cookies)


def redirect(path: str, *, say: str | None = None, undo: str | None = None) -> Response[None]:
    """Send the browser on after a POST (303), with a word for the next page and a way back."""
    if not own_path(path):
        raise ValueError(f"{path!r} is not a path of ours.")
    answer: Response[None] = Response(None, status_code=303, headers={"location": path}, media_type=MediaType.TEXT)
    if say:
        flash = Flash(say=say[: FLASH_BYTES // 8], undo=undo or "")
        sealed = secrets.seal("flash", msgspec.json.encode(flash))
        answer.set_cookie(secrets.cookie(FLASH, sealed, max_age=FLASH_SECONDS))
    return answer


def own_path(path: str) -> bool:
    """Say whether a path stays on this site, as the page after sign-in must."""
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        return False
    return not any(ord(sign) < 33 or ord(sign) == 127 or sign == "\\" for sign in path)


def _take_flash(request: Request[Any, Any, Any], cookies: list[Cookie]) -> Flash | None:
    sealed = request.cookies.get(secrets.cookie_name(FLASH))
    if not sealed:
        return None
    cookies.append(secrets.cookie(FLASH, "", max_age=0))
    try:
        said = secrets.unseal("flash", sealed)
        return msgspec.json.decode(said, type=Flash) if said is not None else None
    except ValueError:
        return None


def _surroundings(request: Request[Any, Any, Any]) -> dict[str, Any]:
    actor, moment = actor_of(request), now()
    frame_of: FrameOf | None = state_of(request.scope).get("frame_of")
    return {
        "actor": actor,
        "frame": frame_of(actor) if frame_of is not None and actor is not None else None,
        "path": request.scope["path"],
        "static": static,
        "now": moment,
        "moment_of": lambda: moment,
        "downloads": lambda: sheets.offers(request),
    }
