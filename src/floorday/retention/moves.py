"""Bounded wiping: some rows at a time, and never the same rows by two workers."""

from __future__ import annotations

from datetime import datetime

from floorday.db import dialect, run_sql
from floorday.retention.queries import CONDITIONS, moments
from floorday.retention.rules import Due, Kept

BLANKED = {
    Kept.LETTERS: "content = NULL, wiped_at = {}",
    Kept.MAILS: "content = NULL, sender = '', subject = '', envelope_from = '', envelope_to = ''",
}
"""Of these the row stays, for it says what became of it; of all others the row goes."""


async def wipe(due: Due, *, now: datetime, limit: int) -> int:
    """Wipe so many of what is due, the oldest ids first; returns how many were."""
    table, condition = CONDITIONS[due.kind]
    chosen = f"SELECT id FROM {table} WHERE {condition} ORDER BY id LIMIT {{}}"  # noqa: S608 - own words
    which = f"= ANY(ARRAY({chosen} FOR UPDATE SKIP LOCKED))" if dialect() == "postgres" else f"IN ({chosen})"
    blank = BLANKED.get(due.kind)
    verb = f"UPDATE {table} SET {blank}" if blank else f"DELETE FROM {table}"  # noqa: S608 - own words
    own = [now] * (blank or "").count("{}")
    done = await run_sql(f"{verb} WHERE id {which} RETURNING id", *own, *moments(due.kind, due.before), limit)
    return len(done)
