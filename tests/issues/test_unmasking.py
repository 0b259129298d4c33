"""What was masked and is no customer's is put back through the letter of thanks, by whoever says it once more."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from floorday import config
from floorday.db import folding, run_sql
from floorday.issues import actions, masks, pages, places, queries
from floorday.issues.actions import reporting
from floorday.issues.masks import Secret
from floorday.issues.queries import Search
from floorday.mail.tables import Letter
from floorday.people.access import Door
from floorday.render import tokens
from tests.cast import Cast, make_cast, through
from tests.site import Site, Visitor

OURS, CARD = "020 7946 0018", "4111 1111 1111 1111"


@pytest.fixture
def now() -> datetime:
    return config.now().replace(microsecond=0)


@pytest.fixture
async def cast(database: object, now: datetime) -> Cast:
    return await make_cast(now)


@pytest.fixture
def site(cast: Cast, now: datetime) -> Site:
    return Site(pages.router, clock=now)


async def by_mail(cast: Cast, now: datetime, text: str, title: str = "") -> tuple[UUID, UUID, str]:
    """Open a note by mail; give it, its issue, and the link of the thanks for it."""
    noted = await actions.note_by_mail(through(cast.fay, Door.MAIL), cast.billing, text, title=title, now=now)
    assert noted.issue is not None
    return noted.note, noted.issue, f"/unmask/{tokens.make(f'unmask.{cast.fay.person.hex}', noted.note)}"


async def say(who: Visitor, link: str, place: int, words: str) -> int:
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', (await who.get(link)).text)
    answer = await who.post(link, link, place=str(place), words=words, seen=seen[1] if seen else "x")
    return answer.status_code


def test_a_place_is_known_by_what_stands_beside_it() -> None:
    long = "They wait for a weekly batch and nobody can be reached at "
    found = places.places({"text": f"{long}[phone number] today", "title": "Ask [mail address]", "idea": "None"})
    assert [(one.field, one.what, one.before, one.after) for one in found] == [
        ("text", Secret.PHONE, "… and nobody can be reached at ", " today"),
        ("title", Secret.MAIL, "Ask ", ""),
    ]


def test_only_what_is_put_back_is_left_alone() -> None:
    zone = "Europe/London"
    text = masks.mask(f"Our line {OURS} and the customer's {CARD}", zone=zone)
    line, card = places.places({"text": text})
    assert places.restored(text, line, OURS, zone=zone) == f"Our line {OURS} and the customer's [card number]"
    assert places.restored(text, card, "card 12", zone=zone) == "Our line [phone number] and the customer's card 12"
    again = places.restored(text, line, OURS, zone=zone)
    (left,) = places.places({"text": again})
    assert places.restored(again, left, "(a card)", zone=zone).startswith(f"Our line {OURS} and")


async def test_the_thanks_say_what_was_masked_and_where_but_not_what_it_was(cast: Cast, now: datetime) -> None:
    await by_mail(cast, now, f"Our line {OURS} is dead", title=f"Ask {OURS}")
    (row,) = await Letter.select(Letter.facts).where(Letter.name == "note_thanks")
    assert OURS not in row["facts"]
    assert "phone number: \\u201cOur line […] is dead" in row["facts"] or "phone number: “Our line […] is dead" in row[
        "facts"]  # fmt: skip
    assert "(in the title)" in row["facts"]
    assert "/unmask/{token}" in row["facts"]
    await actions.note_by_mail(through(cast.fay, Door.MAIL), cast.billing, "All fine", title="", now=now)
    rows = await Letter.select(Letter.facts).where(Letter.name == "note_thanks")
    assert sum("unmask" in one["facts"] for one in rows) == 1


async def test_whoever_wrote_it_says_it_again_and_it_stands_there(site: Site, cast: Cast, now: datetime) -> None:
    note, issue, link = await by_mail(cast, now, f"Our line {OURS} is dead. A customer: {CARD}")
    nobody = await site.visitor()
    page = await nobody.get(link)
    assert page.headers["cache-control"] == "no-store"
    assert page.text.count("It was none: put it back") == 2
    assert OURS not in page.text
    assert (await queries.note(note)).text == "Our line [phone number] is dead. A customer: [card number]"
    assert await say(nobody, link, 0, OURS) == 303
    assert (await queries.note(note)).text == f"Our line {OURS} is dead. A customer: [card number]"
    row = await queries.issue(None, issue)
    assert row.title == f"Our line {OURS} is dead. A customer: [card number]", "the title repeats the note"
    hits = await queries.search(cast.fay, Search(words=folding.read("7946")))
    assert [hit.shown.row.id for hit in hits] == [issue]
    line = (await queries.history(cast.eva, row))[-1]
    assert (line.what, line.door, line.by) == ("corrected", Door.LETTER, cast.fay.person)
    assert line.text == "Our line [phone number] is dead. A customer: [card number]"
    left = (await nobody.get(link)).text
    assert left.count("It was none: put it back") == 1
    assert "card number" in left


async def test_the_subject_is_put_back_where_the_note_opened_the_issue(site: Site, cast: Cast, now: datetime) -> None:
    note, issue, link = await by_mail(cast, now, "Nobody answers", title=f"Line {OURS}")
    assert (await queries.issue(None, issue)).title == "Line [phone number]"
    assert await say(await site.visitor(), link, 0, OURS) == 303
    assert (await queries.issue(None, issue)).title == f"Line {OURS}"
    assert (await queries.note(note)).text == "Nobody answers"


async def test_a_later_correction_leaves_alone_what_was_none(site: Site, cast: Cast, now: datetime) -> None:
    note, _issue, link = await by_mail(cast, now, f"Our line {OURS} is dead")
    assert await say(await site.visitor(), link, 0, OURS) == 303
    await actions.correct_note(cast.fay, note, f"Our line {OURS} is dead, and {CARD}", now=now)
    assert (await queries.note(note)).text == f"Our line {OURS} is dead, and [card number]"


async def test_nothing_is_put_back_blindly_late_or_by_another(site: Site, cast: Cast, now: datetime) -> None:
    note, _issue, link = await by_mail(cast, now, f"Our line {OURS} is dead")
    nobody = await site.visitor()
    assert (await nobody.post(link, link, place="0", words=OURS, seen="0" * 16)).status_code == 409
    assert (await nobody.post(link, link, place="0", words=" ", seen="x")).status_code == 422
    assert await say(nobody, link, 7, OURS) == 409
    assert (await nobody.get(link[:-1] + ("b" if link[-1] == "a" else "a"))).status_code == 404
    other = f"/unmask/{tokens.make(f'unmask.{cast.cleo.person.hex}', note)}"
    assert (await nobody.get(other)).status_code == 404
    assert (await queries.note(note)).text == "Our line [phone number] is dead"
    await reporting.report_note(cast.ben, note, "It names me", now=now)
    await reporting.restrict_note(cast.eva, note, now=now)
    assert (await nobody.get(link)).status_code == 409
    await actions.withdraw_note(cast.fay, note, now=now)
    assert (await nobody.get(link)).status_code == 404
    late, _issue, old = await by_mail(cast, now - timedelta(days=31), f"Our line {OURS} is dead")
    assert (await nobody.get(old)).status_code == 404
    assert "[phone number]" in (await queries.note(late)).text
    assert not await run_sql("SELECT id FROM note WHERE text LIKE '%7946%'")
