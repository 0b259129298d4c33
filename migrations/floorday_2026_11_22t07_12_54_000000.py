"""Indexes by which a member's own issues are found and counted without reading each."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T07:12:54:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes of what is one's own"

BOTH = (
    "CREATE INDEX issue_open_id ON issue (id, turn, snoozed_until) WHERE turn <> 'closed'",
    "CREATE INDEX issue_part ON issue (id, joined_into) WHERE joined_into IS NOT NULL",
    "CREATE INDEX note_met ON note (reporter, issue, withdrawn_at) WHERE withdrawn_at IS NULL AND issue IS NOT NULL",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
