"""Bring the schema up to date: once at a time, quietly, each step whole or not at all."""

from __future__ import annotations

import asyncio
import fcntl
import io
import sys
import time
from contextlib import asynccontextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from piccolo.apps.migrations.commands.forwards import run_forwards

from floorday.db.binding import current
from floorday.db.postgres import PooledPostgres
from floorday.errors import Busy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LONGEST_WAIT = 300.0
# Any number will do, as long as nobody else in the same database takes it.
LOCK = 0x_F100_2DA7


async def migrate() -> None:
    """Bring the bound database up to date. Processes that start together take turns.

    Raise RuntimeError inside a transaction, and Busy after waiting five minutes for another
    process. A migration that fails leaves nothing of itself behind, and its error comes through.
    """
    engine = current()
    if engine.transaction_exists():
        raise RuntimeError("The schema is never changed inside a transaction; call migrate() outside.")
    path, told = list(sys.path), io.StringIO()
    turn = _turn_in_postgres(engine) if isinstance(engine, PooledPostgres) else _turn_by_file(Path(engine.path))
    async with turn:
        try:
            with redirect_stdout(told):
                result = await run_forwards("all")
        finally:
            sys.path[:] = path
    if not result.success:
        raise RuntimeError(f"The schema could not be brought up to date: {result.message}\n{told.getvalue()}")


@asynccontextmanager
async def _turn_by_file(database: Path) -> AsyncIterator[None]:
    """Hold a lock on a file beside the database; the system lets it go even if the process is killed."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with open(database.with_name(f"{database.name}.migrating"), "w") as side:
        until = time.monotonic() + LONGEST_WAIT
        while True:
            try:
                fcntl.flock(side, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Busy("Another process is still changing the schema; please try again later.") from None
                await asyncio.sleep(0.05)
        yield


@asynccontextmanager
async def _turn_in_postgres(engine: PooledPostgres) -> AsyncIterator[None]:
    """Hold an advisory lock for one transaction, which PgBouncer keeps on one server connection."""
    connection = await asyncpg.connect(**engine.config)
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{int(LONGEST_WAIT)}s'")
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            try:
                await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            except asyncpg.LockNotAvailableError as error:
                raise Busy("Another process is still changing the schema; please try again later.") from error
            yield
    finally:
        await connection.close()
