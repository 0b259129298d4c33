"""The stories of a month: put together by the coordinator, looked at, sent once to whoever wants them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from floorday.config import settings
from floorday.db import transaction
from floorday.db.text import Prose
from floorday.errors import Forbidden, NotFound, Refused
from floorday.issues.masks import mask
from floorday.mail import daily, outbox
from floorday.mail.inline import inline
from floorday.mail.wishes import Kind
from floorday.people.access import Act, Actor, can
from floorday.people.queries import Reader
from floorday.render import pages, tokens, when
from floorday.render.words import gettext as _
from floorday.render.words import language, speaking
from floorday.stories import moves, rules
from floorday.stories.queries import newsletters as newsletter_queries
from floorday.stories.queries.newsletters import Letter, Tellable
from floorday.stories.rules import Months


class Choice(Struct, frozen=True):
    """A story that is told: in which place, and whether who fixed it and whose idea it was are named."""

    story: UUID
    place: int
    credit: bool = False


class Told(Struct, frozen=True, kw_only=True):
    """A story in a newsletter; with `credit`, who fixed it and whose idea it was are named: only if they agreed."""

    story: UUID
    credit: bool = False


class NewsletterForm(Struct, frozen=True, kw_only=True):
    """What a month's newsletter says: the line on top, and its stories in their order."""

    opening: Prose = Prose("")
    stories: list[Told] = []

    def choices(self) -> list[Choice]:
        """Give the stories with their places."""
        return [Choice(one.story, place, one.credit) for place, one in enumerate(self.stories, start=1)]


def reads(actor: Actor) -> None:
    """Raise Forbidden to whoever takes no part in the programme."""
    if not can(actor, Act.READ_NEWSLETTER):
        raise Forbidden(_("Stories are for those who take part in the programme."))


def keeps(actor: Actor) -> None:
    """Raise Forbidden to whoever does not put newsletters together."""
    reads(actor)
    if not can(actor, Act.KEEP_NEWSLETTER):
        raise Forbidden(_("The coordinator puts the stories of a month together."))


def month_at(month: str, *, now: datetime) -> Months:
    """Say where a month lies, or raise NotFound."""
    found = rules.month_of(month, settings().zone, now=now)
    if found is None:
        raise NotFound(_("There is no such month."))
    return found


async def keep(
    actor: Actor, month: str, opening: Prose, choices: Sequence[Choice], *, now: datetime
) -> UUID:
    """Keep what a month's newsletter says, as long as it has not been sent."""
    async with transaction():
        keeps(actor)
        await moves.hold_months()
        months = month_at(month, now=now)
        found = await newsletter_queries.newsletter(month)
        if found is not None and found.sent_at is not None:
            raise Refused(_("The stories of this month have been sent. They are sent once."))
        offered = {one.id for one in await newsletter_queries.offered(months)}
        order = rules.ordered([(one.story, one.place) for one in choices], offered=offered)
        named = {one.story for one in choices if one.credit}
        kept = await moves.keep_newsletter(month, mask(opening, zone=settings().zone), by=actor.person, now=now)
        await moves.choose(kept, [(story, story in named) for story in order])
    return kept


async def send(actor: Actor, month: str, *, read: bool, now: datetime) -> int:
    """Send a month's newsletter to everybody who wants it, once; returns to how many."""
    async with transaction():
        keeps(actor)
        await moves.hold_months()
        month_at(month, now=now)
        found = await newsletter_queries.newsletter(month)
        stories = await newsletter_queries.told(month)
        rules.send_newsletter(found.sent_at if found else None, len(stories), read=read)
        assert found is not None
        await moves.send_newsletter(found.id, by=actor.person, now=now)
        readers = await newsletter_queries.receivers()
        for reader in readers:
            await _post(found, stories, reader, by=actor.name, now=now)
    return len(readers)


async def undo(actor: Actor, month: str, *, now: datetime) -> None:
    """Keep a newsletter here that was sent a moment ago; Refused once the first of its letters has left."""
    async with transaction():
        keeps(actor)
        await moves.hold_months()
        month_at(month, now=now)
        found = await newsletter_queries.newsletter(month)
        sent_at = found.sent_at if found else None
        rules.undo_newsletter(sent_at, now=now, lasts=outbox.undo_lasts())
        assert found is not None
        await outbox.take_back(about=found.id, now=now)
        if await outbox.under_way(found.id):
            raise Refused(_("The first letters have left already, so the others follow them."))
        await moves.unsend_newsletter(found.id)


async def _post(letter: Letter, stories: Sequence[Tellable], to: Reader, *, by: str, now: datetime) -> None:
    links: dict[str, Any] = {
        "page": {"path": f"/stories/newsletters/{letter.month}"}, "unsubscribe": daily.wishes_link(to.id, Kind.STORIES),
    }  # fmt: skip
    await outbox.post(
        "newsletter", to=to.email, to_name=to.name, person=to.id, about=letter.id, about_kind="newsletter",
        facts=_facts(letter, stories, to.language, by) | {"links": links}, key=f"newsletter:{letter.month}:{to.id}",
        now=now,
    )  # fmt: skip


def _facts(letter: Letter, stories: Sequence[Tellable], tongue: str, by: str) -> dict[str, Any]:
    with speaking(tongue):
        return {
            "language": tongue, "month": when.month(date.fromisoformat(f"{letter.month}-15")),
            "opening": letter.opening, "by": by,
            "stories": [{"hero": one.hero, "team": one.team, "text": one.text, "words": one.customer_words,
                         "customer": one.customer, "credit": credit(one)} for one in stories],
        }  # fmt: skip


def credit(story: Tellable) -> str:
    """Say who fixed what a story is about, and whose idea that was; persons only where they are to be named."""
    if story.credit and story.fixed_by:
        return rules.credit(story.fixed_by, story.idea)
    if not story.department and not (story.credit and story.fixer):
        fixed = ""
    elif story.credit and story.fixer:
        fixed = _("Fixed by %(name)s, %(department)s.", name=story.fixer, department=story.department)
    else:
        fixed = _("Fixed by %(department)s.", department=story.department)
    idea = _("The idea was %(name)s's.", name=story.idea) if story.credit and story.idea else ""
    return " ".join(said for said in (fixed, idea) if said)


async def shown(actor: Actor, month: str, *, now: datetime) -> str:
    """Write the letter as it would leave now, for its frame; its links lead nowhere from there."""
    keeps(actor)
    month_at(month, now=now)
    found = await newsletter_queries.newsletter(month)
    if found is None:
        raise NotFound(_("Nothing has been put together for this month yet."))
    facts = _facts(found, await newsletter_queries.told(month), language(), actor.name)
    links = {"page": tokens.link(f"/stories/newsletters/{month}"), "unsubscribe": tokens.link("/settings")}
    context = {name: fact for name, fact in facts.items() if name != "language"} | {
        "company": settings().company, "to_name": actor.name, "links": links}
    subject = pages.letter("letters/newsletter/subject.txt", **context).strip()
    return inline(pages.letter("letters/newsletter/body.html", subject=subject, **context))
