"""Every read of newsletters: what may be told of a month, what was put together, who gets it."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import run_sql
from floorday.mail import wishes
from floorday.people.access import Role
from floorday.people.queries import Reader, readers
from floorday.people.tables import Grant, Person
from floorday.stories.rules import Months
from floorday.stories.tables import Newsletter


class Letter(Struct, frozen=True, kw_only=True):
    """A newsletter, with the names of who put it together and who sent it."""

    id: UUID
    month: str
    opening: str
    kept_by_name: str | None
    kept_at: datetime
    sent_by_name: str | None
    sent_at: datetime | None


class Tellable(Struct, frozen=True, kw_only=True):
    """A story that its hero lets the company read; `place` is None where it is not in the newsletter.

    `fixer`, `department` and `idea` say who fixed the issue in it and whose idea that was; "" where nobody may be
    named: a restricted issue, an idea without a name. `fixed_by` says it in the words of whoever told the story. All
    but the department are told only with `credit`.
    """

    id: UUID
    team: str
    hero: str
    text: str
    customer_words: str
    customer: str
    at: datetime
    place: int | None
    credit: bool
    fixer: str
    department: str
    idea: str
    fixed_by: str


_LETTER = (
    *Newsletter.all_columns(), Newsletter.kept_by._.name.as_alias("kept_by_name"),
    Newsletter.sent_by._.name.as_alias("sent_by_name"),
)  # fmt: skip


async def newsletter(month: str) -> Letter | None:
    """Find the newsletter of a month."""
    row = await Newsletter.select(*_LETTER).where(Newsletter.month == month).first()
    return msgspec.convert(row, Letter) if row else None


async def newsletters(*, before: str = "", limit: int = 60, kept: bool = False) -> list[Letter]:
    """List the newsletters that were sent, newest first; also those only `kept`, and only months `before` one."""
    found = Newsletter.select(*_LETTER).order_by(Newsletter.month, ascending=False).limit(limit)
    if not kept:
        found = found.where(Newsletter.sent_at.is_not_null())
    if before:
        found = found.where(Newsletter.month < before)
    return msgspec.convert(await found, list[Letter])


_TELLABLE = """
SELECT s.id, t.name AS team, COALESCE(p.name, s.hero_name) AS hero, s.text, s.customer_words, s.customer, s.at,
       m.place, COALESCE(m.credit, {}) AS credit, COALESCE(o.name, '') AS fixer, COALESCE(d.name, '') AS department,
       COALESCE((SELECT q.name FROM note k JOIN person q ON q.id = k.reporter WHERE k.issue = i.id AND k.idea <> ''
                    AND k.naming = 'named' AND k.restricted = {} AND k.withdrawn_at IS NULL
                    AND (s.idea_by IS NULL OR k.reporter = s.idea_by)
                  ORDER BY k.at, k.id LIMIT 1), '') AS idea,
       CASE WHEN s.issue IS NULL OR i.id IS NOT NULL THEN s.fixed_by ELSE '' END AS fixed_by
  FROM story s
  JOIN team t ON t.id = s.team
  LEFT JOIN person p ON p.id = s.hero
  LEFT JOIN issue i ON i.id = s.issue AND i.restricted = {}
  LEFT JOIN person o ON o.id = COALESCE(i.resolved_by, i.owner)
  LEFT JOIN department d ON d.id = i.department
  LEFT JOIN newsletter_story m ON m.story = s.id
  LEFT JOIN newsletter n ON n.id = m.newsletter
 WHERE s.withdrawn_at IS NULL AND s.consent = 'company'
"""


async def offered(months: Months) -> list[Tellable]:
    """List what may be told in a month's newsletter: its stories, and those of the month before told in none."""
    rows = await run_sql(
        f"{_TELLABLE} AND s.at >= {{}} AND s.at < {{}} AND (m.id IS NULL OR n.month = {{}})"
        " ORDER BY s.at, s.id LIMIT 100",
        False, False, False, months.since, months.until, months.month)
    return [_tellable(row) for row in rows]


async def told(month: str) -> list[Tellable]:
    """List what a newsletter tells, in its order: whatever may still be told of it."""
    rows = await run_sql(f"{_TELLABLE} AND n.month = {{}} ORDER BY m.place, s.id", False, False, False, month)
    return [_tellable(row) for row in rows]


def _tellable(row: dict[str, object]) -> Tellable:
    return msgspec.convert(row | {"credit": bool(row["credit"])}, Tellable, strict=False)


async def receivers() -> list[Reader]:
    """List who gets a newsletter: everybody with a role but those who only assist, without who wants none."""
    roles = [role.value for role in Role if role is not Role.ASSISTANT]
    taking_part = Grant.select(Grant.person).where(Grant.role.is_in(roles))
    unwilling = await wishes.unwilling(wishes.Kind.STORIES)
    return [one for one in await readers(Person.id.is_in(taking_part)) if one.id not in unwilling]
