"""Every read about issues and notes; lists hold only what their reader may see.

What was said, where and by whom is for those named in docs/access.md. Everybody else sees the *face* of an issue: the
rows below come with team, names and day left out for them (`whole` is false), so that a page cannot show too much.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from floorday.bookings.tables import Booking
from floorday.db import dialect
from floorday.errors import NotFound
from floorday.issues import rules
from floorday.issues.rules import Effort, Ending, Kind, Naming, Resolution, Stage, Stream, Turn, Verdict
from floorday.issues.tables import Issue, IssueEvent, Note
from floorday.mail.tables import Letter, MailToken
from floorday.people import access
from floorday.people.access import Act, Actor, Door, Role, What, can, visible
from floorday.people.tables import Department, Grant, Person, Team
from floorday.render import tokens
from floorday.render.words import gettext as _

PAGE = 200
"""The most rows that a list shows at once."""

VERDICT, DECISION = "verdict", "decision"
"""The purposes of the links in letters; a verdict's is of one reporter alone: `verdict.<person>`."""


class IssueRow(Struct, frozen=True, kw_only=True):
    """An issue with the names that stand beside it, and what it is to its reader.

    For whoever sees its face alone `whole` is false, and team, names, day, question and what was done are left out.
    `met_by` counts persons and anonymous notes, those of joined issues included.
    """

    id: UUID
    number: int
    title: str
    kind: Kind
    team: UUID | None
    team_name: str
    department: UUID | None
    department_name: str | None
    owner: UUID | None
    owner_name: str | None
    sponsor: UUID | None
    sponsor_name: str | None
    day: UUID | None
    day_manager: UUID | None
    turn: Turn
    ending: Ending
    raised_at: datetime
    last_word_at: datetime
    promised_for: date | None
    question: str
    resolution: str
    done: str
    resolved_by: UUID | None
    resolved_at: datetime | None
    round: int
    snoozed_until: date | None
    joined_into: UUID | None
    minutes_per_case: int | None
    cases_per_month: int | None
    effort: Effort
    restricted: bool
    version: int
    changed_at: datetime
    word_days: int | None = None
    team_zone: str = ""
    met_by: int = 0
    reporters: frozenset[UUID] = frozenset()
    whole: bool = True
    i_reported: bool = False
    i_own: bool = False
    i_sponsor: bool = False

    @property
    def mine(self) -> bool:
        """Say whether its reader raised, owns or sponsors it."""
        return self.i_reported or self.i_own or self.i_sponsor

    @property
    def stage(self) -> Stage:
        """Say in one word where it stands."""
        return Stage(self.ending.value if self.turn is Turn.CLOSED else self.turn.value)

    def facts(self, *, cannots: int = 0) -> rules.Issue:
        """Give what the rules ask."""
        return rules.Issue(
            id=self.id, turn=self.turn, ending=self.ending, owner=self.owner, department=self.department,
            sponsor=self.sponsor, promised_for=self.promised_for, snoozed_until=self.snoozed_until,
            resolution=self.resolution, resolved_by=self.resolved_by, resolved_at=self.resolved_at, round=self.round,
            cannots=cannots,
        )  # fmt: skip

    def thing(self) -> access.Issue:
        """Give what access asks; only of a row that is whole."""
        if self.team is None or not self.whole:
            raise ValueError("Access is asked about a whole row.")
        return access.Issue(
            team=self.team, department=self.department, owner=self.owner, sponsor=self.sponsor,
            day_manager=self.day_manager, reporters=self.reporters, restricted=self.restricted,
        )  # fmt: skip

    def can(self, actor: Actor, act: Act) -> bool:
        """Say whether its reader may do this; of a face alone that is to say "me too"."""
        return can(actor, act, self.thing()) if self.whole else act in {Act.SEE_FACE, Act.RAISE}


class NoteRow(Struct, frozen=True, kw_only=True):
    """A note as its reader may see it: `name` is "" where the name is not for this reader."""

    id: UUID
    issue: UUID | None
    issue_number: int | None
    team: UUID
    team_name: str
    team_zone: str
    day: UUID | None
    stream: Stream
    text: str
    naming: Naming
    name: str
    mine: bool
    at: datetime
    withdrawn_at: datetime | None


