"""The mailbox and "sign in as": there in the demo, on this machine, and nowhere else."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from floorday import config, worker
from floorday.bookings import actions as bookings
from floorday.bookings import queries as booking_queries
from floorday.bookings.rules import State
from floorday.db import run_sql
from floorday.mail import doors, inbound, outbox
from floorday.people import queries as people_queries
from floorday.people.access import Role
from floorday.web.session import digest
from tests.demo.conftest import NOW, Browser, browser_at, person

PATHS = ["/mailbox", "/demo"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_demo_page_is_there_on_this_machine(lived: None, browser: Browser, path: str) -> None:
    assert (await browser.open(path)).status_code == 200


@pytest.mark.parametrize("path", PATHS)
async def test_a_demo_page_is_not_there_outside_the_demo(
    lived: None, browser: Browser, demo: pytest.MonkeyPatch, path: str
) -> None:
    demo.setenv("FLOORDAY_DEMO", "false")
    config.settings.cache_clear()
    assert (await browser.open(path)).status_code == 404


@pytest.mark.parametrize("path", PATHS)
async def test_a_demo_page_is_not_there_for_another_machine(lived: None, path: str) -> None:
    for stranger in (browser_at("192.0.2.7"), browser_at("127.0.0.1", base_url="http://demo.evil.example")):
        async with stranger.client:
            assert (await stranger.open(path)).status_code == 404


async def test_nobody_signs_in_as_somebody_from_another_machine_or_outside_the_demo(
    lived: None, browser: Browser, demo: pytest.MonkeyPatch
) -> None:
    await browser.open("/demo")
    ann, page = await person("ann.archer"), browser.page
    stranger = browser_at("192.0.2.7")
    stranger.client.cookies, stranger.page = browser.client.cookies, page
    async with stranger.client:
        assert (await stranger.post("/demo", person=ann)).status_code == 404
    demo.setenv("FLOORDAY_DEMO", "false")
    config.settings.cache_clear()
    assert (await browser.post("/demo", person=ann)).status_code == 404
    assert await run_sql("SELECT id FROM session") == []


async def test_one_signs_in_as_one_and_then_as_another(lived: None, browser: Browser) -> None:
    for key in ("ann.archer", "noor.haddad"):
        await browser.open("/demo")
        answer = await browser.post("/demo", person=await person(key))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    (open_one,) = await run_sql("SELECT hash, person, demo FROM session WHERE ended_at IS NULL")
    cookie = browser.client.cookies["floorday"]
    assert open_one["hash"] == digest(cookie)
    assert str(open_one["person"]) == str(await person("noor.haddad"))
    assert open_one["demo"]


async def test_there_is_a_face_for_every_role(lived: None, browser: Browser) -> None:
    await browser.open("/demo")
    names = re.findall(r'<h3 id="face-\d+">([^<]+)</h3>', browser.page)
    assert len(names) == len(set(names)) == len(Role)
    shown = {card.id for name in names for card in await people_queries.people() if card.name == html.unescape(name)}
    held = {grant.role for who in shown for grant in await people_queries.grants(who)}
    assert held == set(Role)


async def test_every_letter_of_every_mailbox_opens(lived: None, browser: Browser) -> None:
    opened = 0
    await browser.open("/mailbox")
    for owner in sorted(set(re.findall(r'href="(/mailbox/[0-9a-f-]{36})"', browser.page))):
        assert (await browser.open(owner)).status_code == 200
        for letter in re.findall(r'href="(/mailbox/letters/[0-9a-f-]{36})"', browser.page)[:2]:
            assert (await browser.open(letter)).status_code == 200
            opened += 1
    assert opened > 20


async def letters_of(browser: Browser, key: str) -> list[str]:
    await browser.open(f"/mailbox/{await person(key)}")
    return re.findall(r'href="(/mailbox/letters/[0-9a-f-]{36})"', browser.page)


async def letter_about(key: str, name: str) -> str:
    rows = await run_sql(
        "SELECT id FROM letter WHERE person = {} AND name = {} ORDER BY created_at DESC, id DESC",
        await person(key), name)
    return f"/mailbox/letters/{rows[0]['id']}"


async def test_a_letter_stands_in_a_frame_under_a_policy_of_its_own(lived: None, browser: Browser) -> None:
    letter = await letter_about("ann.archer", "invitation")
    await browser.open(letter)
    assert f'src="{letter}/html"' in browser.page
    frame = await browser.open(f"{letter}/html")
    policy = frame.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert '<base target="_blank">' in frame.text
    assert "http://127.0.0.1:8000/answer/" in frame.text


async def test_an_invitation_shows_both_clocks(lived: None, browser: Browser) -> None:
    await browser.open(await letter_about("karin.nyberg", "invitation"))
    assert re.search(r"09:00 to 15:00 \(Dublin time\); for you 10:00 to 16:00 \(Stockholm time\)", browser.page)


async def test_the_calendar_says_moved_cancelled_and_out_of_date(lived: None, browser: Browser) -> None:
    await browser.open(await letter_about("linnea.dahl", "booking_moved"))
    assert "Moved" in browser.page
    assert "Was" in browser.page
    await browser.open(await letter_about("david.mensah", "booking_cancelled"))
    assert "Cancelled" in browser.page
    assert 'value="ACCEPTED"' not in browser.page
    rows = await run_sql(
        "SELECT i.id FROM letter i JOIN letter m ON m.about = i.about AND m.person = i.person"
        " WHERE i.name = 'invitation' AND i.event IS NOT NULL AND m.name = 'booking_moved'")
    await browser.open(f"/mailbox/letters/{rows[0]['id']}")
    assert "out of date" in browser.page
    assert "Answer this old one anyway" in browser.page


async def test_a_letter_that_has_not_left_cannot_be_opened(lived: None, browser: Browser) -> None:
    lead = await people_queries.actor(await person("gareth.price"))
    assert lead is not None
    booking = (await booking_queries.bookings(lead, states=frozenset({State.INVITED})))[0]
    await bookings.cancel(lead, booking.id, reason="The depot is closed.", now=config.now())
    letter = await letter_about(f"{booking.manager_email.partition('@')[0]}", "booking_cancelled")
    await browser.open(f"/mailbox/{booking.manager}")
    assert "leaves in" in browser.page
    assert letter not in browser.page
    assert (await browser.open(letter)).status_code == 404


async def newest_mail() -> dict[str, object]:
    rows = await run_sql("SELECT outcome, about, decided_at FROM inbound_mail ORDER BY id DESC")
    return rows[0]


@asynccontextmanager
async def a_worker(demo: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Take mail at the LMTP door and read it, until the test is over."""
    async with doors.LmtpServer(inbound.keep, "127.0.0.1", 0, accepts=worker.is_ours) as door:
        demo.setenv("FLOORDAY_LMTP_LISTEN", f"127.0.0.1:{door.port}")
        config.settings.cache_clear()

        async def reading() -> None:
            while True:
                await worker.read_mails()
                await asyncio.sleep(0.05)

        reader = asyncio.create_task(reading())
        try:
            yield
        finally:
            reader.cancel()


