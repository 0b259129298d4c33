"""A month as a document: for everybody who may read the page, for screen readers too, the same bytes each time."""

from __future__ import annotations

import asyncio
import email
import email.policy
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from floorday import db, documents
from floorday.db.text import Prose
from floorday.issues import actions as issues
from floorday.issues.rules import Resolution
from floorday.mail import letters as writing
from floorday.mail.tables import Letter
from floorday.people.access import Actor
from floorday.stories import actions as stories
from floorday.stories.actions import StoryForm
from floorday.stories.rules import Consent
from floorday.summaries import account, actions, pages
from floorday.summaries.figures import COMPANY, Pulse
from tests.cast import NOW, Cast, make_cast
from tests.site import Site
from tests.summaries.test_sending import JANUARY, PREVIEW, SENT, november, raised

HOSTILE = (
    "#include \"/etc/passwd\" $x^2$ \\ `raw` *bold* _it_ <label> @ref [link](x) // no #read(\"base.typ\")",
    "שלום עולם, مرحبا بالعالم",
    "語 and 😀, and " + "Donaudampfschifffahrtsgesellschaftskapitänsmütze" * 3,
    "</text><script>alert(1)</script>&amp; ' \"",
)


@pytest.fixture
async def cast(database: db.Engine) -> Cast:
    return await make_cast()


@pytest.fixture
def site(database: db.Engine) -> Site:
    return Site(pages.router, clock=SENT)


def words(content: bytes) -> str:
    pages = "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return pages.replace("\u200b", "").replace("\u00a0", " ")


def kinds(content: bytes) -> set[str]:
    """Name the kinds of the tags that a screen reader meets."""
    found: set[str] = set()

    def walk(one: Any) -> None:
        one = one.get_object() if hasattr(one, "get_object") else one
        if isinstance(one, list):
            for each in one:
                walk(each)
        elif isinstance(one, dict):
            if "/S" in one:
                found.add(str(one["/S"]))
            if "/K" in one:
                walk(one["/K"])

    walk(PdfReader(BytesIO(content)).trailer["/Root"]["/StructTreeRoot"]["/K"])
    return found


async def test_a_month_that_was_sent_is_the_same_document_for_ever(cast: Cast, site: Site) -> None:
    issue = await november(cast)
    await actions.run(now=SENT)
    hana = await site.visitor(cast.hana)
    first = await hana.get("/summary/2026-11?as=pdf")
    assert first.status_code == 200
    assert first.headers["content-type"] == "application/pdf"
    assert 'filename="The whole company 2026-11.pdf"' in first.headers["content-disposition"]
    await issues.again(cast.fay, issue, "It forgets it again.", now=SENT + timedelta(days=1))
    documents.forget()
    assert (await hana.get("/summary/2026-11?as=pdf")).content == first.content
    said = words(first.content)
    assert "What the floor told us" in said
    assert "As it was sent on Thursday 3 December 2026." in said
    assert "The refund screen forgets the case number" in said


async def test_it_can_be_read_by_everybody(cast: Cast) -> None:
    await november(cast)
    await actions.run(now=SENT)
    await raised(cast, "One more.")
    await actions.run(now=JANUARY)
    content = await actions.paper_of(cast.hana, COMPANY, "", "2026-12", now=JANUARY)
    assert content is not None
    read = PdfReader(BytesIO(content))
    root: Any = read.trailer["/Root"]
    assert read.metadata is not None
    assert read.metadata.title == "What the floor told us, December 2026"
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    assert {"/H1", "/H2", "/Figure", "/Table", "/TH", "/L", "/LI"} <= kinds(content)
    assert {str(font["/BaseFont"]).partition("+")[2][:6] for page in read.pages
            for font in (one.get_object() for one in page["/Resources"]["/Font"].values())} == {"FiraGO"}  # fmt: skip


async def test_a_month_that_runs_is_marked_as_preliminary(cast: Cast, site: Site) -> None:
    await november(cast)
    site.clock = PREVIEW
    hana = await site.visitor(cast.hana)
    for month in ("2026-11", "2026-12"):
        answer = await hana.get(f"/summary/{month}?as=pdf")
        assert answer.status_code == 200
        assert "Preliminary: counted on Tuesday 1 December 2026" in words(answer.content)
    assert (await hana.get("/summary/2027-03?as=pdf")).status_code == 404
    assert (await hana.get("/summary/2026-11?as=doc")).status_code == 422


async def test_what_people_write_is_never_read_as_anything_but_words(cast: Cast, site: Site) -> None:
    for said in HOSTILE:
        await raised(cast, said)
    await november(cast)
    await actions.run(now=PREVIEW)
    await actions.comment(cast.hana, "2026-11", Prose("\n".join(HOSTILE)), now=PREVIEW)
    await actions.run(now=SENT)
    answer = await (await site.visitor(cast.hana)).get("/summary/2026-11?as=pdf")
    assert answer.status_code == 200
    seen = " ".join(words(answer.content).split())
    assert '#include "/etc/passwd" $x^2$ \\ `raw` *bold* _it_ <label>' in seen
    assert "</text><script>alert(1)</script>&amp;" in seen
    assert "root:" not in seen