class Written(Struct, frozen=True, kw_only=True):
    """A note as it is stored: who wrote it is for `shown_name` to say."""

    id: UUID
    issue: UUID | None
    team: UUID
    team_zone: str
    naming: Naming
    reporter: UUID | None
    reporter_name: str | None
    text: str
    stream: Stream
    at: datetime
    withdrawn_at: datetime | None


class EventRow(Struct, frozen=True, kw_only=True):
    """One line of an issue's history, as its reader may see it: `by_name` is "" where the name is not for them."""

    id: UUID
    issue: UUID
    at: datetime
    what: str
    by: UUID | None
    by_name: str
    door: Door
    text: str
    for_date: date | None
    says: str
    other: UUID | None
    round: int


class Opened(Struct, frozen=True, kw_only=True):
    """An issue with what was said and what happened. `said` is its reader's verdict on the standing resolution.

    `hidden` are those whose names its reader must not see, wherever else they turn up.
    """

    issue: IssueRow
    notes: list[NoteRow] = []
    history: list[EventRow] = []
    hidden: frozenset[UUID] = frozenset()
    said: Verdict | None = None
    cannots: int = 0


class LetterRow(Struct, frozen=True, kw_only=True):
    """What became of a letter about an issue."""

    id: UUID
    name: str
    to_name: str
    person: UUID | None
    created_at: datetime
    sent_at: datetime | None
    failed_at: datetime | None
    server_words: str


class Fixer(Struct, frozen=True, kw_only=True):
    """Somebody who may own an issue of a department, or (without one) sponsor any."""

    person: UUID
    name: str
    department: UUID | None
    department_name: str | None


class Last(Struct, frozen=True, kw_only=True):
    """The last step of an issue, and how it stood before, while that can be taken back."""

    id: UUID
    by: UUID | None
    at: datetime
    what: str
    undo: str


class Reporter(Struct, frozen=True, kw_only=True):
    """Somebody who raised an issue, or brought it back; `hidden` where the name is the coordinator's alone."""

    id: UUID
    name: str
    email: str
    zone: str
    language: str = "en"
    hidden: bool = False


class Reader(Struct, frozen=True, kw_only=True):
    """Somebody who gets a letter."""

    id: UUID
    name: str
    email: str
    zone: str
    language: str = "en"


class TeamRow(Struct, frozen=True, kw_only=True):
    """A team as a note needs it."""

    id: UUID
    name: str
    zone: str


class Pass(Struct, frozen=True):
    """What a token in a letter stands for: which issue, and who holds the link."""

    issue: UUID
    person: UUID


class Face(Struct, frozen=True, kw_only=True):
    """An issue as a page without an account shows it: what it is, where it stands, what was done or asked."""

    id: UUID
    number: int
    title: str
    turn: Turn
    ending: Ending
    question: str
    resolution: str
    done: str
    promised_for: date | None
    person: str
    person_id: UUID
    zone: str
    language: str


class Heard(Struct, frozen=True, kw_only=True):
    """What an anonymous reporter was told, line by line."""

    at: datetime
    what: str
    says: str
    text: str
    for_date: date | None


class FollowUp(Struct, frozen=True, kw_only=True):
    """What an anonymous reporter reads with the code: the own note, and what became of it."""

    note: UUID
    text: str
    at: datetime
    number: int | None
    title: str
    turn: Turn | None
    ending: Ending
    promised_for: date | None
    resolution: str
    done: str
    asks_verdict: bool
    words: list[Heard]


class Filters(Struct, frozen=True, kw_only=True):
    """What a board is narrowed to; a team, an owner or a sponsor narrows it to what its reader sees whole."""

    turn: Turn | None = None
    ending: Ending | None = None
    team: UUID | None = None
    department: UUID | None = None
    owner: UUID | None = None
    sponsor: UUID | None = None
    day: UUID | None = None
    kind: Kind | None = None
    closed: bool | None = False
    snoozed: bool | None = None
    mine: bool = False
    words: str = ""
    order: Literal["oldest", "newest", "quiet"] = "oldest"
    limit: int = PAGE


# --- issues ----------------------------------------------------------------------------------------------------

