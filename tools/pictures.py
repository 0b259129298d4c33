"""Take the pictures of docs/pictures again: `make pictures`, with Chromium on the machine.

All but those of a broken promise (`tools/promise.py`) are of the demo as it stands at the last noon of a working day.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.house import ARGS, CHROMIUM, Browser, prepare, running_demo

if TYPE_CHECKING:
    from floorday.summaries.queries import Frozen

PLACE = Path("docs/pictures").resolve()
COLOURS = 64
"""Enough for pages without photographs; the files stay small."""

GAP, BEHIND = 24, "#8a949e"
HEAD, COORDINATOR = "Ruth Calloway", "Maya Lindqvist"


def main() -> None:
    """Start the demo in a folder of its own, sign in, and look."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        lived = prepare(folder)
        (beside := folder / "beside").mkdir()
        months = asyncio.run(_told(lived.parent, beside))
        with running_demo(folder / "running", lived=lived) as address, sync_playwright() as running:
            chromium = running.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)

            def look(**kind: Any) -> Browser:
                return Browser(chromium, address, **kind)

            desk(look())
            waits(look())
            spreadsheet(look(), folder)
            phone(look(width=390))
            summaries(look, beside, months)


# --- the programme -------------------------------------------------------------------------------------------------


def desk(browser: Browser) -> None:
    """Look at the board, at the running month, and at a letter in a mailbox."""
    browser.sign_in("Cleo Fontaine")
    browser.go("/issues")
    take(browser, "issues", height=870)
    browser.sign_in(HEAD)
    browser.go("/summary")
    take(browser, "summary", height=800)
    browser.go("/mailbox")
    browser.page.get_by_role("link", name="Ann Archer", exact=True).first.click()
    browser.page.locator("li:has(svg) a").first.click()
    browser.page.frame_locator(".letter iframe").locator("h1").wait_for()
    take(browser, "mailbox", height=860)


def waits(browser: Browser) -> None:
    """Look at what waits in the Inbox: words without an answer, and a time that a manager proposes."""
    browser.sign_in(COORDINATOR)
    browser.go("/triage")
    take(browser, "triage", height=870)
    browser.go("/inbox")
    take(browser, "inbox", height=520)
    browser.page.locator("main li", has_text="The mail has words").get_by_role("link").first.click()
    browser.page.get_by_role("heading", name="Needs a person").wait_for()
    take(browser, "inbox-mail", height=620)
    browser.go("/today")
    browser.page.locator("section.card.mine a[href^='/bookings/']").first.click()
    browser.page.get_by_role("heading", name="proposes another time").wait_for()
    take(browser, "proposal", height=640)


SHEET = """\
Name;Address;Job title;Member of;Lead of;Owner in;Roles;Assistant of;External ID
Ida Iversen;ida@company.example;Director;;;;manager;;S-1
Jon Jansen;jon@company.example;Team lead;;Billing;;;;S-2
Kim Kaur;ida@company.example;Assistant;;;;;Ida Iversen;S-3
Lou Lind;lou@company.example;Agent;Biling;;;;;S-4
Mia Moor;mia@company.example;Agent;Billing;;;queen;;S-5
Nils Noor;;Agent;Billing;;;;;S-6
"""


def spreadsheet(browser: Browser, folder: Path) -> None:
    """Look at what is wrong with a sheet of people."""
    (file := folder / "people.csv").write_text(SHEET, encoding="utf-8-sig")
    browser.sign_in(COORDINATOR)
    browser.go("/settings/import")
    people = browser.page.get_by_role("region", name="3. People")
    people.get_by_label("File").set_input_files(file)
    people.get_by_role("button", name="Preview").click()
    browser.page.get_by_text("Nothing is imported while a row is wrong.").wait_for()
    take(browser, "setup", height=760)


def phone(browser: Browser) -> None:
    """Look at the brief of a day."""
    browser.sign_in("Jürgen Weiß")
    browser.page.get_by_role("link", name="The brief").first.click()
    take(browser, "brief-390", height=844)


# --- the summaries -------------------------------------------------------------------------------------------------


class Months:
    """Which months are shown: the last of the year with known answers, the one after, and odd ones."""

    december = january = first = before = ""
    team = team_month = ""


