"""The past of issues: which of it is folded and holds, and all of it as it was told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from floorday.db import Stream, dialect, reading
from floorday.summaries import figures
from floorday.summaries.figures import History, Issue, IssueEvent, Ledger, Note
from floorday.summaries.tables import TOLD

PART = 500
"""So many issues are told in full at once."""

HOLDS = "f.folded = f.turn"
"""Says of what is folded (`issue_fold f`) that nothing has changed since."""

BELONGS = {"team": "team", "manager": "sponsor", "department": "department"}


def moment(value: Any) -> datetime:
    """Read a time; SQLite keeps it as text, in UTC."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def moment_or_none(value: Any) -> datetime | None:
    """Read a time that may not be there."""
    return None if value is None else moment(value)


def day(day: date) -> Any:
    """Give a date as the database compares it."""
    return day.isoformat() if dialect() == "sqlite" else day


def bare(*columns: str) -> str:
    """Name columns as stored, for which Piccolo's converters are not asked."""
    return ", ".join(f"+{column}" if dialect() == "sqlite" else column for column in columns)


def raw(id: Any) -> Any:
    """Give an id as the rows that are read bear it."""
    return UUID(str(id)) if dialect() == "postgres" else str(id)


def as_json(value: Any) -> str:
    """Write a list for SQLite to read."""
    return msgspec.json.encode(value).decode()


def among(ids: Sequence[Any]) -> tuple[str, Any]:
    """Give the SELECT that lists these ids, and its one argument."""
    if dialect() == "sqlite":
        return "SELECT value FROM json_each({})", as_json(ids)
    return "SELECT unnest({}::uuid[])", list(ids)


def numbered(numbers: Iterable[int]) -> tuple[str, Any]:
    """Give the SELECT that lists numbers, and its one argument."""
    if dialect() == "sqlite":
        return among(list(numbers))
    return "SELECT unnest({}::bigint[])", list(numbers)


def with_ids(events: tuple[IssueEvent, ...]) -> tuple[IssueEvent, ...]:
    """Name in a tale other issues as the rows do."""
    return tuple([event if event.into is None else replace(event, into=raw(event.into)) for event in events])


# --- what is due -----------------------------------------------------------------------------------------------


class Due(Struct, frozen=True):
    """Issues whose past is not folded as it is now, with all that was ever joined to them.

    `groups` are their ids, each with all that hangs together; `parts` are those under which any of them was folded,
    which hold no longer; `turns` says of each number at which turn it was found, None where it was never folded.
    """

    groups: list[list[Any]]
    parts: set[int]
    turns: Mapping[int, int | None]
    numbers: Mapping[Any, int]

    def parted(self) -> Iterator[list[Any]]:
        """Give the ids in parts of which each holds groups whole."""
        part: list[Any] = []
        for group in self.groups:
            part += group
            if len(part) >= PART:
                yield part
                part = []
        if part:
            yield part


async def due(stream: Stream, *, limit: int | None = None) -> Due:
    """Find what must be folded (anew); at most so many and what hangs together with these."""
    sql = (
        f"SELECT {bare('i.id')}, i.number, f.part, f.turn, NULL FROM issue i LEFT JOIN issue_fold f"  # noqa: S608 - own words
        " ON f.number = i.number WHERE i.number IN (SELECT d.number FROM issue d WHERE NOT EXISTS"
        f" (SELECT 1 FROM issue_fold f WHERE f.number = d.number AND {HOLDS})"
        + ("" if limit is None else f" ORDER BY d.number LIMIT {limit}")
        + f") UNION ALL SELECT {bare('issue')}, NULL, NULL, NULL, {bare('other')} FROM issue_event"  # noqa: S608
        " WHERE what = 'joined' AND other IS NOT NULL"
    )
    pairs: list[tuple[Any, Any]] = []
    first: list[tuple[Any, int, int | None, int | None]] = []
    async for rows in stream(sql):
        for id, number, part, turn, other in rows:
            if other is None:
                first.append((id, number, part, turn))
            else:
                pairs.append((id, other))
    if not first:
        return Due([], set(), {}, {})
    beside: defaultdict[Any, set[Any]] = defaultdict(set)
    for one, other in pairs:
        beside[one].add(other)
        beside[other].add(one)
    numbers: dict[Any, int] = {}
    turns: dict[int, int | None] = {}
    parts: set[int] = set()
    fresh: set[int] = set()
    while first or fresh:  # whatever hangs together with them by what was folded, or by what is said now
        if fresh:
            listed, arg = numbered(fresh)
            sql = (
                f"SELECT {bare('i.id')}, i.number, f.part, f.turn, f.alone FROM issue i LEFT JOIN issue_fold f"  # noqa: S608 - own words
                f" ON f.number = i.number WHERE i.number IN ({listed})"
            )
            first = [tuple(row[:4]) async for rows in stream(sql, arg) for row in rows]  # pyright: ignore[reportAssignmentType]
        linked: set[Any] = set()
        found: set[int] = set()
        for id, number, part, turn in first:
            numbers[id], turns[number] = number, turn
            linked |= beside.get(id, set())
            if part is not None and part not in parts:
                found.add(part)
        first = []
        parts |= found
        fresh = await _members(stream, found) | await _numbers_of(stream, linked - numbers.keys())
        fresh -= turns.keys()
    of = figures.groups(numbers, (pair for pair in pairs if pair[0] in numbers and pair[1] in numbers))
    groups: defaultdict[Any, list[Any]] = defaultdict(list)
    for id, group in of.items():
        groups[group].append(id)
    return Due(list(groups.values()), parts, turns, numbers)


