"""The days of the demo: who was invited where, what they answered, what became of it.

Days are counted in working days from today: -1 is the last one before today, 0 today (or the next working day).
"""

from __future__ import annotations

from enum import Enum, auto

from msgspec import Struct

from floorday.demo.cast import BILLING, FAULTS, MOVES, NETWORKS


class Do(Enum):
    """What is done to a day."""

    ACCEPT = auto()
    MAYBE = auto()
    DECLINE = auto()
    MOVE = auto()
    POSTPONE = auto()
    CANCEL = auto()
    HOLD = auto()
    MISS = auto()
    READ_BACK = auto()
    PROPOSE = auto()
    WRITE = auto()


class Step(Struct, frozen=True):
    """One thing done, by somebody, with a word; `to` is the working day that a day is moved to.

    `calendar` says that the answer comes from a calendar program, as a mail.
    """

    day: int
    clock: str
    do: Do
    by: str
    word: str = ""
    to: int = 0
    calendar: bool = False


class Day(Struct, frozen=True):
    """One manager invited to one shift, in the team's own words."""

    key: str
    team: str
    manager: str
    day: int
    invited: int
    why: str
    doing: str
    hope: str
    steps: tuple[Step, ...] = ()
    starts: str = "09:00"
    ends: str = "15:00"


TODAY = "ann-billing"
"""The day that is today, or the next working day."""

CALLS = "Listen in on calls until the break, then take a few yourself with your host beside you."
CHATS = "Answer chats with your host in the morning, and follow one case to its end in the afternoon."
TOGETHER = "Sit with two of us in turn, one on calls and one on letters."
PLAN = (
    "First half hour: coffee, a headset, and what you will hear\n"
    "Until the break: beside your host, listening\n"
    "After the break: your own hands on the keys\n"
    "Last half hour: we read your notes back to you"
)
"""How every shift goes, as the teams write it."""


def _came(day: int, host: str, *, by: str, answered: int, read_back: bool = True) -> tuple[Step, ...]:
    """Accept in the calendar, come, and read back before leaving."""
    steps = [
        Step(answered, "11:20", Do.ACCEPT, by, calendar=True),
        *([Step(day, "14:40", Do.READ_BACK, host)] if read_back else []),
        Step(day, "15:05", Do.HOLD, host),
    ]
    return tuple(steps)


