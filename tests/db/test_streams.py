"""Long results in parts, from one state of the database."""

from __future__ import annotations

import asyncio

import pytest

from floorday import db
from floorday.db import streams

NUMBERS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2500) SELECT x FROM n WHERE x > {}"


async def test_every_row_comes_once_in_parts(database: db.Engine, queries) -> None:
    with queries() as seen:
        async with db.transaction.read():
            parts = [[row[0] for row in part] async for part in db.stream(NUMBERS, 100)]
    assert [x for part in parts for x in part] == list(range(101, 2501))
    assert max(map(len, parts)) == streams.PART
    assert len(seen) == 1


async def test_one_state_of_the_database_is_seen_whatever_others_write(database: db.Engine) -> None:
    count = "SELECT value FROM counter WHERE name = 'issue' AND value > {}"
    async with db.transaction.read():
        before = [tuple(row) async for part in db.stream(count, -1) for row in part]
        await asyncio.create_task(db.run_sql("UPDATE counter SET value = 77 WHERE name = 'issue'"))
        again = [tuple(row) async for part in db.stream(count, -1) for row in part]
    after = await db.run_sql("SELECT value FROM counter WHERE name = 'issue'")
    assert before == again != [(77,)]
    assert after == [{"value": 77}]


async def test_a_stream_left_early_gives_its_connection_back(database: db.Engine) -> None:
    for _ in range(12):
        async with db.transaction.read():
            async for _part in db.stream(NUMBERS, 0):
                break
    assert await db.run_sql("SELECT 1 AS one") == [{"one": 1}]


async def test_outside_a_transaction_it_is_refused(database: db.Engine) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        await anext(db.stream(NUMBERS, 0))
