"""Praise that came by mail: kept as a draft, told by whoever may tell it, or put aside."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from floorday.bookings import queries as bookings
from floorday.config import settings
from floorday.db import transaction
from floorday.db.text import Prose
from floorday.errors import Forbidden
from floorday.issues.masks import mask
from floorday.people import queries as people
from floorday.people.access import TEAM_ROLES, Act, Actor, Role, can
from floorday.people.access import Story as Thing
from floorday.render import tokens
from floorday.render.words import gettext as _
from floorday.stories import moves, queries, rules, tables
from floorday.stories.actions import telling
from floorday.stories.actions.stories import Telling, check_hero, check_picture
from floorday.stories.queries import StoryRow
from floorday.stories.rules import Consent

THANKS_AT = "thanks+"
ANYBODYS = "thanks"
"""How the address of a team for praise begins, and that of the programme."""

DAY_WITHIN = timedelta(days=14)
"""So long after a day its manager's praise is about that day."""


def thanks_address(team: UUID | None = None) -> str:
    """Give a team's own address for praise, which nobody can guess; without a team that of the programme."""
    local = ANYBODYS if team is None else f"{THANKS_AT}{tokens.make('thanks', team)}"
    return f"{local}@{settings().mail_domain}"


def is_for_thanks(address: str) -> bool:
    """Say whether an address is one for praise, whoever's."""
    local, _at, domain = address.strip().lower().rpartition("@")
    return domain == settings().mail_domain.lower() and (local == ANYBODYS or local.startswith(THANKS_AT))


async def thanks_team(address: str) -> UUID | None:
    """Find the team whose address for praise this is; None where it is nobody's, or the programme's."""
    given = address.strip().lower()
    return next((row.id for row in await people.teams() if hmac.compare_digest(thanks_address(row.id), given)), None)


async def meant(actor: Actor, *, now: datetime) -> UUID | None:
    """Say which team somebody means who names none: that of their last day, else the one they are of."""
    if actor.has(Role.MANAGER) and (day := await bookings.last_day(actor.person, after=now - DAY_WITHIN, now=now)):
        return day.team
    teams = actor.teams(*TEAM_ROLES)
    return next(iter(teams)) if len(teams) == 1 else None


async def keep_praise(actor: Actor, team_id: UUID, subject: str, text: str, *, now: datetime) -> StoryRow:
    """Keep the praise that somebody of ours has mailed; whoever may tell it hears of it."""
    async with transaction():
        if not actor.grants or actor.only_assists:
            raise Forbidden(_("Stories are for those who take part in the programme."))
        team = await people.team(team_id)
        zone = team.zone if team else ""
        members = {card.id: card.name for card in await people.with_role(*TEAM_ROLES, team=team_id)}
        said = rules.praise(subject, text, {one: name for one, name in members.items() if one != actor.person})
        day = await bookings.last_day(actor.person, after=now - DAY_WITHIN, now=now, team=team_id) \
            if actor.has(Role.MANAGER) else None
        row = tables.Story(
            team=team_id, hero=said.hero, text=mask(_cut(said.text), zone=zone), by=actor.person,
            customer_words=mask(_cut(said.customer_words), zone=zone), customer=said.customer,
            day=day.id if day else None, at=now, consent=Consent.UNSAID.value, drafted_at=now, withdrawn_at=now,
        )  # fmt: skip
        await moves.insert(row)
        draft = await queries.found_draft(row.id)
        mine = can(actor, Act.TELL_STORY, draft.thing())
        await telling.drafted(draft, actor, mine=mine, now=now)
        return draft


def _cut(text: str) -> Prose:
    return Prose.parse(text[: Prose.longest - 1] + "…" if len(text) > Prose.longest else text)


async def tell_draft(actor: Actor, draft_id: UUID, form: Telling, *, agreed: bool = False, now: datetime) -> StoryRow:
    """Tell what came by mail, as whoever tells it says it; it stays the story of who wrote it."""
    async with transaction():
        row = await queries.draft(actor, draft_id)
        rules.told(form.text, row.at, now=now)
        await check_hero(form, row.team, before=row.hero)
        rules.first_name(form.customer)
        await check_picture(form, row.team)
        rules.idea(form.idea_by, named=set())
        team = await people.team(row.team)
        zone = team.zone if team else ""
        said = agreed and form.hero is None
        story = tables.Story
        await moves.tell(row, {
            story.text: mask(form.text, zone=zone), story.hero: form.hero, story.hero_name: form.hero_name,
            story.customer_words: mask(form.customer_words, zone=zone), story.customer: form.customer,
            story.picture: form.picture, story.consent: Consent.COMPANY.value if said else Consent.UNSAID.value,
            story.consent_at: now if said else None, story.fixed_by: mask(form.fixed_by, zone=zone),
        })  # fmt: skip
        told = await queries.story(actor, draft_id)
        await telling.told(told, actor, now=now)
        return told


async def put_aside(actor: Actor, draft_id: UUID, *, now: datetime) -> None:
    """Let what came by mail be no story."""
    async with transaction():
        await moves.put_aside(await queries.draft(actor, draft_id), now=now)


async def take_up(actor: Actor, draft_id: UUID) -> None:
    """Undo that: it waits to be told again."""
    async with transaction():
        await moves.take_up(await queries.put_aside(actor, draft_id))


def may_write(actor: Actor, team: UUID) -> bool:
    """Say whether somebody tells stories of a team."""
    return can(actor, Act.TELL_STORY, Thing(team=team, by=actor.person))