async def test_it_is_for_those_who_may_read_the_page(cast: Cast, site: Site) -> None:
    await november(cast)
    await actions.run(now=SENT)
    ben, ann = await site.visitor(cast.ben), await site.visitor(cast.ann)
    assert (await ben.get("/summary/2026-11?as=pdf")).status_code == 403
    assert (await ben.get(f"/summary/team/{cast.billing}/2026-11?as=pdf")).status_code == 200
    assert (await ann.get("/summary/2026-11?as=pdf")).status_code == 200
    assert (await ann.get(f"/summary/team/{cast.billing}/2026-11?as=pdf")).status_code == 403


async def test_the_letter_shows_the_chart_and_the_company_s_brings_the_document(cast: Cast) -> None:
    await november(cast)
    await actions.run(now=SENT)
    await raised(cast, "One more.")
    await actions.run(now=JANUARY)
    for key, papers in (("company", 1), (f"team/{cast.billing}", 0)):
        row = await Letter.objects().where(Letter.key.like(f"summary:{key}:2026-12:%")).order_by(Letter.key).first()
        assert row is not None
        row.rendered_at = JANUARY
        raw = await asyncio.to_thread(writing.render, row, lambda _event: b"")
        documents.forget()
        assert await asyncio.to_thread(writing.render, row, lambda _event: b"") == raw
        letter = email.message_from_bytes(raw, policy=email.policy.default)
        parts = {part.get_content_type(): part for part in letter.walk()}
        html = parts["text/html"].get_content()
        assert f'src="cid:{parts["image/png"]["Content-ID"].strip("<>")}"' in html
        assert 'alt="From November 2026 to December 2026.' in html
        assert "From November 2026 to December 2026." in parts["text/plain"].get_content()
        assert Image.open(BytesIO(parts["image/png"].get_content())).size == (1104, 580)
        found = [part for part in letter.walk() if part.get_content_type() == "application/pdf"]
        assert len(found) == papers
        if papers:
            assert found[-1].get_filename() == "What the floor told us 2026-12.pdf"
            assert found[-1].get_content().startswith(b"%PDF-")


# --- told well ---------------------------------------------------------------------------------------------------


async def test_an_empty_a_first_and_a_day_less_month_read_well(cast: Cast) -> None:
    made = await actions.preliminary(COMPANY, "", "2026-09", now=SENT)
    assert made is not None
    told = account.account("company", made, account.Seen())
    assert told.lead == account.nothing()
    assert told.lead.startswith("Nothing happened in this month: no day was due, nothing was raised")
    assert (told.chart, told.sections, told.empty) == (None, (), True)
    await november(cast)
    first = await actions.preliminary(COMPANY, "", "2026-11", now=SENT)
    assert first is not None
    told = account.account("company", first, account.Seen())
    assert told.lead.startswith("No day was due.")
    assert told.chart is None
    assert [one.change for one in told.five] == [""] * 5


async def test_changes_are_said_on_the_month_and_on_the_year(cast: Cast) -> None:
    year = tuple(Pulse(f"2026-{month:02d}", month, 1, 2) for month in range(1, 13))
    chart = account.year_chart(year)
    assert chart is not None
    assert "at most 12 (December 2026), 12 in the last" in chart.told
    assert chart.short[:2] == ("Jan", "Feb")
    assert account.year_chart(year[:1]) is None


async def test_reasons_are_told_to_those_who_see_the_whole_issue(cast: Cast) -> None:
    await november(cast)
    issue = await raised(cast, "The vendor's form is slow.")
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await issues.resolve(cast.gus, issue, Resolution.CANNOT, "Because <the> vendor says no.", now=NOW)
    found = await actions.preliminary(COMPANY, "", "2026-11", now=SENT)
    assert found is not None
    (red,) = [one for one in found.words().reds if one.kind == "cannot"]
    assert red.line.id == issue

    async def quotes(actor: Actor) -> list[str]:
        sections = account.account("company", found, await actions.seen_by(actor, found)).sections
        return [item.quote for one in sections if one.key == "reds" for item in one.items]

    assert "Because <the> vendor says no." in await quotes(cast.hana)
    assert set(await quotes(cast.max)) == {""}


async def test_stories_go_no_further_than_their_heroes_let_them(cast: Cast, site: Site) -> None:
    await november(cast)
    told = await stories.tell(cast.ben, StoryForm(
        team=cast.billing, hero=cast.fay.person, text=Prose("She stayed until it worked."), at=NOW), now=NOW)
    await stories.consent(cast.fay, told.id, Consent.COMPANY, now=NOW)
    await actions.run(now=SENT)
    hana, ben = await site.visitor(cast.hana), await site.visitor(cast.ben)
    of_team = f"/summary/team/{cast.billing}/2026-11"
    assert "She stayed until it worked." in (await hana.get("/summary/2026-11")).text
    assert "She stayed until it worked." in words((await hana.get("/summary/2026-11?as=pdf")).content)
    await stories.consent(cast.fay, told.id, Consent.TEAM, now=SENT)
    assert "She stayed" not in (await hana.get("/summary/2026-11")).text
    assert "She stayed" in (await ben.get(of_team)).text
    await stories.withdraw(cast.ben, told.id, now=SENT)
    assert "She stayed" not in (await ben.get(of_team)).text
