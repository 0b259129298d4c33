"""PostgreSQL finds by their ids the issues that new notes belong to, however many rows it takes the table to have."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql

ID = "2026-11-22T13:44:20:000000"
VERSION = "1.38.0"
DESCRIPTION = "Notes find their issues by id"

POSTGRES = (
    'DROP TRIGGER note_insert_stamp ON note',
    'DROP FUNCTION notes_added()',
    'CREATE FUNCTION notes_added() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode TO force_generic_plan AS $$ DECLARE those uuid[] := ARRAY(SELECT DISTINCT issue FROM added); BEGIN UPDATE issue SET stamp = stamp + 1 WHERE (id = ANY (those) OR id = ANY (ARRAY(SELECT joined_into FROM issue WHERE id = ANY (those)))) AND xmin <> pg_current_xact_id()::xid; RETURN NULL; END $$',
    'CREATE TRIGGER note_insert_stamp AFTER INSERT ON note REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION notes_added()',
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        if dialect() == "postgres":
            for sentence in POSTGRES:
                await run_sql(sentence)

    manager.add_raw(run)
    return manager
