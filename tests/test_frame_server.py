"""A client that says nothing, or too slowly, is let go; one that speaks is answered."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from floorday import server as ours

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Say how many bytes came."""
    came = 0
    while True:
        message = await receive()
        came += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(came).encode()})


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[int]:
    given = ours.options(host="127.0.0.1", port=0, log_level="error")
    given |= {"app": app, "factory": False, "lifespan": "off"}
    server = uvicorn.Server(uvicorn.Config(**given | options))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing to wait for
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def say(port: int, *parts: bytes, pause: float = 0) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "HEAD_SECONDS", 0.9)
    monkeypatch.setattr(ours, "BODY_SECONDS", 1.6)


HEAD = b"POST / HTTP/1.1\r\nHost: floor\r\nConnection: close\r\nContent-Length: 4\r\n\r\n"


@pytest.mark.usefixtures("impatient")
class TestPatience:
    async def test_a_silent_client_is_let_go(self):
        async with running() as port:
            assert await say(port) == b""

    async def test_a_head_that_trickles_is_let_go(self):
        async with running() as port:
            with pytest.raises(OSError):  # noqa: PT011 - reset or broken pipe, whichever comes first
                await say(port, *[b"X"] * 40, pause=0.05)

    async def test_a_body_that_never_ends_is_let_go(self):
        async with running() as port:
            assert await say(port, HEAD, b"ab") == b""

    async def test_a_body_may_take_longer_than_a_head(self):
        async with running() as port:
            assert b"\r\n4\r\n" in await say(port, HEAD, b"ab", b"cd", pause=0.55)

    async def test_a_second_request_on_the_connection_gets_its_own_time(self):
        again = HEAD.replace(b"Connection: close\r\n", b"") + b"abcd"
        async with running() as port:
            answer = await say(port, again, again, HEAD + b"abcd", pause=0.55)
        assert answer.count(b"200 OK") == 3


async def test_a_head_without_end_is_refused_before_it_fills_the_memory():
    head = b"GET / HTTP/1.1\r\nHost: floor\r\nX-Long: " + b"a" * (ours.HEAD_BYTES + 1024)
    async with running() as port:
        assert b" 400 " in await say(port, head)


async def test_one_connection_too_many_is_told_so():
    async with running(limit_concurrency=2) as port:
        _, first = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.1)
        assert b" 503 " in await say(port, HEAD + b"abcd")
        first.close()
