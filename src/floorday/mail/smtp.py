"""Carriers of letters: a mail server by SMTP, or a folder of .eml files."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import aiosmtplib
from aiosmtplib import (
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponse,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from floorday.config import Settings
from floorday.errors import DeliveryFailed
from floorday.mail.outbox import Carrier, Parcel

LETTER_SECONDS = 120.0
SAYS_PERMANENT = frozenset({"rcpt", "data"})
TOO_BIG = 552


class Sender:
    """Sends a batch in one SMTP session, and opens a new one when the server closes it.

    Only a 5xx about the recipient or the content is final: a wrong password or a server that is down is
    nothing the letter can help, so it waits.
    """

    def __init__(self, settings: Settings, *, timeout: float = 30.0, letter_seconds: float = LETTER_SECONDS,
                 tls_context: ssl.SSLContext | None = None) -> None:
        self.settings = settings
        self.timeout = timeout
        self.letter_seconds = letter_seconds
        self.tls_context = tls_context
        self._session: aiosmtplib.SMTP | None = None

    async def send(self, batch: AsyncIterator[Parcel]) -> AsyncGenerator[tuple[Parcel, DeliveryFailed | None]]:
        """Send each parcel; say of each whether the server has it, or why not."""
        unreachable: DeliveryFailed | None = None
        try:
            async for parcel in batch:
                if unreachable is None:
                    try:
                        async with asyncio.timeout(self.letter_seconds):
                            await self._send_one(parcel)
                    except _Unreachable as error:
                        unreachable = error
                    except DeliveryFailed as error:
                        yield parcel, error
                        continue
                    except TimeoutError:
                        self._drop()
                        yield parcel, _failed("The mail server took too long.", permanent=False)
                        continue
                yield parcel, unreachable
        finally:
            await self._goodbye()

    async def check(self) -> list[str]:
        """Say hello, change to TLS and sign in as a letter would; returns the conversation, or raises."""
        said: list[str] = []
        session = self._client()
        try:
            greeting = await session.connect()
            said.append(_line(greeting))
            said.append("EHLO: " + _line(await session.ehlo()))
            if self.settings.smtp_security == "starttls":
                said.append("STARTTLS: " + _line(await session.starttls(tls_context=self._context())))
                said.append("EHLO: " + _line(await session.ehlo()))
            if self.settings.smtp_user:
                said.append("AUTH: " + _line(
                    await session.login(self.settings.smtp_user, self.settings.smtp_password)))
            said.append("QUIT: " + _line(await session.quit()))
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            raise _failed("\n".join([*said, _words(error)]), permanent=False) from error
        finally:
            session.close()
        return said

    async def _send_one(self, parcel: Parcel) -> None:
        """Send one parcel. A session that died while idle is replaced: nothing of this letter had gone out."""
        kept = self._session is not None
        session = self._session or await self._open()
        if kept:
            try:
                await session.rset()
            except (SMTPException, OSError):
                self._drop()
                session = await self._open()
        step = "mail"
        try:
            await session.mail(parcel.sender, options=_size(session, parcel.raw))
            step = "rcpt"
            await session.rcpt(parcel.to)
            step = "data"
            await session.data(parcel.raw)
        except SMTPResponseException as error:
            permanent = error.code >= 500 and (step in SAYS_PERMANENT or error.code == TOO_BIG)
            if error.code == 421:
                self._drop()
            raise _failed(_words(error), permanent=permanent) from error
        except UnicodeError as error:
            raise _failed("This address cannot be written in a mail.", permanent=True) from error
        except (SMTPException, OSError, TimeoutError) as error:
            self._drop()
            raise _failed(_words(error), permanent=False) from error

    async def _open(self) -> aiosmtplib.SMTP:
        """Open a session, up to AUTH; whatever fails here is nobody's letter's fault."""
        session = self._client()
        try:
            await session.connect()
            if self.settings.smtp_security == "starttls":
                await session.starttls(tls_context=self._context())
            if self.settings.smtp_user:
                await session.login(self.settings.smtp_user, self.settings.smtp_password)
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            session.close()
            raise _Unreachable(_words(error)) from error
        except BaseException:
            session.close()
            raise
        self._session = session
        return session

    def _client(self) -> aiosmtplib.SMTP:
        secure = self.settings.smtp_security == "tls"
        return aiosmtplib.SMTP(
            hostname=self.settings.smtp_host, port=self.settings.smtp_port, timeout=self.timeout,
            use_tls=secure, start_tls=False, tls_context=self._context() if secure else None,
            local_hostname=self.settings.mail_domain or None,
        )

    def _context(self) -> ssl.SSLContext:
        return self.tls_context or ssl.create_default_context()

    async def _goodbye(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        try:
            async with asyncio.timeout(2):
                await session.quit()
        except (SMTPException, OSError, TimeoutError):
            pass
        finally:
            session.close()

    def _drop(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


class Folder:
    """Keeps each letter as an .eml file, for a first run without a mail server."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    async def send(self, batch: AsyncIterator[Parcel]) -> AsyncGenerator[tuple[Parcel, DeliveryFailed | None]]:
        """Write each parcel whole or not at all; the same letter is the same file."""
        async for parcel in batch:
            try:
                await asyncio.to_thread(self._write, parcel)
            except OSError as error:
                yield parcel, _failed(f"The folder of letters cannot be written: {error}", permanent=False)
            else:
                yield parcel, None

    async def check(self) -> list[str]:
        """Say where letters are written."""
        return [f"Letters are kept as files in {self.folder}."]

    def _write(self, parcel: Parcel) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.folder / f"{parcel.id}-{parcel.name}.eml"
        fresh = place.with_suffix(".part")
        with fresh.open("wb") as out:
            out.write(parcel.raw)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(place)


def carrier(settings: Settings) -> Carrier:
    """Choose the carrier that the settings name."""
    return Sender(settings) if settings.smtp_host else Folder(settings.mail_folder)


class _Unreachable(DeliveryFailed):
    """No session could be opened, so the rest of the batch need not try."""

    def __init__(self, words: str) -> None:
        super().__init__(words, permanent=False)


def _failed(words: str, *, permanent: bool) -> DeliveryFailed:
    return DeliveryFailed(words, permanent=permanent)


def _size(session: aiosmtplib.SMTP, raw: bytes) -> list[str]:
    return [f"SIZE={len(raw)}"] if session.supports_extension("size") else []


def _words(error: BaseException) -> str:
    """Give the server's own words where there are any."""
    match error:
        case SMTPRecipientRefused() | SMTPResponseException():
            return f"{error.code} {error.message}"
        case SMTPTimeoutError() | TimeoutError():
            return "The mail server did not answer in time."
        case SMTPServerDisconnected():
            return "The mail server closed the connection."
        case ssl.SSLError():
            return f"TLS failed: {error}"
        case _:
            return str(error) or type(error).__name__


def _line(answer: SMTPResponse) -> str:
    return f"{answer.code} {answer.message}"
