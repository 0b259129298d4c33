"""What nobody has taken yet: the queue of those who give what was raised its place.

For a coordinator that is what no department has, for a team's lead the same of the own team, for a department what was
handed to it and has no owner. What sleeps is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Literal
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct

from floorday.db import Engine, current, run_sql
from floorday.issues.queries import asked, suggestions
from floorday.issues.queries.asked import OPEN, Condition
from floorday.issues.queries.listed import ISSUES, as_seen, counted, uuid_of
from floorday.issues.queries.rows import IssueRow
from floorday.issues.queries.suggestions import Said
from floorday.issues.rules import Ending, Kind, Stage, Stream, Turn
from floorday.people.access import DEPARTMENT_ROLES, Act, Actor, Role, Scope, What, can, visible

PAGE = 50
FRESH = 10.0
"""For so many seconds the number beside the place in the frame holds; the queue's own page counts by itself."""
MOST_KEPT = 1000
NONE = Condition("1 = 0")
AGES = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
"""`day` is what was raised within it, `week` and `month` what has waited for longer."""


class Asks(Struct, frozen=True, kw_only=True):
    """What the queue is narrowed to. `handed` is what departments have that have not named an owner yet."""

    handed: bool = False
    newest: bool = False
    team: UUID | None = None
    kind: Kind | None = None
    stream: Stream | None = None
    age: Literal["", "day", "week", "month"] = ""


class Waiting(Struct, frozen=True, kw_only=True):
    """A line of the queue; `place` counts from 1."""

    id: UUID
    number: int
    title: str
    kind: Kind
    team_name: str
    department_name: str | None
    raised_at: datetime
    restricted: bool
    stream: Stream | None
    met_by: int
    place: int


class Counts(Struct, frozen=True):
    """How many wait for a place, how many with a department that has named nobody, how much leads suggest to join."""

    waiting: int = 0
    handed: int = 0
    suggested: int = 0


class Queue(Struct, frozen=True):
    """A page of the queue, with its neighbours; `total` counts what the filters leave, `start` what comes before."""

    lines: list[Waiting]
    total: int
    start: int
    counts: Counts
    before: Waiting | None = None
    after: Waiting | None = None

    def around(self, number: int | None) -> tuple[Waiting | None, Waiting | None, Waiting | None]:
        """Find a line with the one before and the one after it; the first where it is not here."""
        every = [*([self.before] if self.before else []), *self.lines, *([self.after] if self.after else [])]
        shown = {line.number for line in self.lines}
        found = next((n for n, line in enumerate(every) if line.number == number and number in shown), None)
        if found is None:
            if not self.lines:
                return None, None, None
            found = every.index(self.lines[0])
        return (every[found - 1] if found else None, every[found], every[found + 1] if found + 1 < len(every) else None)


class Option(Struct, frozen=True):
    """A team, a department, or somebody who may own what is a department's."""

    what: Literal["team", "department", "fixer"]
    id: UUID
    name: str
    person: UUID | None = None
    person_name: str = ""
    email: str = ""


class LastPlaced(Struct, frozen=True):
    """The newest issue that has its place."""

    id: UUID
    number: int
    title: str
    stage: Stage
    owner_name: str | None
    department_name: str | None


def waits(row: IssueRow, actor: Actor) -> bool:
    """Say whether an issue waits for this reader, in either of the two views."""
    return (row.whole and row.turn is Turn.NEEDS_OWNER and row.snoozed_until is None
            and can(actor, Act.TRIAGE, row.thing()))  # fmt: skip


