"""What a read gives of shifts, bookings, their history, proposed times and teams, and what a list is asked for."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from floorday.bookings import rules
from floorday.bookings.rules import HOLDING, ProposalState, State
from floorday.people import access
from floorday.people.access import Door

PAGE = 200
"""The most rows that a list shows at once."""

LIVE = sorted(HOLDING)


class ShiftRow(Struct, frozen=True, kw_only=True):
    """A shift with the names that stand beside it."""

    id: UUID
    team: UUID
    team_name: str
    host: UUID | None
    host_name: str | None
    place: str
    plan: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    seats: int
    taken: int
    withdrawn_at: datetime | None

    @property
    def free(self) -> int:
        """Count the seats that nobody has."""
        return max(self.seats - self.taken, 0) if self.withdrawn_at is None else 0

    def facts(self) -> rules.Shift:
        """Give what the rules ask."""
        return rules.Shift(self.starts_at, self.ends_at, self.seats, self.taken, self.withdrawn_at is not None)

    def thing(self, managers: frozenset[UUID] = frozenset()) -> access.Shift:
        """Give what access asks."""
        return access.Shift(self.team, self.host, managers)


class BookingRow(Struct, frozen=True, kw_only=True):
    """A booking with its shift, its invitation and the names that stand beside it."""

    id: UUID
    invitation: UUID
    shift: UUID
    manager: UUID
    manager_name: str
    manager_email: str
    manager_zone: str
    manager_language: str
    team: UUID
    team_name: str
    host: UUID | None
    host_name: str | None
    state: State
    uid: str
    sequence: int
    stamped_at: datetime
    generation: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str
    plan: str
    answer: str
    answer_sequence: int | None
    answer_stamp: datetime | None
    answered_at: datetime | None
    comment: str
    reason: str
    read_back_at: datetime | None
    booked_at: datetime
    changed_at: datetime
    why: str
    doing: str
    hope: str
    invited_by: UUID | None
    shift_starts_at: datetime
    shift_ends_at: datetime
    shift_withdrawn_at: datetime | None
    external_id: str | None = None

    @property
    def dated(self) -> bool:
        """Say whether the day has a date that still counts."""
        return self.state not in {State.POSTPONED, State.CANCELLED, State.DECLINED}

    def facts(self) -> rules.Booking:
        """Give what the rules ask."""
        return rules.Booking(
            state=self.state, sequence=self.sequence, starts_at=self.starts_at, ends_at=self.ends_at,
            stamped_at=self.stamped_at, answer=self.answer, answer_sequence=self.answer_sequence,
            answer_stamp=self.answer_stamp, shift_withdrawn=self.shift_withdrawn_at is not None,
            shift_moved=(self.shift_starts_at, self.shift_ends_at) != (self.starts_at, self.ends_at),
        )

    def thing(self) -> access.Booking:
        """Give what access asks."""
        return access.Booking(team=self.team, manager=self.manager, host=self.host)


class EventRow(Struct, frozen=True, kw_only=True):
    """One line of a booking's history."""

    id: UUID
    booking: UUID
    at: datetime
    what: str
    by: UUID | None
    by_name: str | None
    by_email: str | None
    on_behalf_of: UUID | None
    behalf_name: str | None
    door: Door
    text: str
    starts_at: datetime | None
    ends_at: datetime | None
    undo: str
    mail: UUID | None = None


class ProposalRow(Struct, frozen=True, kw_only=True):
    """A time that a manager proposed, beside the day as it stands, and what stands in its way.

    `away` counts the manager's other days at that time, `hosting` the host's other shifts, `free` the team's shifts at
    exactly that time with a seat left.
    """

    id: UUID
    booking: UUID
    mail: UUID | None
    state: ProposalState
    starts_at: datetime
    ends_at: datetime
    comment: str
    partstat: str
    sequence: int
    stamp: datetime | None
    made_at: datetime
    manager: UUID
    manager_name: str
    team: UUID
    team_name: str
    host: UUID | None
    host_name: str | None
    zone: str
    was_starts_at: datetime
    was_ends_at: datetime
    day_sequence: int
    day_state: State
    away: int
    hosting: int
    free: int

    def offer(self) -> rules.Offer:
        """Give what the rules ask."""
        return rules.Offer(
            starts_at=self.starts_at, ends_at=self.ends_at, zone=self.zone, sequence=self.sequence,
            day=self.day_state, day_sequence=self.day_sequence, day_starts_at=self.was_starts_at,
            day_ends_at=self.was_ends_at, manager_away=self.away > 0,
        )

    def thing(self) -> access.Booking:
        """Give what access asks of its booking."""
        return access.Booking(team=self.team, manager=self.manager, host=self.host)


class TeamRow(Struct, frozen=True, kw_only=True):
    """A team as the forms of this slice need it."""

    id: UUID
    name: str
    site: str
    place: str
    zone: str
    default_host: UUID | None


class Wanted(Struct, frozen=True, kw_only=True):
    """What a list of shifts or bookings is narrowed to; it goes on after an id."""

    after: UUID | None = None
    limit: int = PAGE
    team: UUID | None = None
    host: UUID | None = None
    manager: UUID | None = None
    shift: UUID | None = None
    invitation: UUID | None = None
    state: State | None = None
    external_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    withdrawn: bool = False
    free: bool = False
