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

    def add(self, ledger: Ledger) -> None:
        """Take in a part of the history."""
        for one in (*self.months, *self.beats, *self.again):
            one.add(ledger)
        self.full.extend(ledger.trails)


async def found(wanted: Wanted) -> Found:
    """Read from one state of the database what these months depend on."""
    subject, within = wanted.subject, wanted.reach()
    async with reading() as stream:
        places, firsts = await _places(stream, subject, within)
        told = Found(
            [View(subject, window, places, persons=False) for window in wanted.months],
            [Beat(subject, window) for window in wanted.pulses],
            [figures.again(subject, window, end, places) for window, end in wanted.again],
            firsts=firsts,
        )
        due = await past.due(stream)
        await _first(stream, told, subject, due.parts)
        promised = await _promised(stream, within)
        quiet = Quiet(wanted, within, due.parts | promised)
        await quiet.read_settled(stream, told)
        await quiet.read_closed(stream, told)
        await quiet.read_open(stream, told)
        await _in_full(stream, told, wanted, due.parts, promised)
        await _due_in_full(stream, told, due, subject)
        for view, alive in zip(told.months, quiet.alive, strict=True):
            await _listeners(stream, view)
            await quiet.read_listeners(stream, view, alive)
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
    sql = (
        f"SELECT 'team', {as_text('id')}, name, NULL, NULL, NULL FROM team UNION ALL"  # noqa: S608 - own words
        f" SELECT 'department', {as_text('id')}, name, {as_text('word_days')}, NULL, NULL FROM department UNION ALL"
        f" SELECT 'first', NULL, {as_text('min(at)')}, NULL, NULL, NULL FROM booking_event"
        f" WHERE what IN ({_words(DAY_WORDS)}) UNION ALL"
        f" SELECT 'first', NULL, {as_text('min(at)')}, NULL, NULL, NULL FROM story UNION ALL"
        f" SELECT 'story', {story} FROM story WHERE withdrawn_at IS NULL AND at >= {{}} AND at < {{}}"
    )
    teams: list[figures.Team] = []
    departments: list[figures.Department] = []
    stories: list[figures.Story] = []
    firsts: list[datetime] = []
    async for part in stream(sql, figures.instant(within.start), figures.instant(within.after)):
        for kind, id, name, *more in part:
            match kind:
                case "team":
                    teams.append(figures.Team(raw(id), name))
                case "department":
                    departments.append(figures.Department(raw(id), name, int(more[0] or 0) or None))
                case "first":
                    firsts += [] if name is None else [moment(name)]
                case _:
                    team, on, thanked = more
                    stories.append(figures.Story(
                        raw(id), moment(name), raw(team), raw(on) if on else None, moment_or_none(thanked)))
    days = await _days(stream, subject, within)
    return Ledger(History(tuple(teams), tuple(departments), tuple(days), (), tuple(stories))), firsts


async def _first(stream: Stream, told: Found, subject: Subject, out: set[int]) -> None:
    """Read when the first of the subject's issues was raised, of those that are folded."""
    mine, args = _mine(subject)
    without, arg = numbered(out)
    sql = f"SELECT MIN(f.raised) FROM issue_fold f WHERE {HOLDS} AND f.part NOT IN ({without}) AND {mine}"  # noqa: S608
    async for rows in stream(sql, arg, *args):
        told.firsts.extend(figures.instant(raised) for (raised,) in rows if raised is not None)


# --- issues that are still -------------------------------------------------------------------------------------


