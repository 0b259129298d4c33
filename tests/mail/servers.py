"""Mail servers inside a test: one that says and cuts what the test wants, at any point of the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


class Cut(Exception):
    """Hang up now."""


@dataclass
class Taken:
    """A mail whose dot arrived."""

    sender: str
    to: str
    raw: bytes
    answered: bool = False


# The points of a conversation at which a test may act, in order.
POINTS = ("connect", "ehlo", "mail", "rcpt", "data", "chunk", "dot", "answered")

Act = Callable[[str, str], Awaitable[str | None]]


async def polite(_point: str, _to: str) -> str | None:
    return None


@dataclass
class Sink:
    """A plain SMTP server. `act(point, to)` may answer otherwise, wait, or raise Cut."""

    act: Act = polite
    taken: list[Taken] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    sessions: int = 0
    port: int = 0

    async def __aenter__(self) -> Sink:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 22)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        try:
            await self._converse(reader, writer)
        except (Cut, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(words: str) -> None:
            writer.write(words.encode() + b"\r\n")

        sender = to = ""
        say(await self.act("connect", "") or "220 sink.test")
        while True:
            line = (await reader.readuntil(b"\r\n")).decode().strip()
            self.said.append(line)
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    say(await self.act("ehlo", "") or "250-sink.test\r\n250 SIZE 9000000")
                case "MAIL":
                    sender, to = rest[len("FROM:<"):rest.index(">")], ""
                    say(await self.act("mail", "") or "250 OK")
                case "RCPT":
                    to = rest[len("TO:<"):rest.index(">")]
                    say(await self.act("rcpt", to) or "250 OK")
                case "DATA":
                    refused = await self.act("data", to)
                    say(refused or "354 Go ahead")
                    if refused is None:
                        await self._data(reader, writer, sender, to)
                case "RSET" | "NOOP":
                    say("250 OK")
                case "QUIT":
                    say("221 Bye")
                    return
                case _:
                    say("502 What?")

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sender: str, to: str) -> None:
        lines: list[bytes] = []
        while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            if len(lines) == 5:
                await self.act("chunk", to)
        mail = Taken(sender, to, b"".join(lines))
        answer = await self.act("dot-refused", to)
        if answer is None:
            self.taken.append(mail)
            answer = await self.act("dot", to) or "250 Taken"
        writer.write(answer.encode() + b"\r\n")
        await writer.drain()
        if answer.startswith("250"):
            mail.answered = True
            await self.act("answered", to)
