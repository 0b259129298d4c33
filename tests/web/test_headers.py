"""Headers of every answer, files with their mark, and 304."""

from __future__ import annotations

import re

import pytest
from litestar.testing import TestClient

from floorday.web.static import folder, static
from tests.web.conftest import Browser


@pytest.mark.parametrize("path", ["/door", "/tagged", "/nowhere", "/broken/surprise", "/static/floorday.css"])
def test_every_answer_carries_its_guards(client: TestClient, path: str):
    headers = client.get(path).headers
    assert headers["content-security-policy"] == (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert "strict-transport-security" not in headers


def test_pages_are_kept_by_nobody(ann: Browser, client: TestClient):
    assert client.get("/parts/form").headers["cache-control"] == "no-store"
    assert client.get("/mine").headers["cache-control"] == "no-store"


def test_a_page_of_a_letter_tells_nobody_where_it_was(client: TestClient):
    headers = client.get("/letter/secret-token").headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-robots-tag"] == "noindex, nofollow"


def test_a_letters_body_is_framed_by_us_alone_and_runs_nothing(client: TestClient):
    headers = client.get("/letter-body").headers
    assert "sandbox" in headers["content-security-policy"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize("held", ['"ever"', 'W/"ever"', '"other", "ever"', "*"])
def test_who_has_it_already_gets_304(client: TestClient, held: str):
    answer = client.get("/tagged", headers={"if-none-match": held})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == '"ever"'


def test_who_has_another_one_gets_it_anew(client: TestClient):
    answer = client.get("/tagged", headers={"if-none-match": '"old"'})
    assert (answer.status_code, answer.text) == (200, "the same as ever")


def test_a_file_with_its_mark_is_kept_and_without_it_is_asked_for(client: TestClient):
    marked = static("floorday.css")
    assert re.fullmatch(r"/static/floorday\.css\?v=[0-9a-f]{12}", marked)
    answer = client.get(marked)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.text == (folder() / "floorday.css").read_text()
    plain = client.get("/static/js/say.js")
    assert plain.headers["cache-control"] == "no-cache"
    assert plain.headers["content-type"].startswith("text/javascript")
    again = client.get("/static/js/say.js", headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/static/nothing.css", "/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml"])
def test_a_file_that_is_not_ours_to_give_is_not_there(client: TestClient, path: str):
    assert client.get(path).status_code == 404


def test_no_page_holds_anything_that_the_policy_forbids(ann: Browser, client: TestClient):
    for path in (
        "/parts/board",
        "/parts/day",
        "/parts/form",
        "/parts/form/wrong",
        "/parts/pieces",
        "/door",
        "/nowhere",
    ):
        html = client.get(path).text
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*src=)", html), path


def test_the_current_place_is_told_apart_without_colour(ann: Browser, client: TestClient):
    html = client.get("/parts/board").text
    assert re.findall(r'href="([^"]+)" aria-current="page"', html).count("/parts/board") == 3  # side, tabs, view
    assert 'href="/parts/day" aria-current' not in html


def test_a_visitor_sees_no_places(client: TestClient):
    html = client.get("/door").text
    assert 'class="side"' not in html
    assert "Sign out" not in html
