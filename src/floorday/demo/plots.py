"""The issues of the demo: what was said on the floor, and what became of it.

Days are counted in working days from today, as in `days`. Names are keys of `cast`.
"""

from __future__ import annotations

from enum import Enum, auto

from msgspec import Struct

from floorday.demo.cast import BILLING, FAULTS, FIELD, INVOICING, IT, LEGAL, MOVES, NETWORKS, PRODUCTS
from floorday.demo.costs import HAND_OFFS, HandOff
from floorday.issues.rules import Effort, Kind, Naming, Resolution, Stream, Verdict


class Do(Enum):
    """What is done to an issue."""

    TAKE = auto()
    PROMISE = auto()
    UPDATE = auto()
    ASK = auto()
    DECIDE = auto()
    RESOLVE = auto()
    VERDICT = auto()
    AGAIN = auto()
    JOIN = auto()
    DECLINE = auto()
    SNOOZE = auto()
    SPONSOR = auto()
    QUESTION = auto()


class Said(Struct, frozen=True):
    """A note: on which day, in which stream, by whom (nobody: anonymously), in which words, with which idea."""

    day: int
    stream: Stream
    by: str
    text: str
    naming: Naming = Naming.NAMED
    idea: str = ""


class Step(Struct, frozen=True):
    """One thing done to an issue. What `by`, `to`, `how` and `says` mean depends on it."""

    day: int
    do: Do
    by: str
    text: str = ""
    to: int = 0
    how: Resolution = Resolution.EVERYBODY
    says: Verdict = Verdict.FIXED
    other: str = ""


class Plot(Struct, frozen=True):
    """An issue from its first note on. `visit` is the day of `days` that it came from."""

    title: str
    kind: Kind
    team: str
    said: tuple[Said, ...]
    department: str = ""
    visit: str = ""
    minutes: int = 0
    cases: int = 0
    steps: tuple[Step, ...] = ()
    effort: Effort = Effort.UNKNOWN



SAW, TOLD, HEARD, GOOD = Stream.MANAGER_SAW, Stream.STAFF_TOLD, Stream.CUSTOMER_SAID, Stream.GOOD_NEWS
HIDDEN, NOBODY = Naming.HIDDEN, Naming.ANONYMOUS


def _take(day: int, department: str, owner: str) -> Step:
    return Step(day, Do.TAKE, "maya.lindqvist", department, other=owner)


def _sponsor(day: int, manager: str) -> Step:
    return Step(day, Do.SPONSOR, manager)


def _promise(day: int, owner: str, to: int, text: str = "") -> Step:
    return Step(day, Do.PROMISE, owner, text, to)


def _word(day: int, owner: str, text: str) -> Step:
    return Step(day, Do.UPDATE, owner, text)


def _ask(day: int, owner: str, question: str) -> Step:
    return Step(day, Do.ASK, owner, question)


def _yes(day: int, who: str, text: str) -> Step:
    return Step(day, Do.DECIDE, who, text)


def _done(day: int, owner: str, how: Resolution, text: str) -> Step:
    return Step(day, Do.RESOLVE, owner, text, how=how)


def _says(day: int, who: str, says: Verdict = Verdict.FIXED, text: str = "") -> Step:
    return Step(day, Do.VERDICT, who, text, says=says)


HERE, ALL, AROUND, CANNOT = Resolution.HERE, Resolution.EVERYBODY, Resolution.WORKAROUND, Resolution.CANNOT

