"""An issue with a vendor: what leaves, what comes back, and whose word it becomes."""

from __future__ import annotations

from datetime import date, timedelta
from email import message_from_bytes, policy
from uuid import UUID, uuid4

import pytest

from floorday import worker
from floorday.db.text import MailAddress, Title
from floorday.errors import BadInput, Forbidden, NotFound, Raced, Refused
from floorday.issues import actions, queries
from floorday.issues.actions import NoteForm, vendors
from floorday.issues.actions import Said as Line
from floorday.issues.actions.vendors import Asked, HandOutForm, Like, Said, VendorForm
from floorday.issues.rules import Naming, Resolution, Stream, Turn
from floorday.issues.vendors import Fate, Says
from floorday.mail import outbox
from floorday.mail.tables import Letter
from floorday.people.access import Door
from floorday.render import tokens
from tests.cast import NOW, Cast, make_cast
from tests.inbox.door import Keeping

LATER = NOW + timedelta(hours=1)
DECEMBER = date(2026, 12, 12)
SAID = "The printer eats every third label, says the customer at desk nine"


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast()


async def a_vendor(cast: Cast, name: str = "Nexa Print", *, speaks: bool = False) -> UUID:
    first = name.partition(" ")[0].lower()
    return await vendors.add_vendor(cast.eva, VendorForm(
        name=Title(name), contact_name=Title(f"Pia {first.title()}"), email=MailAddress(f"pia@{first}.example"),
        department=cast.it, speaks=speaks,
    ), now=NOW)  # fmt: skip


async def an_issue(cast: Cast, *, naming: Naming = Naming.NAMED) -> UUID:
    noted = await actions.note(cast.fay, NoteForm(
        text=Line(SAID), stream=Stream.STAFF_TOLD, team=cast.billing, naming=naming, title=Title("Labels jam"),
    ), now=NOW)  # fmt: skip
    assert noted.issue is not None
    await actions.assign(cast.eva, noted.issue, department=cast.it, owner=cast.gus.person, now=NOW)
    return noted.issue


def asks(vendor: UUID, words: str = "Please look at the label printers.") -> HandOutForm:
    return HandOutForm(vendor=vendor, words=Asked(words), fixed_like=Like("A hundred labels without a jam"))


async def with_vendor(cast: Cast, *, speaks: bool = False) -> tuple[UUID, str]:
    """Hand an issue over; gives it and the vendor's token."""
    vendor, issue = await a_vendor(cast, speaks=speaks), await an_issue(cast)
    await vendors.hand_out(cast.gus, issue, asks(vendor), now=NOW)
    return issue, await the_token(issue)


async def the_token(issue: UUID) -> str:
    held = await queries.with_vendor(issue)
    assert held is not None
    return tokens.make("vendor", held.id)


async def says(token: str, kind: Says, text: str = "", **more: object) -> Fate:
    return await vendors.say_by_token(token, Said(says=kind, text=text, **more), now=LATER)  # type: ignore[arg-type]


async def names_of_letters(issue: UUID) -> list[str]:
    return [letter.name for letter in await outbox.letters_about(issue) if letter.taken_back_at is None]


async def test_the_owner_stays_and_the_issue_is_with_the_vendor(cast: Cast) -> None:
    issue, _token = await with_vendor(cast)
    row = await queries.issue(cast.gus, issue)
    assert (row.owner, row.vendor_name, row.vendor_since, row.turn) == (
        cast.gus.person, "Nexa Print", NOW, Turn.BEING_FIXED)  # fmt: skip
    assert "vendor_asked" in await names_of_letters(issue)
    lines = [line for line in (await queries.opened(cast.gus, issue)).history if line.what == "vendor asked"]
    assert [(line.by_name, line.vendor) for line in lines] == [("Gus Grant", "Nexa Print")]


async def test_a_date_waits_for_the_owner_and_becomes_the_promise_with_one_yes(cast: Cast) -> None:
    issue, token = await with_vendor(cast)
    assert await says(token, Says.DATE, "The part comes then", for_date=DECEMBER) is Fate.WAITS
    row = await queries.issue(cast.gus, issue)
    assert (row.promised_for, row.vendor_says, row.vendor_date) == (None, "date", DECEMBER)
    assert "issue_promised" not in await names_of_letters(issue)
    [word] = await queries.waiting_words(issue)
    await vendors.take_at_word(cast.gus, issue, word.id, now=LATER)
    row = await queries.issue(cast.gus, issue)
    assert (row.promised_for, row.vendor_says, row.vendor_date) == (DECEMBER, "", None)
    assert "issue_promised" in await names_of_letters(issue)
    with pytest.raises(Raced):
        await vendors.take_at_word(cast.gus, issue, word.id, now=LATER)
    said = [line for line in (await queries.opened(cast.gus, issue)).history if line.what == "vendor said"]
    assert [(line.by_name, line.through, line.door) for line in said] == [
        ("Nexa Print (Pia Nexa)", "pia@nexa.example", Door.LETTER)]  # fmt: skip


