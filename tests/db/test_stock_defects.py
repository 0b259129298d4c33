"""What Piccolo's own engines get wrong, and that ours do not; where it is cheap, both are shown."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress

import asyncpg
import pytest

from floorday import db
from floorday.db.transactions import HELD
from floorday.errors import Busy
from tests.db.things import Thing, add, names, stock_engine


class OnPurpose(Exception):
    """Raised by a test."""


# 1. A nested transaction that fails.


async def test_a_failed_inner_transaction_undoes_itself_and_no_more(things):
    async with db.transaction():
        await add("before")
        with suppress(OnPurpose):
            async with db.transaction():
                await add("inner")
                raise OnPurpose
        await add("after")
    assert await names() == ["after", "before"]


async def test_an_inner_violation_leaves_the_outer_transaction_usable(things):
    await add("taken")
    async with db.transaction():
        await add("before")
        with pytest.raises((sqlite3.IntegrityError, asyncpg.UniqueViolationError)):
            async with db.transaction():
                await add("taken")
        await add("after")
    assert await names() == ["after", "before", "taken"]


async def test_transactions_nest_deeply(things):
    async with db.transaction():
        await add("1")
        with suppress(OnPurpose):
            async with db.transaction():
                await add("2")
                async with db.transaction():
                    await add("3")
                raise OnPurpose
        async with db.transaction(), db.transaction():
            await add("4")
    assert await names() == ["1", "4"]


async def test_a_failed_outer_transaction_undoes_the_inner_one(things):
    with suppress(OnPurpose):
        async with db.transaction():
            async with db.transaction():
                await add("inner")
            raise OnPurpose
    assert await names() == []


async def test_the_stock_engine_keeps_a_failed_inner_transaction(things, database_url):
    stock = stock_engine(database_url)
    async with stock.transaction():
        with suppress(OnPurpose):
            async with stock.transaction():
                await stock.run_ddl("INSERT INTO thing (id, name) VALUES ('0189f7a5-5f10-7000-8000-000000000000', 'x')")
                raise OnPurpose
    assert await names() == ["x"]


# 2. A transaction that cannot begin.


async def test_a_busy_begin_says_so_and_leaks_nothing(tmp_path):
    path = tmp_path / "floorday.sqlite"
    engine = db.make_engine(f"sqlite:///{path}", gate_timeout=0.2)
    db.bind(engine)
    await Thing.create_table()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    before = set(threading.enumerate())
    for _ in range(3):
        with pytest.raises(Busy) as caught:
            async with db.transaction():
                await names()
                pytest.fail("began beside another writer")
        assert "locked" not in str(caught.value)
    await db.open_pools()
    opened = set(threading.enumerate())
    for _ in range(3):
        with pytest.raises(Busy):
            async with db.transaction():
                await names()
                pytest.fail("began beside another writer")
        with pytest.raises(Busy):
            await add("alone")
    assert set(threading.enumerate()) <= opened
    other.execute("ROLLBACK")
    other.close()
    async with db.transaction():
        await add("later")
    assert await names() == ["later"]
    await db.close_pools()
    await asyncio.sleep(0.05)
    assert set(threading.enumerate()) <= before


BUSY_PROCESS = """
import asyncio, os, sqlite3, sys, threading
from floorday import db
async def main(path, kind):
    sqlite3.connect(path).close()
    if kind == "stock":
        from piccolo.engine.sqlite import SQLiteEngine, TransactionType
        engine = SQLiteEngine(path, timeout=0.05)
        begin = lambda: engine.transaction(transaction_type=TransactionType.immediate)
    else:
        engine = db.make_engine("sqlite:///" + path, gate_timeout=0.1)
        begin = engine.transaction
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        try:
            async with begin():
                raise SystemExit("began")
        except Exception:
            pass
    await asyncio.sleep(0.1)
    print([t.daemon for t in threading.enumerate() if t is not threading.main_thread() and "sqlite" not in t.name])
    sys.stdout.flush()
    if kind == "stock":
        os._exit(0)