_ISSUE = (
    Issue.id, Issue.number, Issue.title, Issue.kind, Issue.team, Issue.team._.name.as_alias("team_name"),
    Issue.team._.zone.as_alias("team_zone"),
    Issue.department, Issue.department._.name.as_alias("department_name"),
    Issue.department._.word_days.as_alias("word_days"),
    Issue.owner, Issue.owner._.name.as_alias("owner_name"), Issue.sponsor,
    Issue.sponsor._.name.as_alias("sponsor_name"), Issue.day, Issue.day._.manager.as_alias("day_manager"),
    Issue.turn, Issue.ending, Issue.raised_at, Issue.last_word_at, Issue.promised_for, Issue.question,
    Issue.resolution, Issue.done, Issue.resolved_by, Issue.resolved_at, Issue.round, Issue.snoozed_until,
    Issue.joined_into, Issue.minutes_per_case, Issue.cases_per_month, Issue.effort, Issue.restricted, Issue.version,
    Issue.changed_at,
)  # fmt: skip


async def issue(actor: Actor | None, issue_id: UUID) -> IssueRow:
    """Find an issue as somebody may see it; nobody (None) is the clock. Hidden is NotFound."""
    rows = await _counted(await Issue.select(*_ISSUE).where(Issue.id == issue_id))
    if not rows:
        raise NotFound(_("There is no such issue."))
    if actor is None:
        return rows[0]
    return _as_seen(rows[0], actor)


async def by_number(actor: Actor, number: int) -> IssueRow:
    """Find an issue by the number that people say."""
    row = await Issue.select(Issue.id).where(Issue.number == number).first()
    if row is None:
        raise NotFound(_("There is no such issue."))
    return await issue(actor, row["id"])


async def board(actor: Actor, filters: Filters | None = None) -> list[IssueRow]:
    """List the issues that somebody may see, joined ones left out unless they are asked for."""
    wanted = filters or Filters()
    query = Issue.select(*_ISSUE)
    for condition in _narrowed(actor, wanted):
        query = query.where(condition)
    reads_whole = any(field is not None for field in (wanted.team, wanted.owner, wanted.sponsor, wanted.day))
    if (seen := _seen(actor, What.ISSUES if reads_whole else What.FACES)) is not None:
        query = query.where(seen)
    match wanted.order:
        case "oldest":
            query = query.order_by(Issue.raised_at, Issue.number)
        case "newest":
            query = query.order_by(Issue.raised_at, Issue.number, ascending=False)
        case "quiet":
            query = query.order_by(Issue.last_word_at, Issue.number)
    return [_as_seen(row, actor) for row in await _counted(await query.limit(wanted.limit))]


async def search(actor: Actor, words: str, *, limit: int = 20) -> list[IssueRow]:
    """Find issues by words of their title, or by their number; open and closed."""
    if not words.strip():
        return []
    return await board(actor, Filters(words=words, closed=None, order="newest", limit=limit))


def _narrowed(actor: Actor, wanted: Filters) -> list[Any]:
    found: list[Any] = []
    for column, value in (
        (Issue.turn, wanted.turn), (Issue.ending, wanted.ending), (Issue.kind, wanted.kind), (Issue.team, wanted.team),
        (Issue.department, wanted.department), (Issue.owner, wanted.owner), (Issue.sponsor, wanted.sponsor),
        (Issue.day, wanted.day),
    ):
        if value is not None:
            found.append(column == getattr(value, "value", value))
    if wanted.ending is not Ending.JOINED:
        found.append(Issue.ending != Ending.JOINED.value)
    if wanted.closed is not None and wanted.turn is None and wanted.ending is None:
        closed = Issue.turn == Turn.CLOSED.value
        found.append(closed if wanted.closed else Issue.turn != Turn.CLOSED.value)
    if wanted.snoozed is not None:
        found.append(Issue.snoozed_until.is_not_null() if wanted.snoozed else Issue.snoozed_until.is_null())
    if wanted.mine:
        found.append(_touches(actor.person))
    if words := wanted.words.strip():
        number = words.removeprefix("#")
        if number.isdecimal() and len(number) < 9:
            found.append(Issue.number == int(number))
        else:
            # SQLite's LIKE knows no case in ASCII and has no ILIKE.
            like = Issue.title.ilike if dialect() == "postgres" else Issue.title.like
            found += [like(f"%{_literal(word)}%") for word in words.split()[:8]]
    return found


def _literal(word: str) -> str:
    """Let what stands for anything in a LIKE stand for one character at most, the same on both databases."""
    return word.replace("\\", "_").replace("%", "_")


