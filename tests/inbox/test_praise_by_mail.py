"""Praise by mail: from anybody of ours it waits as a draft to be told; from nobody else, and never told by itself."""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from floorday import config
from floorday.bookings import actions as bookings
from floorday.db import run_sql
from floorday.db.text import Line, Prose
from floorday.errors import NotFound
from floorday.mail.tables import Letter
from floorday.people.access import Actor
from floorday.stories import actions, pages, queries, rules
from floorday.stories.actions import Telling
from floorday.stories.queries import Wanted
from floorday.stories.tables import Story
from tests.cast import NOW, Cast, a_booking, make_cast
from tests.inbox.door import posted
from tests.site import Site

LATER = NOW + timedelta(minutes=5)
SAID = (
    "Hi,\n\nFay stayed on until the refund was booked. Her caller said \"She never let go of it.\" - Marta Maier\n\n"
)
QUOTED = "-- \nAnn Archer\n\nOn Mon, Ben wrote:\n> Old words\n"


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FLOORDAY_TRUSTED_AUTHSERV_ID", "mx.floorday.example")
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


def a_mail(
    sender: Actor | str, *, to: str, subject: str = "Praise", text: str = SAID + QUOTED,
    message_id: str = "<praise-1@mail.example>", **headers: str,
) -> bytes:  # fmt: skip
    mail = EmailMessage()
    mail["From"], mail["To"] = sender if isinstance(sender, str) else sender.email, to
    mail["Subject"], mail["Message-ID"] = subject, message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


async def reason() -> str:
    rows = await run_sql("SELECT reason FROM inbound_mail ORDER BY received_at DESC, id DESC")
    return str(rows[0]["reason"])


async def letters(name: str) -> list[dict[str, Any]]:
    rows = await Letter.select(Letter.to_name, Letter.facts).where(Letter.name == name).order_by(Letter.to_name)
    return [{"to": row["to_name"].split()[0], **msgspec.json.decode(row["facts"])} for row in rows]


async def test_a_manager_praises_whom_they_sat_with_and_tells_it(cast: Cast) -> None:
    day = await a_booking(cast, now=NOW - timedelta(days=5), accepted=True, days=4)
    await bookings.hold(cast.ben, day.id, now=day.ends_at)
    to = actions.thanks_address(cast.billing)
    assert await posted(a_mail(cast.ann, to=to), now=LATER) == "story-drafted"
    (draft,) = await queries.drafts(cast.ann)
    assert (draft.hero, draft.by, draft.day) == (cast.fay.person, cast.ann.person, day.id)
    assert draft.text == "Fay stayed on until the refund was booked. Her caller said"
    assert (draft.customer_words, draft.customer) == ("She never let go of it.", "Marta")
    (letter,) = await letters("praise_kept")
    assert (letter["to"], letter["mine"]) == ("Ann", True)
    assert letter["links"]["page"]["path"] == f"/stories/drafts/{draft.id}"
    assert "Ann Archer has praised somebody of Billing" in await reason()

    assert await queries.newest(cast.hana, Wanted()) == [], "it is no story yet"
    assert await letters("story_told") == []
    story = await actions.tell_draft(cast.ann, draft.id, Telling(
        text=Prose("Fay stayed on until the refund was booked."), hero=cast.fay.person, customer=Line(draft.customer),
        customer_words=Prose(draft.customer_words)), now=LATER)  # fmt: skip
    assert (story.id, story.by, story.consent) == (draft.id, cast.ann.person, rules.Consent.UNSAID)
    assert [one["to"] for one in await letters("story_told")] == ["Fay"]
    assert await queries.drafts(cast.ann) == []
    with pytest.raises(NotFound):
        await actions.tell_draft(cast.ann, draft.id, Telling(text=Prose("Twice")), now=LATER)
    assert [one.id for one in await queries.newest(cast.hana, Wanted())] == [draft.id]


async def test_a_colleague_of_another_team_praises_and_the_lead_tells_it(cast: Cast) -> None:
    to = actions.thanks_address(cast.billing)
    assert await posted(a_mail(cast.cleo, to=to, subject="Thank you, Fay Finch", text="Call 020 7946 0018."),
                        now=LATER) == "story-drafted"  # fmt: skip
    (draft,) = await queries.drafts(cast.ben)
    assert (draft.hero, draft.text) == (cast.fay.person, "Call [phone number].")
    assert await queries.drafts(cast.cleo) == []
    (thanks,), (came,) = await letters("praise_kept"), await letters("praise_came")
    assert (thanks["to"], thanks["mine"], came["to"], came["by"]) == ("Cleo", False, "Ben", "Cleo Costa")
    told = await actions.tell_draft(cast.ben, draft.id, Telling(
        text=Prose("Fay helped Claims."), hero=cast.fay.person), now=LATER)
    assert told.by == cast.cleo.person
    assert (await queries.story(cast.cleo, draft.id)).text == "Fay helped Claims."


async def test_who_is_not_of_ours_waits_and_so_does_a_forged_one(cast: Cast, checked: None) -> None:
    to, ours = actions.thanks_address(cast.billing), "mx.floorday.example; dmarc=pass header.from=floorday.example"
    assert await posted(a_mail("marta@home.example", to=to, message_id="<p1@x>"), now=LATER) == "needs-human"
    assert "not of ours" in await reason()
    assert await posted(a_mail(cast.fay, to=to, message_id="<p2@x>"), now=LATER) == "needs-human"
    assert await posted(a_mail(cast.fay, to=to, message_id="<p3@x>", Authentication_Results=ours.replace(
        "pass", "fail")), now=LATER) == "rejected-unauthenticated"  # fmt: skip
    assert not await Story.count()
    assert await posted(a_mail(cast.fay, to=to, message_id="<p4@x>", Authentication_Results=ours),
                        now=LATER) == "story-drafted"  # fmt: skip


