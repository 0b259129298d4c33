"""What lets the folded past of an issue hold no longer; the index of turns, which only folding needed, goes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql

ID = "2026-11-22T14:28:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "When the folded past of an issue holds no longer"

SQLITE = (
    'CREATE TRIGGER note_insert_fold AFTER INSERT ON note WHEN NEW.issue IS NOT NULL BEGIN INSERT INTO issue_fold (number, turn) SELECT number, 1 FROM issue WHERE id IN (NEW.issue) ORDER BY number ON CONFLICT (number) DO UPDATE SET turn = issue_fold.turn + 1; END',  # noqa: E501
    'CREATE TRIGGER note_update_fold AFTER UPDATE OF issue, at, reporter ON note BEGIN INSERT INTO issue_fold (number, turn) SELECT number, 1 FROM issue WHERE id IN (OLD.issue, NEW.issue) ORDER BY number ON CONFLICT (number) DO UPDATE SET turn = issue_fold.turn + 1; END',  # noqa: E501
    'CREATE TRIGGER note_delete_fold AFTER DELETE ON note BEGIN INSERT INTO issue_fold (number, turn) SELECT number, 1 FROM issue WHERE id IN (OLD.issue) ORDER BY number ON CONFLICT (number) DO UPDATE SET turn = issue_fold.turn + 1; END',  # noqa: E501
    "CREATE TRIGGER issue_event_insert_fold AFTER INSERT ON issue_event WHEN NEW.what IN ('acknowledged', 'asked', 'decided', 'declined', 'joined', 'promised', 'reopened', 'resolved', 'returned', 'split', 'updated', 'verdict') BEGIN INSERT INTO issue_fold (number, turn) SELECT number, 1 FROM issue WHERE id IN (NEW.issue, NEW.other) ORDER BY number ON CONFLICT (number) DO UPDATE SET turn = issue_fold.turn + 1; END",  # noqa: E501
    "CREATE TRIGGER issue_event_update_fold AFTER UPDATE OF issue, at, what, says, for_date, reporter, note, other ON issue_event WHEN OLD.what IN ('acknowledged', 'asked', 'decided', 'declined', 'joined', 'promised', 'reopened', 'resolved', 'returned', 'split', 'updated', 'verdict') OR NEW.what IN ('acknowledged', 'asked', 'decided', 'declined', 'joined', 'promised', 'reopened', 'resolved', 'returned', 'split', 'updated', 'verdict') BEGIN INSERT INTO issue_fold (number, turn) SELECT number, 1 FROM issue WHERE id IN (OLD.issue, NEW.issue, OLD.other, NEW.other) ORDER BY number ON CONFLICT (number) DO UPDATE SET turn = issue_fold.turn + 1; END",  # noqa: E501
    "CREATE TRIGGER issue_event_delete_fold AFTER DELETE ON issue_event WHEN OLD.what IN ('acknowledged', 'asked', 'decided', 'declined', 'joined', 'promised', 'reopened', 'resolved', 'returned', 'split', 'updated', 'verdict') BEGIN INSERT INTO issue_fold (number, turn) SELECT number, 1 FROM issue WHERE id IN (OLD.issue, OLD.other) ORDER BY number ON CONFLICT (number) DO UPDATE SET turn = issue_fold.turn + 1; END",  # noqa: E501
    'CREATE TRIGGER issue_delete_fold BEFORE DELETE ON issue BEGIN UPDATE issue_fold SET turn = turn + 1 WHERE NOT alone AND part IN (SELECT part FROM issue_fold WHERE number = OLD.number AND NOT alone); DELETE FROM issue_tale WHERE number = OLD.number; DELETE FROM issue_fold WHERE number = OLD.number; END',  # noqa: E501
)
POSTGRES = (
    'CREATE FUNCTION notes_turned() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO issue_fold (number, turn) SELECT number, 1 FROM issue WHERE id IN (SELECT issue FROM added) ORDER BY number ON CONFLICT (number) DO UPDATE SET turn = issue_fold.turn + 1; RETURN NULL; END $$',  # noqa: E501
    'CREATE TRIGGER note_insert_fold AFTER INSERT ON note REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION notes_turned()',  # noqa: E501
    "CREATE FUNCTION note_turned() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE after uuid; BEGIN IF TG_OP <> 'DELETE' THEN after := NEW.issue; END IF; INSERT INTO issue_fold (number, turn) SELECT number, 1 FROM issue WHERE id IN (OLD.issue, after) ORDER BY number ON CONFLICT (number) DO UPDATE SET turn = issue_fold.turn + 1; RETURN NULL; END $$",  # noqa: E501
    'CREATE TRIGGER note_update_fold AFTER UPDATE OF issue, at, reporter ON note FOR EACH ROW EXECUTE FUNCTION note_turned()',  # noqa: E501
    'CREATE TRIGGER note_delete_fold AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION note_turned()',
    "CREATE FUNCTION events_turned() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM added WHERE what IN ('acknowledged', 'asked', 'decided', 'declined', 'joined', 'promised', 'reopened', 'resolved', 'returned', 'split', 'updated', 'verdict')) THEN INSERT INTO issue_fold (number, turn) SELECT number, 1 FROM issue WHERE id IN (SELECT issue FROM added WHERE what IN ('acknowledged', 'asked', 'decided', 'declined', 'joined', 'promised', 'reopened', 'resolved', 'returned', 'split', 'updated', 'verdict') UNION SELECT other FROM added WHERE what IN ('acknowledged', 'asked', 'decided', 'declined', 'joined', 'promised', 'reopened', 'resolved', 'returned', 'split', 'updated', 'verdict')) ORDER BY number ON CONFLICT (number) DO UPDATE SET turn = issue_fold.turn + 1; END IF; RETURN NULL; END $$",  # noqa: E501
    'CREATE TRIGGER issue_event_insert_fold AFTER INSERT ON issue_event REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION events_turned()',  # noqa: E501
    "CREATE FUNCTION event_turned() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE after uuid; further uuid; BEGIN IF TG_OP <> 'DELETE' THEN after := NEW.issue; further := NEW.other; END IF; INSERT INTO issue_fold (number, turn) SELECT number, 1 FROM issue WHERE id IN (OLD.issue, after, OLD.other, further) ORDER BY number ON CONFLICT (number) DO UPDATE SET turn = issue_fold.turn + 1; RETURN NULL; END $$",  # noqa: E501
    "CREATE TRIGGER issue_event_update_fold AFTER UPDATE OF issue, at, what, says, for_date, reporter, note, other ON issue_event FOR EACH ROW WHEN (OLD.what IN ('acknowledged', 'asked', 'decided', 'declined', 'joined', 'promised', 'reopened', 'resolved', 'returned', 'split', 'updated', 'verdict') OR NEW.what IN ('acknowledged', 'asked', 'decided', 'declined', 'joined', 'promised', 'reopened', 'resolved', 'returned', 'split', 'updated', 'verdict')) EXECUTE FUNCTION event_turned()",  # noqa: E501
    "CREATE TRIGGER issue_event_delete_fold AFTER DELETE ON issue_event FOR EACH ROW WHEN (OLD.what IN ('acknowledged', 'asked', 'decided', 'declined', 'joined', 'promised', 'reopened', 'resolved', 'returned', 'split', 'updated', 'verdict')) EXECUTE FUNCTION event_turned()",  # noqa: E501
    'CREATE FUNCTION issue_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE issue_fold SET turn = turn + 1 WHERE NOT alone AND part IN (SELECT part FROM issue_fold WHERE number = OLD.number AND NOT alone); DELETE FROM issue_tale WHERE number = OLD.number; DELETE FROM issue_fold WHERE number = OLD.number; RETURN OLD; END $$',  # noqa: E501
    'CREATE TRIGGER issue_delete_fold BEFORE DELETE ON issue FOR EACH ROW EXECUTE FUNCTION issue_gone()',
)
GONE = "DROP INDEX issue_event_turns"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in (GONE, *(SQLITE if dialect() == "sqlite" else POSTGRES)):
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
