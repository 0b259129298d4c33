"""The history in the bound database, with nothing left out: as the figures see it when every month is asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime

from floorday.summaries.figures import COMPANY, LONG_AGO, Ledger, Reach
from floorday.summaries.queries.history import found

ALWAYS = Reach(
    year=LONG_AGO, settled=LONG_AGO, start=LONG_AGO, after=datetime(2100, 1, 1, tzinfo=UTC), first=date(1970, 1, 1),
    last=date(2100, 1, 1),
)  # fmt: skip


async def everything() -> Ledger:
    """Read all of it."""
    return (await found(COMPANY, ALWAYS)).ledger
