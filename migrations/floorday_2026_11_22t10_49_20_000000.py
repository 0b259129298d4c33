"""Indexes along which SQLite counts what is open: what has heard a word, what sleeps, what is restricted."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql

ID = "2026-11-22T10:49:20:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes that the board's numbers are counted from"

SQLITE = (
    "CREATE INDEX issue_heard ON issue (turn, last_word_at, snoozed_until)"
    " WHERE snoozed_until IS NULL AND turn <> 'closed'",
    "CREATE INDEX issue_asleep ON issue (turn, snoozed_until) WHERE snoozed_until IS NOT NULL AND turn <> 'closed'",
    "CREATE INDEX issue_hidden ON issue (turn, department, snoozed_until, last_word_at)"
    " WHERE restricted AND turn <> 'closed'",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in SQLITE if dialect() == "sqlite" else ():
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
