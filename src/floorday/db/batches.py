"""Long lists read in pieces, so that no read holds a connection for long and no list stands in memory as a whole."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

Row = TypeVar("Row")

BATCH = 500
"""So many rows are read at once."""


async def batches(read: Callable[[Row | None], Awaitable[list[Row]]]) -> AsyncGenerator[list[Row]]:
    """Read on after the last row until fewer than BATCH come; `read(None)` gives the first.

    Between two reads others may write: a row that was there before and after is given once, whatever they do, as long
    as `read` goes on by something that does not change.
    """
    last: Row | None = None
    while True:
        rows = await read(last)
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        last = rows[-1]
