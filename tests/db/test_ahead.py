"""What runs ahead of a transaction is read as before; what is written after it is saved whole, or not at all."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import asyncpg
import pytest
from piccolo.columns import UUID, Varchar
from piccolo.table import Table

from floorday import db
from tests.db.things import Thing, add, names

THING = db.Insert(Thing)
NAMED = db.Statement("SELECT name FROM thing WHERE name = {}")
BROKEN = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)


class Mark(Table, tablename="mark"):
    id = UUID(primary_key=True, default=db.uuid7)
    name = Varchar()


MARK = db.Insert(Mark)


class OnPurpose(Exception):
    pass


def begun() -> bool:
    """Say whether PostgreSQL has been told BEGIN on the connection of this task's transaction."""
    link: Any = db.current().own().link
    return bool(link.connection.is_in_transaction())


async def test_what_runs_ahead_is_answered_in_its_order(things: db.Engine) -> None:
    await add("a")
    async with db.transaction():
        found = await db.ahead(NAMED.of("a"), NAMED.of("b"))
        THING.later(name="b")
        after = await db.ahead(NAMED.of("b"))
    assert found == [[{"name": "a"}], []]
    assert after == [[{"name": "b"}]]
    assert await names() == ["a", "b"]


async def test_outside_a_transaction_nothing_runs_ahead(things: db.Engine) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        await db.ahead(NAMED.of("a"))


@pytest.mark.parametrize("rows", [1, 2])
async def test_rows_after_it_are_saved_whole_or_not_at_all(things: db.Engine, rows: int) -> None:
    await Mark.create_table()
    await add("taken")
    for name in ("free", "taken"):
        refused = None
        try:
            async with db.transaction():
                await db.ahead(NAMED.of(name))
                for _ in range(rows):  # two rows of one table are two turns
                    MARK.later(name=name)
                THING.later(name=name)
        except BROKEN as error:
            refused = db.violated(error)
        assert refused == ("thing_name_once" if name == "taken" else None)
    assert await names() == ["free", "taken"]
    assert [row["name"] for row in await db.run_sql("SELECT name FROM mark")] == ["free"] * rows


async def test_what_is_raised_or_rolled_back_after_it_saves_nothing(things: db.Engine) -> None:
    with pytest.raises(OnPurpose):
        async with db.transaction():
            await db.ahead(NAMED.of("a"))
            THING.later(name="gone")
            raise OnPurpose
    async with db.transaction() as whole:
        await db.ahead(NAMED.of("a"))
        THING.later(name="gone")
        await whole.rollback()
    async with db.transaction():
        await db.ahead(NAMED.of("a"))
    assert await names() == []


async def test_a_read_of_one_state_stays_one(things: db.Engine) -> None:
    async with db.transaction.read():
        assert await db.ahead(NAMED.of("a")) == [[]]
        await asyncio.create_task(add("a"))
        assert await db.ahead(NAMED.of("a")) == [[]]
    assert await names() == ["a"]


async def test_an_inner_block_after_it_is_undone_alone(things: db.Engine) -> None:
    async with db.transaction():
        await db.ahead(NAMED.of("a"))
        with pytest.raises(OnPurpose):
            async with db.transaction():
                THING.later(name="inner")
                raise OnPurpose
        THING.later(name="outer")
    assert await names() == ["outer"]


# --- PostgreSQL --------------------------------------------------------------------------------------------------

WAITING = """SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE NOT l.granted AND d.datname = current_database()"""

on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@on_postgres
async def test_begin_is_said_when_there_is_something_to_hold(things: db.Engine) -> None:
    async with db.transaction():
        await db.ahead(NAMED.of("a"))
        assert not begun()
        THING.later(name="a")
        assert await db.ahead(NAMED.of("a")) == [[{"name": "a"}]]
        assert begun()


@on_postgres
async def test_a_connection_that_died_meanwhile_is_another_one(things: db.Engine, database_url: str) -> None:
    outside = await asyncpg.connect(database_url)
    try:
        for ahead in (True, False):
            [row] = await db.run_sql("SELECT pg_backend_pid() AS pid")
            async with db.transaction():
                if not ahead:
                    assert await db.ahead(NAMED.of("b")) == [[]]
                    [row] = await db.ahead(db.Statement("SELECT pg_backend_pid() AS pid").of())
                await outside.execute("SELECT pg_terminate_backend($1)", row["pid"] if ahead else row[0]["pid"])
                if ahead:
                    assert await db.ahead(NAMED.of("a")) == [[]]
                else:
                    await db.run_sql("SELECT 1 AS one")
                THING.later(name="a" if ahead else "b")
    finally:
        await outside.close()
    assert await names() == ["a", "b"]


@on_postgres
async def test_whoever_is_cut_off_while_it_is_saved_leaves_it_saved_or_not(
    things: db.Engine, database_url: str
) -> None:
    """The row waits for another's lock; its writer is cancelled, and waits for the end all the same."""
    outside = await asyncpg.connect(database_url)
    waits = asyncio.Event()

    async def write() -> None:
        async with db.transaction():
            await db.ahead(NAMED.of("a"))
            THING.later(name="a")
            waits.set()

    try:
        lock = outside.transaction()
        await lock.start()
        await outside.execute("LOCK TABLE thing IN EXCLUSIVE MODE")
        writer = asyncio.create_task(write())
        await waits.wait()
        while not await outside.fetchval(WAITING):
            pass
        writer.cancel()
        await lock.rollback()
        with pytest.raises(asyncio.CancelledError):
            await writer
    finally:
        await outside.close()
    assert await names() == ["a"]
    await add("after")
