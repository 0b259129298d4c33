"""The history in the bound database, with nothing left out: every note and every event, as figures are counted from."""

from __future__ import annotations

from typing import Any

from floorday.db import reading
from floorday.summaries.figures import History, Ledger
from floorday.summaries.queries import past


async def everything() -> Ledger:
    """Read all of it."""
    async with reading() as stream:
        ids: list[Any] = [id async for part in stream(f"SELECT {past.bare('id')} FROM issue") for (id,) in part]
        return Ledger(History(issues=await past.told(stream, ids)))