async def fresh_invitation(manager: str) -> tuple[str, str]:
    """Invite somebody by the real clock, let the letter leave, and give its page and the booking."""
    lead = await people_queries.actor(await person("ben.adeyemi"))
    assert lead is not None
    now = config.now()
    starts = (now + timedelta(days=30)).replace(tzinfo=None, microsecond=0)
    form = bookings.ShiftForm(starts=starts, ends=starts + timedelta(hours=5))
    (team,) = [team for team in await people_queries.teams() if team.name == "Billing"]
    shift = await bookings.offer_shift(lead, team.id, form, now=now)
    booking = await bookings.invite(lead, shift=shift.id, manager=await person(manager), why="Come and see.", now=now)
    await sent(now)
    return await letter_about(manager, "invitation"), str(booking.id)


async def sent(now: datetime) -> None:
    later = now + timedelta(seconds=20)
    while await outbox.deliver(sender=Nowhere(), calendar_part=worker.calendar_part, now=later, limit=50):
        pass


class Nowhere:
    async def send(self, batch):
        async for parcel in batch:
            yield parcel, None


@pytest.mark.parametrize(
    ("program", "answer", "state"),
    [
        ("Exchange", "ACCEPTED", "accepted"),
        ("Gmail", "DECLINED", "declined"),
        ("Apple", "TENTATIVE", "tentative"),
        ("Thunderbird", "ACCEPTED", "accepted"),
    ],
)
async def test_a_press_of_a_button_takes_the_road_of_a_real_answer(
    lived: None, browser: Browser, demo: pytest.MonkeyPatch, program: str, answer: str, state: str
) -> None:
    letter, booking = await fresh_invitation("jurgen.weiss")
    async with a_worker(demo):
        await browser.open(letter)
        said = await browser.post(f"{letter}/answer", client=program, answer=answer, comment="Gern; bis dann,\nJürgen")
        assert said.status_code == 303, said.text
        await browser.open(said.headers["location"])
    (row,) = await run_sql("SELECT state, comment FROM booking WHERE id = {}", booking)
    assert row["state"] == state
    assert row["comment"].split() == ["Gern;", "bis", "dann,", "Jürgen"]
    assert "it has been read" in browser.page
    assert f'<span class="tag">{state}</span>' in browser.page
    assert re.search(rf'value="{program}" checked', browser.page)


