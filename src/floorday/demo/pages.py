"""The demo's pages: everybody's mailbox, and signing in as anybody.

They are there only while the setting `demo` is on, and only for a browser on this machine that asks for it by a name of
this machine (a page elsewhere could point a name of its own here).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from floorday.config import settings
from floorday.db.text import Text
from floorday.demo import everybody as everybody_else
from floorday.demo import faces, mailbox
from floorday.demo.clients import PROPOSE, Answer, Client
from floorday.errors import BadInput, NotFound
from floorday.people import actions as people_actions
from floorday.people import queries as people
from floorday.render.words import gettext as _
from floorday.web import LETTER_FRAME, Form, actor_of, begin, blank, read_form, redirect, show

Asked = Request[Any, Any, Any]
Shown = Response[Any]

LOOKED_FOR = 80
"""So much of what is looked for is said again."""


def only_in_the_demo(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let nobody in but the demo's own browser."""
    client = connection.client.host if connection.client else ""
    if not (settings().demo and loopback(client) and loopback(urlsplit(str(connection.base_url)).hostname or "")):
        raise NotFound(_("There is no such page."))


def loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


# --- mailboxes -------------------------------------------------------------------------------------------------


class Comment(Text):
    """What somebody types beside an answer."""

    __slots__ = ()
    longest = 500
    multiline = True


class AnswerForm(Struct, frozen=True):
    """A press of Accept, Tentative or Decline in a calendar program."""

    answer: Answer
    client: Client
    comment: Comment = Comment("")


class ProposalForm(Struct, frozen=True):
    """Another time, as the calendar program shows it: by its owner's clock."""

    client: Client
    starts: datetime
    ends: datetime
    comment: Comment = Comment("")


@get("/mailbox")
async def mailboxes(request: Asked, q: FromQuery[str] = "") -> Shown:
    """Show whose mailboxes there are: where to begin, then everybody in groups, or those who are looked for."""
    groups = everybody_else.found(await everybody_else.groups(await mailbox.owners()), q)
    return show(request, "demo/mailboxes.html", faces=await faces.faces(), groups=groups, q=q.strip()[:LOOKED_FOR])


@get("/mailbox/{person:uuid}")
async def one_mailbox(request: Asked, person: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Show a person's letters."""
    owner = await mailbox.owner(person)
    lines = await mailbox.lines(person, now=now)
    leaving = any(one.leaves_in is not None for one in lines)
    return show(request, "demo/mailbox.html", owner=owner, lines=lines, leaving=leaving)


@get("/mailbox/letters/{letter:uuid}")
async def one_letter(request: Asked, letter: FromPath[UUID]) -> Shown:
    """Show a letter, what the calendar program made of it, and what was answered."""
    opened = await mailbox.opened(letter)
    return show(
        request, "demo/letter.html", letter=opened, raw=opened.raw.decode("utf-8", "replace"),
        waiting=any(not one.read for one in opened.posted), says={one.value: _said(one) for one in Answer},
        form=blank(client=await mailbox.usual(opened.person) if opened.event else ""), proposal=_proposal(opened),
        clients=[(one.value, one.value) for one in Client], proposers=[(one.value, one.value) for one in PROPOSE],
    )  # fmt: skip


def _proposal(opened: mailbox.Opened) -> Form:
    """Begin with the next day at the same hours, by the owner's clock."""
    if opened.event is None:
        return blank()
    card, there, later = opened.event.card, ZoneInfo(opened.person.zone), timedelta(days=1)
    starts, ends = (at.astimezone(there).replace(tzinfo=None) + later for at in (card.starts_at, card.ends_at))
    return blank(client=Client.GMAIL.value, starts=starts, ends=ends)


def _said(answer: Answer) -> str:
    return {Answer.ACCEPTED: _("Accept"), Answer.TENTATIVE: _("Tentative"), Answer.DECLINED: _("Decline")}[answer]


@get("/mailbox/letters/{letter:uuid}/html")
async def letter_html(letter: FromPath[UUID]) -> Response[str]:
    """Give the letter's own page for the frame, under a policy of its own."""
    opened = await mailbox.opened(letter)
    return Response(mailbox.in_a_frame(opened.html), media_type=MediaType.HTML, headers=LETTER_FRAME)


@post("/mailbox/letters/{letter:uuid}/answer")
async def answer(request: Asked, letter: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Post the answer of a calendar program."""
    form = await read_form(request, AnswerForm)
    read = await mailbox.answer(letter, form.answer, form.client, comment=form.comment, now=now)
    return _posted(letter, form.client, read=read)


@post("/mailbox/letters/{letter:uuid}/proposal")
async def propose(request: Asked, letter: FromPath[UUID], now: NamedDependency[datetime]) -> Shown:
    """Post another time, as a calendar program proposes it."""
    owner = (await mailbox.opened(letter)).person
    form = await read_form(request, ProposalForm, zone=owner.zone)
    read = await mailbox.propose(letter, form.starts, form.ends, form.client, comment=form.comment, now=now)
    return _posted(letter, form.client, read=read)


def _posted(letter: UUID, client: Client, *, read: bool) -> Shown:
    said = (
        _("Your answer was posted from %(program)s, and it has been read.", program=client.value) if read
        else _("Your answer was posted from %(program)s. It has not been read yet.", program=client.value)
    )  # fmt: skip
    return redirect(f"/mailbox/letters/{letter}", say=said)


# --- signing in as somebody ------------------------------------------------------------------------------------


class PersonForm(Struct, frozen=True):
    """Who to be."""

    person: UUID


@get("/demo")
async def everybody(request: Asked, q: FromQuery[str] = "") -> Shown:
    """Show who one can be, with what each sees and does: where to begin, the other roles, then everybody in groups."""
    inside = [one for one in await mailbox.owners() if not one.outside]
    shown = await faces.faces()
    return show(
        request, "demo/faces.html", faces=shown, started=sum(one.start for one in shown), q=q.strip()[:LOOKED_FOR],
        groups=everybody_else.found(await everybody_else.groups(inside), q))


@post("/demo")
async def be(request: Asked, now: NamedDependency[datetime]) -> Shown:
    """Sign in as somebody."""
    form = await read_form(request, PersonForm)
    card = await people.person(form.person)
    if card is None or card.left_at is not None:
        raise BadInput(_("Pick somebody who is here."), fields={"person": _("Pick somebody who is here.")})
    if (before := actor_of(request)) is not None:
        await people_actions.sign_out(before, now=now)
    browser = request.headers.get("user-agent", "")
    signed_in = await people_actions.open_session(card.id, now=now, browser=browser, demo=True)
    response = redirect("/", say=_("You are %(name)s now.", name=card.name))
    begin(response, signed_in.token)
    return response


router = Router(
    "/",
    route_handlers=[mailboxes, one_mailbox, one_letter, letter_html, answer, propose, everybody, be],
    guards=[only_in_the_demo],
    include_in_schema=False,
)
