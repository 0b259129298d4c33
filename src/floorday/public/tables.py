"""The pages that teams show to everybody, and what each agreed to list there."""

from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from floorday.db import uuid7
from floorday.issues.tables import Issue
from floorday.people.tables import Person, Team


class PublicPage(Table, tablename="public_page"):
    """A team's page; off while `on_at` is null. `said` is what it tells, as JSON without a title, as of `written_at`.

    `generation` counts its addresses: only the last one opens it.
    """

    id = UUID(primary_key=True, default=uuid7)
    team = ForeignKey(references=Team, null=False, on_delete=OnDelete.restrict)
    generation = Integer(default=0)
    on_at = Timestamptz(null=True, default=None)
    on_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    written_at = Timestamptz()
    said = Text(default="")


class PublicLine(Table, tablename="public_line"):
    """That an issue may be listed there under this very title."""

    id = UUID(primary_key=True, default=uuid7)
    page = ForeignKey(references=PublicPage, null=False, on_delete=OnDelete.restrict, index=True)
    issue = ForeignKey(references=Issue, null=False, on_delete=OnDelete.restrict)
    title = Varchar(length=120)
    agreed_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    agreed_at = Timestamptz()


GUARDS = (
    "CREATE UNIQUE INDEX public_page_once ON public_page (team)",
    "CREATE UNIQUE INDEX public_line_once ON public_line (issue)",
)
"""What a migration runs, the same on both databases."""
