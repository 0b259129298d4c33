"""What has served is wiped, some at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from floorday.config import settings
from floorday.db import transaction
from floorday.leavers import actions as leavers
from floorday.retention import moves, queries, rules
from floorday.retention.rules import Due, Kept

BATCH = 500
MOST_BATCHES = 20


async def sweep(*, now: datetime, batch: int = BATCH, most: int = MOST_BATCHES) -> dict[Kept, int]:
    """Wipe what is due, in transactions so short that nobody waits; returns how much of each kind there was.

    Doing it twice, or by two workers at once, does no more than doing it once; what is left over comes next time.
    """
    done: dict[Kept, int] = {}
    for due in rules.due(settings(), now):
        count = 0
        for _turn in range(most):
            some = await _some(due, now=now, limit=batch)
            count += some
            if some < batch:
                break
        if count:
            done[due.kind] = count
    return done


async def _some(due: Due, *, now: datetime, limit: int) -> int:
    if due.kind is Kept.LEAVERS:
        gone = await leavers.forget_due(before=due.before, now=now)
        return gone + await leavers.erase_due(before=due.before, now=now)
    async with transaction():
        return await moves.wipe(due, now=now, limit=limit)


async def waiting(wanted: Sequence[Due]) -> dict[Kept, int]:
    """Count what is due of each kind."""
    return await queries.counted(wanted)