async def test_the_programmes_address_asks_for_proof_and_knows_the_team(cast: Cast, checked: None) -> None:
    to, proof = actions.thanks_address(), "mx.floorday.example; dmarc=pass header.from=floorday.example"
    assert to == "thanks@floorday.example"
    assert await posted(a_mail(cast.fay, to=to, message_id="<q1@x>", text="Ben Baker took my shift."),
                        now=LATER) == "needs-human"  # fmt: skip
    assert await posted(a_mail(cast.fay, to=to, message_id="<q2@x>", text="Ben Baker took my shift.",
                               Authentication_Results=proof), now=LATER) == "story-drafted"  # fmt: skip
    (draft,) = await queries.drafts(cast.fay)
    assert (draft.team, draft.hero) == (cast.billing, cast.ben.person)
    assert await posted(a_mail(cast.gus, to=to, message_id="<q3@x>", Authentication_Results=proof),
                        now=LATER) == "needs-human"  # fmt: skip
    assert "which team" in await reason()


async def test_without_a_server_that_checks_the_programmes_address_waits(cast: Cast) -> None:
    assert await posted(a_mail(cast.fay, to=actions.thanks_address()), now=LATER) == "needs-human"
    assert not await Story.count()


async def test_twice_is_once_and_what_is_no_mail_of_a_person_changes_nothing(cast: Cast) -> None:
    to = actions.thanks_address(cast.billing)
    assert await posted(a_mail(cast.fay, to=to), now=LATER) == "story-drafted"
    assert await posted(a_mail(cast.fay, to=to), now=LATER) == "ignored-duplicate"
    assert await posted(a_mail(cast.fay, to=to, message_id="<r2@x>", Auto_Submitted="auto-replied"),
                        now=LATER) == "ignored-auto-reply"  # fmt: skip
    assert await posted(a_mail(cast.fay, to=to, message_id="<r3@x>", List_Id="<all.example>"),
                        now=LATER) == "needs-human"  # fmt: skip
    over = f"thanks+{'a' * 32}@floorday.example"
    assert await posted(a_mail(cast.fay, to=over, message_id="<r4@x>"), now=LATER) == "needs-human"
    assert await Story.count() == 1


async def test_a_draft_is_no_story_for_clocks_and_lists(cast: Cast) -> None:
    draft = await actions.keep_praise(cast.ann, cast.billing, "Fay", "She stayed.", now=NOW)
    assert await queries.unthanked(now=LATER) == []
    with pytest.raises(NotFound):
        await queries.story(cast.eva, draft.id)
    assert await actions.remind(now=NOW + timedelta(days=2)) == 0


@pytest.mark.parametrize(("subject", "text", "hero"), [
    ("Thanks to Fay", "She stayed.", "fay"), ("Praise", "fay finch stayed late", "fay"), ("Praise", "They stayed", ""),
    ("Praise", "Fay and Ben stayed", ""), ("Ben", "Fay says he stayed", "ben"), ("Fayence", "Benign", ""),
])  # fmt: skip
def test_whom_it_is_about(subject: str, text: str, hero: str) -> None:
    members = {uuid4(): "Fay Finch", uuid4(): "Ben Baker"}
    found = rules.praise(subject, text, members).hero
    assert (members[found].split()[0].lower() if found else "") == hero


def test_two_of_one_name_are_told_apart_by_the_whole_name_alone() -> None:
    one, two = uuid4(), uuid4()
    members = {one: "Fay Finch", two: "Fay Ford"}
    assert rules.praise("Fay", "Fay stayed", members).hero is None
    assert rules.praise("Fay", "Fay Ford stayed", members).hero == two


@pytest.mark.parametrize(("text", "words", "customer"), [
    ("She was kind. “You saved my whole week.” – Marta Maier", "You saved my whole week.", "Marta"),
    ('"You saved my whole week."\n-- Marta', "You saved my whole week.", "Marta"),
    ("»Sie haben meine Woche gerettet.« Danke!", "Sie haben meine Woche gerettet.", ""),
    ("„Sie haben meine Woche gerettet.“ – Herr", "Sie haben meine Woche gerettet.", "Herr"),
    ("They call it \"the fix\".", "", ""),
])  # fmt: skip
def test_what_the_customer_said(text: str, words: str, customer: str) -> None:
    said = rules.praise("Praise", text, {})
    assert (said.customer_words, said.customer) == (words, customer)
    assert "Maier" not in said.text


async def test_it_is_told_put_aside_and_taken_up_on_its_page(
    cast: Cast, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    drafts = [await actions.keep_praise(cast.ann, cast.billing, "Fay", f"She stayed {n}.", now=NOW) for n in range(5)]
    site = Site(pages.router, clock=LATER)
    door = await site.visitor(cast.ben)
    with queries() as seen:
        listed = await door.get("/stories")
    assert listed.text.count("/aside") == 5
    assert len(seen) <= 8
    at = f"/stories/drafts/{drafts[0].id}"
    page = await door.get(at)
    assert "She stayed 0." in page.text
    assert "Ann Archer mailed this" in page.text
    assert (await door.post(at, at, text="She stayed.", hero="")).status_code == 422
    assert (await door.post("/stories", f"{at}/aside")).status_code == 303
    assert (await door.get(at)).status_code == 404
    assert (await door.post("/stories", f"{at}/back")).headers["location"] == at
    assert (await door.post(at, at, text="She stayed.", hero=str(cast.fay.person))).status_code == 303
    assert (await door.get(f"/stories/{drafts[0].id}")).status_code == 200
