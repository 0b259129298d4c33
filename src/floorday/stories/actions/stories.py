"""The verbs: tell a story, say it better, thank its hero; each in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from floorday.bookings import queries as bookings
from floorday.config import settings
from floorday.db import transaction
from floorday.db.text import Line, Prose
from floorday.errors import BadInput, Forbidden, NotFound
from floorday.issues import queries as issues
from floorday.issues.masks import mask
from floorday.issues.queries import IssueRow
from floorday.mail import outbox
from floorday.people import queries as people
from floorday.people.access import TEAM_ROLES, Act, Actor, Story, can
from floorday.render.words import gettext as _
from floorday.stories import moves, queries, rules, tables
from floorday.stories.actions import telling
from floorday.stories.queries import StoryRow
from floorday.stories.rules import Consent

Moment = Annotated[datetime, Meta(tz=True)]


class Telling(Struct, frozen=True, kw_only=True):
    """What is said of a story: its hero is somebody of the team, or a name alone.

    `picture` is the statement of the team's picture of good service that it shows. `fixed_by`: who fixed what it is
    about, a person or a department in words; `idea_by`: a reporter of its issue who told the idea under their name.
    """

    text: Prose
    hero: UUID | None = None
    hero_name: Line = Line("")
    customer_words: Prose = Prose("")
    customer: Line = Line("")
    picture: UUID | None = None
    fixed_by: Line = Line("")
    idea_by: UUID | None = None


class StoryForm(Telling, frozen=True, kw_only=True):
    """A story to tell; `at` is when it happened, left out: now.

    `agreed`: a hero whom we know by name alone has said that it may be told in the company.
    """

    team: UUID
    day: UUID | None = None
    issue: UUID | None = None
    at: Moment | None = None
    agreed: bool = False


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
        issue = await issues.issue(actor, form.issue) if form.issue else None
        await check_hero(form, form.team, before=issue.owner if issue else None)
        rules.first_name(form.customer)
        await check_picture(form, form.team)
        rules.idea(form.idea_by, named={*await queries.ideas(issue)})
        row = tables.Story(
            team=form.team, hero=form.hero, hero_name=form.hero_name, text=mask(form.text, zone=team.zone),
            customer_words=mask(form.customer_words, zone=team.zone), customer=form.customer, by=actor.person,
            day=form.day, at=at, issue=issue.id if issue else None,
            consent=Consent.COMPANY.value if form.agreed and form.hero is None else Consent.UNSAID.value,
            consent_at=now if form.agreed and form.hero is None else None,
            picture=form.picture, fixed_by=mask(form.fixed_by, zone=team.zone), idea_by=form.idea_by,
        )  # fmt: skip
        await moves.insert(row)
        story = await queries.story(actor, row.id)
        await telling.told(story, actor, now=now)
        return story


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


async def check_hero(form: Telling, team: UUID, *, before: UUID | None = None) -> None:
    """Check that the hero is of the team, or was before."""
    members = {card.id for card in await people.with_role(*TEAM_ROLES, team=team)}
    rules.hero(form.hero, form.hero_name, members=members | ({before} if before else set()))


async def about(actor: Actor, row: StoryRow) -> IssueRow | None:
    """Find the issue a story is about; None where somebody does not see it."""
    if row.issue is None:
        return None
    try:
        return await issues.issue(actor, row.issue)
    except NotFound:
        return None


async def check_picture(form: Telling, team: UUID, *, before: UUID | None = None) -> None:
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
        await check_hero(form, row.team, before=row.hero)
        rules.first_name(form.customer)
        await check_picture(form, row.team, before=row.picture)
        rules.idea(form.idea_by, named={*await queries.ideas(await about(actor, row)), *filter(None, [row.idea_by])})
        team = await people.team(row.team)
        zone = team.zone if team else ""
        await moves.save(row, {
            tables.Story.text: mask(form.text, zone=zone), tables.Story.hero: form.hero,
            tables.Story.hero_name: form.hero_name, tables.Story.customer: form.customer,
            tables.Story.customer_words: mask(form.customer_words, zone=zone), tables.Story.picture: form.picture,
            tables.Story.fixed_by: mask(form.fixed_by, zone=zone), tables.Story.idea_by: form.idea_by,
        })  # fmt: skip
        return await queries.story(actor, story_id)


async def thank(actor: Actor, story_id: UUID, text: str = "", *, now: datetime) -> StoryRow:
    """Thank the hero; the first time counts. With words they get a letter, without they were thanked in person."""
    async with transaction():
        row = await _may(actor, Act.THANK, story_id, _("The lead, that day's manager and the coordinator do that."))
        rules.thank(row.thanked_at)
        team = await people.team(row.team)
        text = mask(text, zone=team.zone if team else "")
        await moves.thank(row, by=actor.person, text=text, now=now)
        if text:
            await telling.thanks(row, actor, text, now=now)
        return await queries.story(actor, story_id)


async def withdraw(actor: Actor, story_id: UUID, *, now: datetime) -> StoryRow:
    """Take a story back, as long as nobody has been thanked for it; letters that wait stay here."""
    async with transaction():
        row = await _may(actor, Act.CHANGE_STORY, story_id, _("Who told it, the team's lead or the coordinator can."))
        rules.withdraw(row.withdrawn_at, row.thanked_at)
        await moves.withdraw(row, now=now)
        await outbox.take_back(about=row.id, now=now)
        return row


async def consent(actor: Actor, story_id: UUID, said: Consent, *, now: datetime) -> StoryRow:
    """Say, as the hero, where a story may be told. It can be said anew at any time."""
    async with transaction():
        row = await queries.story(actor, story_id)
        if row.hero != actor.person:
            raise Forbidden(_("Whoever the story is about says where it may be told."))
        await moves.consent(row.id, said, now=now)
        return await queries.story(actor, story_id)


async def consent_by_token(token: str, said: Consent, *, now: datetime) -> StoryRow:
    """Take the same through the link of a letter."""
    async with transaction():
        held = await queries.consent_pass(token, now=now)
        if held is None:
            raise NotFound(_("This link is no longer valid. A newer letter may have come since; look for that."))
        await moves.consent(held[0].id, said, now=now)
    return held[0]


async def remind(*, now: datetime) -> int:
    """Remind, once, those who give the thanks while they can still be in time; returns for how many stories."""
    reminded = 0
    for row in await queries.unthanked(now=now):
        if rules.thanks_due(row.at, now=now, zone=settings().zone):
            async with transaction():
                await telling.remind(row, now=now)
            reminded += 1
    return reminded


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
