"""Raising a note: what is masked is seen first, what more may be said is kept, photos tell only what they show."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image

from floorday import config
from floorday.db import run_sql
from floorday.errors import BadInput, NotFound
from floorday.issues import actions, masks, pages, photos, queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.photos import Photograph
from floorday.issues.rules import Naming, Stream
from floorday.issues.tables import Issue, Note, Photo
from floorday.people import queries as people
from tests.cast import Cast, a_picture, make_cast
from tests.site import Site

CARD = "4111 1111 1111 1111"


@pytest.fixture
def now() -> datetime:
    return config.now().replace(microsecond=0)


@pytest.fixture
async def cast(database: object, now: datetime) -> Cast:
    return await make_cast(now)


@pytest.fixture
def site(cast: Cast, now: datetime) -> Site:
    return Site(pages.router, clock=now)


def a_photo(size: tuple[int, int] = (60, 30), kind: str = "JPEG", **more: object) -> bytes:
    drawn = BytesIO()
    Image.new("RGB", size, "navy").save(drawn, kind, **more)
    return drawn.getvalue()


# --- masks


@pytest.mark.parametrize("naming", ["named", "anonymous"])
async def test_what_is_masked_is_shown_first_and_nothing_is_kept(site: Site, cast: Cast, naming: str) -> None:
    fay = await site.visitor(cast.fay)
    said = {"text": f"Card {CARD} is refused", "stream": "staff told", "team": str(cast.billing), "naming": naming}
    asked = await fay.post("/notes/new", "/notes/new", **said)
    assert asked.status_code == 422
    assert f"<mark>{CARD}</mark>" in asked.text
    assert not await Note.count()
    seen = re.search(r'name="seen" value="([0-9a-f]{16})"', asked.text)
    assert seen
    kept = await fay.post("/notes/new", "/notes/new", **said, seen=seen[1])
    assert kept.status_code in {200, 303}
    assert [row["text"] for row in await Note.select(Note.text)] == ["Card [card number] is refused"]


async def test_one_tap_says_that_it_is_none(site: Site, cast: Cast) -> None:
    fay = await site.visitor(cast.fay)
    said = {"text": "Our line 020 7946 0018 is dead", "stream": "staff told", "team": str(cast.billing)}
    assert 'name="spared" value="020 7946 0018"' in (await fay.post("/notes/new", "/notes/new", **said)).text
    assert (await fay.post("/notes/new", "/notes/new", **said, spared="020 7946 0018")).status_code == 303
    assert [row["text"] for row in await Note.select(Note.text)] == ["Our line 020 7946 0018 is dead"]


async def test_what_was_typed_after_looking_is_asked_about_again(site: Site, cast: Cast) -> None:
    fay = await site.visitor(cast.fay)
    seen = masks.digest_of([masks.pieces(CARD)])
    said = {"text": f"{CARD} and ray@example.com", "stream": "staff told", "team": str(cast.billing), "seen": seen}
    assert (await fay.post("/notes/new", "/notes/new", **said)).status_code == 422
    assert not await Note.count()


async def test_a_mask_that_is_longer_than_what_it_hides_still_fits(cast: Cast, now: datetime) -> None:
    text = ("a@b.co " * 72)[:500].strip()
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing)
    noted = await actions.note(cast.fay, form, now=now)
    kept = (await queries.note(noted.note)).text
    assert len(kept) <= 500
    assert "@" not in kept
    assert set(noted.masked) == {"mail"}


# --- what more may be said


async def test_of_several_teams_each_picture_can_be_chosen_from(
    site: Site, cast: Cast, now: datetime, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    ids = await a_picture(cast.claims, "A claim is paid in a week", "Nobody is asked twice", on=now.date())
    eva = await site.visitor(cast.eva)
    await eva.get("/notes/new")
    with queries() as seen:
        page = (await eva.get("/notes/new")).text
    assert len(seen) <= 8
    claims = page[page.index(f'data-team="{cast.claims}"'):]
    assert f'value="{ids[0]}"' in claims[:claims.index("</details>")]
    assert "A refund takes one call" not in claims[:claims.index("</details>")]
    said = {"text": "Claims wait", "stream": "staff told", "picture": str(ids[0])}
    wrong = await eva.post("/notes/new", "/notes/new", **said, team=str(cast.billing))
    assert wrong.status_code == 422
    assert "The team&#39;s picture has no such statement" in wrong.text
    assert re.search(f'value="{ids[0]}" checked', wrong.text)
    saved = await eva.post("/notes/new", "/notes/new", **said, team=str(cast.claims))
    assert saved.status_code == 303, saved.text
    assert [row["picture"] for row in await Issue.select(Issue.picture)] == [ids[0]]
    assert "data-team" not in (await (await site.visitor(cast.fay)).get("/notes/new")).text


async def test_all_that_more_may_be_said_is_kept(site: Site, cast: Cast) -> None:
    (one,) = [said.id for said in await people.statements(cast.billing)]
    fay = await site.visitor(cast.fay)
    assert f'name="picture" value="{one}"' in (await fay.get("/notes/new")).text
    saved = await fay.post("/notes/new", "/notes/new", text="Refunds wait", stream="staff told", team=str(cast.billing),
                           idea="Pay daily", fixed_like="Paid in a day", picture=str(one),
                           minutes_per_case="12", cases_per_month="300", unknown="on", kind="red tape")  # fmt: skip
    assert saved.status_code == 303, saved.text
    issue = await Issue.select().where(Issue.id == UUID(saved.headers["location"].removeprefix("/issues/"))).first()
    assert issue is not None
    assert (issue["minutes_per_case"], issue["cases_per_month"], issue["known_before"]) == (12, 300, False)
    assert issue["picture"] == one
    page = (await fay.get(saved.headers["location"])).text
    for words in ("Pay daily", "Paid in a day", "A refund takes one call"):
        assert words in page


async def test_a_wrong_word_loses_nothing_that_was_typed(site: Site, cast: Cast) -> None:
    fay = await site.visitor(cast.fay)
    again = await fay.post("/notes/new", "/notes/new", text="Refunds wait", stream="staff told", idea="Pay daily",
                           team=str(cast.billing), minutes_per_case="many", picture="Never said")  # fmt: skip
    assert again.status_code == 422
    for words in ("Refunds wait", "Pay daily", "Please give a number."):
        assert words in again.text
    assert '<details class="more" open>' in again.text
    assert not await Note.count()


async def test_a_draft_is_named_for_its_writer(site: Site, cast: Cast) -> None:
    fay = await site.visitor(cast.fay)
    assert f'data-draft="{cast.fay.person}/notes/new"' in (await fay.get("/notes/new")).text


# --- photos


def test_a_photo_is_written_anew_turned_and_says_nothing() -> None:
    told = Image.Exif()
    told[0x0112], told[0x010F], told[0x9286] = 6, "Camera of Fay", "at home"
    kept = photos.remake(a_photo((60, 30), exif=told.tobytes(), comment=b"secret"))
    with Image.open(BytesIO(kept.content)) as seen:
        assert (seen.format, seen.size) == ("JPEG", (30, 60))
        assert not seen.getexif()
        assert not {"exif", "comment", "icc_profile"} & set(seen.info)
    assert b"Fay" not in kept.content
    assert b"secret" not in kept.content


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_other_pictures_become_photos_of_bounded_size(kind: str) -> None:
    kept = photos.remake(a_photo((3000, 1000), kind))
    assert (kept.width, kept.height) == (2048, 683)


@pytest.mark.parametrize("raw", [b"", b"no photo", a_photo()[:40], b"%PDF-1.7", b"<svg/>"])
def test_what_is_no_photo_is_refused_with_a_sentence(raw: bytes) -> None:
    with pytest.raises(BadInput, match="no photo that can be read"):
        photos.remake(raw)


def test_a_bomb_is_refused_with_a_sentence() -> None:
    with pytest.raises(BadInput, match="unpacks to more"):
        photos.remake(a_photo((9000, 9000), "PNG"))
    with pytest.raises(BadInput, match="larger than 9 MB"):
        photos.remake(b"\xff" * (photos.HEAVIEST + 1))
    photos.remake(a_photo())


async def test_photos_are_read_by_whoever_reads_the_note_and_go_with_it(site: Site, cast: Cast, now: datetime) -> None:
    form = NoteForm(text=Said("The chair is broken"), stream=Stream.STAFF_TOLD, team=cast.billing)
    noted = await actions.note(cast.fay, form, now=now, pictures=[Photograph(a_photo(), 60, 30)])
    fay, cleo = await site.visitor(cast.fay), await site.visitor(cast.cleo)
    page = f"/notes/{noted.note}/photos/1"
    assert f'<img src="{page}"' in (await fay.get(f"/issues/{noted.issue}")).text
    seen = await fay.get(page)
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/jpeg")
    assert (seen.headers["cache-control"], seen.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert seen.headers["content-disposition"] == 'inline; filename="photo-1.jpg"'
    assert (await cleo.get(page)).status_code == 404
    await actions.withdraw_note(cast.fay, noted.note, now=now)
    assert (await fay.get(page)).status_code == 404
    assert not await Photo.count()


async def test_a_photo_of_an_anonymous_note_tells_no_time(cast: Cast, now: datetime) -> None:
    form = NoteForm(text=Said("Broken"), stream=Stream.STAFF_TOLD, team=cast.billing, naming=Naming.ANONYMOUS)
    await actions.note(cast.fay, form, now=now, pictures=[Photograph(a_photo(), 60, 30)])
    [row] = await run_sql("SELECT id FROM photo")
    assert UUID(str(row["id"])).version == 4
    with pytest.raises(NotFound):
        await queries.photo(cast.cleo, UUID(str((await run_sql("SELECT id FROM note"))[0]["id"])), 1)
