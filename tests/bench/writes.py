"""The limit beside *create*: the rows that a note leaves behind, written by the raw driver, statement by statement.

The same tables, columns and values in one transaction, without access, rules, or anything made of them. The letter
stays `{}` and looks for no earlier one.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiosqlite
import asyncpg

from floorday.db import Insert, uuid7
from floorday.db.turns import for_postgres, for_sqlite
from floorday.issues.rules import Kind, Stream
from floorday.issues.tables import Issue, IssueEvent, Note
from floorday.mail.tables import Letter
from floorday.people.access import Door

ISSUE, NOTE, EVENT, LETTER = Insert(Issue), Insert(Note), Insert(IssueEvent), Insert(Letter)
NUMBER = "UPDATE counter SET value = value + 1 WHERE name = 'issue' RETURNING value"
SEQUENCE = "SELECT nextval('issue_number')"
WHO = "SELECT id FROM {} LIMIT 1"
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=1", "busy_timeout=5000")
"""As floorday sets them."""


class Raw:
    """One writer of notes for a process."""

    db: Any
    team: Any
    person: Any

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self.gate = asyncio.Lock()

    async def open(self) -> None:
        """Connect, and choose whose notes they are."""
        if self.sqlite:
            self.db = await aiosqlite.connect(self.url.removeprefix("sqlite:///"), isolation_level=None)
            for pragma in PRAGMAS:
                await self.db.execute(f"PRAGMA {pragma}")
            self.team, self.person = [
                (await self.db.execute_fetchall(WHO.format(table)))[0][0] for table in ("team", "person")]
        else:
            self.db = await asyncpg.create_pool(self.url, min_size=2, max_size=10)
            self.team, self.person = [await self.db.fetchval(WHO.format(table)) for table in ("team", "person")]

    async def close(self) -> None:
        """Disconnect."""
        await self.db.close()

    async def write(self) -> int:
        """Write what one note leaves behind, and give its number."""
        if not self.sqlite:
            async with self.db.acquire() as connection, connection.transaction():
                number = await connection.fetchval(SEQUENCE)
                for sql, args in self._rows(number):
                    await connection.execute(for_postgres(sql), *args)
                return number
        async with self.gate:
            await self.db.execute("BEGIN IMMEDIATE")
            try:
                number = (await self.db.execute_fetchall(NUMBER))[0][0]
                for sql, args in self._rows(number):
                    await self.db.execute(for_sqlite(sql), args)
                await self.db.execute("COMMIT")
            except BaseException:
                await self.db.execute("ROLLBACK")
                raise
            return number

    def _rows(self, number: int) -> list[tuple[str, list[Any]]]:
        issue, note, now = uuid7(), uuid7(), datetime.now(UTC)
        said = "The form asks twice for the number; the customer waits."
        rows: list[tuple[Insert, dict[str, Any]]] = [
            (ISSUE, {"id": issue, "number": number, "title": said, "kind": Kind.OTHER.value, "team": self.team,
                     "raised_at": now, "last_word_at": now, "changed_at": now}),
            (NOTE, {"id": note, "issue": issue, "team": self.team, "stream": Stream.STAFF_TOLD.value, "text": said,
                    "reporter": self.person, "written_by": self.person, "at": now}),
            (EVENT, {"issue": issue, "at": now, "what": "raised", "by": self.person, "door": Door.API.value}),
            (LETTER, {"key": f"note_thanks:{note}", "name": "note_thanks", "to_address": "p@floor.example",
                      "person": self.person, "about": issue, "about_kind": "issue", "created_at": now,
                      "leaves_at": now + timedelta(days=1), "next_try_at": now + timedelta(days=1)}),
        ]  # fmt: skip
        return [(insert.statement.sql, list(insert.args(values))) for insert, values in rows]
