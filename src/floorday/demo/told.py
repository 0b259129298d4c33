"""What the demo's teams show beyond their own room, as scenes."""

from __future__ import annotations

from datetime import datetime

from floorday.demo import cast
from floorday.demo.cast import BILLING
from floorday.demo.stage import Company, Scene, crew
from floorday.demo.workdays import Workdays
from floorday.public import actions as public

PUT_ON = -1
"""The working day on which Billing puts its public page on."""


def scenes(company: Company, workdays: Workdays) -> list[Scene]:
    """Let a team look at its public page and put it on with all that may be listed."""
    lead, team = company.actors[crew(BILLING).lead], company.teams[BILLING]

    async def puts_on(at: datetime) -> None:
        seen = await public.look(lead, team, now=at)
        agreed = [one.line.issue for one in seen.offered if not one.names]
        await public.put_on(lead, team, agreed, looked=True, now=at)

    return [Scene(workdays.moment(PUT_ON, "16:30", cast.LONDON), puts_on)]
