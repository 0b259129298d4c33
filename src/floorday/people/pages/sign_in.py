"""The door: an address, a code, and one is in."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from floorday.config import settings
from floorday.db.text import MailAddress
from floorday.errors import BadInput
from floorday.people import actions
from floorday.people.access import Actor
from floorday.people.pages.shared import Asked, Shown
from floorday.render.words import gettext as _
from floorday.web import LETTER_PAGE, actor_of, again, begin, blank, end, own_path, read_form, redirect, show
from floorday.web.networks import network_of

ANSWERS_AFTER = 0.15
"""Seconds until the answer, whoever asks: posting a letter takes less, and an unknown address gets none."""


class AddressForm(Struct, frozen=True):
    """Who wants in."""

    email: MailAddress
    next: str = "/"


class CodeForm(Struct, frozen=True):
    """The code that came by mail."""

    email: MailAddress
    code: str
    next: str = "/"


def _after(path: str) -> str:
    return path if own_path(path) and not path.startswith("/sign-in") else "/"


@get("/sign-in")
async def sign_in_page(request: Asked, next: FromQuery[str] = "/") -> Shown:
    """Ask for the address."""
    if actor_of(request) is not None:
        return redirect(_after(next))
    return show(request, "people/sign_in.html", form=blank(next=_after(next)), demo=settings().demo)


@post("/sign-in")
async def ask_code(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Send a code; the answer is the same whoever asks."""
    try:
        form = await read_form(request, AddressForm)
    except BadInput as wrong:
        return show(request, "people/sign_in.html", status=422, form=again(wrong), demo=settings().demo)
    begun = time.monotonic()
    try:
        await actions.ask_code(form.email, network=network_of(request), now=now)
    finally:
        await asyncio.sleep(max(0.0, begun + ANSWERS_AFTER - time.monotonic()))
    return show(request, "people/code.html", form=blank(email=form.email, next=_after(form.next)), demo=settings().demo)


@post("/sign-in/code")
async def sign_in(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Take the code."""
    try:
        form = await read_form(request, CodeForm)
        signed_in = await actions.sign_in(form.email, form.code, now=now, browser=_browser(request))
    except BadInput as wrong:
        typed = await request.form()
        values = {"email": typed.get("email", ""), "next": typed.get("next", "/")} | wrong.values
        wrong.values = {**values, "code": ""}
        return show(request, "people/code.html", status=422, form=again(wrong), demo=settings().demo)
    answer = redirect(_after(form.next))
    begin(answer, signed_in.token)
    return answer


def _browser(request: Asked) -> str:
    return request.headers.get("user-agent", "")[:200]


@get("/sign-in/link/{token:str}", opt={LETTER_PAGE: True})
async def link_page(request: Asked, token: FromPath[str]) -> Shown:
    """Show the button; mail scanners open links, so opening one does nothing."""
    return show(request, "people/link.html", token=token)


@post("/sign-in/link/{token:str}", opt={LETTER_PAGE: True})
async def sign_in_by_link(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Take the link, because somebody pressed the button."""
    signed_in = await actions.sign_in_by_link(token, now=now, browser=_browser(request))
    answer = redirect("/")
    begin(answer, signed_in.token)
    return answer


@post("/sign-out")
async def sign_out(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """End the session at hand; without one there is nothing to end."""
    actor = actor_of(request)
    if isinstance(actor, Actor):
        await actions.sign_out(actor, now=now)
    answer = redirect("/sign-in", say=_("You are signed out."))
    end(answer)
    return answer
