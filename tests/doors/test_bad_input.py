"""Nonsense at every door: a sentence and a 4xx, and nothing in the database has changed."""

from __future__ import annotations

from typing import Any

import pytest

from floorday import config
from tests.cast import Cast, a_booking, make_cast
from tests.doors.house import Caller, caller, contents, filled, routes
from tests.site import whole_app

FORM = "application/x-www-form-urlencoded"
HARMLESS = {"/sign-out"}
"""Posts that ask for nothing, so that there is nothing to refuse."""

NONSENSE = {
    "bytes that are no UTF-8": (b"name=\xff\xfe&text=\xc3\x28&email=%ff%fe&code=%ff", FORM),
    "a NUL": (b"name=a%00b&text=a%00b&email=a%00b%40x.example&code=%00&why=%00&done=%00&because=%00", FORM),
    "deep JSON": (b"[" * 100_000, "application/json"),
    "broken JSON": (b'{"name": ', "application/json"),
    "half a multipart": (b"--b\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=b"),
    "another kind of file": (b"%PDF-1.7", "application/pdf"),
    "nothing": (b"", FORM),
}


@pytest.fixture
async def cast(database: object) -> Cast:
    cast = await make_cast(config.now())
    await a_booking(cast, now=config.now())
    return cast


@pytest.fixture
async def eva(cast: Cast) -> Caller:
    return await caller(whole_app(), cast.eva)


def is_a_sentence(answer: Any) -> bool:
    return "Traceback" not in answer.text and len(answer.text) > 20


@pytest.mark.parametrize("kind", list(NONSENSE))
async def test_nonsense_is_refused_with_a_sentence(cast: Cast, eva: Caller, kind: str) -> None:
    content, content_type = NONSENSE[kind]
    before = await contents()
    wrong: list[str] = []
    for route in routes(whole_app(), "POST"):
        if route in HARMLESS:
            continue
        answer = await eva.post(filled(route, {}), content, content_type)
        if not 400 <= answer.status_code < 500 or not is_a_sentence(answer):
            wrong.append(f"{route}: {answer.status_code}")
    assert wrong == []
    assert await contents() == before


async def test_eleven_megabytes_are_refused(cast: Cast, eva: Caller) -> None:
    before = await contents()
    wrong: list[str] = []
    for route in routes(whole_app(), "POST")[::4]:
        answer = await eva.post(filled(route, {}), b"name=" + b"x" * 11_000_000, FORM)
        if answer.status_code != 413:
            wrong.append(f"{route}: {answer.status_code}")
    assert wrong == []
    assert await contents() == before


async def test_ids_that_nobody_has_are_not_there(cast: Cast, eva: Caller) -> None:
    wrong: list[str] = []
    for route in routes(whole_app(), "GET"):
        if "{" in route:
            answer = await eva.get(filled(route, {}))
            if answer.status_code != 404:
                wrong.append(f"{route}: {answer.status_code}")
    assert [line for line in wrong if not line.startswith("/sign-in/link")] == []


WORDS = ["not-a-uuid", "%00", "%ff%fe", "..%2f..%2fetc", "9" * 3000, "01A200B8-939C-7922-998B-CD99B0F6A096x"]


@pytest.mark.parametrize("word", WORDS)
async def test_words_that_are_no_id_are_not_there(cast: Cast, eva: Caller, word: str) -> None:
    wrong: list[str] = []
    for route in routes(whole_app(), "GET"):
        if "{" in route and not route.startswith("/sign-in/link"):
            answer = await eva.get(filled(route, dict.fromkeys(names(route), word)))
            if answer.status_code not in {400, 404, 414}:
                wrong.append(f"{route}: {answer.status_code}")
    assert wrong == []


def names(route: str) -> list[str]:
    return [part.strip("{}") for part in route.split("/") if part.startswith("{")]


QUESTIONS = ["?page=-1", "?page=x", "?view=%00", "?q=%ff", "?month=2026-13", "?page=99999999999999999999",
             "?as=pdf", "?as=%ff", "?as=csv&as=xlsx", "?as=xlsx&month=2026-13"]  # fmt: skip


@pytest.mark.parametrize("query", QUESTIONS)
async def test_odd_questions_are_answered_or_refused(cast: Cast, eva: Caller, query: str) -> None:
    wrong: list[str] = []
    for route in routes(whole_app(), "GET"):
        if "{" not in route:
            answer = await eva.get(route + query)
            if answer.status_code >= 500:
                wrong.append(f"{route}: {answer.status_code}")
    assert wrong == []


BY_MAIL_PROGRAMS = {"/unsubscribe/{token}", "/wishes/{token}"}
"""Mail programs post there with one click (RFC 8058), so their token is all they have: a wrong one is not there."""


async def test_without_a_token_nothing_is_done(cast: Cast, eva: Caller) -> None:
    before = await contents()
    eva.csrf = "wrong"
    wrong: list[str] = []
    for route in routes(whole_app(), "POST"):
        answer = await eva.post(filled(route, {}), b"name=x", FORM)
        if answer.status_code != (404 if route in BY_MAIL_PROGRAMS else 403):
            wrong.append(f"{route}: {answer.status_code}")
    assert wrong == []
    assert await contents() == before
