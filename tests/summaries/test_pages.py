"""The company's month as a page: counted from what really happened, opened as far as the reader may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from floorday.bookings import actions as bookings
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm
from floorday.issues.rules import Resolution, Stream, Verdict
from floorday.summaries import pages, queries
from floorday.summaries.figures import COMPANY
from tests.cast import NOW, Cast, a_booking, a_shift, make_cast
from tests.site import Site

LATER = datetime(2026, 12, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


@pytest.fixture
def site(database: object) -> Site:
    return Site(pages.router, clock=LATER)


async def raised(cast: Cast, text: str, *, at: datetime = NOW) -> Any:
    form = NoteForm(text=text, stream=Stream.STAFF_TOLD, team=cast.billing)  # type: ignore[arg-type]
    return (await issues.note(cast.fay, form, now=at)).issue


async def counted(which: str = "2026-11") -> dict[str, Any]:
    answer = (await queries.counted(COMPANY, (which,), now=LATER, zone=ZoneInfo("Europe/London"))).months[0]
    assert answer is not None
    return {name: figure.value for name, figure in answer.figures.items()}


async def test_a_day_held_is_counted_where_it_was(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True, days=10)
    await bookings.hold(cast.fay, booking.id, now=datetime(2026, 12, 1, 8, 0, tzinfo=UTC))
    figures = await counted()
    assert (figures["days_due"], figures["days_held"], figures["compliance"]) == (1, 1, 1.0)
    assert (await counted("2026-12"))["days_due"] == 0


async def test_a_moved_day_is_due_where_it_stands_now(cast: Cast) -> None:
    booking = await a_booking(cast, accepted=True, days=10)
    other = await a_shift(cast, days=40)
    await bookings.move(cast.ann, booking.id, shift=other.id, now=NOW + timedelta(days=1))
    assert (await counted())["days_due"] == 0
    assert (await counted("2026-12"))["days_due"] == 1


async def test_only_the_floors_word_confirms(cast: Cast) -> None:
    issue = await raised(cast, "The refund screen forgets the case number.")
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await issues.promise(cast.gus, issue, datetime(2026, 11, 20, tzinfo=UTC).date(), "", now=NOW)
    await issues.resolve(cast.gus, issue, Resolution.EVERYBODY, "It keeps the number.", now=NOW + timedelta(days=3))
    figures = await counted()
    assert (figures["issues_raised"], figures["issues_said_fixed"], figures["issues_confirmed"]) == (1, 1, 0)
    assert (figures["issues_unconfirmed"], figures["promises_kept"]) == (1, 1)
    await issues.verdict(cast.fay, issue, Verdict.FIXED, "", now=NOW + timedelta(days=4))
    figures = await counted()
    assert (figures["issues_confirmed"], figures["issues_closed_confirmed"], figures["issues_unconfirmed"]) == (1, 1, 0)


async def test_a_verdict_of_no_reopens_in_the_figures_too(cast: Cast) -> None:
    issue = await raised(cast, "The refund screen forgets the case number.")
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await issues.resolve(cast.gus, issue, Resolution.HERE, "Restarted.", now=NOW + timedelta(days=1))
    await issues.verdict(cast.fay, issue, Verdict.NOT, "Still forgets it.", now=NOW + timedelta(days=2))
    figures = await counted()
    assert (figures["issues_reopened"], figures["issues_open"], figures["issues_confirmed"]) == (1, 1, 0)


async def test_the_page_says_counts_and_opens_rows(cast: Cast, site: Site) -> None:
    await raised(cast, "The refund screen forgets the case number.")
    hana = await site.visitor(cast.hana)
    page = (await hana.get("/summary/2026-11")).text
    assert "November 2026" in page
    assert "/summary/2026-11/issues_raised" in page
    rows = (await hana.get("/summary/2026-11/issues_raised")).text
    assert "The refund screen forgets the case number" in rows
    assert "Billing" in rows


async def test_a_manager_opens_faces_and_own_days_alone(cast: Cast, site: Site) -> None:
    booking = await a_booking(cast, manager=cast.max, accepted=True, days=10)
    await raised(cast, "The refund screen forgets the case number.")
    ann = await site.visitor(cast.ann)
    rows = (await ann.get("/summary/2026-11/issues_raised")).text
    assert "The refund screen forgets the case number" in rows
    assert "Billing" not in rows
    days = (await ann.get("/summary/2026-11/days_due")).text
    assert str(booking.id) not in days
    assert "not for you to open" in days
    assert str(booking.id) in (await (await site.visitor(cast.max)).get("/summary/2026-11/days_due")).text


async def test_an_empty_month_says_so(cast: Cast, site: Site) -> None:
    page = await (await site.visitor(cast.hana)).get("/summary/2026-10")
    assert page.status_code == 200
    assert "Nothing happened in this month" in page.text


@pytest.mark.parametrize("path", ["/summary/2027-05", "/summary/2026-13", "/summary/now", "/summary/2026-11/no_figure"])
async def test_a_month_or_figure_that_is_not_there(cast: Cast, site: Site, path: str) -> None:
    assert (await (await site.visitor(cast.hana)).get(path)).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("eva", 200), ("hana", 200), ("ann", 200), ("gus", 403), ("cleo", 403),
                                             ("dan", 403), ("ada", 403)])  # fmt: skip
async def test_the_companys_month_is_for_those_who_lead(cast: Cast, site: Site, who: str, status: int) -> None:
    visitor = await site.visitor(cast.everybody()[who])
    assert (await visitor.get("/summary/2026-11")).status_code == status
    assert (await visitor.get("/summary/2026-11/days_due")).status_code == status


@pytest.mark.parametrize("rows", [1, 3])
async def test_no_page_takes_more_than_eight_queries(cast: Cast, site: Site, queries: Any, rows: int) -> None:
    for day in range(rows):
        await a_booking(cast, accepted=True, days=10 + day)
        await raised(cast, f"Thing number {day} gets in the way.")
    hana = await site.visitor(cast.hana)
    for path in ("/summary/2026-11", "/summary/2026-11/issues_raised", "/summary/2026-11/compliance"):
        with queries() as seen:
            assert (await hana.get(path)).status_code == 200
        assert len(seen) <= 8, "\n".join(map(str, seen))
