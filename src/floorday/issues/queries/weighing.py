"""Quick wins, the grid of effort and gain, and what nobody has said yet; all of what its reader sees whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, structs

from floorday.db import dialect, run_sql
from floorday.issues.queries import asked, gains, lanes
from floorday.issues.queries.asked import OPEN, Condition
from floorday.issues.queries.kept import KEY
from floorday.issues.queries.rows import Filters
from floorday.issues.rules import Effort
from floorday.issues.worth import Gain
from floorday.people.access import Actor, What


class Cell(Struct, frozen=True, kw_only=True):
    """A cell of the grid: how many open issues, how many of these state their hours, and how many hours."""

    effort: Effort
    gain: Gain
    n: int
    stated: int
    hours: float


class Unsaid(Struct, frozen=True, kw_only=True):
    """An open issue of which effort, minutes or cases are not said, and whom to ask."""

    id: Any
    number: int
    title: str
    effort: Effort
    hours: float | None
    owner_name: str | None
    owner_email: str | None


def quick_wins(
    actor: Actor, filters: Filters, view: str, known: lanes.Places, *, now: datetime, limit: int
) -> Condition:
    """Select the first quick wins of a view (`open`, `mine`, `quiet`), the most hours first; no more rows are read."""
    wanted = structs.replace(filters, quick=True, turn=None, ending=None, closed=None, joined=True)
    where = _whole(actor, asked.narrowed(actor, wanted))
    if view == "mine":
        where &= lanes.either_mine(actor)
    elif view == "quiet":
        where &= lanes.quiet(known, now)
    # Where there is none yet, SQLite's statistics know nothing of this index, and it would read all that is open.
    source = "issue i INDEXED BY issue_quick" if dialect() == "sqlite" else "issue i"
    return Condition(
        f"SELECT {KEY} FROM {source} WHERE {where.sql} ORDER BY {gains.MOST_HOURS} LIMIT {{}}",  # noqa: S608 - own words
        (*where.args, limit))


def _whole(actor: Actor, where: Condition) -> Condition:
    may = asked.seen(actor, What.ISSUES)
    return where if may is None else where & may


async def grid(actor: Actor, filters: Filters) -> list[Cell]:
    """Count open issues by effort and gain, in one statement."""
    where = _whole(actor, asked.narrowed(actor, filters))
    return msgspec.convert(await run_sql(
        "SELECT part.effort, part.gain, COUNT(*) AS n, COUNT(part.hours) AS stated,"  # noqa: S608 - own words
        " COALESCE(SUM(part.hours), 0.0) AS hours FROM (SELECT i.effort AS effort,"
        f" {gains.HOURS} AS hours, {gains.GAIN} AS gain FROM issue i WHERE {where.sql}) AS part"
        " GROUP BY part.effort, part.gain", *where.args), list[Cell])  # fmt: skip


async def unsaid(actor: Actor, filters: Filters, *, limit: int) -> list[Unsaid]:
    """List open issues that somebody owns and of which something is not said, those that wait longest first."""
    where = _whole(actor, asked.narrowed(actor, filters)) & Condition(
        f"{OPEN} AND (i.effort = '' OR i.minutes_per_case IS NULL OR i.cases_per_month IS NULL)")
    return msgspec.convert(await run_sql(
        f"SELECT i.id, i.number, i.title, i.effort, {gains.HOURS} AS hours,"  # noqa: S608 - own words
        " o.name AS owner_name, o.email AS owner_email FROM issue i JOIN person o ON o.id = i.owner"
        f" WHERE o.left_at IS NULL AND {where.sql} ORDER BY i.raised_at, i.number LIMIT {{}}",
        *where.args, limit), list[Unsaid])  # fmt: skip
