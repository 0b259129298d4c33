"""Mails that come in: kept first, read later.

    keep            raw bytes stored and synced, before the sender is told 250
    LmtpServer      the door that a mail server delivers to, in the running loop
    SmtpServer      the same for mail servers that only speak SMTP
    claim_waiting   by lease, for the reader; a reader that is killed loses its mail to the next
    settle          what became of it

Nothing here understands a mail. The few words for the Inbox page are taken from the bounded head alone, and
when even that fails they stay empty.
"""

# Piccolo's queries are typed without the row, and aiosmtpd's protocol carries no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from email.header import decode_header, make_header
from typing import Any, Protocol
from uuid import UUID

from aiosmtpd import smtp
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from floorday.config import now as clock
from floorday.db import dialect, run_sql, transaction, uuid7, violated
from floorday.errors import NotFound, Raced, Refused
from floorday.mail.tables import InboundMail
from floorday.render.words import gettext as _

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)     # aiosmtpd's; below that it writes out addresses and lines

MAIL_LIMIT = 12 * 1_048_576
"""Octets of any mail that is kept: a note may bring pictures. What an answer may have, its reader knows."""

LEASE = timedelta(minutes=2)
MOST_READS = 5
HEAD_LIMIT = 65_536
VALUE_LIMIT = 2_000

APPLIES = frozenset({
    "update-partstat", "counter-proposal", "refresh-resend", "applied", "note-opened", "vendor-word", "word-kept",
})  # fmt: skip
"""Outcomes that changed something: one mail per Message-ID may have one."""

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


# ---- keeping

async def keep(raw: bytes, *, door: str, envelope_from: str, envelope_to: str, now: datetime) -> UUID:
    """Store a mail as it came; when this returns it is committed and on the disk."""
    head = raw[:HEAD_LIMIT].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    mail = InboundMail(
        id=uuid7(), content=raw, door=door, received_at=now,
        envelope_from=_clean(envelope_from, 320), envelope_to=_clean(envelope_to, 320),
        message_id=message_id(raw), sender=_clean(_header(head, b"from"), 320),
        subject=_clean(_header(head, b"subject"), 300),
    )
    async with transaction(durable=True):
        await InboundMail.insert(mail)
    return mail.id


def message_id(raw: bytes) -> str:
    """Give the Message-ID as it is stored of a mail."""
    return _clean(_header(raw[:HEAD_LIMIT].replace(b"\r\n", b"\n").partition(b"\n\n")[0], b"message-id"), 255)


def _header(head: bytes, name: bytes) -> str:
    """Read one header for showing: unfolded, bounded, decoded as far as it can be."""
    found = re.search(rb"^" + name + rb":[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", head, re.IGNORECASE | re.MULTILINE)
    if found is None:
        return ""
    told = found[1][:VALUE_LIMIT].decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(told)))
    except Exception:  # a header for showing is not worth a lost mail
        return told


def _clean(words: str, longest: int) -> str:
    return " ".join(CONTROL.sub(" ", words).split())[:longest]


# ---- reading

async def claim_waiting(limit: int = 10, *, now: datetime | None = None, lease: timedelta = LEASE) -> list[InboundMail]:
    """Take unread mails, oldest first. One that killed its reader again and again is left to a person."""
    moment = now or clock()
    await run_sql(
        "UPDATE inbound_mail SET read_at = {}, lease_until = NULL, outcome = 'needs-human', reason = {} "
        "WHERE read_at IS NULL AND attempts >= {} AND lease_until < {}",
        moment, _("Reading this mail stopped the reader several times."), MOST_READS, moment)
    waits = ("SELECT id FROM inbound_mail WHERE read_at IS NULL AND (lease_until IS NULL OR lease_until < {}) "
             "ORDER BY received_at, id LIMIT {}")
    chosen = f"= ANY(ARRAY({waits} FOR UPDATE SKIP LOCKED))" if dialect() == "postgres" else f"IN ({waits})"
    claimed = await run_sql(
        f"UPDATE inbound_mail SET lease_until = {{}}, attempts = attempts + 1 WHERE id {chosen} RETURNING id",  # noqa: S608 - own words
        moment + lease, moment, limit)
    if not claimed:
        return []
    ids = [row["id"] if isinstance(row["id"], UUID) else UUID(str(row["id"])) for row in claimed]
    return await InboundMail.objects().where(InboundMail.id.is_in(ids)).order_by(
        InboundMail.received_at, InboundMail.id)