DAYS: tuple[Day, ...] = (
    Day(
        "ann-moves", MOVES, "ann.archer", -47, -52,
        "You signed off the new moving tool, and we would like you to use it with a caller waiting.",
        CALLS, "The form that every mover fills in twice.",
        _came(-47, "donal.byrne", by="ann.archer", answered=-51),
    ),
    Day(
        "karin-billing", BILLING, "karin.nyberg", -44, -50,
        "Refunds are the half of our calls that could be shorter, and you own the way they are paid.",
        CALLS, "Refunds above 150 that wait for Friday.",
        _came(-44, "fatima.begum", by="karin.nyberg", answered=-48),
    ),
    Day(
        "owen-networks", NETWORKS, "owen.achebe", -40, -46,
        "Half of our callers have looked at the outage map before they ring. Come and hear what it told them.",
        CALLS, "A map that knows what the engineers know.",
        _came(-40, "elias.bergqvist", by="owen.achebe", answered=-45),
    ),
    Day(
        "tomas-faults", FAULTS, "tomas.oleary", -36, -43,
        "We read your compensation rules to people who stand in the cold. Tell us which words may go.",
        TOGETHER, "A compensation form that can be found.",
        (
            Step(-42, "16:05", Do.ACCEPT, "roisin.daly", "Tomás would like to hear compensation calls."),
            Step(-36, "14:45", Do.READ_BACK, "imani.clarke"),
            Step(-36, "15:05", Do.HOLD, "imani.clarke"),
        ),
    ),
    Day(
        "priya-billing", BILLING, "priya.raman", -33, -39,
        "The first bill after a switch surprises people, and you decide what is quoted.",
        CALLS, "A first bill that matches the quote.",
        _came(-33, "callum.doyle", by="priya.raman", answered=-38),
    ),
    Day(
        "david-moves", MOVES, "david.mensah", -29, -36,
        "Three of us started this year. Come and see what the first weeks ask of us.",
        CHATS, "New tenants who wait for an account number.",
        _came(-29, "zanele.dube", by="david.mensah", answered=-34),
    ),
    Day(
        "linnea-faults", FAULTS, "linnea.dahl", -28, -37,
        "Your engineers and our advisers speak to the same customer within the hour.",
        CALLS, "Jobs that need a second visit because a part was missing.",
        (
            Step(-36, "09:25", Do.ACCEPT, "linnea.dahl", calendar=True),
            Step(-31, "10:10", Do.MOVE, "gareth.price", "The depot visits us that morning.", to=-26),
            Step(-30, "13:40", Do.ACCEPT, "linnea.dahl", "The new date suits me better.", calendar=True),
            Step(-26, "14:40", Do.READ_BACK, "rhys.morgan"),
            Step(-26, "15:10", Do.HOLD, "rhys.morgan"),
        ),
    ),
    Day(
        "jurgen-networks", NETWORKS, "jurgen.weiss", -22, -30,
        "The routers you buy are the ones we reset all day.",
        CALLS, "Weekend swaps that wait for a second approval.",
        (
            Step(-28, "17:30", Do.ACCEPT, "jurgen.weiss", calendar=True),
            Step(-21, "09:10", Do.MISS, "astrid.holm"),
        ),
    ),
    Day(
        "ann-networks", NETWORKS, "ann.archer", -19, -26,
        "You asked what a bad Monday sounds like. This one follows a maintenance weekend.",
        CALLS, "Visit times that a caller can count on.",
        (
            Step(-25, "08:50", Do.ACCEPT, "noor.haddad", "Ann will take the early train."),
            Step(-19, "14:35", Do.READ_BACK, "leila.moradi"),
            Step(-19, "15:05", Do.HOLD, "leila.moradi"),
        ),
    ),
    Day(
        "owen-billing", BILLING, "owen.achebe", -12, -20,
        "We copy the same note into three windows. Yours is the roof they live under.",
        CHATS, "Notes that are cut without a word.",
        _came(-12, "grace.okonkwo", by="owen.achebe", answered=-18),
    ),
    Day(
        "priya-faults", FAULTS, "priya.raman", -9, -17,
        "The online test is your product, and it is the first thing we ask for when the line is down.",
        CALLS, "A fault script for people without a line.",
        _came(-9, "sofia.marchetti", by="priya.raman", answered=-16),
    ),
    Day(
        "david-billing", BILLING, "david.mensah", -6, -14,
        "We would like to show you what a call-back does to our figures.",
        TOGETHER, "A target that does not punish ringing back.",
        (
            Step(-13, "12:15", Do.MAYBE, "david.mensah", "Yes, if the works council moves its date.", calendar=True),
            Step(-8, "16:20", Do.CANCEL, "noor.haddad", "The works council meets on that day."),
        ),
    ),
    Day(
        "linnea-moves", MOVES, "linnea.dahl", -4, -13,
        "A moving date touches your calendar twice: once to read the meter, once to connect.",
        CHATS, "Two tools that show two dates.",
        _came(-4, "mei.tan", by="linnea.dahl", answered=-12),
    ),
    Day(
        "tomas-networks", NETWORKS, "tomas.oleary", -2, -10,
        "You wrote what we may say during an outage. Hear how it lands.",
        CALLS, "Words for an outage that lasts past the promise.",
        (
            Step(-9, "10:45", Do.ACCEPT, "tomas.oleary", calendar=True),
            Step(-2, "15:10", Do.HOLD, "jonas.akerlund"),
        ),
        starts="08:00", ends="14:00",
    ),
    Day(
        TODAY, BILLING, "ann.archer", 0, -11,
        "Seven weeks ago you took refunds on. Sit with the people who explain them, and see what has changed.",
        CALLS, "One true sentence we can say about refund dates.",
        (Step(-10, "09:35", Do.ACCEPT, "ann.archer", "Looking forward to it. Lunch is on me.", calendar=True),),
    ),
    Day(
        "jurgen-networks-2", NETWORKS, "jurgen.weiss", 3, -15,
        "We missed you in the autumn, and the routers are still here.",
        CALLS, "Weekend swaps that wait for a second approval.",
        (Step(-11, "18:05", Do.ACCEPT, "jurgen.weiss", "This time for certain.", calendar=True),),
    ),
    Day(
        "karin-moves", MOVES, "karin.nyberg", 5, -8,
        "Closing an account needs your department's yes three times. Come and count them with us.",
        CALLS, "Final bills in one step.",
        (Step(-1, "11:10", Do.PROPOSE, "karin.nyberg", "The board meets that day. Would the day after do?", to=6),),
    ),
    Day(
        "owen-faults", FAULTS, "owen.achebe", 7, -7,
        "Our duplicate appointments begin in your portal.",
        CALLS, "One booking, one visit.",
        (Step(-5, "13:30", Do.MAYBE, "owen.achebe", "I may be at the supplier that day.", calendar=True),),
    ),
    Day(
        "priya-networks", NETWORKS, "priya.raman", 9, -6,
        "The bundle you launched in May comes up in every third call here.",
        CHATS, "One price on the page and on the bill.",
        (Step(-3, "11:55", Do.DECLINE, "priya.raman", "I am on leave that week; please ask me for another one.",
              calendar=True),),
    ),
    Day(
        "ann-faults", FAULTS, "ann.archer", 10, -1,
        "You have been to three of our four floors. Ours has the coldest callers.",
        CALLS, "The right part in the van on the first visit.",
        starts="12:00", ends="18:00",
    ),
    Day(
        "linnea-billing", BILLING, "linnea.dahl", 14, -9,
        "When a visit is missed, the credit for it is ours to explain.",
        TOGETHER, "A credit that follows a missed visit by itself.",
        (
            Step(-7, "09:15", Do.ACCEPT, "peter.sandstrom", "Linnea has kept the day free."),
            Step(-4, "16:50", Do.MOVE, "peter.sandstrom", "Linnea travels on the first date.", to=16),
        ),
    ),
    Day(
        "tomas-moves", MOVES, "tomas.oleary", 6, -16,
        "Bereavement calls go round three departments, and the rules for them are yours.",
        TOGETHER, "One person for a family, from the first call to the last bill.",
        (
            Step(-14, "10:05", Do.ACCEPT, "tomas.oleary", calendar=True),
            Step(-3, "15:25", Do.POSTPONE, "roisin.daly", "A hearing was set for that day; Tomás asks for new dates."),
        ),
    ),
    Day(
        "david-networks", NETWORKS, "david.mensah", 12, -2,
        "We lost four colleagues to the day shift this year, and would like you to see a late one.",
        CALLS, "Chairs, lights and breaks of the late desks.",
        (Step(-1, "15:20", Do.WRITE, "david.mensah", "May I bring a new colleague along? Then the answer is yes."),),
        starts="11:00", ends="17:00",
    ),
    Day(
        "jurgen-faults", FAULTS, "jurgen.weiss", 18, -4,
        "The headsets were your best purchase this year. Come and hear what they still drop.",
        CALLS, "Headsets that find their desk again.",
    ),
)  # fmt: skip

FREE: tuple[tuple[str, int, str, str], ...] = (
    (BILLING, 8, "09:00", "15:00"),
    (BILLING, 15, "09:00", "15:00"),
    (BILLING, 22, "12:00", "18:00"),
    (NETWORKS, 6, "08:00", "14:00"),
    (NETWORKS, 13, "08:00", "14:00"),
    (NETWORKS, 20, "11:00", "17:00"),
    (MOVES, 9, "09:00", "15:00"),
    (MOVES, 11, "09:00", "15:00"),
    (MOVES, 19, "09:00", "15:00"),
    (FAULTS, 8, "12:00", "18:00"),
    (FAULTS, 15, "09:00", "15:00"),
    (FAULTS, 21, "09:00", "15:00"),
)
"""Shifts to come that nobody has yet: team, working day, from, to."""
