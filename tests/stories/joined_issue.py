"""The life of a joined issue, beside each of the three who raised it; its test and docs/a-joined-issue.md tell it.

November 2026, London. Fay of Billing gives her name, Cleo of Claims hides hers, somebody gives none and keeps the code.
After each step all three look: at their page, at its history, at what came by mail.
"""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from floorday.issues.tables import Issue
from floorday.mail.tables import LetterWish
from tests.stories.broken_promise import Letter, Story, at, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from floorday.people.access import Actor
    from tests.cast import Cast
    from tests.stories.broken_promise import Look

FAY, CLEO, CODE = "Fay, named", "Cleo, name hidden", "The code"
WHO = (FAY, CLEO, CODE)


class Seen(Struct, frozen=True):
    """What one of the three has after a step: letters, how the page says it stands, what is new in its history."""

    letters: list[Letter]
    stands: str
    asked: list[str]
    news: list[str]


class Step(Struct, frozen=True):
    """What was done, when, and what each of the three then sees."""

    at: datetime
    head: str
    told: str
    seen: dict[str, Seen]


class Joined(Story):
    """Lives the story, and writes down what each of the three sees."""

    def __init__(self, cast: Cast, look: Look | None = None) -> None:
        super().__init__(cast, look)
        self.steps: list[Step] = []
        self.paths: dict[str, str] = {}
        self.refs: dict[str, str] = {}
        self.code = ""
        self._before: dict[str, list[str]] = {}

    async def say(self, who: Actor, key: str, text: str, naming: str) -> None:
        """Raise it; whoever gives no name keeps the code."""
        team = self.cast.claims if key != FAY else self.cast.billing
        page = await (await self.site.visitor(who)).post(
            "/notes/new", "/notes/new", text=text, stream="staff told", naming=naming, team=str(team))  # fmt: skip
        if code := re.search(r'id="follow-up">([a-z0-9-]+)<', page.text):
            self.code = code[1]
        row = await Issue.select(Issue.id, Issue.number).where(Issue.title == text).first()
        assert row is not None, page.text
        self.paths[key] = f"/issues/{row['id']}"
        self.refs[f"FD-{row['number']}"] = f"FD-{len(self.refs) + 1}"
        await self.post()

    async def follows(self, to: str = "", **fields: str) -> str:
        """Open what the code opens, or send something from there."""
        nobody = await self.site.visitor()
        page = await nobody.post("/follow", f"/follow{to}", code=self.code, **fields)
        assert page.status_code == 200, page.text
        await self.post()
        return page.text

    async def look_round(self) -> None:
        """Let all three look, and keep what they see."""
        chapter = self.chapters[-1]
        seen: dict[str, Seen] = {}
        for key, who in ((FAY, self.cast.fay), (CLEO, self.cast.cleo)):
            page = (await (await self.site.visitor(who)).get(self.paths[key])).text
            if into := re.search(r'joined into another issue\. <a href="(/issues/[^"]+)"', page):
                page = (await (await self.site.visitor(who)).get(into[1])).text
            letters = [one for one in chapter.letters if one.to == who.name.split()[0]]
            seen[key] = self._seen(key, page, letters)
        seen[CODE] = self._seen(CODE, await self.follows(), [])
        self.steps.append(Step(chapter.at, chapter.head, chapter.told, seen))

    def _seen(self, key: str, page: str, letters: list[Letter]) -> Seen:
        lines = [self.words(one) for one in re.findall(r"<li[^>]*>(.*?)</li>", _history(page), re.DOTALL)]
        known, news = list(self._before.get(key, [])), list[str]()
        for line in lines:
            if line in known:
                known.remove(line)
            else:
                news.append(line)
        self._before[key] = lines
        where = r"<dt>Where it stands</dt><dd>(.*?)</dd>" if key == CODE else r'<p class="row">(.*?)</p>'
        stands = re.search(where, page, re.DOTALL)
        asked = [words for words in ("Is it fixed where you are?", "A question to you", "You are asked")
                 if words in page]  # fmt: skip
        return Seen(letters, self.words(stands[1]) if stands else "", asked, news)

    def words(self, said: str) -> str:
        """Give the words of a piece of a page, with the issues' numbers as the story counts them."""
        said = re.sub(r'<p class="line">.*?</p>', "", said, flags=re.DOTALL)
        text = html.unescape(re.sub(r"<[^>]+>", " ", said.replace("<blockquote>", "“").replace("</blockquote>", "”")))
        return self.named(re.sub(r"(?<=“) | (?=”)", "", " ".join(text.split())))

    def named(self, text: str) -> str:
        """Say the issues' numbers as the story counts them; that of an anonymous one is another each time."""
        return re.sub(r"FD-\d+", lambda one: self.refs.get(one[0], one[0]), plain(text))


