"""Each person's first page, and the brief before a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from floorday import config, worker
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm
from floorday.issues.rules import Naming, Stream
from floorday.mail import inbound
from floorday.today import pages
from tests.cast import Cast, a_booking, make_cast
from tests.site import Site

NOW = config.now()


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(NOW)


@pytest.fixture
def site(database: object) -> Site:
    return Site(pages.router, clock=NOW)


async def said(cast: Cast, text: str, *, naming: Naming = Naming.NAMED) -> None:
    form = NoteForm(text=text, stream=Stream.STAFF_TOLD, team=cast.billing, naming=naming)  # type: ignore[arg-type]
    await issues.note(cast.fay, form, now=NOW)


async def test_a_manager_sees_the_next_day_and_is_asked_to_answer(cast: Cast, site: Site) -> None:
    booking = await a_booking(cast, now=NOW)
    page = await (await site.visitor(cast.ann)).get("/today")
    assert page.status_code == 200
    assert "Your turn" in page.text
    assert f"/bookings/{booking.id}" in page.text
    assert "Stockholm" in page.text
    assert "London" in page.text


async def test_an_assistant_sees_the_managers_days_and_no_issues(cast: Cast, site: Site) -> None:
    await a_booking(cast, now=NOW)
    await said(cast, "The refund screen forgets the case number.")
    page = (await (await site.visitor(cast.dan)).get("/today")).text
    assert "Ann Archer" in page
    assert "refund screen" not in page


async def test_a_host_is_asked_what_became_of_a_day_that_is_over(cast: Cast, site: Site) -> None:
    booking = await a_booking(cast, now=NOW, accepted=True, days=2)
    site.clock = booking.ends_at + timedelta(hours=1)
    page = (await (await site.visitor(cast.fay)).get("/today")).text
    assert "Held or missed?" in page


async def test_a_reporter_sees_what_became_of_it(cast: Cast, site: Site) -> None:
    await said(cast, "The refund screen forgets the case number.")
    page = (await (await site.visitor(cast.fay)).get("/today")).text
    assert "The refund screen forgets the case number" in page
    assert "Needs an owner" in page
    other = (await (await site.visitor(cast.cleo)).get("/today")).text
    assert "refund screen" not in other


async def test_the_coordinator_sees_what_waits_and_nobody_else_does(cast: Cast, site: Site) -> None:
    eva = await site.visitor(cast.eva)
    assert "Every mail is settled" in (await eva.get("/today")).text
    await said(cast, "The refund screen forgets the case number.")
    raw = b"From: ann@floorday.example\r\nTo: day@floorday.example\r\nSubject: Hello\r\n\r\nMay I come later?\r\n"
    await inbound.keep(
        raw, door="lmtp", envelope_from="ann@floorday.example", envelope_to="day@floorday.example", now=NOW)
    await worker.read_mails(now=lambda: NOW)
    page = (await eva.get("/today")).text
    assert "One mail needs a person" in page
    assert "One issue waits for a place" in page
    assert "did not arrive" not in page
    lead = (await (await site.visitor(cast.ben)).get("/today")).text
    assert "One issue waits for a place" in lead, "a lead sees what waits for the own team, and no more of it"
    assert "needs a person" not in lead
    for other in (cast.ines, cast.gus, cast.ann, cast.hana):
        assert "What waits for you" not in (await (await site.visitor(other)).get("/today")).text


@pytest.mark.parametrize(
    ("who", "status"),
    [("ann", 200), ("dan", 200), ("ben", 200), ("fay", 200), ("eva", 200), ("cleo", 404), ("gus", 404), ("max", 404)],
)
async def test_the_brief_is_for_those_of_the_day(cast: Cast, site: Site, who: str, status: int) -> None:
    booking = await a_booking(cast, now=NOW)
    await said(cast, "The refund screen forgets the case number.")
    visitor = await site.visitor(cast.everybody()[who])
    page = await visitor.get(f"/today/brief/{booking.id}")
    assert page.status_code == status
    if status == 200:
        assert "Refunds wait for a weekly batch." in page.text
        assert ("refund screen" in page.text) == (who != "dan")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("who", ["ann", "dan", "ben", "fay", "gus", "eva"])
async def test_no_page_takes_more_than_eight_queries(
    cast: Cast, site: Site, queries: Any, who: str, rows: int
) -> None:
    for day in range(rows):
        booking = await a_booking(cast, now=NOW, days=10 + day)
        await said(cast, f"Thing number {day} gets in the way.")
    visitor = await site.visitor(cast.everybody()[who])
    paths = ["/today"] + ([f"/today/brief/{booking.id}"] if who != "gus" else [])
    for path in paths:
        await visitor.get(path)
        with queries() as seen:
            assert (await visitor.get(path)).status_code == 200
        assert len(seen) <= 8, "\n".join(map(str, seen))
