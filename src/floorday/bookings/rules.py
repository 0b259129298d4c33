"""What may happen to a booking, and what follows from it. Pure: no database, no clock of its own.

`TRANSITIONS` is the whole life of a booking as data: the rules below look every step up in it, and docs/states.md
is printed from it, so the page cannot say anything else than the program does.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.errors import Refused
from floorday.people.access import Door
from floorday.render import when
from floorday.render.words import gettext as _


class State(StrEnum):
    """Where a booking stands."""

    INVITED = "invited"
    TENTATIVE = "tentative"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    HELD = "held"
    MISSED = "missed"


HOLDING = frozenset({State.INVITED, State.TENTATIVE, State.ACCEPTED})
"""In these states a booking takes the seat and the manager's time."""

ANSWERABLE = HOLDING | {State.DECLINED}
"""In these states the manager may still say yes, maybe or no."""

OPEN = ANSWERABLE | {State.POSTPONED}
"""In these states the day may still be moved, postponed or cancelled."""

CORRECTED_WITHIN = timedelta(days=7)
"""For so long after its end a day said held may still be said missed, and the other way round."""

SATURDAY, FIRST_HOUR, LAST_HOUR = 5, 6, 21
"""Outside of these a proposed time is called unusual."""

SHORTEST, LONGEST, MOST_SEATS = timedelta(minutes=30), timedelta(hours=24), 20


class Partstat(StrEnum):
    """What a manager answers, in the calendar's words (RFC 5545 3.2.12)."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class ProposalState(StrEnum):
    """What became of a time that a manager proposed."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REPLACED = "replaced"
    ASIDE = "put aside"


class Verb(StrEnum):
    """What is done to a booking."""

    INVITE = "invite"
    ACCEPT = "accept"
    MAYBE = "maybe"
    DECLINE = "decline"
    MOVE = "move"
    CHOOSE = "choose"
    POSTPONE = "postpone"
    CANCEL = "cancel"
    HOLD = "hold"
    MISS = "miss"


class Seat(StrEnum):
    """What a step does to the seat; SWAP frees the old shift's and takes the new one's."""

    KEEP = "keep"
    TAKE = "take"
    FREE = "free"
    SWAP = "swap"


class Letter(StrEnum):
    """The letters that follow from a step, by the name of their templates."""

    INVITATION = "invitation"
    BOOKING_MOVED = "booking_moved"
    BOOKING_CHANGED = "booking_changed"
    BOOKING_POSTPONED = "booking_postponed"
    BOOKING_CANCELLED = "booking_cancelled"
    ANSWER_TAKEN = "answer_taken"
    REMINDER = "invitation_reminder"
    DAY_CONFIRMED = "day_confirmed"
    DAY_UNSURE = "day_unsure"
    DAY_MOVED = "day_moved"
    PLACE_FREED = "place_freed"


class Mark(StrEnum):
    """What became of an answer: applied, or only recorded because it is old or came twice."""

    APPLIED = "applied"
    STALE = "stale"
    DUPLICATE = "duplicate"


class Transition(Struct, frozen=True):
    """One step: from which state (None: there is no booking yet) to which, and what follows."""

    verb: Verb
    before: State | None
    after: State
    seat: Seat = Seat.KEEP
    step: int = 0
    letters: tuple[Letter, ...] = ()


def _answers() -> list[Transition]:
    table: list[Transition] = []
    for was in sorted(ANSWERABLE):
        seat = Seat.TAKE if was is State.DECLINED else Seat.KEEP
        told = (Letter.ANSWER_TAKEN,)
        yes = () if was is State.ACCEPTED else (*told, Letter.DAY_CONFIRMED)
        maybe = (*told, Letter.DAY_UNSURE) if was is State.ACCEPTED else told
        no = () if was is State.DECLINED else (*told, Letter.PLACE_FREED)
        table += (
            Transition(Verb.ACCEPT, was, State.ACCEPTED, seat, 0, yes),
            Transition(Verb.MAYBE, was, State.TENTATIVE, seat, 0, () if was is State.TENTATIVE else maybe),
            Transition(Verb.DECLINE, was, State.DECLINED, Seat.FREE if was in HOLDING else Seat.KEEP, 0, no),
        )
    return table


