"""A month is sent once to each of its readers."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T06:57:11:000000"
VERSION = "1.38.0"
DESCRIPTION = "Each month, and each summary of it, once"

BOTH = (
    "CREATE UNIQUE INDEX summary_month_once ON summary_month (month)",
    "CREATE UNIQUE INDEX summary_once ON summary (key, month)",
    "CREATE UNIQUE INDEX summary_rows_once ON summary_rows (summary, name)",
    "CREATE INDEX summary_line_thing ON summary_line (thing)",
    "CREATE UNIQUE INDEX summary_reader_once ON summary_reader (person, cut)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
