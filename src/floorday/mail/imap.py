"""A mailbox as a door: for companies whose mail server hands nothing in, but lets a mailbox be read.

Every mail is taken over once: how far the mailbox was read (UIDVALIDITY and UID, RFC 3501 2.3.1.1) is stored in the
transaction that stores the mail. Nothing is ever deleted there; what was taken over is marked as read, afterwards.
"""

# Piccolo's queries are typed without the row, and imaplib's answers are typed as anything.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import logging
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from imap_tools import AND, U
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from floorday.db import run_sql, transaction, uuid7
from floorday.errors import DeliveryFailed, Raced
from floorday.mail import inbound
from floorday.mail.tables import ImapPlace, InboundMail
from floorday.render.words import gettext as _

if TYPE_CHECKING:
    from floorday.config import Settings

log = logging.getLogger(__name__)

IDLE_SECONDS = 15 * 60
"""After so long IDLE is asked for anew, before a server hangs up (RFC 2177: 29 minutes)."""
POLL_SECONDS = 30.0
"""How often a server without IDLE is asked."""
UNUSABLE = (OSError, imaplib.IMAP4.error, ImapToolsError, ssl.SSLError)


class Mailbox:
    """One connection to the mailbox of the settings. Blocks: call it in a thread, one call at a time."""

    def __init__(self, settings: Settings, *, timeout: float = 30) -> None:
        self.settings, self.timeout = settings, timeout
        self.name = f"{settings.imap_user}@{settings.imap_host}/{settings.imap_folder}"
        self._box: BaseMailBox | None = None
        self._idling = False

    def open(self) -> None:
        """Connect and sign in. Raise DeliveryFailed with the server's words."""
        try:
            box = self._connected()
            box.login(self.settings.imap_user, self.settings.imap_password, initial_folder=self.settings.imap_folder)
        except UNUSABLE as error:
            raise DeliveryFailed(_words(error), permanent=False) from error
        self._box = box

    def _connected(self) -> BaseMailBox:
        host, port = self.settings.imap_host, self.settings.imap_port
        match self.settings.imap_security:
            case "tls":
                return MailBox(host, port, timeout=self.timeout, ssl_context=ssl.create_default_context())
            case "starttls":
                return MailBoxStartTls(host, port, timeout=self.timeout, ssl_context=ssl.create_default_context())
            case "none":
                return MailBoxUnencrypted(host, port, timeout=self.timeout)

    @property
    def box(self) -> BaseMailBox:
        """The open connection."""
        if self._box is None:
            raise OSError("The mailbox is not open.")
        return self._box

    def validity(self) -> int:
        """Give the UIDVALIDITY: while it is the same, a UID names the same mail."""
        return int(self.box.folder.status(self.settings.imap_folder, ["UIDVALIDITY"])["UIDVALIDITY"])

    def waiting(self, after: int) -> list[int]:
        """List the UIDs above one, oldest first."""
        told = self.box.uids(AND(uid=U(str(after + 1), "*")))
        return sorted(uid for uid in map(int, told) if uid > after)  # "9:*" names the last mail even when that is 8

    def fetch(self, uid: int) -> bytes | None:
        """Give a mail without marking it: as it lies there, or its header when it is too big; None when it is gone."""
        size = self._fetched(uid, "(RFC822.SIZE)")
        octets = next((int(words.rpartition(b"RFC822.SIZE ")[2].split(b")")[0]) for words in size
                       if isinstance(words, bytes) and b"RFC822.SIZE " in words), None)  # fmt: skip
        if octets is None:
            return None
        part = "BODY.PEEK[]" if octets <= inbound.MAIL_LIMIT else "BODY.PEEK[HEADER]"
        return next((one[1] for one in self._fetched(uid, f"({part})") if isinstance(one, tuple)), None)

    def _fetched(self, uid: int, what: str) -> list[Any]:
        status, answer = self.box.client.uid("FETCH", str(uid), what)
        if status != "OK":
            raise OSError(f"The mailbox does not give a mail: {answer!r}")
        return [one for one in answer if one is not None]

    def mark(self, uids: list[int]) -> None:
        """Mark mails as read, for people who look into the mailbox."""
        if uids:
            self.box.flag([str(uid) for uid in uids], ["\\Seen"], True)

    def idle(self) -> bool:
        """Ask to be told of new mail; False where the server cannot."""
        if "IDLE" not in self.box.client.capabilities:
            return False
        self.box.idle.start()
        self._idling = True
        return True

    def told(self, seconds: float) -> bool:
        """Wait until the server says something, at most so long."""
        return self._said_already() or bool(self.box.idle.poll(seconds))

    def _said_already(self) -> bool:
        """Look at what came in one breath with an answer: it lies in the reader, and no socket wakes for it again."""
        look = getattr(getattr(self.box.client, "file", None), "peek", None)
        if look is None:
            return False
        connection = self.box.client.sock
        patience = connection.gettimeout()
        connection.settimeout(0)
        try:
            return bool(look(1))
        except (ssl.SSLWantReadError, BlockingIOError):
            return False
        finally:
            connection.settimeout(patience)

    def awake(self) -> None:
        """End IDLE, so that other things may be asked."""
        if self._idling:
            self._idling = False
            self.box.idle.stop()

    def close(self) -> None:
        """Hang up."""
        if self._box is not None:
            with contextlib.suppress(*UNUSABLE):
                self._box.client.shutdown()
            self._box = None


