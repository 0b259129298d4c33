"""Long results in parts, from one state of the database."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from floorday import db
from floorday.db import streams

NUMBERS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2500) SELECT x FROM n WHERE x > {}"


async def test_every_row_comes_once_in_parts(database: db.Engine, queries) -> None:
    with queries() as seen:
        async with db.reading() as stream:
            parts = [[row[0] for row in part] async for part in stream(NUMBERS, 100)]
    assert [x for part in parts for x in part] == list(range(101, 2501))
    assert max(map(len, parts)) == streams.PART
    assert len(seen) == 1


async def test_one_state_of_the_database_is_seen_whatever_others_write(database: db.Engine) -> None:
    count = "SELECT value FROM counter WHERE name = 'issue' AND value > {}"
    async with db.reading() as stream:
        before = [tuple(row) async for part in stream(count, -1) for row in part]
        await asyncio.create_task(db.run_sql("UPDATE counter SET value = 77 WHERE name = 'issue'"))
        again = [tuple(row) async for part in stream(count, -1) for row in part]
    after = await db.run_sql("SELECT value FROM counter WHERE name = 'issue'")
    assert before == again != [(77,)]
    assert after == [{"value": 77}]


async def test_a_stream_left_early_gives_its_connection_back(database: db.Engine) -> None:
    for _ in range(12):
        async with db.reading() as stream:
            async for _part in stream(NUMBERS, 0):
                break
    assert await db.run_sql("SELECT 1 AS one") == [{"one": 1}]


async def test_nothing_can_be_written_there(database: db.Engine) -> None:
    with pytest.raises(Exception, match=r"read-?only"):
        async with db.reading() as stream:
            async for _part in stream("DELETE FROM counter WHERE value > {}", 5):
                pass


async def test_the_readers_of_pages_stay_free(database: db.Engine) -> None:
    """As many read a long result as there are readers, and one more; a page asks meanwhile."""
    async with AsyncExitStack() as stack:
        for _ in range(4):
            stream = await stack.enter_async_context(db.reading())
            rows = stream(NUMBERS, 0)
            assert len(await anext(rows)) == streams.PART
        async with asyncio.timeout(5):
            assert await db.run_sql("SELECT 1 AS one") == [{"one": 1}]
