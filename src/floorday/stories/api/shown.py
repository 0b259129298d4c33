"""A story as programs read it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from floorday.stories.queries import StoryRow
from floorday.stories.rules import Consent


class Story(Struct, frozen=True, kw_only=True):
    """Good news of a team; `hero` is null where only the hero's name is known. `thanked_at`: when they were thanked.

    `picture` is the statement of the team's picture of good service that it shows.
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


def show_story_row(row: StoryRow) -> Story:
    """Show a story, or what waits to be one."""
    kept = {name: getattr(row, name) for name in Story.__struct_fields__ if name != "hero_name"}
    return Story(**kept, hero_name=row.person_name or row.hero_name)
