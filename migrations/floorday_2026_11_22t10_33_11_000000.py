"""Drafts of stories are found without reading all of them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T10:33:11:000000"
VERSION = "1.38.0"
DESCRIPTION = "An index of the drafts of stories"

INDEX = "CREATE INDEX story_draft ON story (drafted_at) WHERE drafted_at IS NOT NULL"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        await run_sql(INDEX)

    manager.add_raw(run)
    return manager
