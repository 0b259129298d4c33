"""A month that is over, counted once more in the light of what has happened since.

What counts for such a month are the figures of what happened in it: its days, what was raised, said fixed, confirmed
in it, its promises, its stories. Each is counted as `month` counts it, but things stand as they stand at a later end:
a confirmation of March that was taken back in April is none any more. Where nothing has happened since, both are the
same (`tests/summaries/test_restated.py`). How many issues stood open is no such figure: that changes every day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from floorday.summaries.figures.answer import Figure, Subject
from floorday.summaries.figures.counts import days, month_of_issues, promises, stories
from floorday.summaries.figures.facts import Id
from floorday.summaries.figures.ledger import Ledger, Trail
from floorday.summaries.figures.view import View
from floorday.summaries.figures.window import Window

RESTATED = (
    *("days_due", "days_held", "days_missed", "days_cancelled", "days_postponed", "days_unsettled"),
    *("issues_raised", "issues_said_fixed", "issues_confirmed", "issues_reopened", "returns"),
    *("promises_kept", "promises_moved", "promises_broken", "stories", "thanked_in_72h"),
)
"""The figures that can be restated."""


def recounted(ledger: Ledger, subject: Subject, month: Window, end: datetime) -> dict[str, Figure]:
    """Count what happened in a month as it stands at a later end; of later months only the ledger must tell."""
    mine = again(subject, month, end, ledger)
    mine.add(ledger)
    return figures_again(mine)


def again(subject: Subject, month: Window, end: datetime, places: Ledger) -> View:
    """Make ready to count a month that is over as it stands at a later end."""
    return View(subject, replace(month, end=end), places, lately=True)


def figures_again(mine: View) -> dict[str, Figure]:
    """Count it."""
    found = {**days(mine), **month_of_issues(mine), **promises(mine), **stories(mine)}
    return {name: found[name] for name in RESTATED}


class Turn(Struct, frozen=True):
    """Why a thing counts no more, or counts now: `what` is reopened, returned, joined, or "" for said late."""

    thing: Id
    what: str
    at: datetime | None


MOST_TURNS = 3


def turns(trails: Mapping[Id, Trail], was: Sequence[Id], now: Sequence[Id], since: datetime) -> list[Turn]:
    """Say why rows are others than they were at an end: of those that `turned`, by their past."""
    return [_turn(trails, id, since) for id in turned(was, now)]


def turned(was: Sequence[Id], now: Sequence[Id]) -> list[Id]:
    """Name the rows that are others: at most the first few, who left first."""
    gone, come = Counter(was) - Counter(now), Counter(now) - Counter(was)
    return [*gone, *come][:MOST_TURNS]


def _turn(trails: Mapping[Id, Trail], id: Id, since: datetime) -> Turn:
    trail = trails.get(id)
    if trail is not None:
        if trail.joined_at is not None and trail.joined_at >= since:
            return Turn(id, "joined", trail.joined_at)
        for step in trail.steps:
            if step.at >= since and step.reopens:
                return Turn(id, "returned" if step.event.what == "returned" else "reopened", step.at)
    return Turn(id, "", None)
