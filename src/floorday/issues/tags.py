"""What an issue is looked for by beside its words: a letter for each thing that filters and access ask of it.

The letters stand in `issue_words.tags` and in both indexes of words, so that a common word together with a filter
that few pass is one look into an index. They only leave out what cannot be meant: two ids may share a letter, and what
an index gives is still asked for the filter itself, and whether its reader may see it. They are of Unicode's private
use, which no folded text holds, so nobody finds anything by typing one.

The database keeps them itself with every change, whoever makes it. Whatever changes here needs a migration.
"""

# All SQL here is of our own words.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

IDS = 0xF0000
"""Teams, departments, pictures, measures and whoever has to do with it, by the last 16 bits of their ids."""

MONTHS, YEARS, DECADES, CENTURIES = 0xE100, 0xEF20, 0xF050, 0xF070
"""When it was raised (UTC), counted from 1900; the parts of a stretch of time are few letters."""

SAID = 0xF080
SAYINGS = (
    "open", "closed", "needs owner", "being fixed", "needs decision", "tell the floor",
    "glitch", "red tape", "hand-off", "product", "knowledge", "workspace", "staffing", "measure conflict", "other",
    "manager saw", "staff told", "customer said", "good news",
)  # fmt: skip
"""Turns, kinds and streams, which share no word. New ones are added at the end."""

BLOCKS, BLOCK = 0xF100, 1024
"""Numbers, so many together; every 1024 blocks the letters come again."""

NOWHERE = "\uf8ff"
"""Stands in no index: of the private use, so no folded text holds it, and no letter above."""

FIRST, LAST = 1900, 2199
"""Other years count as the nearest of these."""


def of_id(one: UUID) -> str:
    """Give the letter of a thing or a person."""
    return chr(IDS + (one.int & 0xFFFF))


def of_word(said: str) -> str | None:
    """Give the letter of a turn, a kind or a stream; None where it has none."""
    return chr(SAID + SAYINGS.index(said)) if said in SAYINGS else None


def of_ids(some: Iterable[UUID]) -> str:
    """Give the letters of several, each once."""
    return "".join(sorted({of_id(one) for one in some}))


MOST_BLOCKS = 12


def newer(part: str) -> str:
    """Let SQLite ask for the letters of all numbers from the least one on that a part of its statement has selected.

    Of too many blocks it asks nothing: each is a list of its own.
    """
    return (
        "(WITH RECURSIVE ends(first, last) AS"
        f" (SELECT (SELECT MIN(number) FROM {part}) / {BLOCK}, (SELECT MAX(number) FROM issue) / {BLOCK}),"
        f" block(n) AS (SELECT first FROM ends WHERE last - first < {MOST_BLOCKS}"
        " UNION ALL SELECT n + 1 FROM block WHERE n < (SELECT last FROM ends))"
        f" SELECT COALESCE(' AND tags : (' || group_concat(char({BLOCKS} + n % 1024), ' OR ') || ')', '') FROM block)"
    )


