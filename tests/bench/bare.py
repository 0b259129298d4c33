"""The limits beside which floorday is measured: the same answer from Litestar alone, the same rows by the raw driver.

The first holds the answer ready as plain values and only encodes it; the second reads the rows with all their columns
and names, without access, counts or types; the third writes what a note leaves behind (`tests.bench.writes`).
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
import asyncpg
import msgspec
from litestar import Litestar, get, post

from tests.bench.wire import Call
from tests.bench.writes import Raw

CALLS = {"bare answer": Call("GET", "/bare"), "raw driver": Call("GET", "/raw"), "raw create": Call("POST", "/raw")}
ROWS = """
SELECT issue.id, issue.number, issue.title, issue.kind, issue.team, team.name AS team_name, issue.department,
       department.name AS department_name, issue.owner, owner.name AS owner_name, issue.sponsor,
       sponsor.name AS sponsor_name, issue.day, issue.turn, issue.ending, issue.raised_at, issue.last_word_at,
       issue.promised_for, issue.question, issue.snoozed_until, issue.joined_into, issue.minutes_per_case,
       issue.cases_per_month, issue.effort, issue.restricted, issue.external_id
FROM issue
JOIN team ON team.id = issue.team
LEFT JOIN department ON department.id = issue.department
LEFT JOIN person AS owner ON owner.id = issue.owner
LEFT JOIN person AS sponsor ON sponsor.id = issue.sponsor
WHERE issue.ending <> 'joined'
ORDER BY issue.number LIMIT 51
"""
ANSWER = "BENCH_ANSWER"
"""Names the file that holds the answer, for `from_environment`."""


def create(answer: bytes, url: str) -> Litestar:
    """Make the application of the limits."""
    ready = msgspec.json.decode(answer)
    held: dict[str, Any] = {}
    notes = Raw(url)

    @asynccontextmanager
    async def connected(_app: Litestar) -> AsyncGenerator[None]:
        if url.startswith("sqlite"):
            held["db"] = await aiosqlite.connect(url.removeprefix("sqlite:///"))
            held["db"].row_factory = aiosqlite.Row
        else:
            held["db"] = await asyncpg.create_pool(url, min_size=2, max_size=10)
        await notes.open()
        try:
            yield
        finally:
            await notes.close()
            await held["db"].close()

    @get("/bare")
    async def bare_answer() -> Any:
        return ready

    @get("/raw")
    async def raw_rows() -> Any:
        if url.startswith("sqlite"):
            return [dict(row) for row in await held["db"].execute_fetchall(ROWS)]
        return [dict(row) for row in await held["db"].fetch(ROWS)]

    @post("/raw")
    async def raw_note() -> Any:
        return {"number": await notes.write()}

    return Litestar([bare_answer, raw_rows, raw_note], lifespan=[connected], openapi_config=None)


def from_environment() -> Litestar:
    """Make it in a server process."""
    return create(Path(os.environ[ANSWER]).read_bytes(), os.environ["FLOORDAY_DATABASE"])


if __name__ == "__main__":
    import sys

    import uvicorn

    from floorday import server

    uvicorn.run(**server.options("tests.bench.bare:from_environment", host="127.0.0.1", port=int(sys.argv[1]),
                                 log_level="warning"), workers=2)  # fmt: skip
