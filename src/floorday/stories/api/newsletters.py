"""The stories of a month for programs: what may be told, what was put together, keeping, sending and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct, structs

from floorday.errors import NotFound
from floorday.mail.outbox import undo_lasts
from floorday.people.access import Act, Actor, can
from floorday.render.words import gettext as _
from floorday.stories.actions import newsletters
from floorday.stories.actions.newsletters import NewsletterForm
from floorday.stories.queries import newsletters as newsletter_queries
from floorday.stories.queries.newsletters import Letter, Tellable
from floorday.web.api import Cursor, Nothing, Page, Paged, answer, paged, read_json, read_query, tells

Asked = Request[Any, Any, Any]
Answer = Response[bytes]
MONTH = {"month": "^[0-9]{4}-(0[1-9]|1[0-2])$"}


class NewsletterMonth(Struct, frozen=True, kw_only=True):
    """A month's newsletter; `sent_at` is null as long as it is only put together."""

    month: str
    opening: str
    kept_by_name: str | None
    kept_at: datetime
    sent_by_name: str | None
    sent_at: datetime | None


class ToldStory(Struct, frozen=True, kw_only=True):
    """A story that its hero lets the whole company read; `credit` says who fixed it and whose idea it was."""

    story: UUID
    hero_name: str
    team_name: str
    text: str
    customer_words: str
    customer: str
    at: datetime
    credit: str


class Newsletter(NewsletterMonth, frozen=True, kw_only=True):
    """A month's newsletter with its stories in their order, as far as their heroes still let them be told."""

    stories: list[ToldStory]


class OfferedStory(ToldStory, frozen=True, kw_only=True):
    """A story that may be told. `full_credit` would be said if those who are named in it agree to that."""

    chosen: bool
    full_credit: str


class NewsletterChoices(Struct, frozen=True, kw_only=True):
    """What may be told in a month: its stories, and those of the month before that stand in no newsletter."""

    items: list[OfferedStory]
    readers: int


class NewsletterSendingForm(Struct, frozen=True, kw_only=True):
    """That somebody read it as it will leave; it is not sent without."""

    read: bool = False


class NewsletterSending(Struct, frozen=True, kw_only=True):
    """To how many readers it leaves, and until when it can be taken back."""

    month: str
    readers: int
    undo_until: datetime


def _month(found: Letter) -> NewsletterMonth:
    return NewsletterMonth(**{name: getattr(found, name) for name in NewsletterMonth.__struct_fields__})


def _told(one: Tellable) -> dict[str, Any]:
    credit = newsletters.credit(one)
    return {"story": one.id, "hero_name": one.hero, "team_name": one.team, "text": one.text, "at": one.at,
            "customer_words": one.customer_words, "customer": one.customer, "credit": credit}  # fmt: skip


def _whole(found: Letter, told: Sequence[Tellable]) -> Newsletter:
    return Newsletter(**structs.asdict(_month(found)), stories=[ToldStory(**_told(one)) for one in told])


async def _shown(actor: Actor, month: str, *, now: datetime) -> Newsletter:
    newsletters.reads(actor)
    newsletters.month_at(month, now=now)
    found = await newsletter_queries.newsletter(month)
    if found is None or (found.sent_at is None and not can(actor, Act.KEEP_NEWSLETTER)):
        raise NotFound(_("The stories of this month have not been sent."))
    return _whole(found, await newsletter_queries.told(month))


def _key(found: Letter) -> int:
    return int(found.month.replace("-", ""))


def _before(cursor: Cursor | None) -> str:
    return "" if cursor is None else f"{cursor.number() // 100:04d}-{cursor.number() % 100:02d}"


@get("/stories/newsletters", opt=tells("issues", Page[NewsletterMonth], asks=Paged))
async def list_newsletters(request: Asked, actor: NamedDependency[Actor]) -> Answer:
    """List the newsletters that were sent, newest first; whoever keeps them sees what is put together, too."""
    newsletters.reads(actor)
    asked = read_query(request, Paged)
    rows = await newsletter_queries.newsletters(
        before=_before(asked.cursor), limit=asked.limit + 1,
        kept=can(actor, Act.KEEP_NEWSLETTER))  # fmt: skip
    return answer(paged(request, asked, rows, key=_key, show=_month))


@get("/stories/newsletters/{month:str}", opt=tells("issues", Newsletter, patterns=MONTH))
async def show_newsletter(
    actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Answer:
    """Show a month's newsletter."""
    return answer(await _shown(actor, month, now=now))


@get("/stories/newsletters/{month:str}/choices", opt=tells("issues", NewsletterChoices, patterns=MONTH))
async def list_choices(actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]) -> Answer:
    """List the stories that may be told in a month's newsletter, and count who would get it."""
    newsletters.keeps(actor)
    offered = await newsletter_queries.offered(newsletters.month_at(month, now=now))
    return answer(NewsletterChoices(items=[OfferedStory(
        **_told(one), chosen=one.place is not None,
        full_credit=newsletters.credit(structs.replace(one, credit=True)),
    ) for one in offered], readers=len(await newsletter_queries.receivers())))  # fmt: skip


@post("/stories/newsletters/{month:str}", opt=tells("issues", Newsletter, patterns=MONTH, takes=NewsletterForm))
async def keep_newsletter(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Answer:
    """Keep what a month's newsletter says: all of it anew, as long as it has not been sent."""
    said = await read_json(request, NewsletterForm)
    await newsletters.keep(actor, month, said.opening, said.choices(), now=now)
    return answer(await _shown(actor, month, now=now))


@post("/stories/newsletters/{month:str}/sending", opt=tells(
    "issues", NewsletterSending, patterns=MONTH, takes=NewsletterSendingForm))
async def send_newsletter(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Answer:
    """Send a month's newsletter, once, to everybody who takes part and has not unsubscribed."""
    said = await read_json(request, NewsletterSendingForm)
    readers = await newsletters.send(actor, month, read=said.read, now=now)
    return answer(NewsletterSending(month=month, readers=readers, undo_until=now + undo_lasts()))


@post("/stories/newsletters/{month:str}/undo", opt=tells("issues", Newsletter, patterns=MONTH, takes=Nothing))
async def undo_newsletter(
    request: Asked, actor: NamedDependency[Actor], month: FromPath[str], now: NamedDependency[datetime]
) -> Answer:
    """Take a newsletter back that was sent a moment ago, as long as none of its letters has left."""
    await read_json(request, Nothing)
    await newsletters.undo(actor, month, now=now)
    return answer(await _shown(actor, month, now=now))


handlers: list[Any] = [
    list_newsletters, show_newsletter, list_choices, keep_newsletter, send_newsletter, undo_newsletter,
]  # fmt: skip
