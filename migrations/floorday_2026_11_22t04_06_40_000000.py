"""What a month is counted from, by index alone."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T04:06:40:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes for the month's figures"

BOTH = (
    "CREATE INDEX issue_event_turns ON issue_event (issue, at, id, what, says, other)"
    " WHERE what IN ('declined', 'joined', 'reopened', 'resolved', 'returned', 'verdict')",
    "CREATE INDEX issue_event_due ON issue_event (for_date, issue) WHERE what = 'promised'",
    "CREATE INDEX issue_event_joined ON issue_event (other, issue) WHERE what = 'joined'",
    "CREATE INDEX note_issue_at ON note (issue, at)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
