"""Which rule of the database was broken, by the same name on SQLite and PostgreSQL."""

# asyncpg has no types:
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

import re
import sqlite3
from typing import Any

import asyncpg

NAMED = "floorday_violated"
FOREIGN_KEY = "foreign key"


def violated(error: BaseException | None) -> str | None:
    """Name the rule that an error reports as broken; None when it reports none.

    | rule | name |
    |---|---|
    | unique index, exclusion constraint, named check | its own name |
    | primary key | `<table>_pkey` |
    | unnamed check | on PostgreSQL the name it was given there, on SQLite its expression |
    | NOT NULL | `<table>.<column>` |
    | foreign key | `foreign key` |
    | trigger that raised | its message |

    The error's causes are searched too. Of two unique indexes over the same columns SQLite
    cannot say which one it was: the first by name is given, so give them different columns.
    """
    while error is not None:
        if isinstance(error, sqlite3.IntegrityError):
            return getattr(error, NAMED, None) or name_in(str(error))
        if isinstance(error, asyncpg.PostgresError):
            return _postgres(error)
        error = error.__cause__
    return None


def name_in(words: str) -> str:
    """Read the rule's name out of SQLite's sentence, as far as it stands there."""
    kind, failed, rest = words.partition(" constraint failed")
    if not failed:
        return words
    rest = rest.removeprefix(": ")
    match kind:
        case "FOREIGN KEY":
            return FOREIGN_KEY
        case "UNIQUE" if rest.startswith("index '"):
            return rest.removeprefix("index '").removesuffix("'")
        case _:
            return rest


def name_unique(error: sqlite3.IntegrityError, connection: sqlite3.Connection) -> None:
    """Find the index behind "UNIQUE constraint failed: table.a, table.b" while its connection is at hand."""
    found = re.fullmatch(r"UNIQUE constraint failed: ((?:\w+\.\w+(?:, )?)+)", str(error))
    if not found:
        return
    pairs = [part.split(".") for part in found[1].split(", ")]
    table, columns = pairs[0][0], [column for _, column in pairs]
    name = f"{table}_pkey"
    for index, origin in connection.execute(
        "SELECT name, origin FROM pragma_index_list(?) WHERE \"unique\" ORDER BY name", (table,)
    ).fetchall():
        covered = [row[0] for row in connection.execute(
            "SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,))]
        if covered == columns and origin != "pk":
            # A unique column's index carries a made-up name here; PostgreSQL calls it this:
            name = f"{table}_{'_'.join(columns)}_key" if origin == "u" else index
            break
    setattr(error, NAMED, name)


def _postgres(error: asyncpg.PostgresError) -> str | None:
    facts: dict[str, Any] = error.as_dict()
    match error:
        case asyncpg.ForeignKeyViolationError() | asyncpg.RestrictViolationError():
            return FOREIGN_KEY
        case asyncpg.NotNullViolationError():
            return f"{facts.get('table_name')}.{facts.get('column_name')}"
        case asyncpg.IntegrityConstraintViolationError():
            return facts.get("constraint_name") or facts.get("message")
        case asyncpg.RaiseError():
            return facts.get("message")
        case _:
            return None
