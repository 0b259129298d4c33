"""What the clocks ask of the issues, and what they have already told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.db import BATCH, batches, run_sql
from floorday.issues.clocks import ASKED_AGAIN_AFTER, Charter, Facts
from floorday.issues.queries.asked import among
from floorday.issues.queries.listed import uuid_of
from floorday.issues.rules import Ending, Resolution, Stage, Turn
from floorday.people.access import Role

WORD = "word"
"""The purpose of the links by which a word is given: one reader's alone, `word.<person>`."""

SHORTEST = timedelta(days=1)
"""No charter asks for a word sooner."""

LATEST = timedelta(days=90)
"""What was fixed longer ago than this is not asked about any more, however long nobody looked at the clock."""

ASKED = """
SELECT i.number, i.id, i.title, i.version, i.turn, i.ending, i.last_word_at, i.snoozed_until, i.watched_from,
       i.promised_for, i.resolution, i.resolved_at, i.round, i.department,
       CASE WHEN o.left_at IS NULL THEN i.owner END AS owner, CASE WHEN s.left_at IS NULL THEN i.sponsor END AS sponsor,
       d.acknowledge_days, d.word_days, d.fix_days, d.name AS department_name
  FROM issue i
  LEFT JOIN department d ON d.id = i.department
  LEFT JOIN person o ON o.id = i.owner
  LEFT JOIN person s ON s.id = i.sponsor
"""
OPEN = f"""{ASKED}
 WHERE i.number > {{}} AND i.turn <> '{Turn.CLOSED}' AND (i.snoozed_until IS NULL OR i.snoozed_until <= {{}})
   AND (i.last_word_at <= {{}} OR i.promised_for IS NOT NULL OR i.turn = '{Turn.NEEDS_DECISION}')
 ORDER BY i.number LIMIT {{}}
"""
FIXED_HERE = f"""{ASKED}
 WHERE i.number > {{}} AND i.turn = '{Turn.CLOSED}' AND i.ending IN ('{Ending.CONFIRMED}', '{Ending.UNCONFIRMED}')
   AND i.resolution = '{Resolution.HERE}' AND i.resolved_at <= {{}} AND i.resolved_at > {{}}
 ORDER BY i.number LIMIT {{}}
"""


class Watched(Struct, frozen=True, kw_only=True):
    """An issue as a clock looks at it, with the version that it read and what a letter says of it."""

    number: int
    title: str
    version: int
    promised_for: date | None
    department: str
    facts: Facts


class Told(Struct, frozen=True, kw_only=True):
    """What a clock has told somebody about an issue."""

    deed: str
    rung: str
    at: datetime
    name: str
    left_before: bool


async def watched(*, now: datetime, zone: str) -> AsyncGenerator[list[Watched]]:
    """Give, by number and in batches, the issues to which time may have done something."""
    ladder = await _ladders()
    today = now.astimezone(ZoneInfo(zone)).date()
    for sql, args in (
        (OPEN, (today, now - SHORTEST)),
        (FIXED_HERE, (now - ASKED_AGAIN_AFTER, now - LATEST)),
    ):
        async def read(last: dict[str, Any] | None, sql: str = sql, args: tuple[Any, ...] = args) -> list[Any]:
            return await run_sql(sql, last["number"] if last else 0, *args, BATCH)

        async for rows in batches(read):
            yield await _with_deeds(rows, ladder, zone)


class _Ladders(Struct, frozen=True):
    heads: dict[UUID, tuple[UUID, ...]]
    service: tuple[UUID, ...]
    coordinators: tuple[UUID, ...]


