"""Take the pictures of docs/pictures again: `.venv/bin/python -m tools.pictures`, with Chromium on the machine."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.house import ARGS, CHROMIUM, Browser, running_demo

PLACE = Path("docs/pictures")


def main() -> None:
    """Start the demo in a folder of its own, sign in, and look."""
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as address, sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)

        desk = Browser(chromium, address)
        desk.sign_in("Cleo Fontaine")
        desk.go("/issues")
        take(desk, "issues", height=870)
        desk.sign_in("Ruth Calloway")
        desk.go("/summary")
        take(desk, "summary", height=800)
        desk.go("/mailbox")
        desk.page.get_by_role("link", name="Ann Archer", exact=True).click()
        desk.page.locator("li:has(svg) a").first.click()
        desk.page.frame_locator(".letter iframe").locator("h1").wait_for()
        take(desk, "mailbox", height=860)

        waits(Browser(chromium, address))
        spreadsheet(Browser(chromium, address), Path(folder))

        phone = Browser(chromium, address, width=390)
        phone.sign_in("Jürgen Weiß")
        phone.page.get_by_role("link", name="The brief").first.click()
        take(phone, "brief-390", height=844)


def waits(desk: Browser) -> None:
    """Look at what waits in the Inbox: words without an answer, and a time that a manager proposes."""
    desk.sign_in("Maya Lindqvist")
    desk.go("/triage")
    take(desk, "triage", height=870)
    desk.go("/inbox")
    take(desk, "inbox", height=520)
    desk.page.locator("main li", has_text="The mail has words").get_by_role("link").first.click()
    desk.page.get_by_role("heading", name="Needs a person").wait_for()
    take(desk, "inbox-mail", height=620)
    desk.go("/today")
    desk.page.locator("section.card.mine a[href^='/bookings/']").first.click()
    desk.page.get_by_role("heading", name="proposes another time").wait_for()
    take(desk, "proposal", height=640)


SHEET = """\
Name;Address;Job title;Member of;Lead of;Owner in;Roles;Assistant of;External ID
Ida Iversen;ida@company.example;Director;;;;manager;;S-1
Jon Jansen;jon@company.example;Team lead;;Billing;;;;S-2
Kim Kaur;ida@company.example;Assistant;;;;;Ida Iversen;S-3
Lou Lind;lou@company.example;Agent;Biling;;;;;S-4
Mia Moor;mia@company.example;Agent;Billing;;;queen;;S-5
Nils Noor;;Agent;Billing;;;;;S-6
"""


def spreadsheet(desk: Browser, folder: Path) -> None:
    """Look at what is wrong with a sheet of people."""
    desk.sign_in("Maya Lindqvist")
    desk.go("/settings/import")
    desk.page.get_by_role("region", name="3. People").get_by_label("File").set_input_files(_sheet(folder))
    desk.page.get_by_role("region", name="3. People").get_by_role("button", name="Preview").click()
    desk.page.get_by_text("Nothing is imported while a row is wrong.").wait_for()
    take(desk, "setup", height=760)


def _sheet(folder: Path) -> Path:
    file = folder / "people.csv"
    file.write_text(SHEET, encoding="utf-8-sig")
    return file


def take(browser: Browser, name: str, *, height: int) -> None:
    """Photograph what stands above the fold."""
    browser.page.set_viewport_size({**browser.page.viewport_size, "height": height})
    browser.page.screenshot(path=PLACE / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    main()
