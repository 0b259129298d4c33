"""Letters are listed in the order in which they were written: some have ids that are made of what they tell."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T11:36:30:000000"
VERSION = "1.38.0"
DESCRIPTION = "Letters by the moment at which they were written"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        await run_sql("CREATE INDEX letter_written ON letter (created_at, id)")

    manager.add_raw(run)
    return manager