async def collect(mailbox: Mailbox, *, clock: Callable[[], datetime]) -> int:
    """Take over every mail that floorday does not have yet; returns how many.

    Where another worker reads the same mailbox, each mail is taken by one of them.
    """
    place = await _place(mailbox)
    taken: list[int] = []
    for uid in await asyncio.to_thread(mailbox.waiting, place.uid):
        raw = await asyncio.to_thread(mailbox.fetch, uid)
        async with transaction(durable=True):
            moved = await run_sql(
                "UPDATE imap_place SET uid = {} WHERE id = {} AND validity = {} AND uid < {} RETURNING id",
                uid, place.id, place.validity, uid)  # fmt: skip
            if not moved:
                continue
            if raw is not None and not (uid <= place.known_until and await _known(raw)):
                await inbound.keep(raw, door="imap", envelope_from="", envelope_to="", now=clock())
                taken.append(uid)
    await asyncio.to_thread(mailbox.mark, taken)
    return len(taken)


async def _place(mailbox: Mailbox) -> ImapPlace:
    """Say how far the mailbox was read; from the start when the server has numbered its mails anew."""
    validity = await asyncio.to_thread(mailbox.validity)
    async with transaction():
        place = await ImapPlace.objects().where(ImapPlace.mailbox == mailbox.name).first()
        if place is None:
            # Another worker may be beginning at this very moment; both then go on from the one place.
            await run_sql(
                "INSERT INTO imap_place (id, mailbox, validity, uid, known_until) VALUES ({}, {}, {}, 0, 0)"
                " ON CONFLICT DO NOTHING", uuid7(), mailbox.name, validity)  # fmt: skip
            place = await ImapPlace.objects().where(ImapPlace.mailbox == mailbox.name).first()
            if place is None:
                raise Raced(_("Another worker reads this mailbox; it is looked at again."))
        if place.validity != validity:
            numbered = await asyncio.to_thread(mailbox.waiting, 0)
            place.validity, place.uid, place.known_until = validity, 0, max(numbered, default=0)
            await place.save()
    return place


async def _known(raw: bytes) -> bool:
    """Tell whether this very mail was taken over under an older number."""
    message_id = inbound.message_id(raw)
    rows = await InboundMail.select(InboundMail.content).where(
        (InboundMail.door == "imap") & (InboundMail.message_id == message_id))
    return any(bytes(row["content"]) == raw if row["content"] is not None else bool(message_id) for row in rows)


def _words(error: BaseException) -> str:
    told = error.args[0] if error.args else error
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told) or type(error).__name__
