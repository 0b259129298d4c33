"""News in one letter a day, as its reader wishes; what asks something at once."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorday import workdays
from floorday.issues import actions, queries
from floorday.issues.queries import IssueRow
from floorday.mail import daily, wishes
from floorday.mail import letters as written
from floorday.mail.tables import Letter, LetterWish
from floorday.mail.wishes import Kind, Pace
from floorday.people import pages
from tests.cast import NOW, Cast, make_cast
from tests.issues.test_actions import owned, post_all
from tests.site import BASE, Site

HOUR = timedelta(hours=1)
FOUR = datetime(2026, 11, 2, 16, tzinfo=UTC)
"""Four in the afternoon of the day on which everything here begins, in London."""


@pytest.fixture
async def cast(database: object) -> Cast:
    """Nobody has said how often letters come, so what is usual counts."""
    found = await make_cast()
    await LetterWish.delete(force=True)
    return found


async def told(cast: Cast, *texts: str) -> IssueRow:
    issue = await owned(cast)
    for text in texts:
        issue = await actions.update(cast.gus, issue.id, text, now=NOW)
    return issue


async def test_news_waits_for_the_afternoon_and_comes_in_one_letter(cast: Cast) -> None:
    issue = await told(cast, "We look at it.", "We know why.")
    at_once = await post_all(now=NOW + HOUR)
    assert {name for name, _to in at_once} == {"note_thanks", "owner_named"}
    assert await daily.gather(now=FOUR - timedelta(seconds=1)) == 0
    assert await daily.gather(now=FOUR) == 1
    (key, body), = (await post_all(now=FOUR)).items()
    assert key == ("daily_news", "Fay")
    for words in ("We look at it.", "We know why.", f"/issues/{issue.id}"):
        assert words in body
    assert await daily.gather(now=FOUR + HOUR) == 0
    assert {one.sent_at for one in await queries.letters(issue.id) if one.name == "issue_updated"} != {None}


async def test_one_piece_of_news_alone_leaves_as_itself(cast: Cast) -> None:
    await owned(cast)
    await post_all(now=NOW + HOUR)
    await daily.gather(now=FOUR)
    assert set(await post_all(now=FOUR)) == {("issue_taken", "Fay")}


async def test_a_promise_is_told_at_once(cast: Cast) -> None:
    issue = await owned(cast)
    await actions.promise(cast.gus, issue.id, date(2026, 12, 1), now=NOW)
    assert ("issue_promised", "Fay") in await post_all(now=NOW + HOUR)


async def test_what_reopens_is_news_to_the_floor_and_asks_the_owner(cast: Cast) -> None:
    issue = await owned(cast)
    await actions.decline(cast.eva, issue.id, "Not ours.", now=NOW)
    await post_all(now=NOW + HOUR)
    await actions.again(cast.cleo, issue.id, "With us too.", now=NOW + HOUR)
    at_once = await post_all(now=NOW + 2 * HOUR)
    assert ("issue_reopened", "Gus") in at_once
    assert ("issue_reopened", "Fay") not in at_once


async def test_undo_takes_news_back_that_waits(cast: Cast) -> None:
    issue = await owned(cast)
    joined = await owned(cast)
    await actions.join(cast.eva, joined.id, issue.id, now=NOW)
    await actions.undo(cast.eva, joined.id, now=NOW + timedelta(seconds=5))
    await daily.gather(now=FOUR)
    assert not [name for name, _to in await post_all(now=FOUR) if name == "issue_joined"]


async def test_each_wish_is_kept_to(cast: Cast) -> None:
    await wishes.wish(cast.fay.person, Kind.NEWS, Pace.NEVER, now=NOW)
    await told(cast, "We look at it.")
    assert set(await post_all(now=NOW + HOUR)) == {("note_thanks", "Fay"), ("owner_named", "Gus")}
    await wishes.wish(cast.fay.person, Kind.NEWS, Pace.AT_ONCE, now=NOW)
    await told(cast, "We look at it.")
    assert ("issue_updated", "Fay") in await post_all(now=NOW + 2 * HOUR)
    with pytest.raises(ValueError, match="at once"):
        await wishes.wish(cast.fay.person, Kind.ASKS, Pace.NEVER, now=NOW)


async def test_two_workers_gather_once(cast: Cast) -> None:
    await told(cast, "We look at it.", "We know why.")
    await asyncio.gather(*[daily.gather(now=FOUR) for _worker in range(4)])
    assert await Letter.count().where(Letter.name == "daily_news") == 1
    (facts,) = [row["facts"] for row in await Letter.select(Letter.facts).where(Letter.name == "daily_news")]
    assert msgspec.json.decode(facts)["count"] == 3


async def test_the_link_at_the_foot_says_how_often_and_a_mail_program_stops_it(cast: Cast) -> None:
    await told(cast, "We look at it.")
    await daily.gather(now=FOUR)
    row = await Letter.objects().where(Letter.name == "daily_news").first()
    assert row is not None
    row.rendered_at = FOUR
    raw = written.render(row, lambda _event: b"").decode()
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in raw
    path = re.search(r"List-Unsubscribe: <http://127.0.0.1:8000(/wishes/[^>]+)>", raw.replace("\r\n ", ""))
    assert path is not None
    door = await Site(pages.router, clock=FOUR).visitor()
    page = await door.get(path[1])
    assert "How often letters come" in page.text
    assert (await wishes.wishes(cast.fay.person))[Kind.NEWS] is Pace.DAILY
    said = await door.client.post(path[1], content="List-Unsubscribe=One-Click",
                                  headers={"content-type": "application/x-www-form-urlencoded"})
    assert said.status_code == 200
    assert (await wishes.wishes(cast.fay.person))[Kind.NEWS] is Pace.NEVER
    plain = path[1].partition("?")[0]
    await door.post(plain, plain, news="at once", promises="daily")
    assert await wishes.wishes(cast.fay.person) == {Kind.NEWS: Pace.AT_ONCE, Kind.PROMISES: Pace.DAILY,
                                                        Kind.STORIES: Pace.AT_ONCE}
    assert (await door.client.get("/wishes/" + "a" * 32)).status_code == 404


async def test_one_says_it_in_the_settings_too(cast: Cast) -> None:
    fay = await Site(pages.router, clock=NOW).visitor(cast.fay)
    await fay.post("/settings", "/settings/letters", news="never", promises="daily")
    assert await wishes.wishes(cast.fay.person) == {Kind.NEWS: Pace.NEVER, Kind.PROMISES: Pace.DAILY,
                                                        Kind.STORIES: Pace.AT_ONCE}
    refused = await fay.post("/settings", "/settings/letters", promises="never")
    assert refused.status_code == 422
    assert BASE in str(refused.url)


@given(st.integers(0, 365 * 24 * 60), st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe"]))
def test_the_afternoon_is_a_working_day_and_never_past(minute: int, zone: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    found = daily.leaves_at(now, zone, earliest=timedelta(seconds=10))
    local = found.astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute) == (16, 0)
    assert workdays.is_workday(local.date())
    assert now + timedelta(seconds=10) <= found <= now + timedelta(days=4, hours=2)
