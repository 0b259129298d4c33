"""What an issue is part of, what was part of it, and whose name stays hidden because of that."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from floorday.db import run_sql
from floorday.issues.queries.asked import among
from floorday.issues.queries.listed import uuid_of
from floorday.issues.rules import Happened, Naming

Tree = dict[UUID, UUID]
"""The parts of an issue, each with the one that it was joined into itself."""

MOVED = frozenset({"split off", "taken out"})
"""Lines of a history which say that notes have gone elsewhere."""


async def tree(whole: UUID) -> Tree:
    """Say of each part of an issue into which one it was joined itself; its last joining tells."""
    rows = await run_sql(
        "SELECT e.issue, e.other FROM issue p JOIN issue_event e ON e.issue = p.id"
        " WHERE p.joined_into = {} AND e.what = 'joined' ORDER BY e.at, e.id", whole)  # fmt: skip
    found = {uuid_of(row["issue"]): uuid_of(row["other"]) for row in rows}
    return {part: into for part, into in found.items() if part is not None and into is not None}


def brought(found: Tree, issue: UUID) -> list[UUID]:
    """List the parts that came with one of them, because they had been joined into it before."""
    gone: list[UUID] = []
    waiting = [issue]
    while waiting:
        waiting = [part for part, into in found.items() if into in waiting and part not in gone and part != issue]
        gone += waiting
    return sorted(gone)


def above(found: Tree, issue: UUID) -> list[UUID]:
    """List what an issue is part of, from the one that it was joined into to the whole."""
    chain: list[UUID] = []
    while (into := found.get(issue)) is not None and into not in chain:
        chain.append(into)
        issue = into
    return chain


async def raised(whole: UUID, *, without: Collection[UUID] = ()) -> datetime | None:
    """Say when an issue was raised: its earliest note, those of its parts included, but for some of them."""
    left = among("n.issue", sorted(without))
    rows = await run_sql(
        "SELECT n.at FROM note n WHERE n.issue IN (SELECT w.id FROM issue w WHERE w.id = {} OR w.joined_into = {})"  # noqa: S608 - own words
        f" AND NOT ({left.sql}) ORDER BY n.at, n.id LIMIT 1", whole, whole, *left.args)  # fmt: skip
    return msgspec.convert(rows[0]["at"], datetime) if rows else None


async def past(issue: UUID) -> list[Happened]:
    """Give what happened to an issue itself, in order of time."""
    rows = await run_sql(
        "SELECT at, what, says, for_date, text FROM issue_event WHERE issue = {} ORDER BY at, id", issue)
    return msgspec.convert(rows, list[Happened])


async def left_elsewhere(roots: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Name who hides the name in a note that is, or ever was, with one of these issues, as (issue, person).

    Whoever spoke as one of those who raised it hides the name in these lines for good, wherever the note is now.
    """
    if not roots:
        return set()
    seeds = among("i.id", sorted(roots))
    rows = await run_sql(
        f"WITH RECURSIVE once(root, id) AS (SELECT i.id, i.id FROM issue i WHERE {seeds.sql} UNION"  # noqa: S608 - own words
        " SELECT o.root, CASE WHEN e.what = 'joined' THEN e.issue ELSE e.other END FROM once o JOIN issue_event e"
        " ON (e.what = 'joined' AND e.other = o.id) OR (e.what = 'taken out' AND e.issue = o.id))"
        " SELECT DISTINCT o.root, n.reporter FROM once o JOIN note n ON n.issue = o.id"
        " WHERE n.naming = {} AND n.reporter IS NOT NULL", *seeds.args, Naming.HIDDEN.value,
    )  # fmt: skip
    return {(msgspec.convert(row["root"], UUID), msgspec.convert(row["reporter"], UUID)) for row in rows}


async def notes_beside(issue: UUID, note: UUID) -> int:
    """Count the notes of an issue itself that stand, but for one."""
    rows = await run_sql(
        "SELECT COUNT(*) AS n FROM note WHERE issue = {} AND id <> {} AND withdrawn_at IS NULL", issue, note)
    return rows[0]["n"]