LIVED: tuple[Plot, ...] = (
    # --- Moves, Cork: the first day of the programme ---------------------------------------------------------------
    Plot(
        "Moving home asks for the same form twice", Kind.RED_TAPE, MOVES,
        (
            Said(-47, SAW, "ann.archer", "Every mover fills in one form for the old home and again for the new."),
            Said(-47, TOLD, "donal.byrne", "I copy the first form into the second while the caller waits."),
            Said(-44, TOLD, "zanele.dube", "Callers ask why we want their birthday twice in five minutes."),
        ),
        PRODUCTS, "ann-moves", 6, 380,
        (
            _sponsor(-47, "ann.archer"),
            _take(-46, PRODUCTS, "hana.suzuki"),
            _promise(-45, "hana.suzuki", -30, "The second form will open filled in."),
            _word(-37, "hana.suzuki", "The new form is being tried by two people in Cork."),
            _done(-31, "hana.suzuki", ALL, "The second form opens filled in; only the address is new."),
            _says(-30, "donal.byrne"),
            _says(-29, "zanele.dube", text="Saves me a good five minutes a call."),
            _says(-28, "ann.archer"),
        ),
    ),
    Plot(
        "Final readings by phone are refused on the last day of a month", Kind.GLITCH, MOVES,
        (
            Said(-47, TOLD, "mei.tan", "On the 31st the reading field says that the date is in the future."),
            Said(-40, HEARD, "mei.tan", "I stood at the meter for ten minutes and you would not take the number."),
        ),
        IT, "ann-moves", 8, 45,
        (
            _take(-46, IT, "cleo.fontaine"),
            _promise(-45, "cleo.fontaine", -36),
            _done(-38, "cleo.fontaine", AROUND, "Pick the day before and note the true date; readings are put "
                                               "right overnight."),
            _says(-36, "mei.tan", text="It works, even if it feels odd."),
        ),
    ),
    Plot(
        "The welcome letter names a tariff that ended in spring", Kind.PRODUCT, MOVES,
        (Said(-46, HEARD, "zanele.dube", "Your letter says Green Fix, your website says there is no such thing."),),
        PRODUCTS, "", 5, 60,
        (
            _take(-45, PRODUCTS, "hana.suzuki"),
            _promise(-44, "hana.suzuki", -36),
            _done(-36, "hana.suzuki", ALL, "The letter takes the name of the tariff from the contract."),
        ),
    ),
    Plot(
        "New tenants wait nine days for an account number", Kind.HAND_OFF, MOVES,
        (
            Said(-29, SAW, "david.mensah", "Four callers had keys and no account number, so they could not pay."),
            Said(-29, TOLD, "zanele.dube", "We send the request and hear nothing until the number comes."),
            Said(-21, TOLD, "donal.byrne", "A landlord rang for the third time about the same flat."),
            Said(-8, HEARD, "mei.tan", "I have lived here for a week and you still call me the occupier."),
        ),
        INVOICING, "david-moves", 14, 120,
        (
            _sponsor(-29, "david.mensah"),
            _take(-28, INVOICING, "marcus.webb"),
            _promise(-26, "marcus.webb", -9, "Numbers the same day for homes we know."),
            _word(-19, "marcus.webb", "Numbers are given out by hand twice a day now; the rest needs the register."),
            _promise(-11, "marcus.webb", 6, "The register's new interface arrives a month later than planned."),
            _word(-4, "marcus.webb", "The interface is on the test system; the first numbers came within a minute."),
        ),
    ),
    Plot(
        "Eircodes lose their last letter in the address field", Kind.GLITCH, MOVES,
        (
            Said(-27, TOLD, "donal.byrne", "The address field drops the seventh sign, so the post goes next door."),
            Said(-20, TOLD, "zanele.dube", "Had to spell an address three times, and the letter still went astray."),
        ),
        IT, "", 4, 90,
        (
            _take(-26, IT, "arjun.mehta"),
            _promise(-25, "arjun.mehta", -16),
            _done(-17, "arjun.mehta", ALL, "The field is long enough, and old addresses have been put right."),
            _says(-16, "donal.byrne"),
            _says(-14, "zanele.dube"),
        ),
    ),
    Plot(
        "Address field cuts off the end of Irish postcodes", Kind.GLITCH, MOVES,
        (Said(-24, TOLD, "mei.tan", "Postcodes are cut short in the third address line."),),
        steps=(Step(-23, Do.JOIN, "maya.lindqvist", other="Eircodes lose their last letter in the address field"),),
    ),
    Plot(
        "Bereavement calls go round three departments", Kind.HAND_OFF, MOVES,
        (
            Said(-25, TOLD, "", "A family told the same sad story three times in one morning.", NOBODY),
            Said(-18, TOLD, "aoife.kavanagh", "We promise one call, then each department asks for the papers again."),
        ),
        LEGAL, "", 25, 30,
        (
            _take(-24, LEGAL, "yusuf.demir"),
            _promise(-22, "yusuf.demir", 9, "One list of papers, agreed by all three departments."),
            _word(-13, "yusuf.demir", "Two of three departments have agreed to take each other's copies."),
            _word(-5, "yusuf.demir", "No news yet: the third answer is due next week."),
        ),
    ),
    Plot(
        "Two tools show two different moving dates", Kind.GLITCH, MOVES,
        (
            Said(-4, SAW, "linnea.dahl", "The contract said the third, the engineer's list said the tenth."),
            Said(-4, TOLD, "mei.tan", "Whichever date we read out, one of the two is wrong."),
        ),
        IT, "linnea-moves", 9, 150,
        (
            _sponsor(-4, "linnea.dahl"),
            _take(-3, IT, "cleo.fontaine"),
            _ask(-2, "cleo.fontaine", "May the contract's date overwrite the engineers' list every night? Field "
                                      "planning would lose changes made by hand."),
        ),
    ),
    Plot(
        "Closing an account needs three approvals", Kind.RED_TAPE, MOVES,
        (Said(-15, TOLD, "aoife.kavanagh", "Invoicing says yes three times before a final bill leaves."),),
        INVOICING, "", 11, 200,
        (
            _take(-14, INVOICING, "petra.quill"),
            _promise(-12, "petra.quill", 14, "One approval for bills under 500."),
            _word(-6, "marcus.webb", "The auditors have no objection to a single approval under 500."),
        ),
    ),
    # --- Billing, Leeds --------------------------------------------------------------------------------------------
    Plot(
        "Refunds over 150 wait for a weekly batch", Kind.RED_TAPE, BILLING,
        (
            Said(-44, SAW, "karin.nyberg", "Three callers in one hour waited for a refund in Friday's batch."),
            Said(-44, TOLD, "fatima.begum", "Over 150 I promise ten days and hope."),
            Said(-30, TOLD, "grace.okonkwo", "Four more today, one of them for the second time."),
            Said(-12, HEARD, "callum.doyle", "You took it in a second and you keep it for a fortnight."),
        ),
        INVOICING, "karin-billing", 12, 410,
        (
            _sponsor(-44, "karin.nyberg"),
            _take(-43, INVOICING, "marcus.webb"),
            _promise(-41, "marcus.webb", -27, "Two batches a week to begin with."),
            _promise(-29, "marcus.webb", -13, "The bank wants a new contract for a second batch."),
            _word(-20, "marcus.webb", "The bank offers daily runs, for a fee. We are working out what that costs."),
            _promise(-14, "marcus.webb", 10, "Daily runs can begin ten days after the fee is agreed."),
            _ask(-3, "marcus.webb", "Do we accept the bank's fee for daily refund runs? It is about 40 a month and "
                                    "saves 80 hours of calls."),
        ),
    ),
    Plot(
        "The first bill differs from the price that was quoted", Kind.PRODUCT, BILLING,
        (
            Said(-33, SAW, "priya.raman", "The quote left out the standing charge of the first half month."),
            Said(-33, HEARD, "callum.doyle", "Twelve pounds more than you said, on the very first bill."),
        ),
        PRODUCTS, "priya-billing", 10, 260,
        (
            _sponsor(-33, "priya.raman"),
            _take(-32, PRODUCTS, "hana.suzuki"),
            _promise(-31, "hana.suzuki", -21),
            _done(-22, "hana.suzuki", ALL, "Quotes show the first bill to the penny, with a line for the half month."),
            _says(-20, "callum.doyle", text="The first week without that call."),
            _says(-19, "priya.raman"),
        ),
    ),
    Plot(
        "Payment plan letters arrive after the first instalment", Kind.HAND_OFF, BILLING,
        (
            Said(-32, TOLD, "grace.okonkwo", "People miss an instalment that they have not been told of."),
            Said(-26, HEARD, "fatima.begum", "The reminder came on the same day as the plan."),
        ),
        INVOICING, "", 9, 140,
        (
            _take(-31, INVOICING, "marcus.webb"),
            _promise(-30, "marcus.webb", -18),
            _done(-19, "marcus.webb", ALL, "Plans are printed daily, and the first date is never within ten days."),
            _says(-15, "grace.okonkwo", Verdict.PARTLY, "Right for letters; plans sent by mail still come late."),
            _word(-13, "marcus.webb", "The mails wait in another queue. It is being moved to the daily run."),
            _promise(-12, "marcus.webb", 3, "Mails go with the daily run."),
        ),
    ),
    Plot(
        "Account search misses surnames with an apostrophe", Kind.GLITCH, BILLING,
        (
            Said(-39, TOLD, "callum.doyle", "A name with an apostrophe is never found at the first try.",
                 idea="Let the search look past all signs."),
            Said(-35, HEARD, "fatima.begum", "Every time I ring, you tell me I am not a customer."),
        ),
        IT, "", 3, 220,
        (
            _take(-38, IT, "arjun.mehta"),
            _promise(-37, "arjun.mehta", -30),
            _done(-32, "arjun.mehta", ALL, "Search looks past apostrophes, hyphens and accents."),
            _says(-31, "callum.doyle"),
            _says(-30, "fatima.begum"),
        ),
    ),
    Plot(
        "A change of bank details takes nine minutes on two screens", Kind.RED_TAPE, BILLING,
        (
            Said(-33, TOLD, "ben.adeyemi", "Both screens ask the same four questions."),
            Said(-28, TOLD, "grace.okonkwo", "Callers give up half-way and pay late."),
        ),
        LEGAL, "priya-billing", 9, 170,
        (
            _take(-31, LEGAL, "yusuf.demir"),
            _word(-24, "yusuf.demir", "We are asking the regulator whether one screen would do."),
            _done(-17, "yusuf.demir", CANNOT, "Payment rules ask for two separate checks of a bank account. The "
                                             "reason now stands in the script, so that callers hear it."),
        ),
    ),
    Plot(
        "Call notes are cut at 255 characters without a warning", Kind.GLITCH, BILLING,
        (
            Said(-12, SAW, "owen.achebe", "I typed a whole case, and the next adviser saw half of it."),
            Said(-12, TOLD, "grace.okonkwo", "We keep the real notes in a text file."),
            Said(-7, TOLD, "leila.moradi", "The same here in Malmö, and nobody knew of the limit."),
        ),
        IT, "owen-billing", 4, 600,
        (
            _sponsor(-12, "owen.achebe"),
            _take(-11, IT, "cleo.fontaine"),
            _promise(-10, "cleo.fontaine", 4, "Notes of any length, ahead of the rest of the release."),
            _word(-5, "cleo.fontaine", "The database is ready; the window follows."),
        ),
    ),
    Plot(
        "Handling time counts against us when we ring a customer back", Kind.MEASURE_CONFLICT, BILLING,
        (
            Said(-17, TOLD, "", "Ringing back costs me my target, so I let people call again.", NOBODY),
            Said(-16, TOLD, "ben.adeyemi", "A call-back is counted as two calls by one adviser."),
        ),
        PRODUCTS, "", 0, 0,
        (
            _take(-15, PRODUCTS, "hana.suzuki"),
            _promise(-13, "hana.suzuki", -4, "A figure that counts solved cases instead."),
        ),
    ),
    Plot(
        "Nobody tells us of a tariff change before the customer does", Kind.KNOWLEDGE, BILLING,
        (
            Said(-2, TOLD, "callum.doyle", "Second time this year that a caller read me our own news.", HIDDEN),
            Said(-1, TOLD, "fatima.begum", "The page changed at eight, the briefing came at noon."),
        ),
    ),
    Plot(
        "Meter photos from the app open sideways", Kind.GLITCH, BILLING,
        (Said(-1, TOLD, "grace.okonkwo", "I turn my head, or the screen, for every second photo."),),
    ),
    Plot(
        "Direct debit dates are hidden while a caller waits", Kind.GLITCH, BILLING,
        (
            Said(-11, TOLD, "fatima.begum", "The date is on the second page, and that takes a minute to open."),
            Said(-10, HEARD, "callum.doyle", "You know my date better than I do, so why do you ask me?"),
        ),
        IT, "", 2, 340,
        (
            _take(-10, IT, "cleo.fontaine"),
            _promise(-9, "cleo.fontaine", -1),
            _done(-3, "cleo.fontaine", ALL, "The date stands beside the name on the first page."),
        ),
    ),
    Plot(
        "Headset cupboard in Leeds is locked before the late shift", Kind.WORKSPACE, BILLING,
        (Said(-22, TOLD, "callum.doyle", "The key goes home at five, the late shift begins at six."),),
        PRODUCTS, "", 0, 0,
        (
            _take(-21, PRODUCTS, "hana.suzuki"),
            _done(-20, "hana.suzuki", HERE, "There is a second key with the late lead."),
            _says(-19, "callum.doyle"),
        ),
    ),
    # --- Networks, Malmö -------------------------------------------------------------------------------------------
    Plot(
        "The outage map is an hour behind the engineers", Kind.GLITCH, NETWORKS,
        (
            Said(-40, SAW, "owen.achebe", "The map was green while the engineer stood in front of the burnt cabinet."),
            Said(-40, TOLD, "elias.bergqvist", "We learn of outages from the callers."),
            Said(-19, SAW, "ann.archer", "The same again after the maintenance weekend."),
            Said(-10, HEARD, "jonas.akerlund", "Your map told me to restart the router for an hour."),
        ),
        IT, "owen-networks", 7, 520,
        (
            _sponsor(-40, "owen.achebe"),
            _take(-39, IT, "cleo.fontaine"),
            _promise(-37, "cleo.fontaine", -22, "The map will read the engineers' list every five minutes."),
            _word(-28, "cleo.fontaine", "The list can be read; the map is too slow for it and is being rebuilt."),
            _word(-15, "cleo.fontaine", "The new map runs beside the old one. It missed one outage in ten."),
            _promise(-14, "cleo.fontaine", -1, "It goes live when it misses none for a week."),
        ),
    ),
    Plot(
        "Visit windows of the engineers are not shown to us", Kind.HAND_OFF, NETWORKS,
        (
            Said(-39, TOLD, "leila.moradi", "We tell callers to wait for a text, because we see no time."),
            Said(-33, HEARD, "elias.bergqvist", "I took a day off for a visit, and nobody can tell me the hour."),
        ),
        FIELD, "", 5, 430,
        (
            _take(-38, FIELD, "agnieszka.nowak"),
            _promise(-37, "agnieszka.nowak", -29),
            _done(-30, "agnieszka.nowak", ALL, "Today's window stands in the case, from seven in the morning on."),
            _says(-28, "leila.moradi"),
            Step(-19, Do.AGAIN, "ann.archer", "After the weekend the windows were empty again for half the callers."),
            _word(-17, "agnieszka.nowak", "Weekend plans were left out of the feed; they are in it from Monday on."),
            _promise(-16, "agnieszka.nowak", -8),
            _done(-9, "agnieszka.nowak", ALL, "Weekend plans are in the feed; an empty window raises an alarm here."),
            _says(-7, "ann.archer"),
            _says(-6, "leila.moradi"),
        ),
    ),
    Plot(
        "Late desks have chairs that sink", Kind.WORKSPACE, NETWORKS,
        (
            Said(-38, TOLD, "jonas.akerlund", "Three of six chairs go down during a call."),
            Said(-37, TOLD, "elias.bergqvist", "We swap chairs at four, before the others notice."),
        ),
        PRODUCTS, "", 0, 0,
        (
            _take(-37, PRODUCTS, "hana.suzuki"),
            _promise(-36, "hana.suzuki", -28),
            _done(-30, "hana.suzuki", HERE, "Six new chairs stand at the late desks."),
            _says(-29, "jonas.akerlund", text="My back says thank you."),
            _says(-28, "elias.bergqvist"),
        ),
    ),
    Plot(
        "Swedish letters are lost in text messages", Kind.GLITCH, NETWORKS,
        (
            Said(-23, TOLD, "leila.moradi", "Åsa reads that a question mark is on its way."),
            Said(-14, HEARD, "jonas.akerlund", "I thought your message was a fraud."),
        ),
        IT, "", 3, 310,
        (
            _take(-22, IT, "arjun.mehta"),
            _promise(-20, "arjun.mehta", -6),
            _word(-12, "arjun.mehta", "The provider has changed the setting on the test line."),
            _done(-5, "arjun.mehta", ALL, "All messages leave with every letter of the alphabet."),
        ),
    ),
    Plot(
        "Weekend router swaps wait for a second approval", Kind.RED_TAPE, NETWORKS,
        (
            Said(-21, TOLD, "astrid.holm", "A caller without a line waits from Friday to Monday for a signature."),
            Said(-11, HEARD, "elias.bergqvist", "I work from home, and you tell me to wait for the office."),
        ),
        FIELD, "", 10, 75,
        (
            _take(-20, FIELD, "agnieszka.nowak"),
            _sponsor(-19, "linnea.dahl"),
            _ask(-18, "agnieszka.nowak", "May the shift lead approve swaps up to 120 at weekends?"),
            _yes(-16, "ruth.calloway", "Yes, from this weekend on; send me the number each month."),
            _promise(-15, "agnieszka.nowak", 5, "Weekend swaps in the shift lead's hands."),
            _word(-6, "agnieszka.nowak", "Two shift leads have tried it; the button is being built."),
            Step(-1, Do.QUESTION, "agnieszka.nowak", "Which swaps still wait past Saturday noon, and for whom?"),
        ),
    ),
    Plot(
        "We cannot see whether a fault was closed from afar", Kind.KNOWLEDGE, NETWORKS,
        (Said(-13, TOLD, "jonas.akerlund", "The case says closed, and not by whom or how.", HIDDEN),),
        steps=(Step(-12, Do.SNOOZE, "maya.lindqvist", "The new case screen will show it.", to=12),),
    ),
    Plot(
        "Words for a long outage sound as if nobody knows", Kind.KNOWLEDGE, NETWORKS,
        (
            Said(-2, SAW, "tomas.oleary", "We say as soon as possible, and the caller hears never."),
            Said(-2, TOLD, "jonas.akerlund", "I would rather say that the next word comes at noon."),
        ),
        LEGAL, "tomas-networks", 0, 0,
        (
            _sponsor(-2, "tomas.oleary"),
            _take(-1, LEGAL, "yusuf.demir"),
        ),
    ),
    Plot(
        "Test line for new advisers is always taken", Kind.STAFFING, NETWORKS,
        (Said(-26, TOLD, "leila.moradi", "Five learn at once on one line."),),
        IT, "", 0, 0,
        (
            _take(-25, IT, "arjun.mehta"),
            _promise(-24, "arjun.mehta", -12),
            _done(-13, "arjun.mehta", HERE, "There are four test lines, and a list to book them."),
            _says(-10, "leila.moradi", Verdict.NOT, "The list is full of bookings that nobody uses."),
            _promise(-9, "arjun.mehta", 2, "Bookings end after an hour."),
        ),
    ),
    # --- Faults, Cardiff -------------------------------------------------------------------------------------------
    Plot(
        "Nobody finds the form for compensation over 50", Kind.RED_TAPE, FAULTS,
        (
            Said(-36, SAW, "tomas.oleary", "It took two advisers and a lead to find the form that I signed."),
            Said(-36, TOLD, "imani.clarke", "Most of us offer 49 instead."),
        ),
        LEGAL, "tomas-faults", 15, 85,
        (
            _sponsor(-36, "tomas.oleary"),
            _take(-35, LEGAL, "yusuf.demir"),
            _promise(-33, "yusuf.demir", -20),
            _word(-26, "yusuf.demir", "The form shrinks from four pages to one."),
            _done(-21, "yusuf.demir", ALL, "The form is a button in the case, and is filled in except for the sum."),
            _says(-20, "imani.clarke"),
            _says(-18, "tomas.oleary"),
        ),
    ),
    Plot(
        "Vans come without the part that the caller described", Kind.HAND_OFF, FAULTS,
        (
            Said(-26, SAW, "linnea.dahl", "The adviser wrote valve, the van carried a pump."),
            Said(-26, TOLD, "rhys.morgan", "Our notes never reach the depot."),
            Said(-15, HEARD, "sofia.marchetti", "He was here for three minutes and said he would be back."),
            Said(-6, TOLD, "imani.clarke", "Two second visits today for a part we had named."),
        ),
        FIELD, "linnea-faults", 20, 95,
        (
            _sponsor(-26, "linnea.dahl"),
            _take(-25, FIELD, "agnieszka.nowak"),
            _promise(-24, "agnieszka.nowak", -10, "The note is printed on the van's list."),
            _word(-17, "agnieszka.nowak", "One depot prints it already; the other two are waiting for paper trays."),
            _promise(-11, "agnieszka.nowak", 8, "Two trays are late; the third depot has begun."),
            _word(-4, "agnieszka.nowak", "Two of three depots print the notes."),
        ),
    ),
    Plot(
        "Fault codes in the script end three years ago", Kind.KNOWLEDGE, FAULTS,
        (
            Said(-34, TOLD, "sofia.marchetti", "Newer boilers show codes that we look up on our own phones."),
            Said(-30, TOLD, "imani.clarke", "Somebody has a list in a drawer."),
        ),
        FIELD, "", 6, 180,
        (
            _take(-33, FIELD, "agnieszka.nowak"),
            _promise(-32, "agnieszka.nowak", -25),
            _done(-26, "agnieszka.nowak", ALL, "The makers' lists are in the script and renewed each month."),
            _says(-25, "sofia.marchetti"),
            _says(-24, "imani.clarke"),
        ),
    ),
    Plot(
        "Callers without a line are asked to test it online", Kind.PRODUCT, FAULTS,
        (
            Said(-9, SAW, "priya.raman", "The first question of the script cannot be answered by those who call."),
            Said(-9, HEARD, "sofia.marchetti", "If I could open your page, I would not be ringing."),
        ),
        PRODUCTS, "priya-faults", 4, 350,
        (
            _sponsor(-9, "priya.raman"),
            _take(-8, PRODUCTS, "hana.suzuki"),
            _promise(-7, "hana.suzuki", 1, "The script begins with a test that we run ourselves."),
            _word(-2, "hana.suzuki", "The new first question is being read out in Cardiff from tomorrow on."),
        ),
    ),
    Plot(
        "No direct line to the depot after six", Kind.STAFFING, FAULTS,
        (Said(-35, TOLD, "rhys.morgan", "After six we leave a message and hope."),),
        FIELD, "", 0, 0,
        (
            _take(-34, FIELD, "agnieszka.nowak"),
            _done(-27, "agnieszka.nowak", CANNOT, "The depot is empty after six. Emergencies go to the duty "
                                                 "engineer, whose number now stands on every screen."),
        ),
    ),
    Plot(
        "Headsets lose the call when two desks pair at once", Kind.GLITCH, FAULTS,
        (
            Said(-31, TOLD, "imani.clarke", "At shift change the next desk takes my caller."),
            Said(-29, TOLD, "rhys.morgan", "I have apologised to four strangers this week."),
        ),
        IT, "", 5, 70,
        (
            _take(-30, IT, "arjun.mehta"),
            _promise(-29, "arjun.mehta", -22),
            _done(-23, "arjun.mehta", HERE, "Each desk pairs with its own number only."),
            _says(-22, "imani.clarke"),
            _says(-21, "rhys.morgan"),
        ),
    ),
    Plot(
        "Parking at Bay House is full by eight", Kind.WORKSPACE, FAULTS,
        (Said(-27, TOLD, "sofia.marchetti", "The late shift circles for a quarter of an hour.", HIDDEN),),
        steps=(Step(-25, Do.DECLINE, "maya.lindqvist", "The car park belongs to the city. We asked for a later bus, "
                                                       "and will tell you what comes of it."),),
    ),
    Plot(
        "Storm warnings reach us after the calls do", Kind.HAND_OFF, FAULTS,
        (
            Said(-20, TOLD, "gareth.price", "The weather desk writes to the engineers, and not to us."),
            Said(-12, TOLD, "rhys.morgan", "I read of the storm on a caller's behalf."),
        ),
        FIELD, "", 0, 0,
        (
            _take(-19, FIELD, "agnieszka.nowak"),
            _promise(-18, "agnieszka.nowak", -5),
            _done(-6, "agnieszka.nowak", ALL, "The weather desk's warning opens on every screen an hour ahead."),
        ),
    ),
    Plot(
        "The portal books the same visit twice", Kind.GLITCH, FAULTS,
        (
            Said(-24, TOLD, "rhys.morgan", "Two vans in one street for one boiler."),
            Said(-18, HEARD, "imani.clarke", "I cancelled one, and you cancelled both."),
            Said(-5, TOLD, "gareth.price", "Eleven double visits last week."),
        ),
        IT, "", 18, 55,
        (
            _take(-23, IT, "cleo.fontaine"),
            _promise(-22, "cleo.fontaine", -14),
            _done(-15, "cleo.fontaine", ALL, "A second press of the button books nothing."),
            _says(-13, "rhys.morgan", Verdict.NOT, "It still happens when the page is open in two windows."),
            _word(-10, "cleo.fontaine", "Found: the second window asks another server. The change is being tested."),
            _promise(-9, "cleo.fontaine", 7, "One visit for one case, whatever asks for it."),
        ),
    ),
    Plot(
        "The script asks for a birthday that we already have", Kind.RED_TAPE, FAULTS,
        (Said(-1, HEARD, "sofia.marchetti", "You greeted me by name and then asked who I am."),),
    ),
    Plot(
        "Callers cannot hear the announcement over the music", Kind.OTHER, FAULTS,
        (
            Said(-16, HEARD, "imani.clarke", "Is there a person behind that trumpet?"),
            Said(-13, TOLD, "sofia.marchetti", "They miss the sentence that would have helped them."),
        ),
        IT, "", 2, 900,
        (
            _take(-15, IT, "arjun.mehta"),
            _promise(-14, "arjun.mehta", -9),
            _done(-10, "arjun.mehta", ALL, "The music stops while the announcement speaks."),
            _says(-9, "sofia.marchetti"),
            _says(-8, "imani.clarke"),
        ),
    ),
    Plot(
        "Jobs count as closed although a part is on order", Kind.MEASURE_CONFLICT, FAULTS,
        (
            Said(-10, TOLD, "gareth.price", "The count says done, the house is still cold."),
            Said(-8, HEARD, "rhys.morgan", "How can it be closed when I have no heating?"),
        ),
        FIELD, "", 0, 0,
        (
            _take(-9, FIELD, "agnieszka.nowak"),
            _sponsor(-8, "ann.archer"),
            _word(-7, "agnieszka.nowak", "The depots agree; the change touches how visits are paid for."),
            _ask(-5, "agnieszka.nowak", "May a job stay open, and unpaid to the contractor, until the part is fitted?"),
        ),
    ),
)  # fmt: skip


