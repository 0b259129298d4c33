"""Every read about shifts, invitations and bookings; lists hold only what their reader may see."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns and joins are typed Any.)

from __future__ import annotations

import functools
import operator
from collections.abc import AsyncGenerator, Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from floorday.bookings import rules
from floorday.bookings.rules import HOLDING, ProposalState, State
from floorday.bookings.tables import Booking, BookingEvent, Shift
from floorday.db import BATCH, Statement, batches, run_sql
from floorday.errors import NotFound
from floorday.mail.outbox import Sent
from floorday.mail.tables import Letter, MailToken
from floorday.people import access
from floorday.people.access import Actor, Door, Role, What, visible
from floorday.people.queries import Reader, readers
from floorday.people.tables import Grant, Person, Team
from floorday.render import tokens
from floorday.render.words import gettext as _

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


class Pass(Struct, frozen=True):
    """What a token in an answer link stands for: which booking, and who holds the link."""

    booking: UUID
    person: UUID


# --- shifts ----------------------------------------------------------------------------------------------------

_SHIFT = (
    Shift.id, Shift.team, Shift.team._.name.as_alias("team_name"), Shift.host,
    Shift.host._.name.as_alias("host_name"), Shift.place, Shift.plan, Shift.starts_at, Shift.ends_at, Shift.zone,
    Shift.seats, Shift.taken, Shift.withdrawn_at,
)  # fmt: skip


_ONE_SHIFT = Statement("""
    SELECT s.id, s.team, t.name AS team_name, s.host, h.name AS host_name, s.place, s.plan, s.starts_at, s.ends_at,
           s.zone, s.seats, s.taken, s.withdrawn_at
    FROM shift s JOIN team t ON t.id = s.team LEFT JOIN person h ON h.id = s.host WHERE s.id = {}""")


async def shift(shift_id: UUID) -> ShiftRow:
    """Find a shift, or raise NotFound."""
    rows = await _ONE_SHIFT(shift_id)
    if not rows:
        raise NotFound(_("There is no such shift."))
    return msgspec.convert(rows[0], ShiftRow)


async def managers_on(shift_id: UUID) -> frozenset[UUID]:
    """Give the managers booked on a shift, for whom it is theirs to see."""
    rows = await Booking.select(Booking.manager).where(Booking.shift == shift_id)
    return frozenset(row["manager"] for row in rows)


async def shifts(
    actor: Actor, *, since: datetime, until: datetime | None = None, team: UUID | None = None,
    withdrawn: bool = False, limit: int = PAGE,
    after: ShiftRow | None = None,
) -> list[ShiftRow]:
    """List the shifts that a reader may see, soonest first; it goes on `after` a shift."""
    query = Shift.select(*_SHIFT).where(Shift.ends_at > since)
    if not withdrawn:
        query = query.where(Shift.withdrawn_at.is_null())
    if until is not None:
        query = query.where(Shift.starts_at < until)
    if team is not None:
        query = query.where(Shift.team == team)
    if after is not None:
        query = query.where((Shift.starts_at > after.starts_at) | (
            (Shift.starts_at == after.starts_at) & (Shift.id > after.id)))
    if (seen := _shifts_seen(actor)) is not None:
        query = query.where(seen)
    return msgspec.convert(await query.order_by(Shift.starts_at, Shift.id).limit(limit), list[ShiftRow])


async def every_shift(actor: Actor, *, since: datetime) -> AsyncGenerator[list[tuple[ShiftRow, list[BookingRow]]]]:
    """Give in batches all shifts that a reader may see, soonest first, each with who comes as far as they may know."""
    async def read(last: ShiftRow | None) -> list[ShiftRow]:
        return await shifts(actor, since=since, limit=BATCH, after=last)

    async for some in batches(read):
        booked: dict[UUID, list[BookingRow]] = {}
        wanted: Any = Booking.shift.is_in([row.id for row in some]) & Booking.state.is_in(LIVE)
        if (seen := _bookings_seen(actor)) is not None:
            wanted = wanted & seen
        for booking in await _bookings(wanted, limit=None):
            booked.setdefault(booking.shift, []).append(booking)
        yield [(row, booked.get(row.id, [])) for row in some]


async def free_shifts(team: UUID, *, now: datetime, limit: int = 50) -> list[ShiftRow]:
    """List a team's shifts to come that have a seat, soonest first."""
    query = Shift.select(*_SHIFT).where(
        Shift.team == team, Shift.starts_at > now, Shift.withdrawn_at.is_null(), Shift.taken < Shift.seats)
    return msgspec.convert(await query.order_by(Shift.starts_at, Shift.id).limit(limit), list[ShiftRow])