def _history(page: str) -> str:
    found = re.search(r'<ol class="history">(.*?)</ol>', page, re.DOTALL)
    return found[1] if found else ""


async def live(cast: Cast, look: Look | None = None, begun: Callable[[Story], None] | None = None) -> Joined:
    """Live the whole story, and give it; `begun` is told of it at its beginning."""
    await LetterWish.delete(force=True)
    story = Joined(cast, look)
    if begun is not None:
        begun(story)
    tell, does, clock, look_round = story.chapter, story.does, story.clock, story.look_round

    tell(at(2), "Three say the same", "Each in their own words, each in their own way.")
    await story.say(cast.fay, FAY, "Refunds wait for a batch", "named")
    await story.say(cast.cleo, CLEO, "Money back takes a week", "hidden")
    await story.say(cast.ines, CODE, "Repayments are slow", "anonymous")
    story.path = story.paths[FAY]
    await look_round()

    tell(at(3), "They are one", "Eva, who coordinates, joins the other two into Fay's.")
    ref = next(iter(story.refs))
    for key in (CLEO, CODE):
        await does(cast.eva, "join", path=story.paths[key], into=ref)
    await clock(at(3, 17))
    await look_round()
    await story.seen("joined", story.path, cast.cleo)

    tell(at(4), "It has an owner, who gives a word", "Gus in IT has it, and says what he does.")
    await does(cast.eva, "owner", owner=f"{cast.it}/{cast.gus.person}")
    await does(cast.gus, "updates", update="The bank is asked for a daily run.")
    await clock(at(4, 17))
    await look_round()

    tell(at(5), "One question", "Gus asks those who raised it. He sees one name of three.")
    await does(cast.gus, "reporter-questions", ask_floor="How many days does it take?")
    await look_round()

    tell(at(6), "Three answers", "Fay and Cleo answer by the button of their letter, the third with the code.")
    for who, says in (("Fay", "Five days"), ("Cleo", "Seven days")):
        await story.presses(story.last(who, "note_question"), "question", answer=says)
    await story.follows("/answer", answer="Nine days")
    await clock(at(7, 9))
    await look_round()
    await story.seen("answered", story.path, cast.gus)

    tell(at(9), "It is done, Gus says", "Each is asked whether that is so.")
    await does(cast.gus, "resolution", how="everybody", done="The batch runs daily.")
    await look_round()

    tell(at(10), "Not fixed, says Cleo", "It is open again, and nobody learns who said so.")
    asked = story.last("Cleo", "verdict_asked")
    await story.presses(asked, "verdict", says="not", verdict_because="Still a week here.")
    await clock(at(10, 17))
    await look_round()

    tell(at(11), "Hers is another thing", "Eva splits Cleo's: it stands by itself again, with its own history.")
    await does(cast.eva, "split", path=story.paths[CLEO])
    await clock(at(11, 17))
    await look_round()

    tell(at(12), "Done again, and confirmed", "The code says *fixed*; that confirms it for those who are still in it.")
    await does(cast.gus, "resolution", how="everybody", done="Twice a day now.")
    await story.follows("/verdict", says="fixed")
    await clock(at(13, 17))
    await look_round()
    await story.seen("over", story.path, cast.fay)
    return story
