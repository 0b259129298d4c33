"""Issues, one or many, as far as their reader may see them."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from floorday.db import run_sql
from floorday.errors import NotFound
from floorday.issues.queries import asked, gains
from floorday.issues.queries.rows import Back, Filters, IssueRow
from floorday.issues.rules import Effort
from floorday.issues.tables import Issue
from floorday.people.access import Act, Actor, What, can
from floorday.render.words import gettext as _

OWN = (
    "id", "number", "title", "kind", "team", "department", "owner", "sponsor", "day", "turn", "ending", "raised_at",
    "last_word_at", "promised_for", "question", "resolution", "done", "resolved_by", "resolved_at", "round", "picture",
    "measure", "asks", "asks_since",
    "snoozed_until", "joined_into", "minutes_per_case", "cases_per_month", "effort", "reputation", "restricted",
    "version", "changed_at", "external_id", "stamp", "tracked", "vendor", "vendor_since", "vendor_says", "vendor_date",
)  # fmt: skip
ISSUES = f"""
SELECT {", ".join(f"i.{name}" for name in OWN)},
       t.name AS team_name, t.zone AS team_zone, d.name AS department_name, d.word_days AS word_days,
       o.name AS owner_name, o.left_at AS owner_left_at, s.name AS sponsor_name, s.left_at AS sponsor_left_at,
       b.manager AS day_manager, v.name AS vendor_name, g.text AS picture_text, m.name AS measure_name
  FROM issue i
  JOIN team t ON t.id = i.team
  LEFT JOIN department d ON d.id = i.department
  LEFT JOIN person o ON o.id = i.owner
  LEFT JOIN person s ON s.id = i.sponsor
  LEFT JOIN booking b ON b.id = i.day
  LEFT JOIN vendor v ON v.id = i.vendor
  LEFT JOIN statement g ON g.id = i.picture
  LEFT JOIN measure m ON m.id = i.measure
"""  # noqa: S608 - own words
CLOSED_BEFORE = """
(SELECT MAX(x.at) FROM issue_event x WHERE x.issue = e.issue AND x.what IN ('resolved', 'declined') AND x.at < e.at)
"""
BACK_AT = "(SELECT k.name FROM team k WHERE k.id = e.other)"
"""Which team met again what line `e` says is back."""

MET = """
SELECT n.issue AS id, n.reporter, 0 AS back, NULL AS at, NULL AS since, NULL AS team_name
  FROM note n
 WHERE n.withdrawn_at IS NULL AND n.issue AMONG
UNION ALL
SELECT e.issue, e.reporter, 1, e.at, CLOSED_BEFORE, BACK_AT
  FROM issue_event e
 WHERE e.what = 'returned' AND e.issue AMONG
UNION ALL
SELECT p.joined_into, n.reporter, 0, NULL, NULL, NULL
  FROM issue p JOIN note n ON n.issue = p.id
 WHERE n.withdrawn_at IS NULL AND p.joined_into AMONG
UNION ALL
SELECT p.joined_into, e.reporter, 0, NULL, NULL, NULL
  FROM issue p JOIN issue_event e ON e.issue = p.id
 WHERE e.what = 'returned' AND e.reporter IS NOT NULL AND p.joined_into AMONG
