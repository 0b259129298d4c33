"""The whole story of a broken promise, lived through pages and letters; its test and docs/a-broken-promise.md tell it.

Autumn 2026, London. Fay of Billing and Cleo of Claims meet the same trouble; Gus in IT owns it, Hed is his head, Ann
the sponsor, Hana the head of service, Eva the coordinator. Nothing is done by hand: people press buttons, the worker
looks at the clock each morning and each afternoon.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from msgspec import Struct

from floorday import worker
from floorday.app import frame_of, routers
from floorday.errors import DeliveryFailed
from floorday.issues.tables import Issue
from floorday.mail import outbox
from floorday.mail.outbox import Parcel
from floorday.mail.tables import LetterWish
from floorday.people.access import Actor, Grant, Role
from floorday.people.tables import Grant as GrantRow
from floorday.people.tables import Person
from floorday.render import tokens
from tests.cast import Cast
from tests.site import Site

TITLE = "Refunds wait for a weekly batch"
DAY = timedelta(days=1)
FIRST = date(2026, 11, 2)

Look = Callable[[str, str, "Actor | None"], Awaitable[None]]


class Letter(Struct, frozen=True):
    """A letter that somebody got, and when it left; what it says as text, and as it came."""

    at: datetime
    to: str
    name: str
    subject: str
    text: str
    mail: EmailMessage


class Chapter(Struct):
    """What happened at one moment, and which letters followed from it."""

    at: datetime
    head: str
    told: str
    letters: list[Letter]


class Story:
    """Lives the story; `look` is shown the pages that somebody looks at: a name, a path, and who."""

    def __init__(self, cast: Cast, look: Look | None = None) -> None:
        self.cast, self.look = cast, look
        self.site = Site(*routers(), clock=at(2), frame_of=frame_of)
        self.chapters: list[Chapter] = []
        self.path = ""
        self._worked = at(2)

    async def send(self, batch: AsyncIterator[Parcel]) -> AsyncGenerator[tuple[Parcel, DeliveryFailed | None]]:
        async for parcel in batch:
            mail = message_from_bytes(parcel.raw, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            body = mail.get_body(("plain",))
            assert body is not None
            self.chapters[-1].letters.append(Letter(
                self.site.clock, mail["To"].addresses[0].display_name.split()[0], parcel.name, mail["Subject"],
                body.get_content().replace("\r\n", "\n").strip(), mail))
            yield parcel, None

    def chapter(self, when: datetime, head: str, told: str) -> None:
        self.site.clock = when
        self.chapters.append(Chapter(when, head, told, []))

    async def clock(self, when: datetime) -> None:
        """Let the worker do what every morning and afternoon until this moment asks of it, and send what there is."""
        while self._worked < when:
            self._worked = min(self._worked + DAY / 24, when)
            if self._worked.hour in {9, 16} or self._worked == when:
                self.site.clock = self._worked
                await worker.run_clocks(now=lambda: self._worked)
                await self.post()
        self.site.clock = when

    async def post(self) -> None:
        now = self.site.clock + timedelta(seconds=30)
        while await outbox.deliver(sender=self, calendar_part=worker.calendar_part, now=now, limit=50):
            pass

    async def does(self, who: Actor, step: str, *, path: str = "", **fields: str) -> None:
        """Let somebody fill in a form of the issue's page and press its button; what follows leaves."""
        page = path or self.path
        answer = await (await self.site.visitor(who)).post(page, f"{page}/{step}" if step else page, **fields)
        assert answer.status_code == 303, answer.text
        await self.post()

    async def presses(self, letter: Letter, page: str, **fields: str) -> None:
        """Let the reader of a letter open its link, without signing in, and press a button there."""
        found = re.search(rf"/{page}/[a-z2-7]+", letter.text)
        assert found is not None, letter.text
        nobody = await self.site.visitor()
        assert (await nobody.get(found[0])).status_code == 200
        await self.seen(f"{page}-page", found[0], None)
        answer = await nobody.post(found[0], found[0], **fields)
        assert answer.status_code == 303, answer.text
        await self.post()

    async def seen(self, name: str, path: str, who: Actor | None) -> None:
        if self.look is not None:
            await self.look(name, path, who)

    def last(self, to: str, name: str) -> Letter:
        letters = [one for chapter in self.chapters for one in chapter.letters]
        return next(one for one in reversed(letters) if (one.to, one.name) == (to, name))


