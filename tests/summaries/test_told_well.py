"""A month that can be put before a board: who came, numbers as people write them, charts of what is known."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from floorday import db
from floorday.bookings import actions as bookings
from floorday.issues import actions as issues
from floorday.people.access import Actor
from floorday.render import chart as charts
from floorday.render.chart import Chart, Series
from floorday.summaries import account, actions, pages, words
from floorday.summaries.figures import COMPANY, Subject
from floorday.summaries.queries import Told, Visited, frozen
from tests.cast import NOW, Cast, a_booking, make_cast
from tests.site import Site
from tests.summaries.test_sending import JANUARY, MINUTE, SENT, letters, november, raised

FEBRUARY = datetime(2027, 2, 4, 7, tzinfo=UTC)


@pytest.fixture
async def cast(database: db.Engine) -> Cast:
    return await make_cast()


@pytest.fixture
def site(database: db.Engine) -> Site:
    return Site(pages.router, clock=SENT)


async def a_day(cast: Cast, *, days: int, manager: Actor | None = None, held: bool = True) -> Any:
    """Let a day be agreed on, so many days after the 2nd of November, and held that evening."""
    booking = await a_booking(cast, accepted=True, days=days, manager=manager)
    if held:
        await bookings.hold(cast.fay, booking.id, now=NOW + timedelta(days=days, hours=12))
    return booking


async def told(month: str, *, cut: Subject = COMPANY, name: str = "", at: datetime = SENT) -> account.Account:
    made = await frozen(cut, month) or await actions.preliminary(cut, name, month, now=at)
    assert made is not None
    return account.account(cut.cut, made, account.Seen())


def who_came(month: account.Account) -> account.Section | None:
    return next((one for one in month.sections if one.key == "came"), None)


# --- who came ------------------------------------------------------------------------------------------------------


async def test_who_came_stands_by_name_with_every_month_from_the_first_on(cast: Cast) -> None:
    await a_day(cast, days=10, manager=cast.max)
    await a_day(cast, days=12, manager=cast.max)
    await a_day(cast, days=38)
    section = who_came(await told("2026-12", at=JANUARY))
    assert section is not None
    assert section.grid == account.Grid(
        "Name", ("November 2026", "December 2026"), ("Nov", "Dec"),
        (("Ann Archer", (0, 1), "Billing"), ("Max Moor", (2, 0), "")))  # fmt: skip
    assert "in order of the names" in section.about
    assert who_came(await told("2026-12", cut=Subject("department", cast.it), at=JANUARY)) is None
    own = who_came(await told("2026-12", cut=Subject("manager", cast.max.person), at=JANUARY))
    assert own is not None
    assert own.grid == account.Grid("Team", ("November 2026", "December 2026"), ("Nov", "Dec"), (
        ("Billing", (2, 0), ""),))  # fmt: skip


async def test_in_the_first_month_a_list_is_enough(cast: Cast) -> None:
    await a_day(cast, days=10)
    section = who_came(await told("2026-11"))
    assert section is not None
    assert section.grid is None
    assert [(one.text, one.soft) for one in section.items] == [("Ann Archer", "Billing")]


async def test_a_day_that_was_said_to_be_held_after_its_month_was_sent_is_nobody_s_loss(cast: Cast, site: Site) -> None:
    """The month after says so in words, with its team and date, and puts it where it belongs in who came."""
    await november(cast)
    late = await a_day(cast, days=22, held=False)
    await a_day(cast, days=38, manager=cast.max)
    await actions.run(now=SENT)
    await bookings.hold(cast.fay, late.id, now=SENT + timedelta(days=1))
    await actions.run(now=JANUARY)
    december = await told("2026-12")
    (restated,) = [one for one in december.sections if one.key == "restated"]
    (line,) = [one.text for one in restated.items if "“Held”" in one.text]
    assert line == ("November 2026 said 0 for “Held”, it is 1 now: what became of the day with Billing on"
                    " 24 Nov 2026 was told later.")  # fmt: skip
    section = who_came(december)
    assert section is not None
    assert section.grid is not None
    assert [(name, days) for name, days, _soft in section.grid.rows] == [("Ann Archer", (1, 0)), ("Max Moor", (0, 1))]
    hana = await site.visitor(cast.hana)
    page = (await hana.get("/summary/2026-12")).text
    assert '<th scope="row">Max Moor <span class="small muted">Billing</span></th>' in page
    assert 'class="day v1">1</td>' in page
    assert '<span aria-hidden="true">–</span><span class="unseen">0</span>' in page
    assert "Max Moor" in text_of((await hana.get("/summary/2026-12?as=pdf")).content)
    (letter,) = [one for one in await letters() if one["to_name"] == "Hana Holm" and '"December 2026"' in one["facts"]]
    assert '"grid":{"corner":"Name"' in letter["facts"]


def test_nobody_stands_above_anybody() -> None:
    came = (Visited("Ada", (0, 1)), Visited("Bo", (9, 9)), Visited("Cy", (1, 0)))
    grid = account._grid("company", Told(visit_months=("2026-12", "2027-01"), visits=came), {})  # pyright: ignore[reportPrivateUsage]
    assert grid is not None
    assert [row[0] for row in grid.rows] == ["Ada", "Bo", "Cy"]
    assert grid.short == ("Dec", "Jan\u00a0’27")


# --- numbers as people write them ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ({"value": 0}, "0"), ({"value": 1234567}, "1,234,567"), ({"value": 0.0}, "0"), ({"value": 2.25}, "2.2"),
        ({"value": 56.8}, "57"), ({"value": None}, "–"),
        ({"numerator": 3, "denominator": 4, "value": 0.75}, "3 of 4"),
        ({"numerator": 0, "denominator": 0, "value": None}, "–"),
        ({"numerator": 4, "denominator": 5, "value": 0.8}, "80\u00a0%"),
    ],
)  # fmt: skip
def test_a_figure_is_said_as_a_person_would(figure: dict[str, Any], said: str) -> None:
    assert words.said(figure) == said


def test_of_many_is_said_with_thousands_apart() -> None:
    assert words.of({"numerator": 1200, "denominator": 45000, "value": 0.02}) == "1,200 of 45,000"


async def test_no_percentage_stands_under_five_on_any_side_of_it(cast: Cast, site: Site) -> None:
    await november(cast)
    await actions.run(now=SENT)
    hana = await site.visitor(cast.hana)
    html, pdf = (await hana.get("/summary/2026-11")).text, (await hana.get("/summary/2026-11?as=pdf")).content
    (letter,) = [one for one in await letters() if one["to_name"] == "Hana Holm"]
    for seen in (html, text_of(pdf), letter["facts"]):
        assert "1 of 2" in seen or "of 1" in seen
        assert not re.search(r"\d\s?%", seen)


# --- charts ----------------------------------------------------------------------------------------------------------


def test_a_legend_that_is_too_long_takes_another_line() -> None:
    def drawn(*labels: str) -> str:
        series = tuple(Series(one, (1, 2), "filled") for one in labels)
        chart = Chart("x", "X", "x", ("a", "b"), ("a", "b"), series)
        return str(charts.columns(chart, charts.Frame(width=400, height=260, size=15)))

    def lines(svg: str) -> set[str]:
        return set(re.findall(r'<rect x="[\d.]+" y="([\d.]+)"', svg))

    assert len(lines(drawn("Raised", "Said fixed", "Open at the end"))) == 1
    long = drawn("Raised by somebody", "Said to be fixed", "Still open at the end of it")
    assert len(lines(long)) == 2
    for x, word in re.findall(r'<text x="([\d.]+)" y="[\d.]+" text-anchor="start"[^>]*>([^<]+)<', long):
        assert float(x) + len(word) * 15 * 0.55 < 400, word


async def test_a_month_that_was_never_sent_is_drawn_beside_those_before_it(cast: Cast, site: Site) -> None:
    """Though none of them was sent either; from the first on that has anything in it."""
    for month in (0, 31, 62):
        await raised(cast, f"Number {month} gets in the way.", at=NOW + timedelta(days=month))
    site.clock = FEBRUARY
    page = (await (await site.visitor(cast.hana)).get("/summary/2027-01")).text
    assert "From November 2026 to January 2027." in page
    assert re.search(r"<th scope=\"row\">November 2026</th><td[^>]*>1</td><td[^>]*>0</td><td[^>]*>1</td>", page)


async def test_the_first_month_is_compared_with_nothing(cast: Cast, site: Site) -> None:
    await raised(cast, "It gets in the way.")
    page = (await (await site.visitor(cast.hana)).get("/summary/2026-11")).text
    assert "It has not been sent." in page
    assert "than the month before" not in page
    assert "<svg xmlns" not in page


# --- a month with nothing in it --------------------------------------------------------------------------------------


async def test_a_month_with_nothing_in_it_is_one_sheet_and_says_what_fills_one(cast: Cast, site: Site) -> None:
    await raised(cast, "It gets in the way.", at=NOW + timedelta(days=40))
    site.clock = FEBRUARY
    hana = await site.visitor(cast.hana)
    content = (await hana.get("/summary/2026-11?as=pdf")).content
    assert len(PdfReader(BytesIO(content)).pages) == 1
    said = text_of(content)
    assert "A month fills when a team invites a manager" in said
    assert "All figures" not in said
    page = (await hana.get("/summary/2026-11")).text
    assert "There is nothing from before December 2026: this is when the first word was noted." in page
    assert 'href="/summary/2026-12"' in page


async def test_an_older_month_does_not_tell_what_was_raised_after_it(cast: Cast) -> None:
    await raised(cast, "It gets in the way.")
    later = await raised(cast, "Another thing does.", at=NOW + timedelta(days=40))
    await issues.assign(cast.eva, later, department=cast.it, owner=cast.gus.person, now=NOW + timedelta(days=40))
    await issues.sponsor(cast.eva, later, cast.ann.person, now=NOW + timedelta(days=40))
    await issues.ask(cast.gus, later, "May we?", now=NOW + timedelta(days=40) + MINUTE)
    assert "decisions" not in {one.key for one in (await told("2026-11", at=FEBRUARY)).sections}
    assert "decisions" in {one.key for one in (await told("2026-12", at=FEBRUARY)).sections}


def text_of(content: bytes) -> str:
    pages = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return " ".join(pages.replace("\u200b", "").split())
