"""Stories: who tells, reads, changes and thanks; what a story must be; customers stay out of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from floorday import config
from floorday.people.tables import Person
from tests.api.house import program
from tests.cast import Cast, a_booking, a_shift
from tests.site import whole_app

READS = {"eva": 1, "hana": 1, "ben": 1, "fay": 1, "ann": 0, "cleo": 0, "gus": 0, "max": 0, "ada": 0, "dan": 0}


async def told(cast: Cast, **said: Any) -> dict[str, Any]:
    ben = await program(cast.ben)
    answer = await ben.post("/stories", **{
        "text": "Fay stayed late.", "team": str(cast.billing), "hero": str(cast.fay.person)} | said)  # fmt: skip
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_story_is_told_and_read_by_those_it_is_for(cast: Cast) -> None:
    app = whole_app()
    story = await told(cast, customer_words="She was kind.")
    assert (story["hero_name"], story["by_name"], story["team_name"]) == ("Fay Finch", "Ben Baker", "Billing")
    assert (story["thanked_at"], story["external_id"], story["day"]) == (None, None, None)
    for name, sees in READS.items():
        asks = await program(cast.everybody()[name], app=app)
        assert await asks.every("/stories") == [story] * sees, name
        assert (await asks.get(f"/stories/{story['id']}")).status_code == (200 if sees else 404), name


async def test_the_manager_of_the_day_tells_reads_and_thanks_and_the_assistant_does_not(cast: Cast) -> None:
    day = await a_booking(cast, now=config.now(), accepted=True)
    ann, dan, maxi = await program(cast.ann), await program(cast.dan), await program(cast.max)
    said = {"text": "Fay stayed late.", "team": str(cast.billing), "hero_name": "Fay", "day": str(day.id)}
    assert (await maxi.post("/stories", **said)).status_code == 404
    assert (await dan.post("/stories", **said)).status_code == 403
    assert (await ann.post("/stories", **{**said, "day": None})).status_code == 403
    story = (await ann.post("/stories", **said)).json()
    assert (await dan.get(f"/stories/{story['id']}")).status_code == 404
    thanked = await ann.post(f"/stories/{story['id']}/thanks")
    assert thanked.status_code == 200
    assert thanked.json()["thanked_at"] is not None
    again = await ann.post(f"/stories/{story['id']}/thanks")
    assert (again.status_code, again.json()["detail"]) == (409, "They have been thanked already.")


async def test_what_customers_gave_away_is_masked(cast: Cast) -> None:
    story = await told(cast, text="She called +44 20 7946 0000.", customer_words="Write to me@x.example")
    assert story["text"] == "She called [phone number]."
    assert story["customer_words"] == "Write to [mail address]"
    eva = await program(cast.eva)
    changed = await eva.post(f"/stories/{story['id']}", text="Mail me@x.example", hero_name="Zoe")
    assert changed.json()["text"] == "Mail [mail address]"
    assert (changed.json()["hero"], changed.json()["hero_name"]) == (None, "Zoe")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": " "}, "text"), ({"hero": None}, "hero"), ({"hero_name": "Zoe"}, "hero"), ({"hero": "gus"}, "hero"),
        ({"at": "ahead"}, "at"), ({"day": "claims"}, "day"), ({"team": "none"}, "team"),
    ],
)  # fmt: skip
async def test_a_story_that_is_none_is_told_why(cast: Cast, wrong: dict[str, Any], field: str) -> None:
    now = config.now()
    claims = await a_booking(cast, now=now, shift=await a_shift(cast, now=now, team=cast.claims))
    values = {"gus": str(cast.gus.person), "ahead": f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
              "claims": str(claims.id), "none": str(cast.it)}  # fmt: skip
    said = {"text": "Fay stayed.", "team": str(cast.billing), "hero": str(cast.fay.person)}
    said |= {name: values.get(value, value) if value else value for name, value in wrong.items()}
    eva = await program(cast.eva)
    answer = await eva.post("/stories", **said)
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert await eva.every("/stories") == []


async def test_a_hero_who_has_left_the_team_stays_the_hero(cast: Cast) -> None:
    story = await told(cast)
    await Person.update({Person.left_at: config.now()}).where(Person.id == cast.fay.person)
    eva = await program(cast.eva)
    changed = await eva.post(f"/stories/{story['id']}", text="Better said.", hero=str(cast.fay.person))
    assert (changed.status_code, changed.json()["hero_name"]) == (200, "Fay Finch")


async def test_lists_are_narrowed_and_paged_at_one_price(cast: Cast, queries: Any) -> None:
    one = await told(cast)
    eva = await program(cast.eva)
    await eva.get("/stories")
    with queries() as seen:
        await eva.get("/stories")
    first = len(seen)
    await told(cast, hero=None, hero_name="Zoe", at="2026-01-05T09:00:00Z")
    await told(cast)
    assert (await eva.post(f"/stories/{one['id']}/external-id", external_id="S-1")).status_code == 200
    await eva.post(f"/stories/{one['id']}/thanks")
    for asked, count in {
        f"team={cast.billing}": 3, f"team={cast.claims}": 0, f"hero={cast.fay.person}": 2, "thanked=true": 1,
        "thanked=false": 2, "external_id=S-1": 1, "since=2026-06-01T00:00:00Z": 2, "until=2026-06-01T00:00:00Z": 1,
    }.items():  # fmt: skip
        assert len(await eva.every(f"/stories?{asked}")) == count, asked
    assert await eva.every("/stories?limit=1") == await eva.every("/stories")
    with queries() as seen:
        await eva.get("/stories")
    assert len(seen) == first <= 8


async def test_a_story_told_is_counted_in_its_month(cast: Cast) -> None:
    story = await told(cast)
    eva = await program(cast.eva)
    await eva.post(f"/stories/{story['id']}/thanks")
    figures = (await eva.get(f"/summaries/company/{story['at'][:7]}")).json()["figures"]
    assert figures["stories"]["value"] == 1
    assert figures["thanked_in_72h"]["value"] == 1