def _queue(actor: Actor, *, handed: bool) -> Condition:
    scope = visible(actor, What.TRIAGE)
    free, taken = Condition("i.department IS NULL"), Condition("i.department IS NOT NULL")
    own = asked.among("i.department", sorted(scope.departments)) if scope.departments else None
    leads = asked.among("i.team", sorted(scope.teams)) if scope.teams else None
    rest = free if not handed else taken if own is None else taken & Condition(f"NOT {own.sql}", own.args)
    ways: list[Condition] = []
    if own is not None and not handed:
        ways.append(own)
    if scope.all:
        ways.append(rest)
    elif leads is not None:
        ways.append(Condition(f"({(rest & leads).sql})", (rest & leads).args))
    awake = Condition(f"{OPEN} AND i.turn = {{}} AND i.snoozed_until IS NULL", (Turn.NEEDS_OWNER.value,))
    return awake & (asked.either(*ways) if ways else NONE)


def _narrowed(actor: Actor, asks: Asks, now: datetime) -> Condition:
    where = _queue(actor, handed=asks.handed)
    if asks.team is not None:
        where &= Condition("i.team = {}", (asks.team,))
    if asks.kind is not None:
        where &= Condition("i.kind = {}", (asks.kind.value,))
    if asks.stream is not None:
        where &= Condition(
            "EXISTS (SELECT 1 FROM note n WHERE n.issue = i.id AND n.stream = {} AND n.withdrawn_at IS NULL)",
            (asks.stream.value,))
    if asks.age:
        where &= Condition(f"i.raised_at {'>=' if asks.age == 'day' else '<'} {{}}", (now - AGES[asks.age],))
    return where


def _counts(actor: Actor) -> Condition:
    one, other, said = _queue(actor, handed=False), _queue(actor, handed=True), suggestions.theirs(actor)
    return Condition(
        f"(SELECT COUNT(*) FROM issue i WHERE {one.sql}) AS waiting,"  # noqa: S608 - own words
        f" (SELECT COUNT(*) FROM issue i WHERE {other.sql}) AS handed,"
        f" (SELECT COUNT(*) FROM join_suggestion s JOIN issue a ON a.id = s.issue WHERE s.outcome = '' AND {said.sql})"
        " AS suggested", one.args + other.args + said.args)


async def counts(actor: Actor) -> Counts:
    """Count what waits for somebody; an index alone tells."""
    if not can(actor, Act.TRIAGE):
        return Counts()
    wanted = _counts(actor)
    return msgspec.convert((await run_sql(f"SELECT {wanted.sql}", *wanted.args))[0], Counts)


_counted: WeakKeyDictionary[Engine, dict[Scope, tuple[float, Counts]]] = WeakKeyDictionary()


async def look(actor: Actor) -> None:
    """Count again what waits for somebody, where that is longer ago than `FRESH` in this process."""
    if not can(actor, Act.TRIAGE):
        return
    kept = _counted.get(current(), {}).get(visible(actor, What.TRIAGE))
    if kept is None or monotonic() - kept[0] > FRESH:
        _keep(actor, await counts(actor))


async def recount(actor: Actor) -> None:
    """Count again, after somebody has changed how many wait."""
    _keep(actor, await counts(actor))


def known(actor: Actor) -> int | None:
    """Give how many wait for somebody, as it was counted last; nothing where that is none."""
    kept = _counted.get(current(), {}).get(visible(actor, What.TRIAGE))
    return (kept[1].waiting or None) if kept else None


def _keep(actor: Actor, found: Counts) -> Counts:
    every = _counted.setdefault(current(), {})
    if len(every) >= MOST_KEPT:
        every.clear()
    every[visible(actor, What.TRIAGE)] = (monotonic(), found)
    return found


