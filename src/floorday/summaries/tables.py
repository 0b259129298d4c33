"""Months on their way to their readers, and as they were sent.

    summary_month   one row a month: its preview, who holds it and why, what the head of service says to it
    summary         one row a month and subject, written when it is sent: the figures, and what page and letter tell
    summary_rows    which lines stand behind one figure of it
    summary_line    what is shown of an issue, a day or a story there; said once, however many months count it
    correction      what was told of a sent month afterwards, and why
    summary_reader  who gets which kind of summary, and who wants it no longer
    issue_fold      an issue's past, folded for months in which nothing happened to it
    issue_tale      the same past, packed for months in which something did
"""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Boolean, Bytea, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from floorday.db import uuid7
from floorday.people.tables import Person


class SummaryMonth(Table, tablename="summary_month"):
    """A month ("yyyy-mm") on its way: previewed, perhaps held, begun, sent.

    From `begun_at` on nothing about it changes but `sent_at`; every summary of it was frozen at `begun_at`. The first
    of all (`before_us`) is the month before floorday ran: it, and what lies before it, is never sent.
    """

    id = UUID(primary_key=True, default=uuid7)
    month = Varchar(length=7)
    before_us = Timestamptz(null=True, default=None)
    previewed_at = Timestamptz(null=True, default=None)
    held_at = Timestamptz(null=True, default=None)
    held_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    held_because = Text(default="")
    asked_at = Timestamptz(null=True, default=None)
    asked_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    comment = Text(default="")
    commented_at = Timestamptz(null=True, default=None)
    commented_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    begun_at = Timestamptz(null=True, default=None)
    sent_at = Timestamptz(null=True, default=None)


class Summary(Table, tablename="summary"):
    """A subject's month as it was sent. `key` is the subject as the API names it: company, team/ID, ...

    `figures` is the API's answer, `told` what page and letter tell beside it (`queries.Told`), both JSON. `subject` is
    the team, the manager or the department.
    """

    id = UUID(primary_key=True, default=uuid7)
    month = Varchar(length=7)
    key = Varchar(length=60)
    subject = UUID(null=True, default=None, index=True)
    name = Varchar(length=200, default="")
    zone = Varchar(length=64)
    frozen_at = Timestamptz()
    figures = Text()
    told = Text()
    comment = Text(default="")
    commented_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    commented_name = Varchar(length=200, default="")


class SummaryRows(Table, tablename="summary_rows"):
    """The lines behind one figure, in the order in which they were counted, as `rules.packed` packs their numbers."""

    id = UUID(primary_key=True, default=uuid7)
    summary = ForeignKey(references=Summary, null=False, on_delete=OnDelete.restrict)
    name = Varchar(length=40)
    kind = Varchar(length=8)
    counted = Bytea()
    among = Bytea()


class SummaryLine(Table, tablename="summary_line"):
    """What is shown of an issue, a day or a story (`thing`); another line where that has changed since.

    Of a story it is its team and its moment.
    """

    id = BigInt(primary_key=True)
    kind = Varchar(length=8)
    thing = UUID()
    number = BigInt(null=True, default=None)
    title = Varchar(length=200, default="")
    team = UUID()
    team_name = Varchar(length=200, default="")
    manager = UUID(null=True, default=None)
    manager_name = Varchar(length=200, default="")
    starts_at = Timestamptz(null=True, default=None)
    ends_at = Timestamptz(null=True, default=None)
    zone = Varchar(length=64, default="")


class Correction(Table, tablename="correction"):
    """A notice about a month that was sent: what it said, what it says now (`told`, JSON), and why."""

    id = UUID(primary_key=True, default=uuid7)
    summary = ForeignKey(references=Summary, null=False, on_delete=OnDelete.restrict, index=True)
    at = Timestamptz()
    by = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    by_name = Varchar(length=200, default="")
    because = Text()
    told = Text()


