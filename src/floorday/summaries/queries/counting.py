"""One count at a time in a process: a month takes long enough that several at once would starve everybody else.

Those who ask for the same months while they wait for their turn share one answer. Nobody joins a count that has
begun to read: it would not know what the same person has just saved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from msgspec import Struct

from floorday.summaries import figures
from floorday.summaries.figures import Figure, Month, Pulse, Subject, Window
from floorday.summaries.queries.history import Wanted, found
from floorday.summaries.queries.past import raw


class Counted(Struct, frozen=True):
    """Months as they were asked for; None where one has not begun.

    It is plain data, and goes to JSON and back; `first` is when the programme's first word was said, `pulses` are those
    that were asked for.
    """

    months: tuple[Month | None, ...]
    first: datetime | None
    pulses: tuple[Pulse, ...] = ()


class Taken(Struct, frozen=True):
    """A month about to be frozen, those to compare it with, and how earlier ones stand in the light of it.

    `others` are the months that were asked for beside it, `pulses` those of the chart, `recounts` the earlier months,
    `held` the days held in it and in those that were asked for, as they stand at its end: all by name.
    """

    month: Month
    others: dict[str, Month]
    pulses: dict[str, Pulse]
    recounts: dict[str, dict[str, Figure]]
    held: dict[str, tuple[Any, ...]] = {}


class Waiting:
    """Those who wait for the same months."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.task: asyncio.Task[Counted]


Key = tuple[Subject, tuple[str, ...], tuple[str, ...], str, bool]


class Desk:
    """Where counts wait for their turn, in one event loop."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.waiting: dict[Key, Waiting] = {}

    async def ask(
        self, subject: Subject, months: tuple[str, ...], pulses: tuple[str, ...], *, now: datetime, zone: ZoneInfo,
        rows: bool,
    ) -> Counted:  # fmt: skip
        """Wait for a count of one's own, or for one that others wait for and that has not begun."""
        key = (subject, months, pulses, zone.key, rows)
        one = self.waiting.get(key)
        if one is None:
            one = self.waiting[key] = Waiting(now)
            one.task = asyncio.create_task(self._count(key, one, zone))
            one.task.add_done_callback(_heard)
        one.now = max(one.now, now)
        return await asyncio.shield(one.task)  # who goes away takes nothing from the others

    async def _count(self, key: Key, one: Waiting, zone: ZoneInfo) -> Counted:
        async with self.turn:
            del self.waiting[key]
            subject, months, pulses, _zone, rows = key
            return await _read_and_count(subject, months, pulses, now=one.now, zone=zone, rows=rows)


_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, Desk] = WeakKeyDictionary()


async def counted(
    subject: Subject, months: Sequence[str], *, pulses: Sequence[str] = (), now: datetime, zone: ZoneInfo,
    rows: bool = True,
) -> Counted:  # fmt: skip
    """Count these months ("yyyy-mm") for a subject, and the pulses of others; one reading serves all.

    Without `rows` figures are numbers with no rows behind them. Raises ValueError when one of the texts names no month.
    """
    for month in (*months, *pulses):
        figures.window(month, now=now, zone=zone)
    desk = _desks.setdefault(asyncio.get_running_loop(), Desk())
    return await desk.ask(subject, tuple(months), tuple(pulses), now=now, zone=zone, rows=rows)


async def taken(
    subject: Subject, month: str, *, beside: Sequence[str] = (), pulses: Sequence[str] = (), earlier: Sequence[str],
    held: Sequence[str] = (), now: datetime, zone: ZoneInfo,
) -> Taken | None:  # fmt: skip
    """Count a month, those `beside` it, the `pulses` of others, and `earlier` ones once more; one reading serves all.

    Of the months of `held` it says which days were held, as they stand at the end of the month that is counted. None
    where the month has not begun. Raises ValueError when one of the texts names no month.
    """
    desk = _desks.setdefault(asyncio.get_running_loop(), Desk())
    edges = figures.window(month, now=now, zone=zone)
    if edges is None:
        return None

    def windows(names: Sequence[str]) -> list[Window]:
        return [one for name in names if (one := figures.window(name, now=now, zone=zone)) is not None]

    again, compared, drawn = windows(earlier), windows(beside), windows(pulses)
    visited = [one for one in windows(held) if one.month != month and one not in again]
    wanted = Wanted(_mine(subject), (edges, *compared), tuple(drawn),
                    tuple((one, edges.end) for one in (*again, *visited)))  # fmt: skip
    async with desk.turn:
        told = await found(wanted)
        months = [await asyncio.to_thread(figures.month_of, view) for view in told.months]
        recounts = {
            view.window.month: await asyncio.to_thread(figures.figures_again, view) for view in told.again}
    days = {name: recounts[name]["days_held"].rows for name in held if name in recounts}
    return Taken(
        months[0],
        {one.month: one for one in months[1:]},
        {one.month: beat.pulse() for one, beat in zip(drawn, told.beats, strict=True)},
        {one.month: recounts[one.month] for one in again},
        days | {month: months[0].figures["days_held"].rows},
    )


async def _read_and_count(
    subject: Subject, months: Sequence[str], pulses: Sequence[str], *, now: datetime, zone: ZoneInfo, rows: bool
) -> Counted:
    windows = [figures.window(month, now=now, zone=zone) for month in months]
    begun = tuple(dict.fromkeys(one for one in windows if one is not None))
    if not begun:
        return Counted((None,) * len(windows), None)
    drawn = tuple(one for name in pulses if (one := figures.window(name, now=now, zone=zone)) is not None)
    told = await found(Wanted(_mine(subject), begun, drawn, rows=rows))
    answers: dict[Window, Month] = {}
    while told.months:  # none is held for longer than it takes to count it
        view = told.months.pop()
        answers[view.window] = await asyncio.to_thread(figures.month_of, view, rows=rows)
    months_told = tuple([None if one is None else answers[one] for one in windows])
    return Counted(months_told, told.first, tuple([beat.pulse() for beat in told.beats]))


def _mine(subject: Subject) -> Subject:
    return subject if subject.id is None else Subject(subject.cut, raw(subject.id))


def _heard(task: asyncio.Task[Counted]) -> None:
    """Look at what went wrong even if all who waited have gone."""
    if not task.cancelled():
        task.exception()
