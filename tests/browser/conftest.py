"""A browser for each module (its loop must not run beside other tests), and a demo for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.house import ARGS, CHROMIUM, Browser, prepare, running_demo
from tests.conftest import turn


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("There is no Chromium on this machine, so nobody looks at the pages.")
    with sync_api.sync_playwright() as running:
        made = running.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield made
        made.close()


@pytest.fixture(scope="session")
def lived(shared_folder: Path) -> Path:
    """A company that has lived until now, built once for all workers."""
    made = shared_folder / "lived" / "var"
    with turn(shared_folder / "lived.lock"):
        if not (shared_folder / "lived.ready").exists():
            made.parent.mkdir(exist_ok=True)
            prepare(made.parent)
            (shared_folder / "lived.ready").touch()
    return made


@pytest.fixture
def demo(tmp_path: Path, lived: Path) -> Iterator[str]:
    with running_demo(tmp_path, lived=lived) as address:
        yield address


@pytest.fixture
def open_browser(chromium: Any, demo: str) -> Iterator[Any]:
    opened: list[Browser] = []

    def open_one(name: str = "", *, width: int = 1280, scheme: str = "light") -> Browser:
        opened.append(Browser(chromium, demo, width=width, scheme=scheme))
        if name:
            opened[-1].sign_in(name)
        return opened[-1]

    yield open_one
    for one in opened:
        one.context.close()
