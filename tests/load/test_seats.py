"""Never a seat oversold, a manager in two places, a booking lost after a 2xx or 3xx; and a control that must fail.

2,000 attempts on 200 shifts, 64 at a time, from four client processes against two server processes.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from msgspec import Struct

from floorday import config, db
from floorday.bookings.queries import LIVE
from floorday.bookings.tables import Booking, Shift
from floorday.db import uuid7
from floorday.people import actions as people
from floorday.people.tables import Grant, Person
from tests.cast import make_cast

HERE = Path(__file__).resolve().parent
SERVERS, CLIENTS, AT_ONCE = 2, 4, 64
SEATS, MANAGERS = 3, 10
START_SECONDS = 30


class Outcome(Struct):
    """What was answered, and what the database holds afterwards."""

    statuses: Counter[int]
    oversold: list[UUID]
    miscounted: list[UUID]
    lost: list[str]
    twice: int
    booked: int
    said: list[str]


async def test_two_thousand_attempts_on_two_hundred_shifts(database_url: str) -> None:
    outcome = await run(database_url, slots=100)
    assert sum(outcome.statuses.values()) == 2000
    assert set(outcome.statuses) == {303, 409}, outcome.said
    assert (outcome.oversold, outcome.miscounted, outcome.lost, outcome.twice) == ([], [], [], 0)
    # Ten managers ask for each shift and at most three of them sit elsewhere at that time, so all seats go.
    assert outcome.booked == outcome.statuses[303] == 200 * SEATS


async def test_the_same_without_the_guard_oversells(database_url: str) -> None:
    outcome = await run(database_url, slots=10, without_guard=True)
    assert outcome.oversold
    assert outcome.booked > 20 * SEATS


async def run(url: str, *, slots: int, without_guard: bool = False) -> Outcome:
    """Fill a database, start servers and clients, let them go, and count."""
    engine = db.make_engine(url)
    db.bind(engine)
    await db.open_pools()
    try:
        cookie, attempts = await prepare(slots)
        async with servers(url, without_guard=without_guard) as addresses:
            answers = await storm(addresses, cookie, attempts)
        return await count(answers)
    finally:
        await engine.close_connection_pool()


async def prepare(slots: int) -> tuple[str, list[dict[str, str]]]:
    """Write ten managers and, for each stretch of time, one shift of each team; every manager asks for every shift."""
    now = config.now()
    cast = await make_cast(now)
    managers = [Person(name=f"Manager {n}", email=f"manager{n}@floorday.example", created_at=now)
                for n in range(MANAGERS)]
    await Person.insert(*managers)
    await Grant.insert(*[Grant(person=who.id, role="manager", granted_at=now) for who in managers])
    shifts: list[Shift] = []
    for slot in range(slots):
        starts = (now + timedelta(days=2 + slot)).replace(minute=0, second=0, microsecond=0)
        shifts += [
            Shift(id=uuid7(), team=team, place="Here", starts_at=starts + late, ends_at=starts + timedelta(hours=6),
                  zone="Europe/London", seats=SEATS, offered_at=now)
            for team, late in ((cast.billing, timedelta()), (cast.claims, timedelta(hours=2)))
        ]  # fmt: skip
    await Shift.insert(*shifts)
    attempts = [{"manager": str(who.id), "shift": str(shift.id)} for shift in shifts for who in managers]
    random.Random(7).shuffle(attempts)
    opened = await people.open_session(cast.eva.person, now=now)
    return opened.token, attempts


@asynccontextmanager
async def servers(url: str, *, without_guard: bool) -> AsyncIterator[list[str]]:
    """Run two server processes over one database until the block ends."""
    settings = {"FLOORDAY_DATABASE": url, "FLOORDAY_GATE_TIMEOUT": "60", "FLOORDAY_LMTP_LISTEN": ""}
    if without_guard:
        settings["SEATS_WITHOUT_GUARD"] = "1"
    ports = [free_port() for _ in range(SERVERS)]
    started = [
        subprocess.Popen([sys.executable, str(HERE / "server.py"), str(port)], env=os.environ | settings)
        for port in ports
    ]
    try:
        addresses = [f"http://127.0.0.1:{port}" for port in ports]
        await asyncio.gather(*[ready(address) for address in addresses])
        yield addresses
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def ready(address: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(START_SECONDS * 10):
            try:
                if (await client.get(f"{address}/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise AssertionError("A server did not come up.")


async def storm(addresses: list[str], cookie: str, attempts: list[dict[str, str]]) -> list[tuple[int, str]]:
    """Send the attempts from four client processes, 64 at a time in all."""

    async def client(number: int) -> list[tuple[int, str]]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(HERE / "client.py"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        wanted: dict[str, Any] = {"servers": addresses, "cookie": cookie, "at_once": AT_ONCE // CLIENTS,
                                  "attempts": attempts[number::CLIENTS]}
        said, _ = await process.communicate(json.dumps(wanted).encode())
        assert process.returncode == 0
        return [(status, words) for status, words in json.loads(said)]

    return [answer for answers in await asyncio.gather(*[client(n) for n in range(CLIENTS)]) for answer in answers]


async def count(answers: list[tuple[int, str]]) -> Outcome:
    """Compare what was answered with what the database holds."""
    bookings = await Booking.select(
        Booking.id, Booking.shift, Booking.manager, Booking.starts_at, Booking.ends_at).where(Booking.state.is_in(LIVE))
    shifts = await Shift.select(Shift.id, Shift.seats, Shift.taken)
    held = Counter(row["shift"] for row in bookings)
    promised = {words.rpartition("/")[2] for status, words in answers if status == 303}
    there = {str(row["id"]) for row in bookings}
    twice = sum(
        one["starts_at"] < other["ends_at"] and other["starts_at"] < one["ends_at"]
        for number, one in enumerate(bookings) for other in bookings[:number] if one["manager"] == other["manager"])
    return Outcome(
        statuses=Counter(status for status, _ in answers),
        oversold=[row["id"] for row in shifts if held[row["id"]] > row["seats"]],
        miscounted=[row["id"] for row in shifts if held[row["id"]] != row["taken"]],
        lost=sorted(promised - there), twice=twice, booked=len(bookings),
        said=sorted({words for status, words in answers if status not in {303, 409}})[:5],
    )  # fmt: skip
