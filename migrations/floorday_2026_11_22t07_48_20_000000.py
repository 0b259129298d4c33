"""An issue is found by its notes' ideas and by what fixed would look like, too; all of them are folded anew."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql

ID = "2026-11-22T07:48:20:000000"
VERSION = "1.38.0"
DESCRIPTION = "Ideas are found by search"

SQLITE = (
    "DROP TRIGGER note_update_due",
    "CREATE TRIGGER note_update_due AFTER UPDATE OF text, idea, fixed_like, issue, withdrawn_at ON note BEGIN UPDATE issue_words SET face = '', whole = '', due = TRUE WHERE number IN (SELECT number FROM issue WHERE id IN (OLD.issue, NEW.issue) OR id IN (SELECT joined_into FROM issue WHERE id IN (OLD.issue, NEW.issue))); END",
    "DROP TRIGGER note_update_stamp",
    'CREATE TRIGGER note_update_stamp AFTER UPDATE OF issue, reporter, withdrawn_at, text, idea, fixed_like ON note BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id IN (SELECT id FROM issue WHERE id IN (OLD.issue, NEW.issue) UNION SELECT joined_into FROM issue WHERE id IN (OLD.issue, NEW.issue)); END',
)
POSTGRES = (
    "DROP TRIGGER note_due ON note",
    'CREATE TRIGGER note_due AFTER DELETE OR UPDATE OF text, idea, fixed_like, issue, withdrawn_at ON note FOR EACH ROW EXECUTE FUNCTION note_due()',
    "DROP TRIGGER note_update_stamp ON note",
    'CREATE TRIGGER note_update_stamp AFTER UPDATE OF issue, reporter, withdrawn_at, text, idea, fixed_like ON note FOR EACH ROW EXECUTE FUNCTION issue_met()',
)
BOTH = (
    "UPDATE issue_words SET face = '', whole = '', due = TRUE WHERE number IN (SELECT COALESCE(w.number, i.number)"
    " FROM note n JOIN issue i ON i.id = n.issue LEFT JOIN issue w ON w.id = i.joined_into"
    " WHERE n.idea <> '' OR n.fixed_like <> '')",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in (*(SQLITE if dialect() == "sqlite" else POSTGRES), *BOTH):
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
