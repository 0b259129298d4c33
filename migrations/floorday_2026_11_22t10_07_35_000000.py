"""A team has one public page, and an issue stands on it once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T10:07:35:000000"
VERSION = "1.38.0"
DESCRIPTION = "One public page for each team"

BOTH = (
    "CREATE UNIQUE INDEX public_page_once ON public_page (team)",
    "CREATE UNIQUE INDEX public_line_once ON public_line (issue)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
