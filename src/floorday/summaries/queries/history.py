"""The history as some months depend on it: `figures.reach` says what may be left out, this leaves it out.

Whatever the history's size it takes the same few statements. What lies before the months is read as it was folded
(`issue_fold`), where that holds; what is told in full comes in parts, none of which stays in memory. Ids stay as the
database gives them (text on SQLite), for there are many.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from floorday.db import Stream, dialect, reading
from floorday.people.access import Door
from floorday.summaries import figures
from floorday.summaries.figures import Beat, DayEvent, History, Issue, Ledger, Reach, Rested, Subject, View, Window
from floorday.summaries.queries import past
from floorday.summaries.queries.past import BELONGS, HOLDS, Due, bare, day, moment, moment_or_none, numbered, raw

DAY_WORDS = (
    "invited", "accepted", "tentative", "declined", "postponed", "cancelled", "held", "missed", "moved", "chosen",
)  # fmt: skip

Row = Sequence[Any]


class Wanted(Struct, frozen=True):
    """What is asked of a subject: whole months, pulses of others, months counted again at a later end.

    With `rows` the rows behind every figure are wanted; else numbers, and what an issue is called does not matter.
    """

    subject: Subject
    months: tuple[Window, ...]
    pulses: tuple[Window, ...] = ()
    again: tuple[tuple[Window, datetime], ...] = ()
    rows: bool = True

    def reach(self) -> Reach:
        """Say how far back all of it looks."""
        return figures.reach([*self.months, *self.pulses, *(window for window, _end in self.again)])


class Found(Struct, frozen=True):
    """What was asked for, ready to be counted, in the order in which it was asked; `full` is what was told in full."""

    months: list[View]
    beats: list[Beat]
    again: list[View]
    full: list[Any] = field(default_factory=list[Any])
    firsts: list[datetime] = field(default_factory=list[datetime])

    @property
    def first(self) -> datetime | None:
        """Say when the subject's first issue was raised, or the first day or story of all was spoken of."""
        return min(self.firsts, default=None)

    def add(self, ledger: Ledger, *, persons: bool = False) -> None:
        """Take in a part of the history; its reporters are `persons`, or numbers."""
        for view in self.months:
            view.add(ledger, persons=persons)
        for one in (*self.beats, *self.again):
            one.add(ledger)
        self.full.extend(ledger.trails)


async def found(wanted: Wanted) -> Found:
    """Read from one state of the database what these months depend on."""
    subject, within = wanted.subject, wanted.reach()
    async with reading() as stream:
        places, firsts = await _places(stream, subject, within)
        told = Found(
            [View(subject, window, places) for window in wanted.months],
            [Beat(subject, window) for window in wanted.pulses],
            [figures.again(subject, window, end, places) for window, end in wanted.again],
            firsts=firsts,
        )
        due = await past.due(stream)
        quiet = Quiet(wanted, told, due.parts)
        await quiet.read(stream)
        await _in_full(stream, told, wanted, due.parts)
        await _due_in_full(stream, told, due, subject)
        await _listeners(stream, told, quiet)
    return told


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _mine(subject: Subject) -> tuple[str, list[Any]]:
    """Keep to the subject's issues, of which there are few."""
    if subject.cut == "company":
        return "TRUE", []
    return f"f.number IN (SELECT number FROM issue WHERE {BELONGS[subject.cut]} = {{}})", [subject.id]  # noqa: S608


