"""What the demo's issues cost beside minutes and cases; what Invoicing hands on to every team; the hard ones picked."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.demo import cast
from floorday.demo.cast import BILLING, FAULTS, MOVES, NETWORKS
from floorday.demo.stage import Company, Scene
from floorday.demo.workdays import Workdays
from floorday.issues import actions as issues
from floorday.issues.rules import Effort

SMALL, MEDIUM, LARGE = Effort.SMALL, Effort.MEDIUM, Effort.LARGE

JUDGED: dict[str, tuple[Effort, int | None]] = {
    "Moving home asks for the same form twice": (MEDIUM, 1),
    "Final readings by phone are refused on the last day of a month": (SMALL, 1),
    "The welcome letter names a tariff that ended in spring": (SMALL, 2),
    "New tenants wait nine days for an account number": (LARGE, 2),
    "Eircodes lose their last letter in the address field": (SMALL, 1),
    "Bereavement calls go round three departments": (LARGE, 4),
    "Two tools show two different moving dates": (LARGE, 2),
    "Closing an account needs three approvals": (SMALL, 1),
    "Refunds over 150 wait for a weekly batch": (MEDIUM, 3),
    "The first bill differs from the price that was quoted": (LARGE, 3),
    "Payment plan letters arrive after the first instalment": (MEDIUM, 2),
    "Account search misses surnames with an apostrophe": (SMALL, 1),
    "A change of bank details takes nine minutes on two screens": (MEDIUM, 0),
    "Call notes are cut at 255 characters without a warning": (SMALL, 0),
    "Direct debit dates are hidden while a caller waits": (SMALL, 1),
    "The outage map is an hour behind the engineers": (LARGE, 3),
    "Visit windows of the engineers are not shown to us": (LARGE, 2),
    "Swedish letters are lost in text messages": (SMALL, 1),
    "Nobody finds the form for compensation over 50": (SMALL, 2),
    "Vans come without the part that the caller described": (LARGE, 3),
    "Fault codes in the script end three years ago": (MEDIUM, 1),
    "The portal books the same visit twice": (MEDIUM, 2),
    "Callers cannot hear the announcement over the music": (SMALL, 1),
}


class HandOff(Struct, frozen=True):
    """Something that Invoicing hands on to a team, and the team waits for."""

    day: int
    team: str
    by: str
    title: str
    text: str
    minutes: int
    cases: int
    effort: Effort


HAND_OFFS = (
    HandOff(-28, BILLING, "fatima.begum", "Corrected bills reach us two days after the customer",
            "They read me the new bill, I still see the old one.", 6, 150, MEDIUM),
    HandOff(-27, BILLING, "callum.doyle", "Nobody tells us when a dunning stop has run out",
            "We promised no reminder, and the reminder went.", 8, 60, SMALL),
    HandOff(-25, MOVES, "donal.byrne", "Final bills wait for a reading that we have sent",
            "We sent it on Monday, Invoicing asks for it on Friday.", 7, 110, MEDIUM),
    HandOff(-24, FAULTS, "rhys.morgan", "Credits for missed visits are asked for by mail, twice",
            "One mail is never enough.", 5, 90, SMALL),
    HandOff(-22, BILLING, "grace.okonkwo", "Split payments are joined again by the next run",
            "Two halves on Monday, one whole on Tuesday.", 9, 40, LARGE),
    HandOff(-21, NETWORKS, "leila.moradi", "Compensation after an outage is paid without a word to us",
            "The customer thanks me for something that I know nothing of.", 3, 70, SMALL),
    HandOff(-19, MOVES, "zanele.dube", "Deposits of closed accounts lie for three weeks",
            "Every third call in the week is about a deposit.", 4, 130, MEDIUM),
    HandOff(-18, BILLING, "fatima.begum", "The reason for a rejected direct debit stays with Invoicing",
            "I see rejected, they see why.", 4, 210, SMALL),
    HandOff(-16, FAULTS, "imani.clarke", "Charges for a false alarm appear before the report does",
            "The bill is there on day one, the report on day ten.", 6, 35, MEDIUM),
    HandOff(-14, MOVES, "mei.tan", "A new tenant inherits the reminders of the old one",
            "She has lived there for four days and owes for a year.", 12, 25, MEDIUM),
    HandOff(-13, BILLING, "callum.doyle", "Paper bills asked for by phone are ordered by fax",
            "The last fax in the building is ours.", 3, 45, SMALL),
    HandOff(-11, NETWORKS, "jonas.akerlund", "Router returns are booked, and billed all the same",
            "It stands on our shelf and on their bill.", 7, 55, SMALL),
    HandOff(-9, BILLING, "grace.okonkwo", "Meter exchanges leave two open bills",
            "One of them is for a meter that is gone.", 8, 65, MEDIUM),
    HandOff(-7, MOVES, "donal.byrne", "Refunds to a closed bank account come back unseen",
            "It returned in June, we heard of it in July.", 10, 20, SMALL),
    HandOff(-5, FAULTS, "sofia.marchetti", "Emergency visits are billed as ordinary ones, then corrected",
            "Both bills go out.", 5, 30, SMALL),
    HandOff(-3, BILLING, "fatima.begum", "Goodwill under ten needs a form that Invoicing types off",
            "I type it, they type it, it is seven pounds.", 6, 120, SMALL),
)  # fmt: skip
"""With the two that the managers met on their days, eighteen."""

PICKED = ("The outage map is an hour behind the engineers", "Two tools show two different moving dates",
          "New tenants wait nine days for an account number")
"""The first two are picked, then the second gives way to the third."""


def scenes(company: Company, workdays: Workdays) -> list[Scene]:
    """Let the head of service pick two hard ones for the running month, and exchange one."""
    month = f"{workdays.now.astimezone(ZoneInfo(cast.LONDON)):%Y-%m}"
    ruth = company.actors[cast.HEAD_OF_SERVICE]
    ids = company.issues

    async def pick(at: datetime) -> None:
        for title in PICKED[:2]:
            await issues.pick_hard_one(ruth, month, ids[title], now=at)

    async def exchange(at: datetime) -> None:
        await issues.exchange_hard_one(
            company.actors[cast.COORDINATOR], month, ids[PICKED[2]], out=ids[PICKED[1]],
            because="The two tools become one next quarter; until then nobody can do much.", now=at)  # fmt: skip

    return [Scene(workdays.moment(-1, "15:10", cast.LONDON), pick),
            Scene(workdays.moment(-1, "16:05", cast.LONDON), exchange)]  # fmt: skip
