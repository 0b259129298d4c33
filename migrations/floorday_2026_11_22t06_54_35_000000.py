"""One vendor of a name, one at a time with an issue, a reference once; and what finds them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql

ID = "2026-11-22T06:54:35:000000"
VERSION = "1.38.0"
DESCRIPTION = "Guards of vendors and references"

BOTH = (
    "CREATE UNIQUE INDEX vendor_named_once ON vendor (department, name) WHERE ended_at IS NULL",
    "CREATE INDEX vendor_email ON vendor (email)",
    "CREATE UNIQUE INDEX issue_reference_once ON issue_reference (issue, folded)",
    "CREATE UNIQUE INDEX hand_over_one_at_a_time ON hand_over (issue) WHERE ended_at IS NULL",
    "CREATE INDEX vendor_word_waits ON vendor_word (hand_over) WHERE fate = 'waits'",
    "CREATE INDEX issue_with_vendor ON issue (vendor) WHERE vendor IS NOT NULL",
)
SQLITE = (
    "CREATE INDEX issue_reference_folded ON issue_reference (folded)",
    "CREATE TRIGGER vendor_update_names AFTER UPDATE OF name ON vendor BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
)
POSTGRES = (
    "CREATE INDEX issue_reference_folded ON issue_reference (folded varchar_pattern_ops)",
    "CREATE TRIGGER vendor_update_names AFTER UPDATE OF name ON vendor FOR EACH STATEMENT EXECUTE FUNCTION names_changed()",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in (*BOTH, *(SQLITE if dialect() == "sqlite" else POSTGRES)):
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
