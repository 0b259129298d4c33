"""A list taken along with the keyboard, and how the control looks and reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.browser.house import SHOTS, Browser

LISTS = ["/settings/people", "/settings/teams", "/settings/departments", "/shifts", "/rota", "/issues",
         "/issues?view=list", "/good-news", "/inbox?view=all", "/inbox/letters", "/bookings/hosting"]  # fmt: skip


def test_a_list_is_taken_along_with_the_keyboard(open_browser: Callable[..., Browser], tmp_path: Path):
    browser = open_browser("Callum Doyle")  # without boxes to tick, and what one can do with several
    page = browser.page
    browser.go("/issues?view=list&q=the")
    shown = page.locator("tr[data-row]").count()
    assert shown > 0
    page.locator("main a[href^='/issues/']").last.focus()
    for name in ("list.csv", "list.xlsx"):
        page.keyboard.press("Tab")
        assert "Download" in page.evaluate("document.activeElement.getAttribute('aria-label')")
        with page.expect_download() as held:
            page.keyboard.press("Enter")
        assert held.value.suggested_filename.startswith("Issues 20")
        held.value.save_as(tmp_path / name)
    rows = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_bytes().decode("utf-8-sig"), newline="")))
    assert len(rows) == shown + 1
    book = load_workbook(tmp_path / "list.xlsx")
    said = [["" if cell is None else str(cell).partition(" 00:")[0] for cell in row] for row in book.active.values]
    assert said == rows
    assert browser.wrong == []


def test_the_control_stands_under_every_list(open_browser: Callable[..., Browser]):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    browser = open_browser("Maya Lindqvist")
    for path in LISTS:
        browser.go(path)
        control = browser.page.locator(".takealong")
        for width, height, scheme in ((1280, 900, "light"), (390, 844, "dark")):
            browser.page.set_viewport_size({"width": width, "height": height})
            browser.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert control.locator("a").all_inner_texts() == ["CSV", "Excel"], path
            boxes = [link.bounding_box() for link in control.locator("a").all()]
            assert all(box and box["width"] >= 44 and box["height"] >= 44 for box in boxes), f"{path} at {width}"
            assert browser.sideways() <= 0, f"{path} at {width}"
            found = axe.run(browser.page, context=".takealong").response["violations"]
            assert found == [], f"{path} at {width}, {scheme}"
            if SHOTS:
                name = path.strip("/").replace("/", "-").replace("?", "-")
                browser.page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
    assert browser.wrong == []
