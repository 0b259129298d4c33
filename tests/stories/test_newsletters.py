"""The stories of a month: chosen, ordered, credited, read before they leave, and sent once to whoever wants them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from floorday.db.text import Prose
from floorday.errors import BadInput, FloordayError, Forbidden, Refused
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Naming, Resolution, Stream
from floorday.mail import letters as written
from floorday.mail import outbox, wishes
from floorday.mail.tables import Letter
from floorday.mail.wishes import Kind, Pace
from floorday.people import pages as people_pages
from floorday.people.access import Actor
from floorday.people.tables import Person
from floorday.stories import actions as stories
from floorday.stories import pages, rules
from floorday.stories.actions import StoryForm, newsletters
from floorday.stories.actions.newsletters import Choice
from floorday.stories.queries import newsletters as newsletter_queries
from floorday.stories.rules import Consent
from tests.cast import Cast, make_cast
from tests.site import Site

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
MONTH, EDIT = "2026-11", "/stories/newsletters/2026-11/edit"
Queries = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
async def cast(database: str) -> Cast:
    return await make_cast(NOW)


@pytest.fixture
def site(database: str) -> Site:
    return Site(pages.router, people_pages.router, clock=NOW)


async def told(
    cast: Cast, text: str, *, consent: Consent = Consent.COMPANY, hero: Actor | None = None, issue: UUID | None = None,
    at: datetime = NOW,
) -> UUID:  # fmt: skip
    hero = hero or cast.fay
    form = StoryForm(text=Prose(text), team=cast.billing, hero=hero.person, issue=issue)
    story = await stories.tell(cast.eva, form, now=at)
    if consent is not Consent.UNSAID:
        await stories.consent(hero, story.id, consent, now=NOW)
    return story.id


async def an_idea(cast: Cast, naming: Naming = Naming.NAMED) -> UUID:
    """Let Ben's idea be done by Gus."""
    form = NoteForm(text=Said("Forms ask twice"), stream=Stream.STAFF_TOLD, team=cast.billing, naming=naming,
                    idea=Said("Ask once"))  # fmt: skip
    issue = (await issues.note(cast.ben, form, now=NOW)).issue
    assert issue is not None
    await issues.assign(cast.eva, issue, department=cast.it, owner=cast.gus.person, now=NOW)
    await issues.resolve(cast.gus, issue, Resolution.HERE, "It asks once", now=NOW)
    return issue


async def posted() -> list[Letter]:
    return await Letter.objects().where(Letter.name == "newsletter").order_by(Letter.to_name)


def bytes_of(letter: Letter) -> str:
    letter.rendered_at = NOW
    return written.render(letter, None).decode()


async def kept(cast: Cast, *chosen: UUID, opening: str = "A good month", credit: bool = False) -> None:
    choices = [Choice(story, place, credit) for place, story in enumerate(chosen, start=1)]
    await newsletters.keep(cast.eva, MONTH, Prose(opening), choices, now=NOW)


async def test_a_coordinator_chooses_orders_reads_and_sends_it(site: Site, cast: Cast) -> None:
    one, two, out = [await told(cast, text) for text in ("Fay stayed late", "Fay rang back", "Fay sang")]
    await told(cast, "Fay keeps this to the team", consent=Consent.TEAM)
    await told(cast, "Fay has not said", consent=Consent.UNSAID)
    eva, max_ = await site.visitor(cast.eva), await site.visitor(cast.max)
    page = (await eva.get(EDIT)).text
    assert "Fay stayed late" in page
    assert "Fay keeps this" not in page
    assert "Fay has not said" not in page
    sent = await eva.post(EDIT, "/stories/newsletters/2026-11", opening="You heard well.",
                          story=[str(one), str(two), str(out)], place=["2", "1", "0"])  # fmt: skip
    assert sent.status_code == 303, sent.text
    letter = (await eva.get("/stories/newsletters/2026-11/letter")).text
    assert letter.index("You heard well.") < letter.index("Fay rang back") < letter.index("Fay stayed late")
    assert "Fay sang" not in letter
    assert (await max_.get("/stories/newsletters/2026-11")).status_code == 404
    assert await posted() == []
    refused = await eva.post(EDIT, "/stories/newsletters/2026-11/sending")
    assert refused.status_code == 422
    assert "Read it as it will leave" in refused.text
    sent = await eva.post(EDIT, "/stories/newsletters/2026-11/sending", read="on")
    assert sent.status_code == 303, sent.text
    names = [one.to_name for one in await posted()]
    assert names == sorted(actor.name for actor in cast.everybody().values() if actor is not cast.dan)
    page = (await max_.get("/stories/newsletters/2026-11")).text
    assert page.index("You heard well.") < page.index("Fay rang back") < page.index("Fay stayed late")
    assert "November 2026" in (await max_.get("/stories/newsletters")).text
    assert (await (await site.visitor(cast.dan)).get("/stories/newsletters/2026-11")).status_code == 403


