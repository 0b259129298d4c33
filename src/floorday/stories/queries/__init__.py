"""Every read of stories; lists hold only what their reader may see."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from piccolo.query.functions.aggregate import Count

from floorday.bookings.tables import Booking
from floorday.db import BATCH, batches, run_sql
from floorday.db.text import spellings
from floorday.errors import NotFound
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Stream
from floorday.issues.tables import Note
from floorday.mail.tokens import find
from floorday.people import access
from floorday.people.access import Act, Actor, Role, What, can, visible
from floorday.people.queries import Reader, reader, readers
from floorday.people.tables import Grant, Person
from floorday.render.words import gettext as _
from floorday.stories.rules import THANKS_WITHIN, Consent
from floorday.stories.tables import Story

PAGE = 50
CONSENT = "story"
"""The purpose of the link by which a hero says where their story may be told."""


class StoryRow(Struct, frozen=True, kw_only=True):
    """A story with the names that stand beside it; the hero is a person, or a name alone."""

    id: UUID
    team: UUID
    team_name: str
    hero: UUID | None
    hero_name: str
    person_name: str | None
    text: str
    customer_words: str
    by: UUID | None
    by_name: str | None
    day: UUID | None
    day_manager: UUID | None
    at: datetime
    thanked_at: datetime | None
    external_id: str | None
    customer: str
    consent: Consent
    consent_at: datetime | None
    issue: UUID | None
    issue_number: int | None
    issue_title: str | None
    thanks: str
    thanked_by: UUID | None
    thanked_by_name: str | None
    withdrawn_at: datetime | None
    drafted_at: datetime | None
    picture: UUID | None
    picture_text: str | None
    fixed_by: str
    idea_by: UUID | None

    @property
    def hero_said(self) -> str:
        """Give the hero's name, however it is known."""
        return self.person_name or self.hero_name

    def thing(self) -> access.Story:
        """Give what access asks."""
        return access.Story(team=self.team, hero=self.hero, by=self.by, day_manager=self.day_manager)


class Wanted(Struct, frozen=True, kw_only=True):
    """What a list of stories is narrowed to; it goes on after an id."""

    after: UUID | None = None
    limit: int = 50
    team: UUID | None = None
    hero: UUID | None = None
    day: UUID | None = None
    thanked: bool | None = None
    external_id: str | None = None
    picture: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, UUID] | None = None


_STORY = (
    *Story.all_columns(), Story.team._.name.as_alias("team_name"), Story.hero._.name.as_alias("person_name"),
    Story.by._.name.as_alias("by_name"), Story.thanked_by._.name.as_alias("thanked_by_name"),
    Story.issue._.number.as_alias("issue_number"), Story.issue._.title.as_alias("issue_title"),
    Story.day._.manager.as_alias("day_manager"),
    Story.picture._.text.as_alias("picture_text"),
)  # fmt: skip


async def story(actor: Actor, story_id: UUID) -> StoryRow:
    """Find a story that somebody may see; hidden is NotFound."""
    raw = await Story.select(*_STORY).where(Story.id == story_id, Story.withdrawn_at.is_null()).first()
    row = msgspec.convert(raw, StoryRow) if raw else None
    if row is None or not can(actor, Act.SEE_STORY, row.thing()):
        raise NotFound(_("There is no such story."))
    return row


_NAMED = (
    "SELECT DISTINCT {columns} FROM note k JOIN person q ON q.id = k.reporter {joins}"
    " WHERE k.idea <> '' AND k.naming = 'named' AND k.restricted = {{}} AND k.withdrawn_at IS NULL AND {where}"
)
"""Who told an idea under their name, in a note that nobody restricted or took back."""


async def ideas(issue: IssueRow | None) -> dict[UUID, str]:
    """Name those who told an idea in an issue under their name; nobody to whom does not see the whole of it."""
    if issue is None or not issue.whole or issue.restricted:
        return {}
    rows = await run_sql(_NAMED.format(columns="q.id, q.name", joins="", where="k.issue = {}"), False, issue.id)
    return {UUID(str(row["id"])): row["name"] for row in sorted(rows, key=lambda row: (row["name"], str(row["id"])))}


