"""A team's poster: what its page says, on one tagged sheet of A4, the same bytes each time, with a code to the page."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID

import pytest
from pypdf import PdfReader

from floorday import documents
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Resolution, Stream
from floorday.public import actions, pages, poster
from tests.cast import Cast, make_cast
from tests.site import Site

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture
async def cast(database: str) -> Cast:
    return await make_cast(NOW)


@pytest.fixture
def site(database: str) -> Site:
    return Site(pages.router, clock=NOW)


async def fixed(cast: Cast, text: str) -> UUID:
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing)
    issue = (await issues.note(cast.fay, form, now=NOW)).issue
    assert issue is not None
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await issues.resolve(cast.gus, issue, Resolution.HERE, "Done by Gus", now=NOW)
    return issue


def words(content: bytes) -> str:
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return " ".join(text.replace("\u200b", "").split())  # where a long word may be broken


async def test_it_says_what_the_page_says_and_nobody_s_name(site: Site, cast: Cast) -> None:
    fay = await site.visitor(cast.fay)
    refused = await fay.get(f"/teams/{cast.billing}/poster")
    assert refused.status_code == 409
    assert "puts that page on first" in refused.text
    listed, kept = await fixed(cast, "#strong[The till] is slow"), await fixed(cast, "The form asks twice")
    page = await actions.put_on(cast.ben, cast.billing, [listed], looked=True, now=NOW)
    answer = await fay.get(f"/teams/{cast.billing}/poster")
    assert answer.headers["content-type"] == "application/pdf"
    said = words(answer.content)
    for part in ("You said, we did", "Billing · Leeds", "#strong[The till] is slow", actions.address(page)):
        assert part in said
    assert kept is not None
    assert "asks twice" not in said
    for somebody in cast.everybody().values():
        assert not {*somebody.name.split()} & {*said.split()}
    documents.forget()
    assert (await fay.get(f"/teams/{cast.billing}/poster")).content == answer.content


async def test_it_is_one_tagged_sheet_however_much_is_listed(cast: Cast) -> None:
    long = "Refunds over a hundred and fifty wait for a weekly batch which nobody but the night shift may start, and so"
    ids = [await fixed(cast, f"{one} {long}"[:120]) for one in range(8)]
    page = await actions.put_on(cast.ben, cast.billing, ids, looked=True, now=NOW)
    read = PdfReader(BytesIO(await poster.pdf(page, await pages.read(page))))
    assert len(read.pages) == 1
    assert [round(float(side)) for side in read.pages[0].mediabox[2:]] == [595, 842]
    catalog = read.trailer["/Root"]
    assert catalog["/Lang"] == "en"
    assert "/StructTreeRoot" in catalog
    assert b"pdfuaid" in read.xmp_metadata.stream.get_data()
    assert words(await poster.pdf(page, await pages.read(page))).count("weekly batch") == poster.FIXED


def test_the_code_has_the_edge_that_readers_need() -> None:
    drawn = poster.square("https://floorday.example/status/" + "a" * 32)
    assert drawn.startswith("<svg")
    assert 'stroke="#15202b"' in drawn
    assert "M4 4.5" in drawn  # four modules of white on the left and on top (ISO/IEC 18004)
    assert drawn == poster.square("https://floorday.example/status/" + "a" * 32)
