"""From rows to the records of a file. Pure.

What the form has no place for is left out: who did a step, why a verdict was *not*, a question's words, good news
that belongs to no issue, letters. docs/history.md says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from floorday.db.text import Line, MailAddress, Prose, Title, ZoneName
from floorday.history import form
from floorday.issues.rules import Kind, Naming, Resolution, Stream, Verdict
from floorday.people.access import Door, Role
from floorday.render.words import gettext as _

Row = dict[str, Any]

DAY_WORDS: dict[str, Any] = {
    "invited": form.Invited, "accepted": form.Accepted, "tentative": form.Tentative, "declined": form.NoThanks,
    "cancelled": form.Cancelled,
}  # fmt: skip
WORD_DAYS = 10
"""What counts where a charter says nothing."""


class Names:
    """The id that a file knows each thing by."""

    def __init__(self, names: Mapping[str, Mapping[UUID, str]]) -> None:
        self.of = names

    def one(self, kind: str, id: UUID | None) -> Any:
        """Give the file's id of a thing."""
        return None if id is None else self.of[kind][id]


def header(zone: str) -> form.Header:
    """Make the first line."""
    return form.Header(format="floorday-history/1", zone=_exact(ZoneName, zone))


def _exact(_kind: type[Any], text: str) -> Any:
    """Give text as it is stored; it was checked when it came in."""
    return text


def team(row: Row, names: Names) -> form.Team:
    """Make a team's line."""
    return form.Team(
        id=names.one("team", row["id"]), name=_exact(Title, row["name"]), site=_exact(Title, row["site"]),
        zone=_exact(ZoneName, row["zone"]),
        picture=tuple(_exact(Line, line) for line in row["picture"]),
    )  # fmt: skip


def department(row: Row, names: Names) -> form.Department:
    """Make a department's line; one with no number at all has no charter."""
    days = (row["acknowledge_days"], row["word_days"], row["fix_days"])
    charter = form.Charter(acknowledge_days=days[0], word_days=days[1] or WORD_DAYS, fix_days=days[2])
    return form.Department(id=names.one("department", row["id"]), name=_exact(Title, row["name"]),
                           charter=charter if any(days) else None)  # fmt: skip


def person(row: Row, names: Names) -> form.Person:
    """Make a person's line; of several teams or departments the first one stands in it."""
    grants = row["grants"]
    return form.Person(
        id=names.one("person", row["id"]), name=_exact(Title, row["name"]), email=_exact(MailAddress, row["email"]),
        zone=_exact(ZoneName, row["zone"]), roles=tuple(dict.fromkeys(Role(grant["role"]) for grant in grants)),
        team=names.one("team", next((grant["team"] for grant in grants if grant["team"]), None)),
        department=names.one(
            "department", next((grant["department"] for grant in grants if grant["department"]), None)),
        assists=tuple(names.one("person", each["manager"]) for each in row["assists"]),
    )  # fmt: skip


def day(row: Row, names: Names, *, now: datetime) -> form.Day:
    """Make a day's line: the time as first invited, and what happened."""
    events = row["events"]
    stretch = next(((each["starts_at"], each["ends_at"]) for each in events if each["starts_at"]), None)
    start, end = at_first = stretch or (row["starts_at"], row["ends_at"])
    told: list[form.DayEvent] = []
    for each in events:
        new = (each["starts_at"] or at_first[0], each["ends_at"] or at_first[1])
        told += _day_events(each, new if new != (start, end) else None, now)
        if each["what"] in {"postponed", "moved", "chosen"}:
            start, end = new
    return form.Day(
        id=names.one("day", row["id"]), manager=names.one("person", row["manager"]),
        team=names.one("team", row["team"]), start=at_first[0], end=at_first[1], events=tuple(told),
        host=names.one("person", row["host"]),
    )  # fmt: skip


