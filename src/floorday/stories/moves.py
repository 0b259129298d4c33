"""Guarded writes: whatever was read must still be so, else nothing is written.

Called by actions alone, inside their transaction.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from floorday.errors import Raced, Refused
from floorday.people.moves import one_external_id
from floorday.render.words import gettext as _
from floorday.stories.queries import StoryRow
from floorday.stories.rules import Consent
from floorday.stories.tables import Story


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
