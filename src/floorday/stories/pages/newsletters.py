"""The stories of a month as pages: those that were sent, and where the coordinator puts them together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.params import FromPath
from msgspec import Struct, structs

from floorday.config import settings
from floorday.db.text import Prose
from floorday.errors import BadInput, NotFound, Refused
from floorday.people.access import Act, Actor, can
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext
from floorday.stories import rules
from floorday.stories.actions import newsletters
from floorday.stories.actions.newsletters import Choice
from floorday.stories.queries import newsletters as newsletter_queries
from floorday.stories.queries.newsletters import Letter, Tellable
from floorday.stories.rules import MOST_TOLD
from floorday.web import LETTER_FRAME, read_form, redirect, show
from floorday.web.forms import WHOLE, Form

Asked = Request[Any, Any, Any]
Shown = Response[Any]

OUT = "0"
"""What the place of a story says that is left out."""


class KeepingFields(Struct, frozen=True, kw_only=True):
    """The words on top; of each story offered (`story`) its `place`; whose `credit` is told by name."""

    opening: Prose = Prose("")
    story: list[UUID] = []
    place: list[int] = []
    credit: list[UUID] = []

    def choices(self) -> list[Choice]:
        """Give what was chosen, in the order of the places."""
        if len(self.story) != len(self.place):
            raise BadInput(_("Choose a place for each story."), fields={"story": _("Choose a place for each.")})
        return [Choice(story, place, story in self.credit)
                for story, place in zip(self.story, self.place, strict=True) if place > 0]  # fmt: skip


class SendingFields(Struct, frozen=True):
    """That somebody read it as it will leave."""

    read: bool = False


def words(month: str) -> str:
    """Say a month: November 2026."""
    return when.month(date.fromisoformat(f"{month}-15"))


def _card(one: Tellable) -> dict[str, Any]:
    return {"id": one.id, "hero": one.hero, "team": one.team, "text": one.text, "words": one.customer_words,
            "customer": one.customer, "credit": newsletters.credit(one)}  # fmt: skip


@get("/stories/newsletters")
async def newsletters_page(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Shown:
    """List the newsletters that were sent; the coordinator's own, also those to put together."""
    newsletters.reads(actor)
    sent = await newsletter_queries.newsletters()
    keeps, here = can(actor, Act.KEEP_NEWSLETTER), f"{now.astimezone(ZoneInfo(settings().zone)):%Y-%m}"
    gone = {one.month for one in sent}
    waiting = [month for month in (here, rules.before(here)) if month not in gone] if keeps else []
    return show(
        request, "stories/newsletters.html", keeps=keeps,
        sent=[(one.month, words(one.month), when.day(one.sent_at, actor.zone)) for one in sent if one.sent_at],
        waiting=[(month, words(month)) for month in waiting],
    )  # fmt: skip