async def credited(rows: Collection[StoryRow]) -> dict[UUID, str]:
    """Give the name of whose idea each of these stories was, as far as it may still be told, by story."""
    wanted = [row.id for row in rows if row.idea_by is not None]
    if not wanted:
        return {}
    found = await run_sql(_NAMED.format(
        columns="s.id, q.name", where=f"s.id IN ({', '.join(['{}'] * len(wanted))})",
        joins="JOIN story s ON s.issue = k.issue AND s.idea_by = k.reporter JOIN issue i ON i.id = k.issue"
              " AND i.restricted = k.restricted"), False, *wanted)  # fmt: skip
    return {UUID(str(row["id"])): row["name"] for row in found}


async def draft(actor: Actor, draft_id: UUID) -> StoryRow:
    """Find a story that came by mail and is not told yet, for whoever may tell it; to others it is not there."""
    row = await _draft(Story.id == draft_id)
    if row is None or not can(actor, Act.TELL_STORY, row.thing()):
        raise NotFound(_("There is no such draft. Perhaps it has been told, or put aside."))
    return row


async def found_draft(draft_id: UUID) -> StoryRow:
    """Find a draft that has just been kept."""
    row = await _draft(Story.id == draft_id)
    assert row is not None
    return row


async def put_aside(actor: Actor, draft_id: UUID) -> StoryRow:
    """Find a draft that somebody has put aside."""
    raw = await Story.select(*_STORY).where(
        Story.id == draft_id, Story.drafted_at.is_not_null(), Story.withdrawn_at > Story.drafted_at).first()
    row = msgspec.convert(raw, StoryRow) if raw else None
    if row is None or not can(actor, Act.TELL_STORY, row.thing()):
        raise NotFound(_("There is no such draft."))
    return row


async def _draft(where: Any) -> StoryRow | None:
    raw = await Story.select(*_STORY).where(where, Story.withdrawn_at == Story.drafted_at).first()
    return msgspec.convert(raw, StoryRow) if raw else None


async def drafts(actor: Actor) -> list[StoryRow]:
    """List what came by mail and waits to be told by somebody, oldest first."""
    query = Story.select(*_STORY).where(Story.withdrawn_at == Story.drafted_at)
    if (seen := _seen(actor)) is not None:
        query = query.where(seen)
    rows = msgspec.convert(await query.order_by(Story.drafted_at, Story.id).limit(PAGE), list[StoryRow])
    return [row for row in rows if can(actor, Act.TELL_STORY, row.thing())]


async def stories(actor: Actor, wanted: Wanted) -> list[StoryRow]:
    """List the stories that somebody may see, by id."""
    return msgspec.convert(await _asked(actor, wanted).order_by(Story.id).limit(wanted.limit), list[StoryRow])


async def newest(actor: Actor, wanted: Wanted) -> list[StoryRow]:
    """List the stories that somebody may see, newest first; it goes on after `before`."""
    query = _asked(actor, wanted)
    if wanted.before is not None:
        at, last = wanted.before
        query = query.where((Story.at < at) | ((Story.at == at) & (Story.id < last)))
    ordered = query.order_by(Story.at, Story.id, ascending=False).limit(wanted.limit)
    return msgspec.convert(await ordered, list[StoryRow])


def every(actor: Actor, wanted: Wanted) -> AsyncGenerator[list[StoryRow]]:
    """Give all stories that somebody may see, newest first, in parts, wherever a page of them would begin."""
    async def read(last: StoryRow | None) -> list[StoryRow]:
        return await newest(actor, replace(wanted, limit=BATCH, before=last and (last.at, last.id)))

    return batches(read)


