"""A month that is over, counted once more in the light of what has happened since.

What counts for such a month are the figures of what happened in it: its days, what was raised, said fixed, confirmed
in it, its promises, its stories. Each is counted as `month` counts it, but things stand as they stand at a later end:
a confirmation of March that was taken back in April is none any more. Where nothing has happened since, both are the
same (`tests/summaries/test_restated.py`). How many issues stood open is no such figure: that changes every day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from floorday.summaries.figures.answer import Figure, Subject, count
from floorday.summaries.figures.counts import THANKS, days
from floorday.summaries.figures.facts import Id
from floorday.summaries.figures.ledger import Ledger
from floorday.summaries.figures.view import view
from floorday.summaries.figures.window import Window
from floorday.summaries.figures.word import promises

RESTATED = (
    *("days_due", "days_held", "days_missed", "days_cancelled", "days_postponed", "days_unsettled"),
    *("issues_raised", "issues_said_fixed", "issues_confirmed", "issues_reopened", "returns"),
    *("promises_kept", "promises_moved", "promises_broken", "stories", "thanked_in_72h"),
)
"""The figures that can be restated."""


def recounted(ledger: Ledger, subject: Subject, month: Window, end: datetime) -> dict[str, Figure]:
    """Count what happened in a month as it stands at a later end; of later months only the ledger must tell."""
    mine = view(ledger, subject, replace(month, end=end))
    start, after = month.start, month.after
    steps = [(case.id, step) for case in mine.cases for step in case.steps if start <= step.at < after]
    told = [story for story in mine.stories if start <= story.at < after]

    def fell(at: datetime | None) -> bool:
        return at is not None and start <= at < after

    found = {
        **{name: figure for name, figure in days(mine).items() if name in RESTATED},
        **promises(mine),
        "issues_raised": count([case.id for case in mine.cases if fell(case.raised)]),
        "issues_said_fixed": count([case.id for case in mine.cases if fell(case.said_at)]),
        "issues_confirmed": count([case.id for case in mine.cases if fell(case.confirmed_at)]),
        "issues_reopened": count(list(dict.fromkeys(id for id, step in steps if step.reopens))),
        "returns": count([id for id, step in steps if step.event.what == "returned"]),
        "stories": count([story.id for story in told], "story"),
        "thanked_in_72h": count([
            story.id for story in told
            if story.thanked_at is not None and story.thanked_at < end and story.thanked_at - story.at <= THANKS
        ], "story"),
    }  # fmt: skip
    return {name: found[name] for name in RESTATED}


class Turn(Struct, frozen=True):
    """Why a thing counts no more, or counts now: `what` is reopened, returned, joined, or "" for said late."""

    thing: Id
    what: str
    at: datetime | None


MOST_TURNS = 3


def turns(ledger: Ledger, was: Sequence[Id], now: Sequence[Id], since: datetime) -> list[Turn]:
    """Say why rows are others than they were at an end: at most the first few, who left first."""
    gone, come = Counter(was) - Counter(now), Counter(now) - Counter(was)
    return [_turn(ledger, id, since) for id in [*gone, *come][:MOST_TURNS]]


def _turn(ledger: Ledger, id: Id, since: datetime) -> Turn:
    trail = ledger.trails.get(id)
    if trail is not None:
        if trail.joined_at is not None and trail.joined_at >= since:
            return Turn(id, "joined", trail.joined_at)
        for step in trail.steps:
            if step.at >= since and step.reopens:
                return Turn(id, "returned" if step.event.what == "returned" else "reopened", step.at)
    return Turn(id, "", None)
