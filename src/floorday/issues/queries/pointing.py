"""What points at a statement of a picture or at a measure: counted, as far as a reader may see it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import run_sql
from floorday.issues.queries import asked
from floorday.people.access import Actor, Device, What, visible


async def issues_of_pictures(actor: Actor, ids: Collection[UUID], *, since: datetime) -> dict[UUID, int]:
    """Count the issues raised since a moment that point at statements, of those that a reader sees whole."""
    may = asked.seen(actor, What.ISSUES)
    return await _counted(ids, since, may)


async def open_faces_of_pictures(device: Device, ids: Collection[UUID], *, since: datetime) -> dict[UUID, int]:
    """Count for a team's room those of its issues that nobody has restricted."""
    teams = asked.among("i.team", sorted(visible(device, What.FACES).faces))
    return await _counted(ids, since, teams & asked.Condition("NOT i.restricted"))


async def _counted(ids: Collection[UUID], since: datetime, may: asked.Condition | None) -> dict[UUID, int]:
    where = asked.among("i.picture", list(ids)) & asked.Condition(
        "i.ending <> 'joined' AND i.raised_at >= {}", (since,))
    if may is not None:
        where &= may
    rows: list[Any] = await run_sql(
        f"SELECT i.picture, count(*) AS n FROM issue i WHERE {where.sql} GROUP BY i.picture", *where.args)  # noqa: S608
    return {UUID(str(row["picture"])): row["n"] for row in rows}


class Measure(Struct, frozen=True):
    """A measure of the register, as an issue may belong to it."""

    id: UUID
    name: str
    department_name: str


async def measures() -> list[Measure]:
    """List the measures that are not retired, by name."""
    rows = await run_sql(
        "SELECT m.id, m.name, d.name AS department_name FROM measure m JOIN department d ON d.id = m.department"
        " WHERE m.retired_at IS NULL ORDER BY m.name, m.id"
    )
    return msgspec.convert(rows, list[Measure])


async def names(statement: UUID | None, measure: UUID | None) -> tuple[str, str]:
    """Give the words of a statement and the name of a measure, for a list that is narrowed to them; "" for none."""
    if statement is None and measure is None:
        return "", ""
    rows = await run_sql(
        "SELECT (SELECT text FROM statement WHERE id = {}) AS text, (SELECT name FROM measure WHERE id = {}) AS name",
        statement or UUID(int=0), measure or UUID(int=0))  # fmt: skip
    return rows[0]["text"] or "", rows[0]["name"] or ""
