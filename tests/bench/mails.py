"""Answers from calendars: through the LMTP door of a real `floorday worker`, until each is applied to its booking."""

from __future__ import annotations

import asyncio
import os
import shutil
import smtplib
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import asyncpg
from msgspec import Struct

from floorday.demo import clients
from floorday.demo.clients import Answer, Client
from tests.bench import processes
from tests.bench.databases import ROOT, environment

BOOKINGS = 400
MOST_SECONDS = 900
_TICK = os.sysconf("SC_CLK_TCK")


class Taken(Struct, frozen=True):
    """What it took: CPU of the worker and its reader for each mail (microseconds), mails a second.

    `early` and `late` are the megabytes of its own that the worker holds after a tenth and after all of them.
    """

    cpu: float
    rate: float
    early: float
    late: float
    applied: int


def measured(url: str, count: int) -> Taken:
    """Send `count` answers, each a change of mind about one of some hundred bookings, and wait for the last."""
    folder = Path(tempfile.mkdtemp(prefix="floorday-bench-"))
    port = processes.free_port()
    settings = {"FLOORDAY_LMTP_LISTEN": f"127.0.0.1:{port}", "FLOORDAY_MAIL_FOLDER": str(folder / "sent")}
    try:
        prepare = [sys.executable, "-m", "tests.bench.mails", str(folder), str(min(BOOKINGS, count))]
        subprocess.run(prepare, env=environment(url), cwd=ROOT, check=True)
        replies = list(_replies(folder, count))
        command = [sys.executable, "-m", "floorday", "worker"]
        with processes.running(command, url, settings) as worker:
            _wait_for(port)
            return _run(url, port, worker.pid, replies)
    finally:
        shutil.rmtree(folder)


def _run(url: str, port: int, pid: int, replies: list[tuple[bytes, str]]) -> Taken:
    spent, began, early = _cpu(pid), time.perf_counter(), 0.0
    with smtplib.LMTP("127.0.0.1", port) as session:
        for place, (raw, to) in enumerate(replies):
            if place and place % 500 == 0:  # a session has its time; a mail server opens another
                session.quit()
                session.connect("127.0.0.1", port)
            session.sendmail("somebody@floorday.example", [to], raw)
            early = early or (processes.own(pid) if place >= len(replies) // 10 else 0)
    while (read := _read(url))[0] < len(replies) and time.perf_counter() - began < MOST_SECONDS:
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    return Taken(
        cpu=(_cpu(pid) - spent) / len(replies) * 1e6, rate=len(replies) / seconds, early=early,
        late=processes.own(pid), applied=read[1])  # fmt: skip


def _wait_for(port: int) -> None:
    for _try in range(600):
        try:
            with smtplib.LMTP("127.0.0.1", port):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("The worker does not listen.")


def _cpu(pid: int) -> float:
    """Give the seconds of CPU that a process and all below it have used."""
    used = 0.0
    for one in (pid, *processes.below(pid)):
        with suppress(OSError):  # one that just ended is counted with its parent
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            used += sum(int(field) for field in fields[11:15]) / _TICK
    return used


def _read(url: str) -> tuple[int, int]:
    """Count the answers that were read, and those of them that were applied."""
    asked = "SELECT count(read_at), count(CASE WHEN applied THEN 1 END) FROM inbound_mail"
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=15)) as connection:
            return connection.execute(asked).fetchone()

    async def ask() -> tuple[int, int]:
        connection = await asyncpg.connect(url)
        try:
            row = await connection.fetchrow(asked)
            return (row[0], row[1]) if row else (0, 0)
        finally:
            await connection.close()

    return asyncio.run(ask())


def _replies(folder: Path, count: int) -> Iterator[tuple[bytes, str]]:
    """Answer every invitation again and again, each time otherwise and a second later."""
    invitations = [path.read_bytes() for path in sorted(folder.glob("*.eml"))]
    stamp = datetime.fromisoformat((folder / "since").read_text())
    answers = (Answer.ACCEPTED, Answer.TENTATIVE)
    for place in range(count):
        turn, number = divmod(place, len(invitations))
        raw = clients.reply(
            invitations[number], answers[turn % 2], Client.GMAIL, now=stamp + timedelta(seconds=turn + 1))
        yield raw, str(message_from_bytes(raw, policy=policy.default)["To"])


# --- in a process of its own, over the database


async def prepare(folder: Path, count: int) -> None:
    """Invite managers, let the invitations leave into files, and say since when they could answer."""
    from uuid import UUID

    from floorday import config, db, worker
    from floorday.bookings import actions
    from floorday.bookings.actions import ShiftForm
    from floorday.mail import outbox, smtp
    from floorday.people.access import Actor, Role
    from floorday.people.access import Grant as Held
    from floorday.people.tables import Grant, Person, Team

    db.bind(db.make_engine(config.settings().database))
    await db.open_pools()
    await db.migrate()
    now = config.now() - timedelta(days=2)
    team, eva = Team(name="Mails", zone="Europe/London", created_at=now), _person(Person, "eva", now)
    await Team.insert(team)
    await Person.insert(eva)
    actor = Actor(person=UUID(str(eva.id)), name="Eva", email=eva.email, zone="Europe/London",
                  grants=frozenset({Held(Role.COORDINATOR)}))  # fmt: skip
    for number in range(count):
        if number % 20 == 0:
            starts = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=20 + number // 20)
            form = ShiftForm(starts=starts, ends=starts + timedelta(hours=4), seats=20)
            shift = await actions.offer_shift(actor, team.id, form, now=now)
        manager = _person(Person, f"m{number}", now)
        await Person.insert(manager)
        await Grant.insert(Grant(person=manager.id, role=Role.MANAGER.value, granted_at=now))
        await actions.invite(actor, shift=shift.id, manager=manager.id, why="Come and see.", now=now)
    carrier = smtp.Folder(folder)
    leaves = now + timedelta(hours=1)
    while await outbox.deliver(sender=carrier, calendar_part=worker.calendar_part, now=leaves, limit=50):
        pass
    (folder / "since").write_text((now + timedelta(hours=2)).isoformat())
    await db.close_pools()


def _person(table: type, name: str, now: datetime) -> object:
    return table(name=name.title(), email=f"{name}@mails.example", zone="Europe/London", created_at=now)


if __name__ == "__main__":
    asyncio.run(prepare(Path(sys.argv[1]), int(sys.argv[2])))
