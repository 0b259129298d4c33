"""Many tasks, cut short at any moment: nothing half done, no connection lost."""

from __future__ import annotations

import asyncio
import random

import pytest

from floorday import db
from floorday.db.sqlite import PooledSQLite
from floorday.errors import Busy
from tests.db.things import Thing, add, names


@pytest.mark.parametrize("seed", range(3))
async def test_a_storm_of_cancelled_work_leaves_all_in_order(things, seed):
    luck = random.Random(seed)
    await Thing.insert(Thing(name="shift", seats=1000))

    async def book(number: int) -> None:
        async with db.transaction():
            await Thing.update({Thing.taken: Thing.taken + 1}).where(Thing.name == "shift")
            async with db.transaction():
                await add(f"booking {number:03}")
            if number % 7 == 0:
                raise ZeroDivisionError

    async def look(number: int) -> None:
        async with db.transaction.read():
            (row,) = await Thing.select(Thing.taken).where(Thing.name == "shift")
            assert len(await names()) == row["taken"] + 1

    async def cut_short(number: int) -> None:
        work = look if number % 3 == 0 else book
        try:
            async with asyncio.timeout(luck.choice([0.001, 0.005, 0.02, 0.1, 5])):
                await work(number)
        except (TimeoutError, ZeroDivisionError, Busy):
            pass

    await asyncio.gather(*[cut_short(number) for number in range(240)])
    (row,) = await Thing.select(Thing.taken).where(Thing.name == "shift")
    booked = await names()
    assert len(booked) == row["taken"] + 1
    assert 1 < len(booked) < 160
    assert not things.transaction_exists()
    assert all_free(things)
    await asyncio.gather(*[add(f"after {number}") for number in range(30)])


def all_free(engine: db.Engine) -> bool:
    """Tell whether every connection has come back."""
    assert engine.pool is not None
    if isinstance(engine, PooledSQLite):
        return not engine.pool.gate.locked() and engine.pool.idle.qsize() == engine.readers
    return engine.pool.get_idle_size() == engine.pool.get_size()