def _handed_on(one: HandOff) -> Plot:
    """Make an issue of something that Invoicing hands on; what has waited longer has had a word."""
    word = (_word(-6, "marcus.webb", "It stands on our list of hand-offs; we count before we promise."),)
    return Plot(
        one.title, Kind.HAND_OFF, one.team, (Said(one.day, TOLD, one.by, one.text),), INVOICING, "", one.minutes,
        one.cases, (_take(one.day + 1, INVOICING, "marcus.webb"), *(word if one.day < -10 else ())), one.effort,
    )  # fmt: skip


PLOTS: tuple[Plot, ...] = (*LIVED, *(_handed_on(one) for one in HAND_OFFS))

GOOD_NEWS: tuple[tuple[int, str, str, str], ...] = (
    (-44, BILLING, "karin.nyberg", "A caller rang back only to say thank you for the evening she was listened to."),
    (-31, MOVES, "donal.byrne", "Zanele found a lost meter by its neighbour's number; the heating was on by six."),
    (-18, FAULTS, "gareth.price", "Sofia kept a frightened caller on the line until the engineer stood at the door."),
    (-9, NETWORKS, "astrid.holm", "Jonas explained a four-hour outage so well that the caller wished him luck."),
    (-3, BILLING, "ben.adeyemi", "Callum rang a widower back, and one call took the place of three letters."),
)
"""What went well: on which day, at which team, told by whom."""
