from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T10:56:30:000000"
VERSION = "1.38.0"
DESCRIPTION = "A return says which team met it again"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def say_teams():
        # What was said before keeps the team of whoever said so, where they belong to one.
        await run_sql(
            "UPDATE issue_event SET other = (SELECT g.team FROM grants g"
            " WHERE g.person = issue_event.reporter AND g.team IS NOT NULL ORDER BY g.id LIMIT 1)"
            " WHERE what = 'returned' AND other IS NULL AND reporter IS NOT NULL")

    manager.add_raw(say_teams)
    return manager
