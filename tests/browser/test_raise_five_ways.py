"""The same thing raised in five ways: how many taps and keys it takes beside the sentence itself, and how long.

Machines press faster than people, so what a person needs is reckoned: a letter of the sentence takes 0.30 s on a
keyboard and 0.33 s with a thumb (40 and 36 words a minute), a tap or click with finding its place 1.2 s, a key beside
the letters 0.3 s; the pages, tenths of a second each, are not in it. The table of docs/notes.md is held against what
was counted.
"""

from __future__ import annotations

import os
import smtplib
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Locator, Page

from tests.browser.house import Browser

SENTENCE = "Refunds over 150 wait for a weekly batch"
KEYBOARD, THUMB, TAP, KEY = 0.30, 0.33, 1.2, 0.3
LONGEST = 20
DOCS = Path(__file__).parents[2] / "docs" / "notes.md"


class Hand:
    """A person's hand, which counts what it does."""

    def __init__(self, page: Page | None, letter: float) -> None:
        self.page, self.letter = page, letter
        self.taps = self.keys = 0

    def tap(self, place: Locator) -> None:
        place.click()
        self.taps += 1

    def pick(self, place: Locator, label: str) -> None:
        """Choose from a list: one tap opens it, another one chooses."""
        place.select_option(label=label)
        self.taps += 2

    def press(self, key: str) -> None:
        assert self.page is not None
        self.page.keyboard.press(key)
        self.keys += len(key.split("+"))

    def say(self) -> None:
        assert self.page is not None
        self.page.keyboard.type(SENTENCE)

    def line(self, way: str) -> str:
        """Give the line of the table, and hold the whole against the twenty seconds."""
        person = len(SENTENCE) * self.letter + self.taps * TAP + self.keys * KEY
        assert person < LONGEST, f"{way}: {person:.1f} s"
        return f"| {way} | {self.taps} | {self.keys} | {person:.0f} |"


def raised(page: Page) -> None:
    page.get_by_text("Saved").first.wait_for()


def by_phone(browser: Browser) -> str:
    browser.go("/today")
    hand = Hand(browser.page, THUMB)
    hand.tap(browser.page.get_by_role("link", name="Note something").first)
    hand.tap(browser.page.locator("textarea[name=text]"))
    hand.say()
    browser.look("five-phone")
    hand.tap(browser.page.get_by_role("button", name="Save the note"))
    raised(browser.page)
    return hand.line("phone")


def by_computer(browser: Browser) -> str:
    browser.go("/today")
    hand = Hand(browser.page, KEYBOARD)
    hand.tap(browser.page.get_by_role("link", name="Note something").first)
    hand.tap(browser.page.locator("textarea[name=text]"))
    hand.say()
    hand.press("Control+Enter")
    raised(browser.page)
    browser.look("five-computer")
    return hand.line("computer")


def by_desk(browser: Browser, name: str) -> str:
    browser.go("/settings")
    browser.page.get_by_role("link", name="Screens and desk").first.click()
    browser.page.locator("input[name=desk]").fill("Desk 4")
    browser.page.get_by_role("button", name="desk").first.click()
    browser.go("/desk")
    browser.look("five-desk")
    hand = Hand(browser.page, KEYBOARD)
    hand.tap(browser.page.get_by_role("link", name="Note something"))
    hand.tap(browser.page.locator("textarea[name=text]"))
    hand.say()
    browser.look("five-desk-note")
    hand.pick(browser.page.get_by_label("Who are you?"), name)
    hand.tap(browser.page.get_by_role("button", name="Save the note"))
    raised(browser.page)
    return hand.line("team's desk")


def by_api(browser: Browser, address: str) -> str:
    browser.go("/settings/tokens")
    page = browser.page
    page.get_by_label("What it is for").fill("The case system")
    for verb in page.locator("input[name=verbs]").all():
        verb.check(force=True)
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator("#token, code").first.inner_text().strip()
    with httpx.Client(base_url=f"{address}/api/v1", headers={"authorization": f"Bearer {secret}"}) as program:
        teams = program.get("/teams").json()["items"]
        own = next(team for team in teams if team["name"] == "Billing")
        hand = Hand(None, KEYBOARD)
        got = program.post("/notes", json={"text": SENTENCE, "stream": "staff told", "team": own["id"]})
    assert got.status_code == 201, got.text
    return hand.line("API").replace(f" {len(SENTENCE) * KEYBOARD:.0f} |", " 0 |")


def by_mail(browser: Browser, folder: Path, address: str) -> str:
    browser.go("/notes/new")
    receiver = browser.page.locator("a.address").inner_text()
    writer = "fatima.begum@" + receiver.partition("@")[2]
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = sender_of(browser) or writer, receiver, "<five@mail.example>"
    mail.set_content(SENTENCE)
    hand = Hand(None, KEYBOARD)
    hand.taps = 2  # the team's address in the address book opens a new mail, and Send
    hand.keys = 2  # Tab, over the subject, which may stay empty, to the text
    with smtplib.LMTP("127.0.0.1", door_of(folder, address)) as session:
        refused = session.send_message(mail)
    assert refused == {}
    for _try in range(200):
        browser.go(f"/search?q=%22{SENTENCE.replace(' ', '+')}%22")
        if browser.page.locator("li[data-row]").count() >= 5:
            break
        time.sleep(0.2)
    return hand.line("mail")


def sender_of(browser: Browser) -> str:
    browser.go("/settings")
    said = browser.page.locator("main").inner_text()
    return next((word.strip("(),.") for word in said.split() if "@" in word), "")


def door_of(folder: Path, address: str) -> int:
    """Find where the demo takes in mail: it listens at two places, and this is not the page's."""
    inodes: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == folder.resolve():
                inodes |= {os.readlink(one)[8:-1] for one in (process / "fd").iterdir()
                           if os.readlink(one).startswith("socket:")}  # fmt: skip
        except OSError:
            continue
    web = int(address.rpartition(":")[2])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ports = {int(row[1].partition(":")[2], 16) for row in rows if row[3] == "0A" and row[9] in inodes}
    (door,) = ports - {web}
    return door


def test_the_same_thing_is_raised_in_five_ways_each_under_twenty_seconds(
    open_browser: Callable[..., Browser], demo: str, tmp_path: Path
) -> None:
    phone = open_browser("Fatima Begum", width=390, scheme="dark")
    computer = open_browser("Fatima Begum")
    lines = [by_phone(phone), by_computer(computer)]
    lead = lead_of_billing(open_browser)
    lines += [by_desk(lead, "Fatima Begum"), by_api(computer, demo), by_mail(computer, tmp_path, demo)]
    computer.go(f"/search?q=%22{SENTENCE.replace(' ', '+')}%22")
    assert computer.page.locator("li[data-row]").count() == 5, "one thing, raised five times"
    written = DOCS.read_text()
    assert "\n".join(lines) in written, "docs/notes.md is to say:\n" + "\n".join(lines)


def lead_of_billing(open_browser: Callable[..., Browser]) -> Browser:
    browser: Any = open_browser()
    browser.go("/demo?q=lead+billing")
    browser.sign_in(browser.page.locator("li[data-row] strong").first.inner_text())
    return browser
