"""Tokens: shown once, hashed, scoped, expiring; over with the role, the person or a press of a button."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from floorday import config
from floorday.db import run_sql
from floorday.db.text import Title
from floorday.errors import BadInput
from floorday.people import actions as people
from floorday.people import queries
from floorday.people.access import Role
from floorday.people.actions import TokenForm
from floorday.people.tables import ApiToken, Person
from tests.api.house import BASE, Program, program
from tests.cast import Cast
from tests.doors.house import caller
from tests.site import whole_app


async def test_a_token_opens_the_api_and_only_its_hash_is_kept(cast: Cast) -> None:
    ann = await program(cast.ann)
    assert (await ann.get("/people")).status_code == 200
    kept = str(await run_sql("SELECT * FROM api_token"))
    assert ann.token not in kept
    assert ann.token.removeprefix("fd_") not in kept


@pytest.mark.parametrize("token", ["", "fd_nobody", "x" * 5000, "fd_\u00e9"])
async def test_without_a_token_that_is_known_there_is_nothing(cast: Cast, token: str) -> None:
    app = whole_app()
    asks = Program(app)
    asks.client.headers = httpx.Headers([(b"authorization", b"Bearer " + token.encode())])
    for answer in (await asks.get("/people"), await asks.post("/teams", name="X")):
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert "www-authenticate" in answer.headers


async def test_a_cookie_alone_does_nothing_at_the_api(cast: Cast) -> None:
    eva = await caller(whole_app(), cast.eva)
    assert (await eva.get("/settings")).status_code == 200
    assert (await eva.get("/api/v1/people")).status_code == 401
    sent = await eva.post("/api/v1/teams", b'{"name": "Fraud"}', "application/json")
    assert sent.status_code == 401
    assert "Fraud" not in {team.name for team in await queries.teams()}


async def test_a_cookie_beside_a_token_does_not_count(cast: Cast) -> None:
    app = whole_app()
    gus = await program(cast.gus, app=app)
    opened = await people.open_session(cast.eva.person, now=config.now())
    gus.client.cookies.set("floorday", opened.token)
    assert [one["name"] for one in await gus.every("/people")] == [cast.gus.name]


async def test_a_token_opens_no_page(cast: Cast) -> None:
    eva = await program(cast.eva)
    answer = await eva.client.get(f"{BASE}/settings/people")
    assert answer.status_code in {302, 303}
    assert "/sign-in" in answer.headers["location"]


@pytest.mark.parametrize(
    ("scopes", "reads_teams", "writes_teams", "reads_inbox"),
    [
        (["read"], 200, 403, 200),
        (["write"], 403, 201, 403),
        (["read:people"], 200, 403, 403),
        (["write:people"], 403, 201, 403),
        (["read:inbox"], 403, 403, 200),
        (["read:people", "write:people"], 200, 201, 403),
    ],
)
async def test_a_token_goes_no_further_than_its_scopes(
    cast: Cast, scopes: list[str], reads_teams: int, writes_teams: int, reads_inbox: int
) -> None:
    eva = await program(cast.eva, *scopes)
    seen = [
        (await eva.get("/teams")).status_code,
        (await eva.post("/teams", name="Fraud")).status_code,
        (await eva.get("/inbox")).status_code,
    ]
    assert seen == [reads_teams, writes_teams, reads_inbox]


async def test_a_token_never_does_more_than_its_person(cast: Cast) -> None:
    gus = await program(cast.gus)
    assert (await gus.post("/teams", name="Fraud")).status_code == 403
    assert (await gus.get("/inbox")).status_code == 403


async def test_a_token_ends_on_its_day(cast: Cast) -> None:
    ann = await program(cast.ann)
    await ApiToken.update({ApiToken.expires_at: config.now() - timedelta(seconds=1)}, force=True)
    assert (await ann.get("/people")).status_code == 401


async def test_a_role_taken_away_ends_the_tokens_of_that_person_alone(cast: Cast) -> None:
    app = whole_app()
    fay, ben = await program(cast.fay, app=app), await program(cast.ben, app=app)
    held = next(one for one in await queries.grants(cast.fay.person) if one.role is Role.MEMBER)
    await people.take_role(cast.ada, held.id, now=config.now())
    assert (await fay.get("/people")).status_code == 401
    assert (await ben.get("/people")).status_code == 200


async def test_whoever_left_has_no_token(cast: Cast) -> None:
    ann = await program(cast.ann)
    await Person.update({Person.left_at: config.now()}).where(Person.id == cast.ann.person)
    assert (await ann.get("/people")).status_code == 401


async def test_when_a_token_was_used_is_kept_to_the_hour_and_written_once_an_hour(cast: Cast) -> None:
    ann = await program(cast.ann)
    await ann.get("/people")
    row = await ApiToken.select(ApiToken.last_used_at).first()
    assert row is not None
    assert (row["last_used_at"].minute, row["last_used_at"].second) == (0, 0)
    assert timedelta(0) <= config.now() - row["last_used_at"] < timedelta(hours=1, minutes=1)


@pytest.mark.parametrize("scopes", [[], ["all"], ["read", "delete"], ["write:summaries"]])
async def test_a_scope_that_is_none_is_refused(cast: Cast, scopes: list[str]) -> None:
    with pytest.raises(BadInput) as wrong:
        await people.create_token(cast.ann, TokenForm(Title("x"), scopes), now=config.now())
    assert list(wrong.value.fields) == ["scopes"]


async def test_the_page_shows_a_new_token_once_and_revokes_it(cast: Cast) -> None:
    app = whole_app()
    ann = await caller(app, cast.ann)
    made = await ann.post("/settings/tokens", b"name=Calendar&verbs=read&areas=people&days=30",
                          "application/x-www-form-urlencoded")
    found = re.search(r"fd_[\w-]{40,}", made.text)
    assert made.status_code == 200
    assert found
    assert made.headers["cache-control"] == "no-store"
    asks = Program(app, found[0])
    assert (await asks.get("/people")).status_code == 200
    assert (await asks.get("/shifts")).status_code == 403
    listed = (await ann.get("/settings/tokens")).text
    assert "Calendar" in listed
    assert found[0] not in listed
    token = (await queries.tokens(cast.ann.person, now=config.now()))[0]
    gone = await ann.post(f"/settings/tokens/{token.id}/revocation", b"", "application/x-www-form-urlencoded")
    assert gone.status_code == 303
    assert (await asks.get("/people")).status_code == 401


async def test_the_page_says_what_is_missing(cast: Cast) -> None:
    ann = await caller(whole_app(), cast.ann)
    sent = await ann.post("/settings/tokens", b"name=&days=30", "application/x-www-form-urlencoded")
    assert sent.status_code == 422
    assert await queries.tokens(cast.ann.person, now=config.now()) == []


async def test_nobody_revokes_the_token_of_another(cast: Cast) -> None:
    app = whole_app()
    ann = await program(cast.ann, app=app)
    token = (await queries.tokens(cast.ann.person, now=config.now()))[0]
    eva = await caller(app, cast.eva)
    sent = await eva.post(f"/settings/tokens/{token.id}/revocation", b"", "application/x-www-form-urlencoded")
    assert sent.status_code == 404
    assert (await ann.get("/people")).status_code == 200
