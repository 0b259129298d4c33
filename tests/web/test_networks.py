"""By what a network is counted: one address of IPv4, a /64 of IPv6, and never by what a visitor says of it."""

from __future__ import annotations

import httpx
import pytest

from floorday import config
from floorday.db import uuid7
from floorday.people.actions.sign_in import CODE_LIFE, CODES_PER_NETWORK
from floorday.people.tables import SignInCode
from floorday.web.networks import network_at
from tests.cast import make_cast
from tests.site import BASE, form_keys, whole_app

NETWORKS = {
    "192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:db8:1:2::9": "2001:db8:1:2::/64", "2001:db8:1:3::9": "2001:db8:1:3::/64", "fe80::1%eth0": "fe80::/64",
    "a forged word": "", "": "", "192.0.2.7, 192.0.2.8": "",
}  # fmt: skip


@pytest.mark.parametrize(("host", "network"), NETWORKS.items())
def test_the_network_of_an_address(host: str, network: str) -> None:
    assert network_at(host) == network


async def asks(app: object, host: str, **headers: str) -> int:
    there = httpx.ASGITransport(app=app, client=(host, 5000))  # pyright: ignore[reportArgumentType]
    async with httpx.AsyncClient(transport=there, base_url=BASE) as client:
        csrf = form_keys((await client.get("/sign-in")).text)["csrf"]
        fields = {"csrf": csrf, "email": "nobody@floorday.example"}
        return (await client.post("/sign-in", data=fields, headers={"origin": BASE} | headers)).status_code


async def test_a_network_that_asked_often_waits_whatever_it_says_it_is(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("floorday.people.pages.sign_in.ANSWERS_AFTER", 0.0)
    await make_cast(config.now())
    now = config.now()
    await SignInCode.insert(*[
        SignInCode(id=uuid7(), email=f"{n}@x.example", code_hash="", link_hash=f"{n}", network="2001:db8:1:2::/64",
                   asked_at=now, expires_at=now + CODE_LIFE)
        for n in range(CODES_PER_NETWORK)])  # fmt: skip
    app = whole_app()
    forged = {"x-forwarded-for": "198.51.100.1", "forwarded": "for=198.51.100.1", "x-real-ip": "198.51.100.1"}
    assert await asks(app, "2001:db8:1:2:aaaa::1") == 429
    assert await asks(app, "2001:db8:1:2:bbbb::1", **forged) == 429
    assert await asks(app, "2001:db8:1:3::1") == 200
