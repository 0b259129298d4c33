"""The main pages as each role sees them: narrow and wide, light and dark; they answer, fit, and satisfy axe."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.house import Browser

FACES = {
    "manager": "Ann Archer",
    "assistant": "Noor Haddad",
    "lead": "Ben Adeyemi",
    "host": "Fatima Begum",
    "coordinator": "Maya Lindqvist",
    "owner": "Cleo Fontaine",
    "head of department": "Victor Hale",
    "head of service": "Ruth Calloway",
    "admin": "Sam Whitlock",
}

OPENS = {
    "manager": [("/today", "/bookings/"), ("/today", "/issues/")],
    "assistant": [("/today", "/bookings/")],
    "lead": [("/shifts", "/shifts/new"), ("/shifts", "/shifts/0"), ("/shifts", "/invitations/new?")],
    "host": [("/today", "/today/brief/"), ("/today", "/days/"), ("/rota", "/bookings/hosting")],
    "coordinator": [
        ("/rota", "/bookings/0"), ("/issues", "/issues/0"), ("/issues", "/issues/worth"),
        ("/issues", "/friction"), ("/issues", "/hard-ones"), ("/inbox", "/inbox/0"), ("/inbox", "/inbox/letters"),
        ("/settings/people", "/settings/people/0"), ("/settings/people", "/settings/teams"),
        ("/settings/people", "/settings/departments"), ("/mailbox", "/mailbox/0"), ("/mailbox", "/demo"),
    ],
    "owner": [("/issues", "/issues/0"), ("/issues", "/issues?view=closed")],
    "head of department": [("/issues", "/issues/0")],
    "head of service": [("/issues", "/issues/0"), ("/summary", "/summary/2")],
}  # fmt: skip
"""Beside the places of the frame: on which page to look for a link that begins how."""


def shape(address: str) -> str:
    """What kind of page it is, whichever thing it shows."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "*", address.split("?", maxsplit=1)[0])


def test_every_place_of_every_role(open_browser: Callable[..., Browser]):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    seen: set[str] = set()
    for role, name in FACES.items():
        browser = open_browser(name)
        places = browser.page.locator("header.side nav a").evaluate_all("links => links.map(a => a.pathname)")
        assert "/today" in places
        found = [link_on(browser, *where) for where in OPENS.get(role, [])]
        for address in dict.fromkeys([*places, "/settings", *found]):
            browser.go(address)
            picture = f"{role}-{shape(address).strip('/').replace('/', '-')}"
            browser.look_twice(picture, axe if shape(address) not in seen else None)
            seen.add(shape(address))
        assert browser.wrong == []
        browser.context.close()
    assert len(seen) > 20


def link_on(browser: Browser, page: str, begins: str) -> str:
    browser.go(page)
    found = browser.page.locator(f"main a[href^='{begins}']").first.get_attribute("href")
    assert found is not None
    return found
