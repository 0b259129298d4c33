"""What leads suggest to join: the same two once while it waits, and the list of what was settled."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T13:12:45:000000"
VERSION = "1.38.0"
DESCRIPTION = "The same two are suggested once"

BOTH = (
    "CREATE UNIQUE INDEX join_suggestion_once ON join_suggestion (issue, other) WHERE outcome = ''",
    "CREATE INDEX join_suggestion_settled ON join_suggestion (settled_at) WHERE outcome <> ''",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
