"""One place for one mailbox."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T04:22:54:000000"
VERSION = "1.38.0"
DESCRIPTION = "One place for one mailbox"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        await run_sql("CREATE UNIQUE INDEX imap_place_mailbox ON imap_place (mailbox)")

    manager.add_raw(run)
    return manager