async def _counted(raw: list[dict[str, Any]]) -> list[IssueRow]:
    """Put beside each issue who met it, in two queries whatever their number."""
    if not raw:
        return []
    ids = [row["id"] for row in raw]
    notes = await Note.select(Note.id, Note.issue, Note.issue._.joined_into.as_alias("into"), Note.reporter).where(
        Note.withdrawn_at.is_null(), Note.issue.is_in(ids) | Note.issue._.joined_into.is_in(ids))
    returns = await IssueEvent.select(
        IssueEvent.issue, IssueEvent.issue._.joined_into.as_alias("into"), IssueEvent.reporter,
    ).where(
        IssueEvent.what == "returned", IssueEvent.reporter.is_not_null(),
        IssueEvent.issue.is_in(ids) | IssueEvent.issue._.joined_into.is_in(ids),
    )  # fmt: skip
    persons: dict[UUID, set[UUID]] = defaultdict(set)
    unnamed: dict[UUID, int] = defaultdict(int)
    for row in (*notes, *returns):
        for one in {row["issue"], row["into"]} - {None}:
            if row["reporter"] is None:
                unnamed[one] += 1
            else:
                persons[one].add(row["reporter"])
    rows = msgspec.convert(raw, list[IssueRow])
    return [
        structs.replace(row, met_by=len(persons[row.id]) + unnamed[row.id], reporters=frozenset(persons[row.id]))
        for row in rows
    ]


def _as_seen(row: IssueRow, actor: Actor) -> IssueRow:
    """Leave out what is not for this reader; hidden is NotFound."""
    thing = row.thing()
    if not can(actor, Act.SEE_FACE, thing):
        raise NotFound(_("There is no such issue."))
    row = structs.replace(
        row, i_reported=actor.person in row.reporters, i_own=row.owner == actor.person,
        i_sponsor=row.sponsor == actor.person,
    )  # fmt: skip
    if can(actor, Act.SEE_ISSUE, thing):
        return row
    return structs.replace(
        row, whole=False, team=None, team_name="", team_zone="", owner=None, owner_name=None, sponsor=None,
        sponsor_name=None, day=None, day_manager=None, question="", done="", resolved_by=None,
        reporters=frozenset(), restricted=False, minutes_per_case=None, cases_per_month=None,
    )  # fmt: skip


def _touches(person: UUID) -> Any:
    """Filter to what somebody raised (also as part of another issue), brought back, owns or sponsors."""
    noted = Note.select(Note.issue).where(
        Note.reporter == person, Note.withdrawn_at.is_null(), Note.issue.is_not_null())
    returned = IssueEvent.select(IssueEvent.issue).where(
        IssueEvent.what == "returned", IssueEvent.reporter == person)
    raised: Any = Issue.id.is_in(noted) | Issue.id.is_in(returned)
    joined = Issue.select(Issue.joined_into).where(Issue.joined_into.is_not_null(), raised)
    return raised | Issue.id.is_in(joined) | (Issue.owner == person) | (Issue.sponsor == person)


def _seen(actor: Actor, what: What) -> Any:
    """Turn a reader's scope into a filter."""
    scope = visible(actor, what)
    if scope.all:
        return None
    days = Booking.select(Booking.id).where(Booking.manager == actor.person)
    seen: Any = _touches(actor.person) | Issue.day.is_in(days)
    if scope.teams:
        seen = seen | Issue.team.is_in(sorted(scope.teams))
    if scope.departments:
        seen = seen | Issue.department.is_in(sorted(scope.departments))
    if scope.unrestricted:
        seen = seen | (Issue.restricted == False)  # noqa: E712 - a column, not a value
    return seen


# --- notes, history, reporters -----------------------------------------------------------------------------------

_NOTE = (
    Note.id, Note.issue, Note.issue._.number.as_alias("issue_number"), Note.team,
    Note.team._.name.as_alias("team_name"), Note.team._.zone.as_alias("team_zone"), Note.day, Note.stream, Note.text,
    Note.naming, Note.reporter, Note.reporter._.name.as_alias("reporter_name"), Note.at, Note.withdrawn_at,
)  # fmt: skip


