"""What is due to be wiped, and how much of it there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from floorday.db import run_sql
from floorday.inbox.queries import WAITS
from floorday.retention.rules import Due, Kept

_WAITS = ", ".join(f"'{outcome}'" for outcome in WAITS)

CONDITIONS: dict[Kept, tuple[str, str]] = {
    Kept.LETTERS: ("letter", "content IS NOT NULL AND (sent_at < {} OR failed_at < {})"),
    # One that waits for a person is kept until a person has decided.
    Kept.MAILS: ("inbound_mail", "content IS NOT NULL AND (decided_at < {} OR"
                 f" (read_at < {{}} AND decided_at IS NULL AND outcome NOT IN ({_WAITS})))"),
    Kept.CODES: ("sign_in_code", "expires_at < {}"),
    Kept.SESSIONS: ("session", "(ended_at < {} OR expires_at < {})"),
    Kept.ANSWERS: ("idempotency_key", "at < {}"),
    Kept.FORMS: ("form_key", "at < {}"),
    Kept.TOKENS: ("api_token", "(revoked_at < {} OR expires_at < {})"),
    Kept.LINKS: ("mail_token", "(revoked_at < {} OR expires_at < {})"),
    Kept.LEAVERS: ("person", "left_at < {} AND id NOT IN (SELECT person FROM person_event WHERE what = 'erased')"),
    Kept.PHOTOS: ("photo", "note IN (SELECT n.id FROM note n LEFT JOIN issue i ON i.id = n.issue"
                  " WHERE (i.turn = 'closed' AND i.changed_at < {}) OR (n.issue IS NULL AND n.at < {}))"),
}  # fmt: skip
"""For each kind its table, and what is true of a row that is due; each {} is the moment."""


def moments(kind: Kept, before: datetime) -> list[datetime]:
    """Give the moment as often as the condition of a kind asks for it."""
    return [before] * CONDITIONS[kind][1].count("{}")


async def counted(wanted: Sequence[Due]) -> dict[Kept, int]:
    """Count, in one query, what is due of each kind."""
    if not wanted:
        return {}
    parts: list[str] = []
    args: list[datetime] = []
    for one in wanted:
        table, condition = CONDITIONS[one.kind]
        parts.append(f"SELECT '{one.kind}' AS kind, COUNT(*) AS n FROM {table} WHERE {condition}")  # noqa: S608 - own words
        args += moments(one.kind, one.before)
    rows = await run_sql(" UNION ALL ".join(parts), *args)
    return {Kept(row["kind"]): int(row["n"]) for row in rows}