async def shift_at(team: UUID, starts_at: datetime, ends_at: datetime) -> UUID | None:
    """Find a team's free shift at exactly this time."""
    row = await Shift.select(Shift.id).where(
        Shift.team == team, Shift.starts_at == starts_at, Shift.ends_at == ends_at,
        Shift.withdrawn_at.is_null(), Shift.taken < Shift.seats).order_by(Shift.id).first()
    return row["id"] if row else None


async def team(team_id: UUID) -> TeamRow:
    """Find a team that is not closed, or raise NotFound."""
    found = await _teams(Team.id == team_id)
    if not found:
        raise NotFound(_("There is no such team."))
    return found[0]


async def teams_of(actor: Actor, act: access.Act) -> list[TeamRow]:
    """List the teams for which a person may offer shifts, or invite."""
    every = await _teams()
    return [row for row in every if access.can(actor, act, access.Shift(row.id))]


async def _teams(where: Any = None) -> list[TeamRow]:
    query = Team.select(Team.id, Team.name, Team.site, Team.place, Team.zone, Team.default_host).where(
        Team.closed_at.is_null())
    if where is not None:
        query = query.where(where)
    return msgspec.convert(await query.order_by(Team.name), list[TeamRow])


async def hosts(teams: set[UUID] | frozenset[UUID]) -> dict[UUID, list[Reader]]:
    """List by team who may host: its members and leads who are still here."""
    if not teams:
        return {}
    rows = await Grant.select(
        Grant.team, Grant.person.as_alias("id"), Grant.person._.name, Grant.person._.email, Grant.person._.zone,
        Grant.person._.language,
    ).where(
        Grant.team.is_in(sorted(teams)), Grant.role.is_in([Role.LEAD.value, Role.MEMBER.value]),
        Grant.person._.left_at.is_null(),
    ).order_by(Grant.person._.name)  # fmt: skip
    found: dict[UUID, dict[UUID, Reader]] = {}
    for row in rows:
        person = Reader(id=row["id"], name=row["person.name"], email=row["person.email"], zone=row["person.zone"],
                        language=row["person.language"])
        found.setdefault(row["team"], {})[person.id] = person
    return {team: list(people.values()) for team, people in found.items()}


# --- bookings --------------------------------------------------------------------------------------------------

_BOOKING = (
    *Booking.all_columns(),
    Booking.manager._.name.as_alias("manager_name"), Booking.manager._.email.as_alias("manager_email"),
    Booking.manager._.zone.as_alias("manager_zone"), Booking.manager._.language.as_alias("manager_language"),
    Booking.shift._.team.as_alias("team"), Booking.shift._.team._.name.as_alias("team_name"),
    Booking.shift._.host.as_alias("host"), Booking.shift._.host._.name.as_alias("host_name"),
    Booking.shift._.plan.as_alias("plan"),
    Booking.shift._.starts_at.as_alias("shift_starts_at"), Booking.shift._.ends_at.as_alias("shift_ends_at"),
    Booking.shift._.withdrawn_at.as_alias("shift_withdrawn_at"),
    Booking.invitation._.why.as_alias("why"), Booking.invitation._.doing.as_alias("doing"),
    Booking.invitation._.hope.as_alias("hope"), Booking.invitation._.written_by.as_alias("invited_by"),
)  # fmt: skip


async def booking(booking_id: UUID) -> BookingRow:
    """Find a booking, or raise NotFound."""
    found = await _bookings(Booking.id == booking_id)
    if not found:
        raise NotFound(_("There is no such day."))
    return found[0]


async def by_uid(uid: str) -> BookingRow | None:
    """Find the booking that a calendar means by its UID."""
    found = await _bookings(Booking.uid == uid)
    return found[0] if found else None