class Quiet:
    """Issues to which nothing happened since the first month began, but for those of some `parts`."""

    def __init__(self, wanted: Wanted, within: Reach, parts: set[int]) -> None:
        self.wanted, self.within = wanted, within
        mine, args = _mine(wanted.subject)
        out, arg = numbered(parts)
        self.which = (
            f"{HOLDS} AND f.whole = f.number AND f.raised IS NOT NULL AND f.last < {{}} AND f.part NOT IN ({out})"
            f" AND {mine}"
        )
        self.args: list[Any] = [within.start, arg, *args]
        self.settled = "(f.last < {} AND f.raised < {} AND f.standing <> 'open')"
        self.settled_args = [within.settled, within.year]
        self.alive: list[list[int]] = [[] for _ in wanted.months]
        self.returned: set[int] = set()

    async def read_settled(self, stream: Stream, told: Found) -> None:
        """Read how many of those that are settled stand how, and which where that is wanted."""
        if not told.months:
            return
        kind = "f.standing, f.said IS NOT NULL, f.answer IS NOT NULL, f.fixed IS NOT NULL"
        if self.wanted.rows:
            what, end = f"{kind}, {bare('i.id')}", "JOIN issue i ON i.number = f.number"
        else:
            what, end = f"{kind}, COUNT(*)", ""
        sql = (
            f"SELECT {what} FROM issue_fold f {end} WHERE {self.which} AND {self.settled}"  # noqa: S608 - own words
            + ("" if self.wanted.rows else " GROUP BY 1, 2, 3, 4")
        )
        kinds: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        async for part in stream(sql, *self.args, *self.settled_args):
            for *those, what in part:
                kinds[tuple(those)].append(what)
        long_ago = figures.micros(told.months[0].window.start)
        rested = [
            Rested(
                figures.state_of(standing, self.within.settled, fixed or None, long_ago), bool(said), bool(answered),
                len(ids) if self.wanted.rows else ids[0], tuple(ids) if self.wanted.rows else (),
            )
            for (standing, said, answered, fixed), ids in kinds.items()
        ]  # fmt: skip
        for view in told.months:
            view.rested += rested

    async def read_closed(self, stream: Stream, told: Found) -> None:
        """Read those that are closed, not long enough to be settled, or raised too late."""
        if not told.months:
            return
        named = self.wanted.rows
        sql = (
            f"SELECT {bare('i.id') if named else 'f.number'}, f.number, f.standing, f.raised, f.since, f.said,"  # noqa: S608 - own words
            f" f.answer, f.fixed, f.returned FROM issue_fold f {'JOIN issue i ON i.number = f.number' if named else ''}"
            f" WHERE {self.which} AND f.standing <> 'open' AND NOT {self.settled}"
        )
        views, settled, start = told.months, self.within.settled, self.within.start
        async for part in stream(sql, *self.args, *self.settled_args):
            for id, number, standing, raised, since, said, answer, fixed, returned in part:
                if since <= settled:  # however long ago, it stands alike in all of these months
                    one = figures.still(
                        id, figures.state_of(standing, since, fixed, start), raised, since, said, answer, fixed)
                    for view in views:
                        view.seen.append(one)
                    continue
                for at, view in enumerate(views):
                    state = figures.state_of(standing, since, fixed, view.spell.end)
                    view.seen.append(figures.still(id, state, raised, since, said, answer, fixed))
                    if figures.is_alive(standing, since, fixed, view.spell):
                        self._hears(at, number, returned)

    async def read_open(self, stream: Stream, told: Found) -> None:
        """Read those that are open."""
        sql = (
            f"SELECT {bare('i.id')}, f.number, f.raised, f.said, f.answer, f.word, f.returned,"  # noqa: S608 - own words
            f" {bare('i.team', 'i.department', 'i.minutes_per_case', 'i.cases_per_month')}"
            f" FROM issue_fold f JOIN issue i ON i.number = f.number WHERE {self.which} AND f.standing = 'open'"
        )
        async for part in stream(sql, *self.args):
            for beat in told.beats:
                beat.open += len(part)
            for id, number, raised, said, answer, word, returned, team, department, minutes, cases in part:
                one = figures.Seen(
                    id, team, department, "open", raised, said, answer is not None, None, None, word,
                    figures.lost(minutes, cases))
                for at, view in enumerate(told.months):
                    view.seen.append(one)
                    self._hears(at, number, returned)

    def _hears(self, at: int, number: int, returned: Any) -> None:
        self.alive[at].append(number)
        if returned:
            self.returned.add(number)

    async def read_listeners(self, stream: Stream, view: View, alive: list[int]) -> None:
        """Read who raised what was open or waiting in a month, and heard nothing."""
        if not alive:
            return
        which, arg = numbered(alive)
        back, back_arg = numbered(self.returned.intersection(alive))
        sql = (
            f"SELECT {bare('n.reporter')} FROM issue_fold f JOIN issue i ON i.number = f.number"  # noqa: S608 - own words
            f" JOIN note n ON n.issue = i.id WHERE f.whole IN ({which}) AND n.reporter IS NOT NULL AND n.at < {{}}"
            f" UNION SELECT {bare('COALESCE(e.reporter, e.note)')} FROM issue_event e WHERE e.what = 'returned'"
            f" AND e.issue IN (SELECT id FROM issue WHERE number IN ({back}))"
        )
        async for part in stream(sql, arg, view.window.end, back_arg):
            view.hear((person, False) for (person,) in part if person is not None)


# --- issues told in full ---------------------------------------------------------------------------------------


async def _promised(stream: Stream, within: Reach) -> set[int]:
    """Name the parts of which something was promised for a date of these months."""
    sql = (
        "SELECT DISTINCT f.part FROM issue_event e JOIN issue i ON i.id = e.issue JOIN issue_fold f"
        " ON f.number = i.number WHERE e.what = 'promised' AND e.for_date BETWEEN {} AND {} AND f.part IS NOT NULL"
    )
    return {part async for rows in stream(sql, day(within.first), day(within.last)) for (part,) in rows}


