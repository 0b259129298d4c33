"""What was said (notes), what gets fixed (issues), and everything that happened to it (events).

The events are the truth: the month's figures are counted from them. An `Issue` row is where they have led,
kept beside so that a board is one query.
"""

from __future__ import annotations

from uuid import uuid4

from piccolo.columns import (
    UUID,
    Boolean,
    Bytea,
    Date,
    DoublePrecision,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from floorday.bookings.tables import Booking
from floorday.db import uuid7
from floorday.issues import tags
from floorday.issues.rules import Effort, Ending, Kind, Naming, Stream, Turn
from floorday.issues.vendors import Fate, Says
from floorday.people.access import Door
from floorday.people.tables import Department, Person, Statement, Team


class Vendor(Table, tablename="vendor"):
    """A firm outside that fixes things for a department, and whom to write to there; nobody of ours.

    With `speaks` what the firm says goes on to the floor as it stands, without the owner's yes. `contact_name` and
    `email` are "" once the contact was forgotten.
    """

    id = UUID(primary_key=True, default=uuid7)
    name = Varchar(length=120)
    contact_name = Varchar(length=120, default="")
    email = Varchar(length=254, default="")
    language = Varchar(length=16, default="en")
    zone = Varchar(length=64, default="Europe/London")
    department = ForeignKey(references=Department, null=False, on_delete=OnDelete.restrict, index=True)
    speaks = Boolean(default=False)
    created_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)


class Measure(Table, tablename="measure"):
    """A target that punishes the right action: who sets it, what it measures, which action, and its last review.

    `review_due` is when somebody has to look at it again; None where it is retired.
    """

    id = UUID(primary_key=True, default=uuid7)
    name = Varchar(length=120)
    department = ForeignKey(references=Department, null=False, on_delete=OnDelete.restrict, index=True)
    measures = Varchar(length=500, default="")
    target = Varchar(length=200, default="")
    punishes = Varchar(length=500)
    examples = Text(default="")
    opened_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    opened_at = Timestamptz()
    reviewed_on = Date(null=True, default=None)
    reviewed_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    outcome = Varchar(length=12, default="")
    because = Varchar(length=500, default="")
    review_due = Date(null=True, default=None)
    retired_at = Timestamptz(null=True, default=None)
    version = Integer(default=0)


class MeasureEvent(Table, tablename="measure_event"):
    """One line of a measure's history; of a review `says` is the outcome, `for_date` its day."""

    id = UUID(primary_key=True, default=uuid7)
    measure = ForeignKey(references=Measure, null=False, on_delete=OnDelete.restrict, index=True)
    at = Timestamptz()
    what = Varchar(length=16)
    by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    door = Varchar(length=12, choices=Door)
    text = Text(default="")
    says = Varchar(length=12, default="")
    for_date = Date(null=True, default=None)


