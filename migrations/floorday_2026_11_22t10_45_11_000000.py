"""A month has one newsletter, and a story stands in one."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T10:45:11:000000"
VERSION = "1.38.0"
DESCRIPTION = "One newsletter for each month"

BOTH = (
    "CREATE UNIQUE INDEX newsletter_once ON newsletter (month)",
    "CREATE UNIQUE INDEX newsletter_story_once ON newsletter_story (story)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