def at(day: int, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of that autumn, by the day of November: the 31st is the first of December. London is on UTC."""
    return datetime(FIRST.year, FIRST.month, 1, hour, minute, tzinfo=UTC) + (day - 1) * DAY


async def live(cast: Cast, look: Look | None = None, begun: Callable[[Story], None] | None = None) -> Story:
    """Live the whole story, and give it; `begun` is told of it at its beginning."""
    await LetterWish.delete(force=True)      # everybody gets their letters as they come without having said anything
    hed = Person(name="Hed Hart", email="hed@floorday.example", zone="Europe/London", created_at=at(1))
    await Person.insert(hed)
    await GrantRow.insert(GrantRow(
        person=hed.id, role=Role.HEAD_OF_DEPARTMENT.value, department=cast.it, granted_at=at(1)))
    head = Actor(person=hed.id, name=hed.name, email=hed.email, zone=hed.zone,
                 grants=frozenset({Grant(Role.HEAD_OF_DEPARTMENT, department=cast.it)}))
    story = Story(cast, look)
    if begun is not None:
        begun(story)
    tell, does, clock, presses = story.chapter, story.does, story.clock, story.presses

    tell(at(2), "Two teams say the same", f"Fay of Billing notes: *{TITLE}.* Cleo of Claims has met it, too.")
    await does(cast.fay, "", path="/notes/new", text=TITLE, stream="staff told", naming="named", team=str(cast.billing))
    row = await Issue.select(Issue.id).where(Issue.title == TITLE).first()
    assert row is not None
    story.path = f"/issues/{row['id']}"
    await does(cast.cleo, "notes", text="With us it takes nine days.", stream="staff told", team=str(cast.claims))

    tell(at(2, 11), "It has an owner, and a sponsor", "Eva, who coordinates, gives it to Gus in IT. Ann sponsors it.")
    await does(cast.eva, "owner", owner=f"{cast.it}/{cast.gus.person}")
    await does(cast.eva, "sponsor", sponsor=str(cast.ann.person))

    tell(at(2, 14), "A promise", "Gus promises Thursday 12 November. Both who raised it hear so at once.")
    await does(cast.gus, "promises", promised_for="2026-11-12")
    await clock(at(2, 16))

    tell(at(10, 9), "Two working days before", "The promise is called to mind while it can still be moved.")
    await clock(at(10, 17))

    tell(at(13, 9), "The date has gone by", "Nobody has said a word. The promise is broken: those who raised it are "
         "told so, and Gus is asked what comes next.")  # fmt: skip
    await clock(at(13, 17))
    await story.seen("passed", story.path, cast.fay)

    tell(at(18, 9), "Three working days later", "Still no word: it climbs to the head of the department.")
    await clock(at(18, 17))
    tell(at(23, 9), "Three more", "Then the sponsor.")
    await clock(at(23, 17))
    tell(at(26, 9), "And three more", "At last the head of service. Nobody was told twice.")
    await clock(at(26, 17))
    await story.seen("ladder", story.path, head)

    tell(at(27, 10), "No news yet, because ...", "Gus presses the button of his letter, without signing in. It is a "
         "word, and the climb ends. Those who raised it read it at four, with the other news of the day.")  # fmt: skip
    await presses(story.last("Gus", "waits_for_you"), "word", news="none", text="the vendor has not answered us.")
    await clock(at(27, 17))

    tell(at(30, 10), "A new date, with a reason", "It counts as broken all the same: the old date had passed.")
    await does(cast.gus, "promises", promised_for="2026-12-11", promise_because="The vendor delivers this week.")
    await clock(at(33, 9))

    tell(at(33, 10), "It is done, Gus says", "Whether that is so only they can say who raised it.")
    await does(cast.gus, "resolution", how="here", done="The batch runs every night.")
    tell(at(33, 13), "Fixed, says the one", "Fay says so with two taps, without signing in. It is confirmed.")
    await presses(story.last("Fay", "verdict_asked"), "verdict", says="fixed")
    await clock(at(33, 17))
    tell(at(34, 9, 30), "Not fixed, says the other", "Cleo's refunds still wait. One *not fixed* weighs more than a "
         "*fixed*: it is open again, and no letter says who said so.")  # fmt: skip
    await presses(story.last("Cleo", "verdict_asked"), "verdict", says="not",
                  verdict_because="Claims still waits a week.")  # fmt: skip
    await clock(at(38, 9))

    tell(at(38, 10), "Fixed for everybody", "This time for both teams. Both are asked again.")
    await does(cast.gus, "resolution", how="everybody", done="The batch of Claims runs every night, too.")
    tell(at(38, 15), "Confirmed", "Cleo says it is fixed. Now it is.")
    await presses(story.last("Cleo", "verdict_asked"), "verdict", says="fixed")
    await clock(at(38, 17))
    await story.seen("over", story.path, cast.hana)
    return story


def plain(text: str) -> str:
    """Take out of a letter what is another each time the story is lived: tokens, ids, this machine's address."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "…", tokens.mask_tokens(text))
    text = text.replace("http://127.0.0.1:8000", "https://floorday.example.com")
    return re.sub(r"\n{3,}", "\n\n", text)
