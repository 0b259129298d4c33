"""Every mail of tests/mail through the real LMTP door to the booking, with a trusted server's word on the sender."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from msgspec.structs import asdict

from floorday import config
from floorday.bookings import actions as bookings
from floorday.bookings import queries as booking_queries
from floorday.bookings.queries import BookingRow
from floorday.bookings.rules import Answer, Partstat
from floorday.db import run_sql
from floorday.demo import clients
from floorday.people.access import Door
from tests.cast import NOW, Cast, a_booking, a_shift, make_cast, through
from tests.inbox import case
from tests.inbox.door import delivered, posted

AUTHSERV = "mx.floorday.example"
STATES = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "NEEDS-ACTION": "invited"}
ANSWERED = NOW + timedelta(hours=2)
ARRIVES = NOW + timedelta(hours=9)


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FLOORDAY_TRUSTED_AUTHSERV_ID", AUTHSERV)
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


class Scene:
    """A booking as the case wants it before its mail comes, and the words to write that mail with."""

    def __init__(self, booking: BookingRow, values: dict[str, Any]) -> None:
        self.booking, self.values = booking, values


async def moved_twice(cast: Cast) -> BookingRow:
    """Ann's day, invited and moved, so that its SEQUENCE is 2 and two older invitations are out."""
    booking = await a_booking(cast)
    for step, days in enumerate((25, 29), start=1):
        other = await a_shift(cast, days=days)
        booking = await bookings.move(cast.ben, booking.id, shift=other.id, now=NOW + timedelta(minutes=step))
    return booking


async def set_up(cast: Cast, name: str) -> Scene:
    before = case.CASES[name]["state_before"]
    booking = await moved_twice(cast)
    sent = [message_from_bytes(raw, policy=policy.default) for raw in await delivered(NOW + timedelta(minutes=5))]
    letter = sent[-1]
    card = clients.read(bytes(letter)).card
    assert card is not None
    last = before["last_reply"]
    words: dict[str, Any] = {
        "UID": booking.uid, "seq": booking.sequence, "attendee": cast.ann.email, "ATTENDEE_NAME": cast.ann.name,
        "ATTENDEE_ALIAS": "a.archer@floorday.example", "OTHER_ATTENDEE": cast.max.email,
        "ASSISTANT": cast.dan.email if before["assistants"] else "pa.office@floorday.example",
        "ORGANIZER": card.organizer, "AUTHSERV": AUTHSERV, "INVITE_MSGID": str(letter["Message-ID"]).strip("<>"),
        "start": booking.starts_at, "end": booking.ends_at, "now": NOW + timedelta(hours=3),
    }  # fmt: skip
    if second := before.get("second_booking"):
        other = await a_booking(cast, shift=await a_shift(cast, days=40), now=NOW + timedelta(minutes=6))
        words[second["uid"].strip("@")] = other.uid
    values = case.BINDER.default_values(**words)
    if last is not None:
        stamp = case.BINDER._sub(last["dtstamp"], values)
        ann = through(cast.ann, Door.CALENDAR)
        answer = Answer(
            partstat=Partstat(before["partstat"].lower()), sequence=booking.sequence, stamp=case.stamp(stamp))
        booking, _mark = await bookings.answer(ann, booking.id, answer, now=max(ANSWERED, case.stamp(stamp)))
    if before["status"] == "cancelled":
        booking = await bookings.cancel(cast.ben, booking.id, reason="The floor is closed.", now=ANSWERED)
        values["SEQ"] = str(booking.sequence)
    await delivered(NOW + timedelta(hours=4))
    return Scene(await booking_queries.booking(booking.id), values)


def raw_of(name: str, scene: Scene) -> bytes:
    return case.BINDER.bind(case.template(name), scene.values)


def null_sender(name: str) -> str:
    return "" if "Return-Path: <>" in case.template(name) else "whoever@elsewhere.example"


@pytest.mark.parametrize("name", case.CASES)
async def test_case_at_the_door(database: object, trusting: None, name: str) -> None:
    cast = await make_cast()
    scene = await set_up(cast, name)
    expected = case.CASES[name]["expected"]
    raw = raw_of(name, scene)
    told = await posted(raw, now=ARRIVES, to=scene.values["ORGANIZER"], sender=null_sender(name))
    assert told == expected["action"]

    after = await booking_queries.booking(scene.booking.id)
    if told == "update-partstat":
        assert after.state == STATES[expected["partstat_after"]]
        assert after.answer_stamp is not None
        assert after.answer_stamp <= ARRIVES
        if "comment" in expected:
            assert after.comment == expected["comment"][:2000]
    else:
        assert asdict(after) | {"changed_at": 0, "stamped_at": 0} == asdict(scene.booking) | {
            "changed_at": 0, "stamped_at": 0}  # fmt: skip

    out = [clients.read(raw).card for raw in await delivered(ARRIVES + timedelta(hours=1))]
    methods = [(card.method, card.sequence) for card in out if card]
    assert methods == ([("REQUEST", scene.booking.sequence)] if told == "refresh-resend" else [])

    (mail,) = await run_sql("SELECT outcome, reason, content FROM inbound_mail")
    assert mail["reason"]
    assert bytes(mail["content"]) == raw

    # The same bytes once more change nothing that the first did not.
    again = await posted(raw, now=ARRIVES + timedelta(hours=2), to=scene.values["ORGANIZER"], sender=null_sender(name))
    assert again != "update-partstat"
    assert (await booking_queries.booking(scene.booking.id)).state == after.state


async def test_without_the_trusted_word_none_of_the_answers_is_applied(database: object, trusting: None) -> None:
    cast = await make_cast()
    scene = await set_up(cast, "001-exchange-accept-no-organizer")
    for name, one in case.CASES.items():
        if one["expected"]["action"] != "update-partstat":
            continue
        raw = raw_of(name, scene).replace(AUTHSERV.encode(), b"mx.somebody.example")
        assert await posted(raw, now=ARRIVES, to=scene.values["ORGANIZER"]) in {"needs-human", "ignored-duplicate"}
    assert await booking_queries.booking(scene.booking.id) == scene.booking
