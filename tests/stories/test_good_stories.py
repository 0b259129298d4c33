"""Stories: told, thanked for in time and with a draft, and told no further than their hero lets them be."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from floorday.bookings.queries import BookingRow
from floorday.db.text import Line, Prose
from floorday.errors import BadInput, Forbidden, NotFound, Refused
from floorday.issues import actions as issues
from floorday.issues.actions import NoteForm, Said
from floorday.issues.rules import Naming, Resolution, Stream
from floorday.mail import letters as written
from floorday.mail.tables import Letter
from floorday.stories import actions, pages, rules
from floorday.stories import queries as found
from floorday.stories.actions import StoryForm
from floorday.stories.queries import StoryRow, Wanted
from floorday.stories.rules import Consent
from floorday.summaries import queries as summaries
from floorday.summaries.figures import COMPANY
from tests.cast import NOW, Cast, a_booking, make_cast
from tests.issues.test_actions import owned
from tests.site import Site

HOUR = timedelta(hours=1)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def a_story(cast: Cast, *, day: BookingRow | None = None, now: datetime = NOW) -> StoryRow:
    return await actions.tell(cast.ben, StoryForm(
        text=Prose("Fay stayed on the line until the ambulance was there."), team=cast.billing, hero=cast.fay.person,
        customer_words=Prose("She never let go."), customer=Line("Marta"), day=day.id if day else None,
    ), now=now)  # fmt: skip


async def posted(name: str) -> list[dict[str, Any]]:
    rows = await Letter.select(Letter.to_name, Letter.facts).where(
        Letter.name == name, Letter.taken_back_at.is_null()).order_by(Letter.id)
    return [{"to": row["to_name"].split()[0], **msgspec.json.decode(row["facts"])} for row in rows]


async def test_its_hero_says_where_it_may_be_told(cast: Cast) -> None:
    story = await a_story(cast)
    assert story.consent is Consent.UNSAID
    (letter,) = await posted("story_told")
    assert letter["to"] == "Fay"
    token = written.links_of(letter)["consent"].token()
    site = Site(pages.router, clock=NOW)
    door = await site.visitor()
    page = await door.get(f"/story/{token}")
    assert "until the ambulance" in page.text
    assert "Marta" in page.text
    assert (await found.story(cast.eva, story.id)).consent is Consent.UNSAID
    await door.post(f"/story/{token}", f"/story/{token}", consent="company")
    assert (await found.story(cast.eva, story.id)).consent is Consent.COMPANY
    await actions.consent(cast.fay, story.id, Consent.TEAM, now=NOW)
    assert (await found.story(cast.eva, story.id)).consent is Consent.TEAM
    with pytest.raises(Forbidden):
        await actions.consent(cast.ben, story.id, Consent.COMPANY, now=NOW)
    with pytest.raises(NotFound):
        await actions.consent_by_token("b" * 32, Consent.COMPANY, now=NOW)


async def test_the_thank_you_is_drafted_from_the_day_and_sent(cast: Cast) -> None:
    day = await a_booking(cast, accepted=True)
    await issues.note(cast.ann, NoteForm(
        text=Said("Fay knows every form by heart."), stream=Stream.GOOD_NEWS, day=day.id), now=NOW)
    story = await a_story(cast, day=day)
    assert [one["to"] for one in await posted("thanks_asked")] == ["Ann"]
    ann = await Site(pages.router, clock=NOW).visitor(cast.ann)
    page = await ann.get(f"/stories/{story.id}")
    for words in ("Dear Fay", "until the ambulance", "She never let go", "every form by heart", "Ann Archer"):
        assert words in page.text
    await ann.post(f"/stories/{story.id}", f"/stories/{story.id}/thanks", thanks="Dear Fay, thank you.")
    thanked = await found.story(cast.ann, story.id)
    assert (thanked.thanked_at, thanked.thanked_by, thanked.thanks) == (NOW, cast.ann.person, "Dear Fay, thank you.")
    (letter,) = await posted("thank_you")
    assert (letter["to"], letter["words"]) == ("Fay", "Dear Fay, thank you.")
    with pytest.raises(Refused, match="already"):
        await actions.thank(cast.ben, story.id, "Once more.", now=NOW + HOUR)


async def test_said_in_person_is_a_thank_you_without_a_letter(cast: Cast) -> None:
    story = await a_story(cast)
    ben = await Site(pages.router, clock=NOW).visitor(cast.ben)
    await ben.post(f"/stories/{story.id}", f"/stories/{story.id}/thanks", thanks="A draft", said="true")
    thanked = await found.story(cast.ben, story.id)
    assert (thanked.thanked_at, thanked.thanks) == (NOW, "")
    assert await posted("thank_you") == []


@pytest.mark.parametrize(("hours", "due"), [(23, False), (24, True), (48, True), (71, True), (72, False)])
def test_the_reminder_comes_while_it_is_in_time(hours: int, due: bool) -> None:
    told = datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert rules.thanks_due(told, now=told + hours * HOUR, zone="Europe/London") is due


async def test_whoever_gives_the_thanks_is_reminded_once(cast: Cast) -> None:
    await a_story(cast)
    for hour in range(24, 80, 4):
        await actions.remind(now=NOW + hour * HOUR)
    assert [one["to"] for one in await posted("thanks_due")] == ["Ben"]
    assert await actions.remind(now=NOW + 80 * HOUR) == 0


async def test_no_reminder_once_they_were_thanked(cast: Cast) -> None:
    story = await a_story(cast)
    await actions.thank(cast.ben, story.id, now=NOW + HOUR)
    await actions.remind(now=NOW + 25 * HOUR)
    assert await posted("thanks_due") == []


async def test_a_story_is_taken_back_as_long_as_nobody_was_thanked(cast: Cast) -> None:
    story = await a_story(cast)
    await actions.withdraw(cast.ben, story.id, now=NOW)
    assert await posted("story_told") == []
    assert await found.newest(cast.eva, Wanted()) == []
    with pytest.raises(NotFound):
        await found.story(cast.eva, story.id)
    other = await a_story(cast)
    await actions.thank(cast.ben, other.id, now=NOW)
    with pytest.raises(Refused, match="stays"):
        await actions.withdraw(cast.ben, other.id, now=NOW)


async def test_a_customer_has_a_first_name_at_most(cast: Cast) -> None:
    with pytest.raises(BadInput, match="first name"):
        await actions.tell(cast.ben, StoryForm(
            text=Prose("Fay helped."), team=cast.billing, hero=cast.fay.person, customer=Line("Marta Silva"),
        ), now=NOW)  # fmt: skip


async def test_what_was_fixed_gives_credit_to_who_fixed_it_and_whose_idea_it_was(cast: Cast) -> None:
    issue = await owned(cast)
    await issues.note(cast.fay, NoteForm(
        text=Said("With us too."), stream=Stream.STAFF_TOLD, issue=issue.id, idea=Said("Let the batch run daily")),
        now=NOW)
    await issues.resolve(cast.gus, issue.id, Resolution.EVERYBODY, "The batch runs daily.", now=NOW)
    ben = await Site(pages.router, clock=NOW).visitor(cast.ben)
    page = await ben.get(f"/stories/new?issue={issue.id}")
    for words in ("The batch runs daily.", "Gus Grant, IT", f'<option value="{cast.fay.person}" selected>Fay Finch'):
        assert words in page.text
    await ben.post(f"/stories/new?issue={issue.id}", "/stories", team=str(cast.billing), issue=str(issue.id),
                   hero=str(cast.gus.person), text="The batch runs daily.", fixed_by="Gus Grant, IT",
                   idea_by=str(cast.fay.person))
    (story,) = await found.newest(cast.ben, Wanted())
    assert (story.hero, story.issue, story.fixed_by, story.idea_by) == (
        cast.gus.person, issue.id, "Gus Grant, IT", cast.fay.person)
    credit = "Fixed by Gus Grant, IT. The idea was Fay Finch's."
    assert credit in html.unescape((await ben.get(f"/stories/{story.id}")).text)
    await actions.thank(cast.ben, story.id, "Thank you, Gus.", now=NOW)
    (thanks,) = await posted("thank_you")
    assert thanks["credit"] == credit
    assert [one["to"] for one in await posted("story_told")] == ["Gus"]


@pytest.mark.parametrize("naming", [Naming.HIDDEN, Naming.ANONYMOUS, None])
async def test_nobody_is_credited_who_did_not_tell_it_under_their_name(cast: Cast, naming: Naming | None) -> None:
    """Whoever hid their name, or told no idea, is refused in the same words: nothing is learnt by asking."""
    issue = await owned(cast)
    if naming is not None:
        await issues.note(cast.fay, NoteForm(
            text=Said("With us too."), stream=Stream.STAFF_TOLD, issue=issue.id, idea=Said("Run it daily"),
            naming=naming), now=NOW)  # fmt: skip
    ben = await Site(pages.router, clock=NOW).visitor(cast.ben)
    assert 'name="idea_by"' not in (await ben.get(f"/stories/new?issue={issue.id}")).text
    form = StoryForm(text=Prose("It runs."), team=cast.billing, hero=cast.gus.person, issue=issue.id,
                     idea_by=cast.fay.person)  # fmt: skip
    with pytest.raises(BadInput, match="under their name"):
        await actions.tell(cast.ben, form, now=NOW)
    assert await found.newest(cast.ben, Wanted()) == []


async def test_an_idea_is_no_longer_credited_when_its_note_is_taken_back_or_the_issue_restricted(cast: Cast) -> None:
    issue = await owned(cast)
    note = (await issues.note(cast.fay, NoteForm(
        text=Said("With us too."), stream=Stream.STAFF_TOLD, issue=issue.id, idea=Said("Run it daily")), now=NOW)).note
    form = StoryForm(text=Prose("It runs."), team=cast.billing, hero=cast.gus.person, issue=issue.id,
                     idea_by=cast.fay.person)  # fmt: skip
    story = await actions.tell(cast.ben, form, now=NOW)
    assert await found.credited([story]) == {story.id: "Fay Finch"}
    await issues.restrict(cast.eva, issue.id, restricted=True, now=NOW)
    assert await found.credited([story]) == {}
    await issues.restrict(cast.eva, issue.id, restricted=False, now=NOW)
    assert await found.credited([story]) == {story.id: "Fay Finch"}
    await issues.withdraw_note(cast.fay, note, now=NOW)
    assert await found.credited([story]) == {}


async def test_the_list_pages_and_asks_little(cast: Cast, queries: Any) -> None:
    for place in range(45):
        await a_story(cast, now=NOW - place * HOUR)
    ben = await Site(pages.router, clock=NOW).visitor(cast.ben)
    with queries() as ran:
        page = await ben.get("/stories")
    assert len(ran) <= 8
    assert page.text.count("<article") == 20
    older = page.text.split('href="/stories?before=')[1].split('"')[0]
    second = await ben.get(f"/stories?before={older}")
    assert second.text.count("<article") == 20
    keys = [re.findall(r'data-key="([^"]+)"', one.text) for one in (page, second)]
    assert not set(keys[0]) & set(keys[1])


async def test_no_month_counts_what_was_taken_back(cast: Cast) -> None:
    kept, back = await a_story(cast), await a_story(cast)
    await actions.withdraw(cast.ben, back.id, now=NOW)
    (month,) = (await summaries.counted(
        COMPANY, ("2026-11",), now=NOW + HOUR, zone=ZoneInfo("Europe/London"))).months  # fmt: skip
    assert month is not None
    assert month.figures["stories"].value == 1
    assert kept.id != back.id
