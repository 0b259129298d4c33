"""One open proposal of a booking; and mails that were decided about before say so."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T04:53:09:000000"
VERSION = "1.38.0"
DESCRIPTION = "One open proposal"

BOTH = (
    "CREATE UNIQUE INDEX booking_proposal_open_once ON booking_proposal (booking) WHERE state = 'open'",
    "UPDATE inbound_mail SET decision = CASE WHEN applied THEN 'settled' ELSE 'put aside' END"
    " WHERE decided_at IS NOT NULL",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