def _dates() -> list[Transition]:
    table: list[Transition] = []
    for was in sorted(OPEN):
        held = was in HOLDING
        floor = (Letter.DAY_MOVED,) if was is State.ACCEPTED else ()
        freed = (Letter.PLACE_FREED,) if held else ()
        to_new, away = (Seat.SWAP, Seat.FREE) if held else (Seat.TAKE, Seat.KEEP)
        table += (
            Transition(Verb.MOVE, was, State.INVITED, to_new, 1, (Letter.BOOKING_MOVED, *floor)),
            Transition(Verb.CHOOSE, was, State.ACCEPTED, to_new, 1,
                       (Letter.BOOKING_MOVED, *(floor or (Letter.DAY_CONFIRMED,)))),
            Transition(Verb.CANCEL, was, State.CANCELLED, away, 1, (Letter.BOOKING_CANCELLED, *freed)),
        )
        if was is not State.POSTPONED:
            table.append(
                Transition(Verb.POSTPONE, was, State.POSTPONED, away, 1, (Letter.BOOKING_POSTPONED, *freed)))
    return table


TRANSITIONS: tuple[Transition, ...] = (
    Transition(Verb.INVITE, None, State.INVITED, Seat.TAKE, 0, (Letter.INVITATION,)),
    *_answers(),
    *_dates(),
    *(Transition(Verb.HOLD, was, State.HELD) for was in (*sorted(HOLDING), State.HELD, State.MISSED)),
    *(Transition(Verb.MISS, was, State.MISSED) for was in (State.ACCEPTED, State.MISSED, State.HELD)),
)
"""Every step there is. A day held or missed keeps its seat: it was used, or kept free in vain."""

_STEPS = {(row.verb, row.before): row for row in TRANSITIONS}
_SAID = {Partstat.ACCEPTED: Verb.ACCEPT, Partstat.TENTATIVE: Verb.MAYBE, Partstat.DECLINED: Verb.DECLINE}
_CAUTION = [Partstat.ACCEPTED, Partstat.TENTATIVE, Partstat.DECLINED]


class Shift(Struct, frozen=True):
    """What the rules ask of a shift."""

    starts_at: datetime
    ends_at: datetime
    seats: int = 1
    taken: int = 0
    withdrawn: bool = False


class Booking(Struct, frozen=True):
    """What the rules ask of a booking. `shift_moved`: its shift is no longer where the calendar was told."""

    state: State
    sequence: int
    starts_at: datetime
    ends_at: datetime
    stamped_at: datetime
    answer: str = ""
    answer_sequence: int | None = None
    answer_stamp: datetime | None = None
    shift_moved: bool = False
    shift_withdrawn: bool = False


class Answer(Struct, frozen=True, kw_only=True):
    """What a manager, or somebody on the manager's behalf, says to an invitation.

    `sequence` is that of the invitation being answered, `stamp` the reply's DTSTAMP (None: now). The
    action fills `by`, `on_behalf_of` and `door` from the one who acts.
    """

    partstat: Partstat
    sequence: int
    stamp: datetime | None = None
    comment: str = ""
    door: Door = Door.PAGE
    by: UUID | None = None
    on_behalf_of: UUID | None = None


class Decision(Struct, frozen=True):
    """The next state, and what follows: letters, the seat, a step of SEQUENCE, the answer to remember."""

    state: State
    letters: tuple[Letter, ...] = ()
    seat: Seat = Seat.KEEP
    step: int = 0
    mark: Mark = Mark.APPLIED
    answer_stamp: datetime | None = None

    @property
    def asks_again(self) -> bool:
        """Say whether what was answered before no longer counts."""
        return self.step > 0 and self.state is State.INVITED


