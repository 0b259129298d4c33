"""Statements of our own words, for what runs with every request.

Piccolo builds and compiles each query anew, a third of a millisecond each time; these are words from the beginning.

    TEAM = Statement("SELECT id, name FROM team WHERE id = {}")
    rows = await TEAM(team_id)

    NOTE = Insert(Note)
    NOTE.later(id=note_id, text=text, at=now)

What is told to run `later` goes to the database with the next statement of its transaction that is waited for, at
the latest with COMMIT: in its order, in one turn. An error of it comes up there. So whatever may break a rule that
somebody is to be told about is waited for.
"""

# Piccolo's columns are typed Any, and it keeps what they are in private places:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from piccolo.columns.defaults.base import Default

from floorday.db.binding import current
from floorday.db.routing import only_reads
from floorday.db.turns import Waiting

if TYPE_CHECKING:
    from piccolo.table import Table

Rows = list[dict[str, Any]]


class Statement:
    """SQL with `{}` for each argument.

    On SQLite an expression comes back as stored: a time or an id in it is text. `at_once` is for what finds a few rows
    by an index and is asked with every request: SQLite answers it where it is asked, and nobody else has a turn
    meanwhile.
    """

    def __init__(self, sql: str, *, alone_in: str = "", at_once: bool = False) -> None:
        if at_once and not only_reads(sql):
            raise ValueError("Only what reads is answered at once.")
        self.sql = sql
        self.alone_in = alone_in
        self.at_once = at_once

    async def __call__(self, *args: Any) -> Rows:
        """Run it and give its rows."""
        engine = current()
        return await (engine.run_at_once if self.at_once else engine.run_statement)(self.sql, list(args))

    async def plain(self, *args: Any) -> Sequence[Sequence[Any]]:
        """Run it and give its rows without names, for many of them."""
        return await current().run_plain(self.sql, list(args))

    def of(self, *args: Any) -> Waiting:
        """Give it with its arguments, for `together`."""
        return Waiting(self.sql, list(args), self.alone_in)

    def later(self, *args: Any) -> None:
        """Let it run inside the open transaction, with the next statement that is waited for."""
        current().run_later(self.of(*args))


class Insert:
    """A new row of a table, given by its columns' names; a column that is not given takes its default.

    Where a column is to be an expression of SQL, its value is the tuple of the expression's arguments; the
    expression may look at no other table.
    """

    def __init__(self, table: type[Table], tail: str = "", /, **expressions: str) -> None:
        columns = table._meta.columns
        self.table = table._meta.tablename
        self.spread = frozenset(expressions)
        self.defaults = {column._meta.name: _default(column) for column in columns}
        names = ", ".join(f'"{column._meta.db_column_name}"' for column in columns)
        values = ", ".join(expressions.get(name, "{}") for name in self.defaults)
        sql = f'INSERT INTO "{self.table}" ({names}) VALUES ({values}) {tail}'.rstrip()  # noqa: S608 - own words
        self.statement = Statement(sql, alone_in=self.table)

    async def __call__(self, **values: Any) -> Rows:
        """Write a row, and give what the statement's tail asks for."""
        return await self.statement(*self.args(values))

    def later(self, **values: Any) -> None:
        """Write a row with the next statement of the transaction that is waited for."""
        self.statement.later(*self.args(values))

    def args(self, values: dict[str, Any]) -> Iterator[Any]:
        """Give a row's values in the statement's order."""
        if unknown := values.keys() - self.defaults.keys():
            raise TypeError(f"The table {self.table} has no column {', '.join(sorted(unknown))}.")
        for name, default in self.defaults.items():
            if name in self.spread:
                yield from values[name]
            elif name in values:
                yield values[name]
            else:
                yield default()


async def together(*statements: Waiting) -> list[Rows]:
    """Run statements in one turn of the open transaction, and give the rows of each.

    On SQLite the one writer's turn is as long as the way there and back for each: so two reads are one way.
    """
    return await current().run_each(statements)


async def ahead(*statements: Waiting) -> list[Rows]:
    """Run statements that an open transaction need not hold, in its beginning, and give the rows of each.

    They read what is committed, lock nothing and write nothing that could be undone (a sequence is none of that).
    PostgreSQL runs them before BEGIN; where all that follows is rows that go in one turn, these are a transaction by
    themselves, and the ways there and back for BEGIN and COMMIT are saved.
    """
    return await current().run_each(statements, ahead=True)


async def run_sql(sql: str, *args: Any) -> Rows:
    """Run SQL of our own once, with `{}` for each argument; give its rows, as a Statement does."""
    return await current().run_statement(sql, list(args))


def _default(column: Any) -> Callable[[], Any]:
    """Give what makes a column's value where none is given."""
    chosen: Any = column.default
    if isinstance(chosen, Enum):
        chosen = chosen.value
    if chosen is None or isinstance(chosen, (str, int, float, bytes)):
        return lambda: chosen
    return chosen.python if isinstance(chosen, Default) else column.get_default_value
