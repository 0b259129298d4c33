"""Workers are killed again and again while they send a month, and clocks are set back: each letter is there once."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta

from floorday.mail.tables import Letter
from floorday.summaries import actions
from floorday.summaries.tables import Summary, SummaryMonth
from tests.cast import Cast
from tests.summaries.test_sending import MINUTE, PREVIEW, SENT, cast, letters, november  # noqa: F401 - a fixture

CLOCKS = (SENT, SENT - timedelta(days=1), SENT + MINUTE, PREVIEW - timedelta(days=20), SENT + timedelta(days=1))
"""What the workers' clocks say, one after the other."""

KILLED = """
import asyncio, os, signal, sys
from datetime import datetime
from floorday import db, worker
from floorday.config import settings

async def main(now):
    db.bind(db.make_engine(settings().database))
    await db.open_pools()
    await worker.send_months(now=lambda: now)
    os._exit(0)  # as sudden as the others, but done

killed, clocks = 0, [datetime.fromisoformat(one) for one in sys.argv[1:]]
for turn in range(400):
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_REAL, 0.05 * (turn + 1))  # nobody handles it, so it ends the process at once
        asyncio.run(main(clocks[turn % len(clocks)]))
    ended = os.waitpid(child, 0)[1]
    killed += os.WIFSIGNALED(ended)
    if not ended and turn % len(clocks) == 0:
        break
print(killed)
"""


async def test_each_letter_is_there_once_however_often_workers_are_killed(
    cast: Cast, database_url: str  # noqa: F811
) -> None:
    await november(cast)
    told = {key: value for key, value in os.environ.items() if key != "FLOORDAY_DATABASE"}
    workers = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, *(one.isoformat() for one in CLOCKS),
        env=told | {"FLOORDAY_DATABASE": database_url}, stdout=asyncio.subprocess.PIPE)  # fmt: skip
    out, _nothing = await workers.communicate()
    assert int(out) > 0, "nobody was killed"
    rows = await letters()
    assert len(rows) == len({(row["about"], row["person"]) for row in rows}) == 7
    assert await Summary.count() == len({(row["month"], row["key"]) for row in await Summary.select(
        Summary.month, Summary.key)}) == 6  # fmt: skip
    assert len({row["frozen_at"] for row in await Summary.select(Summary.frozen_at)}) == 1
    assert len(await letters("summary_preview")) == 2
    assert await SummaryMonth.count().where(SummaryMonth.sent_at.is_not_null()) == 1
    before = await Letter.count()
    for at in CLOCKS:
        await actions.run(now=at)
    assert await Letter.count() == before
