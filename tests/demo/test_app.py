"""The whole application on the demo's company: everybody gets in, and every place of theirs opens."""

from __future__ import annotations

import re

import httpx
import pytest

from floorday import config
from floorday.app import create_app
from floorday.people.access import Role
from tests.demo.conftest import Browser

FACES = len(Role)


def visiting() -> httpx.AsyncClient:
    """Open a browser of this machine on the application as the settings now make it."""
    transport = httpx.ASGITransport(app=create_app(), client=("127.0.0.1", 40000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


@pytest.mark.parametrize("face", range(FACES))
async def test_every_face_gets_in_and_every_place_of_theirs_opens(lived: None, face: int) -> None:
    async with visiting() as client:
        client.follow_redirects = True
        browser = Browser(client)
        await browser.open("/demo")
        person = re.findall(r'name="person" value="([0-9a-f-]{36})"', browser.page)[face]
        home = await browser.post("/demo", person=person)
        assert home.status_code == 200
        (nav,) = re.findall(r'<header class="side">(.*?)</nav>', home.text, re.DOTALL)
        places = re.findall(r'href="(/[^"]+)"', nav)
        assert "/mailbox" in places
        refused = {place: answer.status_code for place in places if (answer := await client.get(place)).is_error}
        assert refused == {}


async def test_the_door_shows_the_way_to_the_faces_in_the_demo_alone(lived: None, demo: pytest.MonkeyPatch) -> None:
    async with visiting() as client:
        assert 'href="/demo"' in (await client.get("/sign-in")).text
    demo.setenv("FLOORDAY_DEMO", "false")
    config.settings.cache_clear()
    async with visiting() as client:
        assert 'href="/demo"' not in (await client.get("/sign-in")).text
        for path in ("/demo", "/mailbox"):
            assert (await client.get(path)).status_code == 404
