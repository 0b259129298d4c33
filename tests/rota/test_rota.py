"""The rota: a month as each reader may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from floorday import config
from floorday.bookings import actions
from floorday.bookings import pages as booking_pages
from floorday.mail.tables import Letter
from floorday.people import actions as people
from floorday.people import queries as people_queries
from floorday.rota import pages, queries
from tests.cast import Cast, a_booking, a_shift, make_cast
from tests.site import Site

MOST = 8
NEXT = date(2030, 5, 1)
NOW = datetime(2030, 4, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now())


@pytest.fixture
def site(cast: Cast) -> Site:
    return Site(pages.router, booking_pages.router, clock=NOW)


async def test_a_month_shows_the_days_of_its_readers_and_no_others(site: Site, cast: Cast) -> None:
    await a_booking(cast, now=NOW, days=30, accepted=True)
    await a_booking(cast, now=NOW, manager=cast.max, shift=await a_shift(cast, now=NOW, days=31, team=cast.claims))
    sees = {"ann": {"Ann Archer"}, "dan": {"Ann Archer"}, "ben": {"Ann Archer"}, "fay": {"Ann Archer"},
            "max": {"Max Moor"}, "ines": {"Max Moor"}, "cleo": {"Max Moor"},
            "eva": {"Ann Archer", "Max Moor"}, "hana": {"Ann Archer", "Max Moor"}}
    for who, names in sees.items():
        month = await queries.month(getattr(cast, who), NEXT, zone="Europe/London", gaps=False, now=NOW)
        assert {day.manager_name for entry in month.entries for day in entry.days} == names, who


async def test_the_owner_of_issues_has_no_rota(site: Site, cast: Cast) -> None:
    assert (await (await site.visitor(cast.gus)).get("/rota")).status_code == 403


async def test_a_month_begins_and_ends_by_the_programmes_clock() -> None:
    assert queries.bounds(date(2030, 7, 9), "Europe/London") == (
        datetime(2030, 6, 30, 23, 0, tzinfo=UTC), datetime(2030, 7, 31, 23, 0, tzinfo=UTC))
    assert queries.bounds(date(2030, 12, 31), "Asia/Kolkata")[1] == datetime(2030, 12, 31, 18, 30, tzinfo=UTC)


async def test_the_coordinator_sees_the_gaps_and_what_did_not_arrive(site: Site, cast: Cast) -> None:
    booking = await a_booking(cast, now=NOW, days=30)
    await a_shift(cast, now=NOW, days=32)
    await Letter.update({Letter.failed_at: NOW, Letter.server_words: "550 Mailbox full"}).where(
        Letter.about == booking.id, Letter.to_name == "Ann Archer")
    page = (await (await site.visitor(cast.eva)).get("/rota?month=2030-05")).text
    assert "Rota, May 2030" in page
    assert "the letter did not arrive" in page
    assert "550 Mailbox full" in page
    assert "nobody yet" in page
    gaps = page[page.index("Without a day this month"):]
    assert "Max Moor" in gaps
    assert "Ann Archer" not in gaps


async def test_a_postponed_day_waits_beside_every_month(site: Site, cast: Cast) -> None:
    booking = await a_booking(cast, now=NOW, days=30)
    await actions.postpone(cast.eva, booking.id, now=NOW)
    page = (await (await site.visitor(cast.eva)).get("/rota?month=2031-02")).text
    assert "Postponed, waiting for a date" in page
    assert "Ann Archer" in page


async def test_a_month_leads_to_the_months_beside_it(site: Site, cast: Cast) -> None:
    page = (await (await site.visitor(cast.eva)).get("/rota?month=2030-12")).text
    assert "/rota?month=2030-11" in page
    assert "/rota?month=2031-01" in page
    assert "Nothing is planned in December 2030." in page


@pytest.mark.parametrize("month", ["soon", "2030-13", "0001-01", "9999-12", "2030-05-01", "%00"])
async def test_a_month_that_is_none_is_answered_with_a_sentence(site: Site, cast: Cast, month: str) -> None:
    assert (await (await site.visitor(cast.eva)).get(f"/rota?month={month}")).status_code in {400, 404, 422}


async def test_a_month_takes_as_many_queries_for_three_days_as_for_one(
    site: Site, cast: Cast, queries: Callable[[], Any]
) -> None:
    eva = await site.visitor(cast.eva)
    counts: list[int] = []
    for first, last in ((0, 1), (1, 3)):
        for n in range(first, last):
            await a_booking(cast, now=NOW, days=30 + n)
        with queries() as seen:
            assert (await eva.get("/rota?month=2030-05")).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= MOST


async def test_looking_at_the_rota_changes_nothing(site: Site, cast: Cast, queries: Callable[[], Any]) -> None:
    await a_booking(cast, now=NOW, days=30)
    eva = await site.visitor(cast.eva)
    with queries() as seen:
        await eva.get("/rota?month=2030-05")
    assert not [sql for sql in seen if not sql.lstrip().upper().startswith(("SELECT", "WITH"))]


async def test_a_new_company_is_led_to_its_first_team(database: object) -> None:
    first = await people.first_person("Eva Ek", "eva@floorday.example", zone="Europe/London", now=NOW)
    page = await (await Site(pages.router, clock=NOW).visitor(await people_queries.actor(first))).get("/rota")
    assert "No team is here yet" in page.text
    assert "/settings/import" in page.text
    assert "/settings/teams/new" in page.text