def shown_name(note: Written, actor: Actor) -> str:
    """Give the name beside a note as this reader may see it; "" where it is not for them, or nobody knows it."""
    if note.naming is Naming.ANONYMOUS or note.reporter is None:
        return ""
    if note.naming is Naming.HIDDEN and note.reporter != actor.person and not actor.has(Role.COORDINATOR):
        return ""
    return note.reporter_name or ""


async def notes(actor: Actor, row: IssueRow) -> list[NoteRow]:
    """List what was said about an issue, joined ones included; nothing to whoever sees its face alone."""
    if not row.whole:
        return []
    return _shown(await _notes((Note.issue == row.id) | (Note.issue._.joined_into == row.id)), actor)


async def good_news(actor: Actor, *, limit: int = PAGE) -> list[NoteRow]:
    """List the good news of the teams that somebody may read, newest first, and the own."""
    condition: Any = Note.stream == Stream.GOOD_NEWS.value
    scope = visible(actor, What.ISSUES)
    if not scope.all:
        days = Booking.select(Booking.id).where(Booking.manager == actor.person)
        theirs: Any = (Note.reporter == actor.person) | Note.day.is_in(days)
        condition = condition & (theirs | Note.team.is_in(sorted(scope.teams)) if scope.teams else theirs)
    return _shown(await _notes(condition, newest=limit), actor)


async def day_notes(actor: Actor, booking: UUID) -> list[NoteRow]:
    """List what was said on a day; whoever may see the day's brief reads it, anybody else the own."""
    found = await Booking.select(
        Booking.manager, Booking.shift._.team.as_alias("team"), Booking.shift._.host.as_alias("host"),
    ).where(Booking.id == booking).first()
    if found is None:
        raise NotFound(_("There is no such day."))
    thing = access.Booking(team=found["team"], manager=found["manager"], host=found["host"])
    condition: Any = Note.day == booking
    whole = actor.has(Role.COORDINATOR, Role.HEAD_OF_SERVICE) or can(actor, Act.RAISE, thing)
    if not whole:
        condition = condition & (Note.reporter == actor.person)
    return _shown(await _notes(condition), actor)


async def note(note_id: UUID) -> Written:
    """Find a note as it is stored."""
    row = await Note.select(*_NOTE).where(Note.id == note_id).first()
    if row is None:
        raise NotFound(_("There is no such note."))
    return msgspec.convert(row, Written)


async def _notes(condition: Any, *, newest: int | None = None) -> list[dict[str, Any]]:
    query = Note.select(*_NOTE).where(condition)
    if newest is None:
        return await query.order_by(Note.at, Note.id)
    return await query.order_by(Note.at, Note.id, ascending=False).limit(newest)


def _shown(raw: list[dict[str, Any]], actor: Actor) -> list[NoteRow]:
    return [
        msgspec.convert(
            {**row, "name": shown_name(msgspec.convert(row, Written), actor),
             "mine": row["reporter"] is not None and row["reporter"] == actor.person}, NoteRow)
        for row in raw
    ]  # fmt: skip


FROM_THE_FLOOR = frozenset({"raised", "noted", "verdict", "reopened", "returned", "withdrawn", "corrected", "word"})
"""Lines that reporters cause: a hidden reporter stays hidden in them."""


async def history(actor: Actor, row: IssueRow) -> list[EventRow]:
    """List what happened to an issue and to those joined into it, oldest first."""
    if not row.whole:
        return []
    noted = await Note.select(Note.reporter, Note.naming).where(
        (Note.issue == row.id) | (Note.issue._.joined_into == row.id), Note.reporter.is_not_null())
    lines = await _lines(row.id)
    return [msgspec.convert(_unnamed(line, _hidden(noted, actor)), EventRow) for line in lines]


async def _lines(issue_id: UUID) -> list[dict[str, Any]]:
    return await IssueEvent.select(
        IssueEvent.id, IssueEvent.issue, IssueEvent.at, IssueEvent.what, IssueEvent.by,
        IssueEvent.by._.name.as_alias("by_name"), IssueEvent.door, IssueEvent.text, IssueEvent.for_date,
        IssueEvent.says, IssueEvent.other, IssueEvent.round, IssueEvent.reporter,
    ).where((IssueEvent.issue == issue_id) | (IssueEvent.issue._.joined_into == issue_id)).order_by(
        IssueEvent.at, IssueEvent.id)  # fmt: skip


