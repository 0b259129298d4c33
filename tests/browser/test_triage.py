"""Five things are said and get their place by keys alone; the focus is never lost, and it looks right on both ends."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.house import Browser

SAID = (
    "The meter portal logs us out every ten minutes",
    "The tariff change is not told to us before customers hear it",
    "The refund form wants a fax number",
    "The parking card expires each Friday",
    "The address check refuses new streets",
)
LOST = "!document.activeElement || document.activeElement === document.body"


class Hands:
    """What somebody presses, and how often; after each press nothing may have lost the focus."""

    def __init__(self, browser: Browser) -> None:
        self.page, self.keys = browser.page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.keys += len(words)

    def chosen(self, title: str) -> None:
        """Wait until an issue is the chosen one."""
        self.page.locator("#chosen-title", has_text=title).wait_for()
        self.page.locator("#triage[aria-busy], #chosen form[aria-busy]").wait_for(state="detached")
        assert not self.page.evaluate(LOST), f"the focus is lost at {title}"

    def said(self, words: str) -> None:
        self.page.locator("#flash", has_text=words).wait_for()


def raise_five(browser: Browser) -> None:
    for text in SAID:
        browser.go("/notes/new")
        browser.page.locator("textarea[name=text]").fill(text)
        browser.page.get_by_role("button", name="Save the note").click()
        browser.page.wait_for_url(re.compile(r"/issues/[0-9a-f-]{36}$"))


def test_five_get_their_place_by_keys_alone_within_a_minute(open_browser: Callable[..., Browser]):
    raise_five(open_browser("Fatima Begum"))
    browser = open_browser("Maya Lindqvist")
    page, hands = browser.page, Hands(browser)
    browser.go("/triage?order=newest&age=day")
    before = page.locator(".waiting li").count()
    page.locator("#chosen-title", has_text=SAID[4]).wait_for()

    hands.press("t")
    hands.type("cleo")
    hands.press("Enter")
    hands.said("Cleo Fontaine has it now.")
    hands.chosen(SAID[3])

    hands.press("d", "ArrowDown")
    hands.press("Enter")
    hands.said("is declined. Everybody who raised it reads why.")
    hands.chosen(SAID[2])

    hands.press("s", "Enter")
    hands.said("sleeps until")
    hands.chosen(SAID[1])

    hands.press("o", "Enter")
    hands.said("and its reporters with it.")
    hands.chosen(SAID[0])

    hands.press("t")
    hands.type("it")
    hands.press("Enter")
    hands.said("has it now and names an owner.")
    assert hands.keys == 17, "a minute is 3.5 seconds for each"
    assert page.locator(".waiting li").count() == before - 5
    said = page.locator("header.side nav a[href='/triage'] b").inner_text()
    assert said == page.locator(".views a[aria-current] b").inner_text(), "the place in the frame says the same"

    hands.press("u")
    hands.said("Undone. No letter has left.")
    hands.chosen(SAID[0])
    assert page.url.endswith(page.locator(".waiting a[aria-current]").get_attribute("href") or "-")
    assert browser.wrong == []


def test_the_queue_is_walked_and_filtered_by_keys_that_can_be_turned_off(open_browser: Callable[..., Browser]):
    browser = open_browser("Maya Lindqvist")
    page, hands = browser.page, Hands(browser)
    browser.go("/triage")
    titles = page.locator(".waiting a").all_inner_texts()
    hands.press("j")
    hands.chosen(titles[1])
    hands.press("ArrowDown")
    hands.chosen(titles[2])
    hands.press("k", "ArrowUp")
    hands.chosen(titles[0])
    hands.press("q")
    hands.type("j")
    assert page.locator("textarea[name=question]").input_value() == "j", "what is typed is no key"
    hands.press("Escape", "x")
    assert page.locator(".waiting input:checked").count() == 1
    hands.press("/")
    assert page.evaluate("document.activeElement.name") == "team"
    hands.press("Escape", "?")
    page.get_by_role("checkbox", name="Use these keys").uncheck()
    page.get_by_role("button", name="Close").click()
    hands.press("j")
    page.wait_for_timeout(300)
    assert page.locator("#chosen-title").inner_text() == titles[0]
    assert browser.wrong == []


def test_several_are_ticked_with_shift_looked_at_and_changed(open_browser: Callable[..., Browser]):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    browser = open_browser("Maya Lindqvist")
    page = browser.page
    browser.go("/triage")
    boxes = page.locator(".waiting input")
    boxes.nth(0).click()
    boxes.nth(3).click(modifiers=["Shift"])
    assert page.locator(".waiting input:checked").count() == 4
    page.locator("summary", has_text="Change several at once").click()
    page.get_by_text("4 ticked").wait_for()
    page.get_by_label("What is to happen?").select_option("snooze")
    page.get_by_role("button", name="Look at it first").click()
    page.get_by_role("heading", name="Let 4 issues sleep").wait_for()
    browser.look("bulk-1280", axe)
    page.get_by_label("Sleep until").fill("2099-11-30")
    page.get_by_role("button", name="Let sleep until a day").click()
    page.get_by_role("heading", name="4 done").wait_for()
    browser.look("bulked-1280", axe)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("heading", name="4 taken back").wait_for()
    assert browser.wrong == []


def test_it_looks_right_narrow_and_wide_and_with_a_refusal(open_browser: Callable[..., Browser]):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    for width, scheme in ((390, "dark"), (1280, "light")):
        browser = open_browser("Maya Lindqvist", width=width, scheme=scheme)
        page = browser.page
        browser.go("/triage")
        browser.look(f"triage-{width}", axe)
        page.locator(".waiting a").first.click()
        page.locator("#chosen-title").wait_for()
        assert page.locator(".queue").is_visible() is (width > 900)
        browser.look(f"triage-one-{width}", axe)
        page.locator("#f-whom").fill("nobody at all")
        page.get_by_role("button", name="Give it to them").click()
        page.locator("#errors:focus").wait_for()
        browser.look(f"triage-refused-{width}", axe)
        browser.wrong = [one for one in browser.wrong if "422" not in one]
        assert browser.wrong == []
        browser.context.close()
