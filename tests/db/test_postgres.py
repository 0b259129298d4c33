"""PostgreSQL as a service needs it: no connection is lost, whatever fails."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from floorday import db
from floorday.errors import Busy
from tests.db.things import Thing, add, names

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


async def test_a_commit_that_became_a_rollback_is_not_taken_for_saved(things):
    await add("taken")
    with pytest.raises(RuntimeError, match="Nothing was saved"):
        async with db.transaction():
            await add("lost")
            with pytest.raises(asyncpg.UniqueViolationError):
                await add("taken")
    assert await names() == ["taken"]


async def test_an_empty_pool_ends_with_busy_and_recovers(hurried):
    held, free = asyncio.Barrier(3), asyncio.Event()

    async def hold() -> None:
        async with db.transaction():
            await held.wait()
            await free.wait()

    holders = [asyncio.create_task(hold()) for _ in range(2)]
    await held.wait()
    with pytest.raises(Busy):
        await add("too late")
    free.set()
    await asyncio.gather(*holders)
    await add("now")
    assert await names() == ["now"]


async def test_of_two_that_wait_for_each_other_one_is_busy(things):
    await add("a")
    await add("b")
    first_has_one = asyncio.Barrier(2)

    async def both(one: str, other: str) -> str:
        async with db.transaction():
            await Thing.update({Thing.seats: 5}).where(Thing.name == one)
            await first_has_one.wait()
            await Thing.update({Thing.seats: 5}).where(Thing.name == other)
        return "done"

    done = await asyncio.gather(both("a", "b"), both("b", "a"), return_exceptions=True)
    assert sorted(type(result) for result in done if result != "done") == [Busy]


async def test_reading_sees_one_state(things):
    async with db.transaction.read():
        assert await names() == []
        await asyncio.create_task(add("meanwhile"))
        assert await names() == []
    assert await names() == ["meanwhile"]


async def test_a_transaction_that_reads_cannot_write(things):
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with db.transaction.read():
            await add("refused")


@pytest.mark.parametrize("pgbouncer", [True, False])
async def test_behind_pgbouncer_no_statement_is_prepared(database_url, pgbouncer):
    engine = db.make_engine(database_url, pgbouncer=pgbouncer)
    db.bind(engine)
    await db.open_pools()
    prepared = "SELECT count(*) AS n FROM pg_prepared_statements WHERE name LIKE '\\_\\_asyncpg%'"
    async with db.transaction():
        assert await db.run_sql("SELECT {}::integer AS n", 1) == [{"n": 1}]
        rows = await db.run_sql(prepared)
    await db.close_pools()
    assert (rows[0]["n"] == 0) is pgbouncer


async def test_a_server_that_is_not_there_is_busy(database_url, tmp_path):
    engine = db.make_engine(f"postgresql:///none?host={tmp_path}", gate_timeout=0.5)
    for work in (lambda: engine.run_ddl("SELECT 1"), engine.start_connection_pool):
        with pytest.raises(Busy):
            await work()


async def test_making_an_engine_opens_nothing(database_url):
    assert db.make_engine("postgresql://nobody@192.0.2.1/nothing").pool is None


async def test_times_are_utc_whatever_the_server_thinks(things):
    assert await db.run_sql("SHOW timezone") == [{"TimeZone": "UTC"}]
