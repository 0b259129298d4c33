"""The demo's own little app: its pages, on a database in which the company has lived."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from floorday import config, db
from floorday.demo import company, pages
from floorday.people import actions as people
from floorday.people import queries as people_queries
from floorday.web import Frame, app_parts
from tests.conftest import TEMPLATE, administer, apart, beside, turn
from tests.site import form_keys

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
"""A Wednesday, in the middle of a shift."""


DEMO = {"FLOORDAY_DEMO": "true", "FLOORDAY_COMPANY": "Ferncastle"}


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for key, value in DEMO.items():
        monkeypatch.setenv(key, value)
    config.settings.cache_clear()
    yield monkeypatch
    config.settings.cache_clear()


async def built(url: str, now: datetime, *, sent: bool) -> None:
    async with bound(url):
        assert await company.build(now, sent=sent)


def build_apart(url: str, now: datetime, *, sent: bool) -> None:
    with patch.dict(os.environ, DEMO):
        config.settings.cache_clear()
        apart(built(url, now, sent=sent))
    config.settings.cache_clear()


def lived_until(now: datetime, name: str, shared: Path, template: Path, *, sent: bool) -> Path:
    """A file in which the company has lived until a moment, built once for all workers."""
    made, fresh = shared / f"{name}.sqlite", shared / f"{name}-fresh.sqlite"
    with turn(shared / f"{name}.lock"):
        if not made.exists():
            shutil.copyfile(template, fresh)
            build_apart(f"sqlite:///{fresh}", now, sent=sent)
            fresh.rename(made)
    return made


@pytest.fixture(scope="session")
def lived_file(sqlite_template: Path, shared_folder: Path) -> Path:
    """A file in which the company has lived until now, for tests that go on from there with the real clock."""
    return lived_until(config.now(), "demo-lived", shared_folder, sqlite_template, sent=False)


@pytest.fixture(scope="session")
def seen_file(sqlite_template: Path, shared_folder: Path) -> Path:
    """A file in which it has lived until NOW and sent every month, for tests that only look."""
    return lived_until(NOW, "demo-seen", shared_folder, sqlite_template, sent=True)


@pytest.fixture(scope="session")
def seen_cluster(postgres_cluster: str, shared_folder: Path) -> str:
    """The same on PostgreSQL, with the months of the present weeks alone."""
    with turn(shared_folder / "demo-seen-postgres.lock"):
        if not (shared_folder / "demo-seen-postgres.ready").exists():
            apart(administer(postgres_cluster, f"CREATE DATABASE demo_seen TEMPLATE {TEMPLATE}"))
            build_apart(beside(postgres_cluster, "demo_seen"), NOW, sent=False)
            (shared_folder / "demo-seen-postgres.ready").touch()
    return beside(postgres_cluster, "demo_seen")


@pytest.fixture
async def lived(lived_file: Path, tmp_path: Path, demo: object) -> AsyncIterator[None]:
    """A company of this test's own."""
    copy = tmp_path / "floorday.sqlite"
    shutil.copyfile(lived_file, copy)
    async with bound(f"sqlite:///{copy}"):
        yield


@pytest.fixture(params=["sqlite", "postgres"])
async def looked_at(request: pytest.FixtureRequest, demo: object) -> AsyncIterator[None]:
    """A company to look at, on either database."""
    if request.param == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('seen_file')}"
    else:
        url = request.getfixturevalue("seen_cluster")
    async with bound(url):
        yield


@asynccontextmanager
async def bound(url: str) -> AsyncIterator[None]:
    db.bind(db.make_engine(url))
    await db.open_pools()
    try:
        yield
    finally:
        await db.close_pools()


def make_app() -> Litestar:
    async def load(hashed: str, now: datetime) -> Any:
        return await people.load_session(hashed, now=now)

    parts = app_parts(load=load, frame_of=lambda actor: Frame(name=actor.name), keys=people.FormKeys())
    return Litestar(
        route_handlers=[pages.router, *parts.route_handlers],
        middleware=list(parts.middleware),
        exception_handlers=parts.exception_handlers,
        dependencies=parts.dependencies,
        before_send=list(parts.before_send),
        openapi_config=None,
    )


class Browser:
    """A browser at some address, which fills in the forms of the pages it sees."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page = ""

    async def open(self, path: str) -> httpx.Response:
        answer = await self.client.get(path)
        self.page = answer.text
        return answer

    async def post(self, path: str, **fields: object) -> httpx.Response:
        """Post with the tokens of the form on this page that goes there."""
        form = re.search(rf'<form action="{re.escape(path)}"(.*?)</form>', self.page, re.DOTALL)
        keys = form_keys(form[1] if form else self.page)
        return await self.client.post(path, data={**keys, **{name: str(value) for name, value in fields.items()}})


def browser_at(host: str, *, base_url: str = "http://127.0.0.1:8000") -> Browser:
    transport = httpx.ASGITransport(app=make_app(), client=(host, 40000))
    return Browser(httpx.AsyncClient(transport=transport, base_url=base_url))


@pytest.fixture
async def browser(demo: object) -> AsyncIterator[Browser]:
    made = browser_at("127.0.0.1")
    async with made.client:
        yield made


async def person(key: str) -> UUID:
    card = await people_queries.by_address(f"{key}@ferncastle.example")
    assert card is not None
    return card.id
