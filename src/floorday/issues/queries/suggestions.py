"""What leads suggest to join: what waits for a coordinator, and what became of the rest.

A coordinator reads all of them, a team's lead those of the own team; nobody else reads any. An issue that has been
joined meanwhile stands for the one that it is part of.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import run_sql
from floorday.issues.queries.asked import Condition, among
from floorday.people.access import Act, Actor, Role, can

MOST = 100
LATELY = 10
"""So many that are settled are shown below those that wait."""

JOINED, APART = "joined", "apart"
"""What became of a suggestion; "" while it waits."""


class Said(Struct, frozen=True, kw_only=True):
    """What waits about an issue: who says that it is the same as another one, by its number."""

    other: int
    by_name: str | None
    team_name: str
    team_zone: str
    at: datetime
    word: str


class Suggestion(Struct, frozen=True, kw_only=True):
    """A lead's word that an issue of their team and another one are the same.

    `number` and `other_number` are those that were meant, `issue` and `other` what they are part of by now.
    """

    id: UUID
    meant: UUID
    issue: UUID
    other: UUID
    number: int
    other_number: int
    team: UUID
    team_name: str
    team_zone: str
    by: UUID | None
    by_name: str | None
    at: datetime
    word: str
    outcome: str
    because: str
    settled_by: UUID | None
    settled_by_name: str | None
    settled_at: datetime | None

    @property
    def one(self) -> bool:
        """Say whether the two are one issue by now."""
        return self.issue == self.other


_ROOT = "COALESCE({0}.joined_into, {0}.id)"
_LIST = (
    f"SELECT s.id, s.issue AS meant, {_ROOT.format('a')} AS issue, {_ROOT.format('b')} AS other,"  # noqa: S608 - own words
    ' a.number, b.number AS other_number, a.team, t.name AS team_name, t.zone AS team_zone, s."by",'
    " p.name AS by_name, s.at, s.word, s.outcome, s.because, s.settled_by, q.name AS settled_by_name, s.settled_at"
    " FROM join_suggestion s JOIN issue a ON a.id = s.issue JOIN issue b ON b.id = s.other JOIN team t ON t.id = a.team"
    ' LEFT JOIN person p ON p.id = s."by" LEFT JOIN person q ON q.id = s.settled_by'
)


def reads(actor: Actor) -> bool:
    """Say whether somebody reads any."""
    return can(actor, Act.SETTLE_SUGGESTIONS) or can(actor, Act.SUGGEST)


def theirs(actor: Actor) -> Condition:
    """Say that a suggestion (its issue is `a`) is for this reader."""
    if can(actor, Act.SETTLE_SUGGESTIONS):
        return Condition("1 = 1")
    return among("a.team", sorted(actor.teams(Role.LEAD)))


async def _read(where: Condition, rest: str, *args: Any) -> list[Suggestion]:
    rows = await run_sql(f"{_LIST} WHERE {where.sql} {rest}", *where.args, *args)
    return msgspec.convert(rows, list[Suggestion])


async def waiting(actor: Actor) -> list[Suggestion]:
    """List what waits for a coordinator, the oldest first."""
    return await _read(Condition("s.outcome = ''") & theirs(actor), "ORDER BY s.at, s.id LIMIT {}", MOST)


async def settled(actor: Actor) -> list[Suggestion]:
    """List what was settled last, the newest first."""
    return await _read(Condition("s.outcome <> ''") & theirs(actor), "ORDER BY s.settled_at DESC, s.id DESC LIMIT {}",
                       LATELY)  # fmt: skip


def said_of(actor: Actor, issue: UUID) -> Condition:
    """Select what waits about an issue, or about what is part of it, as the fields of `Said`; nothing for others."""
    where = theirs(actor) if reads(actor) else Condition("1 = 0")
    return Condition(
        f"SELECT CASE WHEN {_ROOT.format('a')} = {{}} THEN b.number ELSE a.number END AS other, p.name AS by_name,"  # noqa: S608
        " t.name AS team_name, t.zone AS team_zone, s.at, s.word"
        " FROM join_suggestion s JOIN issue a ON a.id = s.issue JOIN issue b ON b.id = s.other"
        ' JOIN team t ON t.id = a.team LEFT JOIN person p ON p.id = s."by"'
        f" WHERE s.outcome = '' AND {where.sql} AND ({_ROOT.format('a')} = {{}} OR {_ROOT.format('b')} = {{}})",
        (issue, *where.args, issue, issue))


async def about(actor: Actor, issue: UUID) -> list[Said]:
    """List what waits about an issue, the oldest first."""
    if not reads(actor):
        return []
    wanted = said_of(actor, issue)
    return msgspec.convert(await run_sql(f"{wanted.sql} ORDER BY s.at, s.id", *wanted.args), list[Said])


async def suggestion(actor: Actor | None, id: UUID) -> Suggestion | None:
    """Find one, as far as somebody may read it (None: whoever asks)."""
    if actor is not None and not reads(actor):
        return None
    where = Condition("s.id = {}", (id,))
    rows = await _read(where if actor is None else where & theirs(actor), "")
    return rows[0] if rows else None


async def same(one: UUID, two: UUID) -> list[Suggestion]:
    """List what waits about these two, whichever of them was named first."""
    pair = Condition(f"{_ROOT.format('a')} IN ({{}}, {{}}) AND {_ROOT.format('b')} IN ({{}}, {{}})", (one, two) * 2)
    return await _read(Condition("s.outcome = ''") & pair, "ORDER BY s.at, s.id")


async def become_one() -> list[Suggestion]:
    """List what waits although the two are one issue by now."""
    one = Condition(f"s.outcome = '' AND {_ROOT.format('a')} = {_ROOT.format('b')}")
    return await _read(one, "ORDER BY s.at, s.id")


async def come_apart(at: datetime, by: UUID) -> list[Suggestion]:
    """List what a join at a moment had settled, and the two are apart again."""
    then = Condition("s.outcome = {} AND s.settled_at = {} AND s.settled_by = {}", (JOINED, at, by))
    where = then & Condition(f"{_ROOT.format('a')} <> {_ROOT.format('b')}")
    return await _read(where, "ORDER BY s.at, s.id")


async def joined_then(found: Suggestion) -> UUID | None:
    """Find the issue that was joined when a suggestion was accepted."""
    rows = await run_sql(
        "SELECT issue FROM issue_event WHERE what = 'joined' AND other = {} AND at = {} AND \"by\" = {} LIMIT 1",
        found.issue, found.settled_at, found.settled_by)  # fmt: skip
    return UUID(str(rows[0]["issue"])) if rows else None
