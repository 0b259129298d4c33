"""The board without its rows: how many issues each turn holds, and the first of each.

The numbers come from the index of what is open, the first ones in the order of another; neither reads an issue that is
not shown. What asks something of its reader comes first in its turn (`pages/steps.asks` says the same of one issue).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct

from floorday.db import Engine, Statement, current, dialect, run_sql
from floorday.issues import clocks
from floorday.issues.queries import asked, kept, tallies
from floorday.issues.queries.asked import Condition
from floorday.issues.queries.kept import Shown
from floorday.issues.queries.rows import Filters, TeamRow
from floorday.issues.rules import Turn
from floorday.people.access import DEPARTMENT_ROLES, Actor, Role

TURNS = (Turn.NEEDS_OWNER, Turn.BEING_FIXED, Turn.NEEDS_DECISION, Turn.TELL_FLOOR)
QUIET_TURNS = (Turn.BEING_FIXED, Turn.NEEDS_DECISION)
AWAKE = Condition("i.snoozed_until IS NULL")
EVERY = Condition("1 = 1")

class Lane(Struct):
    """One turn: how many issues are awake in it, how many of these are quiet, when the oldest was raised.

    Its first cards, those that ask something of the reader before all others, are among `shown`.
    """

    count: int = 0
    quiet: int = 0
    oldest: datetime | None = None
    shown: list[Shown] = []


class Board(Struct):
    """Numbers of the whole (`open` holds those that sleep), and a lane for each turn of the view.

    `beside` are the issues that other selections have found, each in its own order.
    """

    open: int
    asleep: int
    mine: int
    quiet: int
    lanes: dict[Turn, Lane]
    beside: list[list[Shown]] = []


class Places(Struct, frozen=True):
    """What stands beside issues in every list: teams and departments that are not closed, and the charters of all."""

    names: int
    teams: list[TeamRow]
    departments: dict[UUID, str]
    silences: dict[int, list[UUID]]
    """How many working days a department may leave an issue without a word, where that is not the usual time."""
    said: dict[UUID, str] = {}
    """The words of statements and the names of measures; one that has come since is not there."""
    made: dict[str, Any] = {}
    """What pages have made of them."""


_places: WeakKeyDictionary[Engine, Places] = WeakKeyDictionary()


async def places(names: int | None = None) -> Places:
    """Give the places as they are; whoever has just read issues knows the number of `names`, and need not ask."""
    known = _places.get(current())
    if known is not None and names == known.names:
        return known
    if known is not None:
        now = await run_sql("SELECT value FROM counter WHERE name = 'names'")
        if now[0]["value"] == known.names:
            return known
    return await _read_places()


async def _read_places() -> Places:
    # In one statement, so that nothing is older than its number.
    found = await run_sql(
        "SELECT d.id, d.name, d.word_days, d.closed_at, NULL AS zone, c.value AS names, 'department' AS what"
        " FROM counter c LEFT JOIN department d ON 1 = 1 WHERE c.name = 'names' UNION ALL"
        " SELECT t.id, t.name, NULL, NULL, t.zone, c.value, 'team' FROM counter c JOIN team t ON t.closed_at IS NULL"
        " WHERE c.name = 'names' UNION ALL SELECT s.id, s.text, NULL, NULL, NULL, c.value, 'said' FROM counter c"
        " JOIN (SELECT id, text FROM statement UNION ALL SELECT id, name FROM measure) s ON 1 = 1"
        " WHERE c.name = 'names' ORDER BY 2, 1"
    )
    departments = [row for row in found if row["what"] == "department"]
    silences: dict[int, list[UUID]] = defaultdict(list)
    for row in departments:
        allowed = row["word_days"] or clocks.WORD_DAYS
        if row["id"] is not None and allowed != clocks.WORD_DAYS:
            silences[allowed].append(row["id"])
    fresh = Places(
        names=found[0]["names"], silences=dict(silences),
        teams=[TeamRow(id=row["id"], name=row["name"], zone=row["zone"]) for row in found if row["what"] == "team"],
        said={msgspec.convert(row["id"], UUID): row["name"] for row in found if row["what"] == "said"},
        departments={row["id"]: row["name"] for row in departments if row["id"] and row["closed_at"] is None},
    )  # fmt: skip
    if current().mine() is None:
        _places[current()] = fresh
    return fresh


async def board(
    actor: Actor, filters: Filters, view: str, *, now: datetime, today: date, cards: int,
    beside: Callable[[Places], Sequence[Condition]] | None = None,
) -> tuple[Board, Places]:  # fmt: skip
    """Count what is open as far as a reader may see it, and give the first cards of each turn, and the places.

    The view is `open`, `mine` or `quiet`: of which the lanes are. Without `cards` there are only numbers. What stands
    `beside` the lanes (selections of `kept.KEY`) is found in the same statement.
    """
    where = asked.asked(actor, filters)
    known = _places.get(current()) or await _read_places()
    groups = await _counted(actor, filters, where, known, now)
    if not groups:
        known = await places()
    elif groups[0]["names"] != known.names:
        known = await _read_places()
        groups = await _counted(actor, filters, where, known, now)
    # Whoever owns, sponsors or met an issue sees it, so that is not asked of each once more.
    mine = await _mine(actor, where if actor.has(Role.HEAD_OF_SERVICE) else asked.narrowed(actor, filters), groups)
    lanes = {turn: _lane(groups, turn, known) for turn in TURNS}
    found = Board(
        open=sum(group["n"] for group in groups), asleep=sum(group["n"] - group["awake"] for group in groups),
        mine=mine, quiet=sum(lane.quiet for lane in lanes.values()), lanes=lanes,
    )  # fmt: skip
    if view != "open":
        where &= _mine_or_asks(actor, today) if view == "mine" else quiet(known, now)
        groups = await _groups(where, known, now)
        found.lanes = {turn: _lane(groups, turn, known) for turn in TURNS}
    if cards:
        others = beside(known) if beside is not None else ()
        found.beside = await _fill(actor, found.lanes, where, others, today=today, cards=cards)
    return found, known


# --- numbers -----------------------------------------------------------------------------------------------------


async def _counted(
    actor: Actor, filters: Filters, where: Condition, known: Places, now: datetime
) -> list[dict[str, Any]]:  # fmt: skip
    """Count all that is open and seen, from indexes alone where that can be."""
    usual, special = tallies.moments(now, known.silences)
    apart = () if actor.has(Role.COORDINATOR) else sorted(actor.departments(*DEPARTMENT_ROLES))
    found = await tallies.groups(actor, filters, TURNS, QUIET_TURNS, usual=usual, special=special, apart=apart)
    return await _groups(where, known, now) if found is None else found


async def _groups(where: Condition, known: Places, now: datetime) -> list[dict[str, Any]]:
    """Count by turn and department: all, those awake, and of these (`quiet0` ...) those without a word for too long."""
    moments = [tallies.quiet_before(silence, now) for silence in (clocks.WORD_DAYS, *known.silences)]
    sums = ", ".join(
        f"SUM(CASE WHEN i.snoozed_until IS NULL AND i.last_word_at < {{}} THEN 1 ELSE 0 END) AS quiet{n}"
        for n in range(len(moments)))  # fmt: skip
    return await run_sql(
        "SELECT i.turn, i.department, COUNT(*) AS n, COUNT(*) - COUNT(i.snoozed_until) AS awake,"  # noqa: S608 - own
        f" (SELECT value FROM counter WHERE name = 'names') AS names, {sums}"
        f" FROM issue i WHERE {where.sql} GROUP BY i.turn, i.department",
        *moments, *where.args,
    )  # fmt: skip


def _lane(groups: Sequence[dict[str, Any]], turn: Turn, known: Places) -> Lane:
    which = {department: n for n, ids in enumerate(known.silences.values(), 1) for department in ids}
    lane = Lane()
    for group in groups:
        if group["turn"] == turn.value:
            lane.count += group["awake"]
            if turn in QUIET_TURNS:
                lane.quiet += group[f"quiet{which.get(group['department'], 0)}"]
    return lane


async def _mine(actor: Actor, where: Condition, groups: Iterable[dict[str, Any]]) -> int:
    """Count what is somebody's own and what asks something of them; whole groups that ask are counted already."""
    ask = [group for group in groups if _asks_owner(actor, group)]
    rest = where & either_mine(actor) & _not_counted(actor)
    # Which of hundreds of issues are open, a small index of these tells; SQLite would read each issue.
    source = "issue i INDEXED BY issue_open_id" if dialect() == "sqlite" else "issue i"
    rows = await run_sql(f"SELECT COUNT(*) AS n FROM {source} WHERE {rest.sql}", *rest.args)  # noqa: S608 - own words
    return sum(group["awake"] for group in ask) + rows[0]["n"]