async def queue(actor: Actor, asks: Asks, *, at: int | None = None, page: int = 1, now: datetime) -> Queue:
    """Read the page of the queue on which an issue (by its number) stands, else one by its place, in one query."""
    where, numbers = _narrowed(actor, asks, now), _counts(actor)
    order = "i.raised_at DESC, i.number DESC" if asks.newest else "i.raised_at, i.number"
    met = "n.issue IN (SELECT w.id FROM issue w WHERE w.id = i.id OR w.joined_into = i.id) AND n.withdrawn_at IS NULL"
    rows = await run_sql(
        "WITH q AS (SELECT i.id AS id, i.number AS number,"  # noqa: S608 - own words
        f" ROW_NUMBER() OVER (ORDER BY {order}) AS place FROM issue i WHERE {where.sql}),"
        " p AS (SELECT (COALESCE((SELECT place FROM q WHERE number = {}), {}) - 1) / {} * {} AS start)"
        f" SELECT q.place, p.start, (SELECT COUNT(*) FROM q) AS total, {numbers.sql}, i.id, i.number, i.title, i.kind,"
        " i.raised_at, i.restricted, t.name AS team_name, d.name AS department_name,"
        f" (SELECT n.stream FROM note n WHERE {met} ORDER BY n.at, n.id LIMIT 1) AS stream,"
        " (SELECT COUNT(DISTINCT n.reporter) + COALESCE(SUM(CASE WHEN n.reporter IS NULL THEN 1 ELSE 0 END), 0)"
        f" FROM note n WHERE {met}) AS met_by"
        " FROM q JOIN p ON 1 = 1 JOIN issue i ON i.id = q.id JOIN team t ON t.id = i.team"
        " LEFT JOIN department d ON d.id = i.department"
        " WHERE q.place >= p.start AND q.place <= p.start + {} ORDER BY q.place",
        *where.args, at if at is not None else 0, (page - 1) * PAGE + 1, PAGE, PAGE, *numbers.args, PAGE + 1,
    )  # fmt: skip
    if not rows:
        return Queue([], 0, 0, _keep(actor, await counts(actor)))
    every = msgspec.convert(rows, list[Waiting])
    start = int(rows[0]["start"])
    lines = [line for line in every if start < line.place <= start + PAGE]
    return Queue(
        lines, int(rows[0]["total"]), start, _keep(actor, msgspec.convert(rows[0], Counts)),
        before=next((line for line in every if line.place == start), None),
        after=next((line for line in every if line.place == start + PAGE + 1), None),
    )  # fmt: skip


async def numbers(actor: Actor, asks: Asks, *, most: int, now: datetime) -> tuple[list[int], int]:
    """Give the numbers of what waits, in the order of the list, at most so many, and how many there are."""
    where = _narrowed(actor, asks, now)
    order = "i.raised_at DESC, i.number DESC" if asks.newest else "i.raised_at, i.number"
    rows = await run_sql(
        f"SELECT i.number, COUNT(*) OVER () AS total FROM issue i WHERE {where.sql} ORDER BY {order} LIMIT {{}}",  # noqa: S608
        *where.args, most)
    return [row["number"] for row in rows], rows[0]["total"] if rows else 0


_OPTIONS = (
    "SELECT 'fixer' AS what, d.id AS id, d.name AS name, p.id AS person, p.name AS person_name, p.email AS email{0}"
    " FROM grants g JOIN person p ON p.id = g.person JOIN department d ON d.id = g.department"
    " WHERE g.role IN ({{}}, {{}}) AND p.left_at IS NULL AND d.closed_at IS NULL"
    " UNION SELECT 'department', d.id, d.name, NULL, '', ''{0} FROM department d WHERE d.closed_at IS NULL"
    " UNION SELECT 'team', t.id, t.name, NULL, '', ''{0} FROM team t WHERE t.closed_at IS NULL"
)
_FIXERS = (Role.OWNER.value, Role.HEAD_OF_DEPARTMENT.value)
_UNSAID = ", CAST(NULL AS INTEGER) AS other, CAST(NULL AS TIMESTAMPTZ) AS at, CAST(NULL AS TEXT) AS zone"


async def options() -> list[Option]:
    """List teams, departments, and who may own what is a department's, in one query."""
    return _options(await run_sql(f"{_OPTIONS.format('')} ORDER BY 3, 1, 5, 6", *_FIXERS))


