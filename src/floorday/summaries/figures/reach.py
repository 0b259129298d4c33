"""What some months can depend on, so that of a long history only that need be told.

An issue counts in two ways: by how it stands at the end, for ever, and by what happens to it in the month. Most of a
long history counts in the first way alone, and that is folded (`folded.py`), so there are three kinds of issues:

*Settled* ones are told together (`seen.Rested`): raised before the cohorts' twelve months, closed, and nothing has
happened to them since a fortnight before the first month began, nor to anything that was ever part of them. Such an
issue can neither be open or waiting, nor alive (feedback), silent or counted as lost hours; it is no cohort's, and
nothing that turned it, no note and no promise falls into the months. It is counted by its state, of all raised, and
where answers are counted.

*Still* ones are told by what is folded: nothing has happened to them, or to anything ever part of them, since the
first month began. Whoever raised one that is open or waiting may wait for a word.

All others, and those with a promise for a date of these months, are told in full; but for those of which nothing had
been heard before the last month was over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from floorday.summaries.figures.ledger import WAIT
from floorday.summaries.figures.seen import Micros, micros
from floorday.summaries.figures.window import Window, months_on, year_up_to


class Reach(Struct, frozen=True):
    """How far back some months look: an issue to which nothing happened since `settled` is, if it is closed.

    `year` is where the cohorts of the first month begin; promises count for dates from `first` to `last`, and days and
    stories from `start` up to `after`.
    """

    year: Micros
    settled: Micros
    start: Micros
    after: Micros
    first: date
    last: date


def reach(windows: Sequence[Window]) -> Reach:
    """Say how far back these months look; there must be one at least."""
    first, last = min(windows, key=lambda one: one.start), max(windows, key=lambda one: one.start)
    return Reach(
        year=micros(year_up_to(first).edges[0]),
        settled=micros(first.start - WAIT),
        start=micros(first.start),
        after=micros(last.after),
        first=first.first_day(),
        last=months_on(last.first_day(), 1) - timedelta(days=1),
    )
