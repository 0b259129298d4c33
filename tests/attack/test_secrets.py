"""A letter's token stands in no table, no log, and on no page of somebody else."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlencode

import pytest

from floorday import config, server
from floorday.bookings import actions as bookings
from floorday.db import run_sql
from floorday.mail import inbound
from floorday.mail.tables import InboundMail
from floorday.piccolo_app import APP_CONFIG
from floorday.render import tokens
from tests.cast import Cast, a_booking, make_cast
from tests.doors.house import caller
from tests.site import whole_app

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now())


async def everything() -> str:
    names = [table._meta.tablename for table in APP_CONFIG.table_classes]
    return "\n".join([str(await run_sql(f'SELECT * FROM "{name}"')) for name in names])


async def test_an_answer_sent_twice_keeps_no_token_and_acts_once(cast: Cast) -> None:
    booking = await a_booking(cast, now=config.now())
    token = tokens.make("answer", booking.id)
    visitor = await caller(whole_app(), None)
    page = await visitor.get(f"/answer/{token}")
    once = re.search(r'name="once" value="([^"]+)"', page.text)
    assert once
    sent = urlencode({"answer": "accepted", "sequence": 0, "once": once[1]}).encode()
    answers = [await visitor.post(f"/answer/{token}", sent, FORM) for _twice in range(2)]
    assert [(one.status_code, one.headers["location"]) for one in answers] == [(303, f"/answer/{token}")] * 2
    lines = await run_sql("SELECT what FROM booking_event")
    assert sorted(line["what"] for line in lines) == ["accepted", "invited"]
    assert token not in await everything()


class Kept(logging.Handler):
    """A log that is kept in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, with its traceback."""
        self.lines.append(self.format(record))


async def test_a_surprise_logs_no_token(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = await a_booking(cast, now=config.now())
    token = tokens.make("answer", booking.id)
    visitor = await caller(whole_app(), None)

    async def broken(*_args: object, **_said: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(bookings, "answer", broken)
    kept = Kept()
    logging.getLogger("floorday.web").addHandler(kept)
    try:
        answer = await visitor.post(f"/answer/{token}", b"answer=accepted&sequence=0", FORM)
    finally:
        logging.getLogger("floorday.web").removeHandler(kept)
    assert answer.status_code == 500
    assert any(f"POST /answer/{tokens.HIDDEN} failed" in line for line in kept.lines)
    assert token not in "\n".join(kept.lines)


def test_the_servers_own_lines_hold_no_token() -> None:
    token = "a" * tokens.SHOWN
    line = logging.LogRecord("uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d',
                             ("127.0.0.1:1", "GET", f"/answer/{token}", "1.1", 200), None)  # fmt: skip
    config_of = server.options(host="127.0.0.1", port=1, log_level="debug")["log_config"]
    assert all(handler["filters"] == ["masked"] for handler in config_of["handlers"].values())
    assert server.Masked().filter(line)
    assert line.getMessage() == '127.0.0.1:1 - "GET /answer/… HTTP/1.1" 200'


async def test_a_mail_that_quotes_our_letter_gives_nobody_its_link(cast: Cast) -> None:
    booking = await a_booking(cast, now=config.now())
    answer, reply = tokens.make("answer", booking.id), tokens.make("reply", booking.id)
    raw = f"From: x@y.example\r\nSubject: Re\r\n\r\nNo idea.\r\n> http://127.0.0.1:8000/answer/{answer}\r\n"
    mail = await inbound.keep(raw.encode(), door="lmtp", envelope_from="x@y.example",
                              envelope_to=f"day+{reply}@floorday.example", now=config.now())  # fmt: skip
    await InboundMail.update({InboundMail.read_at: config.now(), InboundMail.outcome: "needs-human"}).where(
        InboundMail.id == mail)
    page = await (await caller(whole_app(), cast.eva)).get(f"/inbox/{mail}")
    assert "No idea." in page.text
    assert "/answer/…" in page.text
    assert answer not in page.text
    assert reply not in page.text
