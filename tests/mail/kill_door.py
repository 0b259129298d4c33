"""An LMTP door that can be killed: `kill_door DATABASE MODE`.

Each line read forks a fresh one and prints its pid and port. MODE is `careful`, or `early`: 250 first, then keep.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from floorday import db
from floorday.mail import doors, inbound

early: set[asyncio.Task[Any]] = set()


async def keep_later(raw: bytes, **more: Any) -> None:
    async def later() -> None:
        await asyncio.sleep(0.005)
        await inbound.keep(raw, **more)

    early.add(asyncio.create_task(later()))


async def serve(url: str, mode: str) -> None:
    db.bind(db.make_engine(url, readers=1, pool_size=2))
    await db.open_pools()
    async with doors.LmtpServer(keep_later if mode == "early" else inbound.keep, "127.0.0.1", 0) as door:
        print(os.getpid(), door.port, flush=True)  # noqa: T201
        await asyncio.Event().wait()


def main() -> None:
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            asyncio.run(serve(sys.argv[1], sys.argv[2]))
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
