"""A vendor's page and replies through the real doors: HTTP without an account, LMTP; and the pages of those inside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest

from floorday.config import settings
from floorday.db import run_sql
from floorday.issues import actions, pages, queries
from floorday.issues.actions import NoteForm, references, vendors
from floorday.issues.actions import Said as Line
from floorday.issues.actions.references import ReferenceForm
from floorday.issues.queries import Filters
from floorday.issues.references import Address, Reference
from floorday.issues.references import host as host_of
from floorday.issues.rules import Naming, Stream
from floorday.mail import outbox
from floorday.render import tokens
from tests.cast import NOW, Cast, make_cast
from tests.inbox.door import posted
from tests.issues.test_vendors import LATER, SAID, a_vendor, an_issue, asks, the_token, with_vendor
from tests.site import Site

DAY = "2026-12-12"


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


def a_site() -> Site:
    return Site(pages.router, clock=LATER)


async def everything() -> list[Any]:
    """Give all rows that a link could change."""
    return [await run_sql(f"SELECT * FROM {table} ORDER BY id") for table in (
        "issue", "issue_event", "hand_over", "vendor_word", "issue_reference", "letter", "vendor")]  # fmt: skip


async def test_a_vendor_answers_on_a_phone_without_an_account(cast: Cast) -> None:
    issue, token = await with_vendor(cast)
    visitor, page = await a_site().visitor(), f"/vendor/{token}"
    seen = await visitor.get(page)
    assert (seen.status_code, seen.headers["cache-control"]) == (200, "no-store")
    assert seen.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in seen.headers["x-robots-tag"]
    for fields in (
        {"says": "acknowledged"}, {"says": "date", "for_date": DAY}, {"says": "word", "word": "Half way"},
        {"says": "fixed", "done": "A new roller"}, {"says": "cannot", "because": "No spare part"},
        {"says": "reference", "reference": "NX-77", "url": "https://nexa.example/t/77"},
    ):  # fmt: skip
        assert (await visitor.post(page, page, **fields)).status_code == 303, fields
    shown = (await visitor.get(page)).text
    assert all(word in shown for word in ("Half way", "A new roller", "No spare part", "NX-77"))
    row = await queries.issue(cast.gus, issue)
    assert [one.text for one in row.references] == ["NX-77"]
    assert [word.kind for word in await queries.waiting_words(issue)] == ["word", "cannot"]


@pytest.mark.parametrize(("fields", "sentence"), [
    ({"says": "date"}, "Give the date"), ({"says": "date", "for_date": "2020-01-01"}, "is past"),
    ({"says": "fixed", "done": " "}, "what was done"), ({"says": "word"}, "Write a word"),
    ({"says": "cannot"}, "cannot be fixed"), ({"says": "reference", "reference": ""}, "such as JIRA-123"),
    ({"says": "reference", "reference": "X-1", "url": "javascript:alert(1)"}, "begins with https"),
    ({"says": "nothing"}, "list"),
])  # fmt: skip
async def test_what_cannot_be_taken_is_said_and_nothing_is_kept(
    cast: Cast, fields: dict[str, str], sentence: str
) -> None:
    _issue, token = await with_vendor(cast)
    before = await everything()
    visitor = await a_site().visitor()
    answer = await visitor.post(f"/vendor/{token}", f"/vendor/{token}", **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await everything() == before


async def test_looking_changes_nothing_and_a_guessed_or_revoked_link_opens_nothing(cast: Cast) -> None:
    issue, token = await with_vendor(cast)
    await vendors.say_by_token(token, vendors.Said(says=vendors.Says.DATE, for_date=date(2026, 12, 12)), now=LATER)
    [word] = await queries.waiting_words(issue)
    visitor, button = await a_site().visitor(), tokens.make("vendor-word", word.id)
    before = await everything()
    for path in (f"/vendor/{token}", f"/vendor-word/{button}"):
        assert (await visitor.get(path)).status_code == 200
    guessed = tokens.make("vendor", word.id)
    for path in (f"/vendor/{guessed}", f"/vendor/{button}", f"/vendor-word/{token}", f"/vendor-word/{guessed}"):
        answer = await visitor.post("/follow", path, says="word", word="X", goes_on="yes")
        assert (answer.status_code, (await visitor.get(path)).status_code) == (404, 404), path
        assert "no longer valid" in answer.text
    assert await everything() == before
    await vendors.hand_back(cast.gus, issue, now=LATER)
    before = await everything()
    for path in (f"/vendor/{token}", f"/vendor-word/{button}"):
        assert (await visitor.post("/follow", path, says="word", word="X", goes_on="yes")).status_code == 404
    assert await everything() == before


async def test_the_owner_says_yes_with_one_button_of_a_letter(cast: Cast) -> None:
    issue, token = await with_vendor(cast)
    visitor = await a_site().visitor()
    await visitor.post(f"/vendor/{token}", f"/vendor/{token}", says="date", for_date=DAY)
    [word] = await queries.waiting_words(issue)
    button = f"/vendor-word/{tokens.make('vendor-word', word.id)}"
    assert "Promise it?" in (await visitor.get(button)).text
    assert (await visitor.post(button, button, goes_on="yes")).status_code == 303
    assert (await queries.issue(cast.gus, issue)).promised_for == date(2026, 12, 12)
    assert "passed on" in (await visitor.get(button)).text


@pytest.mark.parametrize("naming", list(Naming))
async def test_no_name_and_no_note_is_on_the_vendors_page(cast: Cast, naming: Naming) -> None:
    vendor, issue = await a_vendor(cast), await an_issue(cast, naming=naming)
    await actions.note(cast.cleo, NoteForm(text=Line("Mine jams too"), stream=Stream.STAFF_TOLD, issue=issue,
                                           team=cast.claims, naming=Naming.HIDDEN), now=NOW)  # fmt: skip
    await vendors.hand_out(cast.gus, issue, asks(vendor, "Fay Finch wants it"), now=NOW)
    await actions.retitle(cast.eva, issue, vendors.Title("Fay Finch's labels"), (await queries.issue(
        None, issue)).kind, now=NOW)  # fmt: skip
    visitor = await a_site().visitor()
    shown = (await visitor.get(f"/vendor/{await the_token(issue)}")).text.casefold()
    for secret in [*(one.name for one in cast.everybody().values() if one is not cast.gus), SAID, "jams too"]:
        assert secret.casefold() not in shown, secret
    assert "gus grant" in shown  # the control


# --- by mail -----------------------------------------------------------------------------------------------------


async def a_reply(issue: UUID, *, sender: str = "pia@nexa.example", text: str = "", **headers: str) -> bytes:
    held = await queries.with_vendor(issue)
    assert held is not None
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = f"vendor+{tokens.make('vendor-reply', held.id)}@{settings().mail_domain}"
    mail["Subject"], mail["Message-ID"] = "Re: Please fix", headers.pop("message_id", "<reply-1@nexa.example>")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text or "The part comes on Friday.\n\n-- \nPia\n\nOn Mon, Gus wrote:\n> Please look at it\n")
    return mail.as_bytes()


async def test_a_reply_is_a_word_without_what_it_quotes(cast: Cast) -> None:
    issue, _token = await with_vendor(cast)
    mail = await a_reply(issue)
    assert await posted(mail, now=LATER, sender="pia@nexa.example") == "vendor-word"
    assert await posted(mail, now=LATER, sender="pia@nexa.example") == "ignored-duplicate"
    [word] = await queries.waiting_words(issue)
    assert word.text == "The part comes on Friday."


@pytest.mark.parametrize(("changes", "outcome"), [
    ({"Auto_Submitted": "auto-replied"}, "ignored-auto-reply"), ({"sender": "else@nexa.example"}, "needs-human"),
    ({"List_Id": "<all.nexa.example>"}, "needs-human"), ({"text": "> only what was said before\n"}, "needs-human"),
])  # fmt: skip
async def test_automatic_strange_and_empty_mail_says_nothing(
    cast: Cast, changes: dict[str, str], outcome: str
) -> None:
    issue, _token = await with_vendor(cast)
    assert await posted(await a_reply(issue, **changes), now=LATER, sender="pia@nexa.example") == outcome
    assert await posted(await a_reply(issue, message_id="<null@x.example>"), now=LATER, sender="") == (
        "ignored-auto-reply")  # fmt: skip
    assert not await queries.waiting_words(issue)


async def test_a_reply_after_it_was_taken_back_waits_for_a_person(cast: Cast) -> None:
    issue, _token = await with_vendor(cast)
    mail = await a_reply(issue)
    await vendors.hand_back(cast.gus, issue, now=LATER)
    before = await everything()
    assert await posted(mail, now=LATER, sender="pia@nexa.example") == "needs-human"
    assert await everything() == before


async def test_a_bounce_of_their_letter_stands_on_the_issue_with_the_servers_words(cast: Cast) -> None:
    issue, _token = await with_vendor(cast)
    letter = next(one for one in await outbox.letters_about(issue) if one.name == "vendor_asked")
    await outbox.bounced(letter.id, words="550 no such user here", now=LATER)
    page = (await (await a_site().visitor(cast.gus)).get(f"/issues/{issue}")).text
    assert "550 no such user here" in page
    assert "Pia Nexa" in page


# --- those inside ------------------------------------------------------------------------------------------------


async def test_the_owner_sees_exactly_what_leaves_then_sends_it(cast: Cast) -> None:
    vendor, issue = await a_vendor(cast), await an_issue(cast)
    visitor, page = await a_site().visitor(cast.gus), f"/issues/{issue}/vendor"
    typed = {"vendor": str(vendor), "words": "Look at it, Fay Finch says", "fixed_like": "No jam"}
    seen = await visitor.post(page, page, **typed)
    assert seen.status_code == 200
    assert "[name] says" in seen.text
    assert "Fay Finch" not in seen.text.partition("<form")[0]
    assert await queries.with_vendor(issue) is None
    digest = seen.text.split('name="seen" value="')[1].split('"')[0]
    wrong = await visitor.post(page, page, **typed, seen="0" * 32)
    assert (wrong.status_code, await queries.with_vendor(issue)) == (200, None)
    assert (await visitor.post(page, page, **typed, seen=digest, write="on")).status_code == 200
    assert (await visitor.post(page, page, **typed, seen=digest)).status_code == 303
    held = await queries.with_vendor(issue)
    assert held is not None
    shown = (await visitor.get(f"/issues/{issue}")).text
    assert "With Nexa Print" in shown
    assert (await visitor.post(f"/issues/{issue}", f"{page}/return")).status_code == 303
    assert await queries.with_vendor(issue) is None


async def test_the_issue_asks_its_owner_and_the_history_says_who_spoke_and_how(cast: Cast) -> None:
    issue, token = await with_vendor(cast)
    await vendors.say_by_token(token, vendors.Said(says=vendors.Says.DATE, for_date=date(2026, 12, 12)), now=LATER)
    visitor = await a_site().visitor(cast.gus)
    page = (await visitor.get(f"/issues/{issue}")).text
    assert "Promise it?" in page
    assert "Nexa Print (Pia Nexa)" in page
    assert "through the link sent to pia@nexa.example" in page
    [word] = await queries.waiting_words(issue)
    settled = await visitor.post(f"/issues/{issue}", f"/issues/{issue}/vendor/words/{word.id}", goes_on="yes")
    assert settled.status_code == 303
    assert (await queries.issue(cast.gus, issue)).promised_for == date(2026, 12, 12)
    face = (await (await a_site().visitor(cast.ines)).get(f"/issues/{issue}")).text
    assert "Nexa" not in face  # the face says nothing of who fixes it outside


async def test_words_that_the_owner_takes_out_do_not_go_on(cast: Cast) -> None:
    issue, token = await with_vendor(cast)
    for kind, more in ((vendors.Says.WORD, {}), (vendors.Says.DATE, {"for_date": date(2026, 12, 12)})):
        await vendors.say_by_token(token, vendors.Said(says=kind, text="Your Fay is rude", **more), now=LATER)
    word, dated = await queries.waiting_words(issue)
    visitor, page = await a_site().visitor(cast.gus), f"/issues/{issue}"
    refused = await visitor.post(page, f"{page}/vendor/words/{word.id}", goes_on="yes", said="")
    assert refused.status_code == 409
    assert (await visitor.post(page, f"{page}/vendor/words/{dated.id}", goes_on="yes", said="")).status_code == 303
    told = [letter.facts for letter in await outbox.letters_about(issue) if letter.name == "issue_promised"]
    assert told
    assert not any("rude" in facts for facts in told)


async def test_vendors_are_kept_by_the_head_and_seen_by_the_department(cast: Cast) -> None:
    site = a_site()
    eva, gus = await site.visitor(cast.eva), await site.visitor(cast.gus)
    fields = {"name": "Nexa", "contact_name": "Pia", "email": "pia@nexa.example", "department": str(cast.it),
              "zone": "Europe/London", "language": "en"}  # fmt: skip
    assert (await eva.post("/settings/vendors/new", "/settings/vendors/new", **fields)).status_code == 303
    again = await eva.post("/settings/vendors/new", "/settings/vendors/new", **fields)
    assert (again.status_code, "of this name already" in again.text) == (422, True)
    [row] = await queries.vendors(cast.eva)
    page = f"/settings/vendors/{row.id}"
    assert "Nexa" in (await gus.get("/settings/vendors")).text
    assert (await gus.get(page)).status_code == 200
    assert (await gus.post("/settings/vendors", page, **fields)).status_code == 403
    assert (await eva.post(page, page, **fields | {"speaks": "on"})).status_code == 303
    assert (await queries.vendors(cast.eva))[0].speaks
    assert (await eva.post(page, f"{page}/end")).status_code == 303
    assert (await queries.vendors(cast.eva))[0].ended_at is not None


async def test_as_many_queries_however_much_a_vendor_said(cast: Cast, queries_made: Callable[[], Any]) -> None:
    issue, token = await with_vendor(cast)
    visitor = await a_site().visitor(cast.gus)
    vendor = await a_site().visitor()
    for count in range(3):
        await vendors.say_by_token(token, vendors.Said(says=vendors.Says.WORD, text=f"Word {count}"), now=LATER)
        await a_vendor(cast, f"Firm {count}")
        for who, path in ((visitor, f"/issues/{issue}"), (visitor, f"/issues/{issue}/vendor"),
                          (visitor, "/settings/vendors"), (vendor, f"/vendor/{token}")):  # fmt: skip
            with queries_made() as made:
                assert (await who.get(path)).status_code == 200
            assert len(made) <= 8, (path, made)


# --- references --------------------------------------------------------------------------------------------------


async def test_a_reference_is_found_by_those_who_see_the_issue_whole(cast: Cast) -> None:
    issue = await an_issue(cast)
    site = a_site()
    gus, ben, ines = [await site.visitor(one) for one in (cast.gus, cast.ben, cast.ines)]
    page = f"/issues/{issue}"
    await gus.post(page, f"{page}/references", reference="INC0012345", url="https://tracker.example/INC0012345")
    for typed in ("INC0012345", "inc0012345", "INC001", "inc 0012345"):
        assert "Labels jam" in (await ben.get(f"/search?q={typed}")).text, typed
    for typed in ("0012345", "INC0099", "IN"):
        assert "Labels jam" not in (await ben.get(f"/search?q={typed}")).text, typed
    assert "Labels jam" not in (await ines.get("/search?q=INC0012345")).text  # of the face it says nothing
    shown = (await gus.get(page)).text
    assert 'href="https://tracker.example/INC0012345" rel="noopener noreferrer nofollow"' in shown
    assert "tracker.example</span>" in shown
    assert "INC0012345" not in (await ines.get(page)).text
    assert [row.id for row in await queries.board(cast.ben, Filters(reference="INC0012345"))] == [issue]
    assert not await queries.board(cast.ines, Filters(reference="INC0012345"))


async def test_it_is_said_once_changed_and_taken_away_with_undo(cast: Cast) -> None:
    issue = await an_issue(cast)
    gus, page = await a_site().visitor(cast.gus), f"/issues/{issue}"
    for label in ("", "", "Mine"):
        assert (await gus.post(page, f"{page}/references", reference="JIRA-1", label=label)).status_code == 303
    assert [(one.text, one.label) for one in await queries.references_of(issue)] == [("JIRA-1", "Mine")]
    lines = [line.what for line in (await queries.opened(cast.gus, issue)).history]
    assert lines.count("referred") == 2
    assert (await gus.post(page, f"{page}/references/removal", reference="jira-1")).status_code == 303
    assert (await gus.post(page, f"{page}/references/removal", reference="jira-1")).status_code == 303
    assert not (await queries.issue(cast.gus, issue)).references
    undo = await gus.post(page, f"{page}/references?reference=JIRA-1&label=Mine")
    assert undo.status_code == 303
    assert [one.text for one in (await queries.issue(cast.gus, issue)).references] == ["JIRA-1"]


async def test_five_are_the_most_and_a_pattern_makes_the_link(cast: Cast) -> None:
    issue = await an_issue(cast)
    gus, eva, page = await a_site().visitor(cast.gus), await a_site().visitor(cast.eva), f"/issues/{issue}"
    await eva.post("/settings/vendors", f"/settings/departments/{cast.it}/tracker",
                   link_pattern="https://tracker.example/browse/{ref}")  # fmt: skip
    for number in range(6):
        answer = await gus.post(page, f"{page}/references", reference=f"A/{number}")
        assert answer.status_code == (409 if number == 5 else 303)
    there = await queries.references_of(issue)
    assert (len(there), there[0].url) == (5, "https://tracker.example/browse/A%2F0")
    wrong = await eva.post("/settings/vendors", f"/settings/departments/{cast.it}/tracker",
                           link_pattern="https://{ref}.example/")  # fmt: skip
    assert (wrong.status_code, "not in it" in wrong.text) == (422, True)


@pytest.mark.parametrize("url", [
    "javascript:alert(1)", "data:text/html,x", "//tracker.example/x", "https://", "https:///x", "ftp://x.example/",
    "https://me:secret@x.example/", "https://x.example@evil.example/", "https://x.example/a b", "https://x.ex\tample/",
    "https://x.example/\u202egpj", "https://x.example\\@evil.example", "https://x.example:0/", "https://x..example/",
    'https://x.example/"onmouseover=1', "https://x.example:99999/", "mailto:x@x.example", "https://[bad/",
])  # fmt: skip
def test_a_link_that_leads_astray_is_none(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Address.parse(url)


@pytest.mark.parametrize(("url", "host"), [
    ("https://tracker.example/browse/JIRA-1?x=1#y", "tracker.example"), ("http://10.0.0.7:8080/x", "10.0.0.7"),
    ("https://bücher.example/1", "xn--bcher-kva.example"), ("", ""),
])  # fmt: skip
def test_a_good_link_is_shown_by_its_host(url: str, host: str) -> None:
    assert host_of(Address.parse(url)) == host


async def test_who_may_say_one(cast: Cast) -> None:
    issue = await an_issue(cast)
    for who in (cast.ben, cast.fay, cast.ann, cast.hana, cast.ada):
        with pytest.raises(Exception, match="department"):
            await references.refer(who, issue, Reference("X-1"), ReferenceForm(), now=NOW)
    await references.refer(cast.eva, issue, Reference("X-1"), ReferenceForm(), now=NOW)


@pytest.fixture
def queries_made(queries: Any) -> Any:
    return queries
