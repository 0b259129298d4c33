"""Somebody has one wish for each kind of letters; what waits to be gathered is found by an index."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T07:36:11:000000"
VERSION = "1.38.0"
DESCRIPTION = "One wish for each kind of letters"

BOTH = (
    "CREATE UNIQUE INDEX letter_wish_once ON letter_wish (person, kind)",
    "CREATE INDEX letter_daily ON letter (next_try_at, to_address) WHERE daily",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