class SummaryReader(Table, tablename="summary_reader"):
    """Somebody who was sent a kind of summary (`cut`), and since when they want no more of it."""

    id = UUID(primary_key=True, default=uuid7)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict)
    cut = Varchar(length=12)
    stopped_at = Timestamptz(null=True, default=None)


class IssueFold(Table, tablename="issue_fold"):
    """An issue's past, folded (`figures.Folded`); no truth, but what follows from its notes and events.

    It holds as long as `turn` is as it was when it was folded (`folded`): the database adds one to it with whatever
    changes the past. An issue that has no row was never folded. Instants are microseconds since 1970. `part` and
    `whole` are numbers, too; a row whose `part` has one that does not hold does not hold either.
    """

    number = Integer(primary_key=True)
    turn = BigInt(default=0)
    folded = BigInt(null=True, default=None)
    part = Integer(null=True, default=None)
    alone = Boolean(default=True)
    whole = Integer(null=True, default=None)
    begun = BigInt(null=True, default=None)
    last = BigInt(null=True, default=None)
    raised = BigInt(null=True, default=None)
    standing = Integer(default=0)
    since = BigInt(null=True, default=None)
    said = BigInt(null=True, default=None)
    answer = BigInt(null=True, default=None)
    fixed = BigInt(null=True, default=None)
    word = BigInt(null=True, default=None)
    returned = Boolean(default=False)


class IssueTale(Table, tablename="issue_tale"):
    """An issue's past, packed (`figures.packed`) without persons; it holds with the `IssueFold` of its number."""

    number = Integer(primary_key=True)
    tale = Bytea()


TOLD = (
    "'acknowledged', 'asked', 'decided', 'declined', 'joined', 'promised', 'reopened', 'resolved', 'returned', 'split',"
    " 'updated', 'verdict'"
)
"""The words of an issue's history that figures are counted from."""

_TELLS = f"what IN ({TOLD})"


def _turns(which: str) -> str:
    """Let what was folded of issues hold no longer; the same issue may be named twice."""
    return (
        f"INSERT INTO issue_fold (number, turn) SELECT number, 1 FROM issue WHERE id IN ({which})"  # noqa: S608 - own words
        " ORDER BY number ON CONFLICT (number) DO UPDATE SET turn = issue_fold.turn + 1"
    )


_GONE = (
    "UPDATE issue_fold SET turn = turn + 1 WHERE NOT alone AND part IN"
    " (SELECT part FROM issue_fold WHERE number = OLD.number AND NOT alone); DELETE FROM issue_tale WHERE number ="
    " OLD.number; DELETE FROM issue_fold WHERE number = OLD.number"
)
_NOTED = "issue, at, reporter"
_HAPPENED = "issue, at, what, says, for_date, reporter, note, other"

_ADDED = f"SELECT issue FROM added WHERE {_TELLS} UNION SELECT other FROM added WHERE {_TELLS}"  # noqa: S608

FOLDS_SQLITE = (
    f"CREATE TRIGGER note_insert_fold AFTER INSERT ON note WHEN NEW.issue IS NOT NULL BEGIN {_turns('NEW.issue')}; END",
    f"CREATE TRIGGER note_update_fold AFTER UPDATE OF {_NOTED} ON note BEGIN {_turns('OLD.issue, NEW.issue')}; END",
    f"CREATE TRIGGER note_delete_fold AFTER DELETE ON note BEGIN {_turns('OLD.issue')}; END",
    f"CREATE TRIGGER issue_event_insert_fold AFTER INSERT ON issue_event WHEN NEW.{_TELLS}"
    f" BEGIN {_turns('NEW.issue, NEW.other')}; END",
    f"CREATE TRIGGER issue_event_update_fold AFTER UPDATE OF {_HAPPENED} ON issue_event"
    f" WHEN OLD.{_TELLS} OR NEW.{_TELLS} BEGIN {_turns('OLD.issue, NEW.issue, OLD.other, NEW.other')}; END",
    f"CREATE TRIGGER issue_event_delete_fold AFTER DELETE ON issue_event WHEN OLD.{_TELLS}"
    f" BEGIN {_turns('OLD.issue, OLD.other')}; END",
    f"CREATE TRIGGER issue_delete_fold BEFORE DELETE ON issue BEGIN {_GONE}; END",
)