async def test_it_is_sent_once_whoever_asks_and_when(cast: Cast) -> None:
    await kept(cast, await told(cast, "Fay stayed late"))

    async def send() -> int:
        try:
            return await newsletters.send(cast.eva, MONTH, read=True, now=NOW)
        except FloordayError:
            return 0

    counts = await asyncio.gather(*[send() for _one in range(4)])
    assert sorted(counts)[:3] == [0, 0, 0]
    assert len(await posted()) == max(counts) == 10
    with pytest.raises(Refused, match="sent once"):
        await newsletters.send(cast.eva, MONTH, read=True, now=NOW + timedelta(days=1))
    with pytest.raises(Refused, match="sent once"):
        await kept(cast, opening="Another")


async def test_it_can_be_taken_back_until_the_first_letter_leaves(site: Site, cast: Cast) -> None:
    await kept(cast, await told(cast, "Fay stayed late"))
    eva, max_ = await site.visitor(cast.eva), await site.visitor(cast.max)
    sent = await eva.post(EDIT, "/stories/newsletters/2026-11/sending", read="on")
    assert 'action="/stories/newsletters/2026-11/undo"' in (await eva.get(sent.headers["location"])).text
    with pytest.raises(Forbidden):
        await newsletters.undo(cast.ben, MONTH, now=NOW)
    back = await eva.post(EDIT, "/stories/newsletters/2026-11/undo")
    assert (back.status_code, back.headers["location"]) == (303, EDIT)
    assert (await max_.get("/stories/newsletters/2026-11")).status_code == 404
    assert {letter.taken_back_at for letter in await posted()} == {NOW}
    assert (await eva.post(EDIT, "/stories/newsletters/2026-11/undo")).status_code == 409
    assert await newsletters.send(cast.eva, MONTH, read=True, now=NOW) == 10
    leaving = await outbox.claim(now=NOW + timedelta(seconds=10), limit=30)
    assert sum(letter.name == "newsletter" for letter in leaving) == 10


async def test_what_has_begun_to_leave_is_not_taken_back(cast: Cast) -> None:
    await kept(cast, await told(cast, "Fay stayed late"))
    await newsletters.send(cast.eva, MONTH, read=True, now=NOW)
    assert {letter.leaves_at for letter in await posted()} == {NOW + timedelta(seconds=10)}
    one = (await posted())[3]
    await Letter.update({Letter.lease_until: NOW + timedelta(minutes=1)}).where(Letter.id == one.id)
    with pytest.raises(Refused, match="left already"):
        await newsletters.undo(cast.eva, MONTH, now=NOW + timedelta(seconds=10))
    assert {letter.taken_back_at for letter in await posted()} == {None}
    found = await newsletter_queries.newsletter(MONTH)
    assert found is not None
    assert found.sent_at == NOW
    await Letter.update({Letter.lease_until: None}).where(Letter.id == one.id)
    with pytest.raises(Refused, match="nothing to undo"):
        await newsletters.undo(cast.eva, MONTH, now=NOW + timedelta(seconds=11))


