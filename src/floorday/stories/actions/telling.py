"""Who is told of a story: its hero, who says where it may be told, and whoever gives the thanks."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from floorday.mail import outbox
from floorday.people.access import Actor
from floorday.people.queries import Reader, reader
from floorday.render import when
from floorday.render.words import speaking
from floorday.stories import queries, rules
from floorday.stories.queries import StoryRow
from floorday.stories.rules import THANKS_WITHIN


async def told(story: StoryRow, actor: Actor, *, now: datetime) -> None:
    """Tell the hero, who is asked where it may be told; and ask those who give the thanks for them."""
    hero = await reader(story.hero)
    if hero is not None and hero.id != actor.person:
        link = {"purpose": queries.CONSENT, "about": str(story.id), "person": str(hero.id), "path": "/story/{token}"}
        await _post("story_told", story, hero, now=now, by=actor.name, links={"consent": link})
    for one in await queries.thankers(story):
        if one.id != actor.person and now < story.at + THANKS_WITHIN:
            await _post("thanks_asked", story, one, now=now, by=actor.name)


async def drafted(draft: StoryRow, actor: Actor, *, mine: bool, now: datetime) -> None:
    """Thank whoever mailed the praise, and ask them to tell it; where they may not, the team's lead is asked."""
    asked = [] if mine else [one for one in await queries.tellers(draft) if one.id != actor.person]
    me = Reader(id=actor.person, name=actor.name, email=actor.email, zone=actor.zone, language=actor.language)
    page = {"path": f"/stories/drafts/{draft.id}"}
    await _post("praise_kept", draft, me, now=now, at_once=True, more={"mine": mine},
                links={"page": page if mine else {"path": "/stories"}})  # fmt: skip
    for one in asked:
        await _post("praise_came", draft, one, now=now, at_once=True, by=actor.name, links={"page": page})


async def remind(story: StoryRow, *, now: datetime) -> None:
    """Remind those who give the thanks, once."""
    for one in await queries.thankers(story):
        await _post("thanks_due", story, one, now=now, by_clock=True)


async def thanks(story: StoryRow, actor: Actor, text: str, *, now: datetime) -> None:
    """Send the thank-you to its hero; of a hero by name alone it is said in person."""
    hero = await reader(story.hero)
    if hero is not None and hero.id != actor.person:
        await _post("thank_you", story, hero, now=now, by=actor.name, words=text)


async def _post(
    name: str, story: StoryRow, to: Reader, *, now: datetime, by: str = "", words: str = "",
    links: dict[str, Any] | None = None, by_clock: bool = False, at_once: bool = False,
    more: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    idea = (await queries.credited([story])).get(story.id, "")
    with speaking(to.language):
        facts = {
            "language": to.language, "hero": story.hero_said, "team": story.team_name, "text": story.text,
            "customer": story.customer, "customer_words": story.customer_words, "by": by, "words": words,
            "credit": rules.credit(story.fixed_by, idea),
            "until": when.moment(story.at + THANKS_WITHIN, to.zone, to.zone),
            "day": when.day(story.at.astimezone(ZoneInfo(to.zone)).date()),
            "links": {"page": {"path": f"/stories/{story.id}"}, **(links or {})}, **(more or {}),
        }  # fmt: skip
    key = f"{name}:{story.id}:{to.id}"
    await outbox.post(
        name, to=to.email, to_name=to.name, person=to.id, about=story.id, about_kind="story", facts=facts,
        key=key, now=now, at_once=at_once or by_clock, deed=key if by_clock else "",
    )  # fmt: skip
