"""Whoever has read a summary learns that an erasure has changed it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql

ID = "2026-11-22T08:08:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "An erasure in what was sent is noticed"

SQLITE = (
    "CREATE TRIGGER summary_update_names AFTER UPDATE ON summary"
    " BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
)
POSTGRES = (
    "CREATE TRIGGER summary_update_names AFTER UPDATE ON summary FOR EACH STATEMENT EXECUTE FUNCTION names_changed()",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in SQLITE if dialect() == "sqlite" else POSTGRES:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
