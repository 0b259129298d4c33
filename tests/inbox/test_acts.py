"""What a coordinator makes of a mail that waits: through the LMTP door, on the page, and back again."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from floorday import config
from floorday.bookings import pages as booking_pages
from floorday.bookings import queries as booking_queries
from floorday.bookings.queries import BookingRow
from floorday.bookings.rules import Partstat, State
from floorday.demo import clients
from floorday.demo.clients import Answer, Client
from floorday.errors import BadInput, Forbidden, Refused
from floorday.inbox import actions, pages, queries
from floorday.mail.tables import InboundMail
from floorday.people import actions as people
from floorday.people import queries as found
from tests.cast import Cast, a_booking, make_cast
from tests.inbox.door import calendar_mail, delivered, posted
from tests.site import Site

NOW = config.now()
SOON = timedelta(seconds=30)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(NOW)


@pytest.fixture
def site(database: object) -> Site:
    return Site(pages.router, booking_pages.router, clock=LATER)


async def invited(cast: Cast) -> tuple[BookingRow, bytes]:
    booking = await a_booking(cast, now=NOW)
    return booking, (await delivered(NOW + SOON))[0]


async def waits(raw: bytes, *, outcome: str, **door: Any) -> queries.Row:
    """Post a mail that is to wait, and give its row."""
    assert await posted(raw, now=NOW + SOON, **door) == outcome
    return (await queries.waiting())[-1]


def words(invitation: bytes, text: str = "I would love to!") -> dict[str, Any]:
    to = str(message_from_bytes(invitation, policy=policy.default)["From"]).rpartition("<")[2].rstrip(">")
    raw = (
        f"From: Ann Archer <ann@floorday.example>\r\nTo: {to}\r\nSubject: Accepted: the day\r\n"
        f"Message-ID: <words@floorday.example>\r\n\r\n{text}\r\n"
    ).encode()
    return {"raw": raw, "to": to}


def reply(invitation: bytes, *, attendee: str, sender: str = "", partstat: str = "ACCEPTED", **more: str) -> bytes:
    card = clients.read(invitation).card
    assert card is not None
    sent_by = f';SENT-BY="mailto:{more["sent_by"]}"' if "sent_by" in more else ""
    line = f"ATTENDEE;PARTSTAT={partstat}{sent_by}:mailto:{attendee}"
    return calendar_mail("REPLY", card, now=NOW + SOON, lines=(line, "COMMENT:Gern"), sender=sender or attendee,
                         message_id=f"{attendee}-{partstat}")


@pytest.mark.parametrize(("said", "state"), [
    ("accepted", State.ACCEPTED), ("tentative", State.TENTATIVE), ("declined", State.DECLINED),
])
async def test_words_are_taken_as_an_answer_on_behalf_of_the_manager_and_undone(
    cast: Cast, site: Site, said: str, state: State
) -> None:
    booking, raw = await invited(cast)
    mail = await waits(**words(raw), outcome="needs-human")
    eva = await site.visitor(cast.eva)
    page = f"/inbox/{mail.id}"
    shown = (await eva.get(page)).text
    assert [one in shown for one in ("Take it as yes", "Take it as maybe", "Take it as no")] == [True] * 3
    assert (await eva.post(page, f"{page}/answer", answer=said)).headers["location"] == page
    after = await booking_queries.booking(booking.id)
    assert (after.state, after.answer, after.sequence) == (state, said, 0)
    line = (await booking_queries.history(booking.id))[-1]
    assert (line.what, line.by, line.on_behalf_of, line.mail) == (said, cast.eva.person, cast.ann.person, mail.id)
    assert page in (await eva.get(f"/bookings/{booking.id}")).text
    assert page not in (await (await site.visitor(cast.ben)).get(f"/bookings/{booking.id}")).text
    assert "Taken as an answer by Eva Ek" in (await eva.get(page)).text
    assert await queries.waiting() == []
    await eva.post(page, f"{page}/undo")
    back = await booking_queries.booking(booking.id)
    assert (back.state, back.answer, back.answer_stamp) == (State.INVITED, "", None)
    assert [one.id for one in await queries.waiting()] == [mail.id]
    assert await delivered(LATER + timedelta(days=1)) == []


async def test_an_answer_whose_letters_have_left_stays(cast: Cast, site: Site) -> None:
    booking, raw = await invited(cast)
    mail = await waits(**words(raw), outcome="needs-human")
    await actions.take_answer(cast.eva, mail.id, Partstat.ACCEPTED, now=LATER)
    await delivered(LATER + timedelta(days=1))
    with pytest.raises(Refused):
        await actions.undo(cast.eva, mail.id, now=LATER + timedelta(days=1))
    assert (await booking_queries.booking(booking.id)).state is State.ACCEPTED
    assert await queries.waiting() == []


async def test_a_calendar_answer_that_waits_has_its_one_button(cast: Cast, site: Site) -> None:
    booking, raw = await invited(cast)
    answer = clients.reply(raw, Answer.DECLINED, Client.GMAIL, now=NOW + SOON)
    mail = await waits(answer, outcome="needs-human", to="day@floorday.example")
    shown = (await (await site.visitor(cast.eva)).get(f"/inbox/{mail.id}")).text
    assert "Take it as no" in shown
    assert "Take it as yes" not in shown
    await actions.take_answer(cast.eva, mail.id, Partstat.DECLINED, now=LATER)
    assert (await booking_queries.booking(booking.id)).state is State.DECLINED


async def test_another_address_of_the_manager_is_registered_and_the_mail_applied(cast: Cast, site: Site) -> None:
    booking, raw = await invited(cast)
    mail = await waits(reply(raw, attendee="ann@home.example"), outcome="rejected-unknown-attendee")
    eva = await site.visitor(cast.eva)
    page = f"/inbox/{mail.id}"
    assert "This is also Ann Archer" in (await eva.get(page)).text
    assert (await eva.post(page, f"{page}/alias", address="ann@home.example")).status_code == 303
    after = await booking_queries.booking(booking.id)
    assert (after.state, after.comment) == (State.ACCEPTED, "Gern")
    assert "ann@home.example" in await found.addresses(cast.ann.person)
    row = await InboundMail.select(InboundMail.outcome, InboundMail.applied, InboundMail.decision).first()
    assert row == {"outcome": "update-partstat", "applied": True, "decision": "alias"}
    assert "can be removed on" in (await eva.get(page)).text
    with pytest.raises(Refused, match="own page"):
        await actions.undo(cast.eva, mail.id, now=LATER)
    assert (await eva.post(page, f"{page}/alias", address="ann@home.example")).status_code == 409


async def test_an_address_that_is_somebody_elses_is_not_offered_nor_taken(cast: Cast, site: Site) -> None:
    booking, raw = await invited(cast)
    mail = await waits(reply(raw, attendee="max@floorday.example"), outcome="rejected-unknown-attendee")
    shown = (await (await site.visitor(cast.eva)).get(f"/inbox/{mail.id}")).text
    assert "This is also" not in shown
    for address in ("max@floorday.example", "somebody@elsewhere.example"):
        with pytest.raises(BadInput):
            await actions.take_alias(cast.eva, mail.id, address, now=LATER)
    assert (await booking_queries.booking(booking.id)).state is State.INVITED
    assert [one.id for one in await queries.waiting()] == [mail.id]


async def test_who_answers_for_the_manager_becomes_an_assistant_and_the_mail_is_applied(cast: Cast, site: Site) -> None:
    booking, raw = await invited(cast)
    answer = reply(raw, attendee="ann@floorday.example", sender="max@floorday.example", partstat="TENTATIVE",
                   sent_by="max@floorday.example")  # fmt: skip
    mail = await waits(answer, outcome="needs-human")
    eva = await site.visitor(cast.eva)
    page = f"/inbox/{mail.id}"
    assert "Max Moor answers for Ann Archer" in (await eva.get(page)).text
    assert (await eva.post(page, f"{page}/assistant", address="max@floorday.example")).status_code == 303
    after = await booking_queries.booking(booking.id)
    line = (await booking_queries.history(booking.id))[-1]
    assert (after.state, line.by, line.on_behalf_of) == (State.TENTATIVE, cast.max.person, cast.ann.person)
    assert "Who answers for Ann Archer can be changed" in (await eva.get(page)).text


async def test_a_stranger_who_answers_for_the_manager_must_be_added_first(cast: Cast, site: Site) -> None:
    _booking, raw = await invited(cast)
    answer = reply(raw, attendee="ann@floorday.example", sender="pa@agency.example", sent_by="pa@agency.example")
    mail = await waits(answer, outcome="needs-human")
    shown = (await (await site.visitor(cast.eva)).get(f"/inbox/{mail.id}")).text
    assert "pa@agency.example belongs to nobody here" in shown
    assert "/settings/people/new" in shown
    with pytest.raises(Refused, match="Add the person first"):
        await actions.take_assistant(cast.eva, mail.id, "pa@agency.example", now=LATER)


async def test_a_time_in_words_becomes_a_proposal_like_any_other(cast: Cast, site: Site) -> None:
    booking, raw = await invited(cast)
    mail = await waits(**words(raw, "The day after would be better."), outcome="needs-human")
    eva = await site.visitor(cast.eva)
    page = f"/inbox/{mail.id}"
    assert "Times are London time." in (await eva.get(page)).text
    day = f"{booking.starts_at + timedelta(days=1):%Y-%m-%d}"
    wrong = await eva.post(page, f"{page}/proposal", starts="2020-01-01T09:00", ends=f"{day}T12:00")
    assert wrong.status_code == 422
    assert "already over" in wrong.text
    sent = {"starts": f"{day}T10:00", "ends": f"{day}T14:00", "comment": "A day later?"}
    assert (await eva.post(page, f"{page}/proposal", **sent)).status_code == 303
    row = (await booking_queries.open_proposals({booking.id}))[booking.id]
    assert (row.mail, row.comment, row.ends_at - row.starts_at) == (mail.id, "A day later?", timedelta(hours=4))
    line = (await booking_queries.history(booking.id))[-1]
    assert (line.what, line.by, line.on_behalf_of) == ("proposed", cast.eva.person, cast.ann.person)
    assert await queries.waiting() == []
    await eva.post(page, f"{page}/undo")
    assert await booking_queries.open_proposals({booking.id}) == {}
    assert [one.id for one in await queries.waiting()] == [mail.id]


async def test_what_is_put_aside_is_taken_up_again(cast: Cast, site: Site) -> None:
    _booking, raw = await invited(cast)
    mail = await waits(**words(raw), outcome="needs-human")
    eva = await site.visitor(cast.eva)
    page = f"/inbox/{mail.id}"
    await eva.post(page, f"{page}/dismissal")
    assert "Take it up again" in (await eva.get(page)).text
    await eva.post(page, f"{page}/undo")
    assert [one.id for one in await queries.waiting()] == [mail.id]
    with pytest.raises(Refused, match="nothing to undo"):
        await actions.undo(cast.eva, mail.id, now=LATER)


async def test_the_same_answer_again_takes_the_mail_and_leaves_the_day(cast: Cast) -> None:
    booking, raw = await invited(cast)
    yes = clients.reply(raw, Answer.ACCEPTED, Client.GMAIL, now=NOW + SOON)
    assert await posted(yes, now=NOW + SOON) == "update-partstat"
    mail = await waits(**words(raw), outcome="needs-human")
    await actions.take_answer(cast.eva, mail.id, Partstat.ACCEPTED, now=LATER)
    assert (await booking_queries.booking(booking.id)).state is State.ACCEPTED
    assert await queries.waiting() == []


@pytest.mark.parametrize("who", ["ann", "ben", "dan", "fay", "hana", "ada"])
async def test_nobody_else_makes_anything_of_a_mail(cast: Cast, who: str) -> None:
    _booking, raw = await invited(cast)
    mail = await waits(**words(raw), outcome="needs-human")
    actor = cast.everybody()[who]
    for act in (
        actions.take_answer(actor, mail.id, Partstat.ACCEPTED, now=LATER),
        actions.take_alias(actor, mail.id, "x@y.example", now=LATER),
        actions.take_assistant(actor, mail.id, "x@y.example", now=LATER),
        actions.pass_on(actor, mail.id, starts=LATER, ends=LATER, now=LATER), actions.undo(actor, mail.id, now=LATER),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await act


async def test_a_forged_mail_offers_nothing(cast: Cast, site: Site) -> None:
    _booking, raw = await invited(cast)
    mail = await waits(**words(raw), outcome="needs-human")
    await InboundMail.update({InboundMail.outcome: "rejected-unauthenticated"}).where(InboundMail.id == mail.id)
    shown = (await (await site.visitor(cast.eva)).get(f"/inbox/{mail.id}")).text
    assert "Take it as" not in shown
    with pytest.raises(Refused, match="sender is not certain"):
        await actions.take_answer(cast.eva, mail.id, Partstat.ACCEPTED, now=LATER)


async def test_the_list_counts_and_filters_by_what_became_of_mails(cast: Cast, site: Site) -> None:
    _booking, raw = await invited(cast)
    yes = clients.reply(raw, Answer.ACCEPTED, Client.GMAIL, now=NOW + SOON)
    assert await posted(yes, now=NOW + SOON) == "update-partstat"
    await waits(**words(raw), outcome="needs-human")
    counts = await queries.counts()
    assert (counts.by_outcome, counts.waits, counts.all) == ({"needs-human": 1, "update-partstat": 1}, 1, 2)
    eva = await site.visitor(cast.eva)
    shown = (await eva.get("/inbox?view=all&outcome=needs-human")).text
    assert shown.count("data-row") == 1
    assert (await eva.get("/inbox?view=all&outcome=nonsense")).text.count("data-row") == 2
    assert "No mail of this kind" in (await eva.get("/inbox?view=all&outcome=bounce-recorded")).text


async def test_a_page_of_a_mail_with_everything_takes_no_more_than_eight_queries(
    cast: Cast, site: Site, queries: Any
) -> None:
    _booking, raw = await invited(cast)
    answer = reply(raw, attendee="ann@floorday.example", sender="max@floorday.example", sent_by="max@floorday.example")
    mail = await waits(answer, outcome="needs-human")
    eva = await site.visitor(cast.eva)
    for done in ("", "assistant"):
        if done:
            await people.add_alias(cast.eva, cast.ann.person, "more@home.example", now=LATER)
            await actions.take_assistant(cast.eva, mail.id, "max@floorday.example", now=LATER)
        with queries() as seen:
            assert (await eva.get(f"/inbox/{mail.id}")).status_code == 200
        assert len(seen) <= 8, "\n".join(map(str, seen))
