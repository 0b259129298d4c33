"""An empty table for tests of the database itself, and an engine with little patience."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from floorday import db
from tests.db.things import Thing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def things(database: db.Engine) -> db.Engine:
    """A database with an empty table of things, each name once."""
    await Thing.create_table()
    await db.run_sql("CREATE UNIQUE INDEX thing_name_once ON thing (name)")
    return database


@pytest.fixture
async def hurried(database_url: str) -> AsyncIterator[db.Engine]:
    """The same with little patience: a pool of two connections and waits of 0.4 seconds."""
    engine = db.make_engine(database_url, readers=2, pool_size=2, gate_timeout=0.4)
    db.bind(engine)
    await db.open_pools()
    await Thing.create_table()
    await db.run_sql("CREATE UNIQUE INDEX thing_name_once ON thing (name)")
    yield engine
    await engine.close_connection_pool()
