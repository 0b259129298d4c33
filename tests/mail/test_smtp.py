"""Sending by SMTP: one session a batch, TLS, sign-in, and what the server's words mean."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from floorday.db import uuid7
from floorday.errors import DeliveryFailed
from floorday.mail.outbox import Parcel
from tests.mail.letterbox import NOON, deliver, post, sender
from tests.mail.servers import Cut, Sink

RAW = b"Subject: a day\r\n\r\n.a dot at the start\r\n\r\nlast line\r\n"


def parcel(to: str = "ann@company.example") -> Parcel:
    return Parcel(id=uuid7(), name="greeting", sender="floorday@floorday.example", to=to, raw=RAW)


async def send(carrier, *parcels: Parcel) -> list[DeliveryFailed | None]:
    async def batch():
        for one in parcels:
            yield one

    return [answer async for _, answer in carrier.send(batch())]


async def test_a_batch_is_one_session_and_the_bytes_arrive_as_they_are():
    async with Sink() as sink:
        assert await send(sender(sink.port), *(parcel(f"p{n}@company.example") for n in range(4))) == [None] * 4
    assert sink.sessions == 1
    assert [mail.raw for mail in sink.taken] == [RAW] * 4
    assert sink.said.count("RSET") == 3
    assert sink.said[-1] == "QUIT"


@pytest.mark.parametrize(("point", "words", "permanent"), [
    ("rcpt", "550 5.1.1 no such user", True),
    ("rcpt", "450 4.2.1 mailbox busy", False),
    ("data", "554 5.6.0 not this", True),
    ("dot-refused", "552 5.3.4 too big", True),
    ("dot-refused", "452 4.3.1 disk full", False),
    ("mail", "552 5.3.4 too big", True),
    ("mail", "530 5.7.0 sign in first", False),
    ("ehlo", "554 5.7.1 go away", False),
    ("connect", "554 5.7.1 go away", False),
    ("mail", "421 4.3.2 closing", False),
])
async def test_only_a_5xx_about_recipient_or_content_is_final(point: str, words: str, permanent: bool):
    async def act(now: str, _to: str) -> str | None:
        return words if now == point else None

    async with Sink(act) as sink:
        [refused] = await send(sender(sink.port), parcel())
    assert refused is not None
    assert refused.permanent is permanent
    assert refused.sentence == words


async def test_a_server_that_hung_up_while_idle_is_called_again_and_nothing_is_lost():
    seen = 0

    async def act(point: str, _to: str) -> str | None:
        nonlocal seen
        if point == "answered":
            seen += 1
            if seen == 2:
                raise Cut
        return None

    async with Sink(act) as sink:
        assert await send(sender(sink.port), *(parcel(f"p{n}@company.example") for n in range(4))) == [None] * 4
    assert sink.sessions == 2
    assert [mail.to for mail in sink.taken] == [f"p{n}@company.example" for n in range(4)]


async def test_a_server_that_says_nothing_is_given_up_and_the_next_letter_tries_anew():
    asked = 0

    async def act(point: str, _to: str) -> str | None:
        nonlocal asked
        if point == "dot":
            asked += 1
            if asked == 1:
                await asyncio.sleep(5)
        return None

    async with Sink(act) as sink:
        slow, quick = await send(
            sender(sink.port, letter_seconds=0.3), parcel("slow@a.example"), parcel("quick@a.example"))
    assert slow is not None
    assert not slow.permanent
    assert "too long" in slow.sentence
    assert quick is None


async def test_an_address_that_cannot_be_written_is_final_and_the_others_leave():
    async with Sink() as sink:
        strange, plain = await send(sender(sink.port), parcel("zoë@company.example"), parcel())
    assert strange is not None
    assert strange.permanent
    assert plain is None


# ---- TLS and sign-in, against aiosmtpd

class Box:
    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.secure: list[bool] = []

    async def handle_DATA(self, _server, session, envelope) -> str:
        self.taken.append(envelope.original_content)
        self.secure.append(session.ssl is not None)
        return "250 Taken"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, so there is no certificate to test TLS with")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", cert, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True)
    return cert, key


@asynccontextmanager
async def mail_server(box: Box, certificate=None, *, wrapped: bool = False, **how):
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(box, loop=loop, hostname="127.0.0.1", tls_context=None if wrapped else context, **how),
        "127.0.0.1", 0, ssl=context if wrapped else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def trusting(certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate[0]))


def gate(_server, _session, _envelope, _mechanism, data) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"floorday", b"s3cret"), handled=False)


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_letters_travel_under_tls(security: str, certificate):
    box = Box()
    how = {"wrapped": True} if security == "tls" else {"require_starttls": True}
    async with mail_server(box, certificate, **how) as port:
        assert await send(sender(port, smtp_security=security, tls_context=trusting(certificate)), parcel()) == [None]
    assert box.taken == [RAW]
    assert box.secure == [True] or security == "tls"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_is_refused_and_the_letter_waits(security: str, certificate):
    box = Box()
    async with mail_server(box, certificate, wrapped=security == "tls") as port:
        [refused] = await send(sender(port, smtp_security=security), parcel())
    assert refused is not None
    assert not refused.permanent
    assert "certificate" in refused.sentence.lower()
    assert box.taken == []


async def test_starttls_that_the_server_does_not_offer_is_not_left_out():
    async with Sink() as sink:
        [refused] = await send(sender(sink.port, smtp_security="starttls"), parcel())
    assert refused is not None
    assert not refused.permanent
    assert sink.taken == []


@pytest.mark.parametrize(("password", "taken"), [("s3cret", 1), ("wrong", 0)])
async def test_a_server_that_asks_who_we_are_is_told(certificate, password: str, taken: int):
    box = Box()
    how = {"require_starttls": True, "auth_required": True, "authenticator": gate}
    async with mail_server(box, certificate, **how) as port:
        [refused] = await send(sender(port, smtp_security="starttls", smtp_user="floorday", smtp_password=password,
                                      tls_context=trusting(certificate)), parcel())
    assert len(box.taken) == taken
    assert (refused is None) == bool(taken)
    if refused:
        assert not refused.permanent
        assert refused.sentence.startswith("535")
        assert password not in refused.sentence


async def test_the_doctor_hears_the_conversation(certificate):
    how = {"require_starttls": True, "auth_required": True, "authenticator": gate}
    async with mail_server(Box(), certificate, **how) as port:
        said = await sender(port, smtp_security="starttls", smtp_user="floorday", smtp_password="s3cret",
                            tls_context=trusting(certificate)).check()
    assert [line.split()[0] for line in said] == ["220", "EHLO:", "STARTTLS:", "EHLO:", "AUTH:", "QUIT:"]
    assert "s3cret" not in "\n".join(said)


async def test_the_doctor_hears_why_it_does_not_work(certificate):
    async with mail_server(Box(), certificate) as port:
        with pytest.raises(DeliveryFailed, match="certificate"):
            await sender(port, smtp_security="starttls").check()
    with pytest.raises(DeliveryFailed):
        await sender(port).check()


@pytest.mark.usefixtures("database")
async def test_the_outbox_sends_under_tls_and_signed_in(certificate):
    for n in range(3):
        await post(now=NOON + timedelta(milliseconds=n))
    box = Box()
    how = {"require_starttls": True, "auth_required": True, "authenticator": gate}
    async with mail_server(box, certificate, **how) as port:
        counts = await deliver(port, smtp_security="starttls", smtp_user="floorday", smtp_password="s3cret",
                               tls_context=trusting(certificate))
    assert counts.sent == 3
    assert box.secure == [True] * 3