@pytest.mark.parametrize("program", ["Exchange", "Gmail"])
async def test_another_time_waits_for_the_coordinator(
    lived: None, browser: Browser, demo: pytest.MonkeyPatch, program: str
) -> None:
    letter, booking = await fresh_invitation("jurgen.weiss")
    async with a_worker(demo):
        await browser.open(letter)
        said = await browser.post(
            f"{letter}/proposal", client=program, starts="2031-03-04T09:00", ends="2031-03-04T15:00", comment="Later?")
        assert said.status_code == 303, said.text
    mail = await newest_mail()
    assert (mail["outcome"], str(mail["about"]), mail["decided_at"]) == ("counter-proposal", booking, None)
    (row,) = await run_sql("SELECT state FROM booking WHERE id = {}", booking)
    assert row["state"] == "invited"


async def test_an_answer_to_a_date_that_has_moved_changes_nothing(
    lived: None, browser: Browser, demo: pytest.MonkeyPatch
) -> None:
    letter, booking = await fresh_invitation("jurgen.weiss")
    lead = await people_queries.actor(await person("ben.adeyemi"))
    assert lead is not None
    starts = (config.now() + timedelta(days=40)).replace(tzinfo=None, microsecond=0)
    now = config.now() + timedelta(seconds=30)
    await bookings.move(lead, UUID(booking), starts=starts, ends=starts + timedelta(hours=5), now=now)
    await sent(now)
    async with a_worker(demo):
        await browser.open(letter)
        assert "Answer this old one anyway" in browser.page
        await browser.post(f"{letter}/answer", client="Apple", answer="ACCEPTED")
        await browser.open(letter)
    assert (await newest_mail())["outcome"] == "ignored-stale"
    (row,) = await run_sql("SELECT state FROM booking WHERE id = {}", booking)
    assert row["state"] == "invited"
    assert "out of date" in browser.page


async def test_without_a_worker_the_answer_cannot_be_posted_and_says_so(
    lived: None, browser: Browser, demo: pytest.MonkeyPatch
) -> None:
    demo.setenv("FLOORDAY_LMTP_LISTEN", "127.0.0.1:9")
    config.settings.cache_clear()
    letter = await letter_about("ann.archer", "invitation")
    await browser.open(letter)
    said = await browser.post(f"{letter}/answer", client="Apple", answer="ACCEPTED")
    assert said.status_code == 409
    assert "door for incoming mail is closed" in said.text


async def test_a_wiped_letter_is_shown_as_it_was(lived: None, browser: Browser) -> None:
    letter = await letter_about("karin.nyberg", "invitation")
    before = (await browser.open(f"{letter}/html")).text
    await run_sql("UPDATE letter SET content = NULL, wiped_at = {}", NOW)
    assert (await browser.open(f"{letter}/html")).text == before