async def test_who_unsubscribed_gets_none_and_one_click_does_it(site: Site, cast: Cast) -> None:
    await kept(cast, await told(cast, "Fay stayed late"))
    await wishes.wish(cast.max.person, Kind.STORIES, Pace.NEVER, now=NOW)
    await Person.update({Person.left_at: NOW}).where(Person.id == cast.ada.person)
    assert await newsletters.send(cast.eva, MONTH, read=True, now=NOW) == 8
    (letter,) = [one for one in await posted() if one.to_name == "Gus Grant"]
    mail = bytes_of(letter)
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in mail
    link = next(line for line in mail.replace("\r\n ", "").splitlines() if line.startswith("List-Unsubscribe: "))
    path = "/wishes/" + link.split("/wishes/")[1].rstrip(">")
    nobody = await site.visitor()
    assert (await nobody.get(path)).status_code == 200
    assert (await wishes.wishes(cast.gus.person))[Kind.STORIES] is Pace.AT_ONCE
    assert (await nobody.client.post(path, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    assert (await wishes.wishes(cast.gus.person))[Kind.STORIES] is Pace.NEVER
    assert cast.gus.person not in {one.id for one in await newsletter_queries.receivers()}


async def test_credit_names_persons_only_after_a_tick_and_never_a_hidden_one(cast: Cast) -> None:
    open_, hidden = await an_idea(cast), await an_idea(cast, Naming.HIDDEN)
    one = await told(cast, "One form less", hero=cast.gus, issue=open_)
    other = await told(cast, "Another form less", hero=cast.gus, issue=hidden)
    await kept(cast, one, other)
    said = [newsletters.credit(story) for story in await newsletter_queries.told(MONTH)]
    assert said == ["Fixed by IT.", "Fixed by IT."]
    await kept(cast, one, other, credit=True)
    assert [newsletters.credit(story) for story in await newsletter_queries.told(MONTH)] == [
        "Fixed by Gus Grant, IT. The idea was Ben Baker's.", "Fixed by Gus Grant, IT."]  # fmt: skip
    await issues.restrict(cast.eva, open_, restricted=True, now=NOW)
    assert newsletters.credit((await newsletter_queries.told(MONTH))[0]) == ""


async def test_a_hero_who_takes_the_word_back_is_gone_before_and_after_it_was_sent(site: Site, cast: Cast) -> None:
    one, two = await told(cast, "Fay stayed late"), await told(cast, "Fay rang back")
    await kept(cast, one, two)
    await stories.consent(cast.fay, one, Consent.TEAM, now=NOW)
    assert [story.id for story in await newsletter_queries.told(MONTH)] == [two]
    await newsletters.send(cast.eva, MONTH, read=True, now=NOW)
    (letter, *_more) = await posted()
    assert "stayed late" not in bytes_of(letter)
    await stories.consent(cast.fay, two, Consent.TEAM, now=NOW)
    page = (await (await site.visitor(cast.max)).get("/stories/newsletters/2026-11")).text
    assert "Fay rang back" not in page
    assert "their heroes have said so" in page


async def test_what_was_told_once_is_not_offered_again_and_a_late_word_still_counts(cast: Cast) -> None:
    old = await told(cast, "Fay in October", at=NOW - timedelta(days=40))
    await told(cast, "Fay in September", at=NOW - timedelta(days=70))
    months = newsletters.month_at(MONTH, now=NOW)
    assert [one.id for one in await newsletter_queries.offered(months)] == [old]
    await newsletters.keep(cast.eva, "2026-10", Prose(""), [Choice(old, 1)], now=NOW)
    assert await newsletter_queries.offered(months) == []
    with pytest.raises(Refused, match="told already"):
        await kept(cast, old)


async def test_nothing_and_too_much_and_by_others_is_refused(cast: Cast) -> None:
    await kept(cast, opening="Call 020 7946 0958 for more")
    found = await newsletter_queries.newsletter(MONTH)
    assert found is not None
    assert "7946" not in found.opening
    with pytest.raises(Refused, match="no story"):
        await newsletters.send(cast.eva, MONTH, read=True, now=NOW)
    for who in (cast.ben, cast.hana, cast.ada):
        with pytest.raises(Forbidden):
            await newsletters.keep(who, MONTH, Prose(""), [], now=NOW)
    ids = [await told(cast, f"Fay {place}") for place in range(rules.MOST_TOLD + 1)]
    with pytest.raises(BadInput, match="At most 12"):
        await kept(cast, *ids)


@pytest.mark.parametrize("month", ["2026-12", "2026-13", "now", "1899-01", "2026-1"])
async def test_a_month_that_is_none_is_not_there(site: Site, cast: Cast, month: str) -> None:
    assert (await (await site.visitor(cast.eva)).get(f"/stories/newsletters/{month}/edit")).status_code == 404


@pytest.mark.parametrize("many", [1, 12])
async def test_however_many_there_are_it_takes_few_queries(site: Site, cast: Cast, queries: Queries, many: int) -> None:
    await kept(cast, *[await told(cast, f"Fay {place}") for place in range(many)])
    eva = await site.visitor(cast.eva)
    for path in (EDIT, "/stories/newsletters", "/stories/newsletters/2026-11", "/stories/newsletters/2026-11/letter"):
        with queries() as seen:
            assert (await eva.get(path)).status_code == 200
        assert len(seen) <= 8, (path, seen)
