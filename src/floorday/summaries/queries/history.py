"""The history as some months depend on it: `figures.reach` says what may be left out, this leaves it out.

Whatever the history's size it takes the same few statements; what is old is folded together by the database, and what
is read comes in parts. Ids stay as the database gives them (text on SQLite), for there are many.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.db import Stream, dialect, reading
from floorday.people.access import Door
from floorday.summaries import figures
from floorday.summaries.figures import CLOSES, TURNS, DayEvent, History, Ledger, Reach, Subject

T = TypeVar("T")
Row = Sequence[Any]
_Of = Mapping[Any, list[T]]

DAY_WORDS = (
    "invited", "accepted", "tentative", "declined", "postponed", "cancelled", "held", "missed", "moved", "chosen",
)  # fmt: skip
ISSUE_WORDS = (*TURNS, "acknowledged", "promised", "updated", "asked", "decided")

_BELONGS = {"team": "team", "manager": "sponsor", "department": "department"}


class Found(Struct, frozen=True):
    """A history ready to be asked for its months, and when its first word was said."""

    ledger: Ledger
    first: datetime | None


async def found(subject: Subject, within: Reach) -> Found:
    """Read from one state of the database what these months depend on, for one subject."""
    told = Told(subject)
    async with reading() as stream:
        await _places(stream, told, within)
        await _turns(stream, told, within)
        await _days(stream, told, within)
        if subject.cut != "company":
            await _belongings(stream, told, f"{_BELONGS[subject.cut]} = {{}}", [subject.id])
        ledger = await asyncio.to_thread(told.ledger)
        whole, args = _wanted(await asyncio.to_thread(figures.whole, ledger, within), within)
        if subject.cut == "company":
            await _belongings(stream, told, f"id {whole}", args)
        notes, events = await _in_full(stream, whole, args)
    await asyncio.to_thread(lambda: ledger.retell(told.retold(notes, events)))
    return Found(ledger, told.first())


class Told:
    """What has been read so far."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.teams: list[figures.Team] = []
        self.departments: list[figures.Department] = []
        self.days: list[figures.Day] = []
        self.stories: list[figures.Story] = []
        self.issues: dict[Any, figures.Issue] = {}
        self.settled: defaultdict[str, list[Any]] = defaultdict(list)
        self.firsts: list[Any] = []

    def ledger(self) -> Ledger:
        """Index what was read."""
        settled = (
            figures.Settled(tuple(_turn(word, figures.LONG_AGO) for word in words.split(",")), tuple(ids))
            for words, ids in self.settled.items()
        )
        return Ledger(History(
            teams=tuple(self.teams), departments=tuple(self.departments), days=tuple(self.days),
            issues=tuple(self.issues.values()), stories=tuple(self.stories), settled=tuple(settled),
        ))  # fmt: skip

    def retold(self, notes: _Of[figures.Note], events: _Of[tuple[Any, figures.IssueEvent]]) -> list[figures.Issue]:
        """Tell those issues in full of which every note and every event was read."""
        return [
            figures.Issue(
                id, thin.team, tuple(notes[id]), tuple([event for _, event in sorted(events[id], key=_id)]),
                thin.department, thin.sponsor, thin.minutes_per_case, thin.cases_per_month,
            )
            for id in notes
            if (thin := self.issues.get(id))
        ]  # fmt: skip

    def first(self) -> datetime | None:
        """Say when the first thing happened."""
        return min((moment(at) for at in self.firsts if at is not None), default=None)


def moment(value: Any) -> datetime:
    """Read a time; SQLite keeps it as text, in UTC."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _moment_or_none(value: Any) -> datetime | None:
    return None if value is None else moment(value)


def _bare(*columns: str) -> str:
    """Name columns as stored, for which Piccolo's converters are not asked."""
    return ", ".join(f"+{column}" if dialect() == "sqlite" else column for column in columns)


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def among(ids: Sequence[Any]) -> tuple[str, Any]:
    """Give the SELECT that lists these ids, and its one argument."""
    if dialect() == "sqlite":
        return "SELECT value FROM json_each({})", msgspec.json.encode(ids).decode()
    return "SELECT unnest({}::uuid[])", list(ids)


def _mine(subject: Subject, column: str) -> tuple[str, list[Any]]:
    """Keep to the issues of the subject, and to those that were joined or had another joined to them."""
    if subject.cut == "company":
        return "TRUE", []
    return (
        f"{_bare(column)} IN (SELECT id FROM issue WHERE {_BELONGS[subject.cut]} = {{}}"  # noqa: S608 - own words
        " UNION SELECT issue FROM issue_event WHERE what = 'joined'"
        " UNION SELECT other FROM issue_event WHERE what = 'joined')"
    ), [subject.id]


