"""Another time that a manager proposes: from the mail to the day, on the pages of those who settle it."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from floorday import config
from floorday.bookings import actions as bookings
from floorday.bookings import pages as booking_pages
from floorday.bookings import queries as booking_queries
from floorday.bookings.queries import BookingRow, ProposalRow
from floorday.bookings.rules import State
from floorday.demo import clients
from floorday.demo.clients import Answer, Client
from floorday.errors import Forbidden, NotFound, Refused
from floorday.inbox import actions, pages, queries
from floorday.mail.tables import InboundMail, Letter
from floorday.people.tables import Person
from floorday.rota import pages as rota_pages
from floorday.today import pages as today_pages
from tests.cast import Cast, a_booking, a_shift, make_cast
from tests.inbox.door import delivered, posted, proposal
from tests.site import Site

NOW = config.now()
SOON = timedelta(seconds=30)
LATER = NOW + timedelta(minutes=5)
DAY = timedelta(days=1)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(NOW)


@pytest.fixture
def site(database: object) -> Site:
    return Site(pages.router, booking_pages.router, rota_pages.router, today_pages.router, clock=LATER)


def to_weekday(booking: BookingRow) -> timedelta:
    """How much later the next weekday is that is no weekend."""
    later = DAY
    while (booking.starts_at + later).weekday() > 4:
        later += DAY
    return later


async def proposed(cast: Cast, *, later: timedelta | None = None, **kw: Any) -> tuple[BookingRow, ProposalRow, bytes]:
    booking = await a_booking(cast, now=NOW, **kw)
    raw = (await delivered(NOW + SOON))[-1]
    counter = proposal(raw, later=later or to_weekday(booking), now=NOW + SOON, message_id=f"{booking.id}@ann.example")
    assert await posted(counter, now=NOW + SOON) == "counter-proposal"
    row = (await booking_queries.open_proposals({booking.id}))[booking.id]
    return booking, row, raw


async def test_a_proposal_changes_nothing_and_is_kept_with_its_mail(cast: Cast) -> None:
    booking, row, _raw = await proposed(cast)
    after = await booking_queries.booking(booking.id)
    assert (after.state, after.starts_at, after.sequence) == (State.INVITED, booking.starts_at, 0)
    (mail,) = await queries.waiting()
    assert (row.mail, row.starts_at - booking.starts_at, row.partstat) == (mail.id, to_weekday(booking), "TENTATIVE")
    assert (row.away, row.hosting, row.free) == (0, 0, 0)
    line = (await booking_queries.history(booking.id))[-1]
    assert (line.what, line.by, line.mail) == ("proposed", cast.ann.person, mail.id)


async def test_a_lead_takes_it_in_one_click_and_undoes_it(cast: Cast, site: Site) -> None:
    booking, row, _raw = await proposed(cast)
    ben = await site.visitor(cast.ben)
    page = f"/bookings/{booking.id}"
    shown = (await ben.get(page)).text
    assert "Ann Archer proposes another time" in shown
    assert "A new shift will be offered at that time." in shown
    done = await ben.post(page, f"{page}/proposals/{row.id}/acceptance")
    assert done.headers["location"] == page
    after = await booking_queries.booking(booking.id)
    assert (after.state, after.starts_at, after.sequence) == (State.ACCEPTED, row.starts_at, 1)
    assert await queries.waiting() == []
    mail = await InboundMail.select(InboundMail.decision, InboundMail.decided_by).first()
    assert mail == {"decision": "accepted", "decided_by": cast.ben.person}
    assert (await ben.post(page, f"{page}/proposals/{row.id}/acceptance")).status_code == 409
    await ben.post(page, f"{page}/undo")
    back = await booking_queries.booking(booking.id)
    assert (back.state, back.starts_at, back.sequence) == (State.INVITED, booking.starts_at, 0)
    assert (await booking_queries.shift(after.shift)).withdrawn_at is not None
    assert (await booking_queries.proposal(row.id)).state == "open"
    assert [one.id for one in await queries.waiting()] == [row.mail]


async def test_the_day_is_kept_with_words_for_letter_and_calendar_and_that_is_undone(cast: Cast) -> None:
    booking, row, _raw = await proposed(cast)
    await bookings.refuse_proposal(cast.ben, booking.id, row.id, words="Audit; all that week, sorry.", now=LATER)
    assert await booking_queries.open_proposals({booking.id}) == {}
    await bookings.undo(cast.ben, booking.id, now=LATER)
    assert (await booking_queries.booking(booking.id)).stamped_at == booking.stamped_at
    assert await delivered(LATER + DAY) == []
    await bookings.refuse_proposal(cast.ben, booking.id, row.id, words="Audit; all that week, sorry.", now=LATER)
    (raw,) = await delivered(LATER + DAY)
    assert b"METHOD:DECLINECOUNTER" in raw.replace(b"\r\n ", b"") or b"DECLINECOUNTER" in raw
    mail = message_from_bytes(raw, policy=policy.default)
    parts = {part.get_content_type(): part for part in mail.walk()}
    assert "Audit; all that week, sorry." in parts["text/plain"].get_content()
    ics = parts["text/calendar"].get_payload(decode=True)
    assert isinstance(ics, bytes)
    ics = ics.replace(b"\r\n ", b"")
    assert b"COMMENT:Audit\\; all that week\\, sorry." in ics
    assert b"SEQUENCE:0" in ics


@pytest.mark.parametrize("who", ["ann", "dan", "fay", "hana", "ada"])
async def test_who_sees_the_day_and_does_not_run_it_settles_nothing(cast: Cast, site: Site, who: str) -> None:
    booking, row, _raw = await proposed(cast)
    actor = cast.everybody()[who]
    with pytest.raises(Forbidden):
        await bookings.accept_proposal(actor, booking.id, row.id, now=LATER)
    with pytest.raises(Forbidden):
        await bookings.refuse_proposal(actor, booking.id, row.id, now=LATER)
    shown = (await (await site.visitor(actor)).get(f"/bookings/{booking.id}")).text
    assert "proposes another time" in shown
    assert "/acceptance" not in shown


async def test_a_strangers_proposal_is_not_there(cast: Cast) -> None:
    booking, row, _raw = await proposed(cast)
    other = await a_booking(cast, now=NOW, manager=cast.max, days=29)
    for actor in (cast.cleo, cast.ines, cast.gus, cast.max):
        with pytest.raises(NotFound):
            await bookings.accept_proposal(actor, booking.id, row.id, now=LATER)
        assert await booking_queries.listed_proposals(actor, after=None, limit=9) == []
    with pytest.raises(NotFound):
        await bookings.accept_proposal(cast.eva, other.id, row.id, now=LATER)
    for actor in (cast.ann, cast.ben, cast.fay, cast.eva, cast.hana):
        assert [one.id for one in await booking_queries.listed_proposals(actor, after=None, limit=9)] == [row.id]


async def test_it_stands_on_rota_and_today_of_those_who_settle_it(cast: Cast, site: Site) -> None:
    booking, row, _raw = await proposed(cast)
    month = f"/rota?month={booking.starts_at:%Y-%m}"
    action = f"/bookings/{booking.id}/proposals/{row.id}/acceptance"
    for actor in (cast.ben, cast.eva):
        visitor = await site.visitor(actor)
        assert action in (await visitor.get(month)).text
        assert action in (await visitor.get("/today")).text
    for actor in (cast.ann, cast.fay):
        visitor = await site.visitor(actor)
        shown = (await visitor.get(month)).text
        assert "Proposes another time" in shown
        assert action not in shown
        assert "Other times that managers propose" not in (await visitor.get("/today")).text
    assert "Other times" not in (await (await site.visitor(cast.ines)).get("/today")).text


async def test_what_stands_in_its_way_is_said_without_telling_which_other_day(cast: Cast, site: Site) -> None:
    booking, row, _raw = await proposed(cast)
    there = await a_shift(cast, now=NOW, days=22 + to_weekday(booking).days, team=cast.claims)
    await a_booking(cast, now=NOW, shift=there)
    shown = (await (await site.visitor(cast.ben)).get(f"/bookings/{booking.id}")).text
    assert "Ann Archer already has another day at that time." in shown
    assert "Claims" not in shown
    assert "/acceptance" not in shown
    with pytest.raises(Refused):
        await bookings.accept_proposal(cast.ben, booking.id, row.id, now=LATER)
    assert (await booking_queries.proposal(row.id)).state == "open"


async def test_a_free_shift_is_taken_and_a_host_elsewhere_is_said(cast: Cast) -> None:
    booking, row, _raw = await proposed(cast)
    busy = await a_shift(cast, now=NOW, days=22 + to_weekday(booking).days, at=8, hours=3)
    await a_booking(cast, now=NOW, manager=cast.max, shift=busy)
    seen = booking_queries.look(await booking_queries.proposal(row.id), cast.ben, now=LATER)
    assert (seen.row.hosting, seen.row.free) == (1, 0)
    assert "Fay Finch hosts another shift then." in seen.hints
    free = await a_shift(cast, now=NOW, days=22 + to_weekday(booking).days)
    assert (await booking_queries.proposal(row.id)).free == 1
    after = await bookings.accept_proposal(cast.ben, booking.id, row.id, now=LATER)
    assert after.shift == free.id
    await bookings.undo(cast.ben, booking.id, now=LATER)
    assert (await booking_queries.shift(free.id)).withdrawn_at is None


async def test_one_that_the_day_has_overtaken_says_so(cast: Cast, site: Site) -> None:
    booking, row, _raw = await proposed(cast)
    await bookings.move(cast.ben, booking.id, shift=(await a_shift(cast, now=NOW, days=36)).id, now=NOW + 2 * SOON)
    shown = (await (await site.visitor(cast.ben)).get(f"/bookings/{booking.id}")).text
    assert "The day has been moved since this time was proposed." in shown
    assert "/acceptance" not in shown
    with pytest.raises(Refused, match="moved since"):
        await bookings.accept_proposal(cast.ben, booking.id, row.id, now=LATER)


async def test_a_second_one_takes_the_place_of_the_first_and_an_older_one_does_not(cast: Cast) -> None:
    booking, row, raw = await proposed(cast)
    old = proposal(raw, later=3 * DAY, now=NOW + SOON / 2, message_id="old@floorday.example")
    assert await posted(old, now=NOW + 2 * SOON) == "ignored-stale"
    new = proposal(raw, later=7 * DAY, now=NOW + 2 * SOON, message_id="new@floorday.example")
    assert await posted(new, now=NOW + 2 * SOON) == "counter-proposal"
    one = (await booking_queries.open_proposals({booking.id}))[booking.id]
    assert one.starts_at == booking.starts_at + 7 * DAY
    assert (await booking_queries.proposal(row.id)).state == "replaced"
    assert [mail.outcome for mail in await queries.waiting()] == ["ignored-stale", "counter-proposal"]


async def test_put_aside_with_its_mail_and_taken_up_again(cast: Cast) -> None:
    booking, row, _raw = await proposed(cast)
    assert row.mail is not None
    await actions.dismiss(cast.eva, row.mail, now=LATER)
    assert await booking_queries.open_proposals({booking.id}) == {}
    await actions.undo(cast.eva, row.mail, now=LATER)
    assert set(await booking_queries.open_proposals({booking.id})) == {booking.id}
    await actions.accept_proposal(cast.eva, row.mail, now=LATER)
    await actions.undo(cast.eva, row.mail, now=LATER)
    assert [one.id for one in await queries.waiting()] == [row.mail]
    assert set(await booking_queries.open_proposals({booking.id})) == {booking.id}
    await actions.accept_proposal(cast.eva, row.mail, now=LATER)
    await delivered(LATER + DAY)
    with pytest.raises(Refused):
        await actions.undo(cast.eva, row.mail, now=LATER + DAY)


@pytest.mark.parametrize("rows", [1, 4])
async def test_no_page_takes_more_than_eight_queries(cast: Cast, site: Site, queries: Any, rows: int) -> None:
    for number in range(rows):
        booking, row, _raw = await proposed(cast, days=20 + 7 * number)
    for actor in (cast.eva, cast.ben):
        visitor = await site.visitor(actor)
        for path in (f"/bookings/{booking.id}", f"/rota?month={booking.starts_at:%Y-%m}", "/today"):
            with queries() as seen:
                assert (await visitor.get(path)).status_code == 200
            assert len(seen) <= 8, path + "\n" + "\n".join(map(str, seen))
    eva = await site.visitor(cast.eva)
    with queries() as seen:
        assert (await eva.get(f"/inbox/{row.mail}")).status_code == 200
    assert len(seen) <= 8, "\n".join(map(str, seen))


async def test_a_letter_that_came_back_says_what_to_do_and_goes_to_the_new_address(cast: Cast, site: Site) -> None:
    booking = await a_booking(cast, now=NOW)
    await delivered(NOW + SOON)
    failed = {Letter.failed_at: NOW + SOON, Letter.server_words: "550 5.1.1 No such user"}
    await Letter.update(failed).where(Letter.to_address == "ann@floorday.example")
    page, month = f"/bookings/{booking.id}", f"/rota?month={booking.starts_at:%Y-%m}"
    ben, eva = await site.visitor(cast.ben), await site.visitor(cast.eva)
    assert "550 5.1.1 No such user" in (await ben.get(month)).text
    shown = (await ben.get(page)).text
    assert "Ask the coordinator to correct the address" in shown
    assert f"/settings/people/{cast.ann.person}" in (await eva.get(page)).text
    await Person.update({Person.email: "ann.archer@floorday.example"}).where(Person.id == cast.ann.person)
    assert (await ben.post(page, f"{page}/again")).headers["location"] == page
    assert "A letter did not arrive" not in (await ben.get(page)).text
    assert "550 5.1.1" not in (await ben.get(month)).text
    (raw,) = await delivered(LATER + DAY)
    assert "ann.archer@floorday.example" in str(message_from_bytes(raw, policy=policy.default)["To"])
    assert (await ben.post(page, f"{page}/again")).status_code == 409
    reply = clients.reply(raw, Answer.ACCEPTED, Client.GMAIL, now=LATER + DAY)
    assert await posted(reply, now=LATER + DAY) == "update-partstat"
