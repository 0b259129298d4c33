"""Months on their way to their readers, and as they were sent.

    summary_month   one row a month: its preview, who holds it and why, what the head of service says to it
    summary         one row a month and subject, written when it is sent: the figures, and what page and letter tell
    summary_rows    which lines stand behind one figure of it
    summary_line    what is shown of an issue, a day or a story there; said once, however many months count it
    correction      what was told of a sent month afterwards, and why
    summary_reader  who gets which kind of summary, and who wants it no longer
"""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Bytea, ForeignKey, OnDelete, Text, Timestamptz, Varchar
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
    "CREATE TRIGGER summary_update_names AFTER UPDATE ON summary"
    " BEGIN UPDATE counter SET value = value + 1 WHERE name = 'names'; END",
)
GUARDS_POSTGRES = (
    "CREATE TRIGGER summary_update_names AFTER UPDATE ON summary FOR EACH STATEMENT EXECUTE FUNCTION names_changed()",
)
