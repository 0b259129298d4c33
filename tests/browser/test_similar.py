"""While a line is typed, the issues it may be about stand below it, narrow and wide; one tap joins one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.house import Browser


def test_what_is_known_stands_below_the_line_and_one_tap_joins_it(open_browser: Callable[..., Browser]):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    for width, scheme in ((390, "dark"), (1280, "light")):
        browser = open_browser("Fatima Begum", width=width, scheme=scheme)
        page = browser.page
        browser.go("/issues?view=list")
        title = page.locator("tr[data-row] th a").first.inner_text()

        browser.go("/search?q=" + title.split()[-1][:4])
        browser.look(f"search-{width}", axe)
        browser.go("/notes/new")
        page.locator("textarea[name=text]").fill(title)
        page.locator("[data-known] button").first.wait_for()
        browser.look(f"similar-{width}", axe)
        assert title in page.locator("[data-known]").inner_text()
        page.locator("[data-known] button").first.click()
        page.wait_for_url("**/issues/*")
        page.get_by_role("button", name="Undo").wait_for()
        assert browser.wrong == []
        browser.context.close()
