"""The Inbox as a page: what waits, why, and what a coordinator does about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from floorday import config
from floorday.demo import clients
from floorday.demo.clients import Answer, Client
from floorday.inbox import pages
from floorday.mail.tables import InboundMail, Letter
from tests.cast import Cast, a_booking, make_cast
from tests.inbox.test_receive import delivered, posted
from tests.site import Site

NOW = config.now()
SOON = timedelta(seconds=30)


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(NOW)


@pytest.fixture
def site(database: object) -> Site:
    return Site(pages.router, clock=NOW + SOON)


async def a_mail(subject: str, *, outcome: str = "needs-human", body: str = "I would love to!") -> str:
    raw = f"From: Ann <ann@floorday.example>\r\nSubject: {subject}\r\n\r\n{body}\r\n".encode()
    row = InboundMail(
        door="lmtp", received_at=NOW, read_at=NOW, outcome=outcome, reason="Please read it.", content=raw,
        subject=subject, sender="Ann <ann@floorday.example>", envelope_to="day@floorday.example",
    )  # fmt: skip
    await InboundMail.insert(row)
    return f"/inbox/{row.id}"


async def test_what_waits_is_listed_with_the_reason_and_put_aside(cast: Cast, site: Site) -> None:
    mail = await a_mail("Coming, maybe")
    eva = await site.visitor(cast.eva)
    page = (await eva.get("/inbox")).text
    assert "Coming, maybe" in page
    assert "Please read it." in page
    assert "I would love to!" in (await eva.get(mail)).text
    done = await eva.post(mail, f"{mail}/dismissal")
    assert done.headers["location"] == "/inbox"
    assert "Coming, maybe" not in (await eva.get("/inbox")).text
    assert "Coming, maybe" in (await eva.get("/inbox?view=all")).text
    assert "Put aside by Eva Ek" in (await eva.get(mail)).text
    assert (await eva.post("/inbox", f"{mail}/dismissal")).status_code == 409


async def test_markup_in_a_mail_is_only_text(cast: Cast, site: Site) -> None:
    mail = await a_mail("<script>alert(1)</script>", body="<img src=x onerror=alert(1)>")
    eva = await site.visitor(cast.eva)
    for path in ("/inbox", mail):
        page = (await eva.get(path)).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


async def test_an_answer_that_was_clear_is_kept_and_does_not_wait(cast: Cast, site: Site) -> None:
    booking = await a_booking(cast, now=NOW)
    raw = (await delivered(NOW + SOON))[0]
    reply = clients.reply(raw, Answer.ACCEPTED, Client.GMAIL, now=NOW + SOON)
    assert await posted(reply, now=NOW + SOON) == "update-partstat"
    eva = await site.visitor(cast.eva)
    assert "Nothing waits for you" in (await eva.get("/inbox")).text
    everything = (await eva.get("/inbox?view=all")).text
    assert "Answer taken" in everything
    row = await InboundMail.select(InboundMail.id).first()
    assert row is not None
    assert f"/bookings/{booking.id}" in (await eva.get(f"/inbox/{row['id']}")).text


async def test_a_letter_that_failed_shows_the_servers_words_and_goes_again(cast: Cast, site: Site) -> None:
    await a_booking(cast, now=NOW)
    letter = await Letter.objects().where(Letter.to_address == "ann@floorday.example").first()
    assert letter is not None
    await Letter.update({Letter.failed_at: NOW, Letter.server_words: "550 5.1.1 No such user here"}).where(
        Letter.id == letter.id
    )
    eva = await site.visitor(cast.eva)
    page = (await eva.get("/inbox/letters")).text
    assert "550 5.1.1 No such user here" in page
    again = await eva.post("/inbox/letters", f"/inbox/letters/{letter.id}/again")
    assert again.status_code == 303
    assert "still trying" in (await eva.get("/inbox/letters")).text
    assert (await eva.post("/inbox/letters", f"/inbox/letters/{letter.id}/again")).status_code == 404


@pytest.mark.parametrize("who", ["ann", "ben", "cleo", "dan", "fay", "gus", "hana", "ada"])
async def test_the_inbox_is_the_coordinators(cast: Cast, site: Site, who: str) -> None:
    mail = await a_mail("Coming, maybe")
    visitor = await site.visitor(cast.everybody()[who])
    for path in ("/inbox", mail, "/inbox/letters"):
        assert (await visitor.get(path)).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
async def test_no_page_takes_more_than_eight_queries(cast: Cast, site: Site, queries: Any, rows: int) -> None:
    for number in range(rows):
        mail = await a_mail(f"Mail {number}")
        await a_booking(cast, now=NOW, days=20 + number)
    await Letter.update({Letter.failed_at: NOW, Letter.server_words: "550 no"}, force=True)
    eva = await site.visitor(cast.eva)
    for path in ("/inbox", "/inbox?view=all", mail, "/inbox/letters"):
        with queries() as seen:
            assert (await eva.get(path)).status_code == 200
        assert len(seen) <= 8, "\n".join(map(str, seen))
