"""What some months can depend on, so that of a long history only that need be told.

An issue counts in two ways: by how it stands at the end, for ever, and by what happens to it in the month. Most of a
long history counts in the first way alone. So there are three kinds of issues:

*Settled* ones are told together (`facts.Settled`): raised before the cohorts' twelve months, closed by their own
words a fortnight before the first month began and not turned since, never reopened, joined to nothing, nothing
joined to them, and with no promise for a date of these months. Such an issue can neither be open or waiting, nor
alive (feedback), silent or counted as lost hours; it is no cohort's, and nothing that turned it, no note and no
promise falls into the months. It is counted by its state, of all raised, and where answers are counted; and these
depend on its words and their order alone.

*Quiet* ones may be told by their first note and their turns (`TURNS`) alone: what is left out are words that turn
nothing (acknowledged, promised, updated, asked, decided) and later notes. Those count for issues that are open or
waiting at some time of these months, for promises, and for the reporters of an issue raised in them.

All others, those that `whole` names and those with a promise for a date of these months, are told in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from floorday.summaries.figures.facts import Id
from floorday.summaries.figures.ledger import WAIT, Ledger, Trail, state
from floorday.summaries.figures.window import Window, months_on, year_up_to
from floorday.summaries.figures.word import ALIVE

TURNS = ("declined", "joined", "reopened", "resolved", "returned", "split", "verdict")
"""The words that can change how an issue stands, and whose notes it has."""

CLOSES = ("declined", "resolved")
"""The turns that close."""


class Reach(Struct, frozen=True):
    """How far back some months look: an issue `settled` before that instant is, if nothing else speaks against it.

    `year` is where the cohorts of the first month begin; promises count for dates from `first` to `last`.
    """

    year: datetime
    settled: datetime
    start: datetime
    after: datetime
    first: date
    last: date


def reach(windows: Sequence[Window]) -> Reach:
    """Say how far back these months look; there must be one at least."""
    first, last = min(windows, key=lambda one: one.start), max(windows, key=lambda one: one.start)
    return Reach(
        year=year_up_to(first).edges[0],
        settled=first.start - WAIT,
        start=first.start,
        after=last.after,
        first=first.first_day(),
        last=months_on(last.first_day(), 1) - timedelta(days=1),
    )


def whole(ledger: Ledger, within: Reach) -> set[Id]:
    """Name the issues that must be told in full, of a history told by first notes and turns."""
    ends = _together(ledger)
    raised: dict[Id, datetime] = {}
    for id, end in ends.items():
        for note in ledger.trails[id].notes[:1] if id in ledger.trails else ():
            raised[end] = min(note.at, raised.get(end, note.at))
    awake = {
        ends.get(id, id) for id, t in ledger.trails.items() if _awake(t, raised.get(ends.get(id, id)), within)
    }
    return awake | {id for id, end in ends.items() if end in awake}


def _together(ledger: Ledger) -> dict[Id, Id]:
    """Name those that were ever part of one another, each by one of them: a split one still tells of the other."""
    of: dict[Id, Id] = {}

    def end(id: Id) -> Id:
        while of.setdefault(id, id) != id:
            id = of[id]
        return id

    for id, t in ledger.trails.items():
        for _at, into in t.joins:
            if into is not None:
                of[end(id)] = end(into)
    return {id: end(id) for id in of}


def _awake(t: Trail, raised: datetime | None, within: Reach) -> bool:
    """Say whether it is open or waiting, turns or is raised, at some time of these months.

    An issue with others joined to it may have been `raised` by one of these.
    """
    first = t.notes[0].at if t.notes else None
    if first is not None and within.start <= first < within.after:
        return True
    before = t.before(within.start)
    if len(before) < len(t.steps) and t.steps[len(before)].at < within.after:
        return True
    earliest = raised or first
    alive = state(before[-1] if before else None, within.start) in ALIVE
    return alive and earliest is not None and earliest < within.after
