"""`make bench`: one table of what floorday costs, on both databases, beside limits measured in the same run."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from tests.bench import bare, mails, papers, processes, wire
from tests.bench.databases import KEPT, KINDS, ROOT, Store, environment, store
from tests.bench.inside import Plan
from tests.bench.table import Goal, Row, aligned
from tests.bench.wire import Call, Load

CLIENTS, PROCESSES = 16, 2
SLOW = 1_000_000
"""Microseconds of CPU from which on a request is asked for by one client alone: sixteen would fill the memory."""

ALONE = 300_000
"""And the figures of a month already from here on, for how long one asker waits is to be seen."""

MOST_TIMES = {
    ("sqlite", "JSON 50"): 12, ("postgres", "JSON 50"): 20,
    **{(kind, name): most for kind in KINDS for name, most in (
        ("board", 60), ("board of a member", 60), ("search", 20), ("search of a member", 20), ("search, open", 20),
        ("JSON search", 20), ("month as sent", 15),
    )},
}  # fmt: skip
MOST_SIMILAR = 50_000
"""Microseconds of CPU that it may take to say what a line may already be about."""

MOST_MONTH = {10_000: 200_000, 100_000: 1_000_000}
"""Microseconds of CPU that the company's month may take, by the number of issues: its figures, and its page."""

MOST_FIGURES_MS = 1000
"""And so long may somebody who asks for the figures alone wait."""

LEAST_ANSWERS, MOST_MAIL_GROWTH = 50, 1.1
MOST_GROWTH, LEAST_CREATED, MOST_RACE_SECONDS, MOST_MEGABYTES, MOST_START_SECONDS = 1.2, 600, 0.2, 145, 0.9


MOST_PDF_MS, MOST_PREPARED_SECONDS, MOST_BOOKING_MS = 150, 60, 1000
"""So long a PDF may take, a month's letters and PDFs for all readers, and a booking in the meantime."""


class Effort(Struct, frozen=True):
    """How long to look: seconds for each request in process and over the wire, and how often what happens once."""

    budget: float = 4
    load_seconds: float = 4
    bookings: int = 2400
    races: int = 5
    starts: int = 5
    answers: int = 2000
    readers: int = 500


QUICK = Effort(budget=0.4, load_seconds=0.7, bookings=400, races=1, starts=1, answers=100, readers=5)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked.add_argument("--sizes", default="", help="numbers of issues, with commas between")
    asked.add_argument("--kinds", default=",".join(KINDS), help="databases, with commas between")
    asked.add_argument("--quick", action="store_true", help="1,000 issues in under a minute, for a first look")
    asked.add_argument("--answers", type=int, help="how many answers from calendars")
    asked.add_argument("--seconds", type=float, help="how long to look at each request, in process and over the wire")
    given = asked.parse_args()
    effort = QUICK if given.quick else Effort()
    if given.seconds:
        effort = structs.replace(effort, budget=given.seconds, load_seconds=given.seconds)
    if given.answers:
        effort = structs.replace(effort, answers=given.answers)
    sizes = given.sizes or ("1000" if given.quick else "10000,100000")
    rows = measured([int(one) for one in sizes.split(",")], given.kinds.split(","), effort)
    print("\n".join(aligned(rows)))  # noqa: T201 - the table is what was asked for


def measured(sizes: list[int], kinds: list[str], effort: Effort, *, folder: Path = KEPT) -> list[Row]:
    """Measure every size on every database."""
    rows: list[Row] = []
    for kind in kinds:
        with store(kind, folder) as databases:
            for size in sizes:
                rows += (found := of_one(databases, size, effort))
                _say("\n".join(aligned(found)))
            rows.append(by_mail(databases, effort))
    _compare(rows)
    return rows


