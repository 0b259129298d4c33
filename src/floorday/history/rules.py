"""What a history file must hold to be taken, and everything that is wrong with one that does not. Pure.

`read` turns lines into records, `check` holds them against each other, `meet` against what is here already. Each
gives every fault it finds: a file is mended once, not line by line.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, field

from floorday.bookings.rules import HOLDING, State
from floorday.db.text import dec_hook
from floorday.history.form import (
    FORMAT,
    Day,
    Department,
    Header,
    Issue,
    IssueEvent,
    Joined,
    Note,
    Person,
    Postponed,
    Promised,
    Record,
    Returned,
    Story,
    Team,
    VerdictGiven,
)
from floorday.issues.rules import Naming
from floorday.render.words import gettext as _

T = TypeVar("T")

SHORT_OFFSET = re.compile(rb'"[0-9]{4}-[0-9]{2}-[0-9]{2}.[0-9]{2}:[0-9]{2}:[0-9]{2}[0-9.]*[+-][0-9]{4}"')
TIMES = frozenset({"at", "start", "end", "thanked_at"})

HEADER = msgspec.json.Decoder(Header, dec_hook=dec_hook)
RECORD: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record, dec_hook=dec_hook)


class Loose(Struct):
    """What is asked of a line that is not of the form."""

    type: str
    id: str


LOOSE = msgspec.json.Decoder(Loose)


class Fault(Struct, frozen=True, order=True):
    """What is wrong with a line; the header is line 1."""

    line: int
    reason: str


class At(Struct, Generic[T], frozen=True, gc=False):
    """A record and the line it stands on."""

    line: int
    is_: T


class History(Struct):
    """All lines of a file, by what they are.

    `broken` are the ids of lines that could not be read, so that what refers to them is not reported too; where even
    an id could not be read, `lost` says so.
    """

    zone: str = "UTC"
    broken: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    lost: bool = False
    teams: list[At[Team]] = field(default_factory=list[At[Team]])
    departments: list[At[Department]] = field(default_factory=list[At[Department]])
    persons: list[At[Person]] = field(default_factory=list[At[Person]])
    days: list[At[Day]] = field(default_factory=list[At[Day]])
    issues: list[At[Issue]] = field(default_factory=list[At[Issue]])
    stories: list[At[Story]] = field(default_factory=list[At[Story]])

    def all(self) -> dict[str, list[At[Any]]]:
        """Give the records by the word that their lines use."""
        return {
            "team": self.teams, "department": self.departments, "person": self.persons, "day": self.days,
            "issue": self.issues, "story": self.stories,
        }  # fmt: skip


class Here(Struct, frozen=True):
    """What the database holds already, as far as a file can be in its way.

    `persons` are addresses with the person and the id that an import gave them; `busy` the time that a manager, by
    address, has given away.
    """

    ids: Mapping[str, Collection[str]] = {}
    teams: Collection[str] = frozenset()
    departments: Collection[str] = frozenset()
    persons: Mapping[str, tuple[UUID, str | None]] = {}
    aliases: Collection[str] = frozenset()
    busy: Mapping[str, list[tuple[datetime, datetime]]] = {}


# --- reading -----------------------------------------------------------------------------------------------------


def read(lines: Iterable[bytes]) -> tuple[History, list[Fault]]:
    """Read a file line by line; a line that is not of the form is a fault, and the others are still read."""
    found, faults = History(), list[Fault]()
    places = {Team: found.teams, Department: found.departments, Person: found.persons, Day: found.days,
              Issue: found.issues, Story: found.stories}  # fmt: skip
    number, empty = 0, list[int]()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            empty.append(number)
            continue
        faults += [Fault(each, _("This line is empty.")) for each in empty]  # at the end of a file it is none
        empty.clear()
        try:
            if number == 1:
                found.zone = HEADER.decode(line.removeprefix(BOM_UTF8)).zone
                continue
            record = RECORD.decode(line)
            if SHORT_OFFSET.search(line):
                _written_in_full(msgspec.json.decode(line))
            _in_reach(record)
            places[type(record)].append(At(number, record))  # pyright: ignore[reportArgumentType]  # by its own type
        except (ValueError, RecursionError) as error:  # msgspec's errors and those of broken UTF-8 are ValueErrors
            faults.append(Fault(number, _said(error, first=number == 1)))
            _remember(found, line, first=number == 1)
    if number == len(empty):
        faults.append(Fault(1, _("The file is empty.")))
    return found, faults


def _written_in_full(told: Any) -> None:
    """Refuse a time whose offset lacks its colon: RFC 3339 has none such, the decoder takes it all the same."""
    match told:
        case dict():
            for name, value in cast("dict[str, Any]", told).items():
                if name in TIMES and isinstance(value, str) and SHORT_OFFSET.search(f'"{value}"'.encode()):
                    raise ValueError(_("This is no time of RFC 3339: %(time)s") % {"time": value})
                _written_in_full(value)
        case list():
            for each in cast("list[Any]", told):
                _written_in_full(each)
        case _:
            pass


def _remember(found: History, line: bytes, *, first: bool) -> None:
    """Note the id of a line that could not be read."""
    try:
        loose = LOOSE.decode(line)
        found.broken.setdefault(loose.type, set()).add(loose.id)
    except (ValueError, RecursionError):
        found.lost = found.lost or not first


def _said(error: Exception, *, first: bool) -> str:
    if isinstance(error, UnicodeDecodeError):
        return _("This is not UTF-8.")
    if isinstance(error, RecursionError):
        return _("This is not a line of the form.")
    words = str(error).rstrip(".")
    return _("The first line has to name the form, %(form)s: %(words)s.") % {"form": FORMAT, "words": words} if first \
        else f"{words}."


def _in_reach(record: Record) -> None:
    """Refuse an instant that no calendar reaches, before anything is counted with it."""
    for at in _instants(record):
        if not 2 <= at.year <= 9998:
            raise ValueError(_("The year %(year)s is out of reach") % {"year": at.year})


def _instants(record: Record) -> Iterator[datetime]:
    match record:
        case Day():
            yield from (record.start, record.end)
            for event in record.events:
                yield event.at
                if isinstance(event, Postponed):
                    yield from (each for each in (event.start, event.end) if each is not None)
        case Issue():
            yield from (entry.at for entry in (*record.notes, *record.events))
        case Story():
            yield from (each for each in (record.at, record.thanked_at) if each is not None)
        case _:
            pass


# --- the file by itself ------------------------------------------------------------------------------------------


class Names(Struct, frozen=True):
    """The ids that lines may refer to; where a line is lost, nobody can say which ids there are."""

    of: Mapping[str, Collection[str]]
    lost: bool

    def missing(self, kind: str, id: str | None) -> Iterator[str]:
        """Say it where there is no such thing."""
        if id is not None and not self.lost and id not in self.of[kind]:
            yield _("There is no %(kind)s with this id in the file: %(id)s.") % {"kind": kind, "id": id}


def check(history: History, *, now: datetime) -> list[Fault]:
    """Find everything wrong with a file whose lines could be read."""
    known = {kind: _ids(records) | history.broken.get(kind, set()) for kind, records in history.all().items()}
    names = Names(known, lost=history.lost)
    zone, joins = ZoneInfo(history.zone), _Joins({one.is_.id: one.is_ for one in history.issues})
    faults = [*_twice(history)]
    look: list[tuple[list[At[Any]], Callable[[Any], Iterable[str]]]] = [
        (history.teams, _team), (history.departments, _department),
        (history.persons, lambda one: _person(one, names)),
        (history.days, lambda one: _day(one, names, now)),
        (history.issues, lambda one: _issue(one, names, joins, zone, now)),
        (history.stories, lambda one: _story(one, names, now)),
    ]  # fmt: skip
    for records, rule in look:
        faults += [Fault(one.line, reason) for one in records for reason in rule(one.is_)]
    faults += _overlaps(history, now=now)
    return sorted(faults)


def _ids(records: Iterable[At[Any]]) -> frozenset[str]:
    return frozenset(one.is_.id for one in records)


def _twice(history: History) -> Iterator[Fault]:
    for kind, records in history.all().items():
        yield from _repeated(records, lambda one: one.id, _("There is a %s of this id already") % kind)
    yield from _repeated(history.teams, lambda one: one.name, _("There is a team of this name already"))
    yield from _repeated(history.departments, lambda one: one.name, _("There is a department of this name already"))
    yield from _repeated(history.persons, lambda one: one.email, _("There is a person with this address already"))


def _repeated(records: list[At[Any]], key: Callable[[Any], str], words: str) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for one in sorted(records, key=lambda each: each.line):
        seen = first.setdefault(key(one.is_), one.line)
        if seen != one.line:
            yield Fault(one.line, f"{words}: {key(one.is_)} ({_('line')} {seen}).")


def _team(team: Team) -> Iterator[str]:
    yield from _named(team.name)


def _department(department: Department) -> Iterator[str]:
    yield from _named(department.name)


def _named(name: str) -> Iterator[str]:
    if not name:
        yield _("The name is empty.")


def _past(at: datetime, now: datetime) -> Iterator[str]:
    if at > now:
        yield _("%(at)s is still to come.") % {"at": at.isoformat()}


def _person(person: Person, names: Names) -> Iterator[str]:
    yield from _named(person.name)
    yield from names.missing("team", person.team)
    yield from names.missing("department", person.department)
    for other in person.assists:
        yield from names.missing("person", other)


def _day(day: Day, names: Names, now: datetime) -> Iterator[str]:
    yield from names.missing("person", day.manager)
    yield from names.missing("person", day.host)
    yield from names.missing("team", day.team)
    yield from _stretch(day.start, day.end)
    for event in day.events:
        yield from _past(event.at, now)
        if isinstance(event, Postponed):
            if (event.start is None) != (event.end is None):
                yield _("A new time has both a start and an end.")
            elif event.start is not None and event.end is not None:
                yield from _stretch(event.start, event.end)


def _stretch(start: datetime, end: datetime) -> Iterator[str]:
    if end <= start:
        yield _("The day ends before it starts.")


def _story(story: Story, names: Names, now: datetime) -> Iterator[str]:
    yield from names.missing("team", story.team)
    yield from names.missing("person", story.by)
    yield from names.missing("day", story.day)
    if not story.hero.strip():
        yield _("The hero is empty.")
    yield from _past(story.at, now)
    if story.thanked_at is not None:
        yield from _past(story.thanked_at, now)


def _issue(issue: Issue, names: Names, joins: _Joins, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    if not issue.title:
        yield _("The title is empty.")
    yield from names.missing("team", issue.team)
    yield from names.missing("department", issue.department)
    yield from names.missing("person", issue.owner)
    yield from names.missing("person", issue.sponsor)
    yield from names.missing("day", issue.day)
    if not issue.notes:
        yield _("An issue has at least one note.")
    for note in issue.notes:
        yield from _note(note, names, now)
    yield from _events(issue, names, joins, zone, now)
    if joins.circle(issue.id):
        yield _("It is joined in a circle.")


def _note(note: Note, names: Names, now: datetime) -> Iterator[str]:
    yield from _past(note.at, now)
    yield from names.missing("person", note.reporter)
    if (note.naming is Naming.ANONYMOUS) != (note.reporter is None):
        yield _("A note is anonymous exactly where it has no reporter.")


def _events(issue: Issue, names: Names, joins: _Joins, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    first = min((note.at for note in issue.notes), default=None)
    joined, returned = False, set[str]()
    for event in in_order(issue.events):
        yield from _past(event.at, now)
        if first is not None and event.at < first:
            yield _("Something happened before the first note: %(what)s.") % {"what": word(event)}
        if joined:
            yield _("Something happened after it was joined: %(what)s.") % {"what": word(event)}
        match event:
            case Promised() if event.due < event.at.astimezone(zone).date():
                yield _("%(due)s was already past when it was promised.") % {"due": event.due}
            case VerdictGiven():
                yield from names.missing("person", event.reporter)
                if event.reporter not in joins.reporters(issue, event.at) | returned:
                    yield _("A verdict by somebody who was no reporter of it then: %(who)s.") % {
                        "who": event.reporter or _("anonymous")}
            case Returned():
                yield from names.missing("person", event.reporter)
                yield from names.missing("team", event.team)
                if event.reporter is None and None not in joins.reporters(issue, event.at):
                    yield _("Nobody wrote an anonymous note before it was returned without a name.")
                elif event.reporter is not None:
                    returned.add(event.reporter)
            case Joined():
                joined = True
                yield from names.missing("issue", event.into)
                if event.into == issue.id:
                    yield _("An issue cannot be joined into itself.")
            case _:
                pass


def in_order(events: Iterable[T]) -> list[T]:
    """Put events in order of time; where times are equal, the list decides."""
    return sorted(events, key=lambda event: event.at)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownLambdaType]  # every event has one


def word(event: IssueEvent) -> str:
    """Say the word by which the file names an event."""
    return str(event.__struct_config__.tag)


class _Joins:
    """Which issue is part of which, and who has raised one with all its parts."""

    def __init__(self, issues: Mapping[str, Issue]) -> None:
        self.issues = issues
        self.into: dict[str, str] = {}
        self.parts: defaultdict[str, list[tuple[str, datetime]]] = defaultdict(list)
        for issue in issues.values():
            joined = next((event for event in in_order(issue.events) if isinstance(event, Joined)), None)
            if joined is not None:
                self.into[issue.id] = joined.into
                self.parts[joined.into].append((issue.id, joined.at))

    def circle(self, id: str) -> bool:
        """Say whether following the joins from an issue comes back to it, by way of another one."""
        seen, here = {id}, self.into.get(id)
        if here == id:
            return False
        while here is not None and here not in seen:
            seen.add(here)
            here = self.into.get(here)
        return here == id

    def reporters(self, issue: Issue, at: datetime) -> set[str | None]:
        """Say who had written a note by then, on it or on what had been joined into it; None is anonymous."""
        found, waiting, seen = set[str | None](), [issue.id], set[str]()
        while waiting:
            id = waiting.pop()
            if id in seen or id not in self.issues:
                continue
            seen.add(id)
            found |= {note.reporter for note in self.issues[id].notes if note.at <= at}
            waiting += [part for part, joined_at in self.parts.get(id, ()) if joined_at <= at]
        return found


def time_of(day: Day) -> tuple[datetime, datetime, State]:
    """Say when a day stands at last, and how."""
    start, end, state = day.start, day.end, State.INVITED
    for event in in_order(day.events):
        state = State(str(event.__struct_config__.tag))
        if isinstance(event, Postponed) and event.start is not None and event.end is not None:
            start, end = event.start, event.end
    return start.astimezone(UTC), end.astimezone(UTC), state


def _to_come(history: History, now: datetime) -> dict[str, list[tuple[datetime, datetime, int]]]:
    """List the days that will still take a manager's time."""
    taken: dict[str, list[tuple[datetime, datetime, int]]] = defaultdict(list)
    for one in history.days:
        start, end, state = time_of(one.is_)
        if state in HOLDING and end > now:
            taken[one.is_.manager].append((start, end, one.line))
    return taken