async def _places(stream: Stream, told: Told, within: Reach) -> None:
    """Read teams, departments, the stories of these months, and when the first day and story were spoken of."""
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
    async for part in stream(sql, within.start, within.after):
        for kind, id, name, *more in part:
            match kind:
                case "team":
                    told.teams.append(figures.Team(raw(id), name))
                case "department":
                    told.departments.append(figures.Department(raw(id), name, int(more[0] or 0) or None))
                case "story":
                    team, day, thanked = more
                    told.stories.append(figures.Story(
                        raw(id), moment(name), raw(team), raw(day) if day else None, _moment_or_none(thanked)))
                case _:
                    told.firsts.append(name)


def raw(id: Any) -> Any:
    """Give an id as the rows that are read bear it."""
    return UUID(str(id)) if dialect() == "postgres" else str(id)


# --- issues ----------------------------------------------------------------------------------------------------


async def _turns(stream: Stream, told: Told, within: Reach) -> None:
    """Read every issue's first note and its turns; of those that are settled only which turns these were."""
    sqlite = dialect() == "sqlite"
    word = "what || ' ' || says || ' ' || CASE WHEN what = 'joined' THEN CAST(other AS text) ELSE '' END"
    words = f"group_concat({word})" if sqlite else f"string_agg({word}, ',' ORDER BY at, id)"
    ats = "group_concat(at)" if sqlite else "array_agg(at ORDER BY at, id)"
    # SQLite puts words together in the order in which it meets them: that of this index.
    by_index = " INDEXED BY issue_event_turns" if sqlite else ""
    closing = f"what IN ({_words(CLOSES)})"
    (mine, args), (mine_too, _) = _mine(told.subject, "issue"), _mine(told.subject, "i.id")
    sql = (
        f"SELECT {_bare('issue')}, words, CASE WHEN closed = 1 AND others = 0 AND last < {{}} AND raised < {{}}"  # noqa: S608 - own words
        " AND issue NOT IN (SELECT issue FROM issue_event WHERE what = 'promised' AND for_date BETWEEN {} AND {})"
        " AND issue NOT IN (SELECT other FROM issue_event WHERE what = 'joined' AND other IS NOT NULL)"
        " THEN NULL ELSE ats END, raised"
        f" FROM (SELECT issue, {words} AS words, {ats} AS ats, max(at) AS last,"
        f" max(CASE WHEN {closing} THEN 1 ELSE 0 END) AS closed,"
        f" max(CASE WHEN {closing} OR (what = 'verdict' AND says = 'fixed') THEN 0 ELSE 1 END) AS others,"
        " (SELECT min(note.at) FROM note WHERE note.issue = issue_event.issue) AS raised"
        f" FROM issue_event{by_index} WHERE what IN ({_words(TURNS)}) AND {mine} GROUP BY issue) AS line"
        f" UNION ALL SELECT {_bare('i.id')}, NULL, NULL, (SELECT min(note.at) FROM note WHERE note.issue = i.id)"
        f" FROM issue i WHERE {mine_too} AND NOT EXISTS"
        f" (SELECT 1 FROM issue_event e WHERE e.issue = i.id AND e.what IN ({_words(TURNS)}))"
    )
    first: Any = None
    read: Callable[[Any], datetime] = datetime.fromisoformat if sqlite else moment
    dates = (_day(within.first), _day(within.last))
    async for part in stream(sql, within.settled, within.year, *dates, *args, *args):
        for id, words, ats, raised in part:
            if raised is None:
                continue
            if first is None or raised < first:
                first = raised
            if words is not None and ats is None:
                told.settled[words].append(id)
            else:
                at = map(read, (ats.split(",") if sqlite else ats) if words else ())
                turns = tuple(map(_turn, words.split(",") if words else (), at))
                told.issues[id] = figures.Issue(id, None, (figures.Note(read(raised)),), turns)
    told.firsts.append(first)


def _turn(word: str, at: datetime) -> figures.IssueEvent:
    return figures.IssueEvent(at, *_parted(word))


@lru_cache(maxsize=4096)
def _parted(word: str) -> tuple[Any, ...]:
    """Read a turn as it is put into words, for the fields of an event after its moment."""
    what, says, other = word.split(" ")
    return (
        what, None, says if what == "resolved" else None, says if what == "verdict" else None, None,
        raw(other) if what == "joined" and other else None,
    )  # fmt: skip


