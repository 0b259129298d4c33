"""Replying to a letter about an issue: the owner's reply is an update, a reporter's a word to the owner."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import msgspec
import pytest

from floorday.db import run_sql
from floorday.issues import actions, queries
from floorday.issues.queries import IssueRow
from floorday.issues.rules import Naming
from floorday.mail import letters as written
from floorday.mail.tables import Letter
from floorday.people.access import Actor
from tests.cast import NOW, Cast, make_cast
from tests.inbox.door import posted
from tests.issues.test_actions import owned, raised, words

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def reply_address(name: str, to: Actor) -> str:
    """Give the address that the newest letter of a name to somebody is replied to."""
    row = await Letter.select(Letter.facts, Letter.reply_to).where(
        Letter.name == name, Letter.person == to.person).order_by(Letter.id, ascending=False).first()
    assert row is not None
    token = written.links_of(msgspec.json.decode(row["facts"]))["reply"].token()
    return str(row["reply_to"].replace("{reply}", token))


def a_reply(sender: str, to: str, text: str = "The fix comes on Friday.", *, number: int = 1, **more: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, to, "Re: yours", f"<r{number}@mail.example>"
    for name, value in more.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"{text}\n\nOn Mon, floorday wrote:\n> Yours to fix\n> old words\n")
    return mail.as_bytes()


async def facts(name: str) -> list[dict[str, Any]]:
    rows = await Letter.select(Letter.to_name, Letter.facts).where(Letter.name == name).order_by(Letter.id)
    return [{"to": row["to_name"].split()[0], **msgspec.json.decode(row["facts"])} for row in rows]


async def last(issue: IssueRow, actor: Actor) -> tuple[str, str]:
    lines = await queries.history(actor, await queries.issue(actor, issue.id))
    return lines[-1].what, lines[-1].text


async def test_the_owners_reply_is_an_update(cast: Cast) -> None:
    issue = await owned(cast)
    address = await reply_address("owner_named", cast.gus)
    assert address.startswith("issue+")
    assert await posted(a_reply(cast.gus.email, address), now=LATER) == "word-kept"
    assert await last(issue, cast.eva) == ("updated", "The fix comes on Friday.")
    assert (await queries.issue(None, issue.id)).last_word_at == LATER
    (told,) = await facts("issue_updated")
    assert (told["to"], told["text"]) == ("Fay", "The fix comes on Friday.")


async def test_who_raised_it_writes_to_the_owner_and_stays_unnamed(cast: Cast) -> None:
    noted = await raised(cast, naming=Naming.HIDDEN)
    issue = await actions.assign(cast.eva, noted.id, department=cast.it, owner=cast.gus.person, now=NOW)
    address = await reply_address("issue_taken", cast.fay)
    said = "It is the blue form. Call 020 7946 0018."
    assert await posted(a_reply(cast.fay.email, address, said), now=LATER) == "word-kept"
    assert await last(issue, cast.gus) == ("word", "It is the blue form. Call [phone number].")
    (told,) = await facts("floor_said")
    assert (told["to"], told["text"]) == ("Gus", "It is the blue form. Call [phone number].")
    assert "Fay" not in str(told)
    assert not [line for line in await queries.history(cast.gus, await queries.issue(cast.gus, issue.id))
                if "Fay" in line.by_name]  # fmt: skip


async def test_the_same_mail_twice_is_one_word(cast: Cast) -> None:
    issue = await owned(cast)
    address = await reply_address("owner_named", cast.gus)
    assert await posted(a_reply(cast.gus.email, address), now=LATER) == "word-kept"
    assert await posted(a_reply(cast.gus.email, address), now=LATER) == "ignored-duplicate"
    assert (await words(issue, cast.eva)).count("updated") == 1


@pytest.mark.parametrize(("sender", "more", "outcome"), [
    ("somebody@else.example", {}, "needs-human"),
    ("gus@floorday.example", {"Auto_Submitted": "auto-replied"}, "ignored-auto-reply"),
    ("gus@floorday.example", {"List_Id": "<it.example>"}, "needs-human"),
])  # fmt: skip
async def test_what_is_not_the_readers_own_words_changes_nothing(
    cast: Cast, sender: str, more: dict[str, str], outcome: str
) -> None:
    issue = await owned(cast)
    address = await reply_address("owner_named", cast.gus)
    before = await words(issue, cast.eva)
    assert await posted(a_reply(sender, address, **more), now=LATER) == outcome
    assert await words(issue, cast.eva) == before


async def test_a_guessed_address_and_a_closed_issue_wait_for_a_person(cast: Cast) -> None:
    issue = await owned(cast)
    address = await reply_address("owner_named", cast.gus)
    domain = address.partition("@")[2]
    assert await posted(a_reply(cast.gus.email, f"issue+{'a' * 26}@{domain}"), now=LATER) == "needs-human"
    await actions.decline(cast.eva, issue.id, "Not ours.", now=NOW)
    assert await posted(a_reply(cast.gus.email, address, number=2), now=LATER) == "needs-human"
    rows = await run_sql("SELECT reason FROM inbound_mail ORDER BY received_at DESC, id DESC")
    assert "This issue is closed." in {row["reason"] for row in rows}


async def test_a_reply_about_what_was_joined_goes_where_it_goes_on(cast: Cast) -> None:
    part, whole = await owned(cast), await owned(cast)
    address = await reply_address("issue_taken", cast.fay)
    await actions.join(cast.eva, part.id, whole.id, now=NOW)
    assert await posted(a_reply(cast.fay.email, address, "Also on Fridays."), now=LATER) == "word-kept"
    assert (await last(whole, cast.eva))[0] == "word"
