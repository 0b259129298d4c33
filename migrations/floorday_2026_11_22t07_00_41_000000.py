"""Splitting an issue is one of its turns, so the index of turns holds it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T07:00:41:000000"
VERSION = "1.38.0"
DESCRIPTION = "Splits among the turns of an issue"

BOTH = (
    "DROP INDEX issue_event_turns",
    "CREATE INDEX issue_event_turns ON issue_event (issue, at, id, what, says, other)"
    " WHERE what IN ('declined', 'joined', 'reopened', 'resolved', 'returned', 'split', 'verdict')",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
