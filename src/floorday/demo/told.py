"""What the demo's teams show beyond their own room, as scenes."""

from __future__ import annotations

from datetime import datetime

from floorday.demo import cast
from floorday.demo.cast import BILLING
from floorday.demo.stage import Company, Scene, crew
from floorday.demo.workdays import Workdays
from floorday.public import actions as public
from floorday.stories import actions as telling
from floorday.stories import queries as stories
from floorday.stories.queries import Wanted
from floorday.stories.rules import Consent

PUT_ON = -1
"""The working day on which Billing puts its public page on."""


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

    return [Scene(workdays.moment(PUT_ON, "09:30", cast.LONDON), consent),
            Scene(workdays.moment(PUT_ON, "16:30", cast.LONDON), puts_on)]