async def bookings_on(shift_id: UUID, *, states: frozenset[State] = HOLDING) -> list[BookingRow]:
    """List the bookings on a shift in these states, in the order of their ids."""
    return await _bookings((Booking.shift == shift_id) & Booking.state.is_in(sorted(states)), by=(Booking.id,))


async def bookings(
    actor: Actor, *, since: datetime | None = None, until: datetime | None = None, team: UUID | None = None,
    manager: UUID | None = None, states: frozenset[State] | None = None, undated: bool = False, limit: int = PAGE,
) -> list[BookingRow]:
    """List the bookings that a reader may see, soonest first; with `undated` those postponed too, whatever the time."""
    wanted: list[Any] = []
    dated: list[Any] = [Booking.state.is_in(sorted(states or frozenset(State)))]
    if since is not None:
        dated.append(Booking.ends_at > since)
    if until is not None:
        dated.append(Booking.starts_at < until)
    within = functools.reduce(operator.and_, dated)
    wanted.append(within | (Booking.state == State.POSTPONED.value) if undated else within)
    if team is not None:
        wanted.append(Booking.shift._.team == team)
    if manager is not None:
        wanted.append(Booking.manager == manager)
    if (seen := _bookings_seen(actor)) is not None:
        wanted.append(seen)
    return await _bookings(*wanted, limit=limit)


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


async def listed_shifts(actor: Actor, wanted: Wanted) -> list[ShiftRow]:
    """List the shifts that a reader may see, by id."""
    query = Shift.select(*_SHIFT)
    for column, value in ((Shift.team, wanted.team), (Shift.host, wanted.host)):
        if value is not None:
            query = query.where(column == value)
    for condition in _between(Shift, wanted):
        query = query.where(condition)
    if not wanted.withdrawn:
        query = query.where(Shift.withdrawn_at.is_null())
    if wanted.free:
        query = query.where(Shift.taken < Shift.seats)
    if (seen := _shifts_seen(actor)) is not None:
        query = query.where(seen)
    return msgspec.convert(await query.order_by(Shift.id).limit(wanted.limit), list[ShiftRow])


async def listed_bookings(actor: Actor, wanted: Wanted) -> list[BookingRow]:
    """List the bookings that a reader may see, by id."""
    where: list[Any] = list(_between(Booking, wanted))
    for column, value in (
        (Booking.shift._.team, wanted.team), (Booking.shift._.host, wanted.host), (Booking.manager, wanted.manager),
        (Booking.shift, wanted.shift), (Booking.invitation, wanted.invitation),
        (Booking.state, wanted.state and wanted.state.value), (Booking.external_id, wanted.external_id),
    ):  # fmt: skip
        if value is not None:
            where.append(column == value)
    if (seen := _bookings_seen(actor)) is not None:
        where.append(seen)
    return await _bookings(*where, by=(Booking.id,), limit=wanted.limit)