@get("/stories/newsletters/{month:str}")
async def newsletter_page(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Shown:
    """Show the stories of a month that were sent; the coordinator may look before."""
    newsletters.reads(actor)
    newsletters.month_at(month, now=now)
    found = await newsletter_queries.newsletter(month)
    keeps = can(actor, Act.KEEP_NEWSLETTER)
    if found is None or (found.sent_at is None and not keeps):
        raise NotFound(_("The stories of this month have not been sent."))
    return show(
        request, "stories/newsletter.html", month=month, title=words(month), letter=found, keeps=keeps,
        cards=[_card(one) for one in await newsletter_queries.told(month)],
        sent=when.day(found.sent_at, actor.zone) if found.sent_at else "",
    )  # fmt: skip


@get("/stories/newsletters/{month:str}/edit")
async def keeping_page(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Shown:
    """Let the coordinator choose stories, order them, and write a line on top."""
    return await _keeping(request, actor, month, now=now)


async def _keeping(
    request: Asked, actor: Actor, month: str, *, now: datetime, status: int = 200, form: Form | None = None
) -> Shown:
    newsletters.keeps(actor)
    months = newsletters.month_at(month, now=now)
    found = await newsletter_queries.newsletter(month)
    offered = await newsletter_queries.offered(months)
    places = _places(form, offered)
    return show(
        request, "stories/newsletter_edit.html", status=status, month=month, title=words(month), letter=found,
        form=Form({"opening": found.opening if found else "", **(form.values if form else {})},
                  form.errors if form else {}),
        rows=[_offer(one, places.get(one.id, one.place), months.begins, actor) for one in offered],
        places=[(OUT, _("Leave out"))] + [(str(n), str(n)) for n in range(1, min(len(offered), MOST_TOLD) + 1)],
        labels={"opening": _("A line on top"), "story": _("The stories"), "read": _("Read")},
        sent=_sent(found, actor), readers=len(await newsletter_queries.receivers()) if found else 0,
        chosen=any(one.place for one in offered), headers={"cache-control": "no-store"},
    )  # fmt: skip


def _sent(found: Letter | None, actor: Actor) -> str:
    if found is None or found.sent_at is None:
        return ""
    return _("Sent on %(day)s by %(name)s.", day=when.day(found.sent_at, actor.zone), name=found.sent_by_name or "")


def _places(form: Form | None, offered: Sequence[Tellable]) -> dict[UUID, int | None]:
    """Give the places that were typed, where a form comes back."""
    if form is None or not form.values.get("story"):
        return {}
    pairs = dict(zip(form.values.get("story", []), form.values.get("place", []), strict=False))
    return {one.id: int(pairs[str(one.id)]) if pairs.get(str(one.id), "").isdecimal() else None for one in offered}


def _offer(one: Tellable, place: int | None, begins: datetime, actor: Actor) -> dict[str, Any]:
    full = newsletters.credit(structs.replace(one, credit=True))
    names = bool(one.fixer or one.idea or one.fixed_by)
    return _card(one) | {"place": str(place or 0), "credited": one.credit, "names": names, "full": full,
                         "day": when.day(one.at, actor.zone), "late": one.at < begins}  # fmt: skip


@post("/stories/newsletters/{month:str}")
async def keep(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Shown:
    """Keep what was chosen."""
    try:
        wanted = await read_form(request, KeepingFields)
        await newsletters.keep(actor, month, wanted.opening, wanted.choices(), now=now)
    except (BadInput, Refused) as wrong:
        return await _again(request, actor, month, wrong, now=now)
    return redirect(f"/stories/newsletters/{month}/edit", say=_("Kept. Nothing has left yet."))


@get("/stories/newsletters/{month:str}/letter")
async def letter(actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Give the letter as it would leave now, for the frame."""
    html = await newsletters.shown(actor, month, now=now)
    return Response(html, media_type=MediaType.HTML, headers=LETTER_FRAME | {"cache-control": "no-store"})


@post("/stories/newsletters/{month:str}/sending")
async def send(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Shown:
    """Send it, once."""
    try:
        wanted = await read_form(request, SendingFields)
        count = await newsletters.send(actor, month, read=wanted.read, now=now)
    except (BadInput, Refused) as wrong:
        return await _again(request, actor, month, wrong, now=now)
    said = ngettext("It leaves to one reader.", "It leaves to %(n)s readers.", count)
    return redirect(f"/stories/newsletters/{month}", say=said, undo=f"/stories/newsletters/{month}/undo")


@post("/stories/newsletters/{month:str}/undo")
async def undo(actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]) -> Shown:
    """Keep the letters here, as long as none has left."""
    await newsletters.undo(actor, month, now=now)
    return redirect(f"/stories/newsletters/{month}/edit", say=_("Taken back. Nothing has left."))


async def _again(
    request: Asked, actor: Actor, month: str, wrong: BadInput | Refused, *, now: datetime
) -> Shown:
    sent = await request.form()
    values: dict[str, Any] = {"opening": one} if isinstance(one := sent.get("opening"), str) else {}
    for name in ("story", "place"):
        values |= {name: [one for one in sent.getall(name, []) if isinstance(one, str)]}
    fields = wrong.fields if isinstance(wrong, BadInput) else {}
    form = Form(values, fields or {WHOLE: wrong.sentence})
    return await _keeping(request, actor, month, now=now, status=wrong.status, form=form)


handlers: list[Any] = [newsletters_page, newsletter_page, keeping_page, keep, letter, send, undo]
