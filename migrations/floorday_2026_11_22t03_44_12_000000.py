"""An index of what is open, and triggers: whatever a list shows of an issue raises its version or its stamp."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql

ID = "2026-11-22T03:44:12:000000"
VERSION = "1.38.0"
DESCRIPTION = "Stamps"

BOTH = (
    "CREATE INDEX issue_open ON issue (turn, department, snoozed_until, last_word_at, raised_at, restricted) WHERE turn <> 'closed'",
    "INSERT INTO counter (name, value) VALUES ('names', 0)",
)

SQLITE = (
    "CREATE TRIGGER team_insert_names AFTER INSERT ON team BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
    "CREATE TRIGGER team_update_names AFTER UPDATE ON team BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
    "CREATE TRIGGER team_delete_names AFTER DELETE ON team BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
    "CREATE TRIGGER department_insert_names AFTER INSERT ON department BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
    "CREATE TRIGGER department_update_names AFTER UPDATE ON department BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
    "CREATE TRIGGER department_delete_names AFTER DELETE ON department BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
    "CREATE TRIGGER person_update_names AFTER UPDATE OF name ON person BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
    "CREATE TRIGGER booking_update_names AFTER UPDATE OF manager ON booking BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
    'CREATE TRIGGER note_insert_stamp AFTER INSERT ON note BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id IN (SELECT id FROM issue WHERE id IN (NEW.issue) UNION SELECT joined_into FROM issue WHERE id IN (NEW.issue)); END',
    'CREATE TRIGGER note_update_stamp AFTER UPDATE OF issue, reporter, withdrawn_at ON note BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id IN (SELECT id FROM issue WHERE id IN (OLD.issue, NEW.issue) UNION SELECT joined_into FROM issue WHERE id IN (OLD.issue, NEW.issue)); END',
    'CREATE TRIGGER note_delete_stamp AFTER DELETE ON note BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id IN (SELECT id FROM issue WHERE id IN (OLD.issue) UNION SELECT joined_into FROM issue WHERE id IN (OLD.issue)); END',
    "CREATE TRIGGER issue_event_insert_stamp AFTER INSERT ON issue_event WHEN NEW.what = 'returned' BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id IN (SELECT id FROM issue WHERE id IN (NEW.issue) UNION SELECT joined_into FROM issue WHERE id IN (NEW.issue)); END",
    "CREATE TRIGGER issue_event_update_stamp AFTER UPDATE ON issue_event WHEN OLD.what = 'returned' OR NEW.what = 'returned' BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id IN (SELECT id FROM issue WHERE id IN (OLD.issue, NEW.issue) UNION SELECT joined_into FROM issue WHERE id IN (OLD.issue, NEW.issue)); END",
    "CREATE TRIGGER issue_event_delete_stamp AFTER DELETE ON issue_event WHEN OLD.what = 'returned' BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id IN (SELECT id FROM issue WHERE id IN (OLD.issue) UNION SELECT joined_into FROM issue WHERE id IN (OLD.issue)); END",
    'CREATE TRIGGER issue_update_stamp AFTER UPDATE ON issue WHEN NEW.version = OLD.version AND NEW.stamp = OLD.stamp BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id = NEW.id; END',
    'CREATE TRIGGER issue_join_stamp AFTER UPDATE OF joined_into ON issue WHEN NEW.joined_into IS NOT OLD.joined_into BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id IN (OLD.joined_into, NEW.joined_into); END',
)

POSTGRES = (
    "CREATE FUNCTION names_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; RETURN NULL; END $$",
    'CREATE TRIGGER team_insert_names AFTER INSERT ON team FOR EACH STATEMENT EXECUTE FUNCTION names_changed()',
    'CREATE TRIGGER team_update_names AFTER UPDATE ON team FOR EACH STATEMENT EXECUTE FUNCTION names_changed()',
    'CREATE TRIGGER team_delete_names AFTER DELETE ON team FOR EACH STATEMENT EXECUTE FUNCTION names_changed()',
    'CREATE TRIGGER department_insert_names AFTER INSERT ON department FOR EACH STATEMENT EXECUTE FUNCTION names_changed()',
    'CREATE TRIGGER department_update_names AFTER UPDATE ON department FOR EACH STATEMENT EXECUTE FUNCTION names_changed()',
    'CREATE TRIGGER department_delete_names AFTER DELETE ON department FOR EACH STATEMENT EXECUTE FUNCTION names_changed()',
    'CREATE TRIGGER person_update_names AFTER UPDATE OF name ON person FOR EACH STATEMENT EXECUTE FUNCTION names_changed()',
    'CREATE TRIGGER booking_update_names AFTER UPDATE OF manager ON booking FOR EACH STATEMENT EXECUTE FUNCTION names_changed()',
    'CREATE FUNCTION notes_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id IN (SELECT id FROM issue WHERE id IN (SELECT issue FROM added) UNION SELECT joined_into FROM issue WHERE id IN (SELECT issue FROM added)); RETURN NULL; END $$',
    'CREATE TRIGGER note_insert_stamp AFTER INSERT ON note REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION notes_added()',
    "CREATE FUNCTION issue_met() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE before uuid; after uuid; BEGIN IF TG_OP <> 'INSERT' THEN before := OLD.issue; END IF; IF TG_OP <> 'DELETE' THEN after := NEW.issue; END IF; UPDATE issue SET stamp = stamp + 1 WHERE id IN (SELECT id FROM issue WHERE id IN (before, after) UNION SELECT joined_into FROM issue WHERE id IN (before, after)); RETURN NULL; END $$",
    'CREATE TRIGGER note_update_stamp AFTER UPDATE OF issue, reporter, withdrawn_at ON note FOR EACH ROW EXECUTE FUNCTION issue_met()',
    'CREATE TRIGGER note_delete_stamp AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION issue_met()',
    "CREATE TRIGGER issue_event_insert_stamp AFTER INSERT ON issue_event FOR EACH ROW WHEN (NEW.what = 'returned') EXECUTE FUNCTION issue_met()",
    "CREATE TRIGGER issue_event_update_stamp AFTER UPDATE ON issue_event FOR EACH ROW WHEN (OLD.what = 'returned' OR NEW.what = 'returned') EXECUTE FUNCTION issue_met()",
    "CREATE TRIGGER issue_event_delete_stamp AFTER DELETE ON issue_event FOR EACH ROW WHEN (OLD.what = 'returned') EXECUTE FUNCTION issue_met()",
    'CREATE FUNCTION issue_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.stamp := OLD.stamp + 1; RETURN NEW; END $$',
    'CREATE TRIGGER issue_update_stamp BEFORE UPDATE ON issue FOR EACH ROW WHEN (NEW.version = OLD.version AND NEW.stamp = OLD.stamp) EXECUTE FUNCTION issue_changed()',
    'CREATE FUNCTION issue_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id IN (OLD.joined_into, NEW.joined_into); RETURN NULL; END $$',
    'CREATE TRIGGER issue_join_stamp AFTER UPDATE OF joined_into ON issue FOR EACH ROW WHEN (NEW.joined_into IS DISTINCT FROM OLD.joined_into) EXECUTE FUNCTION issue_moved()',
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in (*BOTH, *(SQLITE if dialect() == "sqlite" else POSTGRES)):
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
