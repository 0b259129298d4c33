"""What a browser would never send: refused with a sentence, and nobody else's page breaks by it."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest

from floorday import config
from floorday.people import queries as people
from tests.cast import Cast, a_booking, a_shift, make_cast
from tests.doors.house import Caller, caller
from tests.site import whole_app

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now())


async def send(visitor: Caller, path: str, **fields: object) -> httpx.Response:
    return await visitor.post(path, urlencode(fields).encode(), FORM)


@pytest.mark.parametrize("said", [
    {"day": "9999-12-31", "begins": "23:00", "ends": "01:00"}, {"day": "0001-01-01"}, {"begins": "09:00+05:00"},
    {"seats": "0"}, {"seats": "-1"}, {"seats": "9" * 30}, {"plan": "x" * 4001}, {"host": uuid4()},
    {"day": "2027-03-28", "begins": "01:30"},
])  # fmt: skip
async def test_a_shift_outside_of_reason_is_refused(cast: Cast, said: dict[str, object]) -> None:
    ben = await caller(whole_app(), cast.ben)
    good = {"team": cast.billing, "day": "2027-06-01", "begins": "09:00", "ends": "15:00", "seats": 1}
    assert (await send(ben, "/shifts", **good | said)).status_code in {409, 422}
    assert (await send(ben, "/shifts", **good)).status_code == 303


@pytest.mark.parametrize("language", ["é", "en\x00", "../../../etc", "x" * 1000, "en_GB.UTF-8"])
async def test_a_language_is_a_tag_and_nothing_else(cast: Cast, language: str) -> None:
    ann = await caller(whole_app(), cast.ann)
    said = {"name": cast.ann.name, "email": cast.ann.email, "zone": cast.ann.zone}
    assert (await send(ann, "/settings", **said, language=language)).status_code == 422
    assert (await send(ann, "/settings", **said, language="en")).status_code == 303


async def test_a_language_without_habits_stops_nobody(cast: Cast) -> None:
    ann = await caller(whole_app(), cast.ann)
    said = {"name": cast.ann.name, "email": cast.ann.email, "zone": cast.ann.zone, "language": "qqq"}
    assert (await send(ann, "/settings", **said)).status_code == 303
    await a_booking(cast, now=config.now(), accepted=True)
    assert (await ann.get("/today")).status_code == 200


@pytest.mark.parametrize("host", ["nobody", "somebody else"])
async def test_a_teams_host_is_of_the_team(cast: Cast, host: str) -> None:
    eva = await caller(whole_app(), cast.eva)
    other = uuid4() if host == "nobody" else cast.ann.person
    path = f"/settings/teams/{cast.billing}"
    assert (await send(eva, path, name="Billing", default_host=other)).status_code == 422
    assert (await send(eva, "/settings/teams/new", name="Refunds", default_host=other)).status_code == 422
    assert (await send(eva, path, name="Billing", default_host=cast.ben.person)).status_code == 303


async def test_another_teams_shift_is_not_there(cast: Cast) -> None:
    """The id in a hidden field says no more than one that nobody has."""
    now = config.now()
    theirs, mine = await a_shift(cast, now=now, team=cast.claims), await a_shift(cast, now=now, days=30)
    booking = await a_booking(cast, now=now, days=25)
    fay, ann, hana = [await caller(whole_app(), one) for one in (cast.fay, cast.ann, cast.hana)]
    for shift, status in ((theirs.id, 404), (uuid4(), 404), (mine.id, 303)):
        said = await send(fay, "/invitations", shift=shift, manager=cast.max.person, why="Please")
        assert said.status_code == status
    assert (await send(ann, f"/bookings/{booking.id}/move", shift=theirs.id)).status_code == 404
    assert (await send(hana, "/invitations", shift=theirs.id, manager=cast.max.person, why="Please")).status_code == 403


async def test_nobody_becomes_a_managers_assistant_by_themselves(cast: Cast) -> None:
    eva = await caller(whole_app(), cast.eva)
    assert (await send(eva, f"/settings/people/{cast.eva.person}/assists", manager=cast.ann.person)).status_code == 403
    assert (await send(eva, f"/settings/people/{cast.max.person}/assists", manager=cast.ann.person)).status_code == 303
    assert {pair.assistant for pair in await people.pairs()} == {cast.dan.person, cast.max.person}


@pytest.mark.parametrize("name", ["\u200b", "\u00ad\u2060", "\u2066\u2069"])
async def test_a_name_can_be_seen(cast: Cast, name: str) -> None:
    ann = await caller(whole_app(), cast.ann)
    assert (await send(ann, "/settings", name=name, email=cast.ann.email)).status_code == 422
    assert (await send(ann, "/settings", name="Zo\u00e9 \u05d3\u05df", email=cast.ann.email)).status_code == 303