def _overlaps(history: History, *, now: datetime) -> Iterator[Fault]:
    """Refuse days to come that would have a manager in two places; of days that are over the record is taken."""
    for days in _to_come(history, now).values():
        until: datetime | None = None
        for start, end, line in sorted(days):
            if until is not None and start < until:
                yield Fault(line, _("The manager has another day at that time."))
            until = max(until or end, end)


# --- the file and what is here -----------------------------------------------------------------------------------


def meet(history: History, here: Here, *, now: datetime) -> list[Fault]:
    """Find where a file is in the way of what is here already.

    A person whose address is known here, and whom no import has brought, is taken to be the same person.
    """
    faults: list[Fault] = []
    for kind, records in history.all().items():
        known = here.ids.get(kind, frozenset[str]())
        words = _("An earlier import has brought this %(kind)s: %(id)s.")
        faults += [Fault(one.line, words % {"kind": kind, "id": one.is_.id}) for one in records if one.is_.id in known]
    for records, known, words in (
        (history.teams, here.teams, _("There is a team of this name here: %(name)s.")),
        (history.departments, here.departments, _("There is a department of this name here: %(name)s.")),
    ):
        faults += [Fault(one.line, words % {"name": one.is_.name}) for one in records if one.is_.name in known]
    faults += [Fault(one.line, reason) for one in history.persons for reason in _other(one.is_, here)]
    address = {one.is_.id: one.is_.email for one in history.persons}
    for manager, days in _to_come(history, now).items():
        for start, end, line in days:
            if any(start < until and since < end for since, until in here.busy.get(address.get(manager, ""), ())):
                faults.append(Fault(line, _("The manager has another day at that time.")))
    return sorted(faults)


def _other(person: Person, here: Here) -> Iterator[str]:
    _id, external = here.persons.get(person.email, (None, None))
    if person.email in here.aliases or (external is not None and external != person.id):
        yield _("This address belongs to somebody else here: %(email)s.") % {"email": person.email}
