"""Where live actions lead an issue and a day, the same events lead them again."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from floorday.bookings import actions as bookings
from floorday.bookings.rules import Answer, Partstat
from floorday.bookings.tables import Booking, BookingEvent
from floorday.db.text import Title
from floorday.errors import FloordayError
from floorday.history.projection import DayHappened, Happened, project, project_day, steps
from floorday.issues import actions
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Resolution, Stage, Stream, Verdict
from floorday.issues.tables import Issue, IssueEvent
from tests.cast import NOW, Cast, a_booking, a_shift, make_cast

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
KEPT = ("turn", "ending", "promised_for", "question", "resolution", "done", "resolved_by", "resolved_at", "round",
        "last_word_at")  # fmt: skip


async def again(issue: UUID, *, now: datetime) -> dict[str, Any]:
    """Follow the events of an issue anew, to the columns of its row."""
    row = await Issue.select(Issue.owner).where(Issue.id == issue).first()
    events = await IssueEvent.select().where(IssueEvent.issue == issue).order_by(IssueEvent.at, IssueEvent.id)
    happened = [Happened(at=e["at"], what=e["what"], text=e["text"], says=e["says"], due=e["for_date"], by=e["by"])
                for e in events]  # fmt: skip
    standing = project(happened, raised_at=events[0]["at"], owned=row["owner"] is not None, now=now)
    return {name: getattr(standing, name) for name in KEPT}


async def stands(issue: UUID) -> dict[str, Any]:
    row = await Issue.select().where(Issue.id == issue).first()
    return {name: row[name] for name in KEPT}


@pytest.mark.parametrize("seed", range(3))
async def test_an_issue_comes_to_stand_where_live_actions_left_it(database: object, seed: int) -> None:
    luck, now, met = random.Random(seed), NOW, set[str]()
    cast = await make_cast(now)
    form = NoteForm(text=Said("Refunds wait."), stream=Stream.STAFF_TOLD, team=cast.billing, title=Title("Refunds"))
    issue = (await actions.note(cast.fay, form, now=now)).issue
    assert issue is not None
    if seed % 2:
        await actions.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=now)
        await actions.sponsor(cast.eva, issue, cast.max.person, now=now)
    for _ in range(40):
        now += timedelta(hours=luck.choice([1, 3, 30, 70, 400]))
        await actions.close_unconfirmed(now=now)
        assert await stands(issue) == await again(issue, now=now)
        verb = luck.choice(VERBS)
        with suppress(FloordayError):
            await verb(cast, issue, now)
        met.add((await stands(issue))["turn"])
        assert await stands(issue) == await again(issue, now=now)
    assert len(met) > 1


Does = Callable[[Cast, UUID, datetime], Awaitable[object]]


def due(now: datetime) -> date:
    return now.date() + timedelta(days=now.hour)


VERBS: list[Does] = [
    lambda cast, issue, now: actions.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=now),
    lambda cast, issue, now: actions.assign(cast.eva, issue, department=cast.it, now=now),
    lambda cast, issue, now: actions.sponsor(cast.eva, issue, cast.max.person, now=now),
    lambda cast, issue, now: actions.promise(cast.gus, issue, due(now), "Parts", now=now),
    lambda cast, issue, now: actions.update(cast.gus, issue, "No news yet", now=now),
    lambda cast, issue, now: actions.ask(cast.gus, issue, "May we?", now=now),
    lambda cast, issue, now: actions.decide(cast.max, issue, yes=bool(now.hour % 2), because="Yes", now=now),
    lambda cast, issue, now: actions.resolve(cast.gus, issue, Resolution.HERE, "Done", now=now),
    lambda cast, issue, now: actions.resolve(cast.gus, issue, Resolution.EVERYBODY, "Done", now=now),
    lambda cast, issue, now: actions.resolve(cast.gus, issue, Resolution.CANNOT, "No way", now=now),
    lambda cast, issue, now: actions.verdict(cast.fay, issue, Verdict.FIXED, now=now),
    lambda cast, issue, now: actions.verdict(cast.fay, issue, Verdict.NOT, "Still so", now=now),
    lambda cast, issue, now: actions.again(cast.fay, issue, "There it is", now=now),
    lambda cast, issue, now: actions.again(cast.ben, issue, "Here too", now=now),
    lambda cast, issue, now: actions.decline(cast.eva, issue, "Not ours", now=now),
    lambda cast, issue, now: actions.note(
        cast.ben, NoteForm(text=Said("Me too"), stream=Stream.STAFF_TOLD, issue=issue), now=now),
]  # fmt: skip


def event(days: float, what: str, **other: Any) -> Happened:
    return Happened(at=AT + timedelta(days=days), what=what, **other)


RECORDS: list[tuple[str, list[Happened], Stage]] = [
    ("nothing", [], Stage.BEING_FIXED),
    ("resolved", [event(1, "resolved", says="here")], Stage.TELL_FLOOR),
    ("a fixed before any resolution", [event(1, "verdict", says="fixed")], Stage.BEING_FIXED),
    ("a fixed to the one before", [event(1, "resolved", says="here"), event(2, "verdict", says="fixed"),
                                   event(3, "resolved", says="here")], Stage.TELL_FLOOR),
    ("a late fixed", [event(1, "resolved", says="here"), event(20, "verdict", says="fixed")], Stage.CONFIRMED),
    ("a no after cannot", [event(1, "resolved", says="cannot"), event(2, "verdict", says="not")], Stage.BEING_FIXED),
    ("a yes after cannot", [event(1, "resolved", says="cannot"), event(2, "verdict", says="fixed")], Stage.CANNOT),
    ("a no after declined", [event(1, "declined"), event(2, "verdict", says="not")], Stage.DECLINED),
    ("reopened while open", [event(1, "reopened")], Stage.BEING_FIXED),
    ("declined, then back", [event(1, "declined"), event(2, "returned")], Stage.BEING_FIXED),
    ("a question nobody answered", [event(1, "asked", text="?")], Stage.NEEDS_DECISION),
    ("a question after the end", [event(1, "declined"), event(2, "asked", text="?")], Stage.DECLINED),
    ("joined", [event(1, "resolved", says="here"), event(2, "joined")], Stage.JOINED),
]  # fmt: skip


@pytest.mark.parametrize(("events", "stage"), [row[1:] for row in RECORDS], ids=[row[0] for row in RECORDS])
def test_a_record_that_the_program_would_have_refused_leads_somewhere(events: list[Happened], stage: Stage) -> None:
    last = events[-1].at if events else AT
    assert project(events, raised_at=AT, owned=True, now=last).stage is stage


def test_silence_closes_after_a_fortnight_to_the_second_and_is_written_down_each_time() -> None:
    events = [event(1, "resolved", says="here"), event(16, "verdict", says="not"), event(20, "resolved", says="here")]
    ends = AT + timedelta(days=34)
    before = project(events, raised_at=AT, owned=False, now=ends - timedelta(seconds=1))
    after = project(events, raised_at=AT, owned=False, now=ends)
    assert (before.stage, before.lapses) == (Stage.TELL_FLOOR, (AT + timedelta(days=15),))
    assert (after.stage, after.lapses) == (Stage.UNCONFIRMED, (AT + timedelta(days=15), ends))


def test_a_reopening_of_an_open_issue_is_no_word() -> None:
    told = list(steps([event(1, "reopened"), event(2, "updated"), event(3, "asked")], raised_at=AT, owned=False))
    assert [one.last_word_at for one in told] == [AT, AT, AT + timedelta(days=2), AT + timedelta(days=2)]


async def test_a_day_comes_to_stand_where_live_actions_left_it(database: object) -> None:
    cast, now = await make_cast(), NOW
    booking = await a_booking(cast, days=20)
    other = await a_shift(cast, days=30)

    async def same() -> None:
        row = await Booking.select().where(Booking.id == booking.id).first()
        lines = await BookingEvent.select().where(BookingEvent.booking == booking.id).order_by(BookingEvent.at)
        told: list[DayHappened] = []
        for line in lines:
            moved = {"moved": "invited", "chosen": "accepted"}.get(line["what"])
            told += [DayHappened(line["at"], word) for word in (("postponed", moved) if moved else (line["what"],))]
        standing = project_day(told, booked_at=row["booked_at"])
        assert (standing.state, standing.sequence, standing.answer) == (row["state"], row["sequence"], row["answer"])

    async def reply(partstat: Partstat, at: datetime) -> None:
        sequence = (await Booking.select(Booking.sequence).where(Booking.id == booking.id).first())["sequence"]
        await bookings.answer(cast.ann, booking.id, Answer(partstat=partstat, sequence=sequence), now=at)

    acts: list[Callable[[datetime], Awaitable[object]]] = [
        lambda at: reply(Partstat.TENTATIVE, at), lambda at: reply(Partstat.DECLINED, at),
        lambda at: reply(Partstat.ACCEPTED, at),
        lambda at: bookings.move(cast.ben, booking.id, shift=other.id, now=at),
        lambda at: reply(Partstat.ACCEPTED, at),
        lambda at: bookings.postpone(cast.ann, booking.id, now=at),
        lambda at: bookings.move(cast.ann, booking.id, shift=other.id, now=at),
        lambda at: bookings.hold(cast.fay, booking.id, now=other.ends_at),
    ]  # fmt: skip
    await same()
    for act in acts:
        now += timedelta(hours=1)
        await act(now)
        await same()
