"""Many rows at once, inside the caller's transaction."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from piccolo.table import Table

from floorday.db import current, dialect, run_sql
from floorday.issues.numbers import openly
from floorday.issues.tables import Counter
from floorday.people.tables import Person

CHUNK = 500
"""Rows of one statement; with the widest table that stays well below what either database takes."""

Row = dict[str, Any]


async def insert(table: type[Table], rows: Sequence[Row]) -> None:
    """Write new rows, given by the names of their columns; a column that no row names gets its default."""
    if not rows:
        return
    own = current().mine()
    assert own is not None, "Rows are written inside a transaction."
    meta = table._meta  # pyright: ignore[reportPrivateUsage]  # where Piccolo keeps a table's columns
    defaults = {column._meta.name: column for column in meta.columns}  # pyright: ignore[reportPrivateUsage]  # likewise
    given = frozenset(rows[0])
    fixed = {name: column.get_default_value() for name, column in defaults.items() if name not in given}
    names = list(defaults)
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        args = [fixed[name] if name in fixed else row[name] for row in chunk for name in names]
        await own.run(_statement(meta.tablename, names, len(chunk)), args)


def _statement(table: str, names: list[str], count: int) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    width = len(names)
    if dialect() == "sqlite":
        values = ", ".join([f"({', '.join('?' * width)})"] * count)
    else:
        values = ", ".join(
            f"({', '.join(f'${row * width + place + 1}' for place in range(width))})" for row in range(count)
        )
    return f'INSERT INTO "{table}" ({columns}) VALUES {values}'  # noqa: S608  # names of our own tables


async def count_anew() -> None:
    """Let PostgreSQL learn how many rows there are now; what follows would read every note for each part of it."""
    if dialect() == "postgres":
        for table in ("issue", "note", "issue_event", "booking"):
            await run_sql(f"ANALYZE {table}")


async def numbers(count: int) -> list[int]:
    """Take so many public numbers, in their order, without those that are kept back for anonymous issues to come."""
    salt: int = (await run_sql("SELECT value FROM counter WHERE name = 'holes'"))[0]["value"]
    found: list[int] = []
    while len(found) < count:
        found += openly(await _next(count - len(found)), salt)
    return sorted(found)


async def _next(count: int) -> list[int]:
    if dialect() == "postgres":
        rows = await run_sql("SELECT nextval('issue_number') AS value FROM generate_series(1, {})", count)
        return [row["value"] for row in rows]
    rows = await Counter.update({Counter.value: Counter.value + count}).where(Counter.name == "issue").returning(
        Counter.value)
    last: int = rows[0]["value"]
    return list(range(last - count + 1, last + 1))


async def name_person(person: UUID, external_id: str) -> None:
    """Give a person who is here already the id that a file knows them by."""
    await Person.update({Person.external_id: external_id}).where(Person.id == person)