async def _members(stream: Stream, parts: set[int]) -> set[int]:
    """Name those that were folded as parts of one another."""
    if not parts:
        return set()
    listed, arg = numbered(parts)
    sql = f"SELECT number FROM issue_fold WHERE NOT alone AND part IN ({listed})"  # noqa: S608 - own words
    return {number async for rows in stream(sql, arg) for (number,) in rows}


async def _numbers_of(stream: Stream, ids: Iterable[Any]) -> set[int]:
    if not (wanted := list(ids)):
        return set()
    listed, arg = among(wanted)
    sql = f"SELECT number FROM issue WHERE id IN ({listed})"  # noqa: S608 - own words
    return {number async for rows in stream(sql, arg) for (number,) in rows}


# --- in full ---------------------------------------------------------------------------------------------------


async def told(stream: Stream, ids: Sequence[Any]) -> tuple[Issue, ...]:
    """Read every note and every event of these issues; of events of one moment the id says which came first."""
    listed, arg = among(ids)
    none = "CAST(NULL AS double precision), CAST(NULL AS double precision)"
    sql = (
        f"SELECT {bare('issue', 'id', 'at', 'reporter')}, '', '', NULL, NULL, NULL, {none}"  # noqa: S608 - own words
        f" FROM note WHERE issue IN ({listed}) UNION ALL"
        f" SELECT {bare('issue', 'id', 'at', 'reporter', 'what', 'says', 'for_date', 'note', 'other')}, {none}"
        f" FROM issue_event WHERE what IN ({TOLD}) AND issue IN ({listed}) UNION ALL"
        f" SELECT {bare('id', 'team')}, NULL, {bare('department')}, 'issue', '', NULL, {bare('sponsor')}, NULL,"
        f" {bare('minutes_per_case', 'cases_per_month')} FROM issue WHERE id IN ({listed})"
    )
    notes: defaultdict[Any, list[Note]] = defaultdict(list)
    events: defaultdict[Any, list[tuple[Any, IssueEvent]]] = defaultdict(list)
    belong: dict[Any, tuple[Any, ...]] = {}
    async for part in stream(sql, arg, arg, arg):
        for issue, id, at, reporter, what, says, due, note, other, minutes, cases in part:
            if what == "issue":
                belong[issue] = (id, reporter, note, minutes, cases)
            elif what:
                events[issue].append((id, _issue_event(at, what, reporter, says, due, note, other)))
            else:
                notes[issue].append(Note(moment(at), reporter))
    return tuple([
        Issue(id, team, tuple(notes[id]), tuple([event for _, event in sorted(events[id], key=_id)]), *others)
        for id, (team, *others) in belong.items()
    ])


def _id(entry: tuple[Any, Any]) -> Any:
    return entry[0]


def _issue_event(at: Any, what: Any, reporter: Any, says: Any, due: Any, note: Any, other: Any) -> IssueEvent:
    if isinstance(due, str):
        due = date.fromisoformat(due)
    return IssueEvent(
        moment(at),
        what,
        due if what == "promised" else None,
        says if what == "resolved" else None,
        says if what == "verdict" else None,
        reporter or note,
        other if what == "joined" else None,
    )


async def trails(ids: Sequence[Any]) -> dict[Any, figures.Trail]:
    """Tell some issues, each by itself."""
    async with reading() as stream:
        return Ledger(History(issues=await told(stream, [raw(id) for id in ids]))).trails
