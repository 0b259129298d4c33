"""Proposed times and what is made of mails, by programs; whoever does not see the Inbox settles a proposal too."""

from __future__ import annotations

from datetime import timedelta

from floorday import config
from floorday.bookings import actions as bookings
from floorday.mail.tables import InboundMail
from tests.api.house import program
from tests.cast import a_booking, make_cast
from tests.site import whole_app


async def test_a_lead_sees_and_settles_a_proposal_without_the_inbox(database: object) -> None:
    now = config.now()
    cast = await make_cast(now)
    booking = await a_booking(cast, now=now)
    later = booking.starts_at + timedelta(days=7)
    made = await bookings.propose(
        cast.ann, booking.id, starts=later, ends=later + timedelta(hours=4), comment="Better for me", now=now)
    app = whole_app()
    ben = await program(cast.ben, app=app)
    opened = (await ben.get(f"/bookings/{booking.id}")).json()["proposal"]
    listed = (await ben.get("/proposals")).json()
    assert opened == listed["items"][0]
    assert (opened["id"], opened["comment"], opened["stale"], opened["shift_is_free"]) == (
        str(made), "Better for me", "", False)
    assert (await ben.get("/inbox")).status_code == 403
    path = f"/bookings/{booking.id}/proposals/{made}"
    moved = (await ben.post(f"{path}/acceptance")).json()
    assert (moved["state"], moved["sequence"]) == ("accepted", 1)
    assert (await ben.post(f"{path}/refusal", words="No")).status_code == 409
    assert (await ben.get(f"/bookings/{booking.id}")).json()["proposal"] is None
    await ben.post(f"/bookings/{booking.id}/undo")
    assert (await ben.get(f"/bookings/{booking.id}")).json()["proposal"]["id"] == str(made)
    kept = (await ben.post(f"{path}/refusal", words="We are closed then")).json()
    assert (kept["state"], kept["sequence"]) == ("invited", 0)
    assert (await ben.get("/proposals")).json()["items"] == []


async def test_an_answer_in_words_is_taken_and_taken_back(database: object) -> None:
    now = config.now()
    cast = await make_cast(now)
    booking = await a_booking(cast, now=now)
    mail = InboundMail(door="cli", received_at=now, read_at=now, outcome="needs-human", about=booking.id,
                       content=b"From: ann@floorday.example\r\n\r\nYes!")
    await InboundMail.insert(mail)
    eva = await program(cast.eva, app=whole_app())
    taken = (await eva.post(f"/inbox/{mail.id}/answer", answer="accepted")).json()
    assert (taken["decision"], taken["waits"]) == ("answered", False)
    history = (await eva.get(f"/bookings/{booking.id}")).json()["history"]
    assert (history[-1]["what"], history[-1]["by"], history[-1]["on_behalf_of"]) == (
        "accepted", str(cast.eva.person), str(cast.ann.person))
    back = (await eva.post(f"/inbox/{mail.id}/undo")).json()
    assert (back["decision"], back["waits"]) == ("", True)
    assert (await eva.get(f"/bookings/{booking.id}")).json()["state"] == "invited"
