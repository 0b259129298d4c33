"""At the desk what is known stands below the line, as far as the desk shows it, and one tap joins it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import httpx
import pytest

from floorday import config
from floorday.issues import actions as issues
from floorday.issues import queries
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Stream
from floorday.issues.tables import Note
from floorday.people import actions as people
from floorday.people.access import DeviceKind
from tests.cast import Cast, make_cast
from tests.doors.house import BASE
from tests.site import form_keys, whole_app

TEXT = "Refunds over 150 wait for a weekly batch"


@pytest.fixture
def now() -> datetime:
    return config.now().replace(microsecond=0)


@pytest.fixture
async def cast(database: object, now: datetime) -> Cast:
    return await make_cast(now)


async def a_desk(cast: Cast, now: datetime) -> httpx.AsyncClient:
    opened = await people.open_device(cast.ben, cast.billing, DeviceKind.DESK, "Desk 4", now=now)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=whole_app()), base_url=BASE)
    client.cookies.set("floorday-desk", opened.key)
    return client


async def raised(cast: Cast, team: UUID, now: datetime, text: str = TEXT) -> UUID:
    by = cast.fay if team == cast.billing else cast.cleo
    noted = await issues.note(by, NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=team), now=now)
    assert noted.issue is not None
    return noted.issue


async def send(desk: httpx.AsyncClient, to: str, **fields: str) -> httpx.Response:
    keys = form_keys((await desk.get("/desk/notes/new")).text)
    return await desk.post(to, data=keys | fields, headers={"origin": BASE})


async def test_the_teams_own_open_faces_are_suggested_and_nothing_else(cast: Cast, now: datetime) -> None:
    own, far = await raised(cast, cast.billing, now), await raised(cast, cast.claims, now)
    secret = await raised(cast, cast.billing, now)
    await issues.restrict(cast.eva, secret, restricted=True, now=now)
    desk = await a_desk(cast, now)
    for part in ("1", ""):
        shown = (await send(desk, "/desk/similar", text="Refunds over 150 wait again", part=part)).text
        assert f"/desk/issues/{own}/notes" in shown
        assert str(far) not in shown
        assert str(secret) not in shown
    assert "Refunds over 150 wait again" in shown, "without a script the line is still there"
    assert "Is it one of these?" not in (await send(desk, "/desk/similar", text="The lift", part="1")).text
    assert (await httpx.AsyncClient(transport=httpx.ASGITransport(app=whole_app()), base_url=BASE).post(
        "/desk/similar", data={"text": TEXT})).status_code in {403, 404}  # fmt: skip


async def test_one_tap_adds_the_line_to_it_for_whoever_picks_their_name(cast: Cast, now: datetime) -> None:
    own = await raised(cast, cast.billing, now)
    secret = await raised(cast, cast.billing, now, "Something else entirely")
    await issues.restrict(cast.eva, secret, restricted=True, now=now)
    desk = await a_desk(cast, now)
    said = {"person": str(cast.ben.person), "text": "With us as well", "stream": "staff told"}
    kept = await send(desk, f"/desk/issues/{own}/notes", **said)
    assert kept.status_code == 303, kept.text
    assert (await queries.issue(None, own)).met_by == 2
    assert (await send(desk, f"/desk/issues/{secret}/notes", **said)).status_code == 404
    assert await Note.count() == 3
    nobody = await send(desk, f"/desk/issues/{own}/notes", **(said | {"person": str(cast.cleo.person)}))
    assert nobody.status_code == 422
    assert "Pick your name" in nobody.text
