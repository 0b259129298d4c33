"""The verbs of a booking against both databases: what is saved, who is told, what the database refuses."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from floorday.bookings import actions, queries
from floorday.bookings.actions import ShiftForm
from floorday.bookings.rules import Answer, Mark, Partstat, State
from floorday.bookings.tables import Booking, Shift
from floorday.errors import BadInput, Forbidden, NotFound, Raced, Refused
from floorday.mail.tables import Letter, MailToken
from floorday.people.access import Actor, Door
from tests.cast import NOW, Cast, a_booking, a_shift, make_cast, through

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


def yes(sequence: int = 0, *, comment: str = "", stamp: datetime | None = None) -> Answer:
    return Answer(partstat=Partstat.ACCEPTED, sequence=sequence, comment=comment, stamp=stamp)


def no(sequence: int = 0, *, stamp: datetime | None = None) -> Answer:
    return Answer(partstat=Partstat.DECLINED, sequence=sequence, stamp=stamp)


async def letters(booking: Any) -> list[tuple[str, str]]:
    """Give who was sent what about a booking, in order."""
    rows = await Letter.select(Letter.name, Letter.to_name).where(
        Letter.about == booking.id, Letter.taken_back_at.is_null()).order_by(Letter.created_at, Letter.id)
    return sorted((row["name"], row["to_name"].split()[0]) for row in rows)


async def events_of(booking: Any) -> list[dict[str, Any]]:
    """Give the calendar parts about a booking, oldest first."""
    rows = await Letter.select(Letter.event).where(
        Letter.about == booking.id, Letter.event.is_not_null(), Letter.taken_back_at.is_null(),
    ).order_by(Letter.created_at)
    found = [msgspec.json.decode(row["event"]) for row in rows]
    return sorted(found, key=lambda event: event["dtstamp"])


async def taken(shift_id: Any) -> int:
    count = (await queries.shift(shift_id)).taken
    assert count == await queries.counted(shift_id), "the seats taken are the bookings that hold one"
    return count


# --- inviting


async def test_an_invitation_takes_the_seat_and_is_told_to_the_manager_and_her_assistant(cast: Cast) -> None:
    booking = await a_booking(cast)
    assert (booking.state, booking.sequence, booking.manager_name) == (State.INVITED, 0, "Ann Archer")
    assert booking.uid == f"{booking.id}@floorday.example"
    assert await taken(booking.shift) == 1
    assert await letters(booking) == [("invitation", "Ann"), ("invitation", "Dan")]
    history = await queries.history(booking.id)
    assert [(line.what, line.by_name, line.door) for line in history] == [("invited", "Ben Baker", Door.PAGE)]


async def test_an_invitation_is_one_request_from_the_bookings_own_address(cast: Cast) -> None:
    booking = await a_booking(cast)
    row = await Letter.objects().where(Letter.about == booking.id, Letter.event.is_not_null()).first()
    assert row is not None
    event = msgspec.json.decode(row.event)
    assert row.from_address == event["organizer"] == "day+{reply}@floorday.example"
    assert (event["method"], event["sequence"], event["partstat"], event["rsvp"]) == (
        "REQUEST", 0, "NEEDS-ACTION", True)
    assert (event["attendee"], event["zone"], event["location"]) == (
        "ann@floorday.example", "Europe/London", "Leeds, floor 3")
    purposes = await MailToken.select(MailToken.purpose, MailToken.person).where(MailToken.about == booking.id)
    assert {(row["purpose"], row["person"]) for row in purposes} == {
        ("reply", cast.ann.person), ("answer", cast.ann.person), (f"answer.{cast.dan.person.hex}", cast.dan.person)}


async def test_the_facts_of_a_letter_are_frozen_with_both_zones(cast: Cast) -> None:
    booking = await a_booking(cast)
    row = await Letter.objects().where(Letter.about == booking.id, Letter.to_name == "Ann Archer").first()
    assert row is not None
    facts = msgspec.json.decode(row.facts)
    assert facts["when"] == (
        "Tuesday 24 November 2026, 09:00 to 15:00 (London time); for you 10:00 to 16:00 (Stockholm time)")
    assert (facts["team"], facts["host"], facts["place"], facts["why"]) == (
        "Billing", "Fay Finch", "Leeds, floor 3", "Refunds wait for a weekly batch.")


async def test_the_last_seat_goes_once(cast: Cast) -> None:
    shift = await a_shift(cast)
    await a_booking(cast, shift=shift)
    with pytest.raises(Refused, match="last seat"):
        await a_booking(cast, shift=shift, manager=cast.max)
    assert await taken(shift.id) == 1


async def test_forty_who_ask_at_once_for_three_seats_get_three(cast: Cast) -> None:
    from floorday.people.tables import Grant, Person

    shift = await a_shift(cast, seats=3)
    people = [Person(name=f"Manager {n}", email=f"m{n}@floorday.example", created_at=NOW) for n in range(40)]
    await Person.insert(*people)
    await Grant.insert(*[Grant(person=person.id, role="manager", granted_at=NOW) for person in people])
    outcomes = await asyncio.gather(*[
        actions.invite(cast.ben, shift=shift.id, manager=person.id, why="Come and see.", now=NOW) for person in people
    ], return_exceptions=True)
    booked = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len(booked) == 3
    assert {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)} == {Refused}
    assert await taken(shift.id) == 3


async def test_a_manager_is_never_in_two_places(cast: Cast) -> None:
    await a_booking(cast)
    overlapping = await a_shift(cast, team=cast.claims, at=14)
    with pytest.raises(Refused, match="Ann Archer already has another day at that time"):
        await a_booking(cast, shift=overlapping)
    assert await taken(overlapping.id) == 0
    back_to_back = await a_shift(cast, team=cast.claims, at=15, hours=2)
    assert (await a_booking(cast, shift=back_to_back)).state is State.INVITED


async def test_two_teams_that_ask_for_the_same_time_at_once_get_the_manager_once(cast: Cast) -> None:
    mine, theirs = await a_shift(cast), await a_shift(cast, team=cast.claims)
    outcomes = await asyncio.gather(
        a_booking(cast, shift=mine), a_booking(cast, shift=theirs), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["BookingRow", "Refused"]


async def test_nobody_is_booked_twice_on_one_shift(cast: Cast) -> None:
    shift = await a_shift(cast, seats=2)
    await a_booking(cast, shift=shift)
    with pytest.raises(Refused, match="already"):
        await a_booking(cast, shift=shift)
    assert await taken(shift.id) == 1


async def test_only_who_is_a_manager_is_invited(cast: Cast) -> None:
    with pytest.raises(NotFound, match="no such manager"):
        await a_booking(cast, manager=cast.gus)


@pytest.mark.parametrize("who", ["cleo", "gus", "hana", "ann", "dan", "ada"])
async def test_who_is_not_of_the_team_does_not_invite_for_it(cast: Cast, who: str) -> None:
    shift = await a_shift(cast)
    with pytest.raises(Forbidden if who in {"hana", "ada"} else NotFound):
        await actions.invite(getattr(cast, who), shift=shift.id, manager=cast.max.person, why="Please", now=NOW)


async def test_an_invitation_needs_words(cast: Cast) -> None:
    shift = await a_shift(cast)
    with pytest.raises(BadInput) as refused:
        await actions.invite(cast.ben, shift=shift.id, manager=cast.ann.person, why="  ", now=NOW)
    assert list(refused.value.fields) == ["why"]


# --- answering


async def test_a_yes_is_confirmed_to_the_manager_and_told_to_the_floor(cast: Cast) -> None:
    booking = await a_booking(cast)
    booking, mark = await actions.answer(cast.ann, booking.id, yes(comment="Gladly"), now=LATER)
    assert (booking.state, booking.comment, mark) == (State.ACCEPTED, "Gladly", Mark.APPLIED)
    assert await letters(booking) == [
        ("answer_taken", "Ann"), ("day_confirmed", "Ben"), ("day_confirmed", "Fay"), ("invitation", "Ann"),
        ("invitation", "Dan")]


async def test_the_same_answer_again_changes_and_tells_nothing(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    before, lines = await letters(booking), len(await queries.history(booking.id))
    _, mark = await actions.answer(cast.ann, booking.id, yes(), now=LATER)
    assert mark is Mark.DUPLICATE
    assert (await letters(booking), len(await queries.history(booking.id))) == (before, lines)


async def test_an_assistant_answers_on_behalf_of_the_manager(cast: Cast) -> None:
    booking = await a_booking(cast)
    await actions.answer(through(cast.dan, Door.LETTER), booking.id, yes(), now=LATER)
    line = (await queries.history(booking.id))[-1]
    assert (line.what, line.by_name, line.behalf_name, line.door, line.by_email) == (
        "accepted", "Dan Dahl", "Ann Archer", Door.LETTER, "dan@floorday.example")


@pytest.mark.parametrize(("who", "error"), [
    ("ben", Forbidden), ("eva", Forbidden), ("fay", Forbidden), ("hana", Forbidden), ("ada", Forbidden),
    ("cleo", NotFound), ("gus", NotFound), ("max", NotFound), ("ines", NotFound),
])
async def test_nobody_else_answers(cast: Cast, who: str, error: type[Exception]) -> None:
    booking = await a_booking(cast)
    with pytest.raises(error):
        await actions.answer(getattr(cast, who), booking.id, yes(), now=LATER)
    assert (await queries.booking(booking.id)).state is State.INVITED


async def test_a_no_gives_the_seat_back_and_a_yes_takes_it_again(cast: Cast) -> None:
    booking = await a_booking(cast)
    await actions.answer(cast.ann, booking.id, no(), now=LATER)
    assert await taken(booking.shift) == 0
    booking, _ = await actions.answer(cast.ann, booking.id, yes(), now=LATER + timedelta(minutes=1))
    assert (booking.state, await taken(booking.shift)) == (State.ACCEPTED, 1)


async def test_who_declined_comes_back_only_to_a_free_seat(cast: Cast) -> None:
    booking = await a_booking(cast)
    await actions.answer(cast.ann, booking.id, no(), now=LATER)
    await a_booking(cast, manager=cast.max, shift=await queries.shift(booking.shift))
    with pytest.raises(Refused, match="last seat"):
        await actions.answer(cast.ann, booking.id, yes(), now=LATER + timedelta(minutes=1))
    assert (await queries.booking(booking.id)).state is State.DECLINED
    assert await taken(booking.shift) == 1


async def test_who_declined_comes_back_only_without_a_clash(cast: Cast) -> None:
    booking = await a_booking(cast)
    await actions.answer(cast.ann, booking.id, no(), now=LATER)
    await a_booking(cast, shift=await a_shift(cast, team=cast.claims))
    with pytest.raises(Refused, match="already has another day"):
        await actions.answer(cast.ann, booking.id, yes(), now=LATER + timedelta(minutes=1))
    assert await taken(booking.shift) == 0


async def test_a_late_reply_from_a_calendar_is_recorded_and_not_applied(cast: Cast) -> None:
    booking = await a_booking(cast)
    calendar = through(cast.ann, Door.CALENDAR)
    await actions.answer(calendar, booking.id, no(stamp=NOW + timedelta(minutes=3)), now=LATER)
    _, mark = await actions.answer(calendar, booking.id, yes(stamp=NOW + timedelta(minutes=2)), now=LATER)
    assert (mark, (await queries.booking(booking.id)).state) == (Mark.STALE, State.DECLINED)
    assert (await queries.history(booking.id))[-1].what == "stale answer"


# --- moving


async def test_a_move_is_the_same_event_asked_again(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    other = await a_shift(cast, days=24)
    moved = await actions.move(cast.ben, booking.id, shift=other.id, now=LATER)
    assert (moved.uid, moved.sequence, moved.state, moved.starts_at) == (
        booking.uid, 1, State.INVITED, other.starts_at)
    assert (await taken(booking.shift), await taken(other.id)) == (0, 1)
    event = (await events_of(booking))[-1]
    assert (event["sequence"], event["partstat"], event["rsvp"]) == (1, "NEEDS-ACTION", True)
    assert ("day_moved", "Fay") in await letters(booking)


@pytest.mark.parametrize("who", ["ann", "dan"])
async def test_a_date_the_managers_side_chose_stays_accepted(cast: Cast, who: str) -> None:
    booking = await a_booking(cast)
    other = await a_shift(cast, days=24)
    moved = await actions.move(getattr(cast, who), booking.id, shift=other.id, now=LATER)
    assert (moved.state, moved.sequence, moved.answer) == (State.ACCEPTED, 1, "accepted")
    event = (await events_of(booking))[-1]
    assert (event["partstat"], event["rsvp"]) == ("ACCEPTED", False)
    assert (await queries.history(booking.id))[-1].what == "chosen"


async def test_a_proposal_of_another_time_becomes_a_shift_of_its_own(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    starts = booking.starts_at + timedelta(days=1)
    moved = await actions.move(cast.eva, booking.id, starts=starts, ends=starts + timedelta(hours=4), chosen=True,
                               now=LATER)
    assert (moved.state, moved.starts_at, moved.team_name, moved.host_name) == (
        State.ACCEPTED, starts, "Billing", "Fay Finch")
    assert (moved.shift != booking.shift, await taken(moved.shift), await taken(booking.shift)) == (True, 1, 0)


async def test_a_manager_picks_among_the_teams_dates_and_makes_none(cast: Cast) -> None:
    booking = await a_booking(cast)
    starts = booking.starts_at + timedelta(days=1)
    with pytest.raises(Forbidden, match="dates that Billing offers"):
        await actions.move(cast.ann, booking.id, starts=starts, ends=starts + timedelta(hours=4), now=LATER)
    with pytest.raises(NotFound, match="no such shift"):
        await actions.move(cast.ann, booking.id, shift=(await a_shift(cast, days=25, team=cast.claims)).id, now=LATER)


async def test_a_move_to_a_full_shift_changes_nothing(cast: Cast) -> None:
    booking = await a_booking(cast)
    full = await a_shift(cast, days=24)
    await a_booking(cast, manager=cast.max, shift=full)
    with pytest.raises(Refused, match="last seat"):
        await actions.move(cast.ben, booking.id, shift=full.id, now=LATER)
    assert (await taken(booking.shift), await taken(full.id)) == (1, 1)
    assert (await queries.booking(booking.id)).sequence == 0


async def test_two_days_that_swap_their_dates_at_once_do_not_wait_for_each_other(cast: Cast) -> None:
    first, second = await a_shift(cast, seats=2), await a_shift(cast, days=24, seats=2)
    anns = await a_booking(cast, shift=first)
    maxs = await a_booking(cast, shift=second, manager=cast.max)
    await asyncio.wait_for(asyncio.gather(
        actions.move(cast.ben, anns.id, shift=second.id, now=LATER),
        actions.move(cast.eva, maxs.id, shift=first.id, now=LATER)), 10)
    assert (await taken(first.id), await taken(second.id)) == (1, 1)


async def test_of_two_who_change_a_day_at_once_one_is_told_to_look_again(cast: Cast) -> None:
    booking = await a_booking(cast)
    outcomes = await asyncio.gather(
        actions.cancel(cast.ben, booking.id, reason="Flood in the office", now=LATER),
        actions.answer(cast.ann, booking.id, yes(), now=LATER), return_exceptions=True)
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert all(isinstance(outcome, Refused) for outcome in failed)
    state = (await queries.booking(booking.id)).state
    # Answered first and then called off is fine too; called off and then accepted is not.
    assert state is State.CANCELLED or (state is State.ACCEPTED and isinstance(outcomes[0], Raced))
    assert await taken(booking.shift) == (0 if state is State.CANCELLED else 1)


# --- postponing, cancelling


async def test_a_postponed_day_holds_no_seat_and_no_time_and_comes_back_as_the_same_event(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    postponed = await actions.postpone(cast.dan, booking.id, reason="Board meeting", now=LATER)
    assert (postponed.state, postponed.sequence, await taken(booking.shift)) == (State.POSTPONED, 1, 0)
    event = (await events_of(booking))[-1]
    assert (event["method"], event["status"], event["transparent"]) == ("REQUEST", "TENTATIVE", True)
    again = await actions.move(cast.ben, booking.id, shift=(await a_shift(cast, days=30)).id, now=LATER)
    assert (again.uid, again.sequence, again.state) == (booking.uid, 2, State.INVITED)
    assert (await events_of(booking))[-1]["status"] == "CONFIRMED"


async def test_a_cancelled_day_is_told_with_its_reason_and_frees_the_seat(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    cancelled = await actions.cancel(cast.eva, booking.id, reason="The system is down that week", now=LATER)
    assert (cancelled.state, cancelled.sequence, await taken(booking.shift)) == (State.CANCELLED, 1, 0)
    event = (await events_of(booking))[-1]
    assert (event["method"], event["status"], event["sequence"], event["uid"]) == (
        "CANCEL", "CANCELLED", 1, booking.uid)
    assert {("booking_cancelled", "Ann"), ("booking_cancelled", "Dan"), ("place_freed", "Ben"),
            ("place_freed", "Fay")} <= set(await letters(booking))


async def test_cancelling_needs_a_reason(cast: Cast) -> None:
    booking = await a_booking(cast)
    with pytest.raises(Refused, match="reason"):
        await actions.cancel(cast.ann, booking.id, reason=" ", now=LATER)


async def test_every_message_about_a_day_is_stamped_later_than_the_one_before(cast: Cast) -> None:
    booking = await a_booking(cast)
    for days in (23, 24, 25):      # all within one second
        await actions.move(cast.ben, booking.id, shift=(await a_shift(cast, days=days)).id, now=NOW)
    await actions.remind(cast.ben, booking.id, now=NOW)
    await actions.cancel(cast.ben, booking.id, reason="No desk", now=NOW)
    events = await events_of(booking)
    stamps = [event["dtstamp"] for event in events]
    assert stamps == sorted(set(stamps))
    assert [event["sequence"] for event in events] == [0, 1, 2, 3, 3, 4]
    assert {event["organizer"] for event in events} == {"day+{reply}@floorday.example"}


# --- undoing


async def test_an_undone_move_never_was(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    before = await letters(booking)
    other = await a_shift(cast, days=24)
    await actions.move(cast.ben, booking.id, shift=other.id, now=LATER)
    restored = await actions.undo(cast.ben, booking.id, now=LATER)
    assert (restored.state, restored.sequence, restored.starts_at, restored.answer) == (
        State.ACCEPTED, 0, booking.starts_at, "accepted")
    assert (await taken(booking.shift), await taken(other.id)) == (1, 0)
    assert await letters(booking) == before
    assert [line.what for line in await queries.history(booking.id)] == ["invited", "accepted", "undone moved"]
    with pytest.raises(Refused, match="nothing to undo"):
        await actions.undo(cast.ben, booking.id, now=LATER)


async def test_an_undone_invitation_tells_nobody(cast: Cast) -> None:
    booking = await a_booking(cast)
    undone = await actions.undo(cast.ben, booking.id, now=NOW)
    assert (undone.state, await letters(booking), await taken(booking.shift)) == (State.CANCELLED, [], 0)


async def test_an_undone_cancellation_takes_the_seat_again_if_it_is_still_there(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    await actions.cancel(cast.ben, booking.id, reason="Wrong row", now=LATER)
    restored = await actions.undo(cast.ben, booking.id, now=LATER)
    assert (restored.state, restored.reason, await taken(booking.shift)) == (State.ACCEPTED, "", 1)
    await actions.cancel(cast.ben, booking.id, reason="This time it is meant", now=LATER)
    await a_booking(cast, manager=cast.max, shift=await queries.shift(booking.shift))
    with pytest.raises(Refused, match="last seat"):
        await actions.undo(cast.ben, booking.id, now=LATER)


async def test_what_has_left_is_not_undone(cast: Cast) -> None:
    booking = await a_booking(cast)
    await Letter.update({Letter.sent_at: LATER}).where(Letter.to_name == "Ann Archer")
    with pytest.raises(Refused, match="already left"):
        await actions.undo(cast.ben, booking.id, now=LATER)
    assert (await queries.booking(booking.id)).state is State.INVITED
    assert await letters(booking) == [("invitation", "Ann"), ("invitation", "Dan")]


async def test_nobody_undoes_what_somebody_else_did(cast: Cast) -> None:
    booking = await a_booking(cast)
    with pytest.raises(Refused, match="nothing to undo"):
        await actions.undo(cast.eva, booking.id, now=NOW)


# --- on the day


async def test_the_host_says_held_and_may_correct_it(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    with pytest.raises(Refused, match="not started"):
        await actions.hold(cast.fay, booking.id, now=booking.starts_at - timedelta(minutes=1))
    held = await actions.hold(cast.fay, booking.id, now=booking.starts_at)
    missed = await actions.miss(cast.fay, booking.id, now=booking.ends_at)
    again = await actions.hold(cast.ben, booking.id, now=booking.ends_at + timedelta(days=2))
    assert [held.state, missed.state, again.state] == [State.HELD, State.MISSED, State.HELD]
    assert await taken(booking.shift) == 1


async def test_the_manager_does_not_say_held(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    with pytest.raises(Forbidden):
        await actions.hold(cast.ann, booking.id, now=booking.ends_at)


async def test_the_read_back_is_noted_once(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    at = booking.ends_at - timedelta(minutes=20)
    await actions.read_back(cast.fay, booking.id, now=at)
    again = await actions.read_back(cast.fay, booking.id, now=booking.ends_at)
    assert again.read_back_at == at
    assert [line.what for line in await queries.history(booking.id)].count("read back") == 1


# --- shifts


async def test_a_shift_that_moves_takes_its_bookings_along(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    starts = booking.starts_at + timedelta(hours=1)
    form = ShiftForm(starts=starts, ends=booking.ends_at, place="Leeds, floor 3", host=cast.fay.person, plan="")
    await actions.change_shift(cast.ben, booking.shift, form, now=LATER)
    moved = await queries.booking(booking.id)
    assert (moved.state, moved.sequence, moved.starts_at) == (State.INVITED, 1, starts)
    assert (await events_of(booking))[-1]["partstat"] == "NEEDS-ACTION"


async def test_another_host_is_told_without_asking_again(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    shift = await queries.shift(booking.shift)
    form = ShiftForm(
        starts=shift.starts_at, ends=shift.ends_at, place=shift.place, host=cast.ben.person, plan=shift.plan)
    await actions.change_shift(cast.eva, shift.id, form, now=LATER)
    after = await queries.booking(booking.id)
    assert (after.state, after.sequence, after.host_name) == (State.ACCEPTED, 0, "Ben Baker")
    event = (await events_of(booking))[-1]
    assert (event["sequence"], event["partstat"], event["rsvp"]) == (0, "ACCEPTED", False)
    assert ("day_confirmed", "Ben") in await letters(booking)


async def test_a_shift_does_not_move_onto_another_day_of_a_manager_on_it(cast: Cast) -> None:
    booking = await a_booking(cast)
    other = await a_booking(cast, shift=await a_shift(cast, team=cast.claims, days=23))
    form = ShiftForm(starts=other.starts_at, ends=other.ends_at)
    with pytest.raises(Refused, match="another day at that time"):
        await actions.change_shift(cast.ben, booking.shift, form, now=LATER)
    assert (await queries.shift(booking.shift)).starts_at == booking.starts_at


async def test_a_shift_keeps_as_many_seats_as_are_taken(cast: Cast) -> None:
    shift = await a_shift(cast, seats=2)
    await a_booking(cast, shift=shift)
    await a_booking(cast, shift=shift, manager=cast.max)
    form = ShiftForm(starts=shift.starts_at, ends=shift.ends_at, seats=1)
    with pytest.raises(Refused, match="2 seats of this shift are taken"):
        await actions.change_shift(cast.ben, shift.id, form, now=LATER)


async def test_a_withdrawn_shift_cancels_its_days_and_those_declined_hear_it_too(cast: Cast) -> None:
    shift = await a_shift(cast, seats=2)
    anns = await a_booking(cast, shift=shift, accepted=True)
    maxs = await a_booking(cast, shift=shift, manager=cast.max)
    await actions.answer(cast.max, maxs.id, no(), now=LATER)
    with pytest.raises(Refused, match="reason"):
        await actions.withdraw_shift(cast.ben, shift.id, now=LATER)
    assert await actions.withdraw_shift(cast.ben, shift.id, reason="The floor is being rebuilt", now=LATER) == 1
    for booking in (anns, maxs):
        assert (await queries.booking(booking.id)).state is State.CANCELLED
        assert (await events_of(booking))[-1]["method"] == "CANCEL"
    assert await taken(shift.id) == 0


async def test_a_shift_is_offered_on_the_teams_clock(cast: Cast) -> None:
    form = ShiftForm(starts=datetime(2027, 7, 6, 9, 0), ends=datetime(2027, 7, 6, 15, 0))  # noqa: DTZ001
    shift = await actions.offer_shift(cast.ben, cast.billing, form, now=NOW)
    assert shift.starts_at == datetime(2027, 7, 6, 8, 0, tzinfo=UTC)
    assert shift.place == "Leeds, floor 3"


@pytest.mark.parametrize("who", ["fay", "cleo", "ines", "ann", "hana", "ada"])
async def test_only_the_lead_and_the_coordinator_offer_shifts(cast: Cast, who: str) -> None:
    form = ShiftForm(starts=NOW + timedelta(days=3), ends=NOW + timedelta(days=3, hours=2))
    with pytest.raises(Forbidden):
        await actions.offer_shift(getattr(cast, who), cast.billing, form, now=NOW)


async def test_a_host_is_of_the_team(cast: Cast) -> None:
    form = ShiftForm(starts=NOW + timedelta(days=3), ends=NOW + timedelta(days=3, hours=2), host=cast.cleo.person)
    with pytest.raises(BadInput, match="somebody of the team"):
        await actions.offer_shift(cast.ben, cast.billing, form, now=NOW)


# --- reminding, sending again


async def test_only_who_has_not_answered_is_reminded_and_twice_at_the_most(cast: Cast) -> None:
    asked = await a_booking(cast)
    answered = await a_booking(cast, manager=cast.max, shift=await a_shift(cast, days=24), accepted=True)
    counts = [await actions.remind_unanswered(now=NOW + timedelta(days=day)) for day in (2, 3, 4, 6, 9, 12)]
    assert counts == [0, 1, 0, 1, 0, 0]
    assert [name for name, who in await letters(asked) if who == "Ann"] == [
        "invitation", "invitation_reminder", "invitation_reminder"]
    assert "invitation_reminder" not in {name for name, _ in await letters(answered)}


async def test_a_calendar_that_asks_gets_the_day_as_it_stands_once_in_a_while(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    assert await actions.resend(booking.id, now=LATER) is True
    assert await actions.resend(booking.id, now=LATER + timedelta(minutes=5)) is False
    first, again = await events_of(booking)
    assert (again["sequence"], again["partstat"]) == (0, "ACCEPTED")
    assert again["dtstamp"] > first["dtstamp"]


async def test_a_refused_proposal_leaves_the_day_as_it_is(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True)
    other = booking.starts_at + timedelta(days=1)
    proposal = await actions.propose(cast.ann, booking.id, starts=other, ends=other + timedelta(hours=3), now=LATER)
    assert proposal is not None
    after = await actions.refuse_proposal(cast.eva, booking.id, proposal, words="We are closed then", now=LATER)
    assert (after.state, after.sequence) == (State.ACCEPTED, 0)
    assert (await events_of(booking))[-1]["method"] == "DECLINECOUNTER"


# --- seeing


@pytest.mark.parametrize(("who", "sees"), [
    ("ann", True), ("dan", True), ("ben", True), ("fay", True), ("eva", True), ("hana", True), ("ada", True),
    ("cleo", False), ("ines", False), ("gus", False), ("max", False),
])
async def test_lists_hold_what_their_reader_may_see(cast: Cast, who: str, sees: bool) -> None:
    booking = await a_booking(cast)
    actor: Actor = getattr(cast, who)
    assert [row.id for row in await queries.bookings(actor)] == ([booking.id] if sees else [])
    assert [row.id for row in await queries.shifts(actor, since=NOW)] == ([booking.shift] if sees else [])


async def test_the_database_itself_keeps_the_seats(cast: Cast) -> None:
    shift = await a_shift(cast)
    with pytest.raises(Exception, match=r"(?i)check"):
        await Shift.update({Shift.taken: 2}).where(Shift.id == shift.id)


async def test_the_database_itself_keeps_a_manager_in_one_place(cast: Cast) -> None:
    booking = await a_booking(cast)
    other = await a_booking(cast, shift=await a_shift(cast, days=23))
    with pytest.raises(Exception, match="booking_one_place"):
        await Booking.update({Booking.starts_at: booking.starts_at, Booking.ends_at: booking.ends_at}).where(
            Booking.id == other.id)
