"""The form `floorday-history/1`: what a line may hold, as types. Pure; docs/history.md tells it to people.

Every line is one of these, known by its `type`; a field that is not listed is refused.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from msgspec import Meta, Struct, field

from floorday.db.text import Line, MailAddress, Prose, Text, Title, ZoneName
from floorday.issues.rules import Kind, Naming, Resolution, Stream, Verdict
from floorday.people.access import Role

FORMAT = "floorday-history/1"

Id = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Instant = Annotated[datetime, Meta(tz=True)]
WorkingDays = Annotated[int, Meta(ge=0, le=10_000)]
Amount = Annotated[float, Meta(ge=0)]


class Said(Text):
    """What was said, in up to 500 characters."""

    __slots__ = ()
    longest = 500
    multiline = True


class Hero(Line):
    """A person's id as the file spells it, or a name."""

    __slots__ = ()

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Check that it is a line, and leave it as it is."""
        super().parse(raw)
        return cls(raw)


class Strict(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Fields by their names, and no others."""


class Header(Strict):
    """The first line: which form this is, and the programme's zone."""

    format: Literal["floorday-history/1"]
    zone: ZoneName


class Team(Strict, tag_field="type", tag="team"):
    """A team; `picture` are the statements of a good day."""

    id: Id
    name: Title
    site: Title
    zone: ZoneName
    picture: tuple[Line, ...] = ()


class Charter(Strict):
    """Within how many working days a department acknowledges, gives a word, fixes."""

    acknowledge_days: WorkingDays
    word_days: Annotated[int, Meta(ge=1, le=10_000)]
    fix_days: WorkingDays


class Department(Strict, tag_field="type", tag="department"):
    """A department, with its charter if it has one."""

    id: Id
    name: Title
    charter: Charter | None = None


class Person(Strict, tag_field="type", tag="person"):
    """Somebody, and what they are in the programme."""

    id: Id
    name: Title
    email: MailAddress
    zone: ZoneName
    roles: tuple[Role, ...]
    team: Id | None = None
    department: Id | None = None
    assists: tuple[Id, ...] = ()


class DayStep(Strict, tag_field="what"):
    """Something that happened to a day."""

    at: Instant


class Invited(DayStep, tag="invited"):
    """The manager was asked."""


class Accepted(DayStep, tag="accepted"):
    """The manager said yes."""


class Tentative(DayStep, tag="tentative"):
    """The manager said maybe."""


class NoThanks(DayStep, tag="declined"):
    """The manager said no."""


class Postponed(DayStep, tag="postponed"):
    """The date went away; `start` and `end` are the new one, where there is one."""

    start: Instant | None = None
    end: Instant | None = None


class Cancelled(DayStep, tag="cancelled"):
    """The day was called off."""


class Held(DayStep, tag="held"):
    """The manager came."""


class Missed(DayStep, tag="missed"):
    """The manager did not come."""


DayEvent = Invited | Accepted | Tentative | NoThanks | Postponed | Cancelled | Held | Missed


class Day(Strict, tag_field="type", tag="day"):
    """A manager's day with a team; `start` and `end` as first invited."""

    id: Id
    manager: Id
    team: Id
    start: Instant
    end: Instant
    events: tuple[DayEvent, ...]
    host: Id | None = None


class Note(Strict):
    """What somebody said; nobody (null) is anonymous."""

    at: Instant
    reporter: Id | None
    stream: Stream
    text: Said
    name: Naming | None = None

    @property
    def naming(self) -> Naming:
        """Say how the reporter wants to be known."""
        return self.name or (Naming.ANONYMOUS if self.reporter is None else Naming.NAMED)


class IssueStep(Strict, tag_field="what"):
    """Something that happened to an issue."""

    at: Instant


class Acknowledged(IssueStep, tag="acknowledged"):
    """Somebody took it on."""


class Promised(IssueStep, tag="promised"):
    """A date was given."""

    due: date = field(name="for")
    because: Prose | None = None


class Updated(IssueStep, tag="updated"):
    """A word was given."""

    text: Prose


class Asked(IssueStep, tag="asked"):
    """The sponsor was asked for a decision."""


class Decided(IssueStep, tag="decided"):
    """The sponsor decided."""

    yes: bool
    because: Prose | None = None


class Resolved(IssueStep, tag="resolved"):
    """Somebody said what was done."""

    how: Resolution = field(name="as")
    text: Prose


class VerdictGiven(IssueStep, tag="verdict"):
    """A reporter said whether it is fixed; null is one of the anonymous ones."""

    reporter: Id | None
    says: Verdict


class Reopened(IssueStep, tag="reopened"):
    """It came back."""

    because: Prose


class Returned(IssueStep, tag="returned"):
    """Somebody of a team met it again; null is an anonymous one."""

    reporter: Id | None
    team: Id


class Joined(IssueStep, tag="joined"):
    """It became part of another issue."""

    into: Id


class Declined(IssueStep, tag="declined"):
    """Nothing will be done."""

    because: Prose


IssueEvent = (
    Acknowledged
    | Promised
    | Updated
    | Asked
    | Decided
    | Resolved
    | VerdictGiven
    | Reopened
    | Returned
    | Joined
    | Declined
)


class Issue(Strict, tag_field="type", tag="issue"):
    """What gets fixed, with all that was said and done."""

    id: Id
    title: Title
    kind: Kind
    team: Id
    notes: tuple[Note, ...]
    events: tuple[IssueEvent, ...]
    department: Id | None = None
    owner: Id | None = None
    sponsor: Id | None = None
    day: Id | None = None
    minutes_per_case: Amount | None = None
    cases_per_month: Amount | None = None
    effort: Literal["small", "medium", "large"] | None = None
    known_before: bool | None = None


class Story(Strict, tag_field="type", tag="story"):
    """Good news; `hero` is a person's id, or a name."""

    id: Id
    at: Instant
    team: Id
    hero: Hero
    text: Prose
    by: Id | None = None
    day: Id | None = None
    customer_words: Prose | None = None
    thanked_at: Instant | None = None


Record = Team | Department | Person | Day | Issue | Story
