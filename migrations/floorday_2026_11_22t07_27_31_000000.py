"""Numbers that are kept back for anonymous issues; which ones, is drawn by chance."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql

ID = "2026-11-22T07:27:31:000000"
VERSION = "1.38.0"
DESCRIPTION = "Numbers kept back for anonymous issues"

SQLITE = ("INSERT INTO counter (name, value) SELECT 'holes', ABS(RANDOM() % 2147483647)",)
POSTGRES = ("INSERT INTO counter (name, value) SELECT 'holes', CAST(2147483646 * RANDOM() AS INTEGER)",)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in SQLITE if dialect() == "sqlite" else POSTGRES:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
