"""History files brought in and given out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from floorday.history import actions
from floorday.history.actions import Brought

FOLDER = Path(__file__).parent.parent / "figures"


async def bring_in(lines: Iterable[bytes], *, now: datetime) -> Brought:
    return await actions.bring_in(actions.read(lines, now=now), now=now)


async def gave_out(*, now: datetime) -> list[bytes]:
    return [line async for line in actions.give_out(now=now)]
