"""One thread for a connection: work in its order, errors to whoever waits, and nobody left behind."""

from __future__ import annotations

import asyncio
import threading

import pytest

from floorday import db
from floorday.db.statements import Statement
from floorday.db.threads import Thread
from tests.db.things import add

NAMES = "SELECT name FROM thing ORDER BY name"


async def test_work_is_done_in_its_order_in_one_thread_and_errors_come_back() -> None:
    thread, done = Thread("some work"), list[int]()

    def note(number: int) -> str:
        done.append(number)
        if number == 3:
            raise ValueError("three")
        return threading.current_thread().name

    jobs = [thread.begin(note, (number,)) for number in range(6)]
    assert await asyncio.gather(*(job.told for job in jobs[:3])) == ["some work"] * 3
    with pytest.raises(ValueError, match="three"):
        await jobs[3].told
    await jobs[5].told
    assert done == list(range(6))
    thread.end()


async def test_whoever_is_cancelled_can_wait_until_the_work_is_left() -> None:
    thread, free = Thread("some work"), threading.Event()
    job = thread.begin(free.wait, ())
    waiting = asyncio.ensure_future(job.told)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await job.leave(0.01)
    assert not job.done
    free.set()
    while not job.done:
        await job.leave(0.1)
    assert await thread.begin(lambda: 7, ()).told == 7
    thread.end()


@pytest.mark.usefixtures("things")
async def test_what_is_asked_at_once_sees_what_was_committed_and_in_a_transaction_its_own() -> None:
    asks = Statement(NAMES, at_once=True)
    assert await asks() == []
    async with db.transaction():
        await add("one")
        assert await asks() == [{"name": "one"}]
        assert [tuple(row) for row in await Statement(NAMES).plain()] == [("one",)]
        assert await asyncio.create_task(asks()) == []
    assert await asks() == [{"name": "one"}]
    assert [tuple(row) for row in await Statement(NAMES).plain()] == [("one",)]


@pytest.mark.usefixtures("things")
async def test_what_is_asked_at_once_by_many_is_answered_to_each() -> None:
    await add("one")
    asks, slow = Statement(NAMES, at_once=True), Statement(NAMES)
    found = await asyncio.gather(*(one() for _ in range(20) for one in (asks, slow)))
    assert found == [[{"name": "one"}]] * 40


def test_what_writes_is_not_asked_at_once() -> None:
    with pytest.raises(ValueError, match="Only what reads"):
        Statement("DELETE FROM thing", at_once=True)
