"""Another program finds its own rows here: external ids, further addresses, and who assists whom."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from floorday import config
from floorday.db.text import Title
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Stream
from floorday.people import queries as people
from tests.api.house import Program, program
from tests.cast import Cast, a_booking
from tests.history.files import gave_out
from tests.site import whole_app


async def things(cast: Cast) -> dict[str, tuple[str, str]]:
    """Give two of each kind that another program may call by an id of its own."""
    now = config.now()
    eva = await program(cast.eva)
    days = [await a_booking(cast, now=now, days=days) for days in (20, 30)]
    raised = [await issues.note(cast.fay, NoteForm(
        text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing, title=Title(text)), now=now)
        for text in ("One", "Two")]  # fmt: skip
    legal = (await eva.post("/departments", name="Legal")).json()["id"]
    stories = [(await eva.post("/stories", text="Well done", team=str(cast.billing), hero_name="Zoe")).json()["id"]
               for _ in range(2)]  # fmt: skip
    return {
        "people": (str(cast.ann.person), str(cast.max.person)), "teams": (str(cast.billing), str(cast.claims)),
        "departments": (str(cast.it), legal), "bookings": (str(days[0].id), str(days[1].id)),
        "issues": (str(raised[0].issue), str(raised[1].issue)), "stories": (stories[0], stories[1]),
    }  # fmt: skip


async def test_an_external_id_is_set_found_refused_twice_and_taken_away(cast: Cast) -> None:
    eva = await program(cast.eva)
    for noun, (one, other) in (await things(cast)).items():
        named = await eva.post(f"/{noun}/{one}/external-id", external_id="  X-1 ")
        assert (named.status_code, named.json()["external_id"]) == (200, "X-1"), noun
        assert [found["id"] for found in await eva.every(f"/{noun}?external_id=X-1")] == [one], noun
        assert await eva.every(f"/{noun}?external_id=X-2") == [], noun
        twice = await eva.post(f"/{noun}/{other}/external-id", external_id="X-1")
        assert twice.status_code == 409, noun
        assert twice.json()["detail"].startswith("Another one of this kind has this external id."), noun
        assert (await eva.post(f"/{noun}/{one}/external-id", external_id="X-1")).status_code == 200, noun
        gone = await eva.post(f"/{noun}/{one}/external-id", external_id=None)
        assert gone.json()["external_id"] is None, noun
        assert (await eva.post(f"/{noun}/{other}/external-id", external_id="X-1")).status_code == 200, noun


@pytest.mark.parametrize("wrong", ["", " ", "x" * 201, "a\nb", 7])
async def test_an_external_id_that_is_none_is_refused(cast: Cast, wrong: Any) -> None:
    eva = await program(cast.eva)
    answer = await eva.post(f"/teams/{cast.billing}/external-id", external_id=wrong)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "external_id")
    assert (await eva.post(f"/teams/{cast.billing}/external-id")).status_code == 422


async def test_it_stands_in_the_history_of_what_has_one(cast: Cast) -> None:
    eva, found = await program(cast.eva), await things(cast)
    day, issue = found["bookings"][0], found["issues"][0]
    for path in (f"/bookings/{day}", f"/issues/{issue}"):
        await eva.post(f"{path}/external-id", external_id="JIRA-7")
        await eva.post(f"{path}/external-id", external_id="JIRA-7")
        lines = [line for line in (await eva.get(path)).json()["history"] if line["what"] == "matched"]
        assert [(line["text"], line["by_name"], line["door"]) for line in lines] == [("JIRA-7", "Eva Ek", "api")]
    said = [line for line in await gave_out(now=config.now()) if b"JIRA-7" in line]
    assert len(said) == 2, "a history that is given out keeps them, and has no such event"


PUTS = {
    "people": {"name": "Ola Nord", "email": "ola@floorday.example"}, "teams": {"name": "Refunds"},
    "departments": {"name": "Tax", "acknowledge_days": 1, "word_days": 5, "fix_days": 20},
}  # fmt: skip


async def kept(asks: Program, noun: str, called: str, said: dict[str, Any]) -> httpx.Response:
    return await asks.client.put(f"/{noun}", params={"external_id": called}, json=said)


@pytest.mark.parametrize("noun", PUTS)
async def test_what_another_program_brings_again_is_said_anew(cast: Cast, noun: str) -> None:
    eva = await program(cast.eva)
    made = await kept(eva, noun, "HR/7 ü", PUTS[noun])
    assert (made.status_code, made.json()["external_id"]) == (201, "HR/7 ü")
    assert made.headers["location"] == f"/api/v1/{noun}/{made.json()['id']}"
    same = await kept(eva, noun, "HR/7 ü", PUTS[noun])
    assert (same.status_code, same.json()) == (200, made.json())
    renamed = await kept(eva, noun, "HR/7 ü", PUTS[noun] | {"name": "Anew"})
    assert (renamed.status_code, renamed.json()) == (200, made.json() | {"name": "Anew"})
    assert (await kept(eva, noun, "", PUTS[noun])).status_code == 422
    assert (await eva.client.put(f"/{noun}", json=PUTS[noun])).status_code == 422
    taken = await kept(eva, noun, "HR-8", PUTS[noun] | {"name": "Anew"})
    assert taken.status_code == 422, "its name or address is another one's"
    assert await eva.every(f"/{noun}?external_id=HR-8") == []


@pytest.mark.parametrize("noun", PUTS)
async def test_brought_many_times_at_one_moment_it_is_made_once(cast: Cast, noun: str) -> None:
    app = whole_app()
    programs = [await program(cast.eva, app=app) for _ in range(6)]
    answers = await asyncio.gather(*(kept(one, noun, "HR-7", PUTS[noun]) for one in programs))
    assert Counter(one.status_code for one in answers) == {201: 1, 200: 5}
    assert len({one.json()["id"] for one in answers}) == 1


async def test_a_charter_is_read_and_set(cast: Cast) -> None:
    eva, gus = await program(cast.eva), await program(cast.gus)
    charter = {"acknowledge_days": 3, "word_days": 7, "fix_days": 0}
    changed = await eva.post(f"/departments/{cast.it}", name="IT", **charter)
    assert changed.status_code == 200
    read = (await gus.get(f"/departments/{cast.it}")).json()
    assert {name: read[name] for name in charter} == charter
    wrong = await eva.post(f"/departments/{cast.it}", name="IT", acknowledge_days=-1, word_days=366, fix_days="x")
    assert {one["field"] for one in wrong.json()["errors"]} == set(charter)
    assert (await gus.post(f"/departments/{cast.it}", name="IT")).status_code == 403


async def test_further_addresses_are_ones_own_or_kept_by_the_coordinator(cast: Cast) -> None:
    ann, eva, ben = await program(cast.ann), await program(cast.eva), await program(cast.ben)
    path = f"/people/{cast.ann.person}/aliases"
    assert [one["email"] for one in await ann.every(path)] == ["a.archer@floorday.example"]
    added = await ann.post(path, email="Ann@Home.example")
    assert [one["email"] for one in added.json()["items"]] == ["a.archer@floorday.example", "ann@home.example"]
    who = await people.by_address("ann@home.example")
    assert who is not None
    assert who.id == cast.ann.person
    for taken in ("ann@home.example", cast.ben.email):
        again = await eva.post(f"/people/{cast.max.person}/aliases", email=taken)
        assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "email")
    assert (await ben.post(path, email="x@home.example")).status_code == 404
    alias = added.json()["items"][1]["id"]
    assert (await ben.post(f"{path}/{alias}/removal")).status_code == 404
    assert (await eva.post(f"/people/{cast.max.person}/aliases/{alias}/removal")).status_code == 404
    assert (await eva.post(f"{path}/{alias}/removal")).status_code == 200
    assert await people.by_address("ann@home.example") is None
    assert (await eva.post(f"{path}/{alias}/removal")).status_code == 404


async def test_an_assistant_is_named_listed_and_let_go(cast: Cast) -> None:
    app = whole_app()
    eva, ann = await program(cast.eva, app=app), await program(cast.ann, app=app)
    pair = {"assistant": str(cast.fay.person), "manager": str(cast.ann.person)}
    made = await eva.post("/assistants", **pair)
    assert made.status_code == 201
    assert (made.json()["assistant_name"], made.json()["manager_name"]) == ("Fay Finch", "Ann Archer")
    assert [one["assistant_name"] for one in await ann.every("/assistants")] == ["Dan Dahl", "Fay Finch"]
    assert len(await eva.every(f"/assistants?assistant={cast.fay.person}&manager={cast.ann.person}")) == 1
    assert len(await eva.every("/assistants?limit=1")) == 2
    assert await (await program(cast.max, app=app)).every("/assistants") == []
    assert (await eva.post("/assistants", **pair)).status_code == 422
    fay = await program(cast.fay, app=app)
    assert "assistant" in {role["role"] for role in (await eva.get(f"/people/{cast.fay.person}")).json()["roles"]}
    place = made.headers["location"]
    assert (await fay.get(place)).status_code == 200
    assert (await ann.client.post(place.removeprefix("/api/v1") + "/end", json={})).status_code == 403
    assert (await eva.client.post(place.removeprefix("/api/v1") + "/end", json={})).status_code == 200
    assert (await fay.get("/people")).status_code == 401, "whose acting for a manager ends is signed out"
    assert (await eva.get(place)).status_code == 404


async def test_lists_cost_the_same_however_long_they_are(cast: Cast, queries: Any) -> None:
    eva = await program(cast.eva)
    await eva.get("/assistants")
    counts: dict[str, list[int]] = {}
    for days in (25, 35):
        for path in ("/assistants", f"/people/{cast.ann.person}/aliases", "/people", "/bookings"):
            with queries() as seen:
                assert (await eva.get(path)).status_code == 200
            counts.setdefault(path, []).append(len(seen))
        for who in (cast.gus, cast.ben):
            await eva.post("/assistants", assistant=str(who.person), manager=str(cast.max.person))
            await eva.post(f"/people/{cast.ann.person}/aliases", email=f"also-{who.person}@floorday.example")
        await a_booking(cast, now=config.now(), days=days, manager=cast.max)
    assert all(few == many <= 8 for few, many in counts.values()), counts
