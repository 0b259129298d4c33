"""What the demo's teams show beyond their own room, as scenes."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from floorday.db.text import Prose
from floorday.demo import cast
from floorday.demo.cast import BILLING
from floorday.demo.stage import Company, Scene, crew
from floorday.demo.workdays import Workdays
from floorday.public import actions as public
from floorday.stories import actions as telling
from floorday.stories import queries as stories
from floorday.stories.actions import newsletters
from floorday.stories.actions.newsletters import Choice
from floorday.stories.queries import Wanted
from floorday.stories.queries import newsletters as newsletter_queries
from floorday.stories.rules import MOST_TOLD, Consent, before

PUT_ON = -1
"""The working day on which the month's stories leave, and Billing puts its public page on."""

LAST_MONTH = "Somebody listened, somebody rang back, and nobody had to. Read it aloud in your huddle."
THIS_MONTH = "Still being put together: who else did well?"


def scenes(company: Company, workdays: Workdays) -> list[Scene]:
    """Let heroes say where they may be told of, and a team put its public page on with all that may be listed."""
    lead, team = company.actors[crew(BILLING).lead], company.teams[BILLING]

    async def puts_on(at: datetime) -> None:
        seen = await public.look(lead, team, now=at)
        agreed = [one.line.issue for one in seen.offered if not one.names]
        await public.put_on(lead, team, agreed, looked=True, now=at)

    async def consent(at: datetime) -> None:
        for row in await stories.stories(company.actors[cast.COORDINATOR], Wanted(limit=200)):
            hero = next((one for one in company.actors.values() if one.person == row.hero), None)
            if hero is not None and row.consent is Consent.UNSAID:
                await telling.consent(hero, row.id, Consent.COMPANY, now=at)

    keeper = company.actors[cast.COORDINATOR]

    async def keeps(month: str, opening: str, at: datetime) -> bool:
        offered = await newsletter_queries.offered(newsletters.month_at(month, now=at))
        chosen = [Choice(one.id, place, credit=True) for place, one in enumerate(offered[:MOST_TOLD], start=1)]
        await newsletters.keep(keeper, month, Prose(opening), chosen, now=at)
        return bool(chosen)

    async def tells(at: datetime) -> None:
        month = f"{at.astimezone(ZoneInfo(cast.LONDON)):%Y-%m}"
        if await keeps(before(month), LAST_MONTH, at):
            await newsletters.send(keeper, before(month), read=True, now=at)
        await keeps(month, THIS_MONTH, at)

    return [Scene(workdays.moment(PUT_ON, "09:30", cast.LONDON), consent),
            Scene(workdays.moment(PUT_ON, "10:30", cast.LONDON), tells),
            Scene(workdays.moment(PUT_ON, "16:30", cast.LONDON), puts_on)]
