"""What lists show of an issue, kept in this process as long as it holds.

A list asks the database which issues there are to show, each with `version` and `stamp`, and with one number for every
name that stands in a list. Whatever these three say is still so is taken from here; the rest is read. The database
raises one of them with every change, whoever makes it (`issues/tables.py`), so nothing here is ever too old, in however
many processes; what a reader may see is decided anew for each request. At most `MOST` issues are kept, those that were
shown last.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from msgspec import structs

from floorday.db import Engine, Statement, current, run_sql
from floorday.issues.queries import asked
from floorday.issues.queries.listed import ISSUES, ORDERS, counted, face
from floorday.issues.queries.rows import Filters, IssueRow
from floorday.people.access import Act, Actor, Scope, What, can, visible

MOST = 2500
MOST_MADE = 8
MOST_SAME = 5000
TRIES = 3
FEW = 8
"""So many numbers are looked through as fast as looked up, in a third of the room."""

WHOLE, REPORTED, OWN, SPONSORS = 1, 2, 4, 8
"""How a reader sees an issue, and what it is to them."""

SHARED = (
    "team", "team_name", "team_zone", "department", "department_name", "owner", "owner_name", "sponsor", "sponsor_name",
    "day_manager", "resolved_by", "vendor", "vendor_name", "picture", "picture_text", "measure", "measure_name",
)  # fmt: skip
"""What stands in the rows of many issues."""

T = TypeVar("T")
Key = tuple[int, int, int]
"""An issue's `version` and `stamp`, and the number of names."""

KEY = "i.number, i.version, i.stamp, (SELECT value FROM counter WHERE name = 'names') AS names"
"""What a list of issues `i` selects."""


class Shown:
    """An issue as some readers see it, and what was made of that: JSON, a card. `names` is as it was read."""

    __slots__ = ("made", "names", "row")

    def __init__(self, row: IssueRow, names: int = -1) -> None:
        self.row = row
        self.names = names
        self.made: dict[Any, Any] = {}

    def once(self, what: Any, make: Callable[[IssueRow], T]) -> T:
        """Give what was made of it under this name, or make it; the name says all that it depends on but the row."""
        found = self.made.get(what)
        if found is None:
            found = self.keep(what, make(self.row))
        return found

    def keep(self, what: Any, made: T) -> T:
        """Keep what was made, or read, of it under this name."""
        if len(self.made) >= MOST_MADE:  # of other days, or languages
            self.made.clear()
        self.made[what] = made
        return made


class Kept:
    """An issue as nobody sees it, and as each kind of reader does."""

    __slots__ = ("faces", "involved", "key", "row")

    def __init__(self, key: Key, row: IssueRow) -> None:
        self.key = key
        self.row = row
        persons = row.reporters | {row.owner, row.sponsor, row.day_manager}
        involved = [person.int for person in persons if person is not None]
        self.involved = tuple(involved) if len(involved) <= FEW else frozenset(involved)
        self.faces: tuple[tuple[int, Shown], ...] = ()

    def to(self, actor: Actor, scope: Scope) -> Shown:
        """Give it as a reader sees it, whose scope lets it in."""
        row, who = self.row, actor.person
        if who.int in self.involved:
            how = WHOLE + REPORTED * (who in row.reporters) + OWN * (row.owner == who) + SPONSORS * (row.sponsor == who)
        else:
            how = WHOLE * (scope.all or row.team in scope.teams or row.department in scope.departments)
        for known, found in self.faces:
            if known == how:
                return found
        found = Shown(_as_seen(row, how), self.key[2])
        self.faces += ((how, found),)
        return found


def _as_seen(row: IssueRow, how: int) -> IssueRow:
    if how == WHOLE:
        return row
    if not how & WHOLE:
        return face(row)
    return structs.replace(
        row, i_reported=bool(how & REPORTED), i_own=bool(how & OWN), i_sponsor=bool(how & SPONSORS))  # fmt: skip


