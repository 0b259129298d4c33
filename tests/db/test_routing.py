"""Which statements only read, so that readers of SQLite may run them."""

from __future__ import annotations

import pytest

from floorday.db.routing import only_reads

READS = [
    "SELECT 1",
    "  select * from thing",
    "-- a word first\nSELECT 1",
    "/* DELETE */ SELECT 1",
    "VALUES (1)",
    "EXPLAIN QUERY PLAN DELETE FROM thing",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "WITH RECURSIVE a (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM a) SELECT i FROM a",
    "WITH a AS (SELECT ') DELETE' AS x), b AS (SELECT \"INSERT\" FROM a) SELECT * FROM b",
    "WITH a AS (VALUES (1)) VALUES (2)",
    "PRAGMA table_info(thing)",
    "PRAGMA user_version",
    "pragma index_list('thing')",
]
WRITES = [
    "INSERT INTO thing VALUES (1)",
    "INSERT INTO thing SELECT * FROM other RETURNING id",
    "UPDATE thing SET name = 'SELECT'",
    "DELETE FROM thing",
    "REPLACE INTO thing VALUES (1)",
    "WITH a AS (SELECT 1) INSERT INTO thing SELECT * FROM a",
    "WITH a AS (SELECT 1) -- SELECT\n DELETE FROM thing WHERE id IN (SELECT * FROM a)",
    "WITH a AS (SELECT '(') UPDATE thing SET name = (SELECT * FROM a)",
    "WITH [SELECT] AS (SELECT 1) DELETE FROM thing",
    "PRAGMA user_version = 3",
    "PRAGMA user_version(3)",
    "PRAGMA foreign_keys = 0",
    "PRAGMA wal_checkpoint",
    "CREATE TABLE a (b)",
    "BEGIN",
    "VACUUM",
    "",
    "-- nothing",
]


@pytest.mark.parametrize("sql", READS)
def test_this_only_reads(sql):
    assert only_reads(sql)


@pytest.mark.parametrize("sql", WRITES)
def test_this_may_write(sql):
    assert not only_reads(sql)
