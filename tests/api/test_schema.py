"""The API does what its OpenAPI document says, whoever asks and whatever is sent: no 5xx, nothing undescribed."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, seed, settings
from jsonschema_rs import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as said

from floorday import config, db
from floorday.app import create_app
from floorday.db.text import Prose, Title
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Resolution, Stream, Verdict
from floorday.mail import inbound
from floorday.mail.tables import Letter
from floorday.people import actions as people
from floorday.people.actions import TokenForm
from floorday.people.tables import Assists
from floorday.stories import actions as stories
from floorday.stories.actions import StoryForm
from floorday.web.api.openapi import document
from tests.cast import a_booking, make_cast

ROLES = ("ann", "ben", "dan", "eva", "gus", "hana", "ada")
CASES = 2
CHECKS = [
    not_a_server_error, said.status_code_conformance, said.content_type_conformance,
    said.response_headers_conformance, said.response_schema_conformance, said.negative_data_rejection,
]  # fmt: skip


@schemathesis.serializer("message/rfc822")
def as_mail(_ctx: Any, value: Any) -> bytes:
    """Send a mail as it stands."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document(create_app(), url="http://127.0.0.1:8000")


class House:
    """A server with a company behind it: where it listens, a token for each role, ids that are there."""

    def __init__(self) -> None:
        self.url = ""
        self.tokens: dict[str, str] = {}
        self.known: dict[str, str] = {}


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with furnished_house(sqlite_url, create_app()) as found:
        yield found


@contextmanager
def furnished_house(sqlite_url: str, app: Any) -> Iterator[House]:
    """Let an application listen, with a company behind it."""
    found = House()
    db.bind(db.make_engine(sqlite_url))
    asyncio.run(furnished(found))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    found.url = f"http://127.0.0.1:{port}"
    try:
        yield found
    finally:
        server.should_exit = True
        thread.join(10)


async def furnished(house: House) -> None:
    """Furnish a company: a day accepted, an issue raised, a mail that waits, a token for everybody."""
    await db.open_pools()
    try:
        now = config.now()
        cast_ = await make_cast(now)
        day = await a_booking(cast_, now=now, accepted=True)
        noted = await issues.note(cast_.ben, NoteForm(
            text=Said("The till freezes"), stream=Stream.STAFF_TOLD, team=cast_.billing), now=now)
        await issues.assign(cast_.eva, noted.issue or UUID(int=0), department=cast_.it, owner=cast_.gus.person, now=now)
        issue = noted.issue or UUID(int=0)
        await issues.promise(cast_.gus, issue, (now + timedelta(days=9)).date(), now=now)
        await issues.update(cast_.gus, issue, "Parts are ordered.", now=now)
        await issues.resolve(cast_.gus, issue, Resolution.HERE, "Done.", now=now)
        await issues.verdict(cast_.ben, issue, Verdict.PARTLY, "Not on Sundays.", now=now)
        await people.match_team(cast_.eva, cast_.billing, "T-1")
        story = await stories.tell(cast_.ben, StoryForm(
            text=Prose("Fay stayed late."), team=cast_.billing, hero=cast_.fay.person, day=day.id), now=now)
        pair = await Assists.select(Assists.id).first() or {}
        mail = await inbound.keep(b"Subject: x\r\n\r\nHi", door="api", envelope_from="", envelope_to="", now=now)
        letter = await Letter.select(Letter.id).first() or {}
        for name, actor in cast_.everybody().items():
            form = TokenForm(Title("all"), ["read", "write"], 30)
            house.tokens[name] = (await people.create_token(actor, form, now=now)).secret
        house.known = {
            "booking_id": str(day.id), "shift_id": str(day.shift), "invitation_id": str(day.invitation),
            "person_id": str(cast_.ann.person), "team_id": str(cast_.billing), "department_id": str(cast_.it),
            "issue_id": str(noted.issue), "note_id": str(noted.note), "mail_id": str(mail),
            "letter_id": str(letter["id"]), "team": str(cast_.billing), "department": str(cast_.it),
            "manager": str(cast_.max.person), "owner": str(cast_.gus.person), "sponsor": str(cast_.max.person),
            "story_id": str(story.id), "pair_id": str(pair["id"]), "assistant": str(cast_.dan.person),
            "host": str(cast_.fay.person), "shift": str(day.shift), "default_host": str(cast_.fay.person),
        }  # fmt: skip
    finally:
        await db.close_pools()


@pytest.mark.parametrize("role", ROLES)
def test_what_is_sent_by_a_role_is_answered_as_described(house: House, described: dict[str, Any], role: str) -> None:
    schema = schemathesis.openapi.from_dict(described)
    headers = {"Authorization": f"Bearer {house.tokens[role]}"}
    statuses: set[int] = set()
    for found in schema.get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            look(found.ok(), mode, house, headers, statuses)
    assert 200 in statuses
    assert 404 in statuses