async def _belongings(stream: Stream, told: Told, which: str, args: Sequence[Any]) -> None:
    """Read what issues belong to: those of the subject, and of the company those that are told in full."""
    columns = _bare("id", "team", "department", "sponsor", "minutes_per_case", "cases_per_month")
    sql = f"SELECT {columns} FROM issue WHERE {which}"  # noqa: S608 - own words
    async for part in stream(sql, *args):
        for id, team, *others in part:
            if thin := told.issues.get(id):
                told.issues[id] = figures.Issue(id, team, thin.notes, thin.events, *others)


def _wanted(whole: Iterable[Any], within: Reach) -> tuple[str, list[Any]]:
    """Name these issues, and those with a promise for a date of these months."""
    ids, arg = among(list(whole))
    return (
        f"IN ({ids} UNION SELECT issue FROM issue_event"  # noqa: S608 - own words
        " WHERE what = 'promised' AND for_date BETWEEN {} AND {})"
    ), [arg, _day(within.first), _day(within.last)]


async def _in_full(
    stream: Stream, which: str, args: list[Any]
) -> tuple[_Of[figures.Note], _Of[tuple[Any, figures.IssueEvent]]]:
    """Read every note and every event of these issues; of events of one moment the id says which came first."""
    sql = (
        f"SELECT {_bare('issue', 'id', 'at', 'reporter')}, '', '', NULL, NULL, NULL"  # noqa: S608 - own words
        f" FROM note WHERE issue {which} UNION ALL"
        f" SELECT {_bare('issue', 'id', 'at', 'reporter', 'what', 'says', 'for_date', 'note', 'other')}"
        f" FROM issue_event WHERE what IN ({_words(ISSUE_WORDS)}) AND issue {which}"
    )
    notes: defaultdict[Any, list[figures.Note]] = defaultdict(list)
    events: defaultdict[Any, list[tuple[Any, figures.IssueEvent]]] = defaultdict(list)
    async for part in stream(sql, *args, *args):
        for issue, id, at, reporter, what, *more in part:
            if what:
                events[issue].append((id, _issue_event(at, what, reporter, *more)))
            else:
                notes[issue].append(figures.Note(moment(at), reporter))
    return notes, events


def _id(entry: tuple[Any, Any]) -> Any:
    return entry[0]


def _issue_event(at: Any, what: Any, reporter: Any, says: Any, due: Any, note: Any, other: Any) -> figures.IssueEvent:
    if isinstance(due, str):
        due = date.fromisoformat(due)
    return figures.IssueEvent(
        moment(at),
        what,
        due if what == "promised" else None,
        says if what == "resolved" else None,
        says if what == "verdict" else None,
        reporter or note,
        other if what == "joined" else None,
    )


def _day(day: date) -> Any:
    return day.isoformat() if dialect() == "sqlite" else day


# --- days ------------------------------------------------------------------------------------------------------


async def _days(stream: Stream, told: Told, within: Reach) -> None:
    """Read the days that ever stood in these months, whatever became of them, and those that their stories are of.

    A day of which nothing is recorded is somebody's all the same, and so are its stories.

    A day is due where it stood when last accepted, which is a time that it ever had.
    """
    if told.subject.cut == "department":
        return
    sql = (
        f"SELECT {_bare('b.id', 'b.manager', 's.team', 'b.starts_at', 'e.what', 'e.at', 'e.starts_at', 'e.ends_at')},"  # noqa: S608 - own words
        " e.door FROM booking b JOIN shift s ON s.id = b.shift LEFT JOIN booking_event e ON e.booking = b.id"
        f" AND e.what IN ({_words(DAY_WORDS)}) WHERE b.id IN (SELECT booking FROM booking_event WHERE starts_at >= {{}}"
        " AND starts_at < {} UNION SELECT id FROM booking WHERE starts_at >= {} AND starts_at < {}"
        " UNION SELECT day FROM story WHERE day IS NOT NULL AND at >= {} AND at < {}) ORDER BY e.at, e.id"
    )
    lines: defaultdict[Any, list[Row]] = defaultdict(list)
    async for part in stream(sql, *((within.start, within.after) * 3)):
        for row in part:
            lines[row[0]].append(row)
    told.days += [_one_day(rows) for rows in lines.values()]


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
            return [DayEvent(then, "postponed", _moment_or_none(starts_at)), DayEvent(then, after)]
        case "postponed":
            return [DayEvent(then, what, _moment_or_none(starts_at))]
        case "held" | "missed" if door != Door.CLI.value:
            return [DayEvent(_moment_or_none(ends_at) or then, what)]
        case _:
            return [DayEvent(then, what)]
