"""From the records of a file to the rows that live actions would have left. Pure.

Ids are made when the file comes in, in the order of its lists, so that two events of one instant stay in their
order. What is anonymous gets random ones.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct, field

from floorday.db.text import Line
from floorday.history.form import (
    Day,
    Decided,
    Declined,
    Department,
    Issue,
    IssueEvent,
    Joined,
    Note,
    Person,
    Postponed,
    Promised,
    Reopened,
    Resolved,
    Returned,
    Story,
    Team,
    Updated,
    VerdictGiven,
)
from floorday.history.projection import DayHappened, Happened, project, project_day, steps
from floorday.history.rules import At, History, in_order, time_of, word
from floorday.issues.masks import mask
from floorday.issues.rules import Naming
from floorday.people.access import Door, Role
from floorday.render.words import gettext as _

Row = dict[str, Any]

TEAMS_OWN = frozenset({Role.MEMBER, Role.LEAD})
DEPARTMENTS_OWN = frozenset({Role.OWNER, Role.HEAD_OF_DEPARTMENT})
SEATED = frozenset({"invited", "tentative", "accepted", "held", "missed"})


class Ids:
    """Version 7 ids of one moment, each one later than the last (RFC 9562, 6.2)."""

    def __init__(self, now: datetime) -> None:
        self._moment = int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
        self._count = 0

    def next(self) -> UUID:
        """Give the next id."""
        self._count += 1
        high, low = self._count >> 28 & 0xFFF, (self._count & 0xFFF_FFFF) << 34 | secrets.randbits(34)
        return UUID(int=self._moment << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


class Rows(Struct):
    """The rows of some records, by table."""

    shifts: list[Row] = field(default_factory=list[Row])
    invitations: list[Row] = field(default_factory=list[Row])
    bookings: list[Row] = field(default_factory=list[Row])
    booking_events: list[Row] = field(default_factory=list[Row])
    issues: list[Row] = field(default_factory=list[Row])
    notes: list[Row] = field(default_factory=list[Row])
    issue_events: list[Row] = field(default_factory=list[Row])
    stories: list[Row] = field(default_factory=list[Row])


class Book:
    """A file's ids and ours, side by side, and what rows are made with."""

    def __init__(self, history: History, *, known: Mapping[str, UUID], mail_domain: str, now: datetime) -> None:
        """Take a checked file; `known` are the persons, by address, who are here already."""
        self.ids, self.now, self.mail_domain = Ids(now), now, mail_domain
        self.teams = {one.is_.id: self.ids.next() for one in history.teams}
        self.departments = {one.is_.id: self.ids.next() for one in history.departments}
        self.persons = {one.is_.id: known.get(one.is_.email) or self.ids.next() for one in history.persons}
        self.days = {one.is_.id: self.ids.next() for one in history.days}
        self.issues = {one.is_.id: self._issue_id(one.is_) for one in history.issues}
        self.team = {one.is_.id: one.is_ for one in history.teams}
        self.raised = {one.is_.id: first_note(one.is_) for one in history.issues}
        self.whole = _whole(history.issues)
        self.since = dict(self.raised)
        for part, whole in self.whole.items():
            self.since[whole] = min(self.since[whole], self.raised[part])

    def _issue_id(self, issue: Issue) -> UUID:
        first = min(issue.notes, key=lambda note: note.at)
        return uuid4() if first.reporter is None else self.ids.next()

    def person(self, id: str | None) -> UUID | None:
        """Give our id of a person."""
        return None if id is None else self.persons[id]


def first_note(issue: Issue) -> datetime:
    """Say when an issue was first spoken of."""
    return min(note.at for note in issue.notes).astimezone(UTC)


def _whole(issues: list[At[Issue]]) -> dict[str, str]:
    """Say of each joined issue which one it is part of in the end."""
    into = {one.is_.id: event.into for one in issues for event in one.is_.events if isinstance(event, Joined)}
    ends: dict[str, str] = {}
    for part, next_one in into.items():
        whole = next_one
        while whole in into:
            whole = into[whole]
        ends[part] = whole
    return ends


# --- who is who --------------------------------------------------------------------------------------------------


def team(one: Team, book: Book) -> Row:
    """Make a team's row."""
    return {"id": book.teams[one.id], "name": str(one.name), "site": str(one.site), "zone": str(one.zone),
            "external_id": one.id, "created_at": book.now}  # fmt: skip


def pictures(teams: Iterable[Team], book: Book) -> tuple[list[Row], list[Row]]:
    """Make the agreements and statements of teams; a file does not say who agreed, nor when."""
    agreements: list[Row] = []
    statements: list[Row] = []
    for one in teams:
        if not one.picture:
            continue
        agreement = book.ids.next()
        agreements.append({"id": agreement, "team": book.teams[one.id], "agreed_on": book.now.date(),
                           "noted_at": book.now})  # fmt: skip
        statements += [
            {"id": book.ids.next(), "team": book.teams[one.id], "text": str(text), "place": place,
             "proposed_at": book.now, "agreement": agreement}
            for place, text in enumerate(one.picture, start=1)
        ]  # fmt: skip
    return agreements, statements