def _asked(actor: Actor, wanted: Wanted) -> Any:
    query = Story.select(*_STORY).where(Story.withdrawn_at.is_null())
    for column, value in (
        (Story.team, wanted.team), (Story.hero, wanted.hero), (Story.day, wanted.day), (Story.picture, wanted.picture),
    ):  # fmt: skip
        if value is not None:
            query = query.where(column == value)
    if wanted.external_id is not None:
        query = query.where(Story.external_id.is_in(spellings(wanted.external_id)))
    if wanted.thanked is not None:
        query = query.where(Story.thanked_at.is_not_null() if wanted.thanked else Story.thanked_at.is_null())
    if wanted.since is not None:
        query = query.where(Story.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Story.at < wanted.until)
    if wanted.after is not None:
        query = query.where(Story.id > wanted.after)
    if (seen := _seen(actor)) is not None:
        query = query.where(seen)
    return query


async def unthanked(*, now: datetime) -> list[StoryRow]:
    """List the stories for which a thank-you can still be in time, for the clock."""
    rows = await Story.select(*_STORY).where(
        Story.withdrawn_at.is_null(), Story.thanked_at.is_null(), Story.at > now - THANKS_WITHIN
    ).order_by(Story.at, Story.id)  # fmt: skip
    return msgspec.convert(rows, list[StoryRow])


async def tellers(story: StoryRow) -> list[Reader]:
    """List who tells what came by mail from somebody who may not: the team's lead, else the coordinators."""
    leads = Grant.select(Grant.person).where(Grant.team == story.team, Grant.role == Role.LEAD.value)
    found = await readers(Person.id.is_in(leads))
    runs = Grant.select(Grant.person).where(Grant.role == Role.COORDINATOR.value)
    return found or await readers(Person.id.is_in(runs))


async def thankers(story: StoryRow) -> list[Reader]:
    """List who gives the thanks: that day's manager, else the team's lead; never the hero."""
    if story.day_manager is not None and (manager := await reader(story.day_manager)):
        return [manager]
    leads = Grant.select(Grant.person).where(Grant.team == story.team, Grant.role == Role.LEAD.value)
    return [one for one in await readers(Person.id.is_in(leads)) if one.id != story.hero]


async def consent_pass(token: str, *, now: datetime) -> tuple[StoryRow, Reader] | None:
    """Find the story that a hero's link is about, and the hero; nothing when it is unknown, or no longer theirs."""
    found = await find(CONSENT, token, now)
    if found is None:
        return None
    raw = await Story.select(*_STORY).where(Story.id == found.about, Story.withdrawn_at.is_null()).first()
    row = msgspec.convert(raw, StoryRow) if raw else None
    hero = await reader(row.hero) if row else None
    return (row, hero) if row is not None and hero is not None and found.person == hero.id else None


async def noted_that_day(story: StoryRow, manager: UUID) -> list[str]:
    """Give what a manager noted of a day, good news first, for the draft of a thank-you."""
    if story.day is None:
        return []
    rows = await Note.select(Note.text, Note.stream).where(
        Note.day == story.day, Note.reporter == manager, Note.withdrawn_at.is_null(),
        Note.stream == Stream.GOOD_NEWS.value,
    ).order_by(Note.at, Note.id)  # fmt: skip
    return [row["text"] for row in rows]


async def of_pictures(actor: Actor, ids: Collection[UUID], *, since: datetime) -> dict[UUID, int]:
    """Count the stories since a moment that show statements of pictures, of those that somebody may see."""
    query = Story.select(Story.picture, Count()).where(Story.picture.is_in(sorted(ids)), Story.at >= since,
                                                       Story.withdrawn_at.is_null())
    if (seen := _seen(actor)) is not None:
        query = query.where(seen)
    return {row["picture"]: row["count"] for row in await query.group_by(Story.picture)}


def _seen(actor: Actor) -> Any:
    """Say which stories somebody may see; None for all."""
    scope = visible(actor, What.STORIES)
    if scope.all:
        return None
    own = sorted(scope.persons)
    days = Booking.select(Booking.id).where(Booking.manager.is_in(own))
    theirs: Any = Story.hero.is_in(own) | Story.by.is_in(own) | Story.day.is_in(days)
    return theirs | Story.team.is_in(sorted(scope.teams)) if scope.teams else theirs
