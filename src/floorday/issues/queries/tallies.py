"""What is open, counted by going along indexes: the numbers of a board that nothing narrows, on SQLite.

To go from one entry of an index to the next takes SQLite 8 nanoseconds; to look what is in it, and to add that to the
sum of a group, takes 100. So each number is a COUNT(*) of a stretch of an index, and what its reader may not see, which
is little, is looked at and taken off again. PostgreSQL counts in one pass (`lanes`), in a process of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from floorday.config import settings
from floorday.db import dialect, run_sql
from floorday.issues import clocks
from floorday.issues.queries import asked
from floorday.issues.queries.asked import Condition
from floorday.issues.queries.rows import Filters
from floorday.issues.rules import Turn
from floorday.people.access import Actor, What, visible

NAMES = "(SELECT value FROM counter WHERE name = 'names')"


async def groups(
    actor: Actor, filters: Filters, turns: Sequence[Turn], quiet: Sequence[Turn], *,
    usual: datetime, special: Sequence[tuple[datetime, list[UUID]]], apart: Sequence[UUID],
) -> list[dict[str, Any]] | None:  # fmt: skip
    """Count as `lanes` does by turn and department; None where that is not to be had from indexes alone.

    Who has heard no word since `usual` has waited too long, in the departments of `special` since their own moment.
    Only the departments `apart` are told apart, in what needs an owner. What is to be taken off comes as groups whose
    numbers are below zero.
    """
    scope = visible(actor, What.FACES)
    if dialect() != "sqlite" or asked.narrowed(actor, filters) != Condition(asked.OPEN) or not (
        scope.all or scope.unrestricted
    ):
        return None
    zeros = "".join(f", 0 AS quiet{n}" for n in range(len(special) + 1))
    parts: list[Condition] = []
    for turn in turns:
        of_turn = Condition(f"i.turn = '{turn.value}' AND {asked.OPEN}")
        heard = _heard(of_turn, usual, special) if turn in quiet else Condition("NULL")
        asleep = _count("issue_asleep", of_turn & Condition("i.snoozed_until IS NOT NULL"))
        parts.append(_line(turn, Condition("NULL"), _count("issue_open", of_turn), asleep, heard, zeros))
    for department in apart:
        of_theirs = Condition(
            f"i.turn = '{Turn.NEEDS_OWNER.value}' AND {asked.OPEN} AND i.department = {{}}", (department,))
        whole = _count("issue_open", of_theirs)
        asleep = _count("issue_open", of_theirs & Condition("i.snoozed_until IS NOT NULL"))
        for sign, where in (("", Condition("{}", (department,))), ("-", Condition("NULL"))):
            parts.append(_line(Turn.NEEDS_OWNER, where, Condition(sign + whole.sql, whole.args),
                               Condition(sign + asleep.sql, asleep.args), Condition("NULL"), zeros))  # fmt: skip
    if not scope.all:
        parts.append(_unseen(actor, [usual, *(moment for moment, _ids in special)]))
    rows = await run_sql(" UNION ALL ".join(one.sql for one in parts), *(arg for one in parts for arg in one.args))
    for row in rows:
        row["awake"] = row["n"] - row["asleep"]
        if row["heard"] is not None:
            row["quiet0"] = row["awake"] - row["heard"]
    return rows


def quiet_before(silence: int, now: datetime) -> datetime:
    """Say before when the last word lies where nobody has heard one for more than so many working days."""
    return clocks.quiet_before(silence, now=now, zone=settings().zone)


def moments(now: datetime, silences: dict[int, list[UUID]]) -> tuple[datetime, list[tuple[datetime, list[UUID]]]]:
    """Say since when nobody may have heard a word, as is usual and where it is not."""
    special = [(quiet_before(silence, now), ids) for silence, ids in silences.items()]
    return quiet_before(clocks.WORD_DAYS, now), special


def _heard(of_turn: Condition, usual: datetime, special: Sequence[tuple[datetime, list[UUID]]]) -> Condition:
    """Count what is awake and has heard a word of late: few, also where much is open."""
    awake = of_turn & Condition("i.snoozed_until IS NULL")
    late = Condition("i.last_word_at >= {}", (usual,))
    found = _count("issue_heard", awake & late)
    for moment, departments in special:
        theirs = awake & asked.among("i.department", departments)
        as_usual = _count("issue_open", theirs & late)
        own = _count("issue_open", theirs & Condition("i.last_word_at >= {}", (moment,)))
        found = Condition(f"{found.sql} - {as_usual.sql} + {own.sql}", found.args + as_usual.args + own.args)
    return found


def _count(index: str, where: Condition) -> Condition:
    return Condition(f"(SELECT COUNT(*) FROM issue i INDEXED BY {index} WHERE {where.sql})", where.args)  # noqa: S608


def _line(
    turn: Turn, department: Condition, whole: Condition, asleep: Condition, heard: Condition, rest: str
) -> Condition:  # fmt: skip
    return Condition(
        f"SELECT '{turn.value}' AS turn, {department.sql} AS department, {whole.sql} AS n, {asleep.sql} AS asleep,"
        f" {heard.sql} AS heard, {NAMES} AS names{rest}",
        department.args + whole.args + asleep.args + heard.args)


def _unseen(actor: Actor, moments: Sequence[datetime]) -> Condition:
    """Count, below zero, what is restricted and not for this reader."""
    may = asked.seen(actor, What.FACES)
    assert may is not None
    sums = ", -SUM(CASE WHEN i.snoozed_until IS NULL AND i.last_word_at < {} THEN 1 ELSE 0 END)" * len(moments)
    return Condition(
        f"SELECT i.turn, i.department, -COUNT(*), -COUNT(i.snoozed_until), NULL, {NAMES}{sums}"  # noqa: S608 - own
        f" FROM issue i INDEXED BY issue_hidden WHERE {asked.OPEN} AND i.restricted AND {may.sql} IS NOT TRUE"
        " GROUP BY i.turn, i.department",
        (*moments, *may.args))