async def _places(stream: Stream, subject: Subject, within: Reach) -> tuple[Ledger, list[datetime]]:
    """Read teams, departments, the days and stories of these months, and when the first of all were spoken of."""
    as_text = "CAST({} AS text)".format
    story = ", ".join(as_text(column) for column in ("id", "at", "team", "day", "thanked_at"))
    none = ", NULL, NULL, NULL, NULL, NULL"
    sql = (
        f"SELECT 'team', {as_text('id')}, name, NULL, NULL, NULL{none} FROM team UNION ALL"  # noqa: S608 - own words
        f" SELECT 'department', {as_text('id')}, name, {as_text('word_days')}, NULL, NULL{none} FROM department"
        f" UNION ALL SELECT 'first', NULL, {as_text('min(at)')}, NULL, NULL, NULL{none} FROM booking_event"
        f" WHERE what IN ({_words(DAY_WORDS)}) UNION ALL"
        f" SELECT 'first', NULL, {as_text('min(at)')}, NULL, NULL, NULL{none} FROM story UNION ALL"
        f" SELECT 'story', {story}{none} FROM story WHERE withdrawn_at IS NULL AND at >= {{}} AND at < {{}}"
    )
    args = [figures.instant(within.start), figures.instant(within.after)]
    if subject.cut != "department":
        sql, args = f"{sql} UNION ALL {_DAYS.format(', '.join(map(as_text, _DAY)))}", args * 4
    lines: defaultdict[Any, list[Row]] = defaultdict(list)
    teams: list[figures.Team] = []
    departments: list[figures.Department] = []
    stories: list[figures.Story] = []
    firsts: list[datetime] = []
    async for part in stream(sql, *args):
        for kind, id, name, *more in part:
            match kind:
                case "team":
                    teams.append(figures.Team(raw(id), name))
                case "department":
                    departments.append(figures.Department(raw(id), name, int(more[0] or 0) or None))
                case "first":
                    firsts += [] if name is None else [moment(name)]
                case "day":
                    lines[id].append((id, name, *more))
                case _:
                    team, on, thanked, *_rest = more
                    stories.append(figures.Story(
                        raw(id), moment(name), raw(team), raw(on) if on else None, moment_or_none(thanked)))
    days = [_one_day(sorted(rows, key=_by_time)) for rows in lines.values()]
    return Ledger(History(tuple(teams), tuple(departments), tuple(days), (), tuple(stories))), firsts


# --- issues that are still -------------------------------------------------------------------------------------

_PROMISED = (
    "SELECT p.part FROM issue_event e JOIN issue i ON i.id = e.issue JOIN issue_fold p ON p.number = i.number"
    " WHERE e.what = 'promised' AND e.for_date BETWEEN {} AND {} AND p.part IS NOT NULL"
)
"""Names the parts of which something was promised for a date of some months."""

_COLUMNS = {
    "kind": "integer", "number": "bigint", "standing": "integer", "raised": "bigint", "since": "bigint",
    "said": "bigint", "answer": "bigint", "fixed": "bigint", "word": "bigint", "returned": "integer", "many": "bigint",
    "id": "uuid", "team": "uuid", "department": "uuid", "minutes": "double precision", "cases": "double precision",
}  # fmt: skip
"""What is read of those that are still; each kind gives some of it."""

_OPEN, _CLOSED, _SETTLED, _FIRST = range(4)
_MARKS = ("said", "answer", "fixed")


def _row(kind: int, **given: str) -> str:
    """Give the columns of one kind, and nothing for the others."""
    given["kind"] = str(kind)
    return ", ".join(
        f"CAST({given.get(name, 'NULL')} AS {of})" if name not in given or of == "integer" else bare(given[name])
        for name, of in _COLUMNS.items()
    )


