"""kill -9 of `floorday worker` itself, at every point of the conversation: each letter of a booking arrives unchanged.

test_kill.py does the same fifty times with a worker that starts faster; here it is the command that people run.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from email import message_from_bytes
from pathlib import Path

import pytest

from floorday import config, db
from floorday.config import settings
from floorday.mail import outbox
from floorday.mail.tables import Letter
from tests.cast import a_booking, make_cast
from tests.mail.servers import POINTS, Sink

PATIENCE = 40


class Death:
    """Kills the worker when it comes to a point."""

    def __init__(self) -> None:
        self.point = ""
        self.worker: asyncio.subprocess.Process | None = None
        self.killed: list[str] = []

    async def act(self, point: str, _to: str) -> str | None:
        if point == self.point and self.worker is not None:
            self.killed.append(point)
            worker, self.worker = self.worker, None
            worker.kill()
            await worker.wait()
        return None


@pytest.fixture
async def sink(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Sink, Death]]:
    death = Death()
    async with Sink(death.act) as sink:
        chosen = {
            "DATABASE": database_url, "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(sink.port), "SMTP_SECURITY": "none",
            "UNDO_SECONDS": "0", "LMTP_LISTEN": "", "MAIL_FROM": "floorday@floorday.example",
        }  # fmt: skip
        for name, value in chosen.items():
            monkeypatch.setenv(f"FLOORDAY_{name}", value)
        settings.cache_clear()
        db.bind(db.make_engine(database_url))
        await db.open_pools()
        yield sink, death
        await db.close_pools()
    settings.cache_clear()


async def test_the_worker_that_people_run_loses_and_changes_nothing(sink: tuple[Sink, Death], tmp_path: Path) -> None:
    server, death = sink
    cast = await make_cast(config.now())
    for n, point in enumerate(POINTS):
        await a_booking(cast, now=config.now(), days=20 + n)
        death.point, death.worker = point, await worker(tmp_path)
        dying = death.worker
        await asyncio.wait_for(dying.wait(), PATIENCE)
        await let_leases_pass()
    death.point = ""
    last = await worker(tmp_path)
    async with asyncio.timeout(PATIENCE):
        while await outbox.waiting(now=config.now()):  # noqa: ASYNC110 - another process works
            await asyncio.sleep(0.05)
    last.terminate()
    assert await asyncio.wait_for(last.wait(), PATIENCE) == 0

    assert death.killed == list(POINTS)
    rows = {row.message_id: row for row in await Letter.objects()}
    assert len(rows) >= 2 * len(POINTS)
    assert {message_from_bytes(mail.raw)["Message-ID"] for mail in server.taken} == set(rows)
    for mail in server.taken:
        row = rows[message_from_bytes(mail.raw)["Message-ID"]]
        assert (mail.raw, mail.to) == (row.content, row.to_address)
        assert row.sent_at is not None


async def worker(folder: Path) -> asyncio.subprocess.Process:
    log = (folder / "worker.log").open("ab")
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "floorday", "worker", cwd=folder, stdout=log, stderr=log
    )  # fmt: skip


async def let_leases_pass() -> None:
    """Let the minutes go by after which another worker takes over."""
    await Letter.update({Letter.lease_until: None, Letter.next_try_at: config.now()}).where(Letter.sent_at.is_null())
