"""The life of a joined issue, as each of its three reporters sees it: named, with the name hidden, and anonymous.

The same life stands as a table in docs/notes.md.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest

from floorday import config
from floorday.errors import DeliveryFailed
from floorday.issues import pages, queries
from floorday.issues.rules import Stage
from floorday.issues.tables import Issue
from floorday.mail import outbox
from floorday.mail.outbox import Parcel
from floorday.people.access import Actor
from tests.cast import Cast, make_cast
from tests.site import Site, Visitor

MINUTE = timedelta(minutes=1)


class Post:
    """A mail server that keeps what leaves, as (name, first name of the reader, text)."""

    def __init__(self) -> None:
        self.left: list[tuple[str, str, str]] = []

    async def send(self, batch: AsyncIterator[Parcel]) -> AsyncIterator[tuple[Parcel, DeliveryFailed | None]]:
        async for parcel in batch:
            mail = message_from_bytes(parcel.raw, policy=policy.default)
            text = "\n".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
            reader = mail["to"].addresses[0].display_name.split()[0]
            self.left.append((parcel.name, reader, f"{mail['subject']}\n{text}"))
            yield parcel, None

    async def round(self, now: datetime) -> dict[tuple[str, str], str]:
        """Let everything leave that is due, and give its texts by name and reader."""
        before = len(self.left)
        while await outbox.deliver(sender=self, calendar_part=lambda event: b"", now=now):
            pass
        return {(name, reader): text for name, reader, text in self.left[before:]}


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now().replace(microsecond=0))


async def test_three_who_raised_the_same_each_hear_of_it_in_their_own_way(cast: Cast) -> None:
    site, post = Site(pages.router, clock=config.now().replace(microsecond=0)), Post()

    async def at(who: Actor | None) -> Visitor:
        return await site.visitor(who)

    async def later() -> dict[tuple[str, str], str]:
        site.clock += MINUTE
        return await post.round(site.clock)

    async def say(who: Actor, text: str, naming: str, team: object) -> tuple[str, str]:
        page = await (await at(who)).post(
            "/notes/new", "/notes/new", text=text, stream="staff told", naming=naming, team=str(team))  # fmt: skip
        code = re.search(r'id="follow-up">([a-z0-9-]+)<', page.text)
        row = await Issue.select(Issue.id).where(Issue.title == text).first()
        assert row is not None, page.text
        return f"/issues/{row['id']}", code[1] if code else ""

    async def does(who: Actor, path: str, step: str, **fields: str) -> None:
        answer = await (await at(who)).post(path, f"{path}/{step}", **fields)
        assert answer.status_code == 303, answer.text

    async def seen(who: Actor, path: str) -> str:
        page = await (await at(who)).get(path)
        assert page.status_code == 200, page.text
        return page.text

    async def follows() -> str:
        nobody = await at(None)
        page = await nobody.post("/follow", "/follow", code=code)
        assert page.status_code == 200
        return page.text

    async def stage(path: str) -> Stage:
        return (await queries.issue(None, (await Issue.select(Issue.id).where(
            Issue.id == path.rsplit("/", 1)[-1]).first())["id"])).stage  # fmt: skip

    # Three raise the same thing: Fay with her name, Cleo hides hers, somebody of Claims (Ines) gives none.
    named, _none = await say(cast.fay, "Refunds wait for a batch", "named", cast.billing)
    hidden, _none = await say(cast.cleo, "Money back takes a week", "hidden", cast.claims)
    unnamed, code = await say(cast.ines, "Repayments are slow", "anonymous", cast.claims)
    assert code
    thanks = await later()
    assert set(thanks) == {("note_thanks", "Fay"), ("note_thanks", "Cleo")}, "nobody knows where to thank the third"
    assert "Needs an owner" in await follows()

    # The coordinator joins them. Those with an address are told by letter, the third by the code.
    ref = re.search(r"FD-\d+", await seen(cast.eva, named))
    assert ref is not None
    for part in (hidden, unnamed):
        await does(cast.eva, part, "join", into=ref[0])
    told = await later()
    assert set(told) == {("issue_joined", "Cleo")}
    assert ref[0] in told["issue_joined", "Cleo"]
    assert "It goes on as part of another issue" in await follows()
    for who in (cast.fay, cast.cleo):
        assert "Money back takes a week" in await seen(who, named), "who raised a part reads the whole"
    assert "<dd>3</dd>" in await seen(cast.eva, named)
    for who in (cast.fay, cast.ben, cast.hana):
        assert "Cleo Costa" not in await seen(who, named)
        assert "Ines Ito" not in await seen(who, named)
    assert "Cleo Costa" in await seen(cast.eva, named)

    # An owner, a date that is a word, an update: each hears the same words.
    await does(cast.eva, named, "owner", owner=f"{cast.it}/{cast.gus.person}")
    await does(cast.gus, named, "updates", update="The batch is looked at")
    told = await later()
    assert {(name, reader) for name, reader in told if name == "issue_updated"} == {
        ("issue_updated", "Fay"), ("issue_updated", "Cleo")}  # fmt: skip
    assert "Cleo" not in told["issue_updated", "Fay"]
    assert "The batch is looked at" in await follows()

    # One question, to all three: a button, a button, the code. The owner reads three answers and one name.
    await does(cast.gus, named, "reporter-questions", ask_floor="How many days?")
    assert "waits for an answer of the reporter since" in await seen(cast.gus, named)
    told = await later()
    for reader, says in (("Fay", "Five days"), ("Cleo", "Seven days")):
        link = re.search(r"/question/([a-z2-7]+)", told["note_question", reader])
        assert link is not None
        nobody, where = await at(None), f"/question/{link[1]}"
        assert "How many days?" in (await nobody.get(where)).text
        assert (await nobody.post(where, where, answer=says)).status_code == 303
        assert "You have answered it" in (await nobody.get(where)).text
    nobody = await at(None)
    assert "How many days?" in await follows()
    assert (await nobody.post("/follow", "/follow/answer", code=code, answer="Nine days")).status_code == 200
    assert "Your answer" in await follows(), "what was said with the code is read there again"
    page = await seen(cast.gus, named)
    assert all(says in page for says in ("Five days", "Seven days", "Nine days"))
    assert "waits for an answer" not in page
    assert "Fay Finch" in page
    assert "Cleo Costa" not in page
    told = await later()
    assert set(told) == {("note_answered", "Gus")}
    assert not any("Cleo" in text or "Fay" in text for text in told.values())

    # It is done, he says. Each is asked; the hidden one says no, which reopens it, and nobody learns who that was.
    await does(cast.gus, named, "resolution", how="everybody", done="The batch runs daily")
    told = await later()
    assert {reader for name, reader in told if name == "verdict_asked"} == {"Fay", "Cleo"}
    assert "Is it fixed where you are?" in await follows()
    link = re.search(r"/verdict/([a-z2-7]+)", told["verdict_asked", "Cleo"])
    assert link is not None
    nobody, where = await at(None), f"/verdict/{link[1]}"
    assert (await nobody.post(where, where, says="not", verdict_because="Still a week here")).status_code == 303
    assert await stage(named) is Stage.BEING_FIXED
    told = await later()
    assert {reader for name, reader in told if name == "issue_reopened"} == {"Fay", "Gus"}
    assert not any("Cleo" in text for text in told.values())
    page = await follows()
    assert "Being fixed" in page
    assert "It is open again" in page
    assert "Still a week here" not in page

    # The coordinator sees that hers is another thing, and splits it. Only she is told; the others go on.
    await does(cast.eva, hidden, "split")
    told = await later()
    assert set(told) == {("issue_split", "Cleo")}
    assert await stage(hidden) is Stage.NEEDS_OWNER
    assert await stage(named) is Stage.BEING_FIXED
    assert "<dd>2</dd>" in await seen(cast.eva, named)
    assert "followed by itself again" in await seen(cast.cleo, hidden)
    assert "Still a week here" not in await seen(cast.cleo, named), "what was said there stays there"
    for who in (cast.fay, cast.gus, cast.ben, cast.hana):
        page = await seen(who, named)
        assert "Cleo Costa" not in page, who.name
        if who is not cast.hana:
            assert "Still a week here" in page, who.name

    # It is done again: the code says fixed, and that confirms it for all who are still in it.
    await does(cast.gus, named, "resolution", how="everybody", done="Twice a day now")
    assert {reader for name, reader in await later() if name == "verdict_asked"} == {"Fay"}
    nobody = await at(None)
    done = await nobody.post("/follow", "/follow/verdict", code=code, says="fixed")
    assert done.status_code == 200
    assert "You say: fixed" in await follows()
    assert await stage(named) is Stage.CONFIRMED
    site.clock += timedelta(days=2)
    told = await post.round(site.clock)
    assert {reader for name, reader in told if name == "issue_confirmed"} == {"Fay", "Gus"}
    assert await stage(hidden) is Stage.NEEDS_OWNER
