"""Beginnings of up to eight letters are indexed; what a note says is kept beside its issue, so a change of it tells."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql

ID = "2026-11-22T07:30:52:000000"
VERSION = "1.38.0"
DESCRIPTION = "Beginnings of words, and the stamp of a note's text"

SQLITE = (
    "DROP TABLE face_index",
    'CREATE VIRTUAL TABLE face_index USING fts5(face, content=\'issue_words\', content_rowid=\'number\', tokenize="unicode61 remove_diacritics 2 categories \'L* N* Co Mc Cn\'", prefix=\'2 3 4 5 6 7 8\')',
    "INSERT INTO face_index (face_index) VALUES ('rebuild')",
    "DROP TABLE whole_index",
    'CREATE VIRTUAL TABLE whole_index USING fts5(whole, content=\'issue_words\', content_rowid=\'number\', tokenize="unicode61 remove_diacritics 2 categories \'L* N* Co Mc Cn\'", prefix=\'2 3 4 5 6 7 8\')',
    "INSERT INTO whole_index (whole_index) VALUES ('rebuild')",
    "DROP TRIGGER note_update_stamp",
    'CREATE TRIGGER note_update_stamp AFTER UPDATE OF issue, reporter, withdrawn_at, text ON note BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id IN (SELECT id FROM issue WHERE id IN (OLD.issue, NEW.issue) UNION SELECT joined_into FROM issue WHERE id IN (OLD.issue, NEW.issue)); END',
)
POSTGRES = (
    "DROP TRIGGER note_update_stamp ON note",
    "CREATE TRIGGER note_update_stamp AFTER UPDATE OF issue, reporter, withdrawn_at, text ON note FOR EACH ROW EXECUTE FUNCTION issue_met()",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in SQLITE if dialect() == "sqlite" else POSTGRES:
            await run_sql(sentence)

    manager.add_raw(run)
    return manager
