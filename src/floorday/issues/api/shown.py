"""How notes and issues are shown to a program, as far as its reader may see them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.issues.queries import FROM_THE_FLOOR, EventRow, IssueRow, NoteRow, Opened
from floorday.issues.references import Tracked
from floorday.issues.rules import Effort, Ending, Kind, Naming, Resolution, Stage, Stream, Turn
from floorday.issues.worth import Gain
from floorday.people.access import Door
from floorday.render import refs


class CameBack(Struct, frozen=True):
    """A return: on which day (of the team's zone), how many days after it was closed, and which team met it."""

    on: date
    days: int | None
    team_name: str | None


class Issue(Struct, frozen=True, kw_only=True):
    """What gets fixed. Where `whole` is false you see its face alone, and the rest is null.

    It waits for an answer of those who raised it since `asks_since`.

    `hours_lost` are those of a month, `gain` is worked out from hours, reporters, returns and reputation.
    """

    id: UUID
    number: int
    ref: str
    title: str
    kind: Kind
    stage: Stage
    turn: Turn
    ending: Ending
    department: UUID | None
    department_name: str | None
    promised_for: date | None
    met_by: int
    raised_at: datetime
    whole: bool
    mine: bool
    team: UUID | None = None
    team_name: str | None = None
    owner: UUID | None = None
    owner_name: str | None = None
    sponsor: UUID | None = None
    sponsor_name: str | None = None
    day: UUID | None = None
    last_word_at: datetime | None = None
    question: str | None = None
    snoozed_until: date | None = None
    asks_since: datetime | None = None
    joined_into: UUID | None = None
    minutes_per_case: float | None = None
    cases_per_month: float | None = None
    effort: Effort | None = None
    hours_lost: float | None = None
    reputation: int | None = None
    returns: int | None = None
    came_back: list[CameBack] | None = None
    gain: Gain | None = None
    restricted: bool | None = None
    external_id: str | None = None
    references: list[Tracked] | None = None
    vendor: UUID | None = None
    vendor_name: str | None = None
    vendor_since: datetime | None = None
    picture: UUID | None = None
    picture_text: str | None = None
    measure: UUID | None = None
    measure_name: str | None = None


class Note(Struct, frozen=True, kw_only=True):
    """What was said. `name` is null where it is not for you; of such a note no more than the day is told."""

    id: UUID
    issue: UUID | None
    team: UUID
    team_name: str
    day: UUID | None
    stream: Stream
    text: str
    naming: Naming
    name: str | None
    mine: bool
    at: datetime
    withdrawn_at: datetime | None
    idea: str = ""
    fixed_like: str = ""
    picture: str = ""
    photos: int = 0
    restricted: bool = False


class Step(Struct, frozen=True, kw_only=True):
    """A line of an issue's history. Where `by_name` is null no more than the day is told."""

    at: datetime
    what: str
    says: str
    text: str
    for_date: date | None
    by: UUID | None
    by_name: str | None
    door: Door | None
    round: int


class Resolved(Struct, frozen=True, kw_only=True):
    """What was done; it stands until somebody says that it is not fixed."""

    how: Resolution
    done: str
    at: datetime | None


class Put(Struct, frozen=True, kw_only=True):
    """What those who raised it are asked, all of them or one alone; `mine`: you are asked, too."""

    id: UUID
    text: str
    at: datetime
    by: UUID | None
    by_name: str
    one: bool
    mine: bool
    answered: bool


class OpenedIssue(Issue, frozen=True, kw_only=True):
    """An issue with what was said and what happened, oldest first; of a face these are empty."""

    notes: list[Note]
    promises: list[Step]
    updates: list[Step]
    decisions: list[Step]
    resolution: Resolved | None
    verdicts: list[Step]
    history: list[Step]
    reporter_question: Put | None = None


def show_issue(row: IssueRow) -> Issue:
    """Show an issue in a list."""
    return Issue(**_facts(row))


def _facts(row: IssueRow) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(row, name) for name in (
        "id", "number", "title", "kind", "stage", "turn", "ending", "department", "department_name", "promised_for",
        "met_by", "raised_at", "whole", "mine", "picture", "picture_text", "measure", "measure_name",
    )} | {"ref": refs.ref(row.number)}  # fmt: skip
    if not row.whole:
        return facts
    return facts | {name: getattr(row, name) for name in (
        "team", "team_name", "owner", "owner_name", "sponsor", "sponsor_name", "day", "last_word_at", "question",
        "snoozed_until", "asks_since", "joined_into", "minutes_per_case", "cases_per_month", "effort", "reputation",
        "restricted", "external_id", "references", "vendor", "vendor_name", "vendor_since",
    )} | {"returns": row.returns, "came_back": [
        CameBack(_day(one.at, row.team_zone or "UTC").date(), one.days, one.team_name or None) for one in row.backs
    ], "hours_lost": row.hours, "gain": row.worth.gain}  # fmt: skip


def show_note(row: NoteRow) -> Note:
    """Show a note; where the name is not for its reader, with the day alone."""
    kept = {name: getattr(row, name) for name in Note.__struct_fields__ if name not in {"name", "at"}}
    nameless = not row.name and not row.mine
    at = _day(row.at, row.team_zone) if nameless else row.at
    if nameless and row.withdrawn_at is not None:
        kept["withdrawn_at"] = _day(row.withdrawn_at, row.team_zone)
    return Note(**kept, name=row.name or None, at=at)


def _day(at: datetime, zone: str) -> datetime:
    """Give the beginning of the day: the minute might tell who it was."""
    return at.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def show_step(line: EventRow, zone: str) -> Step:
    """Show a line of history; of somebody of the floor who is not named, with the day alone (in the team's zone)."""
    secret = not line.by_name and line.what in FROM_THE_FLOOR
    return Step(
        at=_day(line.at, zone) if secret else line.at, what=line.what, says=line.says, text=line.text,
        for_date=line.for_date, by=line.by, by_name=line.by_name or None, door=None if secret else line.door,
        round=line.round,
    )  # fmt: skip


def show_opened(found: Opened) -> OpenedIssue:
    """Show an issue with all that happened."""
    row = found.issue
    steps = [show_step(line, row.team_zone or "UTC") for line in found.history]
    told = {what: [step for step in steps if step.what == what] for what in (
        "promised", "updated", "decided", "verdict")}  # fmt: skip
    resolution = None
    if row.whole and row.resolution:
        resolution = Resolved(how=Resolution(row.resolution), done=row.done, at=row.resolved_at)
    return OpenedIssue(
        **_facts(row), notes=[show_note(note) for note in found.notes], promises=told["promised"],
        updates=told["updated"], decisions=told["decided"], resolution=resolution, verdicts=told["verdict"],
        history=steps, reporter_question=_put(found),
    )  # fmt: skip


def _put(found: Opened) -> Put | None:
    return Put(**{name: getattr(found.put, name) for name in Put.__struct_fields__}) if found.put else None
