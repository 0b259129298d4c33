"""Opening a page never changes anything, whoever opens it: mail scanners open every link."""

from __future__ import annotations

import pytest

from floorday import config
from floorday.mail.tables import InboundMail, Letter
from floorday.render import tokens
from tests.cast import Cast, a_booking, make_cast
from tests.doors.house import caller, contents, filled, routes
from tests.site import whole_app


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now())


async def known_ids(cast: Cast) -> dict[str, str]:
    """Give an id that is really there for every name that a path uses."""
    now = config.now()
    booking = await a_booking(cast, now=now, accepted=True)
    letter = await Letter.select(Letter.id).first()
    mail = InboundMail(door="cli", received_at=now, outcome="needs-human", read_at=now, content=b"Subject: x\r\n\r\nHi")
    await InboundMail.insert(mail)
    assert letter is not None
    return {
        "booking_id": str(booking.id),
        "booking": str(booking.id),
        "shift_id": str(booking.shift),
        "person_id": str(cast.ann.person),
        "team_id": str(cast.billing),
        "department_id": str(cast.it),
        "mail_id": str(mail.id),
        "letter_id": str(letter["id"]),
        "month": f"{now:%Y-%m}",
        "name": "days_due",
        "token": tokens.make("answer", booking.id),
    }


@pytest.mark.parametrize("who", ["ann", "ben", "cleo", "dan", "eva", "fay", "gus", "hana", "ada", None])
async def test_looking_changes_nothing(cast: Cast, who: str | None) -> None:
    ids = await known_ids(cast)
    app = whole_app()
    visitor = await caller(app, cast.everybody()[who] if who else None)
    before = await contents()
    seen = {route: (await visitor.get(filled(route, ids))).status_code for route in routes(app, "GET")}
    assert {route: status for route, status in seen.items() if status >= 500} == {}
    assert await contents() == before
    assert 200 in seen.values()