def department(one: Department, book: Book) -> Row:
    """Make a department's row; all zeros are no charter."""
    charter = one.charter
    return {
        "id": book.departments[one.id], "name": str(one.name), "external_id": one.id, "created_at": book.now,
        "acknowledge_days": charter.acknowledge_days if charter else 0,
        "word_days": charter.word_days if charter else 0, "fix_days": charter.fix_days if charter else 0,
    }  # fmt: skip


def person(one: Person, book: Book) -> Row:
    """Make a person's row."""
    return {"id": book.persons[one.id], "name": str(one.name), "email": str(one.email), "zone": str(one.zone),
            "external_id": one.id, "created_at": book.now}  # fmt: skip


def grants(one: Person, book: Book) -> Iterator[Row]:
    """Make the rows of a person's roles, each with the team or the department it is for."""
    for role in dict.fromkeys(one.roles):
        yield {
            "id": book.ids.next(), "person": book.persons[one.id], "role": role.value, "granted_at": book.now,
            "team": book.teams[one.team] if one.team and role in TEAMS_OWN else None,
            "department": book.departments[one.department] if one.department and role in DEPARTMENTS_OWN else None,
        }  # fmt: skip


def assists(one: Person, book: Book) -> Iterator[Row]:
    """Make the rows of those whom somebody assists."""
    for manager in dict.fromkeys(one.assists):
        yield {"id": book.ids.next(), "assistant": book.persons[one.id], "manager": book.persons[manager],
               "since": book.now}  # fmt: skip


# --- days --------------------------------------------------------------------------------------------------------


def day(one: Day, book: Book, rows: Rows) -> None:
    """Add a day: a shift of its own at the time as it stands, an invitation, the booking, its history."""
    events = in_order(one.events)
    booked_at = events[0].at.astimezone(UTC) if events else min(one.start, book.now).astimezone(UTC)
    standing = project_day([DayHappened(e.at.astimezone(UTC), tag(e)) for e in events], booked_at=booked_at)
    start, end, state = time_of(one)
    where = book.team[one.team]
    shift, invitation, booking = book.ids.next(), book.ids.next(), book.days[one.id]
    place = str(where.site or where.name)
    rows.shifts.append({
        "id": shift, "team": book.teams[one.team], "host": book.person(one.host), "place": place, "starts_at": start,
        "ends_at": end, "zone": str(where.zone), "seats": 1, "taken": int(state.value in SEATED),
        "offered_at": booked_at,
    })  # fmt: skip
    rows.invitations.append({
        "id": invitation, "team": book.teams[one.team], "why": _("Brought over from an earlier record."),
        "written_at": booked_at,
    })  # fmt: skip
    rows.bookings.append({
        "id": booking, "invitation": invitation, "shift": shift, "manager": book.persons[one.manager],
        "state": state.value, "uid": f"{booking}@{book.mail_domain}", "sequence": standing.sequence,
        "stamped_at": standing.changed_at.replace(microsecond=0), "starts_at": start, "ends_at": end,
        "zone": str(where.zone), "place": place, "answer": standing.answer,
        "answer_sequence": standing.answer_sequence,
        "answer_stamp": standing.answered_at and standing.answered_at.replace(microsecond=0),
        "answered_at": standing.answered_at, "booked_at": booked_at, "changed_at": standing.changed_at,
        "past": end <= book.now, "external_id": one.id,
    })  # fmt: skip
    rows.booking_events += _day_events(one, booking, book)


def tag(event: Any) -> str:
    """Say the word by which the file names an event of a day."""
    return str(event.__struct_config__.tag)


def _day_events(one: Day, booking: UUID, book: Book) -> Iterator[Row]:
    """Make the lines of a day's history, each with the time as it then stood."""
    start, end = one.start, one.end
    events = in_order(one.events)

    def line(at: datetime, what: str) -> Row:
        return {"id": book.ids.next(), "booking": booking, "at": at.astimezone(UTC), "what": what,
                "door": Door.CLI.value, "starts_at": start.astimezone(UTC), "ends_at": end.astimezone(UTC)}  # fmt: skip

    if events and isinstance(events[0], Postponed):
        yield line(events[0].at, "brought over")  # else nobody would know the first time
    for event in events:
        if isinstance(event, Postponed) and event.start is not None and event.end is not None:
            start, end = event.start, event.end
        yield line(event.at, tag(event))


# --- issues ------------------------------------------------------------------------------------------------------


