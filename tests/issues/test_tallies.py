"""On SQLite the numbers of a board that nothing narrows are counted without looking into a single row."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from floorday import db
from floorday.db.sqlite import PooledSQLite
from floorday.issues.queries import Filters, lanes, tallies
from floorday.issues.rules import Kind
from floorday.issues.tables import Issue
from floorday.people.tables import Department
from tests.cast import NOW, Cast, make_cast

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def cast(database: object) -> Cast:
    del database
    return await make_cast()


async def numbers(cast: Cast, name: str, filters: Filters) -> list[dict[str, object]] | None:
    usual, special = tallies.moments(NOW, {2: [cast.it], 21: [cast.billing]})
    return await tallies.groups(
        cast.everybody()[name], filters, lanes.TURNS, lanes.QUIET_TURNS, usual=usual, special=special,
        apart=[cast.it])


async def test_each_number_is_a_stretch_of_an_index(cast: Cast) -> None:
    await Department.update({Department.word_days: 3}).where(Department.id == cast.it)
    engine = db.current()
    asked: list[str] = []
    engine.watchers.append(asked.append)
    found = [await numbers(cast, name, Filters()) for name in cast.everybody()]
    engine.watchers.clear()
    if not isinstance(engine, PooledSQLite):
        assert found == [None] * len(found)  # PostgreSQL counts in one pass
        return
    assert any(found)
    with closing(sqlite3.connect(engine.file)) as connection:
        for sql in {one for one in asked if "INDEXED BY" in one}:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?"))]
            steps = [step for step in plan if step.startswith(("SCAN i ", "SEARCH i "))]
            assert len(steps) > 10
            assert [step for step in steps if "COVERING" not in step and "issue_hidden" not in step] == []


async def test_what_is_narrowed_is_counted_in_one_pass(cast: Cast) -> None:
    for filters in (Filters(team=cast.billing), Filters(kind=Kind.GLITCH), Filters(closed=None), Filters(words="x")):
        assert await numbers(cast, "ben", filters) is None


async def test_the_last_word_is_known_of_every_issue() -> None:
    assert not Issue.last_word_at._meta.null