class Quiet:
    """Issues to which nothing happened since the first month began, but for those of some parts that are `out`."""

    def __init__(self, wanted: Wanted, told: Found, out: set[int]) -> None:
        self.wanted, self.told, self.within, self.out = wanted, told, wanted.reach(), out
        self.alive: list[list[int]] = [[] for _ in wanted.months]
        self.returned: set[int] = set()
        self.same: dict[Any, Any] = {}
        self.kinds: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)

    async def read(self, stream: Stream) -> None:
        """Read and see them; of those that are settled how many stand how, and which where that is wanted."""
        within, rows = self.within, self.wanted.rows
        mine, mine_args = _mine(self.wanted.subject)
        out, out_arg = numbered(self.out)
        which = (
            f"{HOLDS} AND f.whole = f.number AND f.raised IS NOT NULL AND f.last < {{}} AND f.part NOT IN ({out})"  # noqa: S608 - own words
            f" AND f.part NOT IN (SELECT part FROM promised) AND {mine}"
        )
        args = [within.start, out_arg, *mine_args]
        settled, settled_args = "f.last < {} AND f.raised < {} AND f.standing <> 0", [within.settled, within.year]
        issue = "issue_fold f JOIN issue i ON i.number = f.number"
        told = {name: f"f.{name}" for name in ("number", "standing", "raised", "since", "said", "answer", "fixed")}
        told["returned"] = "f.returned"
        opened = told | {"word": "f.word", "id": "i.id", "team": "i.team", "department": "i.department",
                         "minutes": "i.minutes_per_case", "cases": "i.cases_per_month"}  # fmt: skip
        known = {"id": "i.id"} if rows else {}
        source = issue if rows else "issue_fold f"
        marks = ", ".join(f"CASE WHEN f.{one} IS NULL THEN NULL ELSE 1 END AS {one}" for one in _MARKS)
        rested = {one: f"r.{one}" for one in ("standing", *_MARKS, "id" if rows else "many")}
        group = ("i.id", "") if rows else ("COUNT(*) AS many", " GROUP BY 1, 2, 3, 4")
        sql = (
            f"WITH promised AS MATERIALIZED ({_PROMISED})"  # noqa: S608 - own words
            f" SELECT {_row(_OPEN, **opened)} FROM {issue} WHERE {which} AND f.standing = 0"
            f" UNION ALL SELECT {_row(_CLOSED, **told, **known)} FROM {source}"
            f" WHERE {which} AND f.standing <> 0 AND NOT ({settled})"
            f" UNION ALL SELECT {_row(_SETTLED, **rested)} FROM (SELECT f.standing, {marks}, {group[0]} FROM {source}"
            f" WHERE {which} AND {settled}{group[1]}) AS r"
            f" UNION ALL SELECT {_row(_FIRST, raised='MIN(f.raised)')} FROM issue_fold f"
            f" WHERE {HOLDS} AND f.part NOT IN ({out}) AND {mine}"
        )
        dates = [day(within.first), day(within.last)]
        every = [*dates, *args, *args, *settled_args, *args, *settled_args, out_arg, *mine_args]
        async for part in stream(sql, *every):
            for kind, *row in part:
                match kind:
                    case 0:
                        self._open(*row)
                    case 1:
                        self._closed(*row)
                    case 2:
                        _number, standing, _raised, _since, said, answer, fixed, _word, _returned, many, id, *_ = row
                        self.kinds[standing, said, answer, fixed].append(id if rows else many)
                    case _:
                        self.told.firsts.extend([] if row[2] is None else [figures.instant(row[2])])
        self._rest()

    def _rest(self) -> None:
        start, settled, rows = self.within.start, self.within.settled, self.wanted.rows
        rested = [
            Rested(
                figures.state_of(figures.STANDINGS[int(standing)], settled, fixed, start), said is not None,
                answer is not None, len(ids) if rows else ids[0], tuple(ids) if rows else (),
            )
            for (standing, said, answer, fixed), ids in self.kinds.items()
        ]  # fmt: skip
        for view in self.told.months:
            view.rested += rested

    def _closed(  # noqa: PLR0917 - a row
        self, number: int, standing: int, raised: int, since: int, said: Any, answer: Any, fixed: Any, _word: Any,
        returned: Any, _many: Any, id: Any, *_more: Any,
    ) -> None:  # fmt: skip
        stood, name = figures.STANDINGS[standing], id if self.wanted.rows else None
        if since <= self.within.settled:  # however long ago, it stands alike in all of these months
            one = figures.still(
                name, figures.state_of(stood, since, fixed, self.within.start), raised, since, said, answer, fixed)
            for view in self.told.months:
                view.seen.append(one)
            return
        for at, view in enumerate(self.told.months):
            state = figures.state_of(stood, since, fixed, view.spell.end)
            view.seen.append(figures.still(name, state, raised, since, said, answer, fixed))
            if figures.is_alive(stood, since, fixed, view.spell):
                self._hears(at, number, returned)

    def _open(  # noqa: PLR0917 - a row
        self, number: int, _standing: Any, raised: int, _since: Any, said: Any, answer: Any, _fixed: Any, word: Any,
        returned: Any, _many: Any, id: Any, team: Any, department: Any, minutes: Any, cases: Any,
    ) -> None:  # fmt: skip
        for beat in self.told.beats:
            beat.open += 1
        team, department = self.same.setdefault(team, team), self.same.setdefault(department, department)
        one = figures.Seen(
            id, team, department, "open", raised, said, answer is not None, None, None, word,
            figures.lost(minutes, cases))
        for at, view in enumerate(self.told.months):
            view.seen.append(one)
            self._hears(at, number, returned)

    def _hears(self, at: int, number: int, returned: Any) -> None:
        self.alive[at].append(number)
        if returned:
            self.returned.add(number)

    def listeners(self, at: int, view: View) -> tuple[str, list[Any]]:
        """Ask who raised what was open or waiting in a month, and heard nothing."""
        which, arg = numbered(self.alive[at])
        back, back_arg = numbered(self.returned.intersection(self.alive[at]))
        return (
            f"SELECT {at}, n.reporter, 0 FROM issue_fold f JOIN issue i ON i.number = f.number"  # noqa: S608 - own words
            f" JOIN note n ON n.issue = i.id WHERE f.whole IN ({which}) AND n.reporter IS NOT NULL AND n.at < {{}}"
            f" UNION SELECT {at}, COALESCE(e.reporter, e.note), 0 FROM issue_event e WHERE e.what = 'returned'"
            f" AND e.issue IN (SELECT id FROM issue WHERE number IN ({back}))"
        ), [arg, view.window.end, back_arg]


