"""kill -9 of a worker, again and again, at every point of the conversation: no letter is lost or changed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from uuid import UUID

from floorday import db
from floorday.config import now
from floorday.db import transaction, uuid7
from floorday.mail import letters, outbox
from floorday.mail.tables import Letter, MailToken
from tests.mail.letterbox import event, facts
from tests.mail.servers import POINTS, Sink, Taken

ROOT = Path(__file__).parents[2]
KILLS = 50
LEASE = 0.3
PATIENCE = 90


class Workers:
    """One worker at a time, in a process of its own."""

    def __init__(self, url: str, port: int, mode: str) -> None:
        self.args = [url, str(port), str(LEASE), mode]
        self.pid = 0

    async def __aenter__(self) -> Workers:
        self.source = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.mail.kill_worker", *self.args, cwd=ROOT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.kill()
        self.source.stdin.close()
        try:
            await asyncio.wait_for(self.source.wait(), 5)
        finally:
            if self.source.returncode is None:
                self.source.kill()

    async def start(self) -> None:
        self.source.stdin.write(b"\n")
        self.pid = int(await asyncio.wait_for(self.source.stdout.readline(), 30))

    def kill(self) -> bool:
        """Kill it as the power goes: no handler, no goodbye."""
        pid, self.pid = self.pid, 0
        if pid:
            os.kill(pid, signal.SIGKILL)
        return bool(pid)


class Death:
    """Kills the worker at a point of the conversation, or after a time of its own."""

    def __init__(self) -> None:
        self.point, self.after = "", 0
        self.killed: Counter[str] = Counter()
        self.happened = asyncio.Event()
        self.workers: Workers

    def plan(self, point: str, after: int) -> None:
        self.point, self.after = point, after
        self.happened.clear()

    async def act(self, point: str, to: str) -> str | None:
        if point != self.point or self.happened.is_set():
            return None
        if self.after:
            self.after -= 1
            return None
        self.strike(point, to)
        if point == "chunk":
            await asyncio.sleep(0.01)   # the rest of the letter is on its way, or not
        return None

    def strike(self, point: str, to: str = "") -> None:
        if self.workers.kill():
            self.killed[point] += 1
            self.happened.set()


@dataclass
class Year:
    """What happened while workers died."""

    death: Death
    committed: dict[UUID, str]
    undone: list[UUID]
    taken: list[Taken]

    @property
    def copies(self) -> Counter[UUID]:
        return Counter(letters.letter_of(message_from_bytes(mail.raw)["Message-ID"]) for mail in self.taken)

    def lost(self) -> set[UUID]:
        return set(self.committed) - set(self.copies)

    def changed(self) -> set[UUID]:
        seen: dict[UUID, Taken] = {}
        changed: set[UUID] = set()
        for mail in self.taken:
            letter = letters.letter_of(message_from_bytes(mail.raw)["Message-ID"])
            first = seen.setdefault(letter, mail)
            if (first.raw, first.to) != (mail.raw, mail.to):
                changed.add(letter)
        return changed


async def test_every_letter_arrives_with_one_content_however_often_the_worker_is_killed(database_url: str):
    async with bound(database_url):
        year = await live(database_url)
        death = year.death
        assert sum(death.killed.values()) == KILLS
        assert all(death.killed[point] >= 3 for point in POINTS), death.killed

        # Every letter of a change that was committed arrived, and none of a change that was not.
        assert year.lost() == set()
        assert set(year.copies) == set(year.committed)
        for about in year.undone:
            assert await MailToken.count().where(MailToken.about == about) == 0

        # One content and one recipient each: the one that is kept, noted as sent.
        assert year.changed() == set()
        for mail in year.taken:
            row = await Letter.objects().get(Letter.message_id == message_from_bytes(mail.raw)["Message-ID"])
            assert (mail.raw, mail.to) == (row.content, year.committed[row.id])
            assert row.sent_at is not None

        # Copies only where the worker died between its dot and its note of the answer.
        copies = sum(year.copies.values()) - len(year.copies)
        assert death.killed["dot"] <= copies <= death.killed["dot"] + death.killed["answered"] + death.killed["time"]


async def test_the_test_sees_a_letter_that_is_noted_as_sent_too_early(sqlite_url: str):
    async with bound(sqlite_url):
        assert (await live(sqlite_url, mode="early")).lost()


async def test_the_test_sees_a_letter_that_is_written_anew_for_each_try(sqlite_url: str):
    async with bound(sqlite_url):
        assert (await live(sqlite_url, mode="rewriting")).changed()


@asynccontextmanager
async def bound(url: str) -> AsyncIterator[None]:
    db.bind(db.make_engine(url, gate_timeout=15))
    await db.open_pools()
    try:
        yield
    finally:
        await db.close_pools()


async def live(url: str, *, mode: str = "careful") -> Year:
    """Post letters while workers send them and die; then let one finish."""
    random.seed(7)
    death = Death()
    year = Year(death, {}, [], [])
    async with Sink(death.act, taken=year.taken) as sink, Workers(url, sink.port, mode) as workers:
        death.workers = workers
        for n in range(KILLS):
            point = ("time", *POINTS, "time")[n % 10]
            death.plan(point, after=random.choice((0, 0, 1)))
            await happen(n, year)
            await workers.start()
            try:
                await asyncio.wait_for(death.happened.wait(), random.uniform(0.0, 0.15) if point == "time" else 3.0)
            except TimeoutError:
                death.strike("time")
        death.plan("never", 0)
        await workers.start()
        async with asyncio.timeout(PATIENCE):
            while await outbox.waiting(now=now() + timedelta(days=1)):  # noqa: ASYNC110 - another process works
                await asyncio.sleep(0.05)
    return year


async def happen(n: int, year: Year) -> None:
    """Make changes with letters while workers die: most are committed, some are undone."""
    for part in range(2):
        about, to = uuid7(), f"p{n}.{part}@company.example"
        try:
            async with transaction():
                letter = await outbox.post(
                    "greeting", to=to, to_name="Ann Arden", person=None, about=about, about_kind="booking",
                    facts=facts(about), key=f"greeting:{about}", now=now(), at_once=True,
                    event=event(about, attendee=to) if part else None,
                    from_address="day+{reply}@floorday.example")
                if random.random() < 0.2:
                    raise Undone
        except Undone:
            year.undone.append(about)
        else:
            year.committed[letter] = to


class Undone(Exception):
    """The change failed after its letter was posted."""