def of_one(databases: Store, size: int, effort: Effort) -> list[Row]:
    """Measure one size on one database: in process first, then over the wire."""
    _say(f"{databases.kind}, {size:,} issues ...")
    with databases.copied(size) as url:
        plan = _in_process(url, effort)
        rows = {name: Row(databases.kind, size, name, cpu=one.cpu, size=one.size) for name, one in plan.costs.items()}
        for name, row in rows.items():
            row.factor = row.cpu / plan.costs["bare answer"].cpu if row.cpu else None
            if (most := MOST_TIMES.get((databases.kind, name))) and row.factor:
                row.goals.append(Goal(f"<= {most} x bare", row.factor <= most))
            if name == "similar" and row.cpu:
                row.goals.append(Goal(f"<= {MOST_SIMILAR:,} us", row.cpu <= MOST_SIMILAR))
            if name in {"company month", "company figures"} and row.cpu and (most := MOST_MONTH.get(size)):
                row.goals.append(Goal(f"<= {most:,} us", row.cpu <= most))
        for name, load in _over_the_wire(url, plan, effort, folder=databases.folder):
            if isinstance(load, tuple):
                rows[name] = _prepared(databases.kind, size, *load, readers=effort.readers)
                continue
            if isinstance(load, float):
                rows[name] = _once(databases.kind, size, name, load)
                continue
            row = rows.setdefault(name, Row(databases.kind, size, name))
            row.rate, row.p50, row.p99 = load.rate, load.p50, load.p99
            _judge(row, load)
            if row.cpu and row.cpu >= (ALONE if name == "company figures" else SLOW):
                row.goals.append("one client")
    return list(rows.values())


def by_mail(databases: Store, effort: Effort) -> Row:
    """Measure answers from calendars, which come through a worker of their own over a small database."""
    _say(f"{databases.kind}, {effort.answers:,} answers by mail ...")
    with databases.empty() as url:
        taken = mails.measured(url, effort.answers)
    row = Row(databases.kind, 0, f"answers by mail, {taken.late:.0f} MB", cpu=taken.cpu, rate=taken.rate)
    row.goals.append(Goal(f">= {LEAST_ANSWERS}/s", taken.rate >= LEAST_ANSWERS))
    every = taken.applied == effort.answers
    row.goals.append(Goal("all applied" if every else f"{taken.applied} applied", every))
    flat = taken.late <= taken.early * MOST_MAIL_GROWTH
    row.goals.append(Goal(f"{taken.early:.0f} MB after a tenth", flat))
    return row


def _in_process(url: str, effort: Effort) -> Plan:
    wanted = {"budget": effort.budget, "bookings": effort.bookings, "races": effort.races}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.inside", "measure", json.dumps(wanted)],
        env=environment(url), cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return msgspec.json.decode(done.stdout, type=Plan)


# --- over the wire -------------------------------------------------------------------------------------------------


