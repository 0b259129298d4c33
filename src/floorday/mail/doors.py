"""Where mail servers deliver, in the running loop: by LMTP, or by SMTP for those that speak nothing else.

What they bring is kept (`inbound.keep`) before they are told 250.
"""

# aiosmtpd's protocol carries no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

from aiosmtpd import smtp
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from floorday.config import now as clock
from floorday.db import transaction
from floorday.mail.inbound import MAIL_LIMIT

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)     # aiosmtpd's; below that it writes out addresses and lines


class Keep(Protocol):
    """How a mail is kept."""

    def __call__(self, raw: bytes, *, door: str, envelope_from: str, envelope_to: str,
                 now: datetime) -> Awaitable[Any]:
        """Keep it, or raise."""
        ...


class LmtpServer:
    """Takes mail from the mail server beside us (RFC 2033), in the running loop.

    250 means: committed and on the disk. 452: could not be kept, try again. 550: nobody of ours.
    """

    door = "lmtp"

    def __init__(self, keep: Keep, host: str, port: int, *, accepts: Callable[[str], bool] = lambda _address: True,
                 limit: int = MAIL_LIMIT, seconds: float = 60.0, connections: int = 20, recipients: int = 100) -> None:
        self.keep, self.host, self.port = keep, host, port
        self.accepts = accepts
        self.limit, self.seconds, self.connections, self.recipients = limit, seconds, connections, recipients
        self.open: set[asyncio.BaseTransport] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; port 0 takes a free one, which `port` then says."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self._speaker(loop), self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _speaker(self, loop: asyncio.AbstractEventLoop) -> smtp.SMTP:
        return _Lmtp(self, loop)

    async def stop(self) -> None:
        """Stop listening and hang up."""
        if self._server is None:
            return
        self._server.close()
        for transport in list(self.open):
            transport.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._server.wait_closed(), 2)
        self._server = None

    async def __aenter__(self) -> LmtpServer:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def handle_RCPT(self, _server: smtp.SMTP, _session: Session, envelope: Envelope, address: str,  # noqa: N802 - aiosmtpd
                          _options: list[str]) -> str:
        """Take a recipient of ours."""
        if len(envelope.rcpt_tos) >= self.recipients:
            return "452 4.5.3 Too many recipients"
        if not self.accepts(address):
            return "550 5.1.1 Nobody of ours has this address"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: smtp.SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - likewise
        """Keep the mail for each recipient, and answer for each (RFC 2033 4.2)."""
        return "\r\n".join([await self._kept(envelope, [address]) for address in envelope.rcpt_tos])

    async def _kept(self, envelope: Envelope, addresses: list[str]) -> str:
        """Keep the mail for all of these or for none."""
        raw, sender = envelope.original_content or b"", (envelope.mail_from or "").removeprefix("<").removesuffix(">")
        try:
            async with transaction(durable=True):
                for address in addresses:
                    await self.keep(raw, door=self.door, envelope_from=sender, envelope_to=address, now=clock())
        except Exception:
            log.exception("A mail could not be kept; its sender was asked to try again.")
            return "452 4.3.1 This mail could not be kept now, try again later"
        return "250 2.0.0 Kept"


class SmtpServer(LmtpServer):
    """Takes mail by SMTP: one answer for all recipients, so a mail is kept for each of them or for none.

    It takes what comes for our addresses from whoever reaches its port, and passes nothing on.
    """

    door = "smtp"

    def _speaker(self, loop: asyncio.AbstractEventLoop) -> smtp.SMTP:
        return _Connection(self, loop)

    async def handle_DATA(self, _server: smtp.SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - likewise
        """Keep the mail for all recipients, and answer once."""
        return await self._kept(envelope, envelope.rcpt_tos)


class _Connection(smtp.SMTP):
    """One connection: lines as long as the mail may be, and a deadline for the whole."""

    def __init__(self, door: LmtpServer, loop: asyncio.AbstractEventLoop) -> None:
        self.line_length_limit = door.limit + 2     # the mail's size is capped, not its lines
        self.door = door
        super().__init__(door, data_size_limit=door.limit, enable_SMTPUTF8=True, hostname="floorday",
                         ident="floorday", timeout=door.seconds, loop=loop)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if len(self.door.open) >= self.door.connections:
            if isinstance(transport, asyncio.WriteTransport):
                transport.write(b"421 4.3.2 Too many connections, try again later\r\n")
            transport.close()
            self.refused = True
            return
        self.refused = False
        self.door.open.add(transport)
        self.mine = transport
        # Every transport of a socket can be aborted; the base class does not say so.
        self.deadline = self.loop.call_later(self.door.seconds, transport.abort)  # type: ignore[attr-defined]
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.refused:
            return
        self.door.open.discard(self.mine)
        self.deadline.cancel()
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        return None if self.refused else super().eof_received()

    def data_received(self, data: bytes) -> None:
        if not self.refused:
            super().data_received(data)


class _Lmtp(_Connection, LMTP):
    """One connection, with one answer for each recipient."""

    owed = 0

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd calls it so
        try:
            await super().smtp_DATA(arg)
        finally:
            self.owed = 0

    async def push(self, status: Any) -> None:
        """Answer; what ends a DATA is said once for each recipient."""
        if isinstance(status, str):
            if status.startswith("354") and self.envelope is not None:
                self.owed = len(self.envelope.rcpt_tos)
            elif self.owed > 1 and "\r\n" not in status:
                status = "\r\n".join([status] * self.owed)
        await super().push(status)
