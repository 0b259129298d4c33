"""On PostgreSQL public numbers come from a sequence: the counter's row would let issues be opened one after the other."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql

ID = "2026-11-22T04:32:19:000000"
VERSION = "1.38.0"
DESCRIPTION = "A sequence for numbers"

POSTGRES = (
    "CREATE SEQUENCE issue_number",
    "SELECT setval('issue_number', value) FROM counter WHERE name = 'issue' AND value > 0",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in POSTGRES if dialect() == "postgres" else ():
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
