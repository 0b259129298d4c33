"""What time causes, on both databases: one letter a morning, each deed once, and a word that stops it."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from floorday.errors import NotFound, Refused
from floorday.issues import actions, queries
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Resolution, Stage, Verdict
from floorday.issues.tables import ClockDeed
from floorday.mail import letters as written
from floorday.mail.tables import Letter
from tests.cast import NOW, Cast, make_cast
from tests.issues.test_actions import owned, raised, resolved, words

DAY = timedelta(days=1)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


def morning(day: int) -> datetime:
    """Give nine o'clock of a day of November 2026, of which the 2nd is a Monday and today."""
    return datetime(2026, 11, 1, 9, tzinfo=UTC) + (day - 1) * DAY


async def posted(name: str) -> list[dict[str, Any]]:
    """Give the letters of a name, oldest first, with their facts."""
    rows = await Letter.select(Letter.to_name, Letter.facts).where(Letter.name == name).order_by(Letter.created_at)
    return [{"to": row["to_name"].split()[0], **msgspec.json.decode(row["facts"])} for row in rows]


def token_of(facts: dict[str, Any], place: int = 0) -> str:
    return written.links_of(facts)[facts["items"][place]["act"]].token()


async def mornings(first: int, last: int) -> int:
    """Ask the clocks several times on each of these days; returns how many letters that made."""
    made = 0
    for day in range(first, last + 1):
        for hour in (-9, 0, 1, 6):
            made += await actions.mornings(now=morning(day) + timedelta(hours=hour))
    return made


async def sponsored(cast: Cast) -> IssueRow:
    issue = await owned(cast)
    return await actions.sponsor(cast.eva, issue.id, cast.ann.person, now=NOW)


async def test_silence_climbs_and_each_rung_is_told_once(cast: Cast) -> None:
    issue = await sponsored(cast)
    assert await mornings(2, 40) == 3
    told = await posted("waits_for_you")
    assert [one["to"] for one in told] == ["Gus", "Ann", "Hana"]
    assert "for 11 working days" in told[0]["items"][0]["says"]
    deeds = await ClockDeed.select(ClockDeed.rung, ClockDeed.at).order_by(ClockDeed.at)
    assert [(row["rung"], row["at"].date()) for row in deeds] == [
        ("owner", date(2026, 11, 17)), ("sponsor", date(2026, 11, 20)), ("service", date(2026, 11, 25))]  # fmt: skip
    assert (await words(issue, cast.eva)).count("escalated") == 2
    assert [(one.rung, one.name) for one in await queries.told_by_clock(issue.id)] == [
        ("service", "Hana Holm"), ("sponsor", "Ann Archer"), ("owner", "Gus Grant")]  # fmt: skip


async def test_a_word_stops_it_until_the_next_silence(cast: Cast) -> None:
    issue = await owned(cast)
    assert await mornings(2, 17) == 1
    token = token_of((await posted("waits_for_you"))[0])
    row = await actions.word_by_token(token, "the vendor is on holiday.", news=False, now=morning(17))
    assert row.last_word_at == morning(17)
    (heard,) = await posted("issue_updated")
    assert (heard["to"], heard["text"]) == ("Fay", "No news yet, because: the vendor is on holiday.")
    assert await mornings(18, 31) == 0
    assert await mornings(32, 33) == 1
    assert "updated" in await words(issue, cast.eva)


async def test_one_letter_holds_everything_that_waits_for_somebody(cast: Cast) -> None:
    issues = [await owned(cast) for _time in range(23)]
    assert await mornings(17, 17) == 1
    (letter,) = await posted("waits_for_you")
    assert (letter["count"], len(letter["items"]), letter["more"]) == (23, 20, 3)
    assert len({token_of(letter, place) for place in range(20)}) == 20
    assert await ClockDeed.count() == len(issues)


async def test_what_nobody_takes_comes_to_the_coordinator(cast: Cast) -> None:
    await raised(cast)
    assert await mornings(2, 6) == 1
    (letter,) = await posted("waits_for_you")
    assert (letter["to"], letter["items"][0]["button"]) == ("Eva", "Name who fixes it")