def moment(local: datetime, zone: str) -> datetime:
    """Turn what a person typed, a clock's time in a zone, into UTC; a time with an offset is taken as it is.

    In the night the clocks go back a time is there twice: the first is meant. In the night they
    go forward an hour is missing: a time in it is refused, with the next one that exists.
    """
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    there = ZoneInfo(zone)
    first = local.replace(tzinfo=there, fold=0)
    if first.astimezone(UTC).astimezone(there).replace(tzinfo=None) == local.replace(fold=0):
        return first.astimezone(UTC)
    ends = _gap_ends(local, there).astimezone(there)
    raise Refused(
        _("%(time)s does not exist on %(day)s in %(zone)s, because the clocks go forward. The next time is %(next)s."),
        time=f"{local:%H:%M}", day=when.day(local.date()), zone=when.zone_words(zone), next=f"{ends:%H:%M}",
    )


def _gap_ends(local: datetime, there: ZoneInfo) -> datetime:
    """Find the instant at which the missing hour ends, to the second."""
    before, after = (local.replace(tzinfo=there, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    first = (local - after).replace(tzinfo=UTC)
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        changed = (first + timedelta(seconds=middle)).astimezone(there).utcoffset() == after
        low, high = (low, middle) if changed else (middle, high)
    return first + timedelta(seconds=high)


def offer(starts_at: datetime, ends_at: datetime, *, seats: int, taken: int = 0, now: datetime) -> None:
    """Refuse a shift nobody could come to."""
    if starts_at <= now:
        raise Refused(_("That time is already over. Choose one that is still to come."))
    if ends_at <= starts_at:
        raise Refused(_("The shift ends before it starts. Look at the two times again."))
    if not SHORTEST <= ends_at - starts_at <= LONGEST:
        raise Refused(_("A shift lasts between 30 minutes and 24 hours."))
    if not 1 <= seats <= MOST_SEATS:
        raise Refused(_("A shift has between 1 and %(most)s seats."), most=MOST_SEATS)
    if seats < taken:
        raise Refused(_("%(taken)s seats of this shift are taken. Move or cancel one of them first."), taken=taken)


def withdraw_shift(shift: Shift, *, reason: str, booked: int, now: datetime) -> None:
    """Take a shift off the list: before it starts, and with a word to those who are booked on it."""
    if shift.withdrawn:
        raise Refused(_("This shift has already been withdrawn."))
    if shift.starts_at <= now:
        raise Refused(_("This shift has started, so it can no longer be withdrawn."))
    if booked and not reason.strip():
        raise Refused(_("Somebody is booked on this shift. Write a reason; it goes into their letter."))


def invite(shift: Shift, *, now: datetime) -> Decision:
    """Ask a manager to a shift: it is still to come and has a seat."""
    _free(shift, now)
    return _step(Verb.INVITE, None)


def answer(booking: Booking, reply: Answer, *, now: datetime) -> Decision:
    """Take a manager's answer.

    People change their minds, so any answer may follow any other until the shift starts. Calendars send
    replies late, twice and in any order (RFC 5546 2.1.5): one to an earlier revision, or older than
    the answer we have, is recorded and changes nothing. On our own pages now is now, so there the last one counts.
    """
    own_door = reply.door not in {Door.CALENDAR, Door.MAIL}
    if no_longer := why_unanswerable(booking, now=now):
        raise Refused(no_longer)
    if reply.sequence > booking.sequence:
        raise Refused(_("That answers an invitation that was never sent."))
    if reply.sequence < booking.sequence:
        if own_door:
            raise Refused(_("The date has changed since this page was opened. Look at it again, then answer."))
        return Decision(booking.state, mark=Mark.STALE)
    stamp = min(reply.stamp or now, now)
    known = booking.answer_stamp if booking.answer_sequence == reply.sequence else None
    if known is not None and own_door:
        stamp = max(stamp, known)
    elif known is not None and (mark := _compare(stamp, reply.partstat, known, booking.answer)) is not Mark.APPLIED:
        return Decision(booking.state, mark=mark)
    decision = _step(_SAID[reply.partstat], booking.state, answer_stamp=stamp)
    if decision.seat is Seat.TAKE and (booking.shift_moved or booking.shift_withdrawn):
        raise Refused(_("The team has changed that date since it was declined. Ask the team for another one."))
    return decision


def move(booking: Booking, to: Shift, *, chosen: bool, now: datetime) -> Decision:
    """Give a booking another time in one act: the same event, asked again unless the manager's side `chosen` it."""
    if booking.state not in OPEN:
        raise Refused(_said_already(booking.state))
    if booking.state in HOLDING:
        _not_started(booking, now)
    _free(to, now)
    return _step(Verb.CHOOSE if chosen else Verb.MOVE, booking.state)


def shift_changed(booking: Booking, *, asks: bool) -> Decision:
    """Carry a change of the shift to a booking on it.

    Another time or place is asked again (RFC 5546 2.1.4, SEQUENCE + 1); another host or plan is only told.
    """
    if booking.state not in HOLDING:
        return Decision(booking.state)
    if not asks:
        return Decision(booking.state, (Letter.BOOKING_CHANGED,))
    floor = (Letter.DAY_MOVED,) if booking.state is State.ACCEPTED else ()
    return Decision(State.INVITED, (Letter.BOOKING_MOVED, *floor), step=1)


def postpone(booking: Booking, *, now: datetime) -> Decision:
    """Take the date away without giving up the day: no seat is held until a new date is found."""
    if booking.state is State.POSTPONED or booking.state not in OPEN:
        raise Refused(_said_already(booking.state))
    _not_started(booking, now)
    return _step(Verb.POSTPONE, booking.state)


def cancel(booking: Booking, *, reason: str, now: datetime) -> Decision:
    """Call the day off; a reason is owed to the other side."""
    if booking.state not in OPEN:
        raise Refused(_said_already(booking.state))
    if not reason.strip():
        raise Refused(_("Write a reason; the other side reads it."))
    if booking.state is not State.POSTPONED:
        _not_started(booking, now)
    return _step(Verb.CANCEL, booking.state)


def hold(booking: Booking, *, now: datetime) -> Decision:
    """Say that the manager came. Who had not answered, or said maybe, may have come all the same."""
    return _after(Verb.HOLD, booking, now)


def miss(booking: Booking, *, now: datetime) -> Decision:
    """Say that the manager, who had accepted, did not come."""
    return _after(Verb.MISS, booking, now)


def read_back(booking: Booking, *, now: datetime) -> Decision:
    """Note that the team has read the manager's list and found it right."""
    if booking.state not in HOLDING | {State.HELD}:
        raise Refused(_said_already(booking.state))
    if now < booking.starts_at:
        raise Refused(_("The shift has not started yet; the read-back comes at its end."))
    return Decision(booking.state)


def remind(booking: Booking, *, now: datetime) -> Decision:
    """Remind a manager who has not answered; nobody else."""
    if booking.state is not State.INVITED:
        raise Refused(_("Only who has not answered is reminded."))
    _not_started(booking, now)
    return Decision(booking.state, (Letter.REMINDER,))


def possible(booking: Booking, *, now: datetime) -> frozenset[Verb]:
    """Give the steps that fit a booking now; which of them are somebody's to take is for access to say."""
    fits = {row.verb for row in TRANSITIONS if row.before is booking.state}
    started, held = now >= booking.starts_at, booking.state in HOLDING
    if booking.state is not State.POSTPONED and started:
        fits &= {Verb.HOLD, Verb.MISS}
    if held and not started:
        fits -= {Verb.HOLD, Verb.MISS}
    if booking.state in {State.HELD, State.MISSED}:
        other = Verb.MISS if booking.state is State.HELD else Verb.HOLD
        fits &= {other} if now <= booking.ends_at + CORRECTED_WITHIN else set()
    return frozenset(fits)


def why_unanswerable(booking: Booking, *, now: datetime) -> str:
    """Say why a day takes no answer any more; nothing where it does."""
    if booking.state not in ANSWERABLE:
        return _said_already(booking.state)
    if now >= booking.starts_at:
        return _("The shift has started, so the answer can no longer change. Please call the host.")
    return ""


class Offer(Struct, frozen=True, kw_only=True):
    """What the rules ask of a proposed time: the time, the revision it was made against, how the day stands now."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    sequence: int
    day: State
    day_sequence: int
    day_starts_at: datetime
    day_ends_at: datetime
    manager_away: bool = False


def why_stale(offer: Offer, *, now: datetime) -> str:
    """Say why a proposed time can no longer be taken; nothing where it can."""
    if offer.day not in OPEN:
        return _said_already(offer.day)
    if offer.day is not State.POSTPONED and now >= offer.day_starts_at:
        return _("The day has begun, so it can no longer be moved.")
    if offer.sequence != offer.day_sequence:
        return _("The day has been moved since this time was proposed.")
    if offer.starts_at <= now:
        return _("The proposed time is already over.")
    if offer.day in HOLDING and (offer.starts_at, offer.ends_at) == (offer.day_starts_at, offer.day_ends_at):
        return _("That is the date it already has.")
    if not SHORTEST <= offer.ends_at - offer.starts_at <= LONGEST:
        return _("A shift lasts between 30 minutes and 24 hours, and the proposed time does not.")
    return ""


def why_unlikely(offer: Offer) -> str:
    """Say what is unusual about a proposed time by the floor's clock; nothing for a working day's hours."""
    there = ZoneInfo(offer.zone)
    starts, ends = offer.starts_at.astimezone(there), offer.ends_at.astimezone(there)
    if starts.weekday() >= SATURDAY or ends.weekday() >= SATURDAY:
        return _("That is on a weekend.")
    if starts.date() != ends.date() or starts.hour < FIRST_HOUR or ends.hour + (ends.minute > 0) > LAST_HOUR:
        return _("That is at night, or very early or late.")
    return ""


def say(state: State) -> str:
    """Name a state to a reader."""
    return {
        State.INVITED: _("Invited"), State.TENTATIVE: _("Maybe"), State.ACCEPTED: _("Accepted"),
        State.DECLINED: _("Declined"), State.POSTPONED: _("Postponed"), State.CANCELLED: _("Cancelled"),
        State.HELD: _("Held"), State.MISSED: _("Missed"),
    }[state]  # fmt: skip


def _compare(stamp: datetime, said: Partstat, known: datetime, known_answer: str) -> Mark:
    """Order two answers to one revision; of two with one stamp the more careful one stands, whichever came first."""
    if stamp < known:
        return Mark.STALE
    if stamp > known or not known_answer:
        return Mark.APPLIED
    if said == known_answer:
        return Mark.DUPLICATE
    careful = _CAUTION.index(said) > _CAUTION.index(Partstat(known_answer))
    return Mark.APPLIED if careful else Mark.STALE


def _after(verb: Verb, booking: Booking, now: datetime) -> Decision:
    if now < booking.starts_at and booking.state in HOLDING:
        raise Refused(_("The shift has not started yet."))
    if (verb, booking.state) not in _STEPS:
        if booking.state in HOLDING:
            raise Refused(_("Only a day that was accepted can be missed. Cancel it instead, or leave it as it is."))
        raise Refused(_said_already(booking.state))
    corrects = booking.state in {State.HELD, State.MISSED}
    if corrects and now > booking.ends_at + CORRECTED_WITHIN:
        raise Refused(_("This can be corrected until %(days)s days after the shift; that time is over."),
                      days=CORRECTED_WITHIN.days)
    return _step(verb, booking.state)


def _free(shift: Shift, now: datetime) -> None:
    if shift.withdrawn:
        raise Refused(_("This shift has been withdrawn. Choose another one."))
    if shift.starts_at <= now:
        raise Refused(_("This shift has already started. Choose one that is still to come."))
    if shift.taken >= shift.seats:
        raise Refused(_("The last seat of this shift is taken. Choose another date."))


def _not_started(booking: Booking, now: datetime) -> None:
    if now >= booking.starts_at:
        raise Refused(_("The shift has started. Say held or missed instead."))


def _step(verb: Verb, before: State | None, *, answer_stamp: datetime | None = None) -> Decision:
    row = _STEPS[verb, before]
    return Decision(row.after, row.letters, row.seat, row.step, answer_stamp=answer_stamp)


def _said_already(state: State) -> str:
    match state:
        case State.CANCELLED:
            return _("This day has been cancelled. Invite again for a new one.")
        case State.POSTPONED:
            return _("This day is postponed and has no date yet.")
        case State.HELD:
            return _("This day has already been held.")
        case State.MISSED:
            return _("This day has been recorded as missed.")
        case State.DECLINED:
            return _("This day has been declined.")
        case _:
            return _("This day stands as it is.")