async def _in_full(stream: Stream, told: Found, wanted: Wanted, out: set[int], promised: set[int]) -> None:
    """Read, part by part, the tales of those to which something happened, and count them."""
    within = wanted.reach()
    mine, args = _mine(wanted.subject)
    without, out_arg = numbered(out)
    with_, with_arg = numbered(promised)
    sql = (
        f"SELECT f.part, f.alone, {bare('i.id', 'i.team', 'i.department', 'i.sponsor')},"  # noqa: S608 - own words
        f" {bare('i.minutes_per_case', 'i.cases_per_month', 't.tale')} FROM issue_fold f"
        " JOIN issue i ON i.number = f.number JOIN issue_tale t ON t.number = f.number"
        f" WHERE {HOLDS} AND f.begun < {{}} AND f.part NOT IN ({without})"
        f" AND (f.last >= {{}} OR f.part IN ({with_})) AND (NOT f.alone OR {mine}) ORDER BY f.part"
    )
    left: list[Row] = []
    async for part in stream(sql, within.after, out_arg, within.start, with_arg, *args):
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
        await asyncio.to_thread(told.add, ledger)
        told.firsts.extend(case.raised for case in ledger.cases(figures.NEVER) if figures.issue_of(subject, case))


async def _listeners(stream: Stream, view: View) -> None:
    """Read who raised what was alive in a month and told in full, and who of them heard something."""
    plain = [(id, one.word) for one in view.listening if not one.returned for id in one.notes]
    if plain:
        if dialect() == "sqlite":
            told: list[Any] = [past.as_json([(id, None if word is None else str(word)) for id, word in plain])]
            pair = "json_extract(value, '$[0]') AS issue, json_extract(value, '$[1]') AS word"
            source = f"(SELECT {pair} FROM json_each({{}}))"  # noqa: S608 - own words
        else:
            told = [[id for id, _word in plain], [word for _id, word in plain]]
            source = "(SELECT * FROM unnest({}::uuid[], {}::timestamptz[]) AS x (issue, word))"
        sql = (
            f"SELECT {bare('n.reporter')}, MAX(CASE WHEN n.at <= w.word THEN 1 ELSE 0 END) FROM {source} AS w"  # noqa: S608 - own words
            " JOIN note n ON n.issue = w.issue WHERE n.reporter IS NOT NULL AND n.at < {} GROUP BY n.reporter"
        )
        async for part in stream(sql, *told, view.window.end):
            view.hear((person, bool(heard)) for person, heard in part)
    back = [one.notes for one in view.listening if one.returned]
    for first in range(0, len(back), past.PART):
        # With somebody who returned it the order of words and returns counts, which the rule knows.
        ids = [id for ids in back[first : first + past.PART] for id in ids]
        ledger = Ledger(History(issues=await past.told(stream, ids)))
        for case in ledger.cases(view.window.end):
            view.hear(figures.heard(case, view.window).items())


# --- days ------------------------------------------------------------------------------------------------------


async def _days(stream: Stream, subject: Subject, within: Reach) -> list[figures.Day]:
    """Read the days that ever stood in these months, whatever became of them, and those that their stories are of.

    A day of which nothing is recorded is somebody's all the same, and so are its stories.

    A day is due where it stood when last accepted, which is a time that it ever had.
    """
    if subject.cut == "department":
        return []
    sql = (
        f"SELECT {bare('b.id', 'b.manager', 's.team', 'b.starts_at', 'e.what', 'e.at', 'e.starts_at', 'e.ends_at')},"  # noqa: S608 - own words
        " e.door FROM booking b JOIN shift s ON s.id = b.shift LEFT JOIN booking_event e ON e.booking = b.id"
        f" AND e.what IN ({_words(DAY_WORDS)}) WHERE b.id IN (SELECT booking FROM booking_event WHERE starts_at >= {{}}"
        " AND starts_at < {} UNION SELECT id FROM booking WHERE starts_at >= {} AND starts_at < {}"
        " UNION SELECT day FROM story WHERE day IS NOT NULL AND at >= {} AND at < {}) ORDER BY e.at, e.id"
    )
    lines: defaultdict[Any, list[Row]] = defaultdict(list)
    async for part in stream(sql, *((figures.instant(within.start), figures.instant(within.after)) * 3)):
        for row in part:
            lines[row[0]].append(row)
    return [_one_day(rows) for rows in lines.values()]


def _one_day(rows: list[Row]) -> figures.Day:
    id, manager, team, starts_at, _what, _at, first, *_ = rows[0]
    events = tuple(event for row in rows if row[4] for event in _day_events(*row[4:]))
    return figures.Day(id, manager, team, moment(first or starts_at), events)


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
