"""A broken promise from the first note to *confirmed*: who is told what, and on which day, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from floorday.issues import queries
from floorday.issues.rules import Stage
from floorday.summaries import queries as summaries
from floorday.summaries.figures import COMPANY
from tests.cast import Cast, make_cast
from tests.stories.broken_promise import at, live

LETTERS = """
02 Nov 10:00 | Cleo note_thanks, Fay note_thanks
02 Nov 11:00 | Ann sponsor_named, Gus owner_named
02 Nov 14:00 | Cleo issue_promised, Fay issue_promised
02 Nov 16:00 | Cleo issue_taken, Fay issue_taken
10 Nov 09:00 | Gus waits_for_you
13 Nov 09:00 | Cleo date_passed, Fay date_passed, Gus waits_for_you
18 Nov 09:00 | Hed waits_for_you
23 Nov 09:00 | Ann waits_for_you
26 Nov 09:00 | Hana waits_for_you
27 Nov 16:00 | Cleo issue_updated, Fay issue_updated
30 Nov 10:00 | Cleo issue_delayed, Fay issue_delayed
03 Dec 10:00 | Cleo verdict_asked, Fay verdict_asked
03 Dec 16:00 | Cleo issue_confirmed, Gus issue_confirmed
04 Dec 09:30 | Gus issue_reopened
04 Dec 16:00 | Fay issue_reopened
08 Dec 10:00 | Cleo verdict_asked, Fay verdict_asked
08 Dec 16:00 | Fay issue_confirmed, Gus issue_confirmed
"""
NEW_YEAR = datetime(2027, 1, 2, tzinfo=UTC)
HISTORY = [
    "raised", "noted", "acknowledged", "sponsored", "promised", "reminded", "escalated", "escalated", "escalated",
    "updated", "promised", "resolved", "verdict", "verdict", "resolved", "verdict",
]  # fmt: skip


async def promises(month: str) -> dict[str, float | None]:
    """Say what a month's summary counts of promises."""
    (found,) = (await summaries.counted(COMPANY, (month,), now=NEW_YEAR, zone=ZoneInfo("Europe/London"))).months
    return {name: figure.value for name, figure in found.figures.items() if name.startswith("promises")}


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(at(2, 9))


async def test_each_letter_reaches_its_reader_on_its_day(cast: Cast) -> None:
    story = await live(cast)
    letters = [one for chapter in story.chapters for one in chapter.letters]
    told: dict[datetime, list[str]] = {}
    for one in letters:
        told.setdefault(one.at, []).append(f"{one.to} {one.name}")
    assert [f"{moment:%d %b %H:%M} | {', '.join(sorted(whom))}" for moment, whom in sorted(told.items())] == (
        LETTERS.strip().splitlines())

    # No letter tells who raised it or who said "not fixed", but to themselves.
    assert not [one for one in letters for name in ("Fay", "Cleo") if name in one.text and one.to != name]
    assert "the vendor has not answered us." in story.last("Fay", "issue_updated").text
    assert "The vendor delivers this week." in story.last("Cleo", "issue_delayed").text
    assert "Claims still waits a week." in story.last("Gus", "issue_reopened").text

    row = await queries.issue(cast.eva, UUID(story.path.rpartition("/")[2]))
    assert row.stage is Stage.CONFIRMED
    lines = [line.what for line in await queries.history(cast.eva, row)]
    assert lines == HISTORY
    nothing = {"promises_kept": 0, "promises_moved": 0, "promises_broken": 0}
    assert await promises("2026-11") == nothing | {"promises_broken": 1}
    assert await promises("2026-12") == nothing | {"promises_kept": 1}
