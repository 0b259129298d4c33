"""The databases that tests get are empty, migrated, and nobody else's."""

from __future__ import annotations

from floorday import db


async def test_each_test_has_a_database_of_its_own(database):
    assert await db.run_sql("SELECT count(*) AS n FROM migration") is not None
    await db.run_sql("CREATE TABLE mine (id integer)")
    await db.run_sql("INSERT INTO mine VALUES (1)")
    assert await db.run_sql("SELECT id FROM mine") == [{"id": 1}]


async def test_and_finds_nothing_of_another(database):
    await db.run_sql("CREATE TABLE mine (id integer)")
    assert await db.run_sql("SELECT id FROM mine") == []


async def test_statements_are_counted(database, queries):
    with queries() as seen:
        await db.run_sql("SELECT 1 AS one")
        async with db.transaction():
            await db.run_sql("SELECT 2 AS two")
    await db.run_sql("SELECT 3 AS three")
    assert seen == ["SELECT 1 AS one", "SELECT 2 AS two"]
