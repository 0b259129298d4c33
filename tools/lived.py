"""Live a story with the usual people on a database that is thrown away, for a page of the docs."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cast import Cast


def show(write: Callable[[Cast], Awaitable[str]]) -> None:
    """Print the page that `write` makes of what it lets the people live; settings of the machine are left aside."""
    with tempfile.TemporaryDirectory() as folder:
        for key in [key for key in os.environ if key.startswith("FLOORDAY_")]:
            del os.environ[key]
        os.environ |= {
            "FLOORDAY_CONFIG": os.devnull, "FLOORDAY_SECRET_KEY": "only-for-a-page-" * 4,
            "FLOORDAY_DATABASE": f"sqlite:///{folder}/story.sqlite", "FLOORDAY_SENT_FOLDER": f"{folder}/sent",
            "FLOORDAY_COMPANY": "Northlight",
        }  # fmt: skip
        logging.disable(logging.WARNING)
        sys.stdout.write(asyncio.run(_with_cast(write)))


async def _with_cast(write: Callable[[Cast], Awaitable[str]]) -> str:
    from floorday import db
    from tests.cast import make_cast
    from tests.stories.broken_promise import at

    await db.migrate()
    await db.open_pools()
    try:
        return await write(await make_cast(at(2, 9)))
    finally:
        await db.close_pools()