FOLDS_POSTGRES = (
    "CREATE FUNCTION notes_turned() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608 - own words
    f" {_turns('SELECT issue FROM added')}; RETURN NULL; END $$",
    "CREATE TRIGGER note_insert_fold AFTER INSERT ON note REFERENCING NEW TABLE AS added"
    " FOR EACH STATEMENT EXECUTE FUNCTION notes_turned()",
    "CREATE FUNCTION note_turned() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE after uuid; BEGIN"
    f" IF TG_OP <> 'DELETE' THEN after := NEW.issue; END IF; {_turns('OLD.issue, after')}; RETURN NULL; END $$",
    f"CREATE TRIGGER note_update_fold AFTER UPDATE OF {_NOTED} ON note FOR EACH ROW EXECUTE FUNCTION note_turned()",
    "CREATE TRIGGER note_delete_fold AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION note_turned()",
    "CREATE FUNCTION events_turned() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608 - own words
    f" IF EXISTS (SELECT 1 FROM added WHERE {_TELLS}) THEN"
    f" {_turns(_ADDED)};"
    " END IF; RETURN NULL; END $$",
    "CREATE TRIGGER issue_event_insert_fold AFTER INSERT ON issue_event REFERENCING NEW TABLE AS added"
    " FOR EACH STATEMENT EXECUTE FUNCTION events_turned()",
    "CREATE FUNCTION event_turned() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE after uuid; further uuid; BEGIN"
    " IF TG_OP <> 'DELETE' THEN after := NEW.issue; further := NEW.other; END IF;"
    f" {_turns('OLD.issue, after, OLD.other, further')}; RETURN NULL; END $$",
    f"CREATE TRIGGER issue_event_update_fold AFTER UPDATE OF {_HAPPENED} ON issue_event FOR EACH ROW"
    f" WHEN (OLD.{_TELLS} OR NEW.{_TELLS}) EXECUTE FUNCTION event_turned()",
    f"CREATE TRIGGER issue_event_delete_fold AFTER DELETE ON issue_event FOR EACH ROW WHEN (OLD.{_TELLS})"
    " EXECUTE FUNCTION event_turned()",
    f"CREATE FUNCTION issue_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_GONE}; RETURN OLD; END $$",
    "CREATE TRIGGER issue_delete_fold BEFORE DELETE ON issue FOR EACH ROW EXECUTE FUNCTION issue_gone()",
)
"""What keeps count of the changes of a past, each with the words of its database."""

GUARDS = (
    "CREATE UNIQUE INDEX summary_month_once ON summary_month (month)",
    "CREATE UNIQUE INDEX summary_once ON summary (key, month)",
    "CREATE UNIQUE INDEX summary_rows_once ON summary_rows (summary, name)",
    "CREATE INDEX summary_line_thing ON summary_line (thing)",
    "CREATE UNIQUE INDEX summary_reader_once ON summary_reader (person, cut)",
)
"""What a migration runs, the same on both databases."""

# Nothing changes a summary but an erasure. `names` rises with it, so that a process knows what it has read of one.
GUARDS_SQLITE = (
    *FOLDS_SQLITE,
    "CREATE TRIGGER summary_update_names AFTER UPDATE ON summary"
    " BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
)
GUARDS_POSTGRES = (
    *FOLDS_POSTGRES,
    "CREATE TRIGGER summary_update_names AFTER UPDATE ON summary FOR EACH STATEMENT EXECUTE FUNCTION names_changed()",
)
