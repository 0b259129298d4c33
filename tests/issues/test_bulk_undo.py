"""Several at once on a slow database: Undo's time begins when the last is done, and no letter leaves before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest

from floorday import config
from floorday.errors import Refused
from floorday.issues import actions, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.actions import triage as placing
from floorday.issues.rules import Stage, Stream
from floorday.mail import daily, outbox
from floorday.mail.tables import Letter, LetterWish
from floorday.mail.wishes import Pace
from tests.cast import Cast, make_cast

SLOW = 160
"""Seconds that all of them take together."""


@pytest.fixture
def now() -> datetime:
    return config.now().replace(microsecond=0)


@pytest.fixture
async def cast(database: object, now: datetime) -> Cast:
    return await make_cast(now)


async def raised(cast: Cast, now: datetime, many: int) -> list[int]:
    found: list[int] = []
    for n in range(many):
        noted = await actions.note(cast.fay, NoteForm(
            text=Said(f"Number {n}"), stream=Stream.STAFF_TOLD, team=cast.billing), now=now - timedelta(hours=1))
        assert noted.issue is not None
        found.append((await queries.issue(None, noted.issue)).number)
    return found


def slow() -> Callable[[], float]:
    """Give a clock that shows each time it is looked at to be so much later."""
    ticks = count(step=SLOW)
    return lambda: next(ticks)


async def waits() -> list[datetime]:
    return [row["leaves_at"] for row in await Letter.select(Letter.leaves_at).where(
        Letter.name == "issue_declined", Letter.taken_back_at.is_null())]  # fmt: skip


async def test_all_of_many_can_be_taken_back_after_the_last_was_done(cast: Cast, now: datetime) -> None:
    numbers = await raised(cast, now, 4)
    done = await placing.place_all(cast.eva, placing.Decline("No."), numbers=numbers, now=now, clock=slow())
    assert all(one.done for one in done)
    ended = now + timedelta(seconds=SLOW)
    undo = timedelta(seconds=config.settings().undo_seconds)
    assert await waits() == [ended + undo] * 4
    ids = [one.row.id for one in done if one.row]
    with pytest.raises(Refused, match="nothing to undo"):
        await actions.undo(cast.eva, ids[0], now=ended + undo + timedelta(seconds=1))
    back = await placing.undo_all(cast.eva, ids, now=ended + undo)
    assert [one.done for one in back] == [True] * 4
    assert await waits() == []
    assert {(await queries.issue(None, one)).stage for one in ids} == {Stage.NEEDS_OWNER}


async def test_what_sends_no_letter_can_be_taken_back_as_long_and_by_nobody_else(cast: Cast, now: datetime) -> None:
    numbers = await raised(cast, now, 3)
    day = (now + timedelta(days=9)).date()
    done = await placing.place_all(cast.eva, placing.Snooze(day), numbers=numbers, now=now, clock=slow())
    ids = [one.row.id for one in done if one.row]
    ended = now + timedelta(seconds=SLOW)
    assert not any(one.done for one in await placing.undo_all(cast.ben, ids, now=ended))
    assert all(one.done for one in await placing.undo_all(cast.eva, ids, now=ended + timedelta(seconds=9)))
    assert {(await queries.issue(None, one)).snoozed_until for one in ids} == {None}


async def test_letters_that_are_held_leave_by_themselves_where_the_last_never_came(cast: Cast, now: datetime) -> None:
    numbers = await raised(cast, now, 1)
    row = await queries.by_number(cast.eva, numbers[0])
    with outbox.holding() as held:
        await actions.decline(cast.eva, row.id, "No.", now=now)
    undo = timedelta(seconds=config.settings().undo_seconds)
    assert len(held) == 1
    assert await waits() == [now + undo + outbox.HOLD]
    await outbox.release(held, now=now + timedelta(seconds=3))
    assert await waits() == [now + undo + timedelta(seconds=3)]
    await outbox.release(held, now=now)
    await Letter.update({Letter.lease_until: now + timedelta(minutes=5)}).where(Letter.name == "issue_declined")
    await outbox.release(held, now=now + timedelta(hours=1))
    assert await waits() == [now + undo], "one that somebody has begun to send stays as it is"


async def test_news_that_is_gathered_leaves_no_sooner_than_undo_ends(cast: Cast, now: datetime) -> None:
    await LetterWish.update({LetterWish.pace: Pace.DAILY.value}).where(LetterWish.person == cast.fay.person)
    numbers = await raised(cast, now, 2)
    # The hour at which news leaves comes while the many are done.
    hour = daily.leaves_at(now, cast.fay.zone, earliest=timedelta())
    done = await placing.place_all(
        cast.eva, placing.Hand(cast.it, cast.gus.person), numbers=numbers, now=hour - timedelta(minutes=1))
    assert all(one.done for one in done)
    rows = await Letter.select(Letter.leaves_at, Letter.daily).where(Letter.name == "issue_taken")
    assert [row["daily"] for row in rows] == [True, True]
    assert all(row["leaves_at"] > hour + timedelta(hours=12) for row in rows), "with the news of the next day"
