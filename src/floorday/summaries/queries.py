"""The history that a month is counted from, read in a fixed number of queries whatever its size."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.bookings.tables import Booking, BookingEvent
from floorday.db import run_sql
from floorday.issues.tables import Issue, IssueEvent, Note
from floorday.people.access import Door
from floorday.stories.tables import Story
from floorday.summaries import figures
from floorday.summaries.figures import DayEvent, History

MONTHS_SHOWN = 24

DAY_WORDS = frozenset(
    {"invited", "accepted", "tentative", "declined", "postponed", "cancelled", "held", "missed", "moved", "chosen"}
)
ISSUE_WORDS = frozenset(
    {
        "acknowledged",
        "promised",
        "updated",
        "asked",
        "decided",
        "resolved",
        "verdict",
        "reopened",
        "returned",
        "joined",
        "declined",
    }
)


class IssueLine(Struct, frozen=True):
    """An issue as the rows behind a figure show it."""

    id: UUID
    number: int
    title: str
    team: UUID
    team_name: str
    restricted: bool


class DayLine(Struct, frozen=True):
    """A day as the rows behind a figure show it."""

    id: UUID
    manager: UUID
    manager_name: str
    team: UUID
    team_name: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    state: str


class Told(Struct, frozen=True):
    """The history with the names that its rows are shown by."""

    history: History
    issues: dict[UUID, IssueLine]
    days: dict[UUID, DayLine]
    first: datetime | None


async def told() -> Told:
    """Read everything that happened in the programme."""
    teams, departments = await _places()
    names: dict[UUID, str] = {team.id: team.name for team in teams}
    days, day_lines = await _days(names)
    issues, issue_lines = await _issues(names)
    stories = await _stories()
    moments = [event.at for day in days for event in day.events] + [note.at for one in issues for note in one.notes]
    moments += [story.at for story in stories]
    history = History(
        teams=tuple(teams),
        departments=tuple(departments),
        days=tuple(days),
        issues=tuple(issues),
        stories=tuple(stories),
    )  # fmt: skip
    return Told(history, issue_lines, day_lines, min(moments, default=None))


async def _places() -> tuple[list[figures.Team], list[figures.Department]]:
    """Read teams and departments in one query."""
    rows = await run_sql(
        "SELECT id, name, 0 AS fixes, 0 AS word_days FROM team"
        " UNION ALL SELECT id, name, 1 AS fixes, word_days FROM department"
    )
    teams = [figures.Team(_id(row["id"]), row["name"]) for row in rows if not row["fixes"]]
    departments = [
        figures.Department(_id(row["id"]), row["name"], row["word_days"] or None) for row in rows if row["fixes"]
    ]
    return teams, departments


def _id(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


async def _stories() -> list[figures.Story]:
    rows = await Story.select(Story.id, Story.at, Story.team, Story.day, Story.thanked_at)
    return [figures.Story(row["id"], row["at"], row["team"], row["day"], row["thanked_at"]) for row in rows]


async def _days(names: dict[UUID, str]) -> tuple[list[figures.Day], dict[UUID, DayLine]]:
    bookings = await Booking.select(
        Booking.id, Booking.manager, Booking.manager._.name.as_alias("manager_name"),
        Booking.shift._.team.as_alias("team"), Booking.starts_at, Booking.ends_at, Booking.zone, Booking.state,
    )  # fmt: skip
    events: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in await BookingEvent.select(
        BookingEvent.booking, BookingEvent.at, BookingEvent.what, BookingEvent.starts_at, BookingEvent.ends_at,
        BookingEvent.door,
    ).order_by(BookingEvent.at, BookingEvent.id):
        if row["what"] in DAY_WORDS:
            events[row["booking"]].append(row)
    days = [_day(row, events[row["id"]]) for row in bookings if events[row["id"]]]
    lines = {
        row["id"]: DayLine(
            row["id"], row["manager"], row["manager_name"], row["team"], names[row["team"]], row["starts_at"],
            row["ends_at"], row["zone"], row["state"],
        )
        for row in bookings
    }  # fmt: skip
    return days, lines


def _day(row: dict[str, Any], events: list[dict[str, Any]]) -> figures.Day:
    start = events[0]["starts_at"] or row["starts_at"]
    told: list[DayEvent] = []
    for event in events:
        told += _day_events(event)
    return figures.Day(row["id"], row["manager"], row["team"], start, tuple(told))


def _day_events(event: dict[str, Any]) -> list[DayEvent]:
    """Say a line of a booking's history in the words that figures are counted from.

    A move is a postponement with its new time, then the invitation (or the acceptance, where the manager's side
    chose). A postponement keeps the time as last known, which in a history brought in may be a new one. *Held* and
    *missed* happened when the day ended, whenever somebody said so; a history brought in has said when.
    """
    at, what = event["at"], event["what"]
    match what:
        case "moved" | "chosen":
            then = "invited" if what == "moved" else "accepted"
            return [DayEvent(at, "postponed", event["starts_at"]), DayEvent(at, then)]
        case "postponed":
            return [DayEvent(at, what, event["starts_at"])]
        case "held" | "missed" if event["door"] != Door.CLI.value:
            return [DayEvent(event["ends_at"] or at, what)]
        case _:
            return [DayEvent(at, what)]


async def _issues(names: dict[UUID, str]) -> tuple[list[figures.Issue], dict[UUID, IssueLine]]:
    rows = await Issue.select(
        Issue.id, Issue.number, Issue.title, Issue.team, Issue.department, Issue.sponsor, Issue.minutes_per_case,
        Issue.cases_per_month, Issue.restricted,
    )  # fmt: skip
    notes = await _notes()
    events: dict[UUID, list[figures.IssueEvent]] = defaultdict(list)
    for row in await IssueEvent.select(
        IssueEvent.issue, IssueEvent.at, IssueEvent.what, IssueEvent.for_date, IssueEvent.says, IssueEvent.reporter,
        IssueEvent.note, IssueEvent.other,
    ).order_by(IssueEvent.at, IssueEvent.id):  # fmt: skip
        if row["what"] in ISSUE_WORDS:
            events[row["issue"]].append(_issue_event(row))
    issues = [
        figures.Issue(
            row["id"], row["team"], tuple(notes[row["id"]]), tuple(events[row["id"]]), row["department"],
            row["sponsor"], row["minutes_per_case"], row["cases_per_month"],
        )
        for row in rows
        if notes[row["id"]]
    ]  # fmt: skip
    lines = {
        row["id"]: IssueLine(
            row["id"], row["number"], row["title"], row["team"], names[row["team"]], row["restricted"]
        )
        for row in rows
    }  # fmt: skip
    return issues, lines


async def _notes() -> dict[UUID, list[figures.Note]]:
    notes: dict[UUID, list[figures.Note]] = defaultdict(list)
    for row in await Note.select(Note.issue, Note.at, Note.reporter).order_by(Note.at, Note.id):
        if row["issue"] is not None:
            notes[row["issue"]].append(figures.Note(row["at"], row["reporter"]))
    return notes


def _issue_event(row: dict[str, Any]) -> figures.IssueEvent:
    what, says = row["what"], row["says"]
    due: date | None = row["for_date"] if what == "promised" else None
    return figures.IssueEvent(
        at=row["at"],
        what=what,
        due=due,
        how=says if what == "resolved" else None,
        says=says if what == "verdict" else None,
        reporter=row["reporter"] or row["note"],
        into=row["other"] if what == "joined" else None,
    )


def months(first: datetime | None, *, now: datetime, zone: ZoneInfo) -> list[str]:
    """List the months there is something to tell of, newest first."""
    last = now.astimezone(zone)
    begin = (first or now).astimezone(zone)
    year, month, found = last.year, last.month, list[str]()
    while (year, month) >= (begin.year, begin.month) and len(found) < MONTHS_SHOWN:
        found.append(f"{year:04d}-{month:02d}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found