def _asks_owner(actor: Actor, group: dict[str, Any]) -> bool:
    if group["turn"] != Turn.NEEDS_OWNER.value:
        return False
    return actor.has(Role.COORDINATOR) or group["department"] in actor.departments(*DEPARTMENT_ROLES)


def _not_counted(actor: Actor) -> Condition:
    """Leave out what `_asks_owner` counts."""
    if actor.has(Role.COORDINATOR):
        return Condition("NOT (i.turn = {} AND i.snoozed_until IS NULL)", (Turn.NEEDS_OWNER.value,))
    if departments := actor.departments(*DEPARTMENT_ROLES):
        theirs = asked.among("i.department", sorted(departments))
        return Condition(
            f"NOT (i.turn = {{}} AND i.snoozed_until IS NULL AND i.department IS NOT NULL AND {theirs.sql})",
            (Turn.NEEDS_OWNER.value, *theirs.args))
    return EVERY


def either_mine(actor: Actor) -> Condition:
    """Say that an issue is somebody's own, or waits for a decision that is theirs to take; by id, so by indexes."""
    me = actor.person
    ids = (
        "SELECT own.id FROM issue own WHERE own.owner = {} UNION ALL"  # noqa: S608 - own words
        " SELECT own.id FROM issue own WHERE own.sponsor = {} AND own.sponsor IS NOT NULL UNION ALL " + asked.MET
    )
    args: tuple[Any, ...] = (me, me, *asked.met_args(me))
    if actor.has(Role.HEAD_OF_SERVICE):
        ids += (
            " UNION ALL SELECT own.id FROM issue own"
            " WHERE own.turn = {} AND own.snoozed_until IS NULL AND own.sponsor IS NULL"
        )
        args += (Turn.NEEDS_DECISION.value,)
    return Condition(f"i.id IN ({ids})", args)


