"""One server process of the load test: `python server.py PORT`, settings from the environment.

With SEATS_WITHOUT_GUARD set, the seat is looked at first and written later, with the gap between held open:
this is the control, and has to fail.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextvars import ContextVar
from typing import Any

import uvicorn

from floorday.app import create_app
from floorday.bookings import actions, moves, queries
from floorday.bookings.queries import ShiftRow
from floorday.bookings.tables import Shift

GAP = 0.2


def take_out_the_guard() -> None:
    """Check the seats before the transaction, hold the gap, then write what was read plus one."""
    careful = actions.invite
    seen: ContextVar[int] = ContextVar("seen")

    async def invite(*args: Any, **kwargs: Any) -> Any:
        seen.set((await queries.shift(kwargs["shift"])).taken)
        await asyncio.sleep(GAP)
        return await careful(*args, **kwargs)

    async def take_seat(shift: ShiftRow) -> None:
        await Shift.update({Shift.taken: seen.get() + 1}).where(Shift.id == shift.id)

    def nothing_to_say(*_args: Any, **_kwargs: Any) -> Any:
        return actions.days.rules.Decision(actions.days.rules.State.INVITED, (actions.days.rules.Letter.INVITATION,))

    actions.invite = invite
    moves.take_seat = take_seat
    actions.days.rules.invite = nothing_to_say


if __name__ == "__main__":
    if os.environ.get("SEATS_WITHOUT_GUARD"):
        take_out_the_guard()
    uvicorn.run(create_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", lifespan="on")
