"""What a team calls good service, and the measures that get in its way, as people see and change them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.house import Browser

SHOTS = os.environ.get("SHOTS")
"""A folder for pictures, for whoever wants to look at them."""


def look(browser: Browser, name: str, axe: Any) -> None:
    page = browser.page
    for width, height, scheme in ((1280, 900, "light"), (390, 844, "dark")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert browser.sideways() <= 0, f"{name} at {width}"
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
        rules = {} if scheme == "light" else {"runOnly": ["color-contrast", "scrollable-region-focusable"]}
        found = axe.run(page, options={"iframes": False, **rules}).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], f"{name} at {width}"
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def test_a_team_agrees_again_and_its_issues_say_so(open_browser: Callable[..., Browser]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    aoife = open_browser("Aoife Kavanagh")
    page = aoife.page
    aoife.go("/today")
    look(aoife, "today-lead", axe)
    page.get_by_role("link", name="What better service looks like in Moves").click()
    page.get_by_text("ask the team whether it still holds").wait_for()
    look(aoife, "picture-old", axe)
    page.get_by_label("A statement").fill("The new home has light on the first evening.")
    page.get_by_role("button", name="Propose it").click()
    page.get_by_text("Proposed. It counts when the team agrees.").wait_for()
    page.get_by_label("By whom").fill("Team meeting")
    page.get_by_role("button", name="Note the agreement").click()
    page.get_by_text("Agreed: 4 statements.").wait_for()
    look(aoife, "picture", axe)
    aoife.go("/today")
    assert not page.get_by_role("link", name="What better service looks like in Moves").count()
    aoife.go("/notes/new")
    page.locator("details.more summary").first.click()
    page.get_by_role("radio", name="The new home has light on the first evening.").check()
    look(aoife, "note", axe)
    assert aoife.wrong == []


def test_a_measure_is_found_reviewed_and_opened(open_browser: Callable[..., Browser]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    henrik = open_browser("Henrik Sjöberg")
    page = henrik.page
    henrik.go("/today")
    look(henrik, "today-head", axe)
    page.get_by_role("link", name="Review the measure “Jobs closed within two days”").click()
    page.get_by_role("button", name="Note the review").wait_for()
    look(henrik, "review", axe)
    page.get_by_role("radio", name="Kept").check()
    page.get_by_label("Why").fill("The new contract pays for warm houses; until then it stays")
    page.get_by_role("button", name="Note the review").click()
    page.get_by_text("Noted. The next review is due on").wait_for()
    assert henrik.wrong == []

    maya = open_browser("Maya Lindqvist")
    page = maya.page
    maya.go("/issues")
    look(maya, "board", axe)
    page.get_by_role("link", name="Measures", exact=True).click()
    page.get_by_role("link", name="Average handling time").wait_for()
    look(maya, "measures", axe)
    page.get_by_role("link", name="Average handling time").click()
    page.get_by_role("link", name="Handling time counts against us when we ring a customer back").click()
    page.get_by_role("link", name="Average handling time").wait_for()
    look(maya, "issue", axe)
    maya.go("/measures/new")
    look(maya, "new", axe)
    assert maya.wrong == []
