"""What slips in the demo: one owner's dates, all at once, and a manager who left a day without an issue."""

from __future__ import annotations

from datetime import datetime, timedelta

from floorday.demo import cast
from floorday.demo.cast import NETWORKS
from floorday.demo.stage import Company, Scene
from floorday.demo.workdays import Workdays
from floorday.issues import actions as issues
from floorday.issues.actions import triage
from floorday.issues.actions.dates import NewDate
from floorday.issues.rules import Stream
from floorday.mail import daily

SLIPPED = -1
OWNER = "marcus.webb"
TITLES = ("Refunds over 150 wait for a weekly batch", "Payment plan letters arrive after the first instalment")
LATER = 4
VISIT, VISITED, VISITOR = "ann-networks", -19, "ann.archer"
NOT_TAKEN = "Compensation after an outage is paid without a word to us"
MET_TOO = "A customer thanked us for money, and nobody at the desk knew of it."
"""She leaves that day without an issue that she answers for, and is still asked for one."""

WHY = "The bank has put off the daily run by four working days, and both wait for it. We have that in writing."


def scenes(company: Company, workdays: Workdays) -> list[Scene]:
    """Lay out the morning on which the bank writes."""

    async def slips(at: datetime) -> None:
        ids = [company.issues[title] for title in TITLES]
        await triage.place_all(company.actors[OWNER], triage.Promise(NewDate(later=LATER), WHY), ids=ids, now=at,
                               clock=lambda: 0)  # on this stage nothing takes time
        await daily.gather(now=at + timedelta(minutes=1))

    async def meets(at: datetime) -> None:
        await issues.note(company.actors[VISITOR], issues.NoteForm(
            text=issues.Said.parse(MET_TOO), stream=Stream.MANAGER_SAW, team=company.teams[NETWORKS],
            issue=company.issues[NOT_TAKEN], day=company.bookings[VISIT]), now=at)

    return [Scene(workdays.moment(SLIPPED, "11:10", cast.LONDON), slips),
            Scene(workdays.moment(VISITED, "11:30", cast.LONDON), meets)]  # fmt: skip
