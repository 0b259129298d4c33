"""When a month is previewed and sent, and how the lines behind a figure are kept. Pure.

    month      ... | over | 1st working day: preview | ... | 3rd working day: sent
                                             held ----------> released, or sent now
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from enum import StrEnum
from itertools import accumulate
from operator import sub
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.errors import Refused
from floorday.render.words import gettext as _
from floorday.summaries.figures.window import FIRST_YEAR, first_instant, local_date, months_on

PREVIEW_ON, SEND_ON = 1, 3
"""On which working day of the month after."""


class Stage(StrEnum):
    """Where a month stands on its way to its readers."""

    RUNNING = "running"
    COMING = "coming"
    PREVIEW = "preview"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    BEFORE_US = "before us"


class Way(Struct, frozen=True, kw_only=True):
    """What has been done about a month so far."""

    month: str
    before_us: bool = False
    previewed: bool = False
    held: bool = False
    asked: bool = False
    begun: bool = False
    sent: bool = False


class Facts(Struct, frozen=True):
    """All that the calendar looks at. `alive` says that something has happened in the programme, ever.

    `nth` gives the nth working day from a date on.
    """

    ways: Sequence[Way]
    alive: bool
    zone: ZoneInfo
    hour: int
    nth: Callable[[date, int], date]


class Do(StrEnum):
    """What time asks for."""

    BEGIN = "begin"
    PREVIEW = "preview"
    SEND = "send"


class Deed(Struct, frozen=True):
    """One thing that is due."""

    do: Do
    month: str


def due(facts: Facts, *, now: datetime) -> list[Deed]:
    """List what is due, in its order: a worker that stood still for days catches up.

    A programme begins with the month that runs when floorday first looks; what lies before it is never sent.
    """
    this = local_date(now, facts.zone).replace(day=1)
    if not facts.ways:
        return [Deed(Do.BEGIN, word(months_on(this, -1)))] if facts.alive else []
    known = {way.month: way for way in facts.ways}
    deeds: list[Deed] = []
    first = months_on(first_of(min(known)), 1)
    while first < this:
        way = known.get(word(first)) or Way(month=word(first))
        deeds += _due(way, facts, now=now)
        first = months_on(first, 1)
    return deeds


def _due(way: Way, facts: Facts, *, now: datetime) -> list[Deed]:
    if way.sent or way.before_us:
        return []
    deeds: list[Deed] = []
    if not way.previewed and now >= preview_at(way.month, facts):
        deeds.append(Deed(Do.PREVIEW, way.month))
    if way.begun or (not way.held and (way.asked or now >= send_at(way.month, facts))):
        deeds.append(Deed(Do.SEND, way.month))
    return deeds


def preview_at(month: str, facts: Facts) -> datetime:
    """Say when a month is shown to the coordinator."""
    return _at(month, PREVIEW_ON, facts)


def send_at(month: str, facts: Facts) -> datetime:
    """Say when a month leaves, unless it is held."""
    return _at(month, SEND_ON, facts)


def _at(month: str, day: int, facts: Facts) -> datetime:
    on = facts.nth(months_on(first_of(month), 1), day)
    return datetime.combine(on, time(facts.hour), facts.zone)


def stage(way: Way | None, *, running: bool) -> Stage:
    """Say in a word where a month stands."""
    if way is not None and way.sent:
        return Stage.SENT
    if way is not None and way.before_us:
        return Stage.BEFORE_US
    if running:
        return Stage.RUNNING
    if way is None:
        return Stage.COMING
    if way.begun:
        return Stage.SENDING
    if way.held:
        return Stage.HELD
    return Stage.PREVIEW if way.previewed or way.asked else Stage.COMING


def may_change(now_at: Stage) -> None:
    """Refuse to hold, release, send or comment what has gone or is not there yet."""
    if now_at in {Stage.SENT, Stage.SENDING}:
        raise Refused(_("This month has been sent, and stays as it was sent. You can send a correction."))
    if now_at is Stage.RUNNING:
        raise Refused(_("This month is still running. It can be held or sent once it is over."))
    if now_at is Stage.BEFORE_US:
        raise Refused(_("This month was over before floorday began, so it is not sent."))


def first_of(month: str) -> date:
    """Give the first day of a month "yyyy-mm"."""
    return date.fromisoformat(f"{month}-01")


def word(first: date) -> str:
    """Write a month "yyyy-mm"."""
    return f"{first:%Y-%m}".rjust(7, "0")


def over(month: str, *, now: datetime, zone: ZoneInfo) -> bool:
    """Say whether a month is over."""
    return first_instant(months_on(first_of(month), 1), zone) <= now


def twelve_before(month: str) -> list[str]:
    """List the twelve months before one, oldest first."""
    first = first_of(month)
    return [word(months_on(first, -back)) for back in range(12, 0, -1)] if first.year > FIRST_YEAR else []


def month_before(month: str) -> str:
    """Name the month before one."""
    return word(months_on(first_of(month), -1))


# --- lines behind figures ----------------------------------------------------------------------------------------


def packed(numbers: Sequence[int]) -> bytes:
    """Pack numbers in their order: each as what it is more than the one before, squeezed."""
    steps = array("q", numbers[:1])
    steps.extend(map(sub, numbers[1:], numbers))
    return zlib.compress(steps.tobytes(), 6) if steps else b""


def unpacked(content: bytes) -> list[int]:
    """Give the numbers back."""
    steps = array("q")
    if content:
        steps.frombytes(zlib.decompress(content))
    return list(accumulate(steps))
