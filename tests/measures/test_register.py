"""The register of measures that punish the right action: who keeps it, who reviews, what hangs on each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from uuid import UUID

import pytest

from floorday import config
from floorday.db.text import Line, Title
from floorday.errors import BadInput, Forbidden, Refused
from floorday.issues import actions as issues
from floorday.issues import pages as issue_pages
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Kind, Stream
from floorday.issues.tables import Measure, MeasureEvent
from floorday.measures import actions, pages
from floorday.measures import queries as reads
from floorday.measures.actions import MeasureForm, ReviewForm
from floorday.measures.rules import Outcome, State
from floorday.people.access import Actor, Grant, Role
from floorday.people.tables import Grant as GrantRow
from floorday.people.tables import Person
from tests.cast import Cast, make_cast
from tests.site import Site


@pytest.fixture
async def cast(database: str) -> Cast:
    return await make_cast(config.now())


@pytest.fixture
def site(database: str) -> Site:
    return Site(pages.router, issue_pages.router)


def described(cast: Cast, name: str = "Average handling time") -> MeasureForm:
    return MeasureForm(name=Title(name), department=cast.it, punishes=Said("Ringing back until it is solved"),
                       target=Line("Under six minutes"))  # fmt: skip


async def opened(cast: Cast, name: str = "Average handling time") -> UUID:
    return await actions.open_measure(cast.eva, described(cast, name), now=config.now())


async def conflict(actor: Actor, cast: Cast, text: str, *, team: UUID | None = None) -> UUID:
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=team or cast.billing, kind=Kind.MEASURE_CONFLICT,
                    minutes_per_case=6, cases_per_month=100)  # fmt: skip
    issue = (await issues.note(actor, form, now=config.now())).issue
    assert issue is not None
    return issue


async def head_of_it(cast: Cast) -> Actor:
    now = config.now()
    row = Person(name="Ivo Ivens", email="ivo@floorday.example", created_at=now)
    await Person.insert(row)
    await GrantRow.insert(GrantRow(
        person=row.id, role=Role.HEAD_OF_DEPARTMENT.value, department=cast.it, granted_at=now))
    return Actor(person=row.id, name=row.name, email=row.email,
                 grants=frozenset({Grant(Role.HEAD_OF_DEPARTMENT, department=cast.it)}))  # fmt: skip


def decided(outcome: Outcome, *, on: date | None = None, because: str = "Nobody is paid by it any more") -> ReviewForm:
    return ReviewForm(outcome=outcome, because=Said(because), reviewed_on=on or config.now().date())


async def test_an_empty_register_gives_an_example(site: Site, cast: Cast) -> None:
    eva, fay = await site.visitor(cast.eva), await site.visitor(cast.fay)
    page = (await eva.get("/measures")).text
    assert "rings a customer back until it is solved" in page
    assert "/measures/new" in page
    assert "/measures/new" not in (await fay.get("/measures")).text
    assert (await (await site.visitor(cast.dan)).get("/measures")).status_code == 403


async def test_a_measure_is_opened_from_its_issue(site: Site, cast: Cast) -> None:
    issue = await conflict(cast.fay, cast, "Ringing back counts against us")
    eva = await site.visitor(cast.eva)
    assert "Ringing back counts against us" in (await eva.get(f"/measures/new?issue={issue}")).text
    sent = await eva.post("/measures/new", "/measures/new", name="Average handling time", department=str(cast.it),
                          punishes="Ringing back until it is solved", issue=str(issue))  # fmt: skip
    assert sent.status_code == 303, sent.text
    page = (await eva.get(sent.headers["location"])).text
    assert "Ringing back counts against us" in page
    assert "10 a month" in page
    assert "Billing" in page
    row = await reads.measure(UUID(sent.headers["location"].rsplit("/", 1)[1]))
    assert row.review_due is not None
    assert 364 <= (row.review_due - config.now().date()).days <= 366
    twice = await eva.post("/measures/new", "/measures/new", name="Average handling time", department=str(cast.it),
                           punishes="Ringing back")  # fmt: skip
    assert twice.status_code == 422
    assert "has a measure of this name already" in twice.text


async def test_what_it_causes_is_shown_as_far_as_each_reader_sees(site: Site, cast: Cast) -> None:
    one, two = await conflict(cast.fay, cast, "Seen by all"), await conflict(cast.fay, cast, "Kept among us")
    other = await conflict(cast.cleo, cast, "In Lisbon, too", team=cast.claims)
    measure = await opened(cast)
    for issue in (one, two, other):
        await issues.file_under(cast.eva, issue, measure, now=config.now())
    await issues.restrict(cast.eva, two, restricted=True, now=config.now())
    everything = (await (await site.visitor(cast.eva)).get(f"/measures/{measure}")).text
    assert "30 a month" in everything
    assert "Billing, Claims" in everything
    page = (await (await site.visitor(cast.cleo)).get(f"/measures/{measure}")).text
    assert "Seen by all" in page
    assert "In Lisbon, too" in page
    assert "Kept among us" not in page
    assert "10 a month" in page
    assert "Billing" not in page
    (row,) = await reads.measures(cast.cleo, reads.Wanted(), today=config.now().date())
    assert (row.issues, row.hours, row.teams) == (2, 10, 1)
    found = (await (await site.visitor(cast.cleo)).get(f"/search?measure={measure}")).text
    assert "In Lisbon, too" in found
    assert "Kept among us" not in found
    board = (await (await site.visitor(cast.cleo)).get(f"/issues?measure={measure}")).text
    assert "In Lisbon, too" in board
    assert "Kept among us" not in board
    assert "Only what is about “Average handling time”" in board
    assert f'href="/issues?measure={measure}"' in page
    assert f'href="/search?measure={measure}"' in (await (await site.visitor(cast.cleo)).get("/measures")).text


async def test_only_a_measure_conflict_belongs_to_a_measure(cast: Cast) -> None:
    measure, issue = await opened(cast), await conflict(cast.fay, cast, "Ringing back")
    await issues.retitle(cast.eva, issue, "Ringing back", Kind.GLITCH, now=config.now())
    with pytest.raises(Refused, match="Only a measure conflict"):
        await issues.file_under(cast.eva, issue, measure, now=config.now())
    with pytest.raises(Forbidden):
        await issues.file_under(cast.ben, issue, measure, now=config.now())


async def test_the_department_head_reviews_and_the_next_review_is_a_year_on(site: Site, cast: Cast) -> None:
    ivo, measure = await head_of_it(cast), await opened(cast)
    await Measure.update({Measure.review_due: config.now().date() - timedelta(days=3)}).where(Measure.id == measure)
    assert [due.name for due in await reads.overdue(ivo, today=config.now().date())] == ["Average handling time"]
    assert await reads.overdue(cast.hana, today=config.now().date())
    assert not await reads.overdue(cast.gus, today=config.now().date())
    assert not await reads.overdue(cast.fay, today=config.now().date())
    browser = await site.visitor(ivo)
    sent = await browser.post(f"/measures/{measure}", f"/measures/{measure}/reviews", outcome="changed",
                              because="Only for billing calls now", reviewed_on=f"{config.now():%Y-%m-%d}")  # fmt: skip
    assert sent.status_code == 303, sent.text
    assert not await reads.overdue(ivo, today=config.now().date())
    page = (await (await site.visitor(cast.fay)).get(f"/measures/{measure}")).text
    assert "Only for billing calls now" in page
    assert "reviewed it on" in page
    assert "Changed on" in (await browser.get("/measures")).text
    for actor in (cast.gus, cast.fay, cast.ben, cast.ann, cast.ada):
        with pytest.raises(Forbidden):
            await actions.review(actor, measure, decided(Outcome.KEPT), now=config.now())


async def test_a_dropped_measure_leaves_the_register_and_can_come_back(site: Site, cast: Cast) -> None:
    measure = await opened(cast)
    await actions.review(cast.hana, measure, decided(Outcome.DROPPED), now=config.now())
    today = config.now().date()
    assert not await reads.measures(cast.eva, reads.Wanted(), today=today)
    assert await reads.measures(cast.eva, reads.Wanted(state=State.RETIRED), today=today)
    with pytest.raises(Refused, match="Bring it back first"):
        await actions.review(cast.hana, measure, decided(Outcome.KEPT), now=config.now())
    eva = await site.visitor(cast.eva)
    assert "This measure is retired." in (await eva.get(f"/measures/{measure}")).text
    assert (await eva.post(f"/measures/{measure}", f"/measures/{measure}/return")).status_code == 303
    assert (await eva.post(f"/measures/{measure}", f"/measures/{measure}/retirement")).status_code == 303
    assert (await eva.post(f"/measures/{measure}", f"/measures/{measure}/retirement")).status_code == 409
    assert await MeasureEvent.count().where(MeasureEvent.measure == measure) == 4


@pytest.mark.parametrize(
    ("days", "because", "field"), [(1, "Why", "reviewed_on"), (0, " ", "because"), (-9, "Why", "reviewed_on")]
)
async def test_a_review_has_its_day_and_its_reason(cast: Cast, days: int, because: str, field: str) -> None:
    measure = await opened(cast)
    today = config.now().date()
    await actions.review(cast.eva, measure, decided(Outcome.KEPT, on=today - timedelta(days=3)), now=config.now())
    with pytest.raises(BadInput) as wrong:
        await actions.review(cast.eva, measure, decided(Outcome.KEPT, on=today + timedelta(days=days), because=because),
                             now=config.now())
    assert field in wrong.value.fields


async def test_a_description_is_masked_and_the_old_one_stays(site: Site, cast: Cast) -> None:
    measure = await opened(cast)
    form = MeasureForm(name=Title("Handling time"), department=cast.it, punishes=Said("Ringing jo@example.com back"))
    await actions.change(cast.eva, measure, form, now=config.now())
    page = (await (await site.visitor(cast.fay)).get(f"/measures/{measure}")).text
    assert "jo@example.com" not in page
    assert "Ringing back until it is solved" in page
    assert "Describe it better" not in page


@pytest.mark.parametrize("many", [1, 25])
async def test_the_pages_ask_little(
    site: Site, cast: Cast, queries: Callable[[], AbstractContextManager[list[str]]], many: int
) -> None:
    measures = [await opened(cast, f"Measure {n}") for n in range(many)]
    for n in range(many):
        issue = await conflict(cast.fay, cast, f"Conflict {n}")
        await issues.file_under(cast.eva, issue, measures[0], now=config.now())
    eva = await site.visitor(cast.eva)
    for path in ("/measures", f"/measures/{measures[0]}", "/measures?as=csv", "/measures/new"):
        await eva.get(path)
        with queries() as seen:
            assert (await eva.get(path)).status_code == 200
        assert len(seen) <= 8, (path, seen)
