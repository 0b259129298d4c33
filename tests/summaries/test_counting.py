"""Many who ask for months at once: one count at a time, shared by those who wait for the same, and never an old one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from floorday import db
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm
from floorday.issues.rules import Stream
from floorday.summaries import queries as summaries
from floorday.summaries.figures import COMPANY, Month
from tests.cast import NOW, Cast, make_cast

LONDON = ZoneInfo("Europe/London")
LATER = datetime(2026, 12, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
async def cast(database: db.Engine) -> Cast:
    return await make_cast()


async def november() -> Month:
    (answer,) = (await summaries.counted(COMPANY, ("2026-11",), now=LATER, zone=LONDON)).months
    assert answer is not None
    return answer


async def raised(cast: Cast, text: str) -> None:
    form = NoteForm(text=text, stream=Stream.STAFF_TOLD, team=cast.billing)  # type: ignore[arg-type]
    await issues.note(cast.fay, form, now=NOW)


async def test_those_who_wait_for_the_same_share_one_count(cast: Cast, queries: Any) -> None:
    await raised(cast, "The form asks twice.")
    with queries() as alone:
        await november()
    with queries() as seen:
        answers = await asyncio.gather(*(november() for _ in range(20)))
    assert len(seen) == len(alone), "all came before the count began"
    assert {answer.figures["issues_raised"].value for answer in answers} == {1}


async def test_nobody_is_given_a_count_that_began_before_they_asked(cast: Cast, queries: Any) -> None:
    with queries() as seen:
        first = asyncio.create_task(november())
        while not seen:  # noqa: ASYNC110 - nothing tells of a statement
            await asyncio.sleep(0)
    await raised(cast, "The form asks twice.")
    assert (await november()).figures["issues_raised"].value == 1
    await first


async def test_who_goes_away_takes_nothing_from_the_others(cast: Cast) -> None:
    await raised(cast, "The form asks twice.")
    one, other = asyncio.create_task(november()), asyncio.create_task(november())
    await asyncio.sleep(0)
    one.cancel()
    assert (await other).figures["issues_raised"].value == 1
    with pytest.raises(asyncio.CancelledError):
        await one


async def test_a_count_that_fails_is_told_to_all_and_the_next_one_is_made(cast: Cast) -> None:
    await db.run_sql("ALTER TABLE story RENAME TO away")
    failed = await asyncio.gather(*(november() for _ in range(3)), return_exceptions=True)
    assert all(isinstance(one, Exception) and "story" in str(one) for one in failed)
    await db.run_sql("ALTER TABLE away RENAME TO story")
    assert (await november()).figures["issues_raised"].value == 0


async def test_what_is_no_month_is_refused_before_anything_is_read(cast: Cast, queries: Any) -> None:
    with queries() as seen, pytest.raises(ValueError, match="not a month"):
        await summaries.counted(COMPANY, ("2026-13",), now=LATER, zone=LONDON)
    assert seen == []
