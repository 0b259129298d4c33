"""Every part of a page in a real browser: narrow and wide, light and dark, with and without scripts."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from floorday import config
from tests.web.conftest import KEY
from tests.web.shop import Memory, make_app

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SHOTS = os.environ.get("SHOTS")
"""A folder for pictures, for whoever wants to look at them."""

PAGES = {
    "board": "/parts/board",
    "day": "/parts/day",
    "form": "/parts/form",
    "wrong": "/parts/form/wrong",
    "pieces": "/parts/pieces",
    "door": "/door",
    "lost": "/nowhere",
}
SIGNED_OUT = {"door", "lost"}
WATCH = """addEventListener('securitypolicyviolation',
    e => (window.broken ??= []).push(e.violatedDirective + ' ' + e.blockedURI))"""

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed here")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_api.sync_playwright() as running:
        made = running.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield made
        made.close()


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[str, Memory]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLOORDAY_SECRET_KEY", KEY)
        config.settings.cache_clear()
        memory = Memory()
        server = uvicorn.Server(uvicorn.Config(make_app(memory), host="127.0.0.1", port=0, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", memory
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def visit(chromium: Any, shop: tuple[str, Memory]) -> Iterator[Callable[..., Any]]:
    opened: list[Any] = []

    def visit(
        path: str, *, width: int = 1280, scheme: str = "light", signed_in: bool = True, scripts: bool = True
    ) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": 844 if width < 900 else 900},
            color_scheme=scheme,
            base_url=shop[0],
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        opened.append(context)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.set_default_timeout(8000)
        if signed_in:
            page.goto("/door")
            page.get_by_label("Your e-mail address").fill("ann@example.org")
            page.get_by_role("button", name="Send the code").click()
            page.wait_for_url("**/parts/day")
        page.goto(path)
        return page

    yield visit
    for context in opened:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_breaks_no_policy_and_satisfies_axe(visit: Callable[..., Any], name: str, width: int, scheme: str):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = visit(PAGES[name], width=width, scheme=scheme, signed_in=name not in SIGNED_OUT)
    page.wait_for_load_state("networkidle")
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{scheme}.png", full_page=True)
    assert page.evaluate("window.broken ?? []") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.Axe().run(page, options={"iframes": False}).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_at_320_pixels_nothing_scrolls_sideways(visit: Callable[..., Any]):
    page = visit("/parts/board", width=320)
    for path in PAGES.values():
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_what_a_finger_must_hit_is_large_enough(visit: Callable[..., Any]):
    page = visit("/parts/day", width=390)
    small = page.evaluate(
        """[...document.querySelectorAll('.btn:not(.low), .tabs a, .chip, summary, .field input:not([type=hidden])')]
        .filter(e => e.checkVisibility() && e.type !== 'radio')
        .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"""
    )
    assert small == []


def test_without_scripts_a_form_is_put_right_and_taken_back(visit: Callable[..., Any], shop: tuple[str, Memory]):
    page = visit("/parts/form", scripts=False)
    page.get_by_label("Title").fill("   ")
    page.get_by_label("How many people?").fill("3")
    page.get_by_label("What happened?").fill("It broke.")
    page.get_by_role("button", name="Save note").click()
    assert page.get_by_role("alert").inner_text().splitlines()[0] == "One thing needs another look"
    assert page.get_by_label("What happened?").input_value() == "It broke."
    page.get_by_label("Title").fill("The batch")
    page.get_by_role("button", name="Save note").click()
    assert page.get_by_role("status").inner_text().startswith("Note saved.")
    before = shop[1].taken_back
    page.get_by_role("button", name="Undo").click()
    assert page.get_by_role("status").inner_text() == "Taken back."
    assert shop[1].taken_back == before + 1
    page.reload()
    assert page.get_by_role("status").inner_text() == ""


def test_with_scripts_only_the_region_changes_and_errors_get_the_focus(visit: Callable[..., Any]):
    page = visit("/parts/form")
    page.evaluate("document.querySelector('.side').dataset.same = 'yes'")
    page.get_by_label("Title").fill("  ")
    page.get_by_label("How many people?").fill("3")
    page.get_by_role("button", name="Save note").click()
    page.get_by_role("alert").wait_for()
    assert page.evaluate("document.activeElement.id") == "errors"
    page.get_by_label("Title").fill("The batch")
    page.get_by_role("button", name="Save note").click()
    page.get_by_text("Note saved.").wait_for()
    assert page.get_by_role("button", name="Undo").is_visible()
    assert page.evaluate("document.querySelector('.side').dataset.same") == "yes"
    assert page.evaluate("window.broken ?? []") == []


def test_a_refusal_is_said_and_what_was_typed_stays(visit: Callable[..., Any]):
    page = visit("/parts/form")
    page.get_by_label("Title").fill("refuse")
    page.get_by_label("How many people?").fill("3")
    page.get_by_role("button", name="Save note").click()
    page.get_by_text("This cannot be done today.").wait_for()
    assert page.get_by_label("Title").input_value() == "refuse"


def test_when_the_line_is_dead_the_page_says_so_and_keeps_the_text(visit: Callable[..., Any]):
    page = visit("/parts/form")
    page.get_by_label("Title").fill("In the lift")
    page.get_by_label("How many people?").fill("3")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save note").click()
    page.get_by_text("That could not be sent.").wait_for()
    assert page.get_by_label("Title").input_value() == "In the lift"


def test_j_and_k_walk_the_rows_and_can_be_switched_off(visit: Callable[..., Any]):
    page = visit("/parts/day")
    focused = "document.activeElement.getAttribute('href')"
    page.keyboard.press("j")
    assert page.evaluate(focused) == "#1"
    page.keyboard.press("j")
    assert page.evaluate(focused) == "#2"
    page.keyboard.press("k")
    assert page.evaluate(focused) == "#1"
    page.keyboard.press("?")
    page.get_by_label("Use these keys in this browser").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    assert page.evaluate(focused) != "#2"
    page.get_by_role("button", name="Keys").click()
    assert not page.get_by_label("Use these keys in this browser").is_checked()


def test_a_page_of_a_letter_can_be_answered_though_it_sends_no_referrer(visit: Callable[..., Any]):
    page = visit("/letter/abc", signed_in=False)
    page.evaluate("document.querySelector('form').action = '/letter/abc'")
    page.get_by_label("Your e-mail address").fill("ann@example.org")
    page.get_by_role("button", name="Send the code").click()
    page.get_by_text("Thank you.").wait_for()


def test_a_letter_is_shown_in_its_own_style_and_cannot_run_anything(visit: Callable[..., Any]):
    page = visit("/parts/pieces")
    page.locator(".letter").scroll_into_view_if_needed()
    shown = page.frame_locator(".letter iframe").get_by_text("Dear Ann, the day is confirmed.")
    shown.wait_for()
    assert shown.evaluate("e => getComputedStyle(e).color") == "rgb(11, 102, 88)"
    assert page.evaluate("window.broken ?? []") == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_double_tap_saves_one_note(visit: Callable[..., Any], shop: tuple[str, Memory], scripts: bool):
    page = visit("/parts/form", scripts=scripts)
    page.get_by_label("Title").fill("tapped twice")
    page.get_by_label("How many people?").fill("3")
    before = len(shop[1].notes)
    page.get_by_role("button", name="Save note").dblclick()
    page.get_by_role("status").get_by_text(re.compile("Note saved|Already done")).wait_for()
    assert len(shop[1].notes) == before + 1
