"""Statements of our own words: what waits is written in its order, with the transaction, or not at all."""

from __future__ import annotations

import sqlite3

import asyncpg
import pytest
from piccolo.columns import UUID, ForeignKey, Timestamptz, Varchar
from piccolo.table import Table

from floorday import db
from floorday.db.turns import Waiting, for_postgres, for_sqlite, postgres_turns
from tests.db.things import Thing, add, names

THING = db.Insert(Thing)
ASKED = db.Statement("SELECT name, seats, taken FROM thing WHERE seats > {} AND name <> {} ORDER BY name")
RENAME = db.Statement("UPDATE thing SET name = {} WHERE name = {}")


class Part(Table, tablename="part"):
    id = UUID(primary_key=True, default=db.uuid7)
    thing = ForeignKey(references=Thing, null=False)
    name = Varchar()
    at = Timestamptz()


BROKEN = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)


class OnPurpose(Exception):
    pass


PART = db.Insert(Part)
COUNTED = db.Insert(Thing, name="CAST({} || (SELECT COUNT(*) FROM thing) AS VARCHAR)")


@pytest.fixture
async def parts(things: db.Engine) -> db.Engine:
    await Part.create_table()
    return things


async def test_a_statement_is_said_in_each_databases_words(things):
    await THING(name="b", seats=3)
    await THING(name="a")
    assert await ASKED(2, "x") == [{"name": "a", "seats": 20, "taken": 0}, {"name": "b", "seats": 3, "taken": 0}]
    assert await ASKED(3, "x") == [{"name": "a", "seats": 20, "taken": 0}]
    assert for_sqlite("a = {} AND b = {}") == "a = ? AND b = ?"
    assert for_postgres("a = {} AND b = {}") == "a = $1 AND b = $2"


async def test_a_column_that_is_not_there_is_refused(things):
    with pytest.raises(TypeError, match="no column nmae"):
        await THING(nmae="a")


async def test_what_waits_is_seen_by_the_next_statement_and_kept_in_order(things):
    async with db.transaction():
        THING.later(name="first")
        RENAME.later("second", "first")
        RENAME.later("third", "second")
        assert await names() == ["third"]
        THING.later(name="last")
    assert await names() == ["last", "third"]


async def test_what_waits_is_lost_with_its_transaction(things):
    with pytest.raises(OnPurpose):
        async with db.transaction():
            THING.later(name="gone")
            raise OnPurpose
    async with db.transaction() as whole:
        THING.later(name="gone")
        await whole.rollback()
        with pytest.raises(RuntimeError, match="rolled back"):
            THING.later(name="gone")
    assert await names() == []


async def test_an_error_of_what_waits_undoes_the_whole_transaction(things):
    await add("taken")
    with pytest.raises(BROKEN) as caught:
        async with db.transaction():
            await add("before")
            THING.later(name="taken")
    assert db.violated(caught.value) == "thing_name_once"
    with pytest.raises(BROKEN) as caught:
        async with db.transaction():
            THING.later(name="taken")
            await names()
    assert db.violated(caught.value) == "thing_name_once"
    assert await names() == ["taken"]
    await add("after")


async def test_an_inner_block_undoes_what_waited_in_it_and_no_more(things):
    await add("taken")
    async with db.transaction():
        THING.later(name="outer")
        with pytest.raises(OnPurpose):
            async with db.transaction():
                THING.later(name="inner")
                raise OnPurpose
        with pytest.raises(BROKEN) as caught:
            async with db.transaction():
                await add("with it")
                THING.later(name="taken")
        assert db.violated(caught.value) == "thing_name_once"
        async with db.transaction():
            THING.later(name="kept")
    assert await names() == ["kept", "outer", "taken"]


async def test_nothing_waits_outside_a_transaction(things):
    with pytest.raises(RuntimeError, match="inside a transaction"):
        THING.later(name="lost")


async def test_a_transaction_that_only_reads_writes_nothing_later(things):
    with pytest.raises((sqlite3.OperationalError, asyncpg.PostgresError), match=r"(?i)read.?only"):
        async with db.transaction.read():
            THING.later(name="written")
            await names()
    assert await names() == []


async def test_a_transaction_without_a_statement_waits_for_nobody(things):
    async with db.transaction():
        pass
    async with db.transaction(durable=True):
        pass
    await add("after")
    assert await names() == ["after"]


async def test_rows_that_point_at_each_other_may_wait_together(parts):
    thing = db.uuid7()
    async with db.transaction():
        THING.later(id=thing, name="whole")
        PART.later(thing=thing, name="one")
        PART.later(thing=thing, name="two")
    assert [row["name"] for row in await Part.select(Part.name).order_by(Part.name)] == ["one", "two"]
    with pytest.raises(BROKEN) as caught:
        async with db.transaction():
            PART.later(thing=db.uuid7(), name="of nothing")
            THING.later(name="other")
    assert db.violated(caught.value) == "foreign key"
    assert await names() == ["whole"]


async def test_an_expression_sees_the_rows_of_its_table_that_waited_before_it(parts):
    thing = db.uuid7()
    async with db.transaction():
        COUNTED.later(id=thing, name=("n",))
        PART.later(thing=thing, name="between")
        COUNTED.later(name=("n",))
    assert await names() == ["n0", "n1"]


async def test_each_statement_that_waits_is_counted(things, queries):
    with queries() as seen:
        async with db.transaction():
            THING.later(name="a")
            THING.later(name="b")
            await names()
    assert len(seen) == 3


def test_rows_for_different_tables_share_a_turn():
    def row(table: str, *args: int) -> Waiting:
        return Waiting(f"INSERT INTO {table} VALUES ({', '.join('{}' for _ in args)})", list(args), table)

    assert list(postgres_turns([row("a", 1, 2), row("b", 3), row("a", 4)])) == [
        ("WITH t0 AS (INSERT INTO a VALUES ($1, $2)) INSERT INTO b VALUES ($3)", [1, 2, 3]),
        ("INSERT INTO a VALUES ($1)", [4]),
    ]
    assert list(postgres_turns([row("a", 1), Waiting("UPDATE b SET x = {}", [2]), row("b", 3)])) == [
        ("INSERT INTO a VALUES ($1)", [1]), ("UPDATE b SET x = $1", [2]), ("INSERT INTO b VALUES ($1)", [3]),
    ]  # fmt: skip


async def test_statements_together_give_the_rows_of_each(things, queries):
    with queries() as seen:
        async with db.transaction():
            THING.later(name="a", seats=3)
            assert await db.together(ASKED.of(2, "x"), RENAME.of("b", "a"), ASKED.of(2, "x")) == [
                [{"name": "a", "seats": 3, "taken": 0}], [], [{"name": "b", "seats": 3, "taken": 0}],
            ]  # fmt: skip
    assert len(seen) == 4
    with pytest.raises(RuntimeError, match="inside a transaction"):
        await db.together(ASKED.of(2, "x"))