def _hidden(notes: list[dict[str, Any]], actor: Actor) -> frozenset[UUID]:
    """Say whose names stay with the coordinator; a note withdrawn does not give its name away either."""
    if actor.has(Role.COORDINATOR):
        return frozenset()
    return frozenset(note["reporter"] for note in notes if note["naming"] == Naming.HIDDEN.value) - {actor.person}


async def opened(actor: Actor, issue_id: UUID) -> Opened:
    """Find an issue with everything that stands on its page, in three queries."""
    raw = await Issue.select(*_ISSUE).where(Issue.id == issue_id).first()
    if raw is None:
        raise NotFound(_("There is no such issue."))
    noted = await _notes((Note.issue == issue_id) | (Note.issue._.joined_into == issue_id))
    lines = await _lines(issue_id)
    met = [note["reporter"] for note in noted if note["withdrawn_at"] is None]
    met += [line["reporter"] for line in lines if line["what"] == "returned" and line["reporter"] is not None]
    persons = frozenset(met) - {None}
    row = structs.replace(
        msgspec.convert(raw, IssueRow), met_by=len(persons) + met.count(None), reporters=persons)
    row = _as_seen(row, actor)
    if not row.whole:
        return Opened(issue=row)
    hidden = _hidden(noted, actor)
    own = [line["says"] for line in lines if line["what"] == "verdict" and line["issue"] == issue_id
           and line["round"] == row.round and line["reporter"] == actor.person]
    return Opened(
        issue=row, notes=_shown(noted, actor), hidden=hidden, said=Verdict(own[-1]) if own else None,
        history=[msgspec.convert(_unnamed(line, hidden), EventRow) for line in lines],
        cannots=sum(line["issue"] == issue_id and line["what"] == "resolved"
                    and line["says"] == Resolution.CANNOT.value for line in lines),
    )  # fmt: skip


async def letters(issue_id: UUID) -> list[LetterRow]:
    """List the letters about an issue and what became of each, oldest first; not their content, no address."""
    rows = await Letter.select(
        Letter.id, Letter.name, Letter.to_name, Letter.person, Letter.created_at, Letter.sent_at, Letter.failed_at,
        Letter.server_words,
    ).where(Letter.about == issue_id, Letter.taken_back_at.is_null()).order_by(Letter.created_at, Letter.id)
    return msgspec.convert(rows, list[LetterRow])


async def fixers() -> list[Fixer]:
    """List who may own or sponsor an issue: each department's people, then the managers, in one query."""
    rows = await Grant.select(
        Grant.person, Grant.person._.name.as_alias("name"), Grant.department,
        Grant.department._.name.as_alias("department_name"),
    ).where(
        Grant.role.is_in([Role.OWNER.value, Role.HEAD_OF_DEPARTMENT.value, Role.MANAGER.value]),
        Grant.person._.left_at.is_null(), Grant.department._.closed_at.is_null(),
    )  # fmt: skip
    found = {(row["department"], row["person"]): msgspec.convert(row, Fixer) for row in rows}
    return sorted(found.values(), key=lambda one: (one.department_name or "", one.name, one.person))


def _unnamed(line: dict[str, Any], hidden: frozenset[UUID]) -> dict[str, Any]:
    if line["by"] is None or (line["by"] in hidden and line["what"] in FROM_THE_FLOOR):
        return {**line, "by": None, "by_name": ""}
    return line


_READER = (Person.id, Person.name, Person.email, Person.zone, Person.language)


async def reporters(issue_id: UUID) -> list[Reporter]:
    """List the persons who raised an issue or brought it back, joined ones included, who are still here.

    For letters and for the coordinator: whoever hides the name is among them.
    """
    noted = await Note.select(Note.reporter, Note.naming).where(
        (Note.issue == issue_id) | (Note.issue._.joined_into == issue_id),
        Note.reporter.is_not_null(), Note.withdrawn_at.is_null(),
    )  # fmt: skip
    returned = await IssueEvent.select(IssueEvent.reporter).where(
        (IssueEvent.issue == issue_id) | (IssueEvent.issue._.joined_into == issue_id),
        IssueEvent.what == "returned", IssueEvent.reporter.is_not_null(),
    )  # fmt: skip
    who = {row["reporter"] for row in (*noted, *returned)}
    hidden = {row["reporter"] for row in noted if row["naming"] == Naming.HIDDEN.value}
    if not who:
        return []
    rows = await Person.select(*_READER).where(Person.id.is_in(sorted(who)), Person.left_at.is_null()).order_by(
        Person.name, Person.id)
    return [msgspec.convert({**row, "hidden": row["id"] in hidden}, Reporter) for row in rows]