async def test_a_promise_is_called_to_mind_and_the_floor_hears_when_its_date_has_passed(cast: Cast) -> None:
    issue = await owned(cast)
    await actions.promise(cast.gus, issue.id, date(2026, 11, 12), now=NOW)
    assert await mornings(2, 12) == 1
    assert "moved, not broken" in (await posted("waits_for_you"))[0]["items"][0]["says"]
    assert await mornings(13, 13) == 2
    assert [one["to"] for one in await posted("date_passed")] == ["Fay"]
    assert "nobody has said what comes next" in (await posted("waits_for_you"))[1]["items"][0]["says"]


async def test_a_decision_waits_for_the_sponsor_in_one_tap(cast: Cast) -> None:
    issue = await sponsored(cast)
    await actions.ask(cast.gus, issue.id, "Daily for 400 a month?", now=NOW)
    assert await mornings(2, 6) == 1
    (letter,) = await posted("waits_for_you")
    assert letter["to"] == "Ann"
    row = await actions.decide_by_token(token_of(letter), yes=True, now=morning(6))
    assert row.stage is Stage.BEING_FIXED


async def test_those_who_have_not_answered_are_asked_once_more(cast: Cast) -> None:
    issue = await resolved(cast)
    assert await mornings(3, 16) == 1
    assert [one["to"] for one in await posted("verdict_reminder")] == ["Fay"]
    await actions.verdict(cast.fay, issue.id, Verdict.FIXED, now=morning(17))
    assert await mornings(17, 20) == 0


async def test_fixed_here_is_asked_again_and_not_fixed_reopens(cast: Cast) -> None:
    issue = await owned(cast)
    await actions.resolve(cast.gus, issue.id, Resolution.HERE, "For Billing.", now=NOW)
    await actions.verdict(cast.fay, issue.id, Verdict.FIXED, now=NOW + DAY)
    assert await mornings(3, 40) == 1
    (letter,) = await posted("still_fixed")
    token = written.links_of(letter)["verdict"].token()
    assert (await queries.issue(None, issue.id)).stage is Stage.CONFIRMED
    row = await actions.verdict_by_token(token, Verdict.NOT, "It is back.", now=morning(40))
    assert row.stage is Stage.BEING_FIXED


async def test_a_worker_that_slept_tells_the_owner_first(cast: Cast) -> None:
    await sponsored(cast)
    assert await mornings(37, 37) == 1
    assert [one["to"] for one in await posted("waits_for_you")] == ["Gus"]
    assert await mornings(38, 39) == 0
    assert await mornings(40, 40) == 1


async def test_two_workers_at_one_moment_make_one_letter(cast: Cast) -> None:
    for _time in range(3):
        await sponsored(cast)
    made = await asyncio.gather(*[actions.mornings(now=morning(17)) for _worker in range(4)], return_exceptions=True)
    assert not [one for one in made if isinstance(one, BaseException)]
    assert [one["count"] for one in await posted("waits_for_you")] == [3]
    assert await ClockDeed.count() == 3


async def test_whoever_has_nothing_to_do_with_it_any_more_cannot_answer(cast: Cast) -> None:
    issue = await sponsored(cast)
    await mornings(2, 20)
    facts = (await posted("waits_for_you"))[1]
    assert facts["to"] == "Ann"
    await actions.sponsor(cast.eva, issue.id, cast.max.person, now=morning(20))
    with pytest.raises(Refused, match="somebody else"):
        await actions.word_by_token(token_of(facts), "Soon.", news=True, now=morning(20))
    with pytest.raises(NotFound):
        await actions.word_by_token("a" * 32, "Soon.", news=True, now=morning(20))


async def test_no_letter_of_the_morning_names_who_raised_it(cast: Cast) -> None:
    await sponsored(cast)
    await mornings(2, 40)
    rows = await Letter.select(Letter.facts).where(Letter.name == "waits_for_you")
    assert rows
    assert not [row for row in rows if re.search(r"Fay|Finch", row["facts"])]
