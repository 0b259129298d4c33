"""What became of those who left."""

from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from floorday.db import uuid7
from floorday.people.tables import Person


class PersonEvent(Table, tablename="person_event"):
    """One line of what became of a person: left, back, given out, erased; by whom (nobody: the clock), and when.

    `told` counts, as JSON, what was handed over or erased. It holds no name, no address and no words of anybody.
    """

    id = UUID(primary_key=True, default=uuid7)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict, index=True)
    at = Timestamptz()
    what = Varchar(length=16)
    by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    door = Varchar(length=12)
    told = Text(default="{}")


GUARDS = ("CREATE UNIQUE INDEX person_event_erased_once ON person_event (person) WHERE what = 'erased'",)
"""What the database itself forbids, on both; a migration says it in the same words."""