async def reader(person_id: UUID | None) -> Reader | None:
    """Find somebody who is still here."""
    if person_id is None:
        return None
    row = await Person.select(*_READER).where(Person.id == person_id, Person.left_at.is_null()).first()
    return msgspec.convert(row, Reader) if row else None


async def last_step(issue_id: UUID) -> Last | None:
    """Find the last line of an issue's history."""
    rows = await IssueEvent.select(
        IssueEvent.id, IssueEvent.by, IssueEvent.at, IssueEvent.what, IssueEvent.undo,
    ).where(IssueEvent.issue == issue_id, IssueEvent.what != "undone").order_by(
        IssueEvent.at, IssueEvent.id, ascending=False).limit(1)  # fmt: skip
    return msgspec.convert(rows[0], Last) if rows else None


async def last_event_at(issue_id: UUID) -> datetime | None:
    """Say when something last happened to an issue."""
    rows = await IssueEvent.select(IssueEvent.at).where(IssueEvent.issue == issue_id).order_by(
        IssueEvent.at, ascending=False).limit(1)
    return rows[0]["at"] if rows else None


async def cannots(issue_id: UUID) -> int:
    """Count how often it was said that an issue cannot be fixed."""
    return await IssueEvent.count().where(
        IssueEvent.issue == issue_id, IssueEvent.what == "resolved", IssueEvent.says == Resolution.CANNOT.value)


async def said(issue_id: UUID, *, round: int, reporter: UUID | None = None, note: UUID | None = None) -> Verdict | None:
    """Find what a reporter said last of the standing resolution."""
    whose = IssueEvent.note == note if reporter is None else IssueEvent.reporter == reporter
    rows = await IssueEvent.select(IssueEvent.says).where(
        IssueEvent.issue == issue_id, IssueEvent.what == "verdict", IssueEvent.round == round, whose,
    ).order_by(IssueEvent.at, IssueEvent.id, ascending=False).limit(1)  # fmt: skip
    return Verdict(rows[0]["says"]) if rows else None


async def silent_since(before: datetime, *, limit: int = 500) -> list[UUID]:
    """List the issues that have waited for a verdict since a moment or longer."""
    rows = await Issue.select(Issue.id).where(
        Issue.turn == Turn.TELL_FLOOR.value, Issue.resolved_at <= before).order_by(Issue.resolved_at).limit(limit)
    return [row["id"] for row in rows]


async def asleep_until(day: date, *, limit: int = 500) -> list[UUID]:
    """List the issues that were put aside until a day or an earlier one."""
    rows = await Issue.select(Issue.id).where(
        Issue.snoozed_until <= day, Issue.turn != Turn.CLOSED.value).order_by(Issue.snoozed_until).limit(limit)
    return [row["id"] for row in rows]


async def team(team_id: UUID) -> TeamRow:
    """Find a team that is not closed, or raise NotFound."""
    row = await Team.select(Team.id, Team.name, Team.zone).where(Team.id == team_id, Team.closed_at.is_null()).first()
    if row is None:
        raise NotFound(_("There is no such team."))
    return msgspec.convert(row, TeamRow)


async def teams() -> list[TeamRow]:
    """List the teams a note may be about."""
    rows = await Team.select(Team.id, Team.name, Team.zone).where(Team.closed_at.is_null()).order_by(Team.name)
    return msgspec.convert(rows, list[TeamRow])


async def departments() -> dict[UUID, str]:
    """Name the departments by id."""
    rows = await Department.select(Department.id, Department.name).where(Department.closed_at.is_null()).order_by(
        Department.name)
    return {row["id"]: row["name"] for row in rows}


async def owners(department: UUID) -> list[Reader]:
    """List who may own an issue of a department."""
    who = Grant.select(Grant.person).where(
        Grant.department == department, Grant.role.is_in([Role.OWNER.value, Role.HEAD_OF_DEPARTMENT.value]))
    return await _readers(Person.id.is_in(who))