class Issue(Table, tablename="issue"):
    """What gets fixed. `turn` says whose turn it is; `ending` how a closed one ended ('' while open).

    An issue opened by an anonymous note alone carries a random id and a `raised_at` cut to the day,
    since an ordinary id and time would tell the minute. `version` counts the steps, `stamp` (kept by the
    database alone) what else a list shows of it: who met it, and what it is part of. `tracked` are its references in
    other trackers as JSON, `vendor` is the firm it is with, `vendor_says` what of that firm waits for the owner's yes
    (`vendor_date` where it is a date): each kept beside from its own table. `picture` is the statement of the team's
    picture that it is about, `measure` the one that a measure conflict is with.
    `watched_from` is when a file brought it, before which nobody could have been told anything. `asks` is the line of
    history that asks those who raised it something, `asks_since` when, as long as nobody has answered.
    """

    id = UUID(primary_key=True, default=uuid7)
    number = Integer(unique=True)
    title = Varchar(length=120)
    kind = Varchar(length=16, choices=Kind)
    team = ForeignKey(references=Team, null=False, on_delete=OnDelete.restrict, index=True)
    department = ForeignKey(references=Department, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    owner = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    sponsor = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    day = ForeignKey(references=Booking, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    turn = Varchar(length=16, choices=Turn, default=Turn.NEEDS_OWNER)
    ending = Varchar(length=12, choices=Ending, default=Ending.NONE)
    raised_at = Timestamptz()
    last_word_at = Timestamptz()
    promised_for = Date(null=True, default=None)
    question = Text(default="")
    resolution = Varchar(length=12, default="")
    done = Text(default="")
    resolved_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    resolved_at = Timestamptz(null=True, default=None)
    round = Integer(default=0)
    snoozed_until = Date(null=True, default=None)
    joined_into = ForeignKey(  # pyright: ignore[reportUnknownVariableType] - Piccolo cannot type a table in itself
        references="self", null=True, default=None, on_delete=OnDelete.restrict,
    )
    minutes_per_case = DoublePrecision(null=True, default=None)
    cases_per_month = DoublePrecision(null=True, default=None)
    effort = Varchar(length=8, choices=Effort, default=Effort.UNKNOWN)
    known_before = Boolean(null=True, default=None)
    reputation = Integer(null=True, default=None)
    restricted = Boolean(default=False)
    version = Integer(default=0)
    stamp = Integer(default=0)
    external_id = Varchar(length=200, null=True, default=None)
    tracked = Text(default="")
    vendor = ForeignKey(references=Vendor, null=True, default=None, on_delete=OnDelete.restrict)
    vendor_since = Timestamptz(null=True, default=None)
    vendor_says = Varchar(length=12, default="")
    vendor_date = Date(null=True, default=None)
    picture = ForeignKey(references=Statement, null=True, default=None, on_delete=OnDelete.restrict)
    measure = ForeignKey(references=Measure, null=True, default=None, on_delete=OnDelete.restrict)
    asks = UUID(null=True, default=None)
    asks_since = Timestamptz(null=True, default=None)
    changed_at = Timestamptz()
    watched_from = Timestamptz(null=True, default=None)


class Note(Table, tablename="note"):
    """What was said or seen, in one line, kept as said. Anonymous ones hold no person, no minute, a random id.

    Good news belongs to no issue. `idea` is the reporter's own, `fixed_like` what fixed would look like, `picture` the
    words of the statement of the team's picture that it is about, as they were then.
    """

    id = UUID(primary_key=True, default=uuid7)
    issue = ForeignKey(references=Issue, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    team = ForeignKey(references=Team, null=False, on_delete=OnDelete.restrict, index=True)
    day = ForeignKey(references=Booking, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    stream = Varchar(length=16, choices=Stream)
    text = Varchar(length=500)
    naming = Varchar(length=12, choices=Naming, default=Naming.NAMED)
    reporter = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    written_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    follow_up = Varchar(length=64, null=True, default=None, index=True)
    at = Timestamptz()
    withdrawn_at = Timestamptz(null=True, default=None)
    idea = Varchar(length=500, default="")
    fixed_like = Varchar(length=500, default="")
    picture = Varchar(length=200, default="")
    restricted = Boolean(default=False)


class NoteAct(Table, tablename="note_act"):
    """What a coordinator did with a note that names somebody; for coordinators alone.

    `kept` is what was said before, place by place, as JSON (`issues/blots.py`): of a restricted note the words stand
    nowhere else. One that is taken back has put them where they were.
    """

    id = UUID(primary_key=True, default=uuid7)
    note = ForeignKey(references=Note, null=False, on_delete=OnDelete.restrict, index=True)
    at = Timestamptz()
    by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    what = Varchar(length=16)
    text = Text(default="")
    kept = Text(default="")
    taken_back_at = Timestamptz(null=True, default=None)


class NoteReport(Table, tablename="note_report"):
    """Somebody says that a note names a colleague; who said it is for coordinators alone. `act` is what settled it."""

    id = UUID(primary_key=True, default=uuid7)
    note = ForeignKey(references=Note, null=False, on_delete=OnDelete.restrict, index=True)
    by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    at = Timestamptz()
    word = Varchar(length=200, default="")
    act = ForeignKey(references=NoteAct, null=True, default=None, on_delete=OnDelete.restrict, index=True)


class JoinSuggestion(Table, tablename="join_suggestion"):
    """A team's lead says that an `issue` of the team and an `other` one are the same; a coordinator settles it.

    `word` is the lead's, `because` the coordinator's. `outcome` is "" while it waits.
    """

    id = UUID(primary_key=True, default=uuid7)
    issue = ForeignKey(references=Issue, null=False, on_delete=OnDelete.restrict, index=True)
    other = ForeignKey(references=Issue, null=False, on_delete=OnDelete.restrict, index=True)
    by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    at = Timestamptz()
    word = Varchar(length=200, default="")
    outcome = Varchar(length=12, default="")
    because = Varchar(length=200, default="")
    settled_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    settled_at = Timestamptz(null=True, default=None)


class Photo(Table, tablename="photo"):
    """A photo of a note, written anew; its id is random, and nothing says when or where it was taken."""

    id = UUID(primary_key=True, default=uuid4)
    note = ForeignKey(references=Note, null=False, on_delete=OnDelete.restrict, index=True)
    place = Integer()
    width = Integer()
    height = Integer()
    content = Bytea()


class IssueEvent(Table, tablename="issue_event"):
    """One line of an issue's history: what, who, on behalf of whom, when, through which door.

    `reporter` (or `note`, for an anonymous one) is whose verdict or return it is. `round` counts resolutions,
    so that a verdict belongs to the resolution it was asked about. `undo` is how the issue stood before, while
    the step can still be taken back, and `undo_from` where that time begins later than `at`: at the end of many.
    """

    id = UUID(primary_key=True, default=uuid7)
    issue = ForeignKey(references=Issue, null=False, on_delete=OnDelete.restrict, index=True)
    at = Timestamptz()
    what = Varchar(length=16)
    by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    on_behalf_of = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    door = Varchar(length=12, choices=Door)
    text = Text(default="")
    for_date = Date(null=True, default=None)
    says = Varchar(length=12, default="")
    reporter = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    note = ForeignKey(references=Note, null=True, default=None, on_delete=OnDelete.restrict)
    other = UUID(null=True, default=None)
    round = Integer(default=0)
    undo = Text(default="")
    undo_from = Timestamptz(null=True, default=None)


class IssueReference(Table, tablename="issue_reference"):
    """What another tracker calls an issue, with a link where there is one. `folded` is what is looked for."""

    id = UUID(primary_key=True, default=uuid7)
    issue = ForeignKey(references=Issue, null=False, on_delete=OnDelete.restrict, index=True)
    text = Varchar(length=80)
    folded = Varchar(length=200)
    url = Varchar(length=500, default="")
    label = Varchar(length=60, default="")
    added_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    vendor = ForeignKey(references=Vendor, null=True, default=None, on_delete=OnDelete.restrict)
    added_at = Timestamptz()


class HandOver(Table, tablename="hand_over"):
    """An issue with a vendor, from one moment to another (`ended_at` None: still). Its owner inside stays the owner.

    `title`, `words` and `fixed_like` are what was sent, and all that the page behind the link shows of the issue.
    `contact_name` and `email` are to whom it was sent. `generation` is that of the link.
    """

    id = UUID(primary_key=True, default=uuid7)
    issue = ForeignKey(references=Issue, null=False, on_delete=OnDelete.restrict, index=True)
    vendor = ForeignKey(references=Vendor, null=False, on_delete=OnDelete.restrict, index=True)
    contact_name = Varchar(length=120, default="")
    email = Varchar(length=254, default="")
    title = Varchar(length=200)
    words = Text(default="")
    fixed_like = Varchar(length=500, default="")
    by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    since = Timestamptz()
    generation = Integer(default=0)
    acknowledged_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    ended_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)


class VendorWord(Table, tablename="vendor_word"):
    """What a vendor said while an issue was with them, and what became of it."""

    id = UUID(primary_key=True, default=uuid7)
    hand_over = ForeignKey(references=HandOver, null=False, on_delete=OnDelete.restrict, index=True)
    at = Timestamptz()
    kind = Varchar(length=12, choices=Says)
    text = Text(default="")
    for_date = Date(null=True, default=None)
    fate = Varchar(length=12, choices=Fate)
    door = Varchar(length=12, choices=Door)
    settled_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    settled_at = Timestamptz(null=True, default=None)


class IssueWords(Table, tablename="issue_words"):
    """An issue as it is looked for, folded (`db/folding.py`): its face (the title), and all of it with the notes.

    The two are kept apart, so that nobody finds an issue by words that they may not read. The database empties both
    when a text beneath them changes, and marks the row as `due` to be folded anew. `tags` are its own work, too
    (`issues/tags.py`); it holds none before the row is there.
    """

    number = Integer(primary_key=True)
    face = Text(default="")
    whole = Text(default="")
    due = Boolean(default=False)
    tags = Text(null=True, default=None)


class ClockDeed(Table, tablename="clock_deed"):
    """What a clock has told a person about an issue (`issues/clocks.py`); `key` says what it was about.

    `left_before`: it was told before the database went back to an older copy of itself, at `at`.
    """

    id = UUID(primary_key=True, default=uuid7)
    key = Varchar(length=200)
    issue = ForeignKey(references=Issue, null=False, on_delete=OnDelete.restrict, index=True)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict, index=True)
    deed = Varchar(length=16)
    rung = Varchar(length=12)
    at = Timestamptz()
    left_before = Boolean(default=False)


class SavedSearch(Table, tablename="saved_search"):
    """A search that somebody has named: `query` as it stands in the page's address."""

    id = UUID(primary_key=True, default=uuid7)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=60)
    query = Varchar(length=1000)
    created_at = Timestamptz()


class HardOne(Table, tablename="hard_one"):
    """One of the two large issues that are kept in sight for a month ("2026-11"), at the first or second place."""

    id = UUID(primary_key=True, default=uuid7)
    month = Varchar(length=7)
    place = Integer()
    issue = ForeignKey(references=Issue, null=False, on_delete=OnDelete.restrict, index=True)
    picked_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    picked_at = Timestamptz()


class Counter(Table, tablename="counter"):
    """The last number given out, by name; one UPDATE .. RETURNING takes the next.

    On PostgreSQL the public numbers of issues come from the sequence `issue_number` instead, for which nobody waits.
    """

    name = Varchar(length=40, primary_key=True)
    value = Integer(default=0)


# What is looked for is emptied by the database whenever a text beneath it changes, whoever changes it: what was erased,
# withdrawn or masked cannot be found for a moment longer. Whoever changed it folds it anew (`issues/moves.py`).


def _due(*ids: str) -> str:
    """Mark these issues, and those that they are part of, as due to be folded anew."""
    wanted = ", ".join(ids)
    return (
        "UPDATE issue_words SET face = '', whole = '', due = TRUE WHERE number IN"  # noqa: S608 - own words
        f" (SELECT number FROM issue WHERE id IN ({wanted})"
        f" OR id IN (SELECT joined_into FROM issue WHERE id IN ({wanted})))"
    )


WORDS = (
    "CREATE INDEX issue_words_due ON issue_words (number) WHERE due",
    "CREATE UNIQUE INDEX saved_search_named_once ON saved_search (person, name)",
)
WORDS_SQLITE = (
    *tags.SQLITE,
    "CREATE TRIGGER issue_words_gone BEFORE DELETE ON issue"
    " BEGIN DELETE FROM issue_words WHERE number = OLD.number; END",
    "CREATE TRIGGER issue_title_due AFTER UPDATE OF title ON issue WHEN NEW.title <> OLD.title"
    f" BEGIN {_due('NEW.id')}; END",
    "CREATE TRIGGER issue_join_due AFTER UPDATE OF joined_into ON issue WHEN NEW.joined_into IS NOT OLD.joined_into"
    f" BEGIN {_due('NEW.id', 'OLD.joined_into', 'NEW.joined_into')}; END",
    f"CREATE TRIGGER note_delete_due AFTER DELETE ON note BEGIN {_due('OLD.issue')}; END",
    "CREATE TRIGGER note_update_due AFTER UPDATE OF text, idea, fixed_like, issue, withdrawn_at ON note"
    f" BEGIN {_due('OLD.issue', 'NEW.issue')}; END",
)

WORDS_POSTGRES = (
    # Our own words become lexemes as they are; the parser of PostgreSQL would cut some of them otherwise.
    "CREATE FUNCTION lexemes(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$"
    " SELECT COALESCE(string_agg('''' || w || ''':' || LEAST(n, 16383), ' '), '')::tsvector"
    " FROM unnest(string_to_array(words, ' ')) WITH ORDINALITY AS one(w, n) WHERE w <> '' $$",
    *tags.POSTGRES,
    "CREATE FUNCTION words_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " DELETE FROM issue_words WHERE number = OLD.number; RETURN OLD; END $$",
    "CREATE TRIGGER issue_words_gone BEFORE DELETE ON issue FOR EACH ROW EXECUTE FUNCTION words_gone()",
    "CREATE FUNCTION issue_due() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" {_due('NEW.id', 'OLD.joined_into', 'NEW.joined_into')}; RETURN NULL; END $$",
    "CREATE TRIGGER issue_due AFTER UPDATE OF title, joined_into ON issue FOR EACH ROW WHEN"
    " (NEW.title <> OLD.title OR NEW.joined_into IS DISTINCT FROM OLD.joined_into) EXECUTE FUNCTION issue_due()",
    "CREATE FUNCTION note_due() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE after uuid; BEGIN"
    " IF TG_OP = 'UPDATE' THEN after := NEW.issue; END IF;"
    f" {_due('OLD.issue', 'after')}; RETURN NULL; END $$",
    "CREATE TRIGGER note_due AFTER DELETE OR UPDATE OF text, idea, fixed_like, issue, withdrawn_at ON note"
    " FOR EACH ROW EXECUTE FUNCTION note_due()",
)

GUARDS = (
    *WORDS,
    *tags.SEARCHES,
    # Nearly every issue stands alone; an index of the others alone is one that SQLite takes.
    "CREATE INDEX issue_joined_into ON issue (joined_into) WHERE joined_into IS NOT NULL",
    "CREATE INDEX issue_turn_raised ON issue (turn, raised_at)",
    "CREATE INDEX issue_open ON issue (turn, department, snoozed_until, last_word_at, raised_at, restricted)"
    " WHERE turn <> 'closed'",
    "CREATE INDEX issue_awake ON issue (turn, raised_at, number) WHERE snoozed_until IS NULL AND turn <> 'closed'",
    # Quick wins, the most hours first: the board reads no more of them than it shows.
    "CREATE INDEX issue_quick ON issue (COALESCE(minutes_per_case * cases_per_month, 0) DESC, raised_at, number)"
    " WHERE effort = 'small' AND snoozed_until IS NULL AND turn <> 'closed'",
    "CREATE UNIQUE INDEX hard_one_place_once ON hard_one (month, place)",
    "CREATE UNIQUE INDEX hard_one_issue_once ON hard_one (month, issue)",
    "CREATE INDEX issue_open_id ON issue (id, turn, snoozed_until) WHERE turn <> 'closed'",
    "CREATE INDEX issue_part ON issue (id, joined_into) WHERE joined_into IS NOT NULL",
    "CREATE INDEX note_met ON note (reporter, issue, withdrawn_at) WHERE withdrawn_at IS NULL AND issue IS NOT NULL",
    "CREATE INDEX issue_sponsored ON issue (sponsor) WHERE sponsor IS NOT NULL",
    "CREATE INDEX issue_event_returned ON issue_event (reporter, issue) WHERE what = 'returned'",
    "CREATE INDEX issue_event_issue_at ON issue_event (issue, at)",
    "CREATE INDEX issue_event_due ON issue_event (for_date, issue) WHERE what = 'promised'",
    "CREATE INDEX issue_event_joined ON issue_event (other, issue) WHERE what = 'joined'",
    "CREATE INDEX note_issue_at ON note (issue, at)",
    "CREATE UNIQUE INDEX issue_external_id_once ON issue (external_id) WHERE external_id IS NOT NULL",
    "CREATE UNIQUE INDEX photo_place_once ON photo (note, place)",
    "CREATE UNIQUE INDEX clock_deed_once ON clock_deed (key, person)",
    "INSERT INTO counter (name, value) VALUES ('issue', 0)",
    "INSERT INTO counter (name, value) VALUES ('names', 0)",
    "INSERT INTO counter (name, value) VALUES ('mornings', 0)",
)
"""What the database itself forbids, on both; a migration says each in the same words."""

MEASURES = (
    "CREATE INDEX issue_picture ON issue (picture) WHERE picture IS NOT NULL",
    "CREATE INDEX issue_measure ON issue (measure) WHERE measure IS NOT NULL",
    "CREATE UNIQUE INDEX measure_named_once ON measure (department, name) WHERE retired_at IS NULL",
)
MEASURES_SQLITE = (
    "CREATE TRIGGER measure_update_names AFTER UPDATE OF name ON measure"
    " BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
    "CREATE TRIGGER statement_update_names AFTER UPDATE OF text ON statement"
    " BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
)
MEASURES_POSTGRES = (
    "CREATE TRIGGER measure_update_names AFTER UPDATE OF name ON measure"
    " FOR EACH STATEMENT EXECUTE FUNCTION names_changed()",
    "CREATE TRIGGER statement_update_names AFTER UPDATE OF text ON statement"
    " FOR EACH STATEMENT EXECUTE FUNCTION names_changed()",
)
"""What a later migration says of measures and statements, in the same words."""

SUGGESTIONS = (
    "CREATE UNIQUE INDEX join_suggestion_once ON join_suggestion (issue, other) WHERE outcome = ''",
    "CREATE INDEX join_suggestion_settled ON join_suggestion (settled_at) WHERE outcome <> ''",
)
"""What a later migration says of suggestions, in the same words."""

VENDORS = (
    "CREATE UNIQUE INDEX vendor_named_once ON vendor (department, name) WHERE ended_at IS NULL",
    "CREATE INDEX vendor_email ON vendor (email)",
    "CREATE UNIQUE INDEX issue_reference_once ON issue_reference (issue, folded)",
    "CREATE UNIQUE INDEX hand_over_one_at_a_time ON hand_over (issue) WHERE ended_at IS NULL",
    "CREATE INDEX vendor_word_waits ON vendor_word (hand_over) WHERE fate = 'waits'",
    "CREATE INDEX issue_with_vendor ON issue (vendor) WHERE vendor IS NOT NULL",
)
VENDORS_SQLITE = (
    "CREATE INDEX issue_reference_folded ON issue_reference (folded)",
    "CREATE TRIGGER vendor_update_names AFTER UPDATE OF name ON vendor"
    " BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
)
VENDORS_POSTGRES = (
    "CREATE INDEX issue_reference_folded ON issue_reference (folded varchar_pattern_ops)",
    "CREATE TRIGGER vendor_update_names AFTER UPDATE OF name ON vendor"
    " FOR EACH STATEMENT EXECUTE FUNCTION names_changed()",
)
"""What a later migration says of vendors and references, in the same words."""

# What lists show of an issue is kept by each process beside `version` and `stamp`; the database itself sees to it that
# one of the two rises with every change, whoever makes it. `names` does the same for what stands in every list.

_NAMES = "UPDATE counter SET value = value + 1 WHERE name = 'names'"
_NAMED = (
    ("team", "INSERT"), ("team", "UPDATE"), ("team", "DELETE"),
    ("department", "INSERT"), ("department", "UPDATE"), ("department", "DELETE"),
    ("person", "UPDATE OF name"), ("booking", "UPDATE OF manager"),
)  # fmt: skip
_LEFT = "CREATE TRIGGER person_left_names AFTER UPDATE OF left_at ON person"
_TOLD = "what = 'returned'"


def _bump(*ids: str) -> str:
    """Raise the stamp of these issues, and of those that they are part of."""
    wanted = ", ".join(ids)
    return (
        "UPDATE issue SET stamp = stamp + 1 WHERE id IN"  # noqa: S608 - own words
        f" (SELECT id FROM issue WHERE id IN ({wanted}) UNION SELECT joined_into FROM issue WHERE id IN ({wanted}))"
    )


# Which numbers are kept back for anonymous issues (`issues/numbers.py`); each database has others, by chance.
HOLES_SQLITE = "INSERT INTO counter (name, value) SELECT 'holes', ABS(RANDOM() % 2147483647)"
HOLES_POSTGRES = "INSERT INTO counter (name, value) SELECT 'holes', CAST(2147483646 * RANDOM() AS INTEGER)"

GUARDS_SQLITE = (
    *WORDS_SQLITE,
    *tags.SEARCHES_SQLITE,
    HOLES_SQLITE,
    *(
        f"CREATE TRIGGER {table}_{moment[:6].lower()}_names AFTER {moment} ON {table} BEGIN {_NAMES}; END"
        for table, moment in _NAMED
    ),
    f"{_LEFT} BEGIN {_NAMES}; END",
    f"CREATE TRIGGER note_insert_stamp AFTER INSERT ON note BEGIN {_bump('NEW.issue')}; END",
    "CREATE TRIGGER note_update_stamp AFTER UPDATE OF issue, reporter, withdrawn_at, text, idea, fixed_like ON note"
    f" BEGIN {_bump('OLD.issue', 'NEW.issue')}; END",
    f"CREATE TRIGGER note_delete_stamp AFTER DELETE ON note BEGIN {_bump('OLD.issue')}; END",
    f"CREATE TRIGGER issue_event_insert_stamp AFTER INSERT ON issue_event WHEN NEW.{_TOLD}"
    f" BEGIN {_bump('NEW.issue')}; END",
    f"CREATE TRIGGER issue_event_update_stamp AFTER UPDATE ON issue_event WHEN OLD.{_TOLD} OR NEW.{_TOLD}"
    f" BEGIN {_bump('OLD.issue', 'NEW.issue')}; END",
    f"CREATE TRIGGER issue_event_delete_stamp AFTER DELETE ON issue_event WHEN OLD.{_TOLD}"
    f" BEGIN {_bump('OLD.issue')}; END",
    "CREATE TRIGGER issue_update_stamp AFTER UPDATE ON issue WHEN NEW.version = OLD.version AND NEW.stamp = OLD.stamp"
    " BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id = NEW.id; END",
    "CREATE TRIGGER issue_join_stamp AFTER UPDATE OF joined_into ON issue WHEN NEW.joined_into IS NOT OLD.joined_into"
    " BEGIN UPDATE issue SET stamp = stamp + 1 WHERE id IN (OLD.joined_into, NEW.joined_into); END",
)


GUARDS_POSTGRES = (
    *WORDS_POSTGRES,
    *tags.SEARCHES_POSTGRES,
    HOLES_POSTGRES,
    "CREATE SEQUENCE issue_number",
    f"CREATE FUNCTION names_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_NAMES}; RETURN NULL; END $$",
    *(
        f"CREATE TRIGGER {table}_{moment[:6].lower()}_names AFTER {moment} ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION names_changed()"
        for table, moment in _NAMED
    ),
    f"{_LEFT} FOR EACH STATEMENT EXECUTE FUNCTION names_changed()",
    # What this very transaction has written has a version or a stamp that nobody has seen yet.
    "CREATE FUNCTION notes_added() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode TO force_generic_plan AS $$"
    " DECLARE those uuid[] := ARRAY(SELECT DISTINCT issue FROM added); BEGIN UPDATE issue SET stamp = stamp + 1 WHERE"
    " (id = ANY (those) OR id = ANY (ARRAY(SELECT joined_into FROM issue WHERE id = ANY (those))))"
    " AND xmin <> pg_current_xact_id()::xid; RETURN NULL; END $$",
    "CREATE TRIGGER note_insert_stamp AFTER INSERT ON note REFERENCING NEW TABLE AS added"
    " FOR EACH STATEMENT EXECUTE FUNCTION notes_added()",
    "CREATE FUNCTION issue_met() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE before uuid; after uuid; BEGIN"
    " IF TG_OP <> 'INSERT' THEN before := OLD.issue; END IF; IF TG_OP <> 'DELETE' THEN after := NEW.issue; END IF;"
    f" {_bump('before', 'after')}; RETURN NULL; END $$",
    "CREATE TRIGGER note_update_stamp AFTER UPDATE OF issue, reporter, withdrawn_at, text, idea, fixed_like ON note"
    " FOR EACH ROW EXECUTE FUNCTION issue_met()",
    "CREATE TRIGGER note_delete_stamp AFTER DELETE ON note FOR EACH ROW EXECUTE FUNCTION issue_met()",
    f"CREATE TRIGGER issue_event_insert_stamp AFTER INSERT ON issue_event FOR EACH ROW WHEN (NEW.{_TOLD})"
    " EXECUTE FUNCTION issue_met()",
    f"CREATE TRIGGER issue_event_update_stamp AFTER UPDATE ON issue_event FOR EACH ROW"
    f" WHEN (OLD.{_TOLD} OR NEW.{_TOLD}) EXECUTE FUNCTION issue_met()",
    f"CREATE TRIGGER issue_event_delete_stamp AFTER DELETE ON issue_event FOR EACH ROW WHEN (OLD.{_TOLD})"
    " EXECUTE FUNCTION issue_met()",
    "CREATE FUNCTION issue_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " NEW.stamp := OLD.stamp + 1; RETURN NEW; END $$",
    "CREATE TRIGGER issue_update_stamp BEFORE UPDATE ON issue FOR EACH ROW"
    " WHEN (NEW.version = OLD.version AND NEW.stamp = OLD.stamp) EXECUTE FUNCTION issue_changed()",
    "CREATE FUNCTION issue_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " UPDATE issue SET stamp = stamp + 1 WHERE id IN (OLD.joined_into, NEW.joined_into); RETURN NULL; END $$",
    "CREATE TRIGGER issue_join_stamp AFTER UPDATE OF joined_into ON issue FOR EACH ROW"
    " WHEN (NEW.joined_into IS DISTINCT FROM OLD.joined_into) EXECUTE FUNCTION issue_moved()",
)
