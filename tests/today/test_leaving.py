"""Each manager leaves a day with an issue to answer for; who has not is asked, and so is the coordinator."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from floorday import config
from floorday.bookings import actions as bookings
from floorday.bookings.queries import BookingRow
from floorday.issues import actions as issues
from floorday.issues import pages as issue_pages
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Stream
from floorday.today import pages
from floorday.today.queries import leaving
from tests.cast import Cast, a_booking, make_cast
from tests.site import Site

NOW = config.now().replace(microsecond=0)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(NOW)


async def a_day(cast: Cast) -> tuple[BookingRow, datetime]:
    """Let Ann's day be held; she noted something on it."""
    day = await a_booking(cast, now=NOW, accepted=True, days=2)
    over = day.ends_at + timedelta(hours=1)
    await issues.note(cast.ann, NoteForm(
        text=Said("Refunds wait for a batch."), stream=Stream.MANAGER_SAW, team=cast.billing, day=day.id), now=over)
    await bookings.hold(cast.fay, day.id, now=over)
    return day, over


def site(now: datetime) -> Site:
    return Site(pages.router, issue_pages.router, clock=now)


async def test_who_left_a_day_without_one_chooses_it_in_one_tap(cast: Cast, queries: Any) -> None:
    day, over = await a_day(cast)
    ann, eva = [await site(over).visitor(who) for who in (cast.ann, cast.eva)]
    for who in (ann, eva):
        with queries() as seen:
            assert (await who.get("/today")).status_code == 200
        assert len(seen) <= 8, "\n".join(map(str, seen))
    page = (await ann.get("/today")).text
    assert "You left your day with Billing without an issue to answer for." in page
    assert "Refunds wait for a batch." in page
    assert "Ann Archer left the day with Billing without an issue to answer for." in (await eva.get("/today")).text
    for other in (cast.max, cast.fay, cast.hana):
        assert "without an issue" not in (await (await site(over).visitor(other)).get("/today")).text
    (left,) = await leaving.left_without(cast.ann.person, now=over)
    (choice,) = left.choices
    await ann.post("/today", f"/issues/{choice.id}/sponsor", sponsor=str(cast.ann.person))
    assert "without an issue" not in (await ann.get("/today")).text
    assert "without an issue" not in (await eva.get("/today")).text
    assert day.id == left.booking


async def test_the_next_brief_opens_with_it(cast: Cast, queries: Any) -> None:
    _day, over = await a_day(cast)
    following = await a_booking(cast, now=over, accepted=True, days=9)
    ann, fay = [await site(over).visitor(who) for who in (cast.ann, cast.fay)]
    with queries() as seen:
        page = (await ann.get(f"/today/brief/{following.id}")).text
    assert len(seen) <= 8
    assert page.index("You left your day with Billing") < page.index("Why they asked you")
    assert "without an issue" not in (await fay.get(f"/today/brief/{following.id}")).text


async def test_after_two_months_nobody_is_asked_any_more(cast: Cast) -> None:
    _day, over = await a_day(cast)
    assert len(await leaving.all_left_without(now=over)) == 1
    assert await leaving.all_left_without(now=over + timedelta(days=61)) == []
    assert await leaving.left_without(cast.ann.person, now=over + timedelta(days=61)) == []
    assert await leaving.left_without(cast.max.person, now=over) == []