def _over_the_wire(
    url: str, plan: Plan, effort: Effort, *, folder: Path
) -> Iterator[tuple[str, Load | float | tuple[float, float]]]:
    with _limits(url, plan, folder) as port:
        for name in bare.CALLS:
            yield name, _loaded(port, itertools.repeat(plan.same[name]).__next__, effort)
    port = processes.free_port()
    with processes.running(processes.serve(port, processes=PROCESSES), url) as server:
        _warm(port, server)
        for name, one in plan.same.items():
            if name not in bare.CALLS:
                alone = plan.costs[name].cpu >= (ALONE if name == "company figures" else SLOW)
                clients = 1 if alone else CLIENTS
                asked = itertools.cycle(plan.others.get(name, [one]))
                yield name, _loaded(port, asked.__next__, effort, clients=clients)
        kept = len(plan.bookings) // 2
        yield "ms for a PDF", papers.asked(url, "warm")
        yield "letters and PDFs", asyncio.run(
            papers.while_booking(url, port, iter(plan.bookings[:kept]), effort.readers))
        seats = iter(plan.bookings[kept:])
        yield "one booking", _loaded(port, lambda: next(seats, None), effort)
        raced = [asyncio.run(wire.at_once(port, [one.raw() for one in race])) for race in plan.races]
        odd = [load for load in raced if load.statuses[201] != 1]
        yield "100 for one seat", (odd or sorted(raced, key=lambda load: load.seconds))[len(odd or raced) // 2]
        yield "MB of a busy process", processes.busiest(server.pid)
    yield "s to the first answer", processes.cold_start(url, tries=effort.starts)


@contextmanager
def _limits(url: str, plan: Plan, folder: Path) -> Iterator[int]:
    """Serve the limits as floorday is served."""
    port, answer = processes.free_port(), folder / f"answer_{os.getpid()}.json"
    try:
        answer.write_bytes(plan.answer)
        command = [sys.executable, "-m", "tests.bench.bare", str(port)]
        with processes.running(command, url, {bare.ANSWER: str(answer)}) as server:
            processes.first_answer(port, "/bare", server)
            time.sleep(1)  # until the other process answers too
            yield port
    finally:
        answer.unlink(missing_ok=True)


def _warm(port: int, server: subprocess.Popen[bytes]) -> None:
    processes.first_answer(port, "/health/ready", server)
    time.sleep(1)  # until the other process answers too
    ready = Call("GET", "/health/ready").raw()
    asyncio.run(wire.load(port, lambda: ready, clients=CLIENTS, seconds=0.5))


def _loaded(
    port: int, next_call: Callable[[], Call | None], effort: Effort, *, clients: int = CLIENTS
) -> Load:
    def raw() -> bytes | None:
        one = next_call()
        return one.raw() if one else None

    return asyncio.run(wire.load(port, raw, clients=clients, seconds=effort.load_seconds))


# --- what is said of it --------------------------------------------------------------------------------------------


def _judge(row: Row, load: Load) -> None:
    if row.what == "create":
        row.goals.append(Goal(f">= {LEAST_CREATED}/s", load.rate >= LEAST_CREATED))
    if row.what == "company figures" and row.cpu and row.cpu >= ALONE:
        row.goals.append(Goal(f"<= {MOST_FIGURES_MS:,} ms", load.p50 <= MOST_FIGURES_MS))
    if row.what == "100 for one seat":
        row.what = f"100 for one seat: {load.seconds:.2f} s"
        holders = load.statuses[201]
        row.goals.append(Goal(f"<= {MOST_RACE_SECONDS} s", load.seconds <= MOST_RACE_SECONDS))
        row.goals.append(Goal("one holder" if holders == 1 else f"{holders} holders", holders == 1))
    elif refused := sum(count for status, count in load.statuses.items() if status >= 300):
        row.goals.append(Goal(f"{refused} of {sum(load.statuses.values())} refused", reached=False))


def _once(kind: str, size: int, name: str, value: float) -> Row:
    most = {"MB": MOST_MEGABYTES, "ms": MOST_PDF_MS}.get(name.split(maxsplit=1)[0], MOST_START_SECONDS)
    said = f"{value:.2f}" if name.startswith("s ") else f"{value:.0f}"
    return Row(kind, size, f"{said} {name}", goals=[Goal(f"<= {most}", value <= most)])


def _prepared(kind: str, size: int, seconds: float, p99: float, *, readers: int) -> Row:
    return Row(kind, size, f"{seconds:.0f} s for the letters and PDFs of {readers} readers", p99=p99, goals=[
        Goal(f"<= {MOST_PREPARED_SECONDS}", seconds <= MOST_PREPARED_SECONDS),
        Goal(f"bookings <= {MOST_BOOKING_MS:,} ms", p99 <= MOST_BOOKING_MS)])  # fmt: skip


def _compare(rows: list[Row]) -> None:
    """Hold the CPU of each request beside that of the smallest size."""
    smallest = {(row.database, row.what): row for row in reversed(rows)}
    for row in rows:
        first = smallest[row.database, row.what]
        if first is not row and row.cpu and first.cpu and row.what not in bare.CALLS:
            grown = row.cpu / first.cpu
            row.goals.append(
                Goal(f"{grown:.2f} times {first.issues:,}, <= {MOST_GROWTH}", reached=grown <= MOST_GROWTH))


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")


if __name__ == "__main__":
    main()
