"""How many letters had left before is counted without reading all of them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T10:08:17:000000"
VERSION = "1.38.0"
DESCRIPTION = "An index of the letters that had left before"

INDEX = "CREATE INDEX letter_left_before ON letter (left_before) WHERE left_before IS NOT NULL"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        await run_sql(INDEX)

    manager.add_raw(run)
    return manager
