"""A note has one photo at each place."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T05:06:08:000000"
VERSION = "1.38.0"
DESCRIPTION = "One photo at each place of a note"

BOTH = ("CREATE UNIQUE INDEX photo_place_once ON photo (note, place)",)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
