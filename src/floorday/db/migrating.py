"""Bring the schema up to date: once at a time, quietly, each step whole or not at all."""

# asyncpg has no types, Piccolo's migrations only some:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import asyncio
import fcntl
import io
import logging
import re
import sqlite3
import sys
import time
from contextlib import asynccontextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import asyncpg

import floorday
from floorday.db.binding import Engine, bind, current
from floorday.db.postgres import PooledPostgres
from floorday.db.sqlite import PooledSQLite
from floorday.db.statements import run_sql
from floorday.errors import Busy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

logger = logging.getLogger(__name__)

LONGEST_WAIT = 300.0
# Any number will do, as long as nobody else in the same database takes it.
LOCK = 0x_F100_2DA7
ELSEWHERE = "Another process is still changing the schema; please try again later."


def migrations_folder() -> Path:
    """Find the migrations: inside an installed package, else at the top of the working copy."""
    package = Path(floorday.__file__).parent
    packed = package / "_migrations"
    return packed if packed.is_dir() else package.parents[1] / "migrations"


def known_migrations(folder: Path) -> set[str]:
    """Read the ids of the migrations in a folder."""
    found = (re.search(r"^ID = \"(.+)\"", path.read_text("utf-8"), re.MULTILINE) for path in folder.glob("*.py"))
    return {match[1] for match in found if match}


async def migrations_run() -> set[str]:
    """Ask the database which migrations it has seen."""
    try:
        rows = await run_sql("SELECT name FROM migration WHERE app_name = {}", "floorday")
    except (sqlite3.OperationalError, asyncpg.UndefinedTableError):
        return set()
    return {row["name"] for row in rows}


async def up_to_date() -> bool:
    """Say whether the bound database has seen every migration of this program. It is not made by asking."""
    if _no_file(current()):
        return False
    return known_migrations(migrations_folder()) <= await migrations_run()


def _no_file(engine: Engine) -> bool:
    return isinstance(engine, PooledSQLite) and not Path(engine.file).exists()


async def migrate() -> None:
    """Bring the bound database up to date. Processes that start together take turns.

    Raise RuntimeError inside a transaction, and Busy after waiting five minutes for another
    process. A migration that fails leaves nothing of itself behind, and its error comes through.
    """
    engine = current()
    if engine.transaction_exists():
        raise RuntimeError("The schema is never changed inside a transaction; call migrate() outside.")
    bind(engine)
    if await up_to_date():
        return
    path = list(sys.path)
    turn = _turn_in_postgres(engine) if isinstance(engine, PooledPostgres) else _turn_by_file(Path(engine.file))
    async with turn:
        try:
            await _run_all()
        finally:
            sys.path[:] = path


async def _run_all() -> None:
    """Run what has not run. A step and the note that it has run are saved together, or neither.

    Piccolo's own command saves the note afterwards, so that a crash in between makes the next
    start fail for ever.
    """
    # Here, since this brings all that Piccolo's commands use into memory: a server is not to carry it.
    from piccolo.apps.migrations.auto.migration_manager import MigrationManager
    from piccolo.apps.migrations.commands.base import BaseMigrationManager
    from piccolo.apps.migrations.tables import Migration

    apps = BaseMigrationManager()
    await apps.create_migration_table()
    for name in apps.get_sorted_app_names():
        done = set(await Migration.get_migrations_which_ran(app_name=name))
        steps = apps.get_migration_modules(apps.get_app_config(name).resolved_migrations_folder_path)
        for step in sorted(set(steps) - done):
            logger.info("Bringing the schema up to date: %s", step)
            async with current().transaction():
                made = await steps[step].forwards()
                # A module may do its work itself and return nothing; Piccolo's types do not know.
                if isinstance(made, MigrationManager):  # pyright: ignore[reportUnnecessaryIsInstance]
                    with redirect_stdout(io.StringIO()):
                        await made.run()
                await Migration.insert(Migration(name=step, app_name=name))


@asynccontextmanager
async def _turn_by_file(database: Path) -> AsyncGenerator[None]:
    """Hold a lock on a file beside the database; the system lets it go even if the process is killed."""
    with _side_file(database) as side:
        until = time.monotonic() + LONGEST_WAIT
        while True:
            try:
                fcntl.flock(side, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Busy(ELSEWHERE) from None
                await asyncio.sleep(0.05)
        yield


def _side_file(database: Path) -> TextIO:
    database.parent.mkdir(parents=True, exist_ok=True)
    return database.with_name(f"{database.name}.migrating").open("w")


@asynccontextmanager
async def _turn_in_postgres(engine: PooledPostgres) -> AsyncGenerator[None]:
    """Hold an advisory lock for one transaction, which PgBouncer keeps on one server connection."""
    connection = (await engine.lend(reading=False, apart=True)).connection
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{int(LONGEST_WAIT)}s'")
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            try:
                await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            except asyncpg.LockNotAvailableError as error:
                raise Busy(ELSEWHERE) from error
            yield
    finally:
        await connection.close()
