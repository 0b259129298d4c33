"""The verbs: tell a story, say it better, thank its hero; each in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from floorday.bookings import queries as bookings
from floorday.db import transaction
from floorday.db.text import Line, Prose
from floorday.errors import BadInput, Forbidden, NotFound
from floorday.issues.masks import mask
from floorday.people import queries as people
from floorday.people.access import TEAM_ROLES, Act, Actor, Story, can
from floorday.render.words import gettext as _
from floorday.stories import moves, queries, rules, tables
from floorday.stories.queries import StoryRow

Moment = Annotated[datetime, Meta(tz=True)]


class Telling(Struct, frozen=True, kw_only=True):
    """What is said of a story: its hero is somebody of the team, or a name alone.

    `picture` is the statement of the team's picture of good service that it shows.
    """

    text: Prose
    hero: UUID | None = None
    hero_name: Line = Line("")
    customer_words: Prose = Prose("")
    picture: UUID | None = None


class StoryForm(Telling, frozen=True, kw_only=True):
    """A story to tell; `at` is when it happened, left out: now."""

    team: UUID
    day: UUID | None = None
    at: Moment | None = None


async def tell(actor: Actor, form: StoryForm, *, now: datetime) -> StoryRow:
    """Tell a story about somebody of a team."""
    async with transaction():
        thing = Story(team=form.team, by=actor.person, day_manager=await _came(actor, form))
        if not can(actor, Act.TELL_STORY, thing):
            raise Forbidden(_("Stories are told by the team, by who spent a day with it, and by the coordinator."))
        team = await people.team(form.team)
        if team is None:
            raise BadInput(_("Pick a team."), fields={"team": _("Pick a team.")})
        at = form.at or now
        rules.told(form.text, at, now=now)
        await _check_hero(form, form.team)
        await _check_picture(form, form.team)
        row = tables.Story(
            team=form.team, hero=form.hero, hero_name=form.hero_name, text=mask(form.text, zone=team.zone),
            customer_words=mask(form.customer_words, zone=team.zone), by=actor.person, day=form.day, at=at,
            picture=form.picture,
        )  # fmt: skip
        await moves.insert(row)
        return await queries.story(actor, row.id)


async def _came(actor: Actor, form: StoryForm) -> UUID | None:
    """Say whose day a story came from; a day that is hidden from the teller is not there."""
    if form.day is None:
        return None
    day = await bookings.booking(form.day)
    if not can(actor, Act.SEE_BOOKING, day.thing()):
        raise NotFound(_("There is no such day."))
    if day.team != form.team:
        wrong = _("This day was spent with another team.")
        raise BadInput(wrong, fields={"day": wrong})
    return day.manager


async def _check_hero(form: Telling, team: UUID, *, before: UUID | None = None) -> None:
    members = {card.id for card in await people.with_role(*TEAM_ROLES, team=team)}
    rules.hero(form.hero, form.hero_name, members=members | ({before} if before else set()))


async def _check_picture(form: Telling, team: UUID, *, before: UUID | None = None) -> None:
    """A story that points at a statement may go on doing so after that was retired."""
    if form.picture in {None, before}:
        return
    if all(one.id != form.picture for one in await people.statements(team)):
        wrong = _("The team's picture has no such statement any more. Choose another one, or none.")
        raise BadInput(wrong, fields={"picture": wrong})


async def change(actor: Actor, story_id: UUID, form: Telling, *, now: datetime) -> StoryRow:
    """Say a story better; team, day and moment stay."""
    async with transaction():
        row = await _may(actor, Act.CHANGE_STORY, story_id, _("Who told it, the team's lead or the coordinator can."))
        rules.told(form.text, row.at, now=now)
        await _check_hero(form, row.team, before=row.hero)
        await _check_picture(form, row.team, before=row.picture)
        team = await people.team(row.team)
        zone = team.zone if team else ""
        await moves.save(row, {
            tables.Story.text: mask(form.text, zone=zone), tables.Story.hero: form.hero,
            tables.Story.hero_name: form.hero_name,
            tables.Story.customer_words: mask(form.customer_words, zone=zone), tables.Story.picture: form.picture,
        })  # fmt: skip
        return await queries.story(actor, story_id)


async def thank(actor: Actor, story_id: UUID, *, now: datetime) -> StoryRow:
    """Note that the hero has been thanked; the first time counts."""
    async with transaction():
        row = await _may(actor, Act.THANK, story_id, _("The lead, that day's manager and the coordinator do that."))
        rules.thank(row.thanked_at)
        await moves.thank(row, now=now)
        return await queries.story(actor, story_id)


async def match(actor: Actor, story_id: UUID, external_id: str | None) -> StoryRow:
    """Keep what another program calls a story; None takes it away."""
    async with transaction():
        row = await _may(actor, Act.MATCH, story_id, _("The coordinator and the team's lead do that."))
        await moves.match(row, external_id)
        return await queries.story(actor, story_id)


async def _may(actor: Actor, act: Act, story_id: UUID, no: str) -> StoryRow:
    row = await queries.story(actor, story_id)
    if not can(actor, act, row.thing()):
        raise Forbidden(no)
    return row
