"""What may happen to a booking: tables of cases, and every order of answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from floorday.bookings import rules
from floorday.bookings.rules import (
    HOLDING,
    OPEN,
    TRANSITIONS,
    Answer,
    Booking,
    Decision,
    Letter,
    Mark,
    Partstat,
    Seat,
    Shift,
    State,
    Verb,
)
from floorday.errors import Refused
from floorday.people.access import Door

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
STARTS = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=6)
YES, MAYBE, NO = Partstat.ACCEPTED, Partstat.TENTATIVE, Partstat.DECLINED


def booking(state: State = State.INVITED, *, sequence: int = 0) -> Booking:
    said = state.value if state in {State.ACCEPTED, State.TENTATIVE, State.DECLINED} else ""
    return Booking(state, sequence, STARTS, ENDS, NOW, answer=said)


def reply(said: Partstat, *, sequence: int = 0, stamp: datetime | None = None, door: Door = Door.PAGE) -> Answer:
    return Answer(partstat=said, sequence=sequence, stamp=stamp, door=door)


def shift(**changes: object) -> Shift:
    return structs.replace(Shift(STARTS + timedelta(days=1), ENDS + timedelta(days=1)), **changes)


# --- inviting


@pytest.mark.parametrize(("offered", "sentence"), [
    (shift(taken=1), "last seat of this shift is taken"),
    (shift(withdrawn=True), "withdrawn"),
    (shift(starts_at=NOW), "already started"),
    (shift(starts_at=NOW - timedelta(days=1)), "already started"),
])
def test_nobody_is_invited_where_nobody_can_sit(offered: Shift, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        rules.invite(offered, now=NOW)


def test_an_invitation_takes_the_seat() -> None:
    assert rules.invite(shift(), now=NOW) == Decision(State.INVITED, (Letter.INVITATION,), Seat.TAKE)


# --- answering

TOLD = Letter.ANSWER_TAKEN
ANSWERS = [
    (State.INVITED, YES, State.ACCEPTED, Seat.KEEP, (TOLD, Letter.DAY_CONFIRMED)),
    (State.INVITED, MAYBE, State.TENTATIVE, Seat.KEEP, (TOLD,)),
    (State.INVITED, NO, State.DECLINED, Seat.FREE, (TOLD, Letter.PLACE_FREED)),
    (State.TENTATIVE, YES, State.ACCEPTED, Seat.KEEP, (TOLD, Letter.DAY_CONFIRMED)),
    (State.TENTATIVE, MAYBE, State.TENTATIVE, Seat.KEEP, ()),
    (State.TENTATIVE, NO, State.DECLINED, Seat.FREE, (TOLD, Letter.PLACE_FREED)),
    (State.ACCEPTED, YES, State.ACCEPTED, Seat.KEEP, ()),
    (State.ACCEPTED, MAYBE, State.TENTATIVE, Seat.KEEP, (TOLD, Letter.DAY_UNSURE)),
    (State.ACCEPTED, NO, State.DECLINED, Seat.FREE, (TOLD, Letter.PLACE_FREED)),
    (State.DECLINED, YES, State.ACCEPTED, Seat.TAKE, (TOLD, Letter.DAY_CONFIRMED)),
    (State.DECLINED, MAYBE, State.TENTATIVE, Seat.TAKE, (TOLD,)),
    (State.DECLINED, NO, State.DECLINED, Seat.KEEP, ()),
]


@pytest.mark.parametrize(("was", "said", "becomes", "seat", "letters"), ANSWERS)
def test_any_answer_may_follow_any_other(
    was: State, said: Partstat, becomes: State, seat: Seat, letters: tuple[Letter, ...]
) -> None:
    decision = rules.answer(booking(was), reply(said), now=NOW)
    assert (decision.state, decision.seat, decision.letters, decision.step) == (becomes, seat, letters, 0)


@pytest.mark.parametrize(("state", "sentence"), [
    (State.CANCELLED, "has been cancelled"), (State.POSTPONED, "no date yet"), (State.HELD, "already been held"),
    (State.MISSED, "recorded as missed"),
])
def test_what_is_over_takes_no_answer(state: State, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        rules.answer(booking(state), reply(YES), now=NOW)


@pytest.mark.parametrize("said", list(Partstat))
def test_after_the_start_no_answer_changes(said: Partstat) -> None:
    assert rules.answer(booking(), reply(said), now=STARTS - timedelta(seconds=1)).mark is Mark.APPLIED
    with pytest.raises(Refused, match="The shift has started"):
        rules.answer(booking(), reply(said), now=STARTS)


def test_a_reply_to_an_older_invitation_is_recorded_and_not_applied() -> None:
    decision = rules.answer(booking(sequence=2), reply(NO, sequence=1, stamp=NOW, door=Door.CALENDAR), now=NOW)
    assert (decision.state, decision.mark, decision.letters) == (State.INVITED, Mark.STALE, ())


def test_a_page_that_shows_an_older_date_is_refused_with_a_sentence() -> None:
    with pytest.raises(Refused, match="date has changed since this page was opened"):
        rules.answer(booking(sequence=2), reply(YES, sequence=1), now=NOW)


def test_an_answer_to_an_invitation_never_sent_is_refused() -> None:
    with pytest.raises(Refused, match="never sent"):
        rules.answer(booking(sequence=2), reply(YES, sequence=3, door=Door.CALENDAR), now=NOW)


def answered(said: Partstat, at: datetime) -> Booking:
    return structs.replace(booking(State(said.value)), answer_sequence=0, answer_stamp=at)


@pytest.mark.parametrize(("known", "said", "minutes", "mark"), [
    (YES, NO, 1, Mark.APPLIED),
    (YES, NO, -1, Mark.STALE),
    (YES, YES, -1, Mark.STALE),
    (YES, YES, 0, Mark.DUPLICATE),
    (YES, NO, 0, Mark.APPLIED),      # of two with one stamp the more careful one stands
    (NO, YES, 0, Mark.STALE),
    (YES, YES, 1, Mark.APPLIED),
])
def test_replies_are_ordered_by_their_stamp(known: Partstat, said: Partstat, minutes: int, mark: Mark) -> None:
    at = NOW - timedelta(hours=1)
    late = reply(said, stamp=at + timedelta(minutes=minutes), door=Door.CALENDAR)
    assert rules.answer(answered(known, at), late, now=NOW).mark is mark


def test_a_stamp_from_the_future_does_not_block_later_answers() -> None:
    decision = rules.answer(booking(), reply(YES, stamp=NOW + timedelta(days=9), door=Door.CALENDAR), now=NOW)
    assert decision.answer_stamp == NOW


def test_on_our_own_page_the_last_press_counts() -> None:
    ahead = answered(YES, NOW)
    assert rules.answer(ahead, reply(NO), now=NOW).state is State.DECLINED
    assert rules.answer(answered(NO, NOW), reply(YES), now=NOW).state is State.ACCEPTED


@pytest.mark.parametrize("change", [{"shift_moved": True}, {"shift_withdrawn": True}])
def test_who_declined_does_not_come_back_to_a_shift_that_went_elsewhere(change: dict[str, bool]) -> None:
    with pytest.raises(Refused, match="changed that date"):
        rules.answer(structs.replace(booking(State.DECLINED), **change), reply(YES), now=NOW)


replies = st.lists(
    st.builds(lambda said, minute: reply(said, stamp=NOW - timedelta(minutes=minute), door=Door.CALENDAR),
              st.sampled_from(Partstat), st.integers(0, 4)),
    min_size=1, max_size=5)


def after(answers: tuple[Answer, ...]) -> tuple[State, datetime | None]:
    stands = booking()
    for one in answers:
        decision = rules.answer(stands, one, now=NOW)
        if decision.mark is Mark.APPLIED:
            stands = structs.replace(stands, state=decision.state, answer=one.partstat.value,
                                     answer_sequence=one.sequence, answer_stamp=decision.answer_stamp)
    return stands.state, stands.answer_stamp


@given(replies)
def test_every_order_of_five_replies_ends_in_the_same_state(answers: list[Answer]) -> None:
    assert len({after(order) for order in permutations(answers)}) == 1


@given(replies)
def test_a_reply_that_comes_twice_changes_nothing(answers: list[Answer]) -> None:
    assert after(tuple(answers)) == after(tuple(one for one in answers for _ in range(2)))


# --- moving, postponing, cancelling


@pytest.mark.parametrize("was", sorted(OPEN))
@pytest.mark.parametrize("chosen", [True, False])
def test_a_move_raises_the_sequence_and_asks_again_unless_the_managers_side_chose(was: State, chosen: bool) -> None:
    decision = rules.move(booking(was), shift(), chosen=chosen, now=NOW)
    assert decision.state is (State.ACCEPTED if chosen else State.INVITED)
    assert (decision.step, decision.seat) == (1, Seat.SWAP if was in HOLDING else Seat.TAKE)
    assert decision.letters[0] is Letter.BOOKING_MOVED
    assert decision.asks_again is not chosen


@pytest.mark.parametrize("was", [State.CANCELLED, State.HELD, State.MISSED])
def test_what_is_over_is_not_moved_postponed_or_cancelled(was: State) -> None:
    for act in (
        lambda: rules.move(booking(was), shift(), chosen=True, now=NOW),
        lambda: rules.postpone(booking(was), now=NOW),
        lambda: rules.cancel(booking(was), reason="Why not", now=NOW),
    ):
        with pytest.raises(Refused):
            act()


def test_a_day_that_has_started_is_not_moved_but_a_postponed_one_is() -> None:
    later = Shift(STARTS + timedelta(days=9), ENDS + timedelta(days=9))
    with pytest.raises(Refused, match="has started"):
        rules.move(booking(State.ACCEPTED), later, chosen=True, now=STARTS)
    assert rules.move(booking(State.POSTPONED), later, chosen=False, now=STARTS).state is State.INVITED


def test_nobody_moves_to_a_full_a_past_or_a_withdrawn_shift() -> None:
    for where in (shift(taken=1), shift(starts_at=NOW), shift(withdrawn=True)):
        with pytest.raises(Refused):
            rules.move(booking(), where, chosen=True, now=NOW)


@pytest.mark.parametrize(("was", "seat"), [
    (State.INVITED, Seat.FREE), (State.TENTATIVE, Seat.FREE), (State.ACCEPTED, Seat.FREE), (State.DECLINED, Seat.KEEP),
])
def test_a_postponed_day_holds_no_seat(was: State, seat: Seat) -> None:
    decision = rules.postpone(booking(was), now=NOW)
    assert (decision.state, decision.seat, decision.step) == (State.POSTPONED, seat, 1)


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_a_cancellation_owes_a_reason(reason: str) -> None:
    with pytest.raises(Refused, match="reason"):
        rules.cancel(booking(), reason=reason, now=NOW)


@pytest.mark.parametrize("was", sorted(OPEN))
def test_a_cancelled_day_frees_the_seat_it_held(was: State) -> None:
    decision = rules.cancel(booking(was), reason="Fire drill", now=NOW)
    assert (decision.state, decision.step) == (State.CANCELLED, 1)
    assert decision.seat is (Seat.FREE if was in HOLDING else Seat.KEEP)
    assert (Letter.PLACE_FREED in decision.letters) is (was in HOLDING)


@pytest.mark.parametrize(("was", "asks", "becomes", "step", "first"), [
    (State.ACCEPTED, True, State.INVITED, 1, Letter.BOOKING_MOVED),
    (State.INVITED, True, State.INVITED, 1, Letter.BOOKING_MOVED),
    (State.ACCEPTED, False, State.ACCEPTED, 0, Letter.BOOKING_CHANGED),
    (State.DECLINED, True, State.DECLINED, 0, None),
    (State.HELD, True, State.HELD, 0, None),
])
def test_a_changed_shift_is_carried_to_who_is_on_it(
    was: State, asks: bool, becomes: State, step: int, first: Letter | None
) -> None:
    decision = rules.shift_changed(booking(was), asks=asks)
    assert (decision.state, decision.step) == (becomes, step)
    assert (decision.letters[0] if decision.letters else None) is first


# --- on the day

DURING, BEFORE = STARTS + timedelta(hours=1), STARTS - timedelta(seconds=1)


@pytest.mark.parametrize(("was", "held", "missed"), [
    (State.ACCEPTED, True, True), (State.TENTATIVE, True, False), (State.INVITED, True, False),
    (State.DECLINED, False, False), (State.POSTPONED, False, False), (State.CANCELLED, False, False),
    (State.HELD, True, True), (State.MISSED, True, True),
])
def test_who_came_was_there_and_only_who_had_said_yes_can_be_missed(was: State, held: bool, missed: bool) -> None:
    for act, allowed, becomes in ((rules.hold, held, State.HELD), (rules.miss, missed, State.MISSED)):
        if allowed:
            assert act(booking(was), now=DURING).state is becomes
        else:
            with pytest.raises(Refused):
                act(booking(was), now=DURING)


@pytest.mark.parametrize("was", sorted(HOLDING))
def test_nothing_is_held_or_missed_before_it_starts(was: State) -> None:
    for act in (rules.hold, rules.miss):
        with pytest.raises(Refused, match="not started"):
            act(booking(was), now=BEFORE)


def test_held_and_missed_are_corrected_for_a_week() -> None:
    week = ENDS + timedelta(days=7)
    assert rules.hold(booking(State.MISSED), now=week).state is State.HELD
    with pytest.raises(Refused, match="corrected until 7 days"):
        rules.miss(booking(State.HELD), now=week + timedelta(seconds=1))
    assert rules.hold(booking(State.ACCEPTED), now=week + timedelta(days=30)).state is State.HELD


def test_the_read_back_comes_on_the_day() -> None:
    with pytest.raises(Refused, match="not started"):
        rules.read_back(booking(State.ACCEPTED), now=BEFORE)
    assert rules.read_back(booking(State.ACCEPTED), now=DURING).state is State.ACCEPTED


@pytest.mark.parametrize("was", [state for state in State if state is not State.INVITED])
def test_only_who_has_not_answered_is_reminded(was: State) -> None:
    with pytest.raises(Refused, match="not answered"):
        rules.remind(booking(was), now=NOW)
    assert rules.remind(booking(), now=NOW).letters == (Letter.REMINDER,)


# --- shifts and their clock


@pytest.mark.parametrize(("starts", "hours", "seats", "sentence"), [
    (NOW, 6, 1, "already over"),
    (NOW - timedelta(hours=1), 6, 1, "already over"),
    (STARTS, 0, 1, "ends before it starts"),
    (STARTS, -1, 1, "ends before it starts"),
    (STARTS, 0.25, 1, "between 30 minutes and 24 hours"),
    (STARTS, 25, 1, "between 30 minutes and 24 hours"),
    (STARTS, 6, 0, "between 1 and 20 seats"),
    (STARTS, 6, 21, "between 1 and 20 seats"),
])
def test_a_shift_nobody_could_come_to_is_refused(starts: datetime, hours: float, seats: int, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        rules.offer(starts, starts + timedelta(hours=hours), seats=seats, now=NOW)


ZONES = ["Europe/London", "Europe/Stockholm", "Europe/Lisbon", "America/New_York", "Australia/Sydney", "Asia/Kolkata"]


@pytest.mark.parametrize(("zone", "typed", "utc"), [
    ("Europe/London", "2026-11-24T09:00", "2026-11-24T09:00"),
    ("Europe/London", "2026-07-24T09:00", "2026-07-24T08:00"),
    ("Europe/Stockholm", "2026-11-24T09:00", "2026-11-24T08:00"),
    ("Asia/Kolkata", "2026-11-24T09:00", "2026-11-24T03:30"),
    ("Australia/Sydney", "2026-11-24T09:00", "2026-11-23T22:00"),
    ("Europe/London", "2026-10-25T01:30", "2026-10-25T00:30"),        # there twice: the first
    ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),     # there twice: the first
    ("Europe/London", "2026-03-29T02:00", "2026-03-29T01:00"),        # the first minute after the gap
    ("Europe/London", "2026-03-29T00:59", "2026-03-29T00:59"),        # the last one before it
])
def test_what_a_clock_shows_becomes_utc(zone: str, typed: str, utc: str) -> None:
    assert rules.moment(datetime.fromisoformat(typed), zone) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(("zone", "typed", "following"), [
    ("Europe/London", "2026-03-29T01:30", "02:00"),
    ("Europe/London", "2026-03-29T01:00", "02:00"),
    ("Europe/Stockholm", "2026-03-29T02:59", "03:00"),
    ("America/New_York", "2026-03-08T02:30", "03:00"),
    ("Australia/Sydney", "2026-10-04T02:30", "03:00"),
    ("Australia/Lord_Howe", "2026-10-04T02:15", "02:30"),
])
def test_a_time_that_the_clocks_leave_out_is_refused_with_the_next_one(zone: str, typed: str, following: str) -> None:
    with pytest.raises(Refused, match=rf"does not exist on .* The next time is {following}\."):
        rules.moment(datetime.fromisoformat(typed), zone)


SPAN = datetime(2024, 1, 1), datetime(2030, 1, 1)  # noqa: DTZ001 - what a clock shows


@given(st.datetimes(*SPAN), st.sampled_from(ZONES))
def test_a_clocks_time_is_refused_or_shown_again_as_it_was(local: datetime, zone: str) -> None:
    from zoneinfo import ZoneInfo

    try:
        utc = rules.moment(local, zone)
    except Refused:
        return
    assert utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == local.replace(fold=0)


# --- the table itself


def test_every_step_stands_in_the_table_once() -> None:
    keys = [(row.verb, row.before) for row in TRANSITIONS]
    assert len(keys) == len(set(keys))
    assert {row.verb for row in TRANSITIONS} == set(Verb)
    assert {row.after for row in TRANSITIONS} == set(State)


def test_seats_and_states_agree_in_every_step() -> None:
    keeps = HOLDING | {State.HELD, State.MISSED}
    for row in TRANSITIONS:
        before, after_ = row.before in keeps, row.after in keeps
        expected = {(False, True): {Seat.TAKE}, (True, False): {Seat.FREE}, (False, False): {Seat.KEEP},
                    (True, True): {Seat.KEEP, Seat.SWAP}}[before, after_]
        assert row.seat in expected, row
