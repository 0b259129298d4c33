"""No two screens or desks with one key, no two PINs of one person."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T03:39:25:000000"
VERSION = "1.38.0"
DESCRIPTION = "Guards of screens, desks and PINs"

BOTH = (
    "CREATE UNIQUE INDEX device_hash_once ON device (hash)",
    "CREATE UNIQUE INDEX pin_person_once ON pin (person)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