async def test_a_word_is_not_the_last_word_to_the_floor_until_it_is_passed_on(cast: Cast) -> None:
    issue, token = await with_vendor(cast)
    before = (await queries.issue(cast.gus, issue)).last_word_at
    await says(token, Says.WORD, "We look at it tomorrow")
    await says(token, Says.ACKNOWLEDGED)
    assert (await queries.issue(cast.gus, issue)).last_word_at == before
    [word] = await queries.waiting_words(issue)
    await vendors.take_at_word(cast.gus, issue, word.id, text="They come tomorrow", now=LATER)
    assert (await queries.issue(cast.gus, issue)).last_word_at == LATER


@pytest.mark.parametrize(("kind", "turn"), [(Says.FIXED, Turn.TELL_FLOOR), (Says.CANNOT, Turn.CLOSED)])
async def test_fixed_and_cannot_are_the_owners_to_say(cast: Cast, kind: Says, turn: Turn) -> None:
    issue, token = await with_vendor(cast)
    assert await says(token, kind, "A new roller") is Fate.WAITS
    assert (await queries.issue(cast.gus, issue)).turn is Turn.BEING_FIXED
    [word] = await queries.waiting_words(issue)
    row = await vendors.take_at_word(cast.gus, issue, word.id, how=Resolution.HERE, now=LATER)
    assert (row.turn, row.done, row.resolved_by) == (turn, "A new roller", cast.gus.person)


async def test_a_vendor_that_speaks_for_us_is_passed_on_at_once(cast: Cast) -> None:
    issue, token = await with_vendor(cast, speaks=True)
    assert await says(token, Says.DATE, for_date=DECEMBER) is Fate.PASSED
    assert await says(token, Says.WORD, "On its way") is Fate.PASSED
    assert await says(token, Says.FIXED, "A new roller") is Fate.PASSED
    row = await queries.issue(cast.gus, issue)
    assert (row.promised_for, row.turn, row.done) == (DECEMBER, Turn.TELL_FLOOR, "Nexa Print: A new roller")
    assert await says(token, Says.DATE, for_date=DECEMBER + timedelta(days=9)) is Fate.WAITS  # no step fits any more
    assert {"issue_promised", "issue_updated", "verdict_asked", "vendor_said"} <= set(await names_of_letters(issue))


async def test_what_is_put_aside_goes_no_further_and_a_newer_date_overtakes(cast: Cast) -> None:
    issue, token = await with_vendor(cast)
    await says(token, Says.DATE, for_date=DECEMBER)
    await says(token, Says.DATE, for_date=DECEMBER)  # the same again says nothing new
    await says(token, Says.DATE, for_date=DECEMBER + timedelta(days=1))
    [word] = await queries.waiting_words(issue)
    assert word.for_date == DECEMBER + timedelta(days=1)
    await vendors.put_aside(cast.gus, issue, word.id, now=LATER)
    row = await queries.issue(cast.gus, issue)
    assert (row.promised_for, row.vendor_says) == (None, "")


async def test_the_link_is_over_the_moment_it_is_taken_back_or_given_to_another(cast: Cast) -> None:
    issue, token = await with_vendor(cast)
    other = await a_vendor(cast, "Other Firm")
    await vendors.hand_out(cast.gus, issue, asks(other), now=LATER)
    with pytest.raises(NotFound):
        await says(token, Says.WORD, "Still us")
    newer = await the_token(issue)
    await vendors.hand_back(cast.gus, issue, now=LATER)
    with pytest.raises(NotFound):
        await says(newer, Says.WORD, "Still us")
    row = await queries.issue(cast.gus, issue)
    assert (row.vendor, row.vendor_since, row.owner) == (None, None, cast.gus.person)
    assert not await queries.waiting_words(issue)
    with pytest.raises(Refused):
        await vendors.hand_back(cast.gus, issue, now=LATER)
    lines = (await queries.opened(cast.gus, issue)).history
    assert [line.vendor for line in lines if line.what == "vendor back"] == ["Nexa Print", "Other Firm"]
    assert not [line for line in lines if line.what == "vendor said"]


async def test_taken_back_before_the_letter_left_it_never_leaves(cast: Cast) -> None:
    issue, _token = await with_vendor(cast)
    await vendors.hand_back(cast.gus, issue, now=NOW + timedelta(seconds=3))
    assert "vendor_asked" not in await names_of_letters(issue)
    assert "vendor_released" not in await names_of_letters(issue)


async def test_ending_a_vendor_takes_everything_back(cast: Cast) -> None:
    issue, token = await with_vendor(cast)
    row = await queries.issue(cast.gus, issue)
    assert row.vendor is not None
    assert await vendors.end_vendor(cast.eva, row.vendor, now=LATER) == 1
    with pytest.raises(NotFound):
        await says(token, Says.FIXED, "Done")
    with pytest.raises(BadInput):
        await vendors.hand_out(cast.gus, issue, asks(row.vendor), now=LATER)