def _day_events(row: Row, new: tuple[datetime, datetime] | None, now: datetime) -> list[form.DayEvent]:
    """Say a line of a booking's history in the words of the file; a move is a postponement and what it leaves.

    A day held or missed was so when it ended, whenever somebody said so; a history brought in has said when.
    """
    at, what = row["at"], row["what"]
    away = form.Postponed(at=at, start=new[0], end=new[1]) if new else form.Postponed(at=at)
    match what:
        case "postponed":
            return [away]
        case "moved":
            return [away, form.Invited(at=at)]
        case "chosen":
            return [away, form.Accepted(at=at)]
        case "held" | "missed":
            end: datetime | None = None if row["door"] == Door.CLI.value else row["ends_at"]
            ended = at if end is None or end > now else end
            return [form.Held(at=ended) if what == "held" else form.Missed(at=ended)]
        case _:
            return [DAY_WORDS[what](at=at)] if what in DAY_WORDS else []


def issue(row: Row, names: Names, members: Mapping[UUID, UUID]) -> form.Issue:
    """Make an issue's line; `members` says to which team somebody belongs."""
    told = (_issue_event(each, row, names, members) for each in row["events"])
    return form.Issue(
        id=names.one("issue", row["id"]), title=_exact(Title, row["title"]), kind=Kind(row["kind"]),
        team=names.one("team", row["team"]), notes=tuple(_note(each, names) for each in row["notes"]),
        events=tuple(each for each in told if each is not None),
        department=names.one("department", row["department"]), owner=names.one("person", row["owner"]),
        sponsor=names.one("person", row["sponsor"]), day=names.one("day", row["day"]),
        minutes_per_case=row["minutes_per_case"], cases_per_month=row["cases_per_month"],
        effort=row["effort"] or None, known_before=row["known_before"],
    )  # fmt: skip


def _note(row: Row, names: Names) -> form.Note:
    """Make a note; one that was withdrawn still counts, and its words are gone."""
    naming = Naming(row["naming"])
    return form.Note(
        at=row["at"], reporter=names.one("person", row["reporter"]), stream=Stream(row["stream"]),
        text=_exact(form.Said, row["text"] if row["withdrawn_at"] is None else _("(withdrawn)")),
        name=Naming.HIDDEN if naming is Naming.HIDDEN else None,
    )  # fmt: skip


def _issue_event(row: Row, of: Row, names: Names, members: Mapping[UUID, UUID]) -> form.IssueEvent | None:
    at, text = row["at"], _exact(Prose, row["text"])
    match row["what"]:
        case "acknowledged":
            return form.Acknowledged(at=at)
        case "promised":
            return form.Promised(at=at, due=row["for_date"], because=text or None)
        case "updated":
            return form.Updated(at=at, text=text)
        case "asked":
            return form.Asked(at=at)
        case "decided":
            return form.Decided(at=at, yes=row["says"] == "yes", because=text or None)
        case "resolved":
            return form.Resolved(at=at, how=Resolution(row["says"]), text=text)
        case "verdict":
            return form.VerdictGiven(at=at, reporter=names.one("person", row["reporter"]), says=Verdict(row["says"]))
        case "reopened":
            return form.Reopened(at=at, because=text)
        case "returned":
            team = row["other"] or members.get(row["reporter"], of["team"])
            return form.Returned(at=at, reporter=names.one("person", row["reporter"]), team=names.one("team", team))
        case "joined":
            return form.Joined(at=at, into=names.one("issue", row["other"]))
        case "declined":
            return form.Declined(at=at, because=text)
        case _:
            return None


def story(row: Row, names: Names) -> form.Story:
    """Make a story's line."""
    return form.Story(
        id=names.one("story", row["id"]), at=row["at"].astimezone(UTC), team=names.one("team", row["team"]),
        hero=names.one("person", row["hero"]) or row["hero_name"], text=_exact(Prose, row["text"]),
        by=names.one("person", row["by"]), day=names.one("day", row["day"]),
        customer_words=row["customer_words"] or None, thanked_at=row["thanked_at"],
    )  # fmt: skip
