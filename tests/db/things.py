"""A small table, for tests of the database itself."""

from __future__ import annotations

from piccolo.columns import JSON, UUID, Integer, Varchar
from piccolo.engine.postgres import PostgresEngine
from piccolo.engine.sqlite import SQLiteEngine
from piccolo.table import Table

from floorday import db
from floorday.config import sqlite_path
from floorday.db.columns import CheckedInteger


class Thing(Table, tablename="thing"):
    id = UUID(primary_key=True, default=db.uuid7)
    name = Varchar()
    seats = Integer(default=20)
    taken = CheckedInteger(0, check="taken >= 0 AND taken <= seats")
    data = JSON(default="{}")


async def names() -> list[str]:
    return [row["name"] for row in await Thing.select(Thing.name).order_by(Thing.name)]


async def add(name: str) -> None:
    await Thing.insert(Thing(name=name))


def stock_engine(url: str) -> SQLiteEngine | PostgresEngine:
    """Piccolo's own engine for the same database, to see what it does."""
    return SQLiteEngine(sqlite_path(url)) if url.startswith("sqlite") else PostgresEngine({"dsn": url})
