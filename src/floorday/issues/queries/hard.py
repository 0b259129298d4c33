"""The two large issues that are kept in sight for a month."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import Statement, run_sql
from floorday.issues.queries import asked, gains, kept
from floorday.issues.queries.asked import Condition
from floorday.issues.queries.kept import KEY, Shown
from floorday.issues.queries.listed import uuid_of
from floorday.people.access import Actor, What

_OF_MONTH = (
    f"SELECT {KEY} FROM hard_one h JOIN issue own ON own.id = h.issue"  # noqa: S608 - own words
    " JOIN issue i ON i.id = COALESCE(own.joined_into, own.id) WHERE h.month = {}"
)


class Picked(Struct, frozen=True, kw_only=True):
    """A hard one of a month as it was picked: which issue, at which place, by whom, when."""

    month: str
    place: int
    issue: UUID
    picked_by: UUID | None
    by_name: str
    picked_at: datetime


async def hard_ones(actor: Actor, month: str, *, mine: bool = False) -> list[Shown]:
    """List the hard ones of a month ("2026-11") as a reader may see them; `mine`: those that the reader sponsors.

    One that has become part of another shows as that one.
    """
    wanted = of_month(actor, month, mine=mine)
    shown = await kept.selected(actor, Statement(wanted.sql), wanted.args)
    return list({one.row.number: one for one in shown}.values())


def of_month(actor: Actor, month: str, *, mine: bool = False) -> Condition:
    """Select the hard ones of a month, as `hard_ones` lists them."""
    where = Condition("1 = 1") if not mine else Condition("i.sponsor = {}", (actor.person,))
    if (may := asked.seen(actor, What.FACES)) is not None:
        where &= may
    return Condition(f"{_OF_MONTH} AND {where.sql} ORDER BY h.place", (month, *where.args))


async def picked(months: tuple[str, ...]) -> list[Picked]:
    """List who picked what for these months."""
    among = asked.among("h.month", months)
    rows = await run_sql(
        "SELECT h.month, h.place, h.issue, h.picked_by, COALESCE(p.name, '') AS by_name, h.picked_at"  # noqa: S608
        f" FROM hard_one h LEFT JOIN person p ON p.id = h.picked_by WHERE {among.sql} ORDER BY h.month, h.place",
        *among.args,
    )  # fmt: skip
    return msgspec.convert(rows, list[Picked])


async def candidates(actor: Actor, month: str, *, limit: int) -> list[Shown]:
    """List the large issues that wait to be fixed and are not picked for a month, the most gain first."""
    where = Condition(
        "i.effort = 'large' AND i.turn <> 'closed' AND i.turn <> 'tell the floor'"
        " AND i.id NOT IN (SELECT h.issue FROM hard_one h WHERE h.month = {})", (month,))  # fmt: skip
    if (may := asked.seen(actor, What.ISSUES)) is not None:
        where &= may
    order = f"CASE ({gains.GAIN}) WHEN 'much' THEN 0 WHEN 'some' THEN 1 WHEN 'little' THEN 2 ELSE 3 END"
    sql = f"SELECT {KEY} FROM issue i WHERE {where.sql} ORDER BY {order}, {gains.MOST_HOURS} LIMIT {{}}"  # noqa: S608
    return await kept.selected(actor, Statement(sql), (*where.args, limit))


async def places(month: str) -> dict[int, UUID]:
    """Give which issue stands at which of a month's places."""
    rows: list[Any] = await run_sql("SELECT place, issue FROM hard_one WHERE month = {} ORDER BY place", month)
    return {row["place"]: found for row in rows if (found := uuid_of(row["issue"])) is not None}
