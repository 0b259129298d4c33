"""A month on its way to its readers, by `python -m tests.bench.papers`, while somebody else books days.

warm      set the company's month as a PDF again and again: the best time by the clock, in milliseconds
prepare   post and write the letters of so many readers, each with its picture and a PDF that is set anew: seconds
"""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator

from floorday import config, db, documents
from floorday.mail import letters
from floorday.mail.tables import Letter
from floorday.people import queries as people
from floorday.people.tables import Person
from floorday.summaries import actions, queries
from floorday.summaries.actions import telling
from floorday.summaries.figures import COMPANY
from tests.bench.company import SENT
from tests.bench.databases import ROOT, environment
from tests.bench.wire import Call, Connection

PAUSE = 0.2
"""Seconds that somebody who books waits before the next."""
BOOKERS = 4


def asked(url: str, *what: str) -> float:
    """Ask for one of the two, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.papers", *what], env=environment(url), cwd=ROOT, check=True,
        stdout=subprocess.PIPE)  # fmt: skip
    return float(json.loads(done.stdout))


async def while_booking(url: str, port: int, seats: Iterator[Call], readers: int) -> tuple[float, float]:
    """Prepare a month for so many readers while days are booked: its seconds, and the p99 of booking in ms."""
    preparing = asyncio.create_task(asyncio.to_thread(asked, url, "prepare", str(readers)))
    took: list[float] = []

    async def books() -> None:
        connection = await Connection.open(port)
        while not preparing.done() and (one := next(seats, None)) is not None:
            began = time.perf_counter()
            status, _body = await connection.ask(one.raw())
            took.append(time.perf_counter() - began if status == 201 else math.inf)  # refused is never in time
            await asyncio.sleep(PAUSE)
        connection.close()

    await asyncio.gather(*(books() for _ in range(BOOKERS)))
    seconds = await preparing
    return seconds, sorted(took)[int(len(took) * 0.99)] * 1000


async def warm() -> float:
    """Set the PDF again and again; nothing is remembered but the process that sets it."""
    eva = await Person.objects().where(Person.email == "eva@floor.example").first()
    who = await people.actor(eva.id) if eva else None
    assert who is not None
    best = math.inf
    for _ in range(20):
        documents.forget()
        began = time.perf_counter()
        await actions.paper_of(who, COMPANY, "", SENT, now=config.now())
        best = min(best, time.perf_counter() - began)
    return best * 1000


async def prepare(readers: int) -> float:
    """Post their letters in one transaction for each, then write them."""
    sent = await queries.frozen(COMPANY, SENT)
    assert sent is not None
    persons = await Person.objects().order_by(Person.id).limit(readers)
    now, began = config.now(), time.perf_counter()
    for one in persons:
        async with db.transaction():
            await telling.send(sent, COMPANY, one, one.id, now=now)
    for row in await Letter.objects().where(Letter.about == sent.id).order_by(Letter.id):
        documents.forget()
        row.rendered_at = now
        await asyncio.to_thread(letters.render, row, lambda _event: b"")
    return time.perf_counter() - began


async def _asked() -> float:
    db.bind(db.make_engine(config.settings().database))
    await db.open_pools()
    try:
        return await (warm() if sys.argv[1] == "warm" else prepare(int(sys.argv[2])))
    finally:
        await db.close_pools()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_asked())))
