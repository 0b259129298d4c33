"""A story as programs read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from msgspec import Struct

from floorday.stories import queries
from floorday.stories.queries import StoryRow
from floorday.stories.rules import Consent


class Story(Struct, frozen=True, kw_only=True):
    """Good news of a team; `hero` is null where only the hero's name is known. `thanked_at`: when they were thanked.

    `picture` is the statement of the team's picture of good service that it shows; `idea_by` who told the idea under
    their name, as long as that may be told.
    """

    id: UUID
    team: UUID
    team_name: str
    hero: UUID | None
    hero_name: str
    text: str
    customer_words: str
    customer: str
    consent: Consent
    by: UUID | None
    by_name: str | None
    day: UUID | None
    at: datetime
    thanked_at: datetime | None
    issue: UUID | None
    external_id: str | None
    picture: UUID | None
    picture_text: str | None
    fixed_by: str
    idea_by: UUID | None
    idea_by_name: str | None


MADE = {"hero_name", "idea_by", "idea_by_name"}
NOBODY: Mapping[UUID, str] = MappingProxyType({})


def show_story_row(row: StoryRow, ideas: Mapping[UUID, str] = NOBODY) -> Story:
    """Show a row as programs read it; `ideas` names whose idea a story was, as far as that may be told."""
    kept = {name: getattr(row, name) for name in Story.__struct_fields__ if name not in MADE}
    return Story(**kept, hero_name=row.person_name or row.hero_name, idea_by_name=ideas.get(row.id),
                 idea_by=row.idea_by if row.id in ideas else None)  # fmt: skip


async def shown(row: StoryRow) -> Story:
    """Show a story with whose idea it was."""
    return show_story_row(row, await queries.credited([row]))