async def _ladders() -> _Ladders:
    """Say who stands on the rungs that are the same for many issues; whoever has left stands on none."""
    rows = await run_sql(
        "SELECT g.person, g.role, g.department FROM grants g JOIN person p ON p.id = g.person"
        " WHERE p.left_at IS NULL AND g.role IN ({}, {}, {}) ORDER BY p.name, p.id",
        Role.HEAD_OF_DEPARTMENT.value, Role.HEAD_OF_SERVICE.value, Role.COORDINATOR.value,
    )  # fmt: skip
    heads: dict[UUID, tuple[UUID, ...]] = defaultdict(tuple)
    others: dict[str, tuple[UUID, ...]] = defaultdict(tuple)
    for row in rows:
        if row["department"] is not None and row["role"] == Role.HEAD_OF_DEPARTMENT.value:
            heads[row["department"]] += (row["person"],)
        else:
            others[row["role"]] += (row["person"],)
    return _Ladders(dict(heads), others[Role.HEAD_OF_SERVICE.value], others[Role.COORDINATOR.value])


async def _with_deeds(rows: list[dict[str, Any]], ladders: _Ladders, zone: str) -> list[Watched]:
    ids = [row["id"] for row in rows]
    here = among("issue", ids)
    done: dict[UUID, dict[str, date]] = defaultdict(dict)
    for row in await run_sql(f"SELECT issue, key, at FROM clock_deed WHERE {here.sql}", *here.args):  # noqa: S608
        done[row["issue"]][row["key"]] = row["at"].astimezone(ZoneInfo(zone)).date()
    said: dict[tuple[UUID, str, date | None], datetime] = {}
    for row in await run_sql(
        f"SELECT issue, what, for_date, at FROM issue_event WHERE {here.sql}"  # noqa: S608 - own words
        " AND what IN ('promised', 'asked') ORDER BY at", *here.args,
    ):  # fmt: skip
        said[row["issue"], row["what"], row["for_date"]] = row["at"]
    return [
        Watched(
            number=row["number"], title=row["title"], version=row["version"], promised_for=row["promised_for"],
            department=row["department_name"] or "",
            facts=Facts(
                id=row["id"], stage=Stage.of(Turn(row["turn"]), Ending(row["ending"])),
                last_word_at=row["last_word_at"], snoozed_until=row["snoozed_until"],
                watched_from=row["watched_from"],
                charter=Charter(**{name: row[name] or 0 for name in Charter.__struct_fields__}),
                promised_for=row["promised_for"], promised_at=said.get((row["id"], "promised", row["promised_for"])),
                asked_at=said.get((row["id"], "asked", None)), resolution=row["resolution"],
                resolved_at=row["resolved_at"], round=row["round"], owner=uuid_of(row["owner"]),
                heads=ladders.heads.get(row["department"], ()), sponsor=uuid_of(row["sponsor"]),
                service=ladders.service, coordinators=ladders.coordinators, done=done[row["id"]],
            ),
        )
        for row in rows
    ]  # fmt: skip


async def is_new_morning(day: date) -> bool:
    """Say whether the clocks have not been asked on a day yet, or not to the end."""
    rows = await run_sql("SELECT value FROM counter WHERE name = 'mornings'")
    return rows[0]["value"] < day.toordinal()


async def unchanged(read: Collection[Watched]) -> set[UUID]:
    """Say which issues still stand as they were read; inside the transaction that acts on them."""
    versions = {one.facts.id: one.version for one in read}
    here = among("id", list(versions))
    rows = await run_sql(f"SELECT id, version FROM issue WHERE {here.sql}", *here.args)  # noqa: S608 - own words
    return {row["id"] for row in rows if versions[row["id"]] == row["version"]}


async def heard_verdicts(issue: UUID, round_: int) -> set[UUID]:
    """Say who has given a verdict on a resolution already."""
    rows = await run_sql(
        "SELECT e.reporter FROM issue_event e JOIN issue w ON w.id = e.issue WHERE (w.id = {} OR w.joined_into = {})"
        " AND e.what = 'verdict' AND e.round = {} AND e.reporter IS NOT NULL", issue, issue, round_)
    return {row["reporter"] for row in rows}


async def told_by_clock(issue: UUID) -> list[Told]:
    """List what clocks have told whom about an issue, newest first."""
    rows = await run_sql(
        "SELECT c.deed, c.rung, c.at, c.left_before, p.name FROM clock_deed c JOIN person p ON p.id = c.person"
        " WHERE c.issue = {} ORDER BY c.at DESC, p.name LIMIT 100", issue)
    return [Told(**row) for row in rows]