asyncio.run(main(sys.argv[1], sys.argv[2]))
"""


@pytest.mark.parametrize(("kind", "threads"), [("ours", "[]"), ("stock", "[False, False, False]")])
def test_a_process_ends_after_busy_begins(tmp_path, kind, threads):
    done = subprocess.run(
        [sys.executable, "-c", BUSY_PROCESS, str(tmp_path / "busy.sqlite"), kind],
        capture_output=True, text=True, timeout=30, env=os.environ, check=True,
    )
    assert done.stdout.strip() == threads


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_connection_lost_before_begin_is_replaced(hurried, database_url):
    for _ in range(5):
        rows = await db.run_sql("SELECT pg_backend_pid() AS pid")
        outside = await asyncpg.connect(database_url)
        await outside.execute("SELECT pg_terminate_backend($1)", rows[0]["pid"])
        await outside.close()
        async with db.transaction():
            await db.run_sql("SELECT 1")
    await add("works")
    assert await names() == ["works"]


# 3. A transaction that cannot commit.


LATE_CHECK = """CREATE TABLE child (id integer PRIMARY KEY,
    parent integer REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)"""


async def test_failed_commits_return_their_connections(hurried):
    await db.run_sql("CREATE TABLE parent (id integer PRIMARY KEY)")
    await db.run_sql(LATE_CHECK)
    for number in range(6):
        with pytest.raises((sqlite3.IntegrityError, asyncpg.ForeignKeyViolationError)) as caught:
            async with db.transaction():
                await db.run_sql("INSERT INTO child VALUES ({}, 99)", number)
        assert db.violated(caught.value) == "foreign key"
        assert not hurried.transaction_exists()
    async with db.transaction():
        await add("works")
    assert await names() == ["works"]
    assert await db.run_sql("SELECT id FROM child") == []


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_the_stock_engine_loses_a_connection_with_each_failed_commit(database, database_url):
    await db.run_sql("CREATE TABLE parent (id integer PRIMARY KEY)")
    await db.run_sql(LATE_CHECK)
    stock = stock_engine(database_url)
    await stock.start_connection_pool(min_size=1, max_size=1)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with stock.transaction():
            await stock.run_ddl("INSERT INTO child VALUES (1, 99)")
    assert stock.transaction_exists()
    with pytest.raises(TimeoutError):
        await stock.pool.acquire(timeout=0.2)
    stock.pool.terminate()


# 4. A task started inside a transaction.


async def test_a_task_that_outlives_its_transaction_works_outside(things):
    ended = asyncio.Event()

    async def later() -> list[str]:
        await ended.wait()
        await add("from the task")
        async with db.transaction():
            return await names()

    async with db.transaction():
        task = asyncio.create_task(later())
        await add("from the transaction")
    ended.set()
    assert await task == ["from the task", "from the transaction"]


async def test_a_task_does_not_see_what_is_not_committed(things):
    async with db.transaction():
        await add("open")
        assert await asyncio.create_task(names()) == []
        assert await names() == ["open"]


async def test_a_task_started_inside_may_write_once_the_transaction_ends(things):
    async def write() -> None:
        async with db.transaction():
            await add("child")

    with suppress(OnPurpose):
        async with db.transaction():
            await add("parent")
            task = asyncio.create_task(write())
            await asyncio.sleep(0.05)
            raise OnPurpose
    await task
    assert await names() == ["child"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_awaiting_a_task_that_waits_for_us_ends_with_busy_and_a_reason(hurried):
    async def write() -> None:
        async with db.transaction():
            pytest.fail("two writers at once")

    async with db.transaction():
        await add("parent")
        with pytest.raises(Busy) as caught:
            await asyncio.create_task(write())
        assert caught.value.__notes__ == [HELD]
        with pytest.raises(Busy):
            await asyncio.create_task(add("child"))
    assert await names() == ["parent"]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_awaiting_a_task_that_waits_for_our_row_ends_with_busy(hurried):
    await add("row")

    async def write() -> None:
        async with db.transaction():
            await Thing.update({Thing.seats: 2}).where(Thing.name == "row")

    async with db.transaction():
        await Thing.update({Thing.seats: 1}).where(Thing.name == "row")
        with pytest.raises(Busy):
            await asyncio.create_task(write())
    assert await Thing.select(Thing.seats) == [{"seats": 1}]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_stock_engine_breaks_such_a_task(things, database_url):
    stock = stock_engine(database_url)
    ended = asyncio.Event()

    async def later() -> None:
        await ended.wait()
        await stock.run_ddl("SELECT name FROM thing")

    async with stock.transaction():
        task = asyncio.create_task(later())
    ended.set()
    with pytest.raises(ValueError, match="no active connection"):
        await task


# 5. A long result in parts.


class Numbered(Thing, tablename="thing"):
    """The same table, to be bound apart."""


async def test_a_batch_takes_arguments_and_lets_errors_through(things):
    for name in "abcdef":
        await add(name)
    query = Thing.select(Thing.name).where(Thing.name != "c").order_by(Thing.name)
    async with await query.batch(batch_size=2) as parts:
        seen = [[row["name"] for row in rows] async for rows in parts]
    assert seen == [["a", "b"], ["d", "e"], ["f"]]
    for _ in range(12):
        with pytest.raises(OnPurpose):
            async with await query.batch(batch_size=2) as parts:
                async for _rows in parts:
                    raise OnPurpose
    async with await Thing.objects().where(Thing.name == "a").batch() as parts:
        assert [thing.name async for rows in parts for thing in rows] == ["a"]


async def test_the_stock_batch_swallows_errors(things, database_url):
    Numbered._meta.db = stock_engine(database_url)
    async with await Numbered.select(Numbered.name).batch() as parts:
        assert [rows async for rows in parts] == []
        raise OnPurpose
    if database_url.startswith("sqlite"):
        query = Numbered.select(Numbered.name).where(Numbered.name == "a", Numbered.seats == 1)
        batch = await query.batch()
        with pytest.raises((sqlite3.ProgrammingError, TypeError)):
            await batch.__aenter__()
        await batch.connection.close()


# 6. Cancelling.


SLOW = {
    "sqlite": "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS n FROM n",
    "postgres": "SELECT pg_sleep(60)",
}


async def test_a_cancelled_transaction_is_undone(hurried):
    for _ in range(5):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), db.transaction():
                await add("undone")
                await db.run_sql(SLOW[db.dialect()])
    assert await names() == []
    async with db.transaction():
        await add("kept")
    assert await names() == ["kept"]


async def test_a_cancelled_query_is_cut_short_and_its_connection_is_free(hurried):
    for _ in range(6):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await db.run_sql(SLOW[db.dialect()])
    assert await asyncio.gather(*[names() for _ in range(8)]) == [[]] * 8


async def test_a_cancelled_inner_transaction_that_is_caught_never_commits_half(hurried):
    with suppress(RuntimeError):
        async with db.transaction():
            await add("outer")
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05), db.transaction():
                    await add("inner")
                    await db.run_sql(SLOW[db.dialect()])
    assert await names() in ([], ["outer"])
    assert not hurried.transaction_exists()


async def test_waiting_in_line_can_be_cancelled(hurried):
    async with db.transaction():
        waiting = [asyncio.create_task(add(f"{number}")) for number in range(4)]
        if db.dialect() == "sqlite":
            await asyncio.sleep(0.02)
            for task in waiting[:3]:
                task.cancel()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert done[3] is None
    assert "3" in await names()


# 7. What is loud where it cannot work, and what works on both.


async def test_row_locks_are_refused_where_there_are_none(things):
    query = Thing.select().lock_rows("UPDATE")
    if db.dialect() == "sqlite":
        with pytest.raises(NotImplementedError):
            await query
    else:
        assert await query == []


async def test_the_same_special_statements_work_on_both(things):
    insert = Thing.insert(Thing(name="a", data={"k": "v"}))
    assert len(await insert.on_conflict(target=Thing.name, action="DO NOTHING").returning(Thing.id)) == 1
    again = Thing.insert(Thing(name="a"))
    assert await again.on_conflict(target=Thing.name, action="DO NOTHING").returning(Thing.id) == []
    updated = await Thing.update({Thing.taken: Thing.taken + 1}).where(Thing.taken < Thing.seats).returning(Thing.taken)
    assert updated == [{"taken": 1}]
    assert (await Thing.select(Thing.data.arrow("k").as_alias("k")).first()) == {"k": '"v"'}


# 8. Get or create.


async def test_many_who_create_the_same_get_one(things):
    async def get_or_create() -> str:
        async with db.transaction():
            await Thing.insert(Thing(name="one")).on_conflict(target=Thing.name, action="DO NOTHING")
            return str((await Thing.select(Thing.id).where(Thing.name == "one"))[0]["id"])

    ids = await asyncio.gather(*[get_or_create() for _ in range(10)])
    assert len(set(ids)) == 1
    assert await names() == ["one"]


async def test_the_stock_get_or_create_breaks_on_the_index(things):
    """Ten that look before any has written. Now and then all of them come one after the other: so it is asked again."""
    failed: list[BaseException] = []
    for name in (f"number {n}" for n in range(50)):
        done = await asyncio.gather(
            *[Thing.objects().get_or_create(Thing.name == name).run() for _ in range(10)], return_exceptions=True)
        failed = [error for error in done if isinstance(error, BaseException)]
        assert (await names()).count(name) == 1
        if failed:
            break
    assert {db.violated(error) for error in failed} == {"thing_name_once"}


# And what all of it is for.


async def test_a_full_shift_is_never_booked_twice(things):
    shift = Thing(name="shift", seats=20)
    await Thing.insert(shift)

    async def book(number: int) -> bool:
        async with db.transaction():
            got = await (
                Thing.update({Thing.taken: Thing.taken + 1})
                .where(Thing.id == shift.id, Thing.taken < Thing.seats)
                .returning(Thing.id)
            )
            if got:
                await add(f"booking {number}")
            return bool(got)

    assert sum(await asyncio.gather(*[book(number) for number in range(100)])) == 20
    assert len(await names()) == 21