""".replace("CLOSED_BEFORE", CLOSED_BEFORE).replace("BACK_AT", BACK_AT)
"""Who met issues or what is part of them, and what came back: four walks along indexes, each by the issues alone."""

NOBODY = frozenset[UUID]()

ORDERS = {
    "oldest": "i.raised_at, i.number", "newest": "i.raised_at DESC, i.number DESC",
    "quiet": "i.last_word_at, i.number", "number": "i.number", "hours": gains.MOST_HOURS,
}  # fmt: skip


async def issue(actor: Actor | None, issue_id: UUID) -> IssueRow:
    """Find an issue as somebody may see it; nobody (None) is the clock. Hidden is NotFound."""
    rows = await counted(await run_sql(f"{ISSUES} WHERE i.id = {{}}", issue_id))
    if not rows:
        raise NotFound(_("There is no such issue."))
    if actor is None:
        return rows[0]
    return as_seen(rows[0], actor)


async def by_number(actor: Actor, number: int) -> IssueRow:
    """Find an issue by the number that people say."""
    row = await Issue.select(Issue.id).where(Issue.number == number).first()
    if row is None:
        raise NotFound(_("There is no such issue."))
    return await issue(actor, row["id"])


async def board(actor: Actor, filters: Filters | None = None) -> list[IssueRow]:
    """List the issues that somebody may see, joined ones left out unless they are asked for."""
    wanted = filters or Filters()
    where = asked.asked(actor, wanted)
    raw = await run_sql(
        f"{ISSUES} WHERE {where.sql} ORDER BY {ORDERS[wanted.order]} LIMIT {{}}", *where.args, wanted.limit)
    return [as_seen(row, actor) for row in await counted(raw)]


def with_parts(ids: Collection[UUID]) -> Any:
    """Select issues and those joined into them; asked so, both databases go by their indexes instead of reading all."""
    wanted = list(ids)
    return Issue.select(Issue.id).where(Issue.id.is_in(wanted) | Issue.joined_into.is_in(wanted))


async def counted(raw: Sequence[dict[str, Any]]) -> list[IssueRow]:
    """Put beside each issue who met it, in one query whatever their number."""
    if not raw:
        return []
    ids = [row["id"] for row in raw]
    wanted = asked.among("", ids)
    persons: dict[UUID, set[UUID]] = defaultdict(set)
    unnamed: dict[UUID, int] = defaultdict(int)
    backs: dict[UUID, list[Back]] = defaultdict(list)
    for row in await run_sql(MET.replace("AMONG", wanted.sql), *wanted.args * 4):
        one, reporter = uuid_of(row["id"]), uuid_of(row["reporter"])
        assert one is not None
        if row["back"]:
            backs[one].append(_back(row))
        if reporter is not None:
            persons[one].add(reporter)
        elif not row["back"]:  # an anonymous one that came back is counted by the note
            unnamed[one] += 1
    return [
        structs.replace(
            row, met_by=len(persons[row.id]) + unnamed[row.id], reporters=frozenset(persons[row.id]),
            backs=tuple(sorted(backs[row.id], key=lambda one: one.at)) if row.id in backs else (),
        )
        for row in msgspec.convert(raw, list[IssueRow])
    ]


def _back(row: dict[str, Any]) -> Back:
    at = msgspec.convert(row["at"], datetime)
    since = msgspec.convert(row["since"], datetime | None)
    return Back(at, days_between(since, at), row["team_name"] or "")


def days_between(since: datetime | None, at: datetime) -> int | None:
    """Say how many days lie between the end of an issue, where one stood, and its coming back."""
    return None if since is None else max((at - since).days, 0)


def uuid_of(value: Any) -> UUID | None:
    """Read an id that may have come as text."""
    return value if value is None or isinstance(value, UUID) else msgspec.convert(value, UUID)


def as_seen(row: IssueRow, actor: Actor) -> IssueRow:
    """Leave out what is not for this reader; hidden is NotFound."""
    thing = row.thing()
    if not can(actor, Act.SEE_FACE, thing):
        raise NotFound(_("There is no such issue."))
    row = structs.replace(
        row, i_reported=actor.person in row.reporters, i_own=row.owner == actor.person,
        i_sponsor=row.sponsor == actor.person,
    )  # fmt: skip
    return row if can(actor, Act.SEE_ISSUE, thing) else face(row)


def face(row: IssueRow) -> IssueRow:
    """Leave out what is for those alone who see an issue whole."""
    return structs.replace(
        row, whole=False, team=None, team_name="", team_zone="", owner=None, owner_name=None, sponsor=None,
        sponsor_name=None, day=None, day_manager=None, picture=None, picture_text=None, question="", done="",
        resolved_by=None,
        reporters=NOBODY, restricted=False, minutes_per_case=None, cases_per_month=None,
        effort=Effort.UNKNOWN, reputation=None, backs=(), external_id=None, asks=None, asks_since=None,
        tracked="",
        vendor=None, vendor_name=None, vendor_since=None, vendor_says="", vendor_date=None,
    )  # fmt: skip


def seen_whole(actor: Actor) -> asked.Condition | None:
    """Say that somebody sees everything of an issue `i`; None for those who see everything of every one."""
    return asked.seen(actor, What.ISSUES)
