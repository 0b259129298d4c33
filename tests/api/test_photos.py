"""Photos of notes and named searches, through the API; a person's own photos in the file of what is kept of them."""

from __future__ import annotations

import base64
import io
import zipfile
from uuid import UUID

import pytest
from PIL import Image

from floorday import config
from floorday.dossier import actions as dossier
from floorday.issues import actions
from floorday.issues.actions import NoteForm, Said, reporting
from floorday.issues.rules import Naming, Stream
from floorday.people.access import Actor
from tests.api.house import program
from tests.cast import Cast, make_cast

PLACE = b"at 51.5 N, by Fay's camera"


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now().replace(microsecond=0))


def a_photo(size: tuple[int, int] = (60, 30)) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size, "navy").save(drawn, "JPEG", comment=PLACE)
    return drawn.getvalue()


async def a_note(by: Actor, cast: Cast, naming: Naming = Naming.NAMED) -> UUID:
    form = NoteForm(text=Said("The screen hides a column"), stream=Stream.STAFF_TOLD, team=cast.billing, naming=naming)
    return (await actions.note(by, form, now=config.now())).note


async def test_a_photo_is_sent_written_anew_and_read_by_whoever_reads_the_note(cast: Cast) -> None:
    note = await a_note(cast.fay, cast)
    fay, ben, ines = await program(cast.fay), await program(cast.ben), await program(cast.ines)
    assert PLACE in a_photo(), "the control"
    sent = await fay.post(f"/notes/{note}/photos", content=base64.b64encode(a_photo()).decode())
    assert (sent.status_code, sent.json()) == (201, {"place": 1, "width": 60, "height": 30}), sent.text
    as_it_is = await fay.client.post(f"/notes/{note}/photos", content=a_photo((8, 8)),
                                     headers={"content-type": "image/jpeg"})  # fmt: skip
    assert as_it_is.json()["place"] == 2
    seen = await ben.get(f"/notes/{note}/photos/1")
    kept = base64.b64decode(seen.json()["content"])
    assert kept.startswith(b"\xff\xd8")
    assert PLACE not in kept
    assert (await ben.get(f"/notes/{note}")).json()["photos"] == 2
    assert (await ines.get(f"/notes/{note}/photos/1")).status_code == 404
    assert (await ben.post(f"/notes/{note}/photos", content=base64.b64encode(a_photo()).decode())).status_code == 404
    await reporting.report_note(cast.ben, note, now=config.now())
    await reporting.restrict_note(cast.eva, note, now=config.now())
    assert (await ben.get(f"/notes/{note}/photos/1")).status_code == 404
    assert (await fay.get(f"/notes/{note}/photos/1")).status_code == 200


async def test_what_is_no_photo_too_many_and_anonymous(cast: Cast) -> None:
    note, unnamed = await a_note(cast.fay, cast), await a_note(cast.fay, cast, Naming.ANONYMOUS)
    fay = await program(cast.fay)
    photo = base64.b64encode(a_photo()).decode()
    assert (await fay.post(f"/notes/{note}/photos", content="AAAA")).status_code == 422
    assert (await fay.post(f"/notes/{note}/photos", content="not base64 !")).status_code == 422
    assert (await fay.post(f"/notes/{note}/photos")).status_code == 422
    for _n in range(3):
        assert (await fay.post(f"/notes/{note}/photos", content=photo)).status_code == 201
    assert (await fay.post(f"/notes/{note}/photos", content=photo)).status_code == 422
    assert (await fay.post(f"/notes/{unnamed}/photos", content=photo)).status_code == 404
    assert (await fay.get(f"/notes/{note}/photos/9")).status_code == 404


async def test_own_photos_are_in_the_file_and_nobody_elses(cast: Cast) -> None:
    for who in (cast.fay, cast.ben):
        asks = await program(who)
        await asks.post(f"/notes/{await a_note(who, cast)}/photos", content=base64.b64encode(a_photo()).decode())
    file = await dossier.give_out(cast.fay, cast.fay.person, now=config.now())
    with zipfile.ZipFile(io.BytesIO(file.content)) as held:
        photos = [name for name in held.namelist() if name.startswith("photos/")]
        assert len(photos) == 1
        assert held.read(photos[0]).startswith(b"\xff\xd8")


async def test_named_searches_are_kept_listed_and_forgotten(cast: Cast) -> None:
    fay, ben = await program(cast.fay), await program(cast.ben)
    made = (await fay.post("/searches", name="Slow", query="q=slow")).json()
    assert [(one["name"], one["query"]) for one in (await fay.get("/searches")).json()["items"]] == [("Slow", "q=slow")]
    assert (await ben.get("/searches")).json() == {"items": []}
    assert (await ben.post(f"/searches/{made['id']}/deletion")).status_code == 404
    assert (await fay.post(f"/searches/{made['id']}/deletion")).json()["name"] == "Slow"
    assert (await fay.get("/searches")).json() == {"items": []}
