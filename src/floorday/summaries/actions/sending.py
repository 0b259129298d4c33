"""What time does with months: shows them to the coordinator, sends them, once, in their order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from floorday import workdays
from floorday.config import settings
from floorday.db import transaction
from floorday.mail import outbox
from floorday.summaries import moves, queries, rules
from floorday.summaries.actions import freezing, telling
from floorday.summaries.actions.freezing import Comment
from floorday.summaries.queries import MonthRow, Whose
from floorday.summaries.rules import Do, Facts, Way

log = logging.getLogger(__name__)


def facts_of(ways: Sequence[Way], *, alive: bool) -> Facts:
    """Put together what the calendar looks at."""
    chosen = settings()
    return Facts(ways, alive, ZoneInfo(chosen.zone), chosen.summary_hour, workdays.nth)


async def run(*, now: datetime) -> int:
    """Do what is due of months; returns how many summaries were sent.

    Two workers may do so at one moment: what one of them has done, the other finds done.
    """
    ways = [row.way() for row in await queries.ways()]
    known = facts_of(ways, alive=bool(ways) or await queries.alive())
    sent = 0
    for deed in rules.due(known, now=now):
        match deed.do:
            case Do.BEGIN:
                async with transaction():
                    await moves.begin(deed.month, now=now)
            case Do.PREVIEW:
                await preview(deed.month, known, now=now)
            case Do.SEND:
                sent += await send(deed.month, now=now)
    return sent


async def preview(month: str, known: Facts, *, now: datetime) -> None:
    """Tell the coordinators, once, that a month can be looked at before it leaves."""
    async with transaction():
        if await moves.preview(month, now=now) and (row := await queries.way(month)) is not None:
            await telling.show_before(row, sends_at=max(now, rules.send_at(month, known)), zone=known.zone.key, now=now)


async def send(month: str, *, now: datetime) -> int:
    """Freeze and send what is not sent yet of a month; returns how many summaries that were."""
    async with transaction():
        begun = await moves.send(month, now=now)
    row = await queries.way(month)
    if begun is None or row is None:
        return 0
    done = await queries.sent_keys(month)
    sent = 0
    for whose in await queries.subjects():
        if queries.key_of(whose.subject) not in done:
            sent += await _send_one(whose, row, now=now)
            await asyncio.sleep(0)  # a month of many summaries leaves everybody else their turn
    async with transaction():
        await moves.done(month, now=now)
    log.info("%s: %d summaries sent.", month, sent)
    return sent


async def _send_one(whose: Whose, row: MonthRow, *, now: datetime) -> bool:
    assert row.begun_at is not None
    made = await freezing.draft(whose.subject, row.month, now=now)
    if made is None:
        return False
    behind = await freezing.kept(made.month)
    comment = Comment(row.comment, row.commented_by, row.commented_name or "")
    async with transaction():
        frozen = await freezing.write(whose, made, behind, comment, at=row.begun_at)
        if frozen is None:
            return False
        if made.told.empty and whose.subject.id is not None:
            return True  # there is nothing to write to a team or a manager about
        for reader in await queries.readers(whose.subject):
            if not reader.stopped:
                await telling.send(frozen, whose.subject, reader, reader.id, now=now)
    outbox.wake()
    return True