def _lean(row: IssueRow) -> IssueRow:
    """Let it hold ids and names that are held already; the same few teams, departments and persons stand in many."""
    if len(_same) > MOST_SAME:
        _same.clear()
    for name in SHARED:
        value = getattr(row, name)
        if value is not None:
            structs.force_setattr(row, name, _same.setdefault(value, value))
    structs.force_setattr(row, "reporters", frozenset([_same.setdefault(one, one) for one in row.reporters]))
    return row


_kept: WeakKeyDictionary[Engine, OrderedDict[int, Kept]] = WeakKeyDictionary()
_same: dict[Any, Any] = {}


def held() -> int:
    """Say how many issues are kept for the bound database."""
    return len(_kept.get(current(), ()))


async def shown(actor: Actor, filters: Filters) -> list[Shown]:
    """List the issues that somebody may see, as `board` does, but to be shown alone, not to be decided on."""
    where = asked.asked(actor, filters)
    sql = f"SELECT {KEY} FROM issue i WHERE {where.sql} ORDER BY {ORDERS[filters.order]} LIMIT {{}}"  # noqa: S608
    return await selected(actor, Statement(sql), (*where.args, filters.limit))


async def selected(actor: Actor, statement: Statement, args: tuple[Any, ...]) -> list[Shown]:
    """Show the issues that a statement selects (`KEY`), in its order; it selects what the reader may see."""
    return [one for _mark, one in await marked(actor, statement, args)]


async def marked(actor: Actor, statement: Statement, args: tuple[Any, ...]) -> list[tuple[int, Shown]]:
    """Show them each with its `mark`, where the statement selects that, too; else with 0."""
    scope = visible(actor, What.ISSUES)
    rows: Sequence[Sequence[Any]] = []
    known: list[Kept] = []
    for _try in range(TRIES):
        rows = await statement.plain(*args)
        known, holds = await _known(rows)
        if holds:
            break
    else:
        # Somebody changes them all the time; what was read last may no longer be for this reader.
        seen = [(row, kept) for row, kept in zip(rows, known, strict=True)
                if can(actor, Act.SEE_FACE, kept.row.thing())]  # fmt: skip
        rows, known = [row for row, _ in seen], [kept for _, kept in seen]
    marks = [row[4] for row in rows] if rows and len(rows[0]) > 4 else [0] * len(rows)
    return [(mark, kept.to(actor, scope)) for mark, kept in zip(marks, known, strict=True)]


async def _known(rows: Sequence[Sequence[Any]]) -> tuple[list[Kept], bool]:
    """Take what holds, and read the rest; say whether what was read is what the rows were selected for."""
    engine = current()
    # In a transaction one sees what is not yet so, and may never be.
    store: OrderedDict[int, Kept] = OrderedDict() if engine.mine() else _kept.setdefault(engine, OrderedDict())
    found: list[Kept | None] = []
    missing: dict[int, Any] = {}
    for row in rows:
        number, version, stamp, names, *_ = row
        kept = store.get(number)
        if kept is not None and kept.key == (version, stamp, names):
            store.move_to_end(number)
            found.append(kept)
        else:
            missing[number] = row
            found.append(None)
    if not missing:
        return cast("list[Kept]", found), True
    names, read = rows[0][3], dict[int, Kept]()
    # The issues before who met them: what is read later may be newer than its key, never older.
    for one, stamp in await _read(list(missing)):
        read[one.number] = store[one.number] = Kept((one.version, stamp, names), _lean(one))
        store.move_to_end(one.number)
    while len(store) > MOST:
        store.popitem(last=False)
    holds = all(read[number].key[:2] == (row[1], row[2]) for number, row in missing.items())
    return [read[row[0]] if kept is None else kept for kept, row in zip(found, rows, strict=True)], holds


async def _read(numbers: list[int]) -> Iterable[tuple[IssueRow, int]]:
    where = asked.among("i.number", numbers)
    raw = await run_sql(f"{ISSUES} WHERE {where.sql}", *where.args)
    return zip(await counted(raw), [row["stamp"] for row in raw], strict=True)