# --- issues told in full ---------------------------------------------------------------------------------------


async def _in_full(stream: Stream, told: Found, wanted: Wanted, out: set[int]) -> None:
    """Read, part by part, the tales of those to which something happened, and count them."""
    within = wanted.reach()
    mine, args = _mine(wanted.subject)
    without, out_arg = numbered(out)
    sql = (
        f"SELECT f.part, f.alone, {bare('i.id', 'i.team', 'i.department', 'i.sponsor')},"  # noqa: S608 - own words
        f" {bare('i.minutes_per_case', 'i.cases_per_month', 't.tale')} FROM issue_fold f"
        " JOIN issue i ON i.number = f.number JOIN issue_tale t ON t.number = f.number"
        f" WHERE {HOLDS} AND f.begun < {{}} AND f.part NOT IN ({without})"
        f" AND (f.last >= {{}} OR f.part IN ({_PROMISED})) AND (NOT f.alone OR {mine}) ORDER BY f.part"
    )
    left: list[Row] = []
    dates = [day(within.first), day(within.last)]
    async for part in stream(sql, within.after, out_arg, within.start, *dates, *args):
        rows = [*left, *part]
        cut = next((at for at in range(len(rows) - 1, 0, -1) if rows[at][0] != rows[at - 1][0]), 0)
        rows, left = rows[:cut], rows[cut:]
        await asyncio.to_thread(_add_tales, told, rows)
    await asyncio.to_thread(_add_tales, told, left)


def _add_tales(told: Found, rows: Sequence[Row]) -> None:
    told.add(Ledger(History(issues=tuple([_from_tale(*row) for row in rows]))))


def _from_tale(
    _part: Any, alone: Any, id: Any, team: Any, department: Any, sponsor: Any, minutes: Any, cases: Any, tale: Any
) -> Issue:
    notes, events = figures.unpacked(tale)
    if not alone:
        events = past.with_ids(events)
    return Issue(id, team, notes, events, department, sponsor, minutes, cases)


async def _due_in_full(stream: Stream, told: Found, due: Due, subject: Subject) -> None:
    """Count what is not folded, or holds no longer, from its notes and events."""
    for ids in due.parted():
        ledger = Ledger(History(issues=await past.told(stream, ids)))
        await asyncio.to_thread(told.add, ledger, persons=True)
        told.firsts.extend(case.raised for case in ledger.cases(figures.NEVER) if figures.issue_of(subject, case))


async def _listeners(stream: Stream, told: Found, quiet: Quiet) -> None:
    """Read who raised what was alive in each month, and who of them heard something."""
    asked, args = list[str](), list[Any]()
    for at, view in enumerate(told.months):
        for sql, more in (_waiting(at, view), quiet.listeners(at, view) if quiet.alive[at] else ("", [])):
            if sql:
                asked.append(f"SELECT * FROM ({sql}) AS part{len(asked)}")  # noqa: S608 - own words
                args += more
    if asked:
        async for part in stream(" UNION ALL ".join(asked), *args):
            for at, person, heard in part:
                if person is not None:
                    told.months[int(at)].hear([(raw(person), bool(heard))])
    for view in told.months:
        await _returners(stream, view)


