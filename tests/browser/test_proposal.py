"""Another time that a manager proposes from their calendar: seen by the team, taken with one click, and taken back."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.house import Browser

SHOTS = os.environ.get("SHOTS")


def propose(browser: Browser) -> None:
    """Propose the next day at the same hours from the newest letter with an event in Ann's mailbox."""
    page = browser.page
    browser.go("/mailbox")
    page.get_by_role("link", name="Ann Archer", exact=True).click()
    page.locator("li:has(svg) a").first.click()
    page.get_by_text("Propose another time", exact=True).click()
    form = page.locator("form[action$='/proposal']")
    form.locator("textarea[name=comment]").fill("The audit is in the house that day.")
    form.get_by_role("button", name="Propose", exact=True).click()
    page.get_by_text("Your answer was posted from Gmail").wait_for()
    for _try in range(20):
        page.reload()
        if page.get_by_text("The manager proposes another time.").count():
            break
        page.wait_for_timeout(500)


def look(browser: Browser, address: str, name: str, axe: Any) -> None:
    """Look at a page wide and light, narrow and dark: it fits, and axe finds nothing."""
    browser.go(address)
    page = browser.page
    for width, height, scheme in ((1280, 900, "light"), (390, 844, "dark")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert browser.sideways() <= 0, f"{address} at {width}"
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"proposal-{name}-{width}.png", full_page=True)
        found = axe.run(page, options={"iframes": False}).response["violations"]
        told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
        assert told == [], f"{address} at {width}, {scheme}"
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def test_a_proposal_is_seen_taken_and_taken_back(open_browser: Callable[..., Browser]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    ann = open_browser()
    propose(ann)

    maya = open_browser("Maya Lindqvist")
    maya.go("/inbox")
    look(maya, "/inbox", "inbox", axe)
    waits = maya.page.locator("main li", has_text="The manager proposes another time.").locator("a[href^='/inbox/']")
    mail = waits.first.get_attribute("href")
    assert mail is not None
    look(maya, mail, "mail", axe)
    look(maya, "/today", "today", axe)
    day = maya.page.locator("main a[href^='/bookings/']", has_text="Ann Archer").first.get_attribute("href")
    assert day is not None
    look(maya, day, "day", axe)

    page = maya.page
    card = page.get_by_role("region", name="Ann Archer proposes another time")
    assert card.get_by_text("The audit is in the house that day.").is_visible()
    card.get_by_role("button", name=re.compile("Move the day")).click()
    page.get_by_text("Moved to").first.wait_for()
    assert card.count() == 0
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone. No letter has left.").wait_for()
    card.get_by_label(re.compile("A word to Ann Archer")).fill("We are closed then.")
    card.get_by_role("button", name="Keep the day").click()
    page.get_by_text("The day stays as it is").first.wait_for()
    assert maya.wrong == []
