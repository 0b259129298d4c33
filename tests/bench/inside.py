"""What runs inside a process over one database, by `python -m tests.bench.inside`.

settle    leave a freshly imported database as it is after its first night: statistics taken
measure   write what the requests need, measure the CPU of each in process, print the plan for the wire as JSON
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar
from msgspec import Struct

from floorday import config, db
from floorday.app import create_app
from floorday.bookings.tables import Shift
from floorday.issues.tables import Issue
from floorday.people import actions as people
from floorday.people.access import Actor, Role
from floorday.people.actions.tokens import TokenForm, create_token
from floorday.people.tables import Grant, Person, Team
from floorday.summaries.actions import freezing
from floorday.summaries.figures import COMPANY
from floorday.summaries.queries import Whose
from tests.bench import bare
from tests.bench.company import MONTH, SENT, THINGS
from tests.bench.wire import Call

RACERS = 100
SAID = "The+invoice+form+needs+a+second+login+and+is+a+day+late"
BATCH_SECONDS = 0.02
SOUGHT = ("login", "number", "late", "customer", "undone")
"""Words of `company.TROUBLES`; each stands in one issue of eight."""


class Cost(Struct, frozen=True):
    """The CPU of one request in microseconds, and the size of its answer."""

    cpu: float
    size: int


class Plan(Struct):
    """What there is to ask, and what it cost in process.

    `same` are requests that may be sent again and again; each of `bookings` takes a seat of its own; of each of
    `races` all are for one seat.
    """

    same: dict[str, Call] = {}
    others: dict[str, list[Call]] = {}
    """What is asked for in turn instead of one request again and again: of searches each time other words."""
    bookings: list[Call] = []
    races: list[list[Call]] = []
    between: dict[str, list[Call]] = {}
    """Changes of what a request shows, one of which is made before each of its repetitions."""
    costs: dict[str, Cost] = {}
    answer: bytes = b""
    """What was answered to the list of 50, for the bare answer of the same size."""


async def settle() -> None:
    if db.dialect() == "postgres":
        await db.run_sql("VACUUM ANALYZE")
    else:
        await db.run_sql("ANALYZE")
        await db.run_sql("PRAGMA wal_checkpoint(TRUNCATE)")


async def measure(*, budget: float, bookings: int, races: int) -> Plan:
    """Prepare, then call each request in process."""
    plan = await prepared(bookings=bookings, races=races)
    app = create_app()
    seats = iter(plan.bookings)
    async with app.lifespan():
        plan.answer = await call(app, plan.same["JSON 50"])
        limits = bare.create(plan.answer, os.environ["FLOORDAY_DATABASE"])
        async with limits.lifespan():
            for name, one in bare.CALLS.items():
                plan.same[name] = one
                plan.costs[name] = await cost(limits, itertools.repeat(plan.same[name]), budget=budget)
        for name, one in plan.same.items():
            if name not in bare.CALLS:
                plan.costs[name] = await cost(app, itertools.cycle(plan.others.get(name, [one])), budget=budget)
        for name, writes in plan.between.items():
            plan.costs[f"{name} after a write"] = await cost(
                app, itertools.repeat(plan.same[name]), budget=budget, between=itertools.cycle(writes))
        part = itertools.islice(seats, bookings // 3)
        plan.costs["one booking"] = await cost(app, part, budget=budget)
    plan.bookings = list(seats)
    return plan


# --- what is asked ---------------------------------------------------------------------------------------------


async def prepared(*, bookings: int, races: int) -> Plan:
    """Write who asks and the dates that are asked for."""
    now = config.now()
    who = Person(name="Eva Ek", email="eva@floor.example", zone="Europe/London", created_at=now)
    await Person.insert(who)
    await Grant.insert(Grant(person=who.id, role=Role.COORDINATOR.value, granted_at=now))
    actor = Actor(person=who.id, name=who.name, email=who.email)
    made = await create_token(actor, TokenForm(name="bench", scopes=["read", "write"]), now=now)
    bearer = {"Authorization": f"Bearer {made.secret}"}
    eva = {"Cookie": f"floorday={(await people.open_session(who.id, now=now)).token}"}
    member = await Grant.select(Grant.person).where(Grant.role == Role.MEMBER.value).order_by(Grant.person).first()
    mia = {"Cookie": f"floorday={(await people.open_session(member['person'], now=now)).token}"}
    teams = [row["id"] for row in await Team.select(Team.id).order_by(Team.id)]
    await sent(SENT)
    issue = await Issue.select(Issue.id).where(Issue.number == 40).first()
    note = {"text": "The form asks twice for the number; the customer waits.", "stream": "staff told",
            "team": str(teams[0])}  # fmt: skip
    plan = Plan(same={
        "JSON 50": Call("GET", "/api/v1/issues?limit=50", bearer),
        "board": Call("GET", "/issues", eva),
        "board of a member": Call("GET", "/issues", mia),
        "issue page": Call("GET", f"/issues/{issue['id']}", eva),
        "search": Call("GET", f"/search?q={THINGS[1]}+login", eva),
        "search of a member": Call("GET", f"/search?q={THINGS[1]}+login", mia),
        "search, open": Call("GET", f"/search?q={THINGS[1]}&turn=open", eva),
        "JSON search": Call("GET", f"/api/v1/search?q={THINGS[1]}+login", bearer),
        "similar": Call("GET", f"/api/v1/issues/similar?text={SAID}", bearer),
        "company month": Call("GET", f"/summary/{MONTH}", eva),
        "company figures": Call("GET", f"/api/v1/summaries/company/{MONTH}", bearer),
        "month as sent": Call("GET", f"/summary/{SENT}", eva),
        "figures as sent": Call("GET", f"/api/v1/summaries/company/{SENT}", bearer),
        "create": post("/api/v1/notes", bearer, note),
    })  # fmt: skip
    pairs = [f"{thing}+{SOUGHT[n % len(SOUGHT)]}".replace(" ", "+") for n, thing in enumerate(THINGS * 4)]
    plan.others = {
        "search": [Call("GET", f"/search?q={words}", eva) for words in pairs],
        "search of a member": [Call("GET", f"/search?q={words}", mia) for words in pairs],
        "search, open": [Call("GET", f"/search?q={thing.split()[0]}&turn=open", eva) for thing in THINGS],
        "JSON search": [Call("GET", f"/api/v1/search?q={words}", bearer) for words in pairs],
    }  # fmt: skip
    plan.between = {
        "JSON 50": await retitled(bearer, "ORDER BY number"),
        "board": await retitled(bearer, "AND turn <> 'closed' ORDER BY raised_at, number"),
    }
    managers = [row["person"] for row in await Grant.select(Grant.person).where(Grant.role == Role.MANAGER.value)]
    dates = await shifts(bookings + races, teams)
    plan.bookings = [
        invitation(bearer, managers[n % len(managers)], shift) for n, shift in enumerate(dates[:bookings])]
    plan.races = [[invitation(bearer, one, shift) for one in managers[:RACERS]] for shift in dates[bookings:]]
    return plan


async def sent(month: str) -> None:
    """Freeze the company's month, as the worker does when it is sent; its letters are another matter."""
    now = config.now()
    made = await freezing.draft(COMPANY, month, now=now)
    assert made is not None
    behind = await freezing.kept(made.month)
    async with db.transaction():
        await freezing.write(Whose(COMPANY, ""), made, behind, freezing.Comment(), at=now)