def summaries(look: Callable[..., Browser], beside: Path, months: Months) -> None:
    """Look at months as page, letter and document, by day and by night."""
    day, night = look(), look(scheme="dark")
    for browser, scheme in ((day, ""), (night, "-dark")):
        browser.sign_in(HEAD)
        for month, name, height in ((months.december, "page", 830), (months.january, "january", 1010)):
            browser.go(f"/summary/{month}")
            take(browser, f"summary-{name}{scheme}", height=height)
    browsers = [look(width=390), look(width=390, scheme="dark")]
    for browser in browsers:
        browser.sign_in(HEAD)
        browser.page.set_viewport_size({"width": 390, "height": 1540})
    side_by_side("summary-came", *(_came(one, months.january) for one in (day, night)))
    for name in ("december", "january"):
        end = "" if name == "december" else "-january"
        letter = (beside / f"{name}.html").as_uri()
        side_by_side(f"summary-letter{end}", *(_at(one, letter) for one in browsers))
        side_by_side(f"summary-pdf{end}", *(path.read_bytes() for path in sorted(beside.glob(f"{name}-*.png"))[:3]))
    odd = browsers[0]
    odd.page.set_viewport_size({"width": 390, "height": 1000})
    side_by_side("summary-odd", _at(odd, f"/summary/{months.before}"), _at(odd, f"/summary/{months.first}"),
                 _at(odd, (beside / "team.html").as_uri()), _at(odd, (beside / "empty.html").as_uri()))  # fmt: skip


def _at(browser: Browser, address: str) -> bytes:
    browser.page.goto(address)
    return browser.page.screenshot(animations="disabled")


def _came(browser: Browser, month: str) -> bytes:
    browser.go(f"/summary/{month}")
    return browser.page.locator("#came").screenshot(animations="disabled")


async def _told(folder: Path, beside: Path) -> Months:
    """Write letters and the sheets of documents, as they were sent, into a folder; no browser can ask for them."""
    os.chdir(folder)
    from floorday.demo import environment

    environment.enter(os.environ)
    from floorday import config, db, documents
    from floorday.people import queries as people
    from floorday.people.access import Actor
    from floorday.summaries import actions, paper, queries, rules
    from floorday.summaries.actions import telling
    from floorday.summaries.figures import COMPANY, Subject

    config.settings.cache_clear()
    press = importlib.import_module("floorday.documents.press")
    await db.open_pools()

    async def write(name: str, sent: Frozen | None, subject: Subject, actor: Actor) -> None:
        assert sent is not None, f"{name} was not sent"
        (beside / f"{name}.html").write_text(await telling.shown(sent, subject, actor), encoding="utf-8")
        job = paper.paper(subject.cut, sent, await telling.seen_by(actor, sent), (), "")
        for at, drawn in enumerate(press.pages(job, ppi=80)):
            (beside / f"{name}-{at}.png").write_bytes(drawn)

    try:
        head = next(one for one in await db.run_sql("SELECT id, name FROM person") if one["name"] == HEAD)
        actor = await people.actor(head["id"])
        assert actor is not None
        began = (await db.run_sql("SELECT MIN(month) AS month FROM summary"))[0]["month"]
        made = Months()
        made.december, made.first = f"{began[:4]}-12", f"{began[:4]}-01"
        made.january, made.before = f"{int(began[:4]) + 1}-01", rules.month_before(made.first)
        for name in ("december", "january"):
            month = getattr(made, name)
            await write(name, await queries.frozen(COMPANY, month), COMPANY, actor)
        team = await _team_without_a_day(made.december)
        subject = Subject("team", team)
        await write("team", await queries.frozen(subject, made.december), subject, actor)
        empty = await actions.preliminary(COMPANY, "", made.before, now=config.now())
        await write("empty", empty, COMPANY, actor)
    finally:
        await db.close_pools()
        documents.close()
    return made


async def _team_without_a_day(month: str) -> Any:
    """Choose a team to which nobody came in a month."""
    from floorday.db import run_sql
    from floorday.summaries import queries
    from floorday.summaries.figures import Subject

    for row in await run_sql("SELECT id FROM team ORDER BY name"):
        sent = await queries.frozen(Subject("team", row["id"]), month)
        if sent is not None and not sent.numbers()["days_held"]["value"]:
            return row["id"]
    raise AssertionError("Somebody came to every team.")


# --- how they are kept ---------------------------------------------------------------------------------------------


def take(browser: Browser, name: str, *, height: int) -> None:
    """Photograph what stands above the fold."""
    browser.page.set_viewport_size({**browser.page.viewport_size, "height": height})
    keep(name, Image.open(BytesIO(browser.page.screenshot(animations="disabled"))))


def side_by_side(name: str, *pictures: bytes) -> None:
    """Keep several as one."""
    drawn = [Image.open(BytesIO(one)).convert("RGB") for one in pictures]
    width = sum(one.width for one in drawn) + GAP * (len(drawn) + 1)
    sheet = Image.new("RGB", (width, max(one.height for one in drawn) + 2 * GAP), BEHIND)
    left = GAP
    for one in drawn:
        sheet.paste(one, (left, GAP))
        left += one.width + GAP
    keep(name, sheet)


def keep(name: str, picture: Image.Image) -> None:
    """Write a picture with few colours."""
    few = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(PLACE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
