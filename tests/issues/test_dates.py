"""Dates that all slip: looked at first, moved in one go with one reason, told in one letter each, taken back."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from floorday import config, workdays
from floorday.db.text import Title
from floorday.errors import BadInput
from floorday.issues import actions, api, pages, queries
from floorday.issues.actions import triage as placing
from floorday.issues.actions.dates import NewDate
from floorday.issues.queries import IssueRow
from floorday.mail import daily
from floorday.mail.tables import Letter, LetterWish
from floorday.mail.wishes import Kind, Pace, wish
from floorday.people import actions as people
from floorday.people.actions import TokenForm
from tests.cast import Cast, make_cast
from tests.issues.test_actions import post_all
from tests.issues.test_bulk import raised, told
from tests.site import Site, whole_app

WHY = "The supplier is late."


@pytest.fixture
def now() -> datetime:
    return config.now().replace(microsecond=0, hour=9)


@pytest.fixture
async def cast(database: object, now: datetime) -> Cast:
    found = await make_cast(now)
    await LetterWish.delete(force=True)
    return found


@pytest.fixture
def site(cast: Cast, now: datetime) -> Site:
    return Site(pages.router, api.router, clock=now)


async def promised(cast: Cast, now: datetime, text: str, day: date | None, *, said: datetime | None = None,
                   by: Any = None) -> IssueRow:  # fmt: skip
    row = await raised(cast, said or now - timedelta(days=30), text, by=by)
    row = await actions.assign(cast.eva, row.id, department=cast.it, owner=cast.gus.person,
                               now=said or now - timedelta(days=30))
    if day is None:
        return row
    return await actions.promise(cast.gus, row.id, day, now=said or now - timedelta(days=30))


async def waiting(cast: Cast, now: datetime) -> list[IssueRow]:
    """One promised for next week, one whose date has gone by, one that has none."""
    day = now.date()
    rows = [
        await promised(cast, now, "Next week", day + timedelta(days=7)),
        await promised(cast, now, "Gone by", day - timedelta(days=2)),
        await promised(cast, now, "Never promised", None),
    ]  # fmt: skip
    await heard(now)
    return rows


async def heard(now: datetime) -> None:
    """Let everything leave that has waited."""
    await daily.gather(now=now)
    await post_all(now=now)


async def test_it_is_said_first_what_each_becomes_and_who_is_told(
    site: Site, cast: Cast, now: datetime, queries: Any
) -> None:
    rows = await waiting(cast, now)
    gus = await site.visitor(cast.gus)
    ticked = "/issues/bulk?act=promise" + "".join(f"&issue={row.number}" for row in rows)
    first = (await gus.get(ticked)).text
    assert "Change the dates of 3 issues" in first
    assert "no date yet" in first
    assert 'name="because"' not in first, "nothing can be done before it is looked at"
    with queries() as seen:
        page = (await gus.get(f"{ticked}&for_date={now.date() + timedelta(days=20)}")).text
    assert len(seen) <= 8
    assert "Moved with notice" in page
    assert "is over, so that promise counts as broken" in page
    assert "First date" in page
    assert page.count("One person who raised it is told.") == 3
    assert "One person gets one letter, about all that they raised." in page
    later = (await gus.get(f"{ticked}&later=10")).text
    assert told(later, "This one cannot be changed so, and stays as it is") == ["Never promised"]
    assert "there is none to move" in later
    for wrong, said in (
        ("&for_date=2020-01-01", "That date is past."), ("&later=0", "Between 1 and 366"), ("&later=x", "a number of"),
        (f"&later=3&for_date={now.date()}", "Choose one of the two"), ("&for_date=x", "Please give a date."),
    ):  # fmt: skip
        answer = await gus.get(ticked + wrong)
        assert said in answer.text, wrong
        assert 'name="because"' not in answer.text


async def test_they_move_in_one_go_and_one_letter_tells_it(site: Site, cast: Cast, now: datetime) -> None:
    rows = await waiting(cast, now)
    cleos = await promised(cast, now, "Of Claims", now.date() + timedelta(days=3), by=cast.cleo)
    await heard(now)
    gus = await site.visitor(cast.gus)
    numbers = [str(row.number) for row in (*rows, cleos)]
    back = "/issues?view=list"
    look = "/issues/bulk?act=promise&later=10&back=" + back + "".join(f"&issue={one}" for one in numbers)
    answer = await gus.post(look, "/issues/bulk", act="promise", issue=numbers, later="10", because=WHY, back=back)
    assert "3 done, 1 not" in answer.text
    after = [await queries.issue(None, row.id) for row in (*rows, cleos)]
    assert after[0].promised_for == workdays.after(now.date() + timedelta(days=7), 10)
    assert after[1].promised_for == workdays.after(now.date() - timedelta(days=2), 10)
    assert after[2].promised_for is None
    lines = [line for line in await queries.history(cast.gus, after[0]) if line.what == "promised"]
    assert [line.text for line in lines] == ["", WHY]
    leaves = now + timedelta(seconds=config.settings().undo_seconds + 60)
    assert await daily.gather(now=now) == 0, "Undo has its time first"
    assert await daily.gather(now=leaves) == 2
    sent = await post_all(now=leaves)
    assert set(sent) == {("dates_changed", "Fay"), ("issue_delayed", "Cleo")}
    body = sent["dates_changed", "Fay"]
    assert body.count(WHY) == 2, "the reason is said once, in text and in HTML"
    for row in after[:2]:
        assert f"/issues/{row.id}" in body
    assert "Of Claims" not in body
    letters = [one for one in await queries.letters(rows[0].id) if one.name == "issue_delayed"]
    assert [one.sent_at is not None for one in letters] == [True], "the issue says that it was told"


async def test_all_of_it_is_taken_back_while_no_letter_has_left(site: Site, cast: Cast, now: datetime) -> None:
    rows = (await waiting(cast, now))[:2]
    was = [row.promised_for for row in rows]
    gus = await site.visitor(cast.gus)
    numbers = [str(row.number) for row in rows]
    look = "/issues/bulk?act=promise&later=10" + "".join(f"&issue={one}" for one in numbers)
    seen = (await gus.post(look, "/issues/bulk", act="promise", issue=numbers, later="10", because=WHY)).text
    of = re.findall(r'name="of" value="([^"]+)"', seen)
    answer = await gus.post("/triage", "/issues/bulk/undo", of=of)
    assert "2 taken back" in answer.text
    after = [await queries.issue(None, row.id) for row in rows]
    assert [row.promised_for for row in after] == was
    assert [row.last_word_at for row in after] == [row.last_word_at for row in rows]
    later = now + timedelta(hours=1)
    assert await daily.gather(now=later) == 0
    assert not await post_all(now=later)


async def test_who_does_not_want_mail_about_dates_is_not_counted_and_who_gathers_is_told_with_the_rest(
    site: Site, cast: Cast, now: datetime
) -> None:
    rows = (await waiting(cast, now))[:2]
    gus = await site.visitor(cast.gus)
    ticked = "/issues/bulk?act=promise&later=10" + "".join(f"&issue={row.number}" for row in rows)
    await wish(cast.fay.person, Kind.PROMISES, Pace.NEVER, now=now)
    assert "No letter leaves" in (await gus.get(ticked)).text
    await wish(cast.fay.person, Kind.PROMISES, Pace.DAILY, now=now)
    await placing.place_all(cast.gus, placing.Promise(NewDate(later=10), WHY), ids=[row.id for row in rows], now=now)
    assert await daily.gather(now=now + timedelta(minutes=20)) == 0
    assert await Letter.count().where(Letter.name == "issue_delayed", Letter.daily.eq(True)) == 2


async def test_only_who_may_promise_one_moves_many_and_a_reason_is_needed(
    site: Site, cast: Cast, now: datetime
) -> None:
    row = (await waiting(cast, now))[0]
    ben = await site.visitor(cast.ben)
    answer = await ben.post("/triage", "/issues/bulk", act="promise", issue=str(row.number), later="3", because=WHY)
    assert "The owner and the department do that." in answer.text
    assert (await queries.issue(None, row.id)).promised_for == row.promised_for
    gus = await site.visitor(cast.gus)
    look = f"/issues/bulk?act=promise&issue={row.number}&later=3"
    without = await gus.post(look, "/issues/bulk", act="promise", issue=str(row.number), later="3")
    assert without.status_code == 422
    assert "Say why" in without.text
    with pytest.raises(BadInput, match="Say why"):
        await placing.place_all(cast.gus, placing.Promise(NewDate(later=3), " "), ids=[row.id], now=now)


async def test_a_program_moves_many(cast: Cast, now: datetime) -> None:
    rows = await waiting(cast, now)
    token = await people.create_token(cast.gus, TokenForm(name=Title("All"), scopes=["write:issues"]), now=now)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=whole_app()), base_url="http://127.0.0.1:8000")
    client.headers["authorization"] = f"Bearer {token.secret}"
    body: dict[str, Any] = {"act": "promise", "issues": [str(row.id) for row in rows], "because": WHY}
    for wrong in ({}, {"later": 0}, {"later": 3, "for_date": "2030-01-02"}, {"later": 3, "because": ""}):
        assert (await client.post("/api/v1/issues/bulk", json=body | wrong)).status_code == 422, wrong
    said = (await client.post("/api/v1/issues/bulk", json=body | {"later": 15})).json()
    assert (said["changed"], said["refused"]) == (2, 1)
    moved = await queries.issue(None, rows[0].id)
    assert moved.promised_for == workdays.after(rows[0].promised_for or now.date(), 15)
