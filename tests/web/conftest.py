"""The web's own little app, with settings of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from litestar.testing import TestClient

from floorday import config
from tests.site import form_keys
from tests.web.shop import Memory, make_app

KEY = "a key of forty signs that is only a test"


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FLOORDAY_SECRET_KEY", KEY)
    monkeypatch.setenv("FLOORDAY_BASE_URL", "http://testserver.local")
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def client(memory: Memory) -> Iterator[TestClient]:
    with TestClient(make_app(memory), base_url="http://testserver.local", raise_server_exceptions=False) as made:
        made.follow_redirects = False
        yield made


class Browser:
    """A visitor who fills in forms: tokens are taken from the page, as a browser does."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def hidden(self, path: str = "/door") -> dict[str, str]:
        return form_keys(self.client.get(path).text)

    def sign_in(self) -> None:
        answer = self.client.post("/sign-in", data=self.hidden())
        assert answer.status_code == 303, answer.text

    def post(self, path: str, **fields: object):
        return self.client.post(path, data=self.hidden("/parts/form") | fields)


@pytest.fixture
def browser(client: TestClient) -> Browser:
    return Browser(client)


@pytest.fixture
def ann(browser: Browser) -> Browser:
    browser.sign_in()
    return browser
