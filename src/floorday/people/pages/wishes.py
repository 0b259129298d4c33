"""How often letters come: in one's own settings, and behind the link that stands at the foot of a letter.

Opening that link changes nothing. A POST without a field is a mail program's one-click unsubscribe (RFC 8058): it stops
the kind of letters that its link names.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from floorday.errors import BadInput, NotFound
from floorday.mail import wishes
from floorday.mail.wishes import USUAL, Kind, Pace
from floorday.people import actions, queries
from floorday.people.access import Actor
from floorday.people.queries import Reader
from floorday.render.words import gettext as _
from floorday.web import LETTER_PAGE, NO_TOKEN, read_form, redirect, show
from floorday.web.forms import Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]


class WishFields(Struct, frozen=True):
    """How often each kind comes; nothing at all where a mail program unsubscribes."""

    news: Pace | None = None
    promises: Pace | None = None
    stories: Pace | None = None

    def wanted(self) -> dict[Kind, Pace]:
        """Give what was chosen, by kind."""
        said = {Kind.NEWS: self.news, Kind.PROMISES: self.promises, Kind.STORIES: self.stories}
        return {kind: how for kind, how in said.items() if how is not None}


def rows() -> list[dict[str, Any]]:
    """Give the kinds of letters as a form shows them, with what is chosen."""
    paces = {Kind.NEWS: tuple(Pace), Kind.PROMISES: (Pace.AT_ONCE, Pace.DAILY),
             Kind.STORIES: (Pace.AT_ONCE, Pace.NEVER)}  # fmt: skip
    return [
        {"name": kind.value, "label": wishes.say_kind(kind), "options": [(one.value, _said(kind, one)) for one in how]}
        for kind, how in paces.items()
    ]


def _said(kind: Kind, how: Pace) -> str:
    return _("Once a month") if (kind, how) == (Kind.STORIES, Pace.AT_ONCE) else wishes.say(how)


def stopped(kind: str) -> WishFields:
    """Give what one click wishes for that stops a kind of letters."""
    match kind:
        case Kind.PROMISES:
            return WishFields(promises=Pace.DAILY)
        case Kind.STORIES:
            return WishFields(stories=Pace.NEVER)
        case _:
            return WishFields(news=Pace.NEVER)


def chosen(said: dict[Kind, Pace]) -> Form:
    """Give a form filled with what somebody wishes."""
    return Form({kind.value: how.value for kind, how in said.items()})


@post("/settings/letters")
async def save_own(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """Save how often one's own letters come."""
    fields = await read_form(request, WishFields)
    if not fields.wanted():
        raise BadInput(_("Choose how often the letters come."), fields={"news": _("Choose how often they come.")})
    await actions.wish_letters(actor.person, fields.wanted(), now=now)
    return redirect("/settings", say=_("Saved. Letters come as you wish from now on."))


@get("/wishes/{token:str}", opt={LETTER_PAGE: True})
async def wishes_page(request: Asked, token: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Ask how often letters come."""
    return await _show(request, token, await _held(token, now=now))


@post("/wishes/{token:str}", opt={LETTER_PAGE: True, NO_TOKEN: True}, status_code=200)
async def save_wishes(
    request: Asked, token: FromPath[str], now: NamedDependency[datetime], kind: FromQuery[str] = ""
) -> Shown:
    """Save it, or stop one kind where a mail program asks for that with one click."""
    held = await _held(token, now=now)
    fields = await read_form(request, WishFields)
    if not fields.wanted():
        fields = stopped(kind)
    await actions.wish_letters(held.id, fields.wanted(), now=now)
    return await _show(request, token, held, saved=True)


async def _held(token: str, *, now: datetime) -> Reader:
    person = await wishes.holder(token, now=now)
    held = await queries.reader(person) if person else None
    if held is None:
        raise NotFound(_("This link does not open anything. Perhaps it was cut short; try the newest letter."))
    return held


async def _show(request: Asked, token: str, held: Reader, *, saved: bool = False) -> Shown:
    said = await wishes.wishes(held.id)
    return show(request, "people/wishes.html", token=token, reader=held.name, rows=rows(), form=chosen(said),
                saved=saved, usual=all(said[kind] is how for kind, how in USUAL.items()))  # fmt: skip


handlers = (save_own, wishes_page, save_wishes)