def between(since: datetime | None, until: datetime | None) -> str:
    """Give the letters of which whatever was raised in this stretch of time has one; others may have one, too."""
    month = _month(since, 0)
    last = max(month, _month(until, 11))  # what ends before it begins holds nothing, whatever the letters say
    found: list[str] = []
    while month <= last:
        for months, base in ((1200, CENTURIES), (120, DECADES), (12, YEARS), (1, MONTHS)):
            if month % months == 0 and month + months - 1 <= last:
                found.append(chr(base + month // months))
                month += months
                break
    return "".join(found)


def _month(moment: datetime | None, end: int) -> int:
    """Count months from the first; beyond either end it is the first or the last one of that year."""
    if moment is None:
        return 0 if end == 0 else (LAST - FIRST + 1) * 12 - 1
    there = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    utc = there.astimezone(UTC) if 1 < there.year < 9999 else there
    if FIRST <= utc.year <= LAST:
        return (utc.year - FIRST) * 12 + utc.month - 1
    year = FIRST if utc.year < FIRST else LAST
    return (year - FIRST) * 12 + end


# --- how the databases say it ------------------------------------------------------------------------------------

_OTHERS = ("team", "department", "owner", "sponsor", "picture", "measure")
_TOLD = ("turn", "kind", *_OTHERS, "day", "raised_at", "joined_into")
_NOTED = ("issue", "reporter", "withdrawn_at", "stream")
_RETURNED = "what = 'returned'"


def _cases(column: str, letter: str) -> str:
    whens = " ".join(f"WHEN '{said}' THEN {letter}({SAID + n})" for n, said in enumerate(SAYINGS))
    return f"COALESCE(CASE {column} {whens} END, '')"


def _tags(*, lite: bool) -> str:
    """Write the letters of the issue `i`."""
    letter = "char" if lite else "chr"

    def by_id(column: str) -> str:
        if not lite:
            return f"COALESCE(chr({IDS} + ('x' || right({column}::text, 4))::bit(16)::int), '')"
        digits = " + ".join(
            f"{16 ** n} * instr('123456789abcdef', substr({column}, {-n - 1}, 1))" for n in range(4))
        return f"CASE WHEN {column} IS NOT NULL THEN char({IDS} + {digits}) ELSE '' END"

    def each(value: str) -> str:
        return f"group_concat(DISTINCT {value})" if lite else f"string_agg(DISTINCT {value}, ' ')"

    year = "CAST(substr(i.raised_at, 1, 4) AS INTEGER)" if lite else (
        "CAST(to_char(i.raised_at AT TIME ZONE 'UTC', 'YYYY') AS INTEGER)")
    month = "CAST(substr(i.raised_at, 6, 2) AS INTEGER)" if lite else (
        "CAST(to_char(i.raised_at AT TIME ZONE 'UTC', 'MM') AS INTEGER)")
    least, most = ("MIN", "MAX") if lite else ("LEAST", "GREATEST")
    since = f"({most}({least}({year}, {LAST}), {FIRST}) - {FIRST})"
    noted = f"{each(by_id('n.reporter'))} || ' ' || {each(_cases('n.stream', letter))}"
    parts = [
        *(by_id(f"i.{column}") for column in _OTHERS),
        f"CASE WHEN i.turn = 'closed' THEN {letter}({SAID + 1}) ELSE {letter}({SAID}) || ' ' || "
        f"{_cases('i.turn', letter)} END",
        _cases("i.kind", letter),
        f"{letter}({MONTHS} + {since} * 12 + {month} - 1)", f"{letter}({YEARS} + {since})",
        f"{letter}({DECADES} + {since} / 10)", f"{letter}({CENTURIES} + {since} / 100)",
        f"{letter}({BLOCKS} + i.number / {BLOCK} % 1024)",
        f"COALESCE((SELECT {by_id('b.manager')} FROM booking b WHERE b.id = i.day), '')",
        f"COALESCE((SELECT {noted} FROM note n WHERE n.issue = i.id AND n.withdrawn_at IS NULL), '')",
        f"COALESCE((SELECT {noted} FROM issue p JOIN note n ON n.issue = p.id"
        " WHERE p.joined_into = i.id AND n.withdrawn_at IS NULL), '')",
        f"COALESCE((SELECT {each(by_id('e.reporter'))} FROM issue_event e"
        f" WHERE e.issue = i.id AND e.{_RETURNED}), '')",
        f"COALESCE((SELECT {each(by_id('e.reporter'))} FROM issue p JOIN issue_event e ON e.issue = p.id"
        f" WHERE p.joined_into = i.id AND e.{_RETURNED}), '')",
    ]  # fmt: skip
    return " || ' ' || ".join(parts)


def _both(is_one: str) -> str:
    """Select the numbers of issues, whose id `is_one` of some, and of those that they are part of."""
    return (
        f"SELECT number FROM issue WHERE id {is_one} UNION SELECT w.number FROM issue p"
        f" JOIN issue w ON w.id = p.joined_into WHERE p.id {is_one}"
    )


_SET = (
    "UPDATE issue_words SET tags = COALESCE("
    "(SELECT t.tags FROM issue_tags t WHERE t.number = issue_words.number), '')"
)


def _anew(*ids: str) -> str:
    among = f"IN ({', '.join(ids)})"
    return f"{_SET} WHERE number IN ({_both(among)})"


def _changed(columns: Iterable[str], differs: str) -> str:
    return " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in columns)


SQLITE = (
    *(
        sentence
        for index, column in (("face_index", "face"), ("whole_index", "whole"))
        for sentence in (
            f"CREATE VIRTUAL TABLE {index} USING fts5({column}, tags, content='issue_words', content_rowid='number',"
            " tokenize=\"unicode61 remove_diacritics 2 categories 'L* N* Co Mc Cn'\", prefix='2 3 4 5 6 7 8')",
            # A row is in the indexes once it has its letters.
            f"CREATE TRIGGER {index}_insert AFTER UPDATE OF tags ON issue_words"
            " WHEN OLD.tags IS NULL AND NEW.tags IS NOT NULL BEGIN"
            f" INSERT INTO {index} (rowid, {column}, tags) VALUES (NEW.number, NEW.{column}, NEW.tags); END",
            f"CREATE TRIGGER {index}_delete AFTER DELETE ON issue_words WHEN OLD.tags IS NOT NULL BEGIN"
            f" INSERT INTO {index} ({index}, rowid, {column}, tags)"
            f" VALUES ('delete', OLD.number, OLD.{column}, OLD.tags); END",
            f"CREATE TRIGGER {index}_update AFTER UPDATE OF {column}, tags ON issue_words"
            f" WHEN OLD.tags IS NOT NULL AND (NEW.{column} <> OLD.{column} OR NEW.tags <> OLD.tags) BEGIN"
            f" INSERT INTO {index} ({index}, rowid, {column}, tags)"
            f" VALUES ('delete', OLD.number, OLD.{column}, OLD.tags);"
            f" INSERT INTO {index} (rowid, {column}, tags) VALUES (NEW.number, NEW.{column}, NEW.tags); END",
        )
    ),
    f"CREATE VIEW issue_tags AS SELECT i.number, {_tags(lite=True)} AS tags FROM issue i",
    f"CREATE TRIGGER issue_words_tags AFTER INSERT ON issue_words BEGIN {_SET} WHERE number = NEW.number; END",
    f"CREATE TRIGGER issue_update_tags AFTER UPDATE OF {', '.join(_TOLD)} ON issue"
    f" WHEN {_changed(_TOLD, 'IS NOT')} BEGIN {_anew('NEW.id', 'OLD.joined_into')}; END",
    f"CREATE TRIGGER note_insert_tags AFTER INSERT ON note WHEN NEW.issue IS NOT NULL BEGIN {_anew('NEW.issue')}; END",
    f"CREATE TRIGGER note_update_tags AFTER UPDATE OF {', '.join(_NOTED)} ON note"
    f" WHEN {_changed(_NOTED, 'IS NOT')} BEGIN {_anew('OLD.issue', 'NEW.issue')}; END",
    f"CREATE TRIGGER note_delete_tags AFTER DELETE ON note BEGIN {_anew('OLD.issue')}; END",
    f"CREATE TRIGGER issue_event_insert_tags AFTER INSERT ON issue_event WHEN NEW.{_RETURNED}"
    f" BEGIN {_anew('NEW.issue')}; END",
    f"CREATE TRIGGER issue_event_update_tags AFTER UPDATE ON issue_event WHEN OLD.{_RETURNED} OR NEW.{_RETURNED}"
    f" BEGIN {_anew('OLD.issue', 'NEW.issue')}; END",
    f"CREATE TRIGGER issue_event_delete_tags AFTER DELETE ON issue_event WHEN OLD.{_RETURNED}"
    f" BEGIN {_anew('OLD.issue')}; END",
    "CREATE TRIGGER booking_update_tags AFTER UPDATE OF manager ON booking WHEN NEW.manager IS NOT OLD.manager"
    f" BEGIN {_anew('SELECT id FROM issue WHERE day = NEW.id')}; END",
)

POSTGRES = (
    *(
        sentence
        for column in ("face", "whole")
        for sentence in (
            f"ALTER TABLE issue_words ADD COLUMN {column}_lexemes tsvector GENERATED ALWAYS AS"
            f" (CASE WHEN tags IS NULL THEN ''::tsvector ELSE lexemes({column} || ' ' || tags) END) STORED",
            f"CREATE INDEX {column}_index ON issue_words USING gin ({column}_lexemes)",
        )
    ),
    f"CREATE VIEW issue_tags AS SELECT i.number, {_tags(lite=False)} AS tags FROM issue i",
    # Whoever else is at the row is waited for first, so that what they have written counts. A row without letters was
    # written by this very statement, at the end of which it gets them.
    "CREATE FUNCTION tag_anew(ids uuid[]) RETURNS void LANGUAGE plpgsql SET plan_cache_mode TO force_generic_plan"
    " AS $$ DECLARE those integer[]; BEGIN"
    " those := ARRAY(SELECT w.number FROM issue_words w WHERE w.tags IS NOT NULL AND w.number IN"
    f" ({_both('= ANY (ids)')}) ORDER BY w.number FOR UPDATE);"
    " IF cardinality(those) > 0 THEN UPDATE issue_words w SET tags = t.tags FROM"
    " (SELECT number, tags FROM issue_tags WHERE number = ANY (those) OFFSET 0) t"
    " WHERE w.number = t.number AND w.tags IS DISTINCT FROM t.tags; END IF; END $$",
    "CREATE FUNCTION words_tagged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" {_SET} WHERE number = NEW.number; RETURN NULL; END $$",
    "CREATE TRIGGER issue_words_tags AFTER INSERT ON issue_words FOR EACH ROW WHEN (NEW.tags IS NULL)"
    " EXECUTE FUNCTION words_tagged()",
    "CREATE FUNCTION issue_tagged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " PERFORM tag_anew(ARRAY[NEW.id, OLD.joined_into]); RETURN NULL; END $$",
    f"CREATE TRIGGER issue_update_tags AFTER UPDATE OF {', '.join(_TOLD)} ON issue FOR EACH ROW"
    f" WHEN ({_changed(_TOLD, 'IS DISTINCT FROM')}) EXECUTE FUNCTION issue_tagged()",
    "CREATE FUNCTION notes_tagged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " PERFORM tag_anew(ARRAY(SELECT DISTINCT issue FROM added WHERE issue IS NOT NULL)); RETURN NULL; END $$",
    "CREATE TRIGGER note_insert_tags AFTER INSERT ON note REFERENCING NEW TABLE AS added"
    " FOR EACH STATEMENT EXECUTE FUNCTION notes_tagged()",
    "CREATE FUNCTION told_tagged() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE before uuid; after uuid; BEGIN"
    " IF TG_OP <> 'INSERT' THEN before := OLD.issue; END IF; IF TG_OP <> 'DELETE' THEN after := NEW.issue; END IF;"
    " PERFORM tag_anew(ARRAY[before, after]); RETURN NULL; END $$",
    f"CREATE TRIGGER note_update_tags AFTER UPDATE OF {', '.join(_NOTED)} ON note FOR EACH ROW"
    f" WHEN ({_changed(_NOTED, 'IS DISTINCT FROM')}) EXECUTE FUNCTION told_tagged()",
    "CREATE TRIGGER note_delete_tags AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION told_tagged()",
    f"CREATE TRIGGER issue_event_insert_tags AFTER INSERT ON issue_event FOR EACH ROW WHEN (NEW.{_RETURNED})"
    " EXECUTE FUNCTION told_tagged()",
    "CREATE TRIGGER issue_event_update_tags AFTER UPDATE ON issue_event FOR EACH ROW"
    f" WHEN (OLD.{_RETURNED} OR NEW.{_RETURNED}) EXECUTE FUNCTION told_tagged()",
    f"CREATE TRIGGER issue_event_delete_tags AFTER DELETE ON issue_event FOR EACH ROW WHEN (OLD.{_RETURNED})"
    " EXECUTE FUNCTION told_tagged()",
    "CREATE FUNCTION booking_tagged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " PERFORM tag_anew(ARRAY(SELECT id FROM issue WHERE day = NEW.id)); RETURN NULL; END $$",
    "CREATE TRIGGER booking_update_tags AFTER UPDATE OF manager ON booking FOR EACH ROW"
    " WHEN (NEW.manager IS DISTINCT FROM OLD.manager) EXECUTE FUNCTION booking_tagged()",
)

SEARCHES = ("INSERT INTO counter (name, value) VALUES ('searches', 0)",)
_COUNTED = "UPDATE counter SET value = value + 1 WHERE name = 'searches'"
SEARCHES_SQLITE = tuple(
    f"CREATE TRIGGER saved_search_{what.lower()}_searches AFTER {what} ON saved_search BEGIN {_COUNTED}; END"
    for what in ("INSERT", "UPDATE", "DELETE")
)
SEARCHES_POSTGRES = (
    f"CREATE FUNCTION searches_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_COUNTED}; RETURN NULL; END $$",
    *(
        f"CREATE TRIGGER saved_search_{what.lower()}_searches AFTER {what} ON saved_search"
        " FOR EACH STATEMENT EXECUTE FUNCTION searches_changed()"
        for what in ("INSERT", "UPDATE", "DELETE")
    ),
)
"""One number for all searches that have a name, so that a page need not read its reader's own each time."""
