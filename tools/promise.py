"""Print docs/a-broken-promise.md: the story that tests/stories/broken_promise.py lives, with its letters.

python tools/promise.py              print the page
python -m tools.promise --pictures   also take its pictures anew, with Chromium on the machine
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from floorday.people.access import Actor
    from tests.cast import Cast
    from tests.stories.broken_promise import Chapter, Letter, Story

HEAD = """# A broken promise, from the first note to *confirmed*

Written by `tools/promise.py` out of the story that `tests/stories/test_a_broken_promise.py` lives on both databases:
the same buttons, the same letters, on the same days. `make check` fails when a letter says something else than this
page. What the clocks go by stands in [following.md](following.md). Tokens and ids are left out of the links.

| who | is |
|---|---|
| Fay, Cleo | of two service teams, Billing and Claims; both met it |
| Gus, Hed | owner in IT, and his head of department; its charter promises a word every ten working days |
| Ann, Hana | sponsor; head of service |
| Eva | coordinator |
"""
TAIL = """## What is left of it

The issue's history keeps both dates. November's summary counts one promise broken, for Gus spoke after its end and so
did not move it; December's counts one kept. None of the letters names Fay or Cleo to anybody but themselves, and nobody
was told anything twice.
"""
PICTURES = {
    "A promise": (("promised-letter-390", "Fay's letter: a date she can hold somebody to"),),
    "The date has gone by": (("passed-1280", "The issue as Fay sees it: its date has gone by"),),
    "And three more": (("ladder-letter-390", "Hana's letter"),),
    "No news yet, because ...": (("word-page-390", "The page behind Gus's button, without signing in"),),
    "Confirmed": (("verdict-page-390", "Cleo's two taps, without signing in"),
                  ("over-1280", "The whole story as it stands on the issue")),
}
"""Chapter -> its pictures, by the end of their name, and what they show."""


async def page(cast: Cast) -> str:
    """Live the story, with somebody who takes pictures beside it if asked for, and write its page."""
    from tests.stories.broken_promise import live

    return written(await photographed(cast) if "--pictures" in sys.argv else await live(cast))


def written(story: Story) -> str:
    """Write the story as a page."""
    return "\n".join([HEAD, *(chapter_words(one) for one in story.chapters), TAIL])


def chapter_words(chapter: Chapter) -> str:
    """Write a chapter: its day, what happened, its letters, its pictures."""
    lines = [f"## {chapter.head}", "", f"*{chapter.at:%A %-d %B}, {chapter.at:%H:%M}.* {chapter.told}", ""]
    for _key, same in groupby(sorted(chapter.letters, key=_kind), key=_kind):
        lines += letter_words(list(same))
    for name, shows in PICTURES.get(chapter.head, ()):
        lines += [f"![{shows}](pictures/promise-{name}.png)", ""]
    return "\n".join(lines)


def _kind(letter: Letter) -> tuple[Any, str]:
    return letter.at, letter.name


def letter_words(letters: list[Letter]) -> list[str]:
    """Write a letter once, however many got it."""
    from tests.stories.broken_promise import plain

    first = min(letters, key=lambda one: one.to)
    names = " and ".join(sorted(one.to for one in letters))
    when = f"{first.at:%A %-d %B}, {first.at:%H:%M}"
    return [f"**To {names}**, {when}: {first.subject}", "", "```text", plain(first.text), "```", ""]


async def photographed(cast: Cast) -> Story:
    """Live the story in front of a browser, which asks its pages of the application itself."""
    import httpx
    from playwright.async_api import Browser, Route, async_playwright

    from floorday import config
    from floorday.people import actions as people
    from tests.browser.house import ARGS, CHROMIUM
    from tests.site import BASE
    from tests.stories.broken_promise import live

    wanted = {name for shown in PICTURES.values() for name, _shows in shown}

    async def take(browser: Browser, name: str, *, path: str = "", html: str = "", who: Actor | None = None) -> None:
        width = int(name.rpartition("-")[2])
        height = 400 if html else 844 if width == 390 else 900
        context = await browser.new_context(viewport={"width": width, "height": height})
        if who is not None:
            opened = await people.open_session(who.person, now=config.now())
            await context.add_cookies([{"name": "floorday", "value": opened.token, "url": BASE}])

        async def answer(route: Route) -> None:
            assert lived
            asked = route.request
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=lived[0].site.app), base_url=BASE) as client:
                said = await client.request(asked.method, asked.url, headers=await asked.all_headers())
            head = {key: value for key, value in said.headers.items() if key != "content-encoding"}
            await route.fulfill(status=said.status_code, headers=head, body=said.content)

        await context.route("**/*", answer)
        page = await context.new_page()
        if html:
            await page.set_content(html)
        else:
            await page.goto(BASE + path)
            await page.locator("main h1").first.wait_for()
        place = ROOT / f"docs/pictures/promise-{name}.png"
        if name.startswith("over"):
            happened = page.locator("section", has=page.get_by_role("heading", name="What happened")).last
            await happened.screenshot(path=place, animations="disabled")
        else:
            await page.screenshot(path=place, animations="disabled", full_page=bool(html))
        await context.close()

    async with async_playwright() as running:
        browser = await running.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        lived: list[Story] = []

        async def look(name: str, path: str, who: Actor | None) -> None:
            for one in wanted:
                if one.rpartition("-")[0] == name:
                    await take(browser, one, path=path, who=who)

        story = await live(cast, look, lived.append)
        for to, name, picture in (("Fay", "issue_promised", "promised-letter-390"),
                                  ("Hana", "waits_for_you", "ladder-letter-390")):  # fmt: skip
            body = story.last(to, name).mail.get_body(("html",))
            assert body is not None
            await take(browser, picture, html=body.get_content())
        await browser.close()
    return story


if __name__ == "__main__":
    from tools.lived import show

    show(page)
