"""Public numbers: counted for whoever has a name, any of weeks for whoever has none."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorday.db import run_sql
from floorday.history import moves as history
from floorday.issues import actions, numbers, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Naming, Stream
from floorday.issues.tables import Issue
from floorday.people.access import Actor
from tests.cast import NOW, Cast, make_cast

DAY = timedelta(days=1)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def number_of(by: Actor, cast: Cast, naming: Naming, *, now: datetime = NOW) -> int:
    form = NoteForm(text=Said("Refunds wait"), stream=Stream.STAFF_TOLD, team=cast.billing, naming=naming)
    noted = await actions.note(by, form, now=now)
    assert noted.issue is not None
    return (await queries.issue(None, noted.issue)).number


async def salt() -> int:
    return (await run_sql("SELECT value FROM counter WHERE name = 'holes'"))[0]["value"]


async def raised_before(cast: Cast, count: int, *, at: datetime) -> list[int]:
    """Let so many issues have been raised before, as a file brings them."""
    from floorday.db import transaction

    async with transaction():
        given = await history.numbers(count)
        rows = [Issue(id=uuid4(), number=one, title="Old", kind="other", team=cast.billing, raised_at=at,
                      last_word_at=at, changed_at=at) for one in given]  # fmt: skip
        for first in range(0, count, 300):
            await Issue.insert(*rows[first : first + 300])
    return given


@given(st.integers(0, 2**31 - 1))
def test_one_number_of_eight_is_kept_back_and_small_ones_never(salt: int) -> None:
    kept = [one for one in range(4096) if numbers.kept_back(one, salt)]
    assert 4096 / 8 * 0.7 < len(kept) < 4096 / 8 * 1.3
    assert not kept or kept[0] >= numbers.FIRST
    assert max(b - a for a, b in pairwise(kept)) < numbers.BACK


@given(st.integers(0, 2**31 - 1), st.integers(1, 5000))
def test_there_is_always_one_to_choose(salt: int, last: int) -> None:
    taken = {one for one in range(last + 1) if numbers.kept_back(one, salt)}
    free = numbers.window(last, salt, taken, ahead=512)
    assert len(free) >= numbers.ENOUGH
    assert all(last < one <= last + 512 for one in free)


async def test_a_name_never_gets_what_is_kept_back_and_anonymous_ones_nothing_else(cast: Cast) -> None:
    await raised_before(cast, 60, at=NOW - 2 * DAY)
    kept, named, unnamed = await salt(), list[int](), list[int]()
    for _n in range(30):
        named.append(await number_of(cast.fay, cast, Naming.NAMED))
        unnamed.append(await number_of(cast.fay, cast, Naming.ANONYMOUS))
    assert named == sorted(named)
    assert not any(numbers.kept_back(one, kept) for one in named)
    assert all(numbers.kept_back(one, kept) for one in unnamed)
    assert unnamed != sorted(unnamed), "their order is chance"
    assert len({*named, *unnamed}) == 60


async def test_what_can_be_chosen_is_the_same_all_day(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    await raised_before(cast, 900, at=NOW - 3 * DAY)
    seen: list[list[int]] = []

    def choose(free: list[int]) -> int:
        seen.append(free)
        return free[0]

    monkeypatch.setattr(numbers, "choose", choose)
    await number_of(cast.fay, cast, Naming.ANONYMOUS, now=NOW)
    for _n in range(40):
        await number_of(cast.fay, cast, Naming.NAMED, now=NOW + timedelta(hours=1))
    await number_of(cast.fay, cast, Naming.ANONYMOUS, now=NOW + timedelta(hours=4))
    assert seen[1] == seen[0][1:], "forty issues later there is what there was, but for what was taken"
    assert max(seen[0]) < 900 * 8 / 7 + 64


async def test_a_file_and_forty_at_once_leave_the_kept_ones_alone(cast: Cast) -> None:
    kept = await salt()
    given = await raised_before(cast, 500, at=NOW - 3 * DAY)
    assert given == sorted(given)
    assert not any(numbers.kept_back(one, kept) for one in given)
    found = await asyncio.gather(*(number_of(cast.fay, cast, Naming.ANONYMOUS) for _n in range(20)),
                                 *(number_of(cast.fay, cast, Naming.NAMED) for _n in range(20)))  # fmt: skip
    assert len(set(found) | set(given)) == 540


async def test_in_a_new_company_an_anonymous_number_lies_ahead_and_is_reached(cast: Cast) -> None:
    first = await number_of(cast.fay, cast, Naming.ANONYMOUS)
    assert first >= numbers.FIRST
    named = [await number_of(cast.fay, cast, Naming.NAMED) for _n in range(first + 5)]
    assert first not in named
    assert max(named) > first
