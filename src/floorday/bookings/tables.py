"""Shifts a team offers, invitations in its own words, and the booking of one manager on one shift."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from floorday.bookings.rules import ProposalState, State
from floorday.db import uuid7
from floorday.db.columns import CheckedInteger
from floorday.people.access import Door
from floorday.people.tables import Person, Team


class Shift(Table, tablename="shift"):
    """A stretch of time a team offers; `taken` of `seats` are held, and the database keeps it so."""

    id = UUID(primary_key=True, default=uuid7)
    team = ForeignKey(references=Team, null=False, on_delete=OnDelete.restrict, index=True)
    host = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    place = Varchar(length=200)
    plan = Text(default="")
    starts_at = Timestamptz(index=True)
    ends_at = Timestamptz()
    zone = Varchar(length=64)
    seats = Integer(default=1)
    taken = CheckedInteger(default=0, check="taken >= 0 AND taken <= seats")
    offered_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    offered_at = Timestamptz()
    withdrawn_at = Timestamptz(null=True, default=None)


class Invitation(Table, tablename="invitation"):
    """The team's own words: why you, what you will do, what we hope you fix."""

    id = UUID(primary_key=True, default=uuid7)
    team = ForeignKey(references=Team, null=False, on_delete=OnDelete.restrict, index=True)
    why = Text()
    doing = Text(default="")
    hope = Text(default="")
    written_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    written_at = Timestamptz()


class Booking(Table, tablename="booking"):
    """One manager on one shift. `starts_at`, `ends_at`, `zone`, `place` are the shift's as last told to the calendar.

    `sequence` and `stamped_at` are the SEQUENCE and DTSTAMP of the newest iTIP message about it; `answer_*`
    is the newest answer applied (RFC 5546 2.1.5), `generation` makes new letter tokens revoke old ones. `past`
    marks a day that was over when a history brought it in: two of these may overlap, as an older record may say.
    """

    id = UUID(primary_key=True, default=uuid7)
    invitation = ForeignKey(references=Invitation, null=False, on_delete=OnDelete.restrict, index=True)
    shift = ForeignKey(references=Shift, null=False, on_delete=OnDelete.restrict, index=True)
    manager = ForeignKey(references=Person, null=False, on_delete=OnDelete.restrict, index=True)
    state = Varchar(length=12, choices=State, default=State.INVITED)
    uid = Varchar(length=255, unique=True)
    sequence = Integer(default=0)
    stamped_at = Timestamptz()
    generation = Integer(default=0)
    starts_at = Timestamptz(index=True)
    ends_at = Timestamptz()
    zone = Varchar(length=64)
    place = Varchar(length=200)
    answer = Varchar(length=12, default="")
    answer_sequence = Integer(null=True, default=None)
    answer_stamp = Timestamptz(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    comment = Text(default="")
    reason = Text(default="")
    read_back_at = Timestamptz(null=True, default=None)
    booked_at = Timestamptz()
    changed_at = Timestamptz()
    past = Boolean(default=False)
    external_id = Varchar(length=200, null=True, default=None)


class BookingEvent(Table, tablename="booking_event"):
    """What happened to a booking: who, on behalf of whom, when, through which door.

    `undo` is how the booking stood before (JSON) a step that may be undone while its letters wait; the line of
    a step that was undone stays as "undone ..." and counts for nothing.
    """

    id = UUID(primary_key=True, default=uuid7)
    booking = ForeignKey(references=Booking, null=False, on_delete=OnDelete.restrict, index=True)
    at = Timestamptz()
    what = Varchar(length=24)
    by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    on_behalf_of = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    door = Varchar(length=12, choices=Door)
    text = Text(default="")
    starts_at = Timestamptz(null=True, default=None)
    ends_at = Timestamptz(null=True, default=None)
    mail = UUID(null=True, default=None)
    undo = Text(default="")


class Proposal(Table, tablename="booking_proposal"):
    """Another time that a manager proposed for a booking, in UTC; at most one of a booking is open.

    `sequence` is the revision it was proposed against, `stamp` its DTSTAMP, `partstat` only a hint; `mail` is the plain
    id of the mail it came in. `event` is the line of history that settled it, so that its Undo opens it again.
    """

    id = UUID(primary_key=True, default=uuid7)
    booking = ForeignKey(references=Booking, null=False, on_delete=OnDelete.restrict, index=True)
    mail = UUID(null=True, default=None, index=True)
    state = Varchar(length=12, choices=ProposalState, default=ProposalState.OPEN)
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    comment = Text(default="")
    partstat = Varchar(length=16, default="")
    sequence = Integer(default=0)
    stamp = Timestamptz(null=True, default=None)
    made_at = Timestamptz()
    passed_on_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    settled_by = ForeignKey(references=Person, null=True, default=None, on_delete=OnDelete.restrict)
    settled_at = Timestamptz(null=True, default=None)
    event = UUID(null=True, default=None)
    words = Text(default="")


_HOLDS = "('invited', 'tentative', 'accepted')"

GUARDS = (
    f"CREATE UNIQUE INDEX booking_live_once ON booking (manager, shift) WHERE state IN {_HOLDS}",
    "CREATE INDEX booking_state_start ON booking (state, starts_at)",
    "CREATE UNIQUE INDEX booking_external_id_once ON booking (external_id) WHERE external_id IS NOT NULL",
    "CREATE UNIQUE INDEX booking_proposal_open_once ON booking_proposal (booking) WHERE state = 'open'",
)
"""The same on both databases."""

_MEANWHILE = (
    " AND EXISTS (SELECT 1 FROM booking b WHERE b.manager = NEW.manager AND b.id <> NEW.id"  # noqa: S608 - own words
    f" AND NOT b.past AND b.state IN {_HOLDS} AND b.starts_at < NEW.ends_at AND NEW.starts_at < b.ends_at)"
)
GUARDS_SQLITE = tuple(
    f"CREATE TRIGGER booking_one_place_{moment} BEFORE {moment.upper()} ON booking"
    f" WHEN NOT NEW.past AND NEW.state IN {_HOLDS}{_MEANWHILE} BEGIN SELECT RAISE(ABORT, 'booking_one_place'); END"
    for moment in ("insert", "update")
)
"""A manager is never in two places: SQLite says it by trigger (its one writer makes that safe)."""

GUARDS_POSTGRES = (
    "CREATE TYPE uuidrange AS RANGE (subtype = uuid)",
    "ALTER TABLE booking ADD CONSTRAINT booking_one_place EXCLUDE USING gist"
    " (uuidrange(manager, manager, '[]') WITH &&, tstzrange(starts_at, ends_at, '[)') WITH &&)"
    f" WHERE (NOT past AND state IN {_HOLDS})",
)
"""... PostgreSQL by an exclusion constraint that needs no extension."""