# --- views -------------------------------------------------------------------------------------------------------


def _mine_or_asks(actor: Actor, today: date) -> Condition:
    asking = [
        Condition(f"(i.turn = {{}} AND i.snoozed_until IS NULL AND {ask.sql})", (turn.value, *ask.args))
        for turn in TURNS if (ask := asks(actor, turn, today=today)) is not None
    ]  # fmt: skip
    return asked.either(either_mine(actor), *asking)


def quiet(known: Places, now: datetime) -> Condition:
    """Say that nobody has heard a word for longer than the department's charter allows."""
    usual = tallies.quiet_before(clocks.WORD_DAYS, now)
    special = [one for ids in known.silences.values() for one in ids]
    ways = [
        Condition("i.department IS NULL AND i.last_word_at < {}", (usual,)),
        *(asked.among("i.department", ids) & Condition("i.last_word_at < {}", (tallies.quiet_before(silence, now),))
          for silence, ids in known.silences.items()),
    ]  # fmt: skip
    others = asked.among("i.department", special)
    ways.append(Condition(f"NOT {others.sql}", others.args) & Condition("i.last_word_at < {}", (usual,)))
    return asked.among("i.turn", [turn.value for turn in QUIET_TURNS]) & AWAKE & asked.either(*ways)


# --- cards -------------------------------------------------------------------------------------------------------


def asks(actor: Actor, turn: Turn, *, today: date) -> Condition | None:
    """Say that an issue of this turn, awake, asks something of its reader; None where none does, or every one."""
    me = actor.person
    match turn:
        case Turn.NEEDS_OWNER if actor.has(Role.COORDINATOR):
            return EVERY
        case Turn.NEEDS_OWNER if actor.has(*DEPARTMENT_ROLES):
            theirs = asked.among("i.department", sorted(actor.departments(*DEPARTMENT_ROLES)))
            return asked.either(theirs, Condition("i.owner = {}", (me,)))
        case Turn.BEING_FIXED:
            return Condition("i.owner = {} AND (i.promised_for IS NULL OR i.promised_for < {})", (me, today))
        case Turn.NEEDS_DECISION if actor.has(Role.HEAD_OF_SERVICE):
            return Condition("(i.sponsor IS NULL OR i.sponsor = {})", (me,))
        case Turn.NEEDS_DECISION if actor.has(Role.MANAGER):
            return Condition("i.sponsor = {}", (me,))
        case Turn.TELL_FLOOR:
            return Condition(
                f"(i.resolved_by IS NULL OR i.resolved_by <> {{}}) AND i.id IN ({asked.MET})",
                (me, *asked.met_args(me)))
        case _:
            return None


async def _fill(
    actor: Actor, lanes: dict[Turn, Lane], where: Condition, others: Sequence[Condition], *, today: date, cards: int
) -> list[list[Shown]]:  # fmt: skip
    """Give each lane, in one statement, what its first cards are among: the oldest, and the oldest that ask.

    Returns what the other selections of the same statement have found.
    """
    beside: list[list[Shown]] = [[] for _ in others]
    parts: list[Condition] = []
    for turn, lane in lanes.items():
        if not lane.count:
            continue
        here = Condition("i.turn = {}", (turn.value,)) & AWAKE & where
        ask = asks(actor, turn, today=today)
        # Of twice as many, enough are left when those that ask have gone before; fewer are all there are.
        parts.append(_first(here, 2 * cards))
        if ask is not None and ask != EVERY and lane.count > 2 * cards:
            # An order that no index gives: few issues are somebody's own, and they are found by other indexes.
            parts.append(_first(here & ask, cards, order="COALESCE(i.raised_at, i.changed_at), i.number"))
    if not parts:
        return beside
    selections = [(0, part) for part in parts] + [*enumerate(others, 1)]
    statement = Statement(" UNION ALL ".join(
        f"SELECT one.*, {mark} AS mark FROM ({part.sql}) AS one" for mark, part in selections))  # noqa: S608 - own
    taken: set[int] = set()
    for mark, one in await kept.marked(actor, statement, tuple(arg for _, part in selections for arg in part.args)):
        if mark:
            beside[mark - 1].append(one)
            continue
        lane = lanes[one.row.turn]
        if one.row.number not in taken:
            taken.add(one.row.number)
            lane.shown.append(one)
            raised = one.row.raised_at
            lane.oldest = raised if lane.oldest is None else min(lane.oldest, raised)
    return beside


def _first(where: Condition, limit: int, *, order: str = "i.raised_at, i.number") -> Condition:
    return Condition(
        f"SELECT {kept.KEY} FROM issue i WHERE {where.sql} ORDER BY {order} LIMIT {{}}",  # noqa: S608 - own words
        (*where.args, limit))