def _between(table: Any, wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    if wanted.after is not None:
        found.append(table.id > wanted.after)
    if wanted.since is not None:
        found.append(table.ends_at > wanted.since)
    if wanted.until is not None:
        found.append(table.starts_at < wanted.until)
    return found


async def next_days(managers: Collection[UUID], *, now: datetime, limit: int = PAGE) -> list[BookingRow]:
    """List the days of some managers that are not over and still count, soonest first."""
    if not managers:
        return []
    return await _bookings(
        Booking.manager.is_in(sorted(managers)) & (Booking.ends_at > now) & Booking.state.is_in(LIVE), limit=limit
    )


async def hosted_days(host: UUID, *, since: datetime, until: datetime, limit: int = PAGE) -> list[BookingRow]:
    """List the days that a person hosts in a stretch of time."""
    states = sorted(HOLDING | {State.HELD, State.MISSED})
    return await _bookings(
        Booking.shift._.host == host, Booking.ends_at > since, Booking.starts_at < until, Booking.state.is_in(states),
        limit=limit)


async def unanswered(*, now: datetime, invited_before: datetime, limit: int = 500) -> list[BookingRow]:
    """List the invitations to days to come that nobody has answered."""
    return await _bookings(
        Booking.state == State.INVITED.value, Booking.starts_at > now, Booking.booked_at <= invited_before, limit=limit)


async def counted(shift_id: UUID) -> int:
    """Count the bookings that hold a seat of a shift: `taken` says the same."""
    states = sorted(HOLDING | {State.HELD, State.MISSED})
    return await Booking.count().where(Booking.shift == shift_id, Booking.state.is_in(states))


async def history(booking_id: UUID) -> list[EventRow]:
    """List what happened to a booking, oldest first."""
    rows = await BookingEvent.select(
        *BookingEvent.all_columns(), BookingEvent.by._.name.as_alias("by_name"),
        BookingEvent.by._.email.as_alias("by_email"), BookingEvent.on_behalf_of._.name.as_alias("behalf_name"),
    ).where(BookingEvent.booking == booking_id).order_by(BookingEvent.at, BookingEvent.id)
    return msgspec.convert(rows, list[EventRow])


async def letters(booking_id: UUID) -> list[Sent]:
    """List what became of the letters about a booking, newest first."""
    rows = await Letter.select(*[getattr(Letter, field) for field in Sent.__struct_fields__]).where(
        Letter.about == booking_id).order_by(Letter.created_at, Letter.id, ascending=False)
    return msgspec.convert(rows, list[Sent])


WHOLE_DAY = ("invitation", "invitation_reminder", "booking_moved", "booking_changed", "booking_postponed",
             "booking_cancelled")  # fmt: skip
"""Letters that hold the day as it stands: each replaces every older one to the same person."""


async def undelivered(bookings: set[UUID]) -> dict[UUID, str]:
    """Give the mail server's words for each booking one of whose letters did not arrive, unless a newer one left."""
    if not bookings:
        return {}
    ids = sorted(bookings)
    rows = await run_sql(
        "SELECT l.about, l.server_words FROM letter l"  # noqa: S608 - own words
        f" WHERE l.about IN ({', '.join('{}' for _one in ids)}) AND l.failed_at IS NOT NULL AND NOT EXISTS ("
        " SELECT 1 FROM letter n WHERE n.about = l.about AND n.person = l.person AND n.created_at > l.created_at"
        f" AND n.name IN ({', '.join('{}' for _one in WHOLE_DAY)}) AND n.failed_at IS NULL AND n.taken_back_at IS NULL)"
        " ORDER BY l.failed_at", *ids, *WHOLE_DAY)
    return {row["about"]: row["server_words"] for row in rows}


# --- proposed times ----------------------------------------------------------------------------------------------

_PROPOSAL = f"""
    SELECT p.id, p.booking, p.mail, p.state, p.starts_at, p.ends_at, p.comment, p.partstat, p.sequence, p.stamp,
           p.made_at, b.manager, m.name AS manager_name, s.team, t.name AS team_name, s.host, h.name AS host_name,
           b.zone, b.starts_at AS was_starts_at, b.ends_at AS was_ends_at, b.sequence AS day_sequence,
           b.state AS day_state,
           (SELECT COUNT(*) FROM booking o WHERE o.manager = b.manager AND o.id <> b.id AND NOT o.past
            AND o.state IN ({", ".join(f"'{state}'" for state in LIVE)})
            AND o.starts_at < p.ends_at AND p.starts_at < o.ends_at) AS away,
           (SELECT COUNT(*) FROM shift o WHERE o.host = s.host AND o.id <> s.id AND o.withdrawn_at IS NULL
            AND o.taken > 0 AND o.starts_at < p.ends_at AND p.starts_at < o.ends_at) AS hosting,
           (SELECT COUNT(*) FROM shift o WHERE o.team = s.team AND o.starts_at = p.starts_at
            AND o.ends_at = p.ends_at AND o.withdrawn_at IS NULL AND o.taken < o.seats) AS free
    FROM booking_proposal p JOIN booking b ON b.id = p.booking JOIN shift s ON s.id = b.shift
    JOIN team t ON t.id = s.team JOIN person m ON m.id = b.manager LEFT JOIN person h ON h.id = s.host
"""  # noqa: S608 - own words


class Proposed(Struct, frozen=True):
    """A proposed time as a reader meets it: why it can no longer be taken, what to think of, whether it is theirs."""

    row: ProposalRow
    stale: str
    away: str
    hints: tuple[str, ...]
    settles: bool


def look(row: ProposalRow, actor: Actor, *, now: datetime) -> Proposed:
    """Say of a proposed time what stands in its way; which other day its manager has is nobody else's business."""
    away = _("%(manager)s already has another day at that time.", manager=row.manager_name) if row.away else ""
    hints = [_("%(team)s has a free shift at exactly that time.", team=row.team_name) if row.free
             else _("A new shift will be offered at that time.")]
    if row.hosting and not row.free:
        hints.append(_("%(host)s hosts another shift then.", host=row.host_name or ""))
    hints.append(rules.why_unlikely(row.offer()))
    return Proposed(row, rules.why_stale(row.offer(), now=now), away, tuple(filter(None, hints)),
                    access.can(actor, access.Act.SETTLE, row.thing()))


async def proposal(proposal_id: UUID) -> ProposalRow:
    """Find a proposed time, or raise NotFound."""
    found = await _proposals("p.id = {}", proposal_id)
    if not found:
        raise NotFound(_("There is no such proposal."))
    return found[0]


async def proposal_of_mail(mail: UUID) -> ProposalRow | None:
    """Find the newest proposed time that a mail brought."""
    found = await _proposals("p.mail = {} ORDER BY p.id DESC LIMIT 1", mail)
    return found[0] if found else None


async def open_proposals(bookings: Collection[UUID]) -> dict[UUID, ProposalRow]:
    """Give by booking the time that its manager proposed and nobody has settled."""
    if not bookings:
        return {}
    ids = sorted(bookings)
    found = await _proposals(f"p.state = 'open' AND p.booking IN ({', '.join('{}' for _one in ids)})", *ids)
    return {row.booking: row for row in found}


async def to_settle(actor: Actor, *, limit: int = 50) -> list[ProposalRow]:
    """List the open proposals that are a person's to settle, the oldest first."""
    if actor.has(Role.COORDINATOR):
        return await _proposals("p.state = 'open' ORDER BY p.id LIMIT {}", limit)
    teams = sorted(actor.teams(Role.LEAD))
    if not teams:
        return []
    marks = ", ".join("{}" for _one in teams)
    return await _proposals(f"p.state = 'open' AND s.team IN ({marks}) ORDER BY p.id LIMIT {{}}", *teams, limit)


async def listed_proposals(
    actor: Actor, *, after: UUID | None, limit: int, booking: UUID | None = None
) -> list[ProposalRow]:
    """List by id the open proposals for the days that a reader may see."""
    where, args = ["p.state = 'open'"], list[Any]()
    scope = visible(actor, What.BOOKINGS)
    if not scope.all:
        seen, teams = ["s.host = {}"], sorted(scope.teams)
        args.append(actor.person)
        for column, ids in (("b.manager", sorted(scope.persons)), ("s.team", teams)):
            if ids:
                seen.append(f"{column} IN ({', '.join('{}' for _one in ids)})")
                args += ids
        where.append(f"({' OR '.join(seen)})")
    for condition, value in (("p.id > {}", after), ("p.booking = {}", booking)):
        if value is not None:
            where.append(condition)
            args.append(value)
    return await _proposals(f"{' AND '.join(where)} ORDER BY p.id LIMIT {{}}", *args, limit)


async def _proposals(where: str, *args: Any) -> list[ProposalRow]:
    return msgspec.convert(await run_sql(f"{_PROPOSAL} WHERE {where}", *args), list[ProposalRow])


async def _bookings(*wanted: Any, by: tuple[Any, ...] = (), limit: int | None = PAGE) -> list[BookingRow]:
    query = Booking.select(*_BOOKING).order_by(*(by or (Booking.starts_at, Booking.id)))
    if wanted:
        query = query.where(*wanted)
    return msgspec.convert(await (query if limit is None else query.limit(limit)), list[BookingRow])


# --- who is told -----------------------------------------------------------------------------------------------

_MANAGER = Statement("""
    SELECT p.id, p.name, p.email, p.zone, p.language FROM person p WHERE p.id = {} AND p.left_at IS NULL
    AND EXISTS (SELECT 1 FROM grants g WHERE g.person = p.id AND g.role = {})""")
_ASSISTANTS = Statement("""
    SELECT p.id, p.name, p.email, p.zone, p.language FROM person p WHERE p.left_at IS NULL
    AND p.id IN (SELECT a.assistant FROM assists a WHERE a.manager = {}) ORDER BY p.name""")


async def manager(person_id: UUID) -> Reader:
    """Find somebody who may be invited, or raise NotFound."""
    rows = await _MANAGER(person_id, Role.MANAGER.value)
    if not rows:
        raise NotFound(_("There is no such manager."))
    return msgspec.convert(rows[0], Reader)


async def managers() -> list[Reader]:
    """List everybody who may be invited, by name."""
    who = Grant.select(Grant.person).where(Grant.role == Role.MANAGER.value)
    return await readers(Person.id.is_in(who))


async def last_days(managers: list[UUID]) -> dict[UUID, datetime]:
    """Say of each manager when their last day held was."""
    if not managers:
        return {}
    rows = await Booking.select(Booking.manager, Booking.starts_at).where(
        Booking.manager.is_in(managers), Booking.state == State.HELD.value).order_by(Booking.starts_at)
    return {row["manager"]: row["starts_at"] for row in rows}


async def last_day(
    manager: UUID, *, after: datetime, now: datetime, team: UUID | None = None
) -> BookingRow | None:
    """Find the last day that a manager has spent with a team, or has begun to, since a moment."""
    query = Booking.select(Booking.id).where(
        Booking.manager == manager, Booking.state.is_in([State.HELD.value, State.ACCEPTED.value]),
        Booking.starts_at > after, Booking.starts_at <= now)
    if team is not None:
        query = query.where(Booking.shift._.team == team)
    row = await query.order_by(Booking.starts_at, ascending=False).first()
    return await booking(row["id"]) if row else None


async def assistants(manager_id: UUID) -> list[Reader]:
    """List a manager's assistants who are still here."""
    return msgspec.convert(await _ASSISTANTS(manager_id), list[Reader])


async def floor_people(team_id: UUID, host: UUID | None) -> list[Reader]:
    """List who on the floor is told about a day: the host and the team's leads."""
    who = Grant.select(Grant.person).where(Grant.team == team_id, Grant.role == Role.LEAD.value)
    wanted: Any = Person.id.is_in(who)
    if host is not None:
        wanted = wanted | (Person.id == host)
    return await readers(wanted)


# --- answer links ----------------------------------------------------------------------------------------------

ANSWER = "answer"


def purpose_for(assistant: UUID | None) -> str:
    """Name the purpose of an answer link: the manager's own, or one of an assistant's alone."""
    return ANSWER if assistant is None else f"{ANSWER}.{assistant.hex}"


async def answer_pass(token: str, *, now: datetime) -> Pass | None:
    """Find what an answer link stands for; nothing when it is unknown, expired or revoked."""
    row = await MailToken.select(
        MailToken.purpose, MailToken.about, MailToken.person, MailToken.expires_at, MailToken.revoked_at,
    ).where(MailToken.hash == tokens.digest(token)).first()
    if row is None or row["person"] is None or row["revoked_at"] is not None:
        return None
    if row["purpose"].partition(".")[0] != ANSWER or (row["expires_at"] is not None and row["expires_at"] <= now):
        return None
    return Pass(row["about"], row["person"])


# --- who may see it --------------------------------------------------------------------------------------------


def _shifts_seen(actor: Actor) -> Any:
    """Turn a reader's scope into a filter: their teams', those they host, those they or their managers are on."""
    scope = visible(actor, What.SHIFTS)
    if scope.all:
        return None
    mine = Booking.select(Booking.shift).where(Booking.manager.is_in(sorted(scope.persons)))
    seen: Any = (Shift.host == actor.person) | Shift.id.is_in(mine)
    return seen | Shift.team.is_in(sorted(scope.teams)) if scope.teams else seen


def _bookings_seen(actor: Actor) -> Any:
    scope = visible(actor, What.BOOKINGS)
    if scope.all:
        return None
    seen: Any = (Booking.shift._.host == actor.person) | Booking.manager.is_in(sorted(scope.persons))
    return seen | Booking.shift._.team.is_in(sorted(scope.teams)) if scope.teams else seen
