"""Who is asking: ids are given by us alone, and unsafe requests come from our own forms."""

from __future__ import annotations

import pytest
from litestar.testing import TestClient

from floorday import config
from floorday.web import secrets
from tests.web.conftest import Browser
from tests.web.shop import Memory, make_app

PLANTED = "chosen-by-somebody-else"


def test_an_id_that_nobody_was_given_is_refused_and_taken_back(client: TestClient, memory: Memory):
    client.cookies.set("floorday", PLANTED)
    answer = client.get("/mine")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fmine")
    assert 'floorday=""; HttpOnly; Max-Age=0' in answer.headers["set-cookie"]
    assert memory.sessions == {}


def test_signing_in_replaces_a_planted_id(client: TestClient, browser: Browser, memory: Memory):
    client.cookies.set("floorday", PLANTED)
    browser.sign_in()
    given = client.cookies.get("floorday", domain="testserver.local")
    assert given != PLANTED
    assert list(memory.sessions) == [__import__("hashlib").sha256(given.encode()).hexdigest()]
    assert client.get("/mine").text == "mine: Ann Nyberg"


def test_every_sign_in_gets_a_new_id(ann: Browser, client: TestClient):
    first = client.cookies["floorday"]
    answer = client.post("/sign-in", data=ann.hidden("/parts/form"))
    assert answer.status_code == 303
    assert client.cookies["floorday"] != first


def test_signing_out_ends_the_session_and_takes_the_cookie(ann: Browser, client: TestClient, memory: Memory):
    kept = client.cookies["floorday"]
    assert ann.post("/sign-out").status_code == 303
    assert memory.sessions == {}
    assert "floorday" not in client.cookies
    client.cookies.set("floorday", kept)
    assert client.get("/mine").status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Browser, client: TestClient):
    answer = client.post("/sign-in", data=browser.hidden())
    said = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("floorday="))
    assert "HttpOnly" in said
    assert "SameSite=lax" in said
    assert "Path=/" in said


def test_behind_https_cookies_are_bound_to_the_host(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FLOORDAY_BASE_URL", "https://floorday.example.org")
    config.settings.cache_clear()
    with TestClient(make_app(Memory()), base_url="https://floorday.example.org") as client:
        answer = client.get("/door")
    assert answer.headers["set-cookie"].startswith("__Host-floorday-form=")
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_looking_makes_no_session_and_no_cookie_without_a_form(client: TestClient, memory: Memory):
    assert "set-cookie" not in client.get("/tagged").headers
    assert memory.sessions == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://testserver.local.evil.example"},
        {"origin": "http://testserver.local:81"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver.local"},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_is_refused_even_with_the_right_token(
    ann: Browser, client: TestClient, memory: Memory, headers: dict[str, str]
):
    sent = ann.hidden("/parts/form") | {"title": "x", "people": "1"}
    answer = client.post("/notes", data=sent, headers=headers)
    assert answer.status_code == 403
    assert "came from another site" in answer.text
    assert memory.notes == []


@pytest.mark.parametrize(
    "headers", [{"origin": "http://testserver.local", "sec-fetch-site": "same-origin"}, {}], ids=str
)
def test_a_form_of_ours_is_taken(ann: Browser, client: TestClient, memory: Memory, headers: dict[str, str]):
    sent = ann.hidden("/parts/form") | {"title": "x", "people": "1"}
    assert client.post("/notes", data=sent, headers=headers).status_code == 303
    assert len(memory.notes) == 1


@pytest.mark.parametrize("token", ["", "wrong", "é", "x" * 5000])
def test_a_missing_or_wrong_token_is_refused(ann: Browser, client: TestClient, memory: Memory, token: str):
    answer = client.post("/notes", data={"title": "x", "people": "1", "csrf": token})
    assert answer.status_code == 403
    assert memory.notes == []


def test_a_visitors_token_is_worth_nothing_after_signing_in(browser: Browser, client: TestClient, memory: Memory):
    before = browser.hidden()
    browser.sign_in()
    answer = client.post("/notes", data=before | {"title": "x", "people": "1"})
    assert answer.status_code == 403
    assert memory.notes == []


def test_a_token_of_another_session_is_refused(ann: Browser, client: TestClient, memory: Memory):
    others = ann.hidden("/parts/form")
    ann.post("/sign-out")
    ann.sign_in()
    assert client.post("/notes", data=others | {"title": "x", "people": "1"}).status_code == 403


def test_before_sign_in_a_form_needs_its_token_too(client: TestClient, memory: Memory):
    assert client.post("/sign-in", data={}).status_code == 403
    assert memory.sessions == {}


def test_a_bearer_token_brings_no_cookie_with_it(ann: Browser, client: TestClient):
    answer = client.get("/mine", headers={"authorization": "Bearer fd_1", "accept": "application/json"})
    assert answer.status_code == 401
    taken = client.post("/api/v1/echo", json={"a": 1}, headers={"authorization": "Bearer fd_1"})
    assert taken.json() == {"a": 1}


def test_json_with_a_session_needs_the_token_in_a_header(ann: Browser, client: TestClient):
    assert client.post("/notes/undo", json={"a": 1}).status_code == 403
    token = ann.hidden("/parts/form")["csrf"]
    sent = client.post("/notes/undo", json={"a": 1}, headers={"x-csrf-token": token}, follow_redirects=False)
    assert sent.status_code == 303


def test_a_machine_may_post_where_the_page_says_so(client: TestClient):
    answer = client.post("/unsubscribe", data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.text) == (201, "done")


def test_what_a_cookie_says_must_be_signed_for_that_purpose():
    sealed = secrets.seal("flash", b"words")
    assert secrets.unseal("flash", sealed) == b"words"
    assert secrets.unseal("other", sealed) is None
    assert secrets.unseal("flash", "A" + sealed) is None
    assert secrets.unseal("flash", "") is None
    assert secrets.unseal("flash", "é.é") is None


def test_a_forged_message_is_not_shown(ann: Browser, client: TestClient):
    client.cookies.set("floorday-say", "eyJzYXkiOiJwYXkgbWUifQ.forged")
    page = client.get("/parts/form").text
    assert "pay me" not in page
