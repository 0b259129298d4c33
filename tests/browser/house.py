"""The demo as a user starts it, in a folder of its own, and a browser that notices what goes wrong."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PREPARE = """
import asyncio, os, sys
from datetime import datetime
from floorday.demo import environment
environment.enter(os.environ)
from floorday.demo.company import prepare
asyncio.run(prepare(datetime.fromisoformat(sys.argv[1])))
"""
WATCH = """
addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI))
"""
SHOTS = os.environ.get("SHOTS")
"""A folder for pictures, for whoever wants to look at them."""
SCHEME_RULES = {"runOnly": ["color-contrast", "scrollable-region-focusable"]}
"""What axe can find in the narrow, dark page that it did not find in the wide, light one."""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def last_noon(now: datetime) -> datetime:
    """The last noon of a working day: at that moment the demo's day of today had begun, whatever the clock says now."""
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    while noon > now or noon.weekday() > 4:
        noon -= timedelta(days=1)
    return noon


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


def prepare(folder: Path) -> Path:
    """Let the company live until the last noon in a folder; gives where its database and its key are."""
    at = last_noon(datetime.now(UTC))
    subprocess.run([sys.executable, "-c", PREPARE, at.isoformat()], cwd=folder, env=_own(), check=True, timeout=300)
    return folder / "var"


def _own() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("FLOORDAY_")}


@contextmanager
def running_demo(folder: Path, *, lived: Path | None = None) -> Iterator[str]:
    """Start `floorday demo` in a folder and give its address; there is no mail server anywhere near it.

    `lived` is a company that was prepared elsewhere, of which it takes a copy.
    """
    env = _own()
    if lived is None:
        prepare(folder)
    else:
        shutil.copytree(lived, folder / "var")
    address = f"http://127.0.0.1:{(port := free_port())}"
    with (folder / "demo.log").open("w") as log:
        server = subprocess.Popen(
            [Path(sys.executable).parent / "floorday", "demo", "--port", str(port)],
            cwd=folder, env=env, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        await_ready(server, address, folder / "demo.log")
        yield address
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def await_ready(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _try in range(400):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/health/live", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"The demo does not answer: {log.read_text()}")


class Browser:
    """One person's browser. `wrong` collects what the console, the policy and the server complain about."""

    def __init__(self, chromium: Any, address: str, *, width: int = 1280, scheme: str = "light") -> None:
        self.wrong: list[str] = []
        self.context = chromium.new_context(
            viewport={"width": width, "height": 844 if width < 900 else 900}, color_scheme=scheme, base_url=address,
            reduced_motion="reduce", locale="en-GB",
        )  # fmt: skip
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"{self.page.url}: {error}"))

    def _console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.wrong.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"

    def sign_in(self, name: str) -> None:
        """Choose somebody on the page that offers everybody, as a visitor of the demo does."""
        self.go("/demo")
        self.page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
        self.page.get_by_role("button", name=f"Sign in as {name}", exact=True).first.click()
        self.page.wait_for_url(re.compile(r"/(today|issues|rota|summary|inbox|settings)"))

    def sideways(self) -> int:
        """Pixels that the page is wider than its window. A click waits until a page begins, this until it is there."""
        self.page.wait_for_load_state()
        return self.page.evaluate(SIDEWAYS)

    def look(self, name: str, axe: Any = None, *, only: dict[str, Any] | None = None) -> None:
        """The page as it stands fits its window and satisfies axe; SHOTS=folder keeps a picture of it."""
        assert self.sideways() <= 0, name
        if SHOTS:
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
        if axe:
            found = axe.run(self.page, options={"iframes": False, **(only or {})}).response["violations"]
            assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], name

    def look_twice(self, name: str, axe: Any = None) -> None:
        """Look at the page wide and light, then narrow and dark: style alone decides on both."""
        for width, height, scheme in ((1280, 900, "light"), (390, 844, "dark")):
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.look(f"{name}-{width}", axe, only=None if scheme == "light" else SCHEME_RULES)
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
