"""Every "no" is a sentence on a page, or a problem document for programs; bad bytes never break anything."""

from __future__ import annotations

import logging

import pytest
from litestar.testing import TestClient

from floorday.web import own_path, redirect
from tests.web.conftest import Browser
from tests.web.shop import Memory

JSON = {"accept": "application/json"}


def test_an_unknown_page_is_friendly(client: TestClient):
    answer = client.get("/nowhere/at/all")
    assert answer.status_code == 404
    assert "This page does not exist, or it is not for you to see." in answer.text
    assert 'href="/"' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")


def test_a_program_gets_a_problem_document(client: TestClient):
    answer = client.get("/api/v1/nothing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:floorday:problem:http-404",
        "title": "Nothing here",
        "status": 404,
        "detail": "This page does not exist, or it is not for you to see.",
        "instance": "/api/v1/nothing",
    }


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/broken/forbidden", 403, "That is for a coordinator."),
        ("/broken/slow", 429, "Too many codes."),
        ("/broken/teapot", 418, "Short and stout"),
    ],
)
def test_a_reason_is_said_on_the_page_and_in_the_document(client: TestClient, path: str, status: int, sentence: str):
    page, document = client.get(path), client.get(path, headers=JSON)
    assert (page.status_code, document.status_code) == (status, status)
    assert sentence in page.text
    assert document.json()["detail"] == sentence


def test_too_many_says_how_long_to_wait(client: TestClient):
    assert client.get("/broken/slow").headers["retry-after"] == "90"


def test_a_surprise_gives_a_reference_and_no_detail(client: TestClient, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR, logger="floorday.web"):
        page = client.get("/broken/surprise")
    assert page.status_code == 500
    assert "canary-4711" not in page.text
    reference = caplog.records[-1].getMessage().rpartition(" ")[2]
    assert reference in page.text
    assert "canary-4711" in str(caplog.records[-1].exc_info)


def test_who_is_not_signed_in_is_sent_to_the_door_and_back(client: TestClient):
    answer = client.get("/mine?a=b&c=%C3%A5")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fmine%3Fa%3Db%26c%3D%25C3%25A5")
    assert client.get("/mine", headers=JSON).status_code == 401


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb", "", "x"])
def test_a_way_on_that_leaves_the_site_is_none(path: str):
    assert not own_path(path)
    with pytest.raises(ValueError, match="not a path of ours"):
        redirect(path)


def test_input_that_is_wrong_lists_its_fields_for_programs(ann: Browser, client: TestClient):
    answer = client.post("/api/v1/echo", content=b"{", headers={"authorization": "Bearer x"})
    assert answer.status_code == 400


FORM = {"content-type": "application/x-www-form-urlencoded"}
TYPE_JSON = {"content-type": "application/json", "authorization": "Bearer x"}


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/notes", b"title=%ff%fe&people=1", FORM, 400),
        ("/notes", b"title=\xff&people=1", FORM, 400),
        ("/notes", b"title=%ed%a0%80&people=1", FORM, 400),
        ("/notes", b"&".join(b"a=%d" % n for n in range(3000)), FORM, 400),
        ("/notes", b"a" * 10_000_001, FORM, 413),
        ("/notes", b"--x\r\nbroken", {"content-type": "multipart/form-data; boundary=x"}, 400),
        ("/notes", b"x", {"content-type": "multipart/form-data"}, 400),
        ("/api/v1/echo", b'{"a": "\xff"}', TYPE_JSON, 400),
        ("/api/v1/echo", b"[" * 200_000, TYPE_JSON, 400),
        ("/api/v1/echo", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, TYPE_JSON, 400),
        ("/api/v1/echo", b'{"a": ', TYPE_JSON, 400),
        ("/api/v1/echo", b'{"a": "\\ud800"}', TYPE_JSON, 400),
    ],
    ids=["percent", "raw", "surrogate", "fields", "large", "multipart", "boundary", "json utf-8", "deep array",
         "deep object", "half", "json surrogate"],
)  # fmt: skip
def test_bad_bytes_get_a_sentence(
    ann: Browser, client: TestClient, path: str, body: bytes, headers: dict[str, str], status: int
):
    token = {"x-csrf-token": ann.hidden("/parts/form")["csrf"]}
    answer = client.post(path, content=body, headers=headers | token)
    assert answer.status_code == status, answer.text
    assert "Something broke" not in answer.text


def test_the_letters_of_the_world_arrive_as_they_were_sent(ann: Browser, memory: Memory):
    ann.post("/notes", title="Å 漢字 🙂 a+b&c=d%", people="1")
    assert memory.notes[0].title == "Å 漢字 🙂 a+b&c=d%"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/letter/%ff", 200), ("/door?q=%ff%00", 200), ("/%00", 404), ("/letter/..%2f..%2fetc", 404), ("/%f0%9f", 404)],
)
def test_a_strange_address_is_no_surprise(client: TestClient, path: str, status: int):
    assert client.get(path).status_code == status


@pytest.mark.parametrize("host", ["[", "a b", "", "x:99999999", "é"])
def test_a_strange_host_is_no_surprise(ann: Browser, client: TestClient, host: str):
    sent = ann.hidden("/parts/form") | {"title": "x", "people": "1"}
    headers = [(b"host", host.encode()), (b"origin", b"http://[x")]
    answers = [client.get("/nowhere", headers=headers[:1]), client.get("/door", headers=headers[:1])]
    answers.append(client.post("/notes", data=sent, headers=headers))
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    assert answers[-1].status_code in {400, 403}
