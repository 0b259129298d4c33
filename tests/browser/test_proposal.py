"""Another time that a manager proposes from their calendar: seen by the team, taken with one click, and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.house import Browser


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
    for _try in range(60):
        page.reload()
        if page.get_by_text("The manager proposes another time.").count():
            break
        page.wait_for_timeout(500)


def test_a_proposal_is_seen_taken_and_taken_back(open_browser: Callable[..., Browser]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    ann = open_browser()
    propose(ann)

    maya = open_browser("Maya Lindqvist")
    maya.go("/inbox")
    maya.look_twice("proposal-inbox", axe)
    waits = maya.page.locator("main li", has_text="The manager proposes another time.").locator("a[href^='/inbox/']")
    mail = waits.first.get_attribute("href")
    assert mail is not None
    maya.go(mail)
    maya.look_twice("proposal-mail", axe)
    maya.go("/today")
    maya.look_twice("proposal-today", axe)
    day = maya.page.locator("main a[href^='/bookings/']", has_text="Ann Archer").first.get_attribute("href")
    assert day is not None
    maya.go(day)
    maya.look_twice("proposal-day", axe)

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
