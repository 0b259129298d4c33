"""Guarded writes: whatever was read must still be so, else nothing is written.

Called by actions alone, inside their transaction.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from floorday.db import dialect, run_sql
from floorday.errors import Raced, Refused
from floorday.people.moves import one_external_id
from floorday.render.words import gettext as _
from floorday.stories.queries import StoryRow
from floorday.stories.rules import Consent
from floorday.stories.tables import Newsletter, NewsletterStory, Story


async def insert(row: Story) -> None:
    """Write a new story."""
    await Story.insert(row)


async def tell(story: StoryRow, values: dict[Any, Any]) -> None:
    """Let a draft be a story, once."""
    told = await Story.update({**values, Story.withdrawn_at: None}).where(
        Story.id == story.id, Story.withdrawn_at == story.drafted_at).returning(Story.id)
    if not told:
        raise Raced(_("Somebody else has just told this, or put it aside."))


async def put_aside(story: StoryRow, *, now: datetime) -> None:
    """Keep a draft from being told."""
    gone = await Story.update({Story.withdrawn_at: now}).where(
        Story.id == story.id, Story.withdrawn_at == story.drafted_at).returning(Story.id)
    if not gone:
        raise Raced(_("Somebody else has just told this, or put it aside."))


async def take_up(story: StoryRow) -> None:
    """Let a draft that was put aside wait again."""
    await Story.update({Story.withdrawn_at: story.drafted_at}).where(
        Story.id == story.id, Story.drafted_at.is_not_null(), Story.withdrawn_at > story.drafted_at)


async def save(story: StoryRow, values: dict[Any, Any]) -> None:
    """Change a story that still says what was read."""
    saved = await Story.update(values).where(
        Story.id == story.id, Story.text == story.text, Story.customer_words == story.customer_words,
        Story.hero_name == story.hero_name,
    ).returning(Story.id)  # fmt: skip
    if not saved:
        raise Raced(_("Somebody else has just changed this story. Look at it again."))


async def match(story: StoryRow, external_id: str | None) -> None:
    """Keep what another program calls a story."""
    async with one_external_id():
        await Story.update({Story.external_id: external_id}).where(Story.id == story.id)


async def consent(story: UUID, said: Consent, *, now: datetime) -> None:
    """Keep where a hero lets their story be told."""
    await Story.update({Story.consent: said.value, Story.consent_at: now}).where(Story.id == story)


async def withdraw(story: StoryRow, *, now: datetime) -> None:
    """Take a story back for which nobody has been thanked."""
    gone = await Story.update({Story.withdrawn_at: now}).where(
        Story.id == story.id, Story.withdrawn_at.is_null(), Story.thanked_at.is_null()).returning(Story.id)
    if not gone:
        raise Raced(_("Somebody else has just changed this story. Look at it again."))


async def thank(story: StoryRow, *, by: UUID, text: str, now: datetime) -> None:
    """Note when the hero was thanked, by whom and how, once."""
    values: dict[Any, Any] = {Story.thanked_at: now, Story.thanked_by: by, Story.thanks: text}
    thanked = await Story.update(values).where(
        Story.id == story.id, Story.thanked_at.is_null()).returning(Story.id)
    if not thanked:
        raise Refused(_("They have been thanked already."))


async def hold_months() -> None:
    """Let nobody else put a newsletter together or send one until this transaction ends."""
    if dialect() == "postgres":  # SQLite has one writer, and needs nothing
        await run_sql("LOCK TABLE newsletter IN SHARE ROW EXCLUSIVE MODE")


async def keep_newsletter(month: str, opening: str, *, by: UUID, now: datetime) -> UUID:
    """Keep the words on top of a month's newsletter that has not been sent, and give its id."""
    values: dict[Any, Any] = {Newsletter.opening: opening, Newsletter.kept_by: by, Newsletter.kept_at: now}
    kept = await Newsletter.update(values).where(
        Newsletter.month == month, Newsletter.sent_at.is_null()).returning(Newsletter.id)
    if kept:
        return kept[0]["id"]
    row = Newsletter(month=month, opening=opening, kept_by=by, kept_at=now)
    await Newsletter.insert(row)
    return row.id


async def choose(newsletter: UUID, stories: Sequence[tuple[UUID, bool]]) -> None:
    """Keep which stories a newsletter tells, in this order, and of which it names who fixed it."""
    await NewsletterStory.delete().where(NewsletterStory.newsletter == newsletter)
    if stories:
        await NewsletterStory.insert(*[
            NewsletterStory(newsletter=newsletter, story=story, place=place, credit=credit)
            for place, (story, credit) in enumerate(stories, start=1)
        ])  # fmt: skip


async def send_newsletter(newsletter: UUID, *, by: UUID, now: datetime) -> None:
    """Say that a newsletter was sent, once."""
    sent = await Newsletter.update({Newsletter.sent_at: now, Newsletter.sent_by: by}).where(
        Newsletter.id == newsletter, Newsletter.sent_at.is_null()).returning(Newsletter.id)
    if not sent:
        raise Refused(_("The stories of this month have been sent. They are sent once."))


async def unsend_newsletter(newsletter: UUID) -> None:
    """Say that a newsletter was not sent after all."""
    await Newsletter.update({Newsletter.sent_at: None, Newsletter.sent_by: None}).where(Newsletter.id == newsletter)
