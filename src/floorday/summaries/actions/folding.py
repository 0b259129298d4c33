"""The past of issues is folded, so that a month is counted without reading it again (`figures.folded`).

What is folded changes no answer: whoever counts finds what does not hold, and reads it in full.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from floorday.db import reading, transaction
from floorday.errors import Raced
from floorday.summaries import figures, moves
from floorday.summaries.figures import History, Issue, Ledger
from floorday.summaries.queries import past
from floorday.summaries.queries.past import Due

PART = 300
"""So many issues are folded in one transaction: nobody else waits longer than for these."""


async def fold(*, most: int | None = None) -> int:
    """Fold what has changed, in parts; returns how many issues. Others change what they like meanwhile.

    With `most` it ends after about so many.
    """
    count = 0
    while most is None or count < most:
        async with reading() as stream:
            due = await past.due(stream, limit=PART)
            issues = [issue for ids in due.parted() for issue in await past.told(stream, ids)]
        if not issues:
            break
        rows, tales = await asyncio.to_thread(_folded, issues, due)
        try:
            async with transaction():
                if not await moves.keep_folds(rows, tales):
                    raise Raced("It has changed meanwhile.")
        except Raced:
            break  # whoever changed it may be at it still
        count += len(issues)
    return count


def _folded(issues: Sequence[Issue], due: Due) -> tuple[list[Sequence[Any]], list[tuple[int, bytes]]]:
    """Make rows of the tables, numbers in the place of ids, in the order of the numbers.

    What became part of an issue that is no more is part of none, and stands for nothing.
    """
    rows: list[Sequence[Any]] = []
    for one in figures.folded(Ledger(History(issues=tuple(issues)))):
        number = due.numbers[one.id]
        turn = due.turns[number] or 0
        rows.append((
            number, turn, turn, due.numbers[one.part], one.alone, due.numbers.get(one.whole), one.begun, one.last,
            one.raised, figures.STANDINGS.index(one.standing), one.since, one.said, one.answer, one.fixed, one.word,
            one.returned,
        ))  # fmt: skip
    spoke: dict[int, dict[Any, int]] = {row[0]: {} for row in rows}
    part = {row[0]: row[3] for row in rows}
    tales = [(number, figures.packed(issue, spoke[part[number]]))
             for issue in issues for number in [due.numbers[issue.id]]]  # fmt: skip
    return sorted(rows, key=_number), sorted(tales, key=_number)


def _number(row: Sequence[Any]) -> int:
    return row[0]
