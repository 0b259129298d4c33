"""The pages of what is sent: who may do what there, what they say, and that opening one changes nothing."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from floorday import db
from floorday.db.text import Prose
from floorday.issues import actions as issues
from floorday.mail.tables import Letter
from floorday.render import tokens
from floorday.summaries import actions, pages, queries
from floorday.summaries.figures import COMPANY, Subject
from floorday.summaries.tables import SummaryMonth, SummaryReader
from tests.cast import Cast, a_booking, make_cast
from tests.site import BASE, Site
from tests.summaries.test_sending import JANUARY, NOW, PREVIEW, SENT, november, raised


@pytest.fixture
async def cast(database: db.Engine) -> Cast:
    return await make_cast()


@pytest.fixture
def site(database: db.Engine) -> Site:
    return Site(pages.router, clock=PREVIEW)


async def frozen(subject: Subject = COMPANY, month: str = "2026-11") -> queries.Frozen:
    found = await queries.frozen(subject, month)
    assert found is not None
    return found


async def test_before_anything_was_sent_the_list_says_so(cast: Cast, site: Site) -> None:
    page = (await (await site.visitor(cast.hana)).get("/summaries")).text
    assert "No month has been sent yet" in page


async def test_the_list_says_where_each_month_stands(cast: Cast, site: Site) -> None:
    await november(cast)
    await actions.run(now=PREVIEW)
    eva = await site.visitor(cast.eva)
    page = (await eva.get("/summaries")).text
    assert "December 2026" in page
    assert "running" in page
    assert "Leaves on Thursday 3 December 2026, 07:00 (London time)." in page
    assert "October 2026" not in page
    await actions.run(now=SENT)
    site.clock = SENT
    page = (await eva.get("/summaries")).text
    assert "Sent on Thursday 3 December 2026, 07:00 (London time)." in page


async def test_a_month_is_held_released_and_sent_from_its_page(cast: Cast, site: Site) -> None:
    await november(cast)
    await actions.run(now=PREVIEW)
    eva = await site.visitor(cast.eva)
    here = "/summaries/2026-11"
    assert (await eva.post(here, f"{here}/hold", because="")).status_code == 422
    assert (await eva.post(here, f"{here}/hold", because="Leeds is missing.")).status_code == 303
    assert "Leeds is missing." in (await eva.get(here)).text
    assert "Eva Ek holds it: Leeds is missing." in (await eva.get("/summaries")).text
    await actions.run(now=SENT)
    assert await queries.frozen(COMPANY, "2026-11") is None
    assert (await eva.post(here, f"{here}/release")).status_code == 303
    assert "cannot be taken back" in (await eva.get(f"{here}/sending")).text
    assert (await eva.post(f"{here}/sending", f"{here}/sending")).status_code == 303
    assert "leaves within a minute" in (await eva.get(here)).text
    await actions.run(now=PREVIEW)
    assert (await frozen()).month == "2026-11"
    for act in ("hold", "sending", "release"):
        assert (await eva.post("/summaries", f"{here}/{act}", because="Too late")).status_code == 409


async def test_the_head_of_service_sees_the_words_on_top_of_the_letter(cast: Cast, site: Site) -> None:
    await november(cast)
    await actions.run(now=PREVIEW)
    hana, eva = await site.visitor(cast.hana), await site.visitor(cast.eva)
    here = "/summaries/2026-11"
    assert (await hana.post(here, f"{here}/comment", comment="Thank you, <Leeds>.")).status_code == 303
    letter = await hana.get(f"{here}/letter")
    assert "Thank you, &lt;Leeds&gt;." in letter.text
    assert "FD-2" in letter.text
    assert "sandbox" in letter.headers["content-security-policy"]
    assert "Thank you, &lt;Leeds&gt;." in (await eva.get(here)).text
    assert (await eva.post(here, f"{here}/comment", comment="Mine")).status_code == 403
    await actions.run(now=SENT)
    assert "Thank you, &lt;Leeds&gt;." in (await eva.get("/summary/2026-11")).text
    assert "Thank you, &lt;Leeds&gt;." in (await eva.get(f"/summary/team/{cast.billing}/2026-11")).text


async def test_a_sent_month_is_shown_as_it_was_and_the_next_says_what_changed(cast: Cast, site: Site) -> None:
    issue = await november(cast)
    await actions.run(now=SENT)
    hana = await site.visitor(cast.hana)
    first = (await hana.get("/summary/2026-11")).text
    assert "As it was sent on Thursday 3 December 2026." in first
    await issues.again(cast.fay, issue, "It forgets it again.", now=SENT + timedelta(days=1))
    await raised(cast, "One more.")
    assert main(await hana.get("/summary/2026-11")) == main_of(first)
    rows = (await hana.get("/summary/2026-11/issues_raised")).text
    assert "One more" not in rows
    assert "The refund screen forgets the case number" in rows
    await actions.run(now=JANUARY)
    site.clock = JANUARY
    december = (await hana.get("/summary/2026-12")).text
    assert "it is 0 now: FD-2 reopened on 4 Dec 2026." in december
    assert "it is 3 now: FD-3 was told of later." in december


def main(answer: httpx.Response) -> str:
    return main_of(answer.text)


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


async def test_what_stands_behind_a_figure_is_what_it_was_then(cast: Cast, site: Site) -> None:
    issue = await november(cast)
    booking = await a_booking(cast, accepted=True, days=10)
    await actions.run(now=SENT)
    await db.run_sql("UPDATE issue SET title = 'Another title' WHERE id = {}", issue)
    await db.run_sql("UPDATE person SET name = 'Ann Later' WHERE id = {}", cast.ann.person)
    hana = await site.visitor(cast.hana)
    rows = (await hana.get("/summary/2026-11/issues_said_fixed")).text
    assert "The refund screen forgets the case number" in rows
    assert "Another title" not in rows
    days = (await hana.get("/summary/2026-11/days_due")).text
    assert "Ann Archer with Billing" in days
    assert str(booking.id) in days
    sheet = (await hana.get("/summary/2026-11/days_due?as=csv")).text.lstrip("\ufeff")
    (line,) = list(csv.DictReader(io.StringIO(sheet)))
    assert line["Manager"] == "Ann Archer"


async def test_readers_see_the_rows_that_their_own_lists_would_show(cast: Cast, site: Site) -> None:
    issue = await november(cast)
    booking = await a_booking(cast, manager=cast.max, accepted=True, days=10)
    await actions.run(now=SENT)
    ann, ben = await site.visitor(cast.ann), await site.visitor(cast.ben)
    assert "The refund screen" in (await ann.get("/summary/2026-11")).text
    await issues.restrict(cast.eva, issue, restricted=True, now=SENT)
    for path in ("/summary/2026-11", "/summary/2026-11/issues_said_fixed", "/summary/2026-11/issues_said_fixed?as=csv"):
        assert "The refund screen" not in (await ann.get(path)).text, path
    assert "1 more row that is not for you to open" in (await ann.get("/summary/2026-11/issues_said_fixed")).text
    assert "The refund screen" in (await ben.get(f"/summary/team/{cast.billing}/2026-11")).text
    days = (await ann.get("/summary/2026-11/days_due")).text
    assert str(booking.id) not in days
    assert "not for you to open" in days


async def test_a_long_list_comes_in_pages(cast: Cast, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        await raised(cast, f"Thing number {n} gets in the way.")
    await actions.run(now=NOW)
    monkeypatch.setattr(pages.rows, "PAGE", 2)
    hana = await site.visitor(cast.hana)
    for sent in (False, True):
        if sent:
            await actions.run(now=SENT)
        texts = [(await hana.get(f"/summary/2026-11/issues_raised?page={n}")).text for n in (1, 2, 3)]
        for n in range(5):
            assert [f"Thing number {n} " in text for text in texts].count(True) == 1
        assert (await hana.get("/summary/2026-11/issues_raised?page=4")).status_code == 404
        assert (await hana.get("/summary/2026-11/issues_raised?page=x")).status_code == 404


async def test_a_letter_is_sent_once_more_and_a_correction_told(cast: Cast, site: Site) -> None:
    issue = await november(cast)
    await actions.run(now=SENT)
    await issues.again(cast.fay, issue, "It forgets it again.", now=SENT + timedelta(days=1))
    site.clock = SENT + timedelta(days=2)
    eva = await site.visitor(cast.eva)
    page = (await eva.get("/summaries/2026-11")).text
    here = f"/summaries/2026-11/sent/{(await frozen()).id}"
    assert here in page
    assert "Ann Archer" in (await eva.get(here)).text
    assert "it is 0 now: FD-2 reopened" in (await eva.get(f"{here}?changes=yes")).text
    before = await Letter.count().where(Letter.name == "summary")
    assert (await eva.post(here, f"{here}/letters", person=str(cast.ann.person))).status_code == 303
    assert await Letter.count().where(Letter.name == "summary") == before + 1
    assert (await eva.post(here, f"{here}/letters", person=str(cast.gus.person))).status_code == 422
    assert (await eva.post(here, f"{here}/corrections", because="")).status_code == 422
    assert (await eva.post(here, f"{here}/corrections", because="It was reopened.")).status_code == 303
    assert await Letter.count().where(Letter.name == "summary_correction") == 4
    shown = (await eva.get("/summary/2026-11")).text
    assert "Corrected on Saturday 5 December 2026" in shown
    assert "It was reopened." in shown
    assert (await eva.get(f"/summaries/2026-12/sent/{(await frozen()).id}")).status_code == 404


async def test_only_a_post_stops_letters_and_it_needs_no_question(cast: Cast, site: Site) -> None:
    await november(cast)
    await actions.run(now=SENT)
    (ann,) = await Letter.select(Letter.facts).where(Letter.to_name == "Ann Archer", Letter.name == "summary")
    reader = UUID(msgspec.json.decode(ann["facts"])["links"]["unsubscribe"]["about"])
    path = f"/unsubscribe/{tokens.make('unsubscribe', reader)}"

    async def stopped() -> Any:
        return (await SummaryReader.select(SummaryReader.stopped_at).where(SummaryReader.id == reader))[0]["stopped_at"]

    nobody = await site.visitor()
    assert "Send me no more of these" in (await nobody.get(path)).text
    assert await stopped() is None, "a mail scanner opens links"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=site.app), base_url=BASE) as program:
        answer = await program.post(path, data={"List-Unsubscribe": "One-Click"})  # no cookie, no token, no origin
        assert answer.status_code == 200
        assert (await program.post(path, data={"List-Unsubscribe": "One-Click"})).status_code == 200
        assert (await program.post("/unsubscribe/abcdefgh", data={"List-Unsubscribe": "One-Click"})).status_code == 404
    assert await stopped() == PREVIEW
    assert "You get no more of these letters" in (await nobody.get(path)).text
    visitor = await site.visitor(cast.ann)
    assert "You stopped these letters." in (await visitor.get("/summaries")).text
    assert (await visitor.post("/summaries", "/summaries/letters", cut="company", letters="yes")).status_code == 303
    assert await stopped() is None
    assert (await visitor.post("/summaries", "/summaries/letters", cut="team", letters="no")).status_code == 403


@pytest.mark.parametrize("sent", [False, True])
async def test_opening_pages_changes_nothing(cast: Cast, site: Site, sent: bool) -> None:
    await november(cast)
    await actions.run(now=PREVIEW)
    if sent:
        await actions.run(now=SENT)
    before = await SummaryMonth.select(), await Letter.count()
    eva = await site.visitor(cast.eva)
    for path in ("/summaries", "/summaries/2026-11", "/summary/2026-11", f"/summary/team/{cast.billing}/2026-11",
                 f"/summary/manager/{cast.ann.person}/2026-11", f"/summary/department/{cast.it}/2026-11",
                 f"/summary/department/{cast.it}/2026-11/issues_open"):  # fmt: skip
        assert (await eva.get(path)).status_code == 200, path
    assert (await SummaryMonth.select(), await Letter.count()) == before


@pytest.mark.parametrize("rows", [1, 3])
async def test_what_was_sent_takes_few_queries(cast: Cast, site: Site, queries: Any, rows: int) -> None:
    for n in range(rows):
        await raised(cast, f"Thing number {n} gets in the way.")
        await a_booking(cast, accepted=True, days=10 + n)
    await november(cast)
    await actions.run(now=SENT)
    sent = (await frozen()).id
    most = {
        "/summary/2026-11": 3, "/summary/2026-11/issues_raised": 4, "/summary/2026-11/compliance": 4, "/summaries": 4,
        "/summaries/2026-11": 4, f"/summaries/2026-11/sent/{sent}": 4, "/summary/2026-12/issues_open": 8,
        f"/summary/team/{cast.billing}/2026-11": 4, f"/summaries/2026-11/sent/{sent}?changes=yes": 16,
    }  # fmt: skip
    hana = await site.visitor(cast.hana)
    for path, allowed in most.items():
        with queries() as seen:
            assert (await hana.get(path)).status_code == 200
        assert len(seen) <= allowed, f"{path}\n" + "\n".join(map(str, seen))
    with queries() as seen:
        assert (await hana.get("/summary/2026-11")).status_code == 200
    assert len(seen) == 2, "who asks, and whether what is known of the month still holds"


async def test_what_a_process_knows_of_a_month_goes_with_an_erasure(cast: Cast, site: Site) -> None:
    await november(cast)
    await actions.comment(cast.hana, "2026-11", Prose("Max Moor was in Leeds."), now=PREVIEW)
    await actions.run(now=SENT)
    eva = await site.visitor(cast.eva)
    assert "Max Moor was in Leeds." in (await eva.get("/summary/2026-11")).text
    await db.run_sql("UPDATE summary SET comment = 'Somebody was in Leeds.'")
    page = (await eva.get("/summary/2026-11")).text
    assert "Max Moor" not in page
    assert "Somebody was in Leeds." in page
