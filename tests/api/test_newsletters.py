"""The stories of a month and a team's public page, by programs: what pages do, and no further."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from floorday import config
from floorday.db.text import Prose
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Resolution, Stream
from floorday.mail import outbox
from floorday.stories import actions as stories
from floorday.stories.actions import StoryForm
from floorday.stories.rules import Consent
from tests.api.house import Program, program
from tests.cast import Cast
from tests.site import whole_app


async def told(cast: Cast, text: str, consent: Consent = Consent.COMPANY) -> str:
    now = config.now()
    form = StoryForm(text=Prose(text), team=cast.billing, hero=cast.fay.person)
    story = await stories.tell(cast.eva, form, now=now)
    await stories.consent(cast.fay, story.id, consent, now=now)
    return str(story.id)


def path(rest: str = "") -> str:
    return f"/stories/newsletters/{config.now():%Y-%m}{rest}"


async def test_a_program_puts_a_month_together_sends_it_and_takes_it_back(cast: Cast) -> None:
    app = whole_app()
    eva, max_ = await program(cast.eva, app=app), await program(cast.max, app=app)
    one, two = await told(cast, "Fay stayed late"), await told(cast, "Fay rang back")
    await told(cast, "Fay keeps this", Consent.TEAM)
    choices = (await eva.get(path("/choices"))).json()
    assert {item["story"] for item in choices["items"]} == {one, two}
    assert choices["readers"] == 10
    kept = await eva.post(path(), opening="Call 020 7946 0958", stories=[{"story": two}, {"story": one}])
    assert [story["text"] for story in kept.json()["stories"]] == ["Fay rang back", "Fay stayed late"]
    assert (kept.json()["opening"], kept.json()["sent_at"]) == ("Call [phone number]", None)
    assert (await max_.get(path())).status_code == 404
    assert await max_.every("/stories/newsletters") == []
    unread = await eva.post(path("/sending"))
    assert unread.status_code == 422
    sent = await eva.post(path("/sending"), read=True)
    assert (sent.status_code, sent.json()["readers"]) == (200, 10)
    assert (await max_.get(path())).json()["opening"] == "Call [phone number]"
    assert [item["month"] for item in await max_.every("/stories/newsletters")] == [f"{config.now():%Y-%m}"]
    assert (await eva.post(path("/sending"), read=True)).status_code == 409
    back = await eva.post(path("/undo"))
    assert (back.status_code, back.json()["sent_at"]) == (200, None)
    assert (await max_.get(path())).status_code == 404
    assert "newsletter" not in {letter.name for letter in await outbox.claim(now=config.now(), limit=30)}


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"stories": [{"story": "not told"}]}, 422), ({"stories": [{"story": str(UUID(int=7))}]}, 409),
        ({"opening": 1}, 422), ({"stroies": []}, 422),
    ],
)  # fmt: skip
async def test_what_cannot_be_kept_is_refused(cast: Cast, said: dict[str, Any], status: int) -> None:
    assert (await (await program(cast.eva)).post(path(), **said)).status_code == status


async def test_many_months_are_listed_in_pages(cast: Cast) -> None:
    eva = await program(cast.eva)
    now = config.now()
    months = [f"{now.year - 1}-{month:02d}" for month in range(1, 8)]
    for month in months:
        assert (await eva.post(f"/stories/newsletters/{month}", opening=month)).status_code == 200
    assert [one["month"] for one in await eva.every("/stories/newsletters?limit=3")] == months[::-1]
    assert (await eva.get("/stories/newsletters?cursor=x")).status_code == 422
    assert (await eva.get("/stories/newsletters/2026-13")).status_code == 404


async def fixed(cast: Cast, text: str) -> str:
    now = config.now()
    form = NoteForm(text=Said(text), stream=Stream.STAFF_TOLD, team=cast.billing)
    issue = (await issues.note(cast.fay, form, now=now)).issue
    assert issue is not None
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=now)
    await issues.resolve(cast.gus, issue, Resolution.HERE, "Done", now=now)
    return str(issue)


async def test_a_program_puts_a_team_s_page_on_renews_and_puts_it_off(cast: Cast) -> None:
    app = whole_app()
    ben, own = await program(cast.ben, app=app), f"/teams/{cast.billing}/status"
    one, named = await fixed(cast, "The till is slow"), await fixed(cast, "Max Moor waits for the till")
    found = (await ben.get(own)).json()
    assert (found["on"], found["address"], found["counts"]) == (False, None, None)
    assert {line["issue"]: (line["names"], line["listed"]) for line in found["offered"]} == {
        one: (False, False), named: (True, False)}  # fmt: skip
    assert (await ben.post(own, issues=[one])).status_code == 422
    assert (await ben.post(own, issues=[named], looked=True)).status_code == 422
    on = await ben.post(own, issues=[one], looked=True)
    assert (on.json()["on"], [line["issue"] for line in on.json()["offered"] if line["listed"]]) == (True, [one])
    assert "address" not in on.json()
    first = await address(ben, own)
    assert "The till is slow" in (await ben.client.get(first)).text
    assert (await ben.post(f"{own}/renewal")).status_code == 200
    second = await address(ben, own)
    assert [(await ben.client.get(one)).status_code for one in (first, second)] == [404, 200]
    assert (await ben.post(f"{own}/off")).json()["on"] is False
    assert (await ben.client.get(second)).status_code == 404
    assert (await ben.post(f"{own}/off")).status_code == 409


async def address(asks: Program, own: str) -> str:
    """Give the page's address."""
    return (await asks.get(own)).json()["address"]


async def test_an_address_stands_in_no_answer_that_is_kept(cast: Cast) -> None:
    ben, own = await program(cast.ben), f"/teams/{cast.billing}/status"
    key = {"Idempotency-Key": "page-1"}
    first, again = [await ben.post(own, key, looked=True) for _time in range(2)]
    assert again.headers["idempotency-replayed"] == "true"
    token = (await address(ben, own)).rpartition("/")[2]
    assert token not in first.text + again.text
