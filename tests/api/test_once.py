"""A request with an `Idempotency-Key`, sent several times at one moment: one effect, whichever door and database."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from floorday import config
from floorday.people.actions import Requests
from tests.api.house import program
from tests.cast import Cast, a_booking, a_shift
from tests.site import whole_app

KEY = {"idempotency-key": "8d2a"}
TIMES = 8


async def test_sent_at_one_moment_it_acts_once(cast: Cast) -> None:
    app = whole_app()
    eva = await program(cast.eva, app=app)
    answers = await asyncio.gather(*(eva.post("/teams", KEY, name="Fraud") for _ in range(TIMES)))
    made = [one for one in answers if one.status_code == 201]
    assert made
    assert len({one.content for one in made}) == 1, "whoever is answered is answered the same"
    for one in answers:
        if one.status_code != 201:
            assert (one.status_code, one.json()["detail"]) == (
                409, "This request is still being worked on. Send it again in a moment.")
    assert [one["name"] for one in await eva.every("/teams")].count("Fraud") == 1
    later = await eva.post("/teams", KEY, name="Fraud")
    assert (later.status_code, later.content, later.headers["idempotency-replayed"]) == (201, made[0].content, "true")


async def test_while_it_is_worked_on_it_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is held between its act and the keeping of its answer; the second must not act."""
    settle, reached, go = Requests.settle, asyncio.Event(), asyncio.Event()

    async def held(self: Requests, key: str, answered: Any) -> None:
        reached.set()
        await go.wait()
        await settle(self, key, answered)

    monkeypatch.setattr(Requests, "settle", held)
    eva = await program(cast.eva)
    first = asyncio.create_task(eva.post("/teams", KEY, name="Fraud"))
    await reached.wait()
    second = await eva.post("/teams", KEY, name="Fraud")
    other = await eva.post("/teams", KEY, name="Legal")
    go.set()
    answered = await first
    assert (second.status_code, other.status_code, answered.status_code) == (409, 422, 201)
    assert second.json()["detail"] == "This request is still being worked on. Send it again in a moment."
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    third = await eva.post("/teams", KEY, name="Fraud")
    assert (third.status_code, third.content) == (201, answered.content)
    assert {one["name"] for one in await eva.every("/teams")} == {"Billing", "Claims", "Fraud"}


async def test_without_a_key_each_of_them_acts(cast: Cast) -> None:
    """The control: it is the key that makes one of many."""
    eva = await program(cast.eva)
    said = {"text": "It is slow", "stream": "staff told", "team": str(cast.billing)}
    answers = await asyncio.gather(*(eva.post("/notes", **said) for _ in range(3)))
    assert Counter(one.status_code for one in answers) == {201: 3}
    assert len(await eva.every("/notes")) == 3
    keyed = await asyncio.gather(*(eva.post("/notes", KEY, **said) for _ in range(3)))
    assert {one.status_code for one in keyed} <= {201, 409}
    assert len(await eva.every("/notes")) == 4


async def test_a_day_is_moved_once_and_its_letter_written_once(cast: Cast) -> None:
    now = config.now()
    day = await a_booking(cast, now=now, accepted=True)
    to = await a_shift(cast, now=now, days=30)
    ben, eva = await program(cast.ben), await program(cast.eva)
    before = len(await eva.every("/letters"))
    answers = await asyncio.gather(*(ben.post(f"/bookings/{day.id}/move", KEY, shift=str(to.id)) for _ in range(4)))
    assert {one.status_code for one in answers} <= {200, 409}
    moved = (await ben.get(f"/bookings/{day.id}")).json()
    assert (moved["sequence"], moved["shift"]) == (day.sequence + 1, str(to.id))
    assert [line["what"] for line in moved["history"]].count("moved") == 1
    written = [(letter["name"], letter["person"]) for letter in await eva.every("/letters")][before:]
    assert len(written) == len(set(written)), "no letter of it is written twice to the same reader"


@pytest.mark.parametrize("changed", ["body", "path", "method"])
async def test_the_same_key_for_anything_else_is_refused(cast: Cast, changed: str) -> None:
    eva = await program(cast.eva)
    assert (await eva.client.put("/teams?external_id=T-1", json={"name": "Fraud"}, headers=KEY)).status_code == 201
    send = {
        "body": lambda: eva.client.put("/teams?external_id=T-1", json={"name": "Legal"}, headers=KEY),
        "path": lambda: eva.client.put("/teams?external_id=T-2", json={"name": "Fraud"}, headers=KEY),
        "method": lambda: eva.client.post("/teams?external_id=T-1", json={"name": "Fraud"}, headers=KEY),
    }[changed]
    answer = await send()
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert {one["name"] for one in await eva.every("/teams")} == {"Billing", "Claims", "Fraud"}
    same = await eva.client.put("/teams?external_id=T-1", json={"name": "Fraud"}, headers=KEY)
    assert (same.status_code, same.headers["idempotency-replayed"]) == (201, "true")


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_a_key_has_a_length(cast: Cast, key: str) -> None:
    eva = await program(cast.eva)
    answer = await eva.post("/teams", {"idempotency-key": key}, name="Fraud")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