waiting = claim_waiting


async def settle(mail: UUID, *, outcome: str, reason: str = "", about: UUID | None = None,
                 now: datetime | None = None, applied: bool | None = None) -> None:
    """Record what became of a mail, in the transaction that does it.

    Raise Raced when it is settled already, or when another mail with its Message-ID has been applied: the whole
    transaction is then undone.
    """
    changes = outcome in APPLIES if applied is None else applied
    done: list[Any] = []
    try:
        async with transaction():
            done = await InboundMail.update({
                InboundMail.outcome: outcome, InboundMail.reason: reason, InboundMail.about: about,
                InboundMail.read_at: now or clock(), InboundMail.lease_until: None, InboundMail.applied: changes,
            }).where(InboundMail.id == mail, InboundMail.read_at.is_null()).returning(InboundMail.id)
    except Exception as error:
        if violated(error) == "inbound_mail_applied_once":
            raise Raced(_("Another mail with the same Message-ID has been applied.")) from error
        raise
    if not done:
        raise Raced(_("This mail has been settled already."))


async def put_off(mail: UUID, *, until: datetime) -> None:
    """Leave a mail unread for a while, after an error that was not the mail's."""
    await InboundMail.update({InboundMail.lease_until: until}).where(
        InboundMail.id == mail, InboundMail.read_at.is_null())


async def decide(mail: UUID, *, outcome: str, by: UUID, now: datetime, reason: str = "",
                 applied: bool = False, decision: str = "put aside", about: UUID | None = None) -> None:
    """Record what a person decided about a mail that waited for one; once."""
    values: dict[Any, Any] = {InboundMail.outcome: outcome, InboundMail.decided_by: by, InboundMail.decided_at: now,
                              InboundMail.applied: applied, InboundMail.decision: decision}
    if reason:
        values[InboundMail.reason] = reason
    if about is not None:
        values[InboundMail.about] = about
    done: list[Any] = []
    try:
        async with transaction():
            done = await InboundMail.update(values).where(
                InboundMail.id == mail, InboundMail.read_at.is_not_null(), InboundMail.decided_at.is_null(),
            ).returning(InboundMail.id)
    except Exception as error:
        if violated(error) == "inbound_mail_applied_once":
            raise Refused(_("Another copy of this mail has been applied already. Put this one aside.")) from error
        raise
    if not done:
        raise Raced(_("Somebody else has decided about this mail."))


async def decide_for(mail: UUID, *, decision: str, by: UUID | None, now: datetime) -> None:
    """Note on a mail, where it is still there, that what it brought was settled elsewhere."""
    await InboundMail.update({
        InboundMail.decided_by: by, InboundMail.decided_at: now, InboundMail.decision: decision,
    }).where(InboundMail.id == mail, InboundMail.decided_at.is_null())


async def judge_again(mail: UUID, *, outcome: str, reason: str, about: UUID | None, applied: bool) -> None:
    """Record what a mail that nobody has decided about was found to be when it was read once more."""
    done: list[Any] = []
    try:
        async with transaction():
            done = await InboundMail.update({
                InboundMail.outcome: outcome, InboundMail.reason: reason, InboundMail.about: about,
                InboundMail.applied: applied,
            }).where(InboundMail.id == mail, InboundMail.read_at.is_not_null(), InboundMail.decided_at.is_null(),
                     ).returning(InboundMail.id)
    except Exception as error:
        if violated(error) == "inbound_mail_applied_once":
            raise Refused(_("Another copy of this mail has been applied already. Put this one aside.")) from error
        raise
    if not done:
        raise Raced(_("Somebody else has decided about this mail."))


async def reopen(mail: UUID) -> bool:
    """Let a mail wait again that a person had decided about; False where nobody had, or it is gone."""
    row = await InboundMail.select(InboundMail.outcome).where(
        InboundMail.id == mail, InboundMail.decided_at.is_not_null()).first()
    if row is None:
        return False
    await InboundMail.update({
        InboundMail.decided_by: None, InboundMail.decided_at: None, InboundMail.decision: "",
        InboundMail.applied: row["outcome"] in APPLIES,
    }).where(InboundMail.id == mail, InboundMail.decided_at.is_not_null())
    return True


async def found(mail: UUID) -> InboundMail:
    """Find one mail, with its bytes."""
    row = await InboundMail.objects().where(InboundMail.id == mail).first()
    if row is None:
        raise NotFound(_("There is no such mail."))
    return row


# ---- the LMTP door

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
