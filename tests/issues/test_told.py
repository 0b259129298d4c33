"""Who was told what and when stands on the issue: letters, reminders, steps of the ladder, and what became of each."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from floorday.issues import actions, pages
from floorday.issues.rules import Naming
from floorday.mail.tables import Letter
from floorday.people.tables import Department
from tests.cast import NOW, Cast, make_cast
from tests.issues.test_actions import me_too, owned, post_all
from tests.site import Site

MORNING = datetime(2026, 11, 9, 8, tzinfo=UTC)
LATER = MORNING + timedelta(days=3)


@pytest.fixture
async def cast(database: object) -> Cast:
    found = await make_cast()
    await Department.update({Department.word_days: 3}).where(Department.id == found.it)
    return found


async def told(cast: Cast, path: str, *, by: Any, now: datetime) -> str:
    page = (await (await Site(pages.router, clock=now).visitor(by)).get(path)).text
    found = re.search(r'<section class="card" aria-labelledby="told">(.*?)</section>', page, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", found[1])))


async def test_reminders_and_steps_of_the_ladder_stand_beside_the_letters(cast: Cast, queries: Any) -> None:
    issue = await owned(cast)
    await actions.sponsor(cast.eva, issue.id, cast.ann.person, now=NOW)
    assert await actions.mornings(now=MORNING) == 1
    path = f"/issues/{issue.id}"
    seen = await told(cast, path, by=cast.eva, now=MORNING)
    assert "Reminder: No word for too long Gus Grant, the owner leaves in a moment" in seen
    await post_all(now=MORNING)
    assert await actions.mornings(now=LATER) == 1
    seen = await told(cast, path, by=cast.eva, now=LATER)
    assert "Reminder: No word for too long Gus Grant, the owner sent" in seen
    assert "Escalated: No word for too long Ann Archer, the sponsor" in seen
    site = await Site(pages.router, clock=LATER).visitor(cast.eva)
    with queries() as asked:
        await site.get(path)
    assert len(asked) <= 8


async def test_what_did_not_arrive_shows_the_servers_words(cast: Cast) -> None:
    issue = await owned(cast)
    await actions.mornings(now=MORNING)
    await Letter.update({Letter.failed_at: MORNING, Letter.server_words: "550 no such mailbox"}).where(
        Letter.name == "waits_for_you")
    seen = await told(cast, f"/issues/{issue.id}", by=cast.eva, now=LATER)
    assert "Gus Grant, the owner did not arrive 550 no such mailbox" in seen


async def test_what_waits_for_the_letter_of_the_day_says_so_and_hidden_names_stay_so(cast: Cast) -> None:
    issue = await owned(cast)
    await me_too(cast.ben, issue, naming=Naming.HIDDEN)
    await me_too(cast.cleo, issue, naming=Naming.ANONYMOUS)
    await Letter.update({Letter.daily: True, Letter.leaves_at: NOW + timedelta(hours=7), Letter.sent_at: None}).where(
        Letter.name == "issue_taken")
    seen = await told(cast, f"/issues/{issue.id}", by=cast.gus, now=NOW)
    assert "Who has it now Fay Finch, who raised it leaves Monday 2 November" in seen
    assert "Ben" not in seen
    assert "Cleo" not in seen
    assert "gets no letter, and reads it with the note's code or at the desk" in seen
