"""Long results read in parts as plain tuples, from the one state that a reading transaction sees.

Between two parts others get their turn, and no result stands in memory as a whole.
"""

# asyncpg has no types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from floorday.db.binding import current
from floorday.db.postgres import PostgresLink
from floorday.db.sqlite import SQLiteLink
from floorday.db.turns import for_postgres, for_sqlite

PART = 1000
"""So many rows are taken at once: about a millisecond's work."""

Part = Sequence[Sequence[Any]]


async def stream(sql: str, *args: Any) -> AsyncGenerator[Part]:
    """Run SQL of our own with `{}` for each argument, inside `transaction.read()`, and give its rows in parts.

    On SQLite an expression comes back as stored: a time or an id in it is text.
    """
    engine = current()
    link = engine.own().link
    if isinstance(link, SQLiteLink):
        parts = _from_sqlite(link, for_sqlite(sql), args)
    elif isinstance(link, PostgresLink):
        parts = _from_postgres(link, for_postgres(sql), args)
    else:
        raise TypeError("This is a link to no database that we know.")
    for watch in engine.watchers:
        watch(sql)
    if link.opening:
        await link.run((), "SELECT 1", [])
    async with aclosing(parts):
        async for part in parts:
            yield part


async def _from_sqlite(link: SQLiteLink, sql: str, args: Sequence[Any]) -> AsyncGenerator[Part]:
    connection = link.connection
    with link.engine.patience():
        cursor = await connection.call(connection.raw.execute, sql, args)
    try:
        while part := await connection.call(cursor.fetchmany, PART):
            yield part
    finally:
        await connection.call(cursor.close)


async def _from_postgres(link: PostgresLink, sql: str, args: Sequence[Any]) -> AsyncGenerator[Part]:
    cursor = await link.connection.cursor(sql, *args)
    while part := await cursor.fetch(PART):
        yield part
