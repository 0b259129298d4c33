"""Requests over the wire: clients that keep their connection, and how long each answer took."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct


class Call(Struct, frozen=True):
    """A request as it is sent."""

    method: str
    path: str
    headers: dict[str, str] = {}
    body: bytes = b""

    def raw(self) -> bytes:
        """Give its bytes."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


class Load(Struct, frozen=True):
    """What came of a load: statuses, requests a second, and the median and the slowest hundredth in milliseconds."""

    statuses: Counter[int]
    rate: float
    p50: float
    p99: float
    seconds: float


class Connection:
    """One client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Connection:
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 22))

    async def ask(self, raw: bytes) -> tuple[int, bytes]:
        """Send a request and read its answer; every answer here tells its length."""
        self.writer.write(raw)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        _, _, rest = head.partition(b"content-length:")
        length = int(rest.partition(b"\r\n")[0]) if rest else 0
        return int(head[9:12]), await self.reader.readexactly(length)

    def close(self) -> None:
        """Hang up."""
        self.writer.close()


async def load(port: int, next_call: Callable[[], bytes | None], *, clients: int, seconds: float) -> Load:
    """Let clients ask, each as soon as it is answered, until the time is over or there is nothing more to ask."""
    connections = await asyncio.gather(*[Connection.open(port) for _ in range(clients)])
    statuses, took = Counter[int](), list[float]()
    began = time.perf_counter()

    async def client(connection: Connection) -> None:
        while (now := time.perf_counter()) - began < seconds and (raw := next_call()) is not None:
            status, _ = await connection.ask(raw)
            statuses[status] += 1
            took.append(time.perf_counter() - now)

    try:
        await asyncio.gather(*[client(one) for one in connections])
    finally:
        for one in connections:
            one.close()
    return _told(statuses, took, time.perf_counter() - began)


async def at_once(port: int, calls: Sequence[bytes]) -> Load:
    """Connect one client for each request, then let all ask in the same moment."""
    connections = await asyncio.gather(*[Connection.open(port) for _ in calls])
    statuses, took = Counter[int](), list[float]()
    began = time.perf_counter()

    async def client(connection: Connection, raw: bytes) -> None:
        status, _ = await connection.ask(raw)
        statuses[status] += 1
        took.append(time.perf_counter() - began)

    try:
        await asyncio.gather(*[client(*one) for one in zip(connections, calls, strict=True)])
    finally:
        for one in connections:
            one.close()
    return _told(statuses, took, time.perf_counter() - began)


def _told(statuses: Counter[int], took: list[float], seconds: float) -> Load:
    took.sort()
    return Load(statuses, len(took) / seconds, took[len(took) // 2] * 1000, took[len(took) * 99 // 100] * 1000, seconds)
