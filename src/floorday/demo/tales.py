"""Words for a past that nobody wrote by hand: what was raised, what was done about it, what was praised.

Of two words lists each pair is one sentence; a kind has more of them than two years need, so none comes twice.
"""

from __future__ import annotations

TITLES: dict[str, tuple[str, str]] = {
    "glitch": (
        "The refund screen|The address search|The tariff calculator|The meter reading form|The letter preview|"
        "The call-back list|The appointment calendar|The customer timeline|The payment plan page|"
        "The headset controls|The identity check|The outage banner|The chat window",
        "freezes on the second page|forgets what was typed when a call comes in|shows yesterday's figures until noon|"
        "signs us out in the middle of a call|loses the account number|takes half a minute to open|"
        "prints in the wrong order|cannot be used with the keyboard|shows two customers at once|hides its last line|"
        "says saved and does not save|fails for names with an accent",
    ),
    "red tape": (
        "A goodwill credit over 20|A new direct debit date|A second meter reading|A change of name|A paper bill|"
        "A forwarded complaint|A closed account|A deposit that goes back|A lost access card",
        "needs three approvals|waits for a form that nobody reads|has to be keyed in twice|"
        "waits for Thursday's meeting|needs a signature on paper|goes by internal post|asks for what we know|"
        "may be done by leads alone|takes a week although a minute would do|needs a reason from a list that has none",
    ),
    "hand-off": (
        "A move within the building|A disputed reading|A bereavement case|A returned parcel|A failed payment|"
        "A switch from another supplier|An engineer's photo|A landlord's account|A complaint that is solved|"
        "A broken meter|A call in another language",
        "lies between two teams|comes back without a word|is asked for again by the next one|gets lost on Fridays|"
        "is handed over without its history|reaches us after the deadline|belongs to nobody|goes round three times|"
        "waits until somebody rings|arrives with half of the facts",
    ),
    "product": (
        "The fixed tariff|The family bundle|The starter router|The boiler cover|The loyalty bonus|The green option",
        "promises more than it holds|costs otherwise than the page says|cannot be left online|"
        "leaves out flats without a meter|has two names|ends without a warning|needs an app that many lack|"
        "does not fit the bundle|is explained by nobody",
    ),
    "knowledge": (
        "The article on refunds|The article on smart meters|The guide to bereavement|The outage script|"
        "The page on tariffs|The guide to moving",
        "is two years old|contradicts the letter|cannot be found by its own words|stops before the hard case|"
        "knows nothing of the new law|is written for lawyers|names a form that is gone",
    ),
    "workspace": (
        "The row by the lift|The quiet room|The late desks|The third floor|The printer corner",
        "is too loud for calls|has no light after six|is cold until ten|lacks two chairs|smells of the canteen",
    ),
    "staffing": (
        "Monday mornings|Evenings after a bill run|The week after a price change|Lunch hours|The first days of a month",
        "leave nobody for letters|start with forty calls waiting|have no lead on the floor|"
        "are planned by last year's calls|find new colleagues alone|see breaks cancelled",
    ),
    "measure conflict": (
        "Ringing back|A case followed to its end|Helping a new colleague|A long call with a worried customer|"
        "Writing an article",
        "counts as time away|lowers the weekly score|spoils the handling time|is not counted at all|looks like a break",
    ),
}  # fmt: skip

SAID = (
    "Three callers today, and it is like that every week.", "I did it by hand again, nine minutes.",
    "The customer waited on the line while I asked around.", "She had told it to two colleagues before me.",
    "We write it on a yellow note and do it later.", "New colleagues stumble over it in their first week.",
    "He laughed, but he will not ring again.", "I had to say sorry for something that we could mend.",
)
AGAIN = ("The same at my desk.", "Here too, twice this morning.", "I had it yesterday, with an older customer.")

DONE = {
    "glitch": "Mended in the release of this week, and tried out at two desks.",
    "red tape": "The step is gone; who has the customer on the line decides.",
    "hand-off": "One of us keeps the case until it is closed; the others can see where it is.",
    "product": "The terms and the page say the same now.",
    "knowledge": "Written anew with two of you, and found by the words you search with.",
    "workspace": "Moved, lit and furnished; please say if something is still missing.",
    "staffing": "The plan counts this year's calls, and a lead is on the floor.",
    "measure conflict": "This no longer counts against anybody; the team's figures show it apart.",
}
ONCE_MORE = "Done again, and this time for the other team too."
AROUND = "A way round is described on the first page until the new screen comes."
CANNOT = "The law asks for this. What we can do is say so before the customer asks."
NOT_NOW = "It would cost more than it saves this year; we look at it again with the budget."
STILL = ("The supplier has named the release.", "Two desks try it out this week.", "Waiting for the order to come.",
         "The change is written and being read.")  # fmt: skip
HEROES = (
    "stayed on the line until the engineer rang the bell", "found a bill from three years ago, and with it the mistake",
    "calmed a caller who had been sent round four times", "rang back after the shift, because it was promised",
    "explained a tariff so that an old lady laughed", "noticed that two outages were one, and saved forty calls",
    "took a colleague's hard call without being asked", "wrote down what all of us kept asking",
    "drove a spare router to a customer on the way home", "told a customer the truth about a date, and was thanked",
)  # fmt: skip


def titles(kind: str, taken: set[str]) -> str:
    """Give a sentence of this kind that has not been said yet, and remember it."""
    subjects, complaints = (words.split("|") for words in TITLES[kind])
    for number in range(len(subjects) * len(complaints)):
        turn, at = divmod(number, len(subjects))
        title = f"{subjects[at]} {complaints[(turn + 3 * at) % len(complaints)]}"
        if title not in taken:
            taken.add(title)
            return title
    raise LookupError(kind)
