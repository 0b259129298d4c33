"""What came in from a file is shown, and gone on with, like anything else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from floorday import db
from floorday.bookings import pages as booking_pages
from floorday.bookings.tables import Booking
from floorday.issues import actions, pages, queries
from floorday.issues.rules import Turn
from floorday.issues.tables import Issue
from floorday.mail.tables import Letter
from floorday.people import queries as people
from floorday.people.access import Actor, Door
from floorday.people.tables import Person
from floorday.summaries import pages as summary_pages
from floorday.today import pages as today_pages
from tests.history.files import FOLDER, bring_in
from tests.site import Site

NOW = datetime(2026, 2, 20, 12, tzinfo=UTC)


@pytest.fixture
async def coordinator(database: db.Engine) -> Actor:
    await bring_in((FOLDER / "open-1.history.jsonl").read_bytes().splitlines(), now=NOW)
    row = await Person.select(Person.id).where(Person.external_id == "p00035").first()
    found = await people.actor(row["id"], door=Door.PAGE)
    assert found is not None
    return found


async def test_every_page_of_what_came_in_opens(coordinator: Actor) -> None:
    site = Site(pages.router, booking_pages.router, summary_pages.router, today_pages.router, clock=NOW)
    visitor = await site.visitor(coordinator)
    paths = ["/issues", "/shifts", "/summary/2025-11", "/today"]
    paths += [f"/issues/{row['id']}" for row in await Issue.select(Issue.id).where(Issue.joined_into.is_null())]
    paths += [f"/bookings/{row['id']}" for row in await Booking.select(Booking.id)]
    wrong = [(path, seen.status_code) for path in paths if (seen := await visitor.get(path)).status_code != 200]
    assert wrong == []


async def test_an_open_issue_that_came_in_goes_on_and_its_reporters_hear_of_it(coordinator: Actor) -> None:
    now = NOW + timedelta(days=1)
    row = await Issue.select(Issue.id).where(Issue.external_id == "i000035").first()
    assert await Letter.count() == 0
    stood = await queries.issue(coordinator, row["id"])
    assert stood.turn is Turn.BEING_FIXED
    await actions.decline(coordinator, row["id"], "Not this year", now=now)
    assert await Letter.count() == 1
    assert (await queries.issue(coordinator, row["id"])).turn is Turn.CLOSED
