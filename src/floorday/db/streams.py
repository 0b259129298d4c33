"""Long results read in parts as plain tuples, from one state of the database.

    async with reading() as stream:
        async for part in stream("SELECT id, at FROM note WHERE at >= {}", since):
            for id, at in part: ...

Between two parts others get their turn, and no result stands in memory as a whole. On SQLite it is a connection of its
own, so that those of the pool stay free for pages; it maps no file and remembers few pages, for each is read once.
"""

# asyncpg has no types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

from floorday.db.binding import current, transaction
from floorday.db.postgres import PooledPostgres, PostgresLink
from floorday.db.sqlite import Connection, PooledSQLite
from floorday.db.turns import for_postgres, for_sqlite

PART = 500
"""So many rows are taken at once: half a millisecond's work."""

OPENING = ("PRAGMA mmap_size=0", "PRAGMA cache_size=-1000", "BEGIN DEFERRED")

Part = Sequence[Sequence[Any]]
Stream = Callable[..., AsyncGenerator[Part]]


@asynccontextmanager
async def reading() -> AsyncGenerator[Stream]:
    """Give what runs SQL of our own, with `{}` for each argument, and gives its rows in parts.

    On SQLite an expression comes back as stored: a time or an id in it is text. Raise Busy where no connection
    comes free in time.
    """
    engine = current()
    if isinstance(engine, PooledSQLite):
        with engine.patience():
            connection = await Connection(engine.file, reading=True).open(time.monotonic() + engine.gate_timeout)
        try:
            for words in OPENING:
                await connection.run(words)
            yield _watched(engine, lambda sql, args: _from_sqlite(connection, for_sqlite(sql), args))
        finally:
            await connection.close()
    else:
        async with transaction.read():
            link = engine.own().link
            assert isinstance(link, PostgresLink)
            await link.run((), "SELECT 1", [])  # which begins, anew where the server has gone and come back
            yield _watched(engine, lambda sql, args: _from_postgres(link, for_postgres(sql), args))


def _watched(
    engine: PooledSQLite | PooledPostgres, rows: Callable[[str, Sequence[Any]], AsyncGenerator[Part]]
) -> Stream:
    async def stream(sql: str, *args: Any) -> AsyncGenerator[Part]:
        for watch in engine.watchers:
            watch(sql)
        async with aclosing(rows(sql, args)) as parts:
            async for part in parts:
                yield part

    return stream


async def _from_sqlite(connection: Connection, sql: str, args: Sequence[Any]) -> AsyncGenerator[Part]:
    cursor = await connection.call(connection.raw.execute, sql, args)
    while part := await connection.call(cursor.fetchmany, PART):
        yield part


async def _from_postgres(link: PostgresLink, sql: str, args: Sequence[Any]) -> AsyncGenerator[Part]:
    cursor = await link.connection.cursor(sql, *args)
    while part := await cursor.fetch(PART):
        yield part
