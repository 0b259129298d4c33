"""Statements as they wait for their turn, and the words of each database for them. Pure.

A turn is one hop to SQLite's thread, or one way to PostgreSQL and back: what each costs is about the same whether
it carries one statement or five.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple


class Waiting(NamedTuple):
    """A statement with `{}` for each of its arguments.

    `alone_in` names the table to which it writes one row, looking at no other table: several of these may go to
    PostgreSQL in one turn.
    """

    sql: str
    args: list[Any]
    alone_in: str = ""


@lru_cache(maxsize=1024)
def for_sqlite(sql: str) -> str:
    """Say it with question marks."""
    return sql.replace("{}", "?")


@lru_cache(maxsize=1024)
def for_postgres(sql: str) -> str:
    """Say it with numbered dollars."""
    first, *others = sql.split("{}")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, start=1))


def postgres_turns(waiting: Iterable[Waiting]) -> Iterator[tuple[str, list[Any]]]:
    """Put statements, in their order, into as few turns as may be: rows for different tables go in one.

    The parts of such a turn do not see each other, which is why no two of them may touch one table; references
    between their rows are looked at when all are written.
    """
    together: list[Waiting] = []
    for one in waiting:
        if together and (not one.alone_in or one.alone_in in {other.alone_in for other in together}):
            yield _one_turn(together)
            together = []
        if one.alone_in:
            together.append(one)
        else:
            yield for_postgres(one.sql), one.args
    if together:
        yield _one_turn(together)


def _one_turn(together: list[Waiting]) -> tuple[str, list[Any]]:
    return _joined(tuple(one.sql for one in together)), [arg for one in together for arg in one.args]


@lru_cache(maxsize=256)
def _joined(statements: tuple[str, ...]) -> str:
    *first, last = statements
    if not first:
        return for_postgres(last)
    return for_postgres(f"WITH {', '.join(f't{number} AS ({sql})' for number, sql in enumerate(first))} {last}")
