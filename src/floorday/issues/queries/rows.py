"""What the reads of issues give: Structs, ready to show and to decide on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from floorday.issues import references, rules, worth
from floorday.issues.references import Tracked
from floorday.issues.rules import Effort, Ending, Kind, Naming, Stage, Stream, Turn, Verdict
from floorday.issues.worth import Gain, Worth
from floorday.people import access
from floorday.people.access import Act, Actor, Door, can

PAGE = 200
"""The most rows that a list shows at once."""

VERDICT, DECISION = "verdict", "decision"
"""The purposes of the links in letters; a verdict's is of one reporter alone: `verdict.<person>`."""


class Back(Struct, frozen=True):
    """A return: when, how many days after it was closed (None: nothing tells), and which team met it ("": none)."""

    at: datetime
    days: int | None
    team_name: str


class IssueRow(Struct, frozen=True, kw_only=True):
    """An issue with the names that stand beside it, and what it is to its reader.

    For whoever sees its face alone `whole` is false, and team, names, day, picture, question and what was done are left
    out.
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
    minutes_per_case: float | None
    cases_per_month: float | None
    effort: Effort
    restricted: bool
    version: int
    changed_at: datetime
    external_id: str | None = None
    picture: UUID | None = None
    picture_text: str | None = None
    measure: UUID | None = None
    measure_name: str | None = None
    owner_left_at: datetime | None = None
    sponsor_left_at: datetime | None = None
    word_days: int | None = None
    team_zone: str = ""
    tracked: str = ""
    vendor: UUID | None = None
    vendor_name: str | None = None
    vendor_since: datetime | None = None
    vendor_says: str = ""
    vendor_date: date | None = None
    asks: UUID | None = None
    asks_since: datetime | None = None
    reputation: int | None = None
    met_by: int = 0
    backs: tuple[Back, ...] = ()
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
    def returns(self) -> int:
        """Count how often it came back; of a face nothing is told."""
        return len(self.backs)

    @property
    def hours(self) -> float | None:
        """Give the hours lost a month, where they are stated and for this reader."""
        return worth.hours(self.minutes_per_case, self.cases_per_month)

    @property
    def worth(self) -> Worth:
        """Give what was said of its cost; only of a row that is whole."""
        return Worth(hours=self.hours, met_by=self.met_by, returns=self.returns, reputation=self.reputation)

    @property
    def quick(self) -> bool:
        """Say whether its reader sees it as a quick win: small, worth doing, and waiting for somebody to fix it."""
        waits = self.turn not in {Turn.TELL_FLOOR, Turn.CLOSED} and self.snoozed_until is None
        return self.whole and waits and worth.is_quick(self.effort, self.worth.gain)

    @property
    def stage(self) -> Stage:
        """Say in one word where it stands."""
        return Stage.of(self.turn, self.ending)

    @property
    def references(self) -> list[Tracked]:
        """Give what other trackers call it."""
        return references.read(self.tracked)

    def facts(self, *, cannots: int = 0) -> rules.Issue:
        """Give what the rules ask; whoever has left owns and sponsors nothing, however their name stands beside it."""
        return rules.Issue(
            id=self.id, turn=self.turn, ending=self.ending, owner=None if self.owner_left_at else self.owner,
            department=self.department, sponsor=None if self.sponsor_left_at else self.sponsor,
            promised_for=self.promised_for, snoozed_until=self.snoozed_until, resolution=self.resolution,
            resolved_by=self.resolved_by, resolved_at=self.resolved_at, round=self.round, cannots=cannots,
            asks=self.asks, waits=self.asks_since is not None,
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
    """A note as its reader may see it: `name` is "" where the name is not for this reader.

    `restricted` ones are `shut` to all but their reporter and coordinators; `asked` is the word with which a
    coordinator asks its reporter to say it better.
    """

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
    idea: str = ""
    fixed_like: str = ""
    picture: str = ""
    photos: int = 0
    restricted: bool = False
    shut: bool = False
    asked: str | None = None


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
    restricted: bool = False


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
    vendor: str | None = None
    through: str | None = None
    """The vendor that a line is about, and the address that what they said was sent to."""
    team_name: str | None = None
    days: int | None = None
    """Of what came back: which team met it, and how many days after it was closed."""


class Put(Struct, frozen=True, kw_only=True):
    """A question to those who raised an issue: who put it and when, to all of them or (`one`) to one alone.

    `mine` says whether its reader is asked; `answered` whether they have answered already.
    """

    id: UUID
    issue: UUID
    text: str
    at: datetime
    by: UUID | None
    by_name: str
    one: bool
    mine: bool = False
    answered: bool = False


class Opened(Struct, frozen=True, kw_only=True):
    """An issue with what was said and what happened. `said` is its reader's verdict on the standing resolution.

    `put` is the question that those who raised it are asked. `hidden` are those whose names its
    reader must not see, wherever else they turn up.
    """

    issue: IssueRow
    notes: list[NoteRow] = []
    history: list[EventRow] = []
    hidden: frozenset[UUID] = frozenset()
    said: Verdict | None = None
    cannots: int = 0
    put: Put | None = None


class LetterRow(Struct, frozen=True, kw_only=True):
    """What became of a letter about an issue; with a `deed`, of one in which a clock told its `rung` of several."""

    id: UUID
    name: str
    to_name: str
    person: UUID | None
    created_at: datetime
    sent_at: datetime | None
    failed_at: datetime | None
    server_words: str
    left_before: datetime | None = None
    leaves_at: datetime | None = None
    deed: str = ""
    rung: str = ""


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
    other: UUID | None = None
    undo_from: datetime | None = None


class Reporter(Struct, frozen=True, kw_only=True):
    """Somebody who raised an issue, or brought it back; `hidden` where the name is the coordinator's alone."""

    id: UUID
    name: str
    email: str
    zone: str
    language: str = "en"
    hidden: bool = False


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
    put: Put | None = None


class Filters(Struct, frozen=True, kw_only=True):
    """What a board is narrowed to; whatever a face does not tell narrows it to what its reader sees whole.

    `joined` leaves in what is part of another issue, where nothing else is said of the ending. `unhanded`: no
    department has it yet. `reputation` is the least. `quick`: small, worth doing, and
    still to be fixed. `ids`: these alone.
    """

    turn: Turn | None = None
    ending: Ending | None = None
    team: UUID | None = None
    department: UUID | None = None
    owner: UUID | None = None
    sponsor: UUID | None = None
    day: UUID | None = None
    picture: UUID | None = None
    measure: UUID | None = None
    kind: Kind | None = None
    effort: Effort | None = None
    gain: Gain | None = None
    reputation: int | None = None
    quick: bool = False
    unhanded: bool = False
    ids: tuple[UUID, ...] | None = None
    closed: bool | None = False
    joined: bool = False
    snoozed: bool | None = None
    mine: bool = False
    words: str = ""
    external_id: str | None = None
    reference: str | None = None
    vendor: UUID | None = None
    after: int | None = None
    order: Literal["oldest", "newest", "quiet", "number", "hours"] = "oldest"
    limit: int = PAGE