async def sponsors() -> list[Reader]:
    """List who may sponsor an issue: the managers."""
    return await _readers(Person.id.is_in(Grant.select(Grant.person).where(Grant.role == Role.MANAGER.value)))


async def _readers(condition: Any) -> list[Reader]:
    rows = await Person.select(*_READER).where(Person.left_at.is_null(), condition).order_by(Person.name)
    return msgspec.convert(rows, list[Reader])


async def day_of(booking: UUID) -> access.Booking:
    """Give what access asks of the day that a note comes from."""
    row = await Booking.select(
        Booking.manager, Booking.shift._.team.as_alias("team"), Booking.shift._.host.as_alias("host"),
    ).where(Booking.id == booking).first()
    if row is None:
        raise NotFound(_("There is no such day."))
    return access.Booking(team=row["team"], manager=row["manager"], host=row["host"])


# --- links in letters, and codes --------------------------------------------------------------------------------


def purpose_for(reporter: UUID) -> str:
    """Name the purpose of a verdict link: one reporter's alone."""
    return f"{VERDICT}.{reporter.hex}"


async def verdict_link(token: str, *, now: datetime) -> Pass | None:
    """Find what a verdict link stands for; nothing when it is unknown, revoked, or of an older resolution."""
    row = await _token(token, VERDICT, now)
    if row is None:
        return None
    found = await Issue.select(Issue.round).where(Issue.id == row["about"]).first()
    if found is None or found["round"] != row["generation"]:
        return None
    return Pass(row["about"], row["person"])


async def decision_link(token: str, *, now: datetime) -> Pass | None:
    """Find what a decision link stands for; nothing when it is unknown or revoked, or another sponsor answers now."""
    row = await _token(token, DECISION, now)
    if row is None:
        return None
    found = await Issue.select(Issue.sponsor).where(Issue.id == row["about"]).first()
    if found is None or found["sponsor"] != row["person"]:
        return None
    return Pass(row["about"], row["person"])


async def verdict_pass(token: str, now: datetime) -> Face | None:
    """Give what the page behind a verdict link shows."""
    return await _face(await verdict_link(token, now=now))


async def decision_pass(token: str, now: datetime) -> Face | None:
    """Give what the page behind a decision link shows."""
    return await _face(await decision_link(token, now=now))


async def _token(token: str, purpose: str, now: datetime) -> dict[str, Any] | None:
    row = await MailToken.select(
        MailToken.purpose, MailToken.about, MailToken.person, MailToken.generation, MailToken.expires_at,
        MailToken.revoked_at,
    ).where(MailToken.hash == tokens.digest(token)).first()
    if row is None or row["person"] is None or row["revoked_at"] is not None:
        return None
    if row["purpose"].partition(".")[0] != purpose or (row["expires_at"] is not None and row["expires_at"] <= now):
        return None
    return row


async def _face(held: Pass | None) -> Face | None:
    if held is None:
        return None
    found = await reader(held.person)
    if found is None:
        return None
    row = await issue(None, held.issue)
    return Face(
        id=row.id, number=row.number, title=row.title, turn=row.turn, ending=row.ending, question=row.question,
        resolution=row.resolution, done=row.done, promised_for=row.promised_for, person=found.name,
        person_id=found.id, zone=found.zone, language=found.language,
    )  # fmt: skip


async def by_code(digest: str) -> Written | None:
    """Find the anonymous note that a follow-up code opens, by the code's keyed hash."""
    row = await Note.select(*_NOTE).where(
        Note.follow_up == digest, Note.naming == Naming.ANONYMOUS.value, Note.withdrawn_at.is_null()).first()
    return msgspec.convert(row, Written) if row else None


TOLD = ("acknowledged", "promised", "updated", "decided", "resolved", "declined", "reopened", "returned", "joined")


async def heard(issues: Collection[UUID]) -> list[Heard]:
    """List what was told to everybody who raised an issue, oldest first; names nobody."""
    rows = await IssueEvent.select(
        IssueEvent.at, IssueEvent.what, IssueEvent.says, IssueEvent.text, IssueEvent.for_date,
    ).where(IssueEvent.issue.is_in(sorted(issues)), IssueEvent.what.is_in(list(TOLD))).order_by(
        IssueEvent.at, IssueEvent.id)  # fmt: skip
    return msgspec.convert(rows, list[Heard])
