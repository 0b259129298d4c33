"""Issues can be looked for: an index of faces and one of whole issues, and what empties both when a text changes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from floorday.db import dialect, run_sql
from floorday.db.folding import fold, together

ID = "2026-11-22T05:03:34:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes of words"

BOTH = (
    'CREATE INDEX issue_words_due ON issue_words (number) WHERE due',
    'CREATE UNIQUE INDEX saved_search_named_once ON saved_search (person, name)',
)
SQLITE = (
    'CREATE VIRTUAL TABLE face_index USING fts5(face, content=\'issue_words\', content_rowid=\'number\', tokenize="unicode61 remove_diacritics 2 categories \'L* N* Co Mc Cn\'", prefix=\'2 3\')',
    'CREATE TRIGGER face_index_insert AFTER INSERT ON issue_words BEGIN INSERT INTO face_index (rowid, face) VALUES (NEW.number, NEW.face); END',
    "CREATE TRIGGER face_index_delete AFTER DELETE ON issue_words BEGIN INSERT INTO face_index (face_index, rowid, face) VALUES ('delete', OLD.number, OLD.face); END",
    "CREATE TRIGGER face_index_update AFTER UPDATE OF face ON issue_words WHEN NEW.face <> OLD.face BEGIN INSERT INTO face_index (face_index, rowid, face) VALUES ('delete', OLD.number, OLD.face); INSERT INTO face_index (rowid, face) VALUES (NEW.number, NEW.face); END",
    'CREATE VIRTUAL TABLE whole_index USING fts5(whole, content=\'issue_words\', content_rowid=\'number\', tokenize="unicode61 remove_diacritics 2 categories \'L* N* Co Mc Cn\'", prefix=\'2 3\')',
    'CREATE TRIGGER whole_index_insert AFTER INSERT ON issue_words BEGIN INSERT INTO whole_index (rowid, whole) VALUES (NEW.number, NEW.whole); END',
    "CREATE TRIGGER whole_index_delete AFTER DELETE ON issue_words BEGIN INSERT INTO whole_index (whole_index, rowid, whole) VALUES ('delete', OLD.number, OLD.whole); END",
    "CREATE TRIGGER whole_index_update AFTER UPDATE OF whole ON issue_words WHEN NEW.whole <> OLD.whole BEGIN INSERT INTO whole_index (whole_index, rowid, whole) VALUES ('delete', OLD.number, OLD.whole); INSERT INTO whole_index (rowid, whole) VALUES (NEW.number, NEW.whole); END",
    'CREATE TRIGGER issue_words_gone BEFORE DELETE ON issue BEGIN DELETE FROM issue_words WHERE number = OLD.number; END',
    "CREATE TRIGGER issue_title_due AFTER UPDATE OF title ON issue WHEN NEW.title <> OLD.title BEGIN UPDATE issue_words SET face = '', whole = '', due = TRUE WHERE number IN (SELECT number FROM issue WHERE id IN (NEW.id) OR id IN (SELECT joined_into FROM issue WHERE id IN (NEW.id))); END",
    "CREATE TRIGGER issue_join_due AFTER UPDATE OF joined_into ON issue WHEN NEW.joined_into IS NOT OLD.joined_into BEGIN UPDATE issue_words SET face = '', whole = '', due = TRUE WHERE number IN (SELECT number FROM issue WHERE id IN (NEW.id, OLD.joined_into, NEW.joined_into) OR id IN (SELECT joined_into FROM issue WHERE id IN (NEW.id, OLD.joined_into, NEW.joined_into))); END",
    "CREATE TRIGGER note_delete_due AFTER DELETE ON note BEGIN UPDATE issue_words SET face = '', whole = '', due = TRUE WHERE number IN (SELECT number FROM issue WHERE id IN (OLD.issue) OR id IN (SELECT joined_into FROM issue WHERE id IN (OLD.issue))); END",
    "CREATE TRIGGER note_update_due AFTER UPDATE OF text, issue, withdrawn_at ON note BEGIN UPDATE issue_words SET face = '', whole = '', due = TRUE WHERE number IN (SELECT number FROM issue WHERE id IN (OLD.issue, NEW.issue) OR id IN (SELECT joined_into FROM issue WHERE id IN (OLD.issue, NEW.issue))); END",
)
POSTGRES = (
    "CREATE FUNCTION lexemes(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT COALESCE(string_agg('''' || w || ''':' || LEAST(n, 16383), ' '), '')::tsvector FROM unnest(string_to_array(words, ' ')) WITH ORDINALITY AS one(w, n) WHERE w <> '' $$",
    'ALTER TABLE issue_words ADD COLUMN face_lexemes tsvector GENERATED ALWAYS AS (lexemes(face)) STORED',
    'ALTER TABLE issue_words ADD COLUMN whole_lexemes tsvector GENERATED ALWAYS AS (lexemes(whole)) STORED',
    'CREATE INDEX face_index ON issue_words USING gin (face_lexemes)',
    'CREATE INDEX whole_index ON issue_words USING gin (whole_lexemes)',
    'CREATE FUNCTION words_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM issue_words WHERE number = OLD.number; RETURN OLD; END $$',
    'CREATE TRIGGER issue_words_gone BEFORE DELETE ON issue FOR EACH ROW EXECUTE FUNCTION words_gone()',
    "CREATE FUNCTION issue_due() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE issue_words SET face = '', whole = '', due = TRUE WHERE number IN (SELECT number FROM issue WHERE id IN (NEW.id, OLD.joined_into, NEW.joined_into) OR id IN (SELECT joined_into FROM issue WHERE id IN (NEW.id, OLD.joined_into, NEW.joined_into))); RETURN NULL; END $$",
    'CREATE TRIGGER issue_due AFTER UPDATE OF title, joined_into ON issue FOR EACH ROW WHEN (NEW.title <> OLD.title OR NEW.joined_into IS DISTINCT FROM OLD.joined_into) EXECUTE FUNCTION issue_due()',
    "CREATE FUNCTION note_due() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE after uuid; BEGIN IF TG_OP = 'UPDATE' THEN after := NEW.issue; END IF; UPDATE issue_words SET face = '', whole = '', due = TRUE WHERE number IN (SELECT number FROM issue WHERE id IN (OLD.issue, after) OR id IN (SELECT joined_into FROM issue WHERE id IN (OLD.issue, after))); RETURN NULL; END $$",
    'CREATE TRIGGER note_due AFTER DELETE OR UPDATE OF text, issue, withdrawn_at ON note FOR EACH ROW EXECUTE FUNCTION note_due()',
)
PART = 500


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="floorday", description=DESCRIPTION)

    async def run() -> None:
        for sentence in (*BOTH, *(SQLITE if dialect() == "sqlite" else POSTGRES)):
            await run_sql(sentence)
        after = -1
        while issues := await run_sql(
            "SELECT number, title FROM issue WHERE number > {} ORDER BY number LIMIT {}", after, PART):
            after, last = issues[-1]["number"], after
            texts = {row["number"]: [row["title"]] for row in issues}
            for row in await run_sql(
                "SELECT w.number, n.text FROM issue w JOIN issue p ON p.id = w.id OR p.joined_into = w.id"
                " JOIN note n ON n.issue = p.id WHERE w.number > {} AND w.number <= {} AND n.withdrawn_at IS NULL"
                " ORDER BY w.number, n.at, n.id", last, after):
                texts[row["number"]].append(row["text"])
            values = [one for number, said in texts.items() for one in (number, fold(said[0]), together(said), False)]
            await run_sql(
                "INSERT INTO issue_words (number, face, whole, due) VALUES "
                + ", ".join(["({}, {}, {}, {})"] * len(texts)), *values)

    manager.add_raw(run)
    return manager
