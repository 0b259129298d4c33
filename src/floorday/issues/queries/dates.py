"""Who hears of a new date."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from floorday.db import run_sql
from floorday.issues.queries.asked import among
from floorday.issues.queries.rows import IssueRow
from floorday.mail.wishes import Kind, Pace
from floorday.people.access import Actor


async def told_of_dates(rows: Collection[IssueRow], actor: Actor) -> dict[UUID, frozenset[UUID]]:
    """Say for each of these issues which persons get a letter when somebody gives it a date; none who gives it."""
    persons = {person for row in rows for person in row.reporters} - {actor.person}
    if not persons:
        return {row.id: frozenset() for row in rows}
    here = among("p.id", sorted(persons))
    found = await run_sql(
        "SELECT p.id FROM person p LEFT JOIN letter_wish w ON w.person = p.id AND w.kind = {}"  # noqa: S608 - own words
        f" WHERE p.left_at IS NULL AND COALESCE(w.pace, '') <> {{}} AND {here.sql}",
        Kind.PROMISES.value, Pace.NEVER.value, *here.args,
    )  # fmt: skip
    hears = {row["id"] for row in found}
    return {row.id: row.reporters & hears for row in rows}
