"""What slips all at once in the demo: one owner's dates, moved in one go and told in one letter each."""

from __future__ import annotations

from datetime import datetime, timedelta

from floorday.demo import cast
from floorday.demo.stage import Company, Scene
from floorday.demo.workdays import Workdays
from floorday.issues.actions import triage
from floorday.issues.actions.dates import NewDate
from floorday.mail import daily

SLIPPED = -1
OWNER = "marcus.webb"
TITLES = ("Refunds over 150 wait for a weekly batch", "Payment plan letters arrive after the first instalment")
LATER = 4
WHY = "The bank has put off the daily run by four working days, and both wait for it. We have that in writing."


def scenes(company: Company, workdays: Workdays) -> list[Scene]:
    """Lay out the morning on which the bank writes."""

    async def slips(at: datetime) -> None:
        ids = [company.issues[title] for title in TITLES]
        await triage.place_all(company.actors[OWNER], triage.Promise(NewDate(later=LATER), WHY), ids=ids, now=at)
        await daily.gather(now=at + timedelta(minutes=1))

    return [Scene(workdays.moment(SLIPPED, "11:10", cast.LONDON), slips)]