async def beside(actor: Actor, issue: UUID) -> tuple[list[Option], list[Said]]:
    """Give the options, and what leads say that an issue is the same as, in one query."""
    said = suggestions.said_of(actor, issue)
    rows = await run_sql(
        f"SELECT * FROM ({_OPTIONS.format(_UNSAID)}"  # noqa: S608 - own words
        " UNION SELECT 'said', NULL, u.team_name, NULL, u.by_name, u.word, u.other, u.at, u.team_zone"
        f" FROM ({said.sql}) AS u) AS every ORDER BY 3, 1, 5, 6, 8", *_FIXERS, *said.args)
    return _options([row for row in rows if row["what"] != "said"]), [
        msgspec.convert({"other": row["other"], "by_name": row["person_name"], "team_name": row["name"],
                         "team_zone": row["zone"], "at": row["at"], "word": row["email"]}, Said)
        for row in rows if row["what"] == "said"
    ]  # fmt: skip


def _options(rows: list[dict[str, Any]]) -> list[Option]:
    return msgspec.convert([{**row, "person": uuid_of(row["person"])} for row in rows], list[Option])


async def last_placed(actor: Actor) -> LastPlaced | None:
    """Find the newest issue that has its place, of those that this reader might have placed."""
    scope = visible(actor, What.TRIAGE)
    ways = [asked.among(f"i.{column}", sorted(ids))
            for column, ids in (("team", scope.teams), ("department", scope.departments)) if ids]  # fmt: skip
    theirs = Condition("1 = 1") if scope.all else asked.either(*ways) if ways else NONE
    turns = [turn.value for turn in Turn if turn is not Turn.NEEDS_OWNER]
    each = " UNION ALL ".join(
        "SELECT * FROM (SELECT i.id, i.number, i.title, i.turn, i.ending, i.owner, i.department, i.raised_at"  # noqa: S608
        f" FROM issue i WHERE i.turn = {{}} AND {theirs.sql} ORDER BY i.raised_at DESC LIMIT 1) AS one{n}"
        for n in range(len(turns)))  # fmt: skip
    rows = await run_sql(
        "SELECT i.id, i.number, i.title, i.turn, i.ending, o.name AS owner_name, d.name AS department_name"  # noqa: S608
        f" FROM ({each}) AS i LEFT JOIN person o ON o.id = i.owner LEFT JOIN department d ON d.id = i.department"
        " ORDER BY i.raised_at DESC, i.number DESC LIMIT 1",
        *(arg for turn in turns for arg in (turn, *theirs.args)))
    if not rows:
        return None
    row = rows[0]
    stage = Stage.of(Turn(row["turn"]), Ending(row["ending"]))
    return LastPlaced(UUID(str(row["id"])), row["number"], row["title"], stage, row["owner_name"],
                      row["department_name"])  # fmt: skip


async def several(
    actor: Actor, *, numbers: Sequence[int] = (), ids: Collection[UUID] = ()
) -> list[IssueRow]:  # fmt: skip
    """Find issues by their numbers or ids, as far as somebody may see them; what is hidden is left out."""
    if not numbers and not ids:
        return []
    wanted = asked.among("i.number", list(numbers)) if numbers else asked.among("i.id", list(ids))
    raw = await run_sql(f"{ISSUES} WHERE {wanted.sql}", *wanted.args)
    rows = [as_seen(row, actor) for row in await counted(raw) if can(actor, Act.SEE_FACE, row.thing())]
    place: dict[Any, int] = {one: n for n, one in enumerate(numbers or ids)}
    return sorted(rows, key=lambda row: place[row.number if numbers else row.id])


def theirs(options: Sequence[Option], actor: Actor) -> list[Option]:
    """Leave in the departments, and who may own what is theirs, to whom this reader may hand something."""
    own = actor.departments(*DEPARTMENT_ROLES)
    return [one for one in options if one.what != "team" and (actor.has(Role.COORDINATOR) or one.id in own)]