async def test_who_may_and_who_may_not(cast: Cast) -> None:
    vendor, issue = await a_vendor(cast), await an_issue(cast)
    for who in (cast.ben, cast.fay, cast.ann, cast.hana):
        with pytest.raises(Forbidden):
            await vendors.hand_out(who, issue, asks(vendor), now=NOW)
        with pytest.raises(NotFound):
            await queries.vendor(who, vendor)
        with pytest.raises(Forbidden):
            await vendors.add_vendor(who, VendorForm(name=Title("X"), email=MailAddress("x@x.example"),
                                                     department=cast.it), now=NOW)  # fmt: skip
    with pytest.raises(Forbidden):  # an owner chooses among the vendors; the head keeps them
        await vendors.end_vendor(cast.gus, vendor, now=NOW)
    noted = await actions.note(cast.fay, NoteForm(text=Line("No owner"), stream=Stream.STAFF_TOLD, team=cast.billing),
                               now=NOW)  # fmt: skip
    assert noted.issue is not None
    await actions.assign(cast.eva, noted.issue, department=cast.it, now=NOW)
    with pytest.raises(Refused):
        await vendors.hand_out(cast.gus, noted.issue, asks(vendor), now=NOW)


@pytest.mark.parametrize("naming", list(Naming))
async def test_no_name_and_no_note_leaves_the_house(cast: Cast, naming: Naming) -> None:
    vendor, issue = await a_vendor(cast), await an_issue(cast, naming=naming)
    await actions.note(cast.cleo, NoteForm(text=Line("Mine jams too, Cleo"), stream=Stream.STAFF_TOLD, issue=issue,
                                           team=cast.claims, naming=Naming.HIDDEN), now=NOW)  # fmt: skip
    words = "Fay Finch and CLEO COSTA see it; write to fay@floorday.example or 4111 1111 1111 1111. Yours, Gus Grant"
    shown = await vendors.draft(cast.gus, issue, asks(vendor, words))
    await vendors.hand_out(cast.gus, issue, asks(vendor, words), seen=shown.digest, now=NOW)
    box = Keeping()
    await outbox.deliver(sender=box, calendar_part=worker.calendar_part, now=LATER, limit=50)
    kept = [letter for letter in await outbox.letters_about(issue) if letter.name == "vendor_asked"]
    raw = bytes(kept[0].content or b"")
    assert raw in box.raw
    mail = message_from_bytes(raw, policy=policy.default)
    whole = "\n".join([str(mail["Subject"]), str(mail["To"]), *(
        part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")]).casefold()  # fmt: skip
    everybody = [one.name for one in cast.everybody().values() if one is not cast.gus]
    for secret in [*everybody, SAID, "jams too", "fay@floorday.example", "4111", cast.fay.person.hex]:
        assert secret.casefold() not in whole, secret
    assert "gus grant" in whole  # the control: what may leave is found
    assert "[name] and [name] see it" in whole
    assert shown.text.casefold().split("\n")[4] in whole


async def test_a_letter_that_was_not_seen_does_not_leave(cast: Cast) -> None:
    vendor, issue = await a_vendor(cast), await an_issue(cast)
    shown = await vendors.draft(cast.gus, issue, asks(vendor))
    with pytest.raises(Raced):
        await vendors.hand_out(cast.gus, issue, asks(vendor, "Other words"), seen=shown.digest, now=NOW)
    assert await Letter.count().where(Letter.name == "vendor_asked") == 0


async def test_the_owners_letter_is_answered_without_signing_in_and_by_nobody_else(cast: Cast) -> None:
    issue, token = await with_vendor(cast)
    await says(token, Says.DATE, for_date=DECEMBER)
    [word] = await queries.waiting_words(issue)
    button = tokens.make("vendor-word", word.id)
    with pytest.raises(NotFound):
        await vendors.settle_by_token(tokens.make("vendor-word", uuid4()), yes=True, now=LATER)
    with pytest.raises(NotFound):
        await vendors.settle_by_token(token, yes=True, now=LATER)  # the vendor's own link is for another purpose
    await vendors.settle_by_token(button, yes=True, now=LATER)
    row = await queries.issue(cast.gus, issue)
    assert row.promised_for == DECEMBER


async def test_every_letter_of_it_can_be_written_and_leaves(cast: Cast) -> None:
    for speaks in (False, True):
        vendor, issue = await a_vendor(cast, f"Firm{speaks:d} Ltd", speaks=speaks), await an_issue(cast)
        await vendors.hand_out(cast.gus, issue, asks(vendor), now=NOW)
        token = await the_token(issue)
        await outbox.deliver(sender=Keeping(), calendar_part=worker.calendar_part, now=LATER, limit=50)
        await says(token, Says.WORD, "On its way")
        await says(token, Says.DATE, for_date=DECEMBER)
        await says(token, Says.FIXED, "A new roller")
        await vendors.hand_back(cast.gus, issue, now=LATER)
        await outbox.deliver(sender=Keeping(), calendar_part=worker.calendar_part, now=LATER + timedelta(1), limit=50)
        there = await outbox.letters_about(issue)
        assert {"vendor_asked", "vendor_said", "vendor_released"} <= {one.name for one in there}
        assert [one.server_words for one in there if one.sent_at is None] == []
        said = [bytes(one.content or b"").decode() for one in there if one.name == "vendor_said"]
        assert all(("/vendor-word/" in raw) is not speaks for raw in said)
