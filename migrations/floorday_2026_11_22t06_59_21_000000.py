"""Each deed of a clock is told to a person once; which morning was the last one is counted."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T06:59:21:000000"
VERSION = "1.38.0"
DESCRIPTION = "One deed of a clock for each person"

BOTH = (
    "CREATE UNIQUE INDEX clock_deed_once ON clock_deed (key, person)",
    "INSERT INTO counter (name, value) VALUES ('mornings', 0)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