def issue(one: Issue, number: int, book: Book, rows: Rows) -> None:
    """Add an issue with its notes and its history."""
    id, raised = book.issues[one.id], book.raised[one.id]
    events = in_order(one.events)
    zone = str(book.team[one.team].zone)
    happened = [happening(event, zone) for event in events]
    standing = project(happened, raised_at=raised, owned=one.owner is not None, now=book.now)
    whole = book.whole.get(one.id)
    rows.issues.append({
        "id": id, "number": number, "title": mask(str(one.title), zone=zone)[:120], "kind": one.kind.value,
        "team": book.teams[one.team], "department": book.departments[one.department] if one.department else None,
        "owner": book.person(one.owner), "sponsor": book.person(one.sponsor),
        "day": book.days[one.day] if one.day else None, "turn": standing.turn.value,
        "ending": standing.ending.value, "raised_at": book.since[one.id], "last_word_at": standing.last_word_at,
        "promised_for": standing.promised_for, "question": standing.question, "resolution": standing.resolution,
        "done": standing.done, "resolved_at": standing.resolved_at, "round": standing.round,
        "joined_into": book.issues[whole] if whole else None, "minutes_per_case": one.minutes_per_case,
        "cases_per_month": one.cases_per_month, "effort": one.effort or "", "known_before": one.known_before,
        "external_id": one.id, "changed_at": standing.changed_at, "watched_from": book.now,
    })  # fmt: skip
    notes = sorted(one.notes, key=lambda note: note.at)
    unnamed: list[UUID] = []
    for note in notes:
        row = _note(note, one, id, book)
        rows.notes.append(row)
        if note.reporter is None:
            unnamed.append(row["id"])
        rows.issue_events.append(_line(
            book, id, note.at, "raised" if note is notes[0] else "noted", by=book.person(note.reporter),
            unnamed=note.reporter is None,
        ))  # fmt: skip
    stood = list(steps(happened, raised_at=raised, owned=one.owner is not None))[1:]
    for event, told, after in zip(events, happened, stood, strict=True):
        rows.issue_events.append(_event(event, told, after.round, id, unnamed, book))
    rows.issue_events += [_line(book, id, at, "unconfirmed", door=Door.CLOCK, round=standing.round)
                          for at in standing.lapses]  # fmt: skip


def happening(event: IssueEvent, zone: str = "") -> Happened:
    """Say an event of the file as the history of an issue keeps it."""
    at, text, says, due = event.at.astimezone(UTC), "", "", None
    match event:
        case Promised():
            text, due = event.because or "", event.due
        case Updated():
            text = event.text
        case Decided():
            text, says = event.because or "", "yes" if event.yes else "no"
        case Resolved():
            text, says = event.text, event.how.value
        case VerdictGiven():
            says = event.says.value
        case Reopened() | Declined():
            text = event.because
        case _:
            pass
    return Happened(at=at, what=word(event), text=mask(str(text), zone=zone), says=says, due=due)


def _note(note: Note, one: Issue, issue_id: UUID, book: Book) -> Row:
    reporter = book.person(note.reporter)
    return {
        "id": uuid4() if note.naming is Naming.ANONYMOUS else book.ids.next(), "issue": issue_id,
        "team": book.teams[one.team], "day": book.days[one.day] if one.day else None, "stream": note.stream.value,
        "text": mask(str(note.text), zone=str(book.team[one.team].zone))[:500], "naming": note.naming.value,
        "reporter": reporter,
        "written_by": reporter, "at": note.at.astimezone(UTC),
    }  # fmt: skip


def _event(event: IssueEvent, told: Happened, round_: int, issue_id: UUID, unnamed: list[UUID], book: Book) -> Row:
    row = _line(book, issue_id, event.at, told.what, round=round_)
    row |= {"text": told.text, "says": told.says, "for_date": told.due}
    match event:
        case VerdictGiven():
            row |= {"reporter": book.person(event.reporter), "by": book.person(event.reporter)}
            if event.reporter is None and unnamed:
                row["note"] = unnamed[0]
        case Returned():
            row |= {"reporter": book.person(event.reporter), "by": book.person(event.reporter),
                    "other": book.teams[event.team]}
        case Joined():
            row["other"] = book.issues[event.into]
        case _:
            pass
    return row


def _line(
    book: Book, issue_id: UUID, at: datetime, what: str, *, by: UUID | None = None, door: Door = Door.CLI,
    round: int = 0, unnamed: bool = False,
) -> Row:  # fmt: skip
    return {
        "id": uuid4() if unnamed else book.ids.next(), "issue": issue_id, "at": at.astimezone(UTC), "what": what,
        "by": by, "door": door.value, "text": "", "for_date": None, "says": "", "reporter": None, "note": None,
        "other": None, "round": round,
    }  # fmt: skip


# --- stories -----------------------------------------------------------------------------------------------------


def story(one: Story, book: Book, rows: Rows) -> None:
    """Add a story; its hero is a person of the file, or only a name."""
    hero = book.persons.get(one.hero)
    rows.stories.append({
        "id": book.ids.next(), "team": book.teams[one.team], "hero": hero,
        "hero_name": "" if hero else str(Line.parse(str(one.hero))),
        "text": mask(str(one.text), zone=str(book.team[one.team].zone)),
        "customer_words": mask(str(one.customer_words or ""), zone=str(book.team[one.team].zone)),
        "by": book.person(one.by), "day": book.days[one.day] if one.day else None, "at": one.at.astimezone(UTC),
        "thanked_at": one.thanked_at and one.thanked_at.astimezone(UTC), "external_id": one.id,
    })  # fmt: skip
