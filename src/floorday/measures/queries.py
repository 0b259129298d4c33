"""Every read of the register: measures, their history, and the issues that they cause, as far as a reader sees them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from floorday.db import run_sql
from floorday.errors import NotFound
from floorday.issues import queries as issues
from floorday.issues.queries import Filters, IssueRow, asked
from floorday.issues.rules import Ending
from floorday.measures.rules import Outcome, State
from floorday.people import access
from floorday.people.access import Act, Actor, Door, Role, What, can
from floorday.render.words import gettext as _

MOST = 500
MOST_ISSUES = 200


class Measure(Struct, frozen=True, kw_only=True):
    """A measure with its last review.

    `issues` are those whose face the reader sees, hours a month and teams those of the ones seen whole.
    """

    id: UUID
    name: str
    department: UUID
    department_name: str
    measures: str
    target: str
    punishes: str
    examples: str
    opened_by_name: str | None
    opened_at: datetime
    reviewed_on: date | None
    reviewed_by_name: str | None
    outcome: str
    because: str
    review_due: date | None
    retired_at: datetime | None
    version: int
    issues: int = 0
    hours: float = 0
    teams: int = 0

    @property
    def retired(self) -> bool:
        """Say whether it is out of the register."""
        return self.retired_at is not None

    def overdue(self, today: date) -> bool:
        """Say whether somebody should have looked at it by now."""
        return self.review_due is not None and self.review_due < today

    def may_review(self, actor: Actor) -> bool:
        """Say whether somebody may say what a review decided."""
        return not self.retired and can(actor, Act.REVIEW_MEASURE, access.OfDepartment(self.department))

    def last_outcome(self) -> Outcome | None:
        """Give what the last review decided."""
        return Outcome(self.outcome) if self.outcome else None


class Line(Struct, frozen=True, kw_only=True):
    """A line of a measure's history."""

    id: UUID
    at: datetime
    what: str
    by_name: str | None
    door: Door
    text: str
    says: str
    for_date: date | None


class Wanted(Struct, frozen=True, kw_only=True):
    """What the register is narrowed to; it goes on after an id."""

    state: State | None = State.CURRENT
    department: UUID | None = None
    after: UUID | None = None
    limit: int = MOST


_MEASURES = """
SELECT m.id, m.name, m.department, d.name AS department_name, m.measures, m.target, m.punishes, m.examples,
       o.name AS opened_by_name, m.opened_at, m.reviewed_on, r.name AS reviewed_by_name, m.outcome, m.because,
       m.review_due, m.retired_at, m.version
  FROM measure m JOIN department d ON d.id = m.department
  LEFT JOIN person o ON o.id = m.opened_by LEFT JOIN person r ON r.id = m.reviewed_by
"""


async def measure(measure_id: UUID) -> Measure:
    """Find a measure, or raise NotFound."""
    rows = await run_sql(f"{_MEASURES} WHERE m.id = {{}}", measure_id)
    if not rows:
        raise NotFound(_("There is no such measure."))
    return msgspec.convert(rows[0], Measure)


async def measures(actor: Actor, wanted: Wanted, *, today: date, by_id: bool = False) -> list[Measure]:
    """List measures, what is due first, with what they cause as far as a reader sees it; in three queries."""
    where, args = ["1 = 1"], list[Any]()
    match wanted.state:
        case State.CURRENT:
            where.append("m.retired_at IS NULL")
        case State.OVERDUE:
            where.append("m.retired_at IS NULL AND m.review_due < {}")
            args.append(today)
        case State.RETIRED:
            where.append("m.retired_at IS NOT NULL")
        case None:
            pass
    if wanted.department is not None:
        where.append("m.department = {}")
        args.append(wanted.department)
    if wanted.after is not None:
        where.append("m.id > {}")
        args.append(wanted.after)
    order = "m.id" if by_id else "m.retired_at IS NOT NULL, m.review_due, m.name, m.id"
    rows = await run_sql(
        f"{_MEASURES} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT {{}}", *args, wanted.limit)
    return await _caused(actor, msgspec.convert(rows, list[Measure]))


async def _caused(actor: Actor, rows: list[Measure]) -> list[Measure]:
    """Put beside each measure what it causes, as far as a reader sees it."""
    if not rows:
        return []
    about = asked.among("i.measure", [row.id for row in rows]) & asked.Condition("i.ending <> 'joined'")
    faces, whole = about, about
    if (seen := asked.seen(actor, What.FACES)) is not None:
        faces &= seen
    if (seen := asked.seen(actor, What.ISSUES)) is not None:
        whole &= seen
    counts = {UUID(str(row["measure"])): row["n"] for row in await run_sql(
        f"SELECT i.measure, count(*) AS n FROM issue i WHERE {faces.sql} GROUP BY i.measure", *faces.args)}  # noqa: S608
    sums = {UUID(str(row["measure"])): row for row in await run_sql(
        "SELECT i.measure, COALESCE(SUM(i.minutes_per_case * i.cases_per_month), 0) / 60 AS hours,"  # noqa: S608
        f" count(DISTINCT i.team) AS teams FROM issue i WHERE {whole.sql} GROUP BY i.measure", *whole.args)}
    return [
        structs.replace(row, issues=counts.get(row.id, 0), hours=float(sums[row.id]["hours"]) if row.id in sums else 0,
                        teams=sums[row.id]["teams"] if row.id in sums else 0)
        for row in rows
    ]  # fmt: skip


async def with_caused(actor: Actor, row: Measure) -> Measure:
    """Put beside a measure what it causes, as far as a reader sees it."""
    return (await _caused(actor, [row]))[0]


def summed(row: Measure, rows: list[IssueRow]) -> Measure:
    """Sum up the issues that a reader sees of a measure."""
    counted = [one for one in rows if one.ending is not Ending.JOINED]
    hours = sum((one.minutes_per_case or 0) * (one.cases_per_month or 0) for one in counted) / 60
    return structs.replace(row, issues=len(counted), hours=hours, teams=len({one.team for one in counted if one.whole}))


async def caused(actor: Actor, measure_id: UUID) -> list[issues.Shown]:
    """List the issues that are conflicts with a measure, open and closed, the newest first, as a reader sees them."""
    return await issues.shown(actor, Filters(measure=measure_id, closed=None, order="newest", limit=MOST_ISSUES))


async def history(measure_id: UUID) -> list[Line]:
    """List what happened to a measure, the newest first."""
    rows = await run_sql(
        "SELECT e.id, e.at, e.what, p.name AS by_name, e.door, e.text, e.says, e.for_date FROM measure_event e"
        " LEFT JOIN person p ON p.id = e.by WHERE e.measure = {} ORDER BY e.at DESC, e.id DESC", measure_id)
    return msgspec.convert(rows, list[Line])


class Due(Struct, frozen=True):
    """A measure whose review is overdue."""

    id: UUID
    name: str
    department: UUID
    department_name: str
    review_due: date


async def overdue(actor: Actor, *, today: date) -> list[Due]:
    """List the measures that somebody has to review, and should have by now."""
    if not (can(actor, Act.KEEP_MEASURES) or actor.departments(Role.HEAD_OF_DEPARTMENT)):
        return []
    rows = msgspec.convert(await run_sql(
        "SELECT m.id, m.name, m.department, d.name AS department_name, m.review_due FROM measure m"
        " JOIN department d ON d.id = m.department WHERE m.retired_at IS NULL AND m.review_due < {}"
        " ORDER BY m.review_due, m.name", today), list[Due])  # fmt: skip
    return [row for row in rows if can(actor, Act.REVIEW_MEASURE, access.OfDepartment(row.department))]
