"""What page and letter tell beside the figures: what was fixed, what waits for a decision, what came back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from floorday.db import run_sql
from floorday.summaries.figures import Month, Subject
from floorday.summaries.queries.frozen import TopicLine
from floorday.summaries.queries.past import among, moment

MOST = 10
"""So many issues are told of each kind; the figure opens all."""

_FACE = (
    "i.id, i.number, i.title, d.name AS department, i.raised_at, (SELECT MIN(e.at) FROM issue_event e"
    " WHERE e.issue = i.id AND e.what = 'resolved' AND e.says <> 'cannot') AS said_at"
)
_FROM = "FROM issue i LEFT JOIN department d ON d.id = i.department"
_MET = "(SELECT COUNT(*) FROM note n WHERE n.issue = i.id AND n.withdrawn_at IS NULL)"
_BELONGS = {"company": "", "team": " AND i.team = {}", "manager": " AND i.sponsor = {}",
            "department": " AND i.department = {}"}  # fmt: skip


class Topics(Struct, frozen=True):
    """The issues that a month tells of."""

    fixed: tuple[TopicLine, ...] = ()
    decisions: tuple[TopicLine, ...] = ()
    returned: tuple[TopicLine, ...] = ()


async def topics(subject: Subject, month: Month, *, now: datetime) -> Topics:
    """Choose the issues to tell of: those that most people met, what waits longest, what came back most often.

    What waits for a decision is what waits now, for a decision that was made is nobody's to make; but nothing that was
    raised after the month.
    """
    back: dict[Any, int] = {}
    for id in month.figures["returns"].rows:
        back[id] = back.get(id, 0) + 1
    (fixed, first), (came, second) = among(month.figures["issues_said_fixed"].rows), among(list(back))
    decisions = (
        f"i.turn = 'needs decision' AND i.raised_at < {{}}{_BELONGS[subject.cut]}"  # noqa: S608 - own words
        " AND EXISTS (SELECT 1 FROM issue_event e WHERE e.issue = i.id AND e.what = 'asked' AND e.at <= {})"
    )
    sql = (
        f"SELECT * FROM (SELECT 'fixed' AS kind, {_FACE}, {_MET} AS met {_FROM} WHERE i.id IN ({fixed})"  # noqa: S608 - own words
        f" ORDER BY met DESC, i.number LIMIT {MOST}) AS a UNION ALL"
        f" SELECT * FROM (SELECT 'decisions' AS kind, {_FACE}, {_MET} AS met {_FROM} WHERE {decisions}"
        f" ORDER BY i.raised_at, i.number LIMIT {MOST}) AS b UNION ALL"
        f" SELECT * FROM (SELECT 'returned' AS kind, {_FACE}, {_MET} AS met {_FROM} WHERE i.id IN ({came})"
        f" ORDER BY i.number LIMIT 1000) AS c"
    )
    own = [] if subject.id is None else [subject.id]
    rows = await run_sql(sql, first, month.ends, *own, now, second)
    return Topics(
        fixed=tuple(_line(row, until=row["said_at"] or month.ends) for row in rows if row["kind"] == "fixed"),
        decisions=tuple(_line(row, until=now, times=row["met"]) for row in rows if row["kind"] == "decisions"),
        returned=_most_often([row for row in rows if row["kind"] == "returned"], back, month.ends),
    )


def _most_often(rows: Sequence[Any], back: dict[Any, int], ends: datetime) -> tuple[TopicLine, ...]:
    by_id = {str(id): times for id, times in back.items()}
    lines = [_line(row, until=ends, times=by_id.get(str(row["id"]), 0)) for row in rows]
    return tuple(sorted(lines, key=lambda line: (-line.times, line.number))[:MOST])


def _line(row: Any, *, until: Any, times: int = 0) -> TopicLine:
    lasted = moment(until) - moment(row["raised_at"])
    return TopicLine(
        id=row["id"] if isinstance(row["id"], UUID) else UUID(str(row["id"])), number=row["number"],
        title=row["title"], department=row["department"] or "", days=max(0, lasted.days), times=times,
    )  # fmt: skip
