"""What the teams of the demo call good service, what points at it, and the measures that get in its way, as scenes.

Days are counted in working days from today, as in `days`; how long before it was noted something was agreed
on is said in days of the calendar.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from floorday.db.text import Line
from floorday.demo import cast, plots
from floorday.demo.cast import BILLING, FAULTS, FIELD, MOVES, NETWORKS, PRODUCTS
from floorday.demo.stage import Act, Company, Scene, crew, form_of
from floorday.demo.workdays import Workdays
from floorday.issues import actions as issues
from floorday.measures import actions as measures
from floorday.measures.actions import MeasureForm, ReviewForm
from floorday.people import queries as people
from floorday.pictures import actions as pictures
from floorday.pictures.actions import PictureForm
from floorday.stories import actions as stories
from floorday.stories import queries as told
from floorday.stories.actions import StoryForm
from floorday.stories.queries import Wanted

NOTED, POINTED = -57, -14
"""When the lead wrote down what the team had agreed on, and what each issue is about."""

AGREED = {
    BILLING: (12, "Team meeting after the summer training"), NETWORKS: (47, "Both shifts, over two lunches"),
    MOVES: (371, "Team day in Cork"), FAULTS: (5, "Monday round"),
}  # fmt: skip
"""How many days before that each team agreed, and in which round; Moves more than a year before."""

PROPOSED = ((-6, FAULTS, "gareth.price", "Nobody explains their fault a second time."),)

ABOUT = {
    "Refunds over 150 wait for a weekly batch": 2, "The first bill differs from the price that was quoted": 1,
    "Payment plan letters arrive after the first instalment": 2,
    "A change of bank details takes nine minutes on two screens": 3,
    "Call notes are cut at 255 characters without a warning": 4,
    "Handling time counts against us when we ring a customer back": 3,
    "The outage map is an hour behind the engineers": 1, "Visit windows of the engineers are not shown to us": 2,
    "We cannot see whether a fault was closed from afar": 3, "Weekend router swaps wait for a second approval": 2,
    "Moving home asks for the same form twice": 3, "New tenants wait nine days for an account number": 1,
    "Bereavement calls go round three departments": 1, "Closing an account needs three approvals": 1,
    "Vans come without the part that the caller described": 2, "The portal books the same visit twice": 2,
    "Nobody finds the form for compensation over 50": 3, "Jobs count as closed although a part is on order": 2,
}  # fmt: skip
"""Which statement (the first is 1) an issue is about."""


class Told(Struct, frozen=True):
    """A good story: on which day, by whom, about whom, and which statement it shows.

    One that grew out of an `issue` says who fixed that and whose idea it was.
    """

    day: int
    team: str
    by: str
    hero: str
    text: str
    statement: int
    customer_words: str = ""
    thanks: str = ""
    issue: str = ""
    fixed_by: str = ""
    idea_by: str = ""


STORIES = (
    Told(-30, BILLING, "ben.adeyemi", "grace.okonkwo", "Grace found the double charge before the caller had said the "
         "amount, and paid it back while they spoke.", 3, "I had put an hour aside for this call.",
         "Dear Grace, thank you. You found in a minute what took our customer three letters."),
    Told(-12, BILLING, "fatima.begum", "callum.doyle", "Callum named the day of the refund, and rang on that day to "
         "ask whether it had come.", 2, thanks="Dear Callum, thank you for ringing back when nobody asked you to."),
    Told(-19, NETWORKS, "astrid.holm", "jonas.akerlund", "Jonas told a bakery of the outage at four in the morning, "
         "before its ovens were on.", 1, "You rang me? That has never happened.",
         "Dear Jonas, forty loaves were baked because of you. Thank you."),
    Told(-8, FAULTS, "gareth.price", "imani.clarke", "Imani had the caller read the plate of the boiler; the van came "
         "once, with the valve.", 2),
    Told(-29, BILLING, "ben.adeyemi", "arjun.mehta", "Arjun heard on a Monday that an apostrophe hides a customer, and "
         "by the next Monday nobody was hidden.", 3, "",
         "Dear Arjun, nobody has had to spell a name since. Thank you.",
         issue="Account search misses surnames with an apostrophe", fixed_by="Arjun Mehta, IT",
         idea_by="callum.doyle"),
)  # fmt: skip


class Conflict(Struct, frozen=True):
    """A measure of the register: who sets it, for which issue it was opened, and its reviews.

    Of a review: the working day on which it was written down, how many days before it was held, by whom, outcome, why.
    """

    day: int
    name: str
    department: str
    issue: str
    measures: str
    target: str
    punishes: str
    examples: str
    reviews: tuple[tuple[int, int, str, str, str], ...]
    minutes: int = 0
    cases: int = 0


CONFLICTS = (
    Conflict(
        -15, "Average handling time", PRODUCTS, "Handling time counts against us when we ring a customer back",
        "Minutes from picking up to hanging up, for each team and week", "Under six minutes",
        "Ringing a customer back until it is solved: the second call counts against whoever makes it.",
        "Callers are asked to ring again tomorrow. A widower was passed on so that the call could end.",
        ((-11, 0, "colin.frost", "changed", "Call-backs are counted apart while solved cases are being tried"),),
        9, 260,
    ),
    Conflict(
        -9, "Jobs closed within two days", FIELD, "Jobs count as closed although a part is on order",
        "Share of repair visits that are closed on the second day", "95 of 100",
        "Keeping a job open until the house is warm: the depot loses its share for each one.",
        "A job is closed and a new one opened on the same morning, for the same boiler.",
        ((-9, 389, "henrik.sjoberg", "kept", "The contractors are paid by it until their contract ends"),),
        20, 75,
    ),
)  # fmt: skip


PRAISE = (
    "Thank you, Grace",
    "Grace took a caller of ours who had been passed on three times, and paid the money back in one call. "
    "“She is the first of you who did not ask for the number again.” – Ellen",
)  # fmt: skip


def scenes(company: Company, workdays: Workdays) -> list[Scene]:
    """Lay out agreements, what points at them, stories, and the register."""
    found = [_at(workdays, NOTED, team, "11:30", _agreed(company, workdays, team)) for team in AGREED]
    found += [_at(workdays, day, team, "14:10", _proposes(company, team, by, text)) for day, team, by, text in PROPOSED]
    found += [_at(workdays, POINTED, BILLING, "16:20", _points(company))]
    found += [_at(workdays, one.day, one.team, "15:50", _tells(company, one)) for one in STORIES]
    found += [_at(workdays, one.day + 1, one.team, "09:40", _thanks(company, one)) for one in STORIES if one.thanks]
    found.append(_at(workdays, -1, BILLING, "13:20", _praises(company)))
    for one in CONFLICTS:
        found.append(_at(workdays, one.day, BILLING, "16:40", _opens(company, one)))
        for review in one.reviews:
            found.append(_at(workdays, review[0], BILLING, "16:50", _reviews(company, workdays, one, review)))
    return found


def _at(workdays: Workdays, day: int, team: str, clock: str, act: Act) -> Scene:
    return Scene(workdays.moment(day, clock, crew(team).zone), act)


def _agreed(company: Company, workdays: Workdays, team: str) -> Act:
    ago, by = AGREED[team]

    async def agrees(at: datetime) -> None:
        lines = [Line.parse(line) for line in crew(team).picture.splitlines()]
        on = workdays.date(NOTED) - timedelta(days=ago)
        form = PictureForm(statements=lines, agreed_on=on, agreed_by=Line.parse(by))
        await pictures.keep(company.actors[crew(team).lead], company.teams[team], form, now=at)

    return agrees


def _proposes(company: Company, team: str, by: str, text: str) -> Act:
    return lambda at: pictures.propose(company.actors[by], company.teams[team], text, now=at)


def _points(company: Company) -> Act:
    async def points(at: datetime) -> None:
        for team, team_id in company.teams.items():
            said = await people.statements(team_id)
            for title, place in ABOUT.items():
                if title in company.issues and _of(title) == team:
                    lead = company.actors[crew(team).lead]
                    await issues.point(lead, company.issues[title], said[place - 1].id, now=at)

    return points


def _of(title: str) -> str:
    return next(plot.team for plot in plots.PLOTS if plot.title == title)


def _tells(company: Company, one: Told) -> Act:
    async def tells(at: datetime) -> None:
        said = await people.statements(company.teams[one.team])
        form = form_of(
            StoryForm, team=str(company.teams[one.team]), text=one.text, hero=str(company.person(one.hero)),
            customer_words=one.customer_words, picture=str(said[one.statement - 1].id),
            **_credit(company, one),
        )  # fmt: skip
        await stories.tell(company.actors[one.by], form, now=at)

    return tells


def _credit(company: Company, one: Told) -> dict[str, str]:
    if not one.issue:
        return {}
    return {"issue": str(company.issues[one.issue]), "fixed_by": one.fixed_by,
            "idea_by": str(company.person(one.idea_by))}  # fmt: skip


def _praises(company: Company) -> Act:
    """Let a colleague of another team mail praise, which waits to be told."""
    async def praises(at: datetime) -> None:
        await stories.keep_praise(company.actors["astrid.holm"], company.teams[BILLING], *PRAISE, now=at)

    return praises


def _thanks(company: Company, one: Told) -> Act:
    async def thanks(at: datetime) -> None:
        lead = company.actors[crew(one.team).lead]
        (story,) = await told.stories(lead, Wanted(team=company.teams[one.team], hero=company.person(one.hero)))
        await stories.thank(lead, story.id, one.thanks, now=at)

    return thanks


def _opens(company: Company, one: Conflict) -> Act:
    async def opens(at: datetime) -> None:
        form = form_of(
            MeasureForm, name=one.name, department=str(company.departments[one.department]), measures=one.measures,
            target=one.target, punishes=one.punishes, examples=one.examples,
        )  # fmt: skip
        keeper = company.actors[cast.COORDINATOR]
        company.measures[one.name] = await measures.open_measure(
            keeper, form, now=at, issue=company.issues[one.issue])
        await issues.measure(keeper, company.issues[one.issue], minutes_per_case=one.minutes,
                             cases_per_month=one.cases, now=at)  # fmt: skip

    return opens


def _reviews(
    company: Company, workdays: Workdays, one: Conflict, review: tuple[int, int, str, str, str]
) -> Act:
    noted, ago, by, outcome, because = review

    async def reviews(at: datetime) -> None:
        form = form_of(ReviewForm, outcome=outcome, because=because,
                       reviewed_on=(workdays.date(noted) - timedelta(days=ago)).isoformat())  # fmt: skip
        await measures.review(company.actors[by], company.measures[one.name], form, now=at)

    return reviews
