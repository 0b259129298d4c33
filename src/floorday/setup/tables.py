"""What was uploaded, until it is imported; and what an import wrote, until it can no longer be undone."""

from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from floorday.db import uuid7
from floorday.people.tables import Person


class SheetImport(Table, tablename="sheet_import"):
    """An uploaded sheet of `person`: its cells as JSON, emptied once they are in; `wrote` is what that wrote."""

    id = UUID(primary_key=True, default=uuid7)
    person = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict, index=True)
    subject = Varchar(length=24)
    file = Varchar(length=200)
    sheet = Text(default="")
    created_at = Timestamptz()
    done_at = Timestamptz(null=True, default=None)
    undone_at = Timestamptz(null=True, default=None)
    wrote = Text(default="")
