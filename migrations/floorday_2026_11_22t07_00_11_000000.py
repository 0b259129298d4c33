"""Quick wins have an index of their own; a month has two places for hard ones, each issue once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import run_sql

ID = "2026-11-22T07:00:11:000000"
VERSION = "1.38.0"
DESCRIPTION = "The index of quick wins, and the guards of hard ones"

BOTH = (
    "CREATE INDEX issue_quick ON issue (COALESCE(minutes_per_case * cases_per_month, 0) DESC, raised_at, number)"
    " WHERE effort = 'small' AND snoozed_until IS NULL AND turn <> 'closed'",
    "CREATE UNIQUE INDEX hard_one_place_once ON hard_one (month, place)",
    "CREATE UNIQUE INDEX hard_one_issue_once ON hard_one (month, issue)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in BOTH:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