DOOR = ("GET", "/api/v1/teams")


def spoilt(app: Any, answer: str) -> Any:
    """Wrap an application so that one door of it lies."""

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        async def lying(message: Any) -> None:
            if message["type"] == "http.response.start" and answer == "a crash":
                message["status"] = 500
            if message["type"] == "http.response.start" and answer == "a status of its own":
                message["status"] = 418
            if message["type"] == "http.response.start":
                message["headers"] = [one for one in message["headers"] if one[0].lower() != b"content-length"]
                if answer == "another kind of content":
                    message["headers"] = [*(one for one in message["headers"] if one[0].lower() != b"content-type"),
                                          (b"content-type", b"text/plain")]  # fmt: skip
            if message["type"] == "http.response.body" and answer == "another shape":
                message["body"] = message["body"].replace(b'"next"', b'"after"')
            await send(message)

        mine = scope["type"] == "http" and (scope["method"], scope["path"]) == DOOR
        await app(scope, receive, lying if mine else send)

    return asgi


@pytest.mark.parametrize(
    "wrong", ["", "a crash", "a status of its own", "another kind of content", "another shape"]
)
def test_a_door_that_lies_is_seen(sqlite_url: str, described: dict[str, Any], wrong: str) -> None:
    """The control: the same look at one door, as it is and as it must not be."""
    with furnished_house(sqlite_url, spoilt(create_app(), wrong)) as house:
        operation = schemathesis.openapi.from_dict(described)[DOOR[1]][DOOR[0]]
        headers = {"Authorization": f"Bearer {house.tokens['eva']}"}
        statuses: set[int] = set()
        if not wrong:
            look(operation, GenerationMode.POSITIVE, house, headers, statuses)
            assert 200 in statuses
            return
        with pytest.raises((FailureGroup, Failure)):
            look(operation, GenerationMode.POSITIVE, house, headers, statuses)


def look(operation: Any, mode: GenerationMode, house: House, headers: dict[str, str], statuses: set[int]) -> None:
    """Send a few requests to a door and hold each answer against the document."""

    @seed(7)
    @settings(max_examples=CASES, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            with_known(case, house.known)
        statuses.add(case.call_and_validate(base_url=house.url, headers=headers, checks=CHECKS).status_code)

    one()


def with_known(case: Any, known: dict[str, str]) -> None:
    """Put ids that are there where any id would do."""
    for held in (case.path_parameters, case.body):
        if isinstance(held, dict):
            fields = cast("dict[str, Any]", held)
            fields.update({name: known[name] for name in fields.keys() & known.keys() if fields[name]})


def test_every_example_is_what_its_schema_allows(described: dict[str, Any]) -> None:
    wrong: list[str] = []
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            contents = [operation.get("requestBody", {}), *operation["responses"].values()]
            for content in [one for held in contents for one in held.get("content", {}).values()]:
                schema = {**content["schema"], "components": described["components"]}
                errors = list(Draft202012Validator(schema).iter_errors(content["example"]))
                wrong += [f"{method} {path}: {error.message}" for error in errors]
            for asked in operation["parameters"]:
                if asked["in"] != "header":
                    errors = list(Draft202012Validator(asked["schema"]).iter_errors(asked["example"]))
                    wrong += [f"{method} {path} {asked['name']}: {error.message}" for error in errors]
    assert wrong == []


def test_every_operation_has_examples_of_what_it_takes_gives_and_refuses(described: dict[str, Any]) -> None:
    names: list[str] = []
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            names.append(operation["operationId"])
            assert operation["summary"], (method, path)
            if method in {"post", "put"}:
                assert "requestBody" in operation, (method, path)
            done = [code for code in operation["responses"] if code.startswith("2")]
            assert done, (method, path)
            for code, answer in operation["responses"].items():
                if code != "304":
                    assert all(one["example"] for one in answer["content"].values()), (method, path, code)
    assert len(names) == len(set(names))


def test_every_route_under_the_api_is_described(described: dict[str, Any]) -> None:
    from litestar.routes import HTTPRoute

    routes = {route.path_format for route in create_app().routes if isinstance(route, HTTPRoute)
              if route.path_format.startswith("/api/")}  # fmt: skip
    assert routes - set(described["paths"]) == {"/api/v1/openapi.json", "/api/v1/docs"}
    assert described["openapi"].startswith("3.1")


def test_the_page_of_the_api_tells_every_door_without_a_script(described: dict[str, Any]) -> None:
    transport = httpx.ASGITransport(app=create_app())

    async def page() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.get("/api/v1/docs")

    answer = asyncio.run(page())
    assert answer.status_code == 200
    told = answer.text.replace("https://www.w3.org", "").replace("https://tracker.example/", "")  # an example's text
    assert "https://" not in told
    main = answer.text[answer.text.index("<main") :]
    assert "<script" not in main
    for path in described["paths"]:
        assert f"<code>{path}</code>" in main
