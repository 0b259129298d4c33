"""What an incoming mail may do. Pure: it reads facts, and says what follows.

The order of work is fixed: automatic mail, our own message, calendar parts, method, UID, attendee, proof of the sender,
state of the booking, revision. A mail changes an answer only when every step lets it; what a machine cannot decide
waits for a person, with the reason. The numbers (IN-..) are those of `docs/calendar.md`.
"""

from floorday.inbox.rules.answers import decide
from floorday.inbox.rules.choices import MENDABLE, WAITS, Case, Choice, Said, choices, said
from floorday.inbox.rules.facts import Known, KnownBooking, LastAnswer, Name, Outcome, Wanted, wanted
from floorday.inbox.rules.words import Writer, decide_note, decide_praise, decide_word

__all__ = [
    "MENDABLE",
    "WAITS",
    "Case",
    "Choice",
    "Known",
    "KnownBooking",
    "LastAnswer",
    "Name",
    "Outcome",
    "Said",
    "Wanted",
    "Writer",
    "choices",
    "decide",
    "decide_note",
    "decide_praise",
    "decide_word",
    "said",
    "wanted",
]
