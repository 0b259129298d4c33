"""SQLite as a service needs it: one writer behind a fair gate, readers that never write."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest

from floorday import db
from floorday.config import sqlite_path
from floorday.errors import Busy, Misconfigured
from tests.db.things import Thing, add, names

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_writers_get_their_turn_in_the_order_they_came(things):
    order: list[int] = []

    async def write(number: int) -> None:
        async with db.transaction():
            order.append(number)
            await add(f"{number:02}")

    async with asyncio.TaskGroup() as group:
        for number in range(30):
            group.create_task(write(number))
    assert order == list(range(30))
    assert len(await names()) == 30


async def test_a_wait_that_is_too_long_ends_with_busy(hurried):
    held, free = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with db.transaction():
            held.set()
            await free.wait()

    holder = asyncio.create_task(hold())
    await held.wait()
    with pytest.raises(Busy, match="nothing was saved"):
        await add("too late")
    assert await names() == []
    free.set()
    await holder
    await add("now")
    assert await names() == ["now"]


async def test_readers_do_not_wait_for_a_writer(hurried):
    async with db.transaction():
        await add("open")
        assert await asyncio.create_task(names()) == []


async def test_waiting_for_a_reader_ends_with_busy(hurried):
    held, free = asyncio.Barrier(3), asyncio.Event()

    async def hold() -> None:
        async with db.transaction.read():
            await names()
            await held.wait()
            await free.wait()

    holders = [asyncio.create_task(hold()) for _ in range(2)]
    await held.wait()
    with pytest.raises(Busy):
        await names()
    for holder in holders:
        holder.cancel()
    await asyncio.gather(*holders, return_exceptions=True)
    assert await names() == []


async def test_a_reader_cannot_write(things):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        async with db.transaction.read():
            await add("refused")
    with pytest.raises(RuntimeError, match="only reads"):
        async with db.transaction.read(), db.transaction():
            pytest.fail("wrote in a transaction that reads")
    assert await names() == []


async def test_other_loops_are_told_so(things):
    told: list[BaseException] = []

    async def ask() -> None:
        for work in (names, db.open_pools):
            try:
                await work()
            except RuntimeError as error:
                told.append(error)

    thread = threading.Thread(target=asyncio.run, args=[ask()])
    thread.start()
    await asyncio.to_thread(thread.join)
    assert ["event loop" in str(error) for error in told] == [True, True]
    assert await names() == []


def test_pools_of_a_loop_that_is_gone_are_replaced(sqlite_url, database_url):
    db.bind(db.make_engine(sqlite_url))

    async def work(*, close: bool) -> list[dict[str, int]]:
        await db.open_pools()
        await db.open_pools()
        rows = await db.run_sql("SELECT 1 AS one")
        if close:
            await db.close_pools()
            await db.close_pools()
        return rows

    assert asyncio.run(work(close=False)) == asyncio.run(work(close=True)) == [{"one": 1}]


async def test_the_connections_are_set_up(things):
    async with db.transaction():
        for pragma, value in {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1}.items():
            assert await db.run_sql(f"PRAGMA {pragma}") == [{pragma: value}]


async def test_a_durable_transaction_waits_for_the_disk(things):
    async with db.transaction(durable=True):
        assert await db.run_sql("PRAGMA synchronous") == [{"synchronous": 2}]
        await add("kept")
    async with db.transaction():
        assert await db.run_sql("PRAGMA synchronous") == [{"synchronous": 1}]
    assert await names() == ["kept"]


async def test_without_pools_the_same_rules_hold(database_url, tmp_path):
    path = tmp_path / "deep" / "down" / "floorday.sqlite"
    db.bind(db.make_engine(f"sqlite:///{path}"))
    await Thing.create_table()
    async with db.transaction():
        await add("kept")
        with pytest.raises(ZeroDivisionError):
            async with db.transaction():
                await add("undone")
                raise ZeroDivisionError
    assert await names() == ["kept"]
    assert sorted(file.name for file in path.parent.iterdir()) == ["floorday.sqlite"]


async def test_nobody_else_on_the_machine_can_read_a_new_file(database_url, tmp_path):
    engine = db.make_engine(f"sqlite:///{tmp_path}/new/floorday.sqlite")
    await engine.start_connection_pool()
    await engine.run_ddl("CREATE TABLE a (b)")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "new").iterdir()}
    await engine.close_connection_pool()
    assert modes == {f"floorday.sqlite{tail}": 0o600 for tail in ("", "-wal", "-shm")}


async def test_nothing_runs_in_a_transaction_that_sqlite_has_ended(things):
    with pytest.raises(RuntimeError, match="rolled this transaction back"):
        async with db.transaction():
            await add("before")
            with pytest.raises(sqlite3.IntegrityError):
                await db.run_sql("INSERT OR ROLLBACK INTO thing (id, name, taken) VALUES ('a', 'x', 99)")
            await add("after")
    assert await names() == []


async def test_a_transaction_rolled_back_by_hand_is_over(things):
    async with db.transaction() as work:
        await add("undone")
        await work.rollback()
        with pytest.raises(RuntimeError, match="rolled back"):
            await add("after")
    assert await names() == []
    await add("later")
    assert await names() == ["later"]


WRITER = """
import asyncio, sys
from floorday import db
async def main(url, times):
    db.bind(db.make_engine(url))
    await db.open_pools()
    for _ in range(int(times)):
        async with db.transaction():
            (row,) = await db.run_sql("SELECT n FROM tally")
            await db.run_sql("UPDATE tally SET n = {}", row["n"] + 1)
    await db.close_pools()
asyncio.run(main(*sys.argv[1:]))
"""


async def test_several_processes_lose_no_update(things, database_url):
    await db.run_sql("CREATE TABLE tally (n integer)")
    await db.run_sql("INSERT INTO tally VALUES (0)")
    others = [subprocess.Popen([sys.executable, "-c", WRITER, database_url, "150"]) for _ in range(2)]
    for _ in range(150):
        async with db.transaction():
            (row,) = await db.run_sql("SELECT n FROM tally")
            await db.run_sql("UPDATE tally SET n = {}", row["n"] + 1)
    assert [await asyncio.to_thread(other.wait) for other in others] == [0, 0]
    assert await db.run_sql("SELECT n FROM tally") == [{"n": 450}]


async def test_many_open_a_new_file_at_once(database_url, tmp_path):
    url = f"sqlite:///{tmp_path}/new.sqlite"
    engines = [db.make_engine(url) for _ in range(8)]
    await asyncio.gather(*[engine.start_connection_pool() for engine in engines])
    await asyncio.gather(*[engine.run_ddl("CREATE TABLE IF NOT EXISTS a (b)") for engine in engines])
    await asyncio.gather(*[engine.close_connection_pool() for engine in engines])


async def test_a_lock_held_in_an_old_journal_mode_is_busy_too(database_url, tmp_path):
    path = tmp_path / "old.sqlite"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE a (b)")
    other.execute("BEGIN EXCLUSIVE")
    engine = db.make_engine(f"sqlite:///{path}", gate_timeout=0.3)
    for work in (lambda: engine.run_ddl("SELECT * FROM a"), engine.start_connection_pool):
        with pytest.raises(Busy):
            await work()
    other.execute("ROLLBACK")
    other.close()
    assert await engine.run_ddl("SELECT * FROM a") == []


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite:///:memory:", "mysql://here", "floorday.sqlite"])
def test_no_engine_for_what_is_no_file(database_url, url):
    with pytest.raises(Misconfigured, match="database"):
        db.make_engine(url)


def test_the_file_is_where_the_address_says(database_url):
    assert sqlite_path(database_url).startswith("/")
