"""Nobody is erased twice."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T03:52:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Guards of those who left"

BOTH = ("CREATE UNIQUE INDEX person_event_erased_once ON person_event (person) WHERE what = 'erased'",)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
