"""Whole lists, however long, in batches; each holds what its reader's page would show of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from msgspec import structs

from floorday.db import BATCH, batches
from floorday.issues.queries import listed, told
from floorday.issues.queries.rows import Filters, IssueRow, NoteRow
from floorday.people.access import Actor


def every_issue(actor: Actor, filters: Filters) -> AsyncGenerator[list[IssueRow]]:
    """Give by number all issues that a board narrowed so would hold for this reader."""
    async def read(last: IssueRow | None) -> list[IssueRow]:
        after = last.number if last else None
        return await listed.board(actor, structs.replace(filters, order="number", after=after, limit=BATCH))

    return batches(read)


def every_good_news(actor: Actor) -> AsyncGenerator[list[NoteRow]]:
    """Give all good news that somebody may read, newest first, with what was withdrawn."""
    async def read(last: NoteRow | None) -> list[NoteRow]:
        return await told.good_news(actor, limit=BATCH, before=last)

    return batches(read)
