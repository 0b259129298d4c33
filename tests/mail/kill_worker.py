"""A worker that can be killed: `kill_worker DATABASE PORT LEASE MODE`.

Each line read forks a fresh one and prints its pid. MODE is `careful`, or names what is taken out:
`early` notes a letter as sent before it is sent, `rewriting` writes it anew for each try.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import timedelta
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader

from floorday import db
from floorday.config import now
from floorday.mail import outbox
from floorday.mail.smtp import Sender
from floorday.mail.tables import Letter
from floorday.render import pages
from tests.mail.conftest import TEMPLATES
from tests.mail.letterbox import calendar_part, sender


class Early(Sender):
    """Notes that a letter was sent, and then sends it."""

    async def _send_one(self, parcel: outbox.Parcel) -> None:
        await Letter.update({Letter.sent_at: now()}).where(Letter.id == parcel.id)
        await super()._send_one(parcel)


def stamped(told: dict[str, Any]) -> bytes:
    return calendar_part(told | {"summary": f"written at {time.time_ns()}"})


async def work(url: str, port: int, lease: timedelta, mode: str) -> None:
    db.bind(db.make_engine(url, readers=1, pool_size=2))
    await db.open_pools()
    carrier = sender(port)
    if mode == "early":
        carrier = Early(carrier.settings, timeout=5.0)
    while True:
        if mode == "rewriting":
            await Letter.update({Letter.content: None}).where(Letter.sent_at.is_null())
        found = await outbox.deliver(sender=carrier, calendar_part=stamped, now=now(), limit=5, lease=lease)
        if not found:
            await asyncio.sleep(0.01)


def main() -> None:
    url, port, lease, mode = sys.argv[1], int(sys.argv[2]), timedelta(seconds=float(sys.argv[3])), sys.argv[4]
    pages.letter_env.loader = ChoiceLoader([pages.letter_env.loader, FileSystemLoader(TEMPLATES)])
    while sys.stdin.readline():
        # A worker is a process of its own; it only spares itself the imports.
        child = os.fork()
        if child == 0:
            asyncio.run(work(url, port, lease, mode))
        print(child, flush=True)  # noqa: T201
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