def _waiting(at: int, view: View) -> tuple[str, list[Any]]:
    plain = [(id, one.word) for one in view.listening if not one.returned for id in one.notes]
    if not plain:
        return "", []
    if dialect() == "sqlite":
        told: list[Any] = [past.as_json([(id, None if word is None else str(word)) for id, word in plain])]
        pair = "json_extract(value, '$[0]') AS issue, json_extract(value, '$[1]') AS word"
        source = f"(SELECT {pair} FROM json_each({{}}))"  # noqa: S608 - own words
    else:
        told = [[id for id, _word in plain], [word for _id, word in plain]]
        source = "(SELECT * FROM unnest({}::uuid[], {}::timestamptz[]) AS x (issue, word))"
    return (
        f"SELECT {at}, n.reporter, MAX(CASE WHEN n.at <= w.word THEN 1 ELSE 0 END) FROM {source} AS w"  # noqa: S608 - own words
        " JOIN note n ON n.issue = w.issue WHERE n.reporter IS NOT NULL AND n.at < {} GROUP BY n.reporter"
    ), [*told, view.window.end]


async def _returners(stream: Stream, view: View) -> None:
    """Read it of what was returned by somebody."""
    back = [one.notes for one in view.listening if one.returned]
    for first in range(0, len(back), past.PART):
        # With somebody who returned it the order of words and returns counts, which the rule knows.
        ids = [id for ids in back[first : first + past.PART] for id in ids]
        ledger = Ledger(History(issues=await past.told(stream, ids)))
        for case in ledger.cases(view.window.end):
            view.hear(figures.heard(case, view.window).items())


# --- days ------------------------------------------------------------------------------------------------------


_DAY = ("b.id", "b.manager", "s.team", "b.starts_at", "e.what", "e.at", "e.starts_at", "e.ends_at", "e.door", "e.id")
_DAYS = (
    "SELECT 'day', {} FROM booking b JOIN shift s ON s.id = b.shift LEFT JOIN booking_event e ON e.booking = b.id"  # noqa: S608 - own words
    f" AND e.what IN ({_words(DAY_WORDS)}) WHERE b.id IN (SELECT booking FROM booking_event WHERE starts_at >= {{{{}}}}"
    " AND starts_at < {{}} UNION SELECT id FROM booking WHERE starts_at >= {{}} AND starts_at < {{}}"
    " UNION SELECT day FROM story WHERE day IS NOT NULL AND at >= {{}} AND at < {{}})"
)
"""Read the days that ever stood in some months, whatever became of them, and those that their stories are of.

A day of which nothing is recorded is somebody's all the same, and so are its stories. A day is due where it stood when
last accepted, which is a time that it ever had.
"""


def _by_time(row: Row) -> tuple[datetime, str]:
    """Put a day's events in order; of one moment the id says which came first."""
    return (figures.NEVER, "") if row[5] is None else (moment(row[5]), row[9])


def _one_day(rows: list[Row]) -> figures.Day:
    id, manager, team, starts_at, _what, _at, first, *_ = rows[0]
    events = tuple(event for row in rows if row[4] for event in _day_events(*row[4:9]))
    return figures.Day(raw(id), raw(manager), raw(team), moment(first or starts_at), events)


def _day_events(what: Any, at: Any, starts_at: Any, ends_at: Any, door: str) -> list[DayEvent]:
    """Say a line of a booking's history in the words that figures are counted from.

    A move is a postponement with its new time, then the invitation (or the acceptance, where the manager's side
    chose). A postponement keeps the time as last known, which in a history brought in may be a new one. *Held* and
    *missed* happened when the day ended, whenever somebody said so; a history brought in has said when.
    """
    then = moment(at)
    match what:
        case "moved" | "chosen":
            after = "invited" if what == "moved" else "accepted"
            return [DayEvent(then, "postponed", moment_or_none(starts_at)), DayEvent(then, after)]
        case "postponed":
            return [DayEvent(then, what, moment_or_none(starts_at))]
        case "held" | "missed" if door != Door.CLI.value:
            return [DayEvent(moment_or_none(ends_at) or then, what)]
        case _:
            return [DayEvent(then, what)]
