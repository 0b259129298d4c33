"""Indexes for the board's first cards and for what is somebody's own; a person who leaves changes lists, too."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql

ID = "2026-11-22T04:13:07:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes of the board"

BOTH = (
    "CREATE INDEX issue_awake ON issue (turn, raised_at, number) WHERE snoozed_until IS NULL AND turn <> 'closed'",
    'CREATE INDEX issue_sponsored ON issue (sponsor) WHERE sponsor IS NOT NULL',
    "CREATE INDEX issue_event_returned ON issue_event (reporter, issue) WHERE what = 'returned'",
)

SQLITE = (
    "CREATE TRIGGER person_left_names AFTER UPDATE OF left_at ON person BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
)

POSTGRES = (
    'CREATE TRIGGER person_left_names AFTER UPDATE OF left_at ON person FOR EACH STATEMENT EXECUTE FUNCTION names_changed()',
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in (*BOTH, *(SQLITE if dialect() == "sqlite" else POSTGRES)):
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
