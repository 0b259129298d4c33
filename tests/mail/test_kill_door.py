"""kill -9 of the LMTP door while mails come in: what was answered with 250 is there, as it came."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from floorday.mail.tables import InboundMail
from tests.mail.test_kill import bound

ROOT = Path(__file__).parents[2]
KILLS = 30


@contextlib.asynccontextmanager
async def doors(url: str, mode: str):
    source = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.mail.kill_door", url, mode, cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    alive: list[int] = []

    async def fresh() -> tuple[int, int]:
        source.stdin.write(b"\n")
        pid, port = map(int, (await asyncio.wait_for(source.stdout.readline(), 30)).split())
        alive[:] = [pid]
        return pid, port

    try:
        yield fresh
    finally:
        for pid in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        source.stdin.close()
        await asyncio.wait_for(source.wait(), 5)


async def hand_in(port: int, raw: bytes, *, kill: int = 0, after: float = 0.0) -> bool:
    """Hand in a mail as a mail server does, killing the door some time after the dot; say whether 250 came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for said in (b"", b"LHLO mx\r\n", b"MAIL FROM:<ann@company.example>\r\n", b"RCPT TO:<day@floorday.example>\r\n",
                     b"DATA\r\n"):
            writer.write(said)
            while (await reader.readline())[3:4] == b"-":
                pass
        writer.write(raw + b".\r\n")
        await writer.drain()
        if kill:
            await asyncio.sleep(after)
            os.kill(kill, signal.SIGKILL)
        return (await reader.readline()).startswith(b"250")
    except ConnectionError:
        return False
    finally:
        writer.transport.abort()


@pytest.mark.parametrize("text", [b"yes", b"x" * 400_000])
async def test_a_mail_that_was_answered_with_250_is_there_however_the_door_dies(database_url: str, text: bytes):
    kept, tries = await live(database_url, text)
    assert set(kept) == set(tries)
    assert all(kept[raw] <= tries[raw] for raw in tries)
    assert max(tries.values()) == 2, "no door died before its 250"


async def test_the_test_sees_a_door_that_answers_before_it_keeps(sqlite_url: str):
    kept, tries = await live(sqlite_url, b"yes", mode="early")
    assert set(kept) < set(tries)


async def live(url: str, text: bytes, *, mode: str = "careful") -> tuple[Counter[bytes], Counter[bytes]]:
    """Hand in mails while doors die, each until it is answered; gives what is kept, and how often each was tried."""
    random.seed(11)
    tries: Counter[bytes] = Counter()
    async with bound(url), doors(url, mode) as fresh:
        pid, port = await fresh()
        for n in range(KILLS):
            raw = b"Message-ID: <%d@company.example>\r\n\r\n%s\r\n" % (n, text)
            done = await hand_in(port, raw, kill=pid, after=random.uniform(0, 0.006))
            tries[raw] += 1
            pid, port = await fresh()
            if not done:    # its mail server keeps it and comes again
                assert await hand_in(port, raw)
                tries[raw] += 1
        kept = Counter(bytes(mail.content) for mail in await InboundMail.objects())
    return kept, tries