async def retitled(headers: dict[str, str], which: str) -> list[Call]:
    """Change the titles of the first issues of a list, one after the other."""
    rows = await db.run_sql(f"SELECT id, title FROM issue WHERE ending <> 'joined' {which} LIMIT 30")
    return [
        post(f"/api/v1/issues/{row['id']}/title", headers, {"title": f"{row['title']}{end}", "kind": "glitch"})
        for end in ("!", "") for row in rows
    ]  # fmt: skip


async def shifts(number: int, teams: list[UUID]) -> list[UUID]:
    """Offer so many dates of one seat, none at the time of another."""
    now = config.now()
    first = (now + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    rows = [
        Shift(team=teams[n % len(teams)], place="Floor 3", starts_at=first + timedelta(hours=n),
              ends_at=first + timedelta(hours=n, minutes=45), zone="Europe/London", seats=1, offered_at=now)
        for n in range(number)
    ]  # fmt: skip
    for part in range(0, number, 500):
        await Shift.insert(*rows[part : part + 500])
    return [row.id for row in rows]


def invitation(headers: dict[str, str], manager: UUID, shift: UUID) -> Call:
    fields = {"manager": str(manager), "shift": str(shift), "why": "Refunds wait for a weekly batch. Come and see."}
    return post("/api/v1/invitations", headers, fields)


def post(path: str, headers: dict[str, str], fields: dict[str, str]) -> Call:
    return Call("POST", path, headers | {"Content-Type": "application/json"}, msgspec.json.encode(fields))


# --- in process ------------------------------------------------------------------------------------------------


async def cost(
    app: Litestar, calls: Iterator[Call], *, budget: float, between: Iterator[Call] | None = None
) -> Cost:  # fmt: skip
    """Give the CPU of a request: batches until the budget of seconds is used, of which the best counts.

    What happens `between` two requests is not counted.
    """
    began = time.perf_counter()
    size = len(await call(app, next(calls)))
    once, before = time.perf_counter(), time.process_time()
    await call(app, next(calls))
    best = time.process_time() - before  # all there is, where a tiny company has no more calls to make
    in_batch = max(1, min(50, int(BATCH_SECONDS / (time.perf_counter() - once))))
    for _ in range(60):
        batch = list(itertools.islice(calls, in_batch))
        if len(batch) < in_batch:
            break
        spent = 0.0
        for one in batch:
            if between is not None:
                await call(app, next(between))
            before = time.process_time()
            await call(app, one)
            spent += time.process_time() - before
        best = min(best, spent / in_batch)
        if time.perf_counter() - began > budget:
            break
    return Cost(best * 1e6, size)


async def call(app: Litestar, one: Call) -> bytes:
    """Call the application as a server would, without one."""
    path, _, query = one.path.partition("?")
    headers = [(name.lower().encode(), value.encode()) for name, value in one.headers.items()]
    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": one.method, "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "scheme": "http",
        "headers": [(b"host", b"127.0.0.1"), (b"content-length", str(len(one.body)).encode()), *headers],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "state": {}, "extensions": {},
    }  # fmt: skip
    said, parts = [], []

    async def receive() -> Any:
        return {"type": "http.request", "body": one.body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            said.append(message["status"])
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    if said[0] not in {200, 201}:
        raise RuntimeError(f"{one.method} {one.path} was answered {said[0]}: {b''.join(parts)[:500]!r}")
    return b"".join(parts)


async def _with_pools(work: Callable[[], Awaitable[Any]]) -> Any:
    db.bind(db.make_engine(config.settings().database))
    await db.open_pools()
    try:
        return await work()
    finally:
        await db.close_pools()


async def _measured() -> Plan:
    wanted = json.loads(sys.argv[2])
    return await measure(**wanted)


if __name__ == "__main__":
    if sys.argv[1] == "settle":
        asyncio.run(_with_pools(settle))
    else:
        sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(_with_pools(_measured))))
