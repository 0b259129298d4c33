"""A month becomes what it will always have been: its figures, what stands behind them, and what is told beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from floorday.config import settings
from floorday.db import transaction, uuid7
from floorday.summaries import figures, moves, queries, rules
from floorday.summaries.figures import Figure, Month, Pulse, Subject
from floorday.summaries.queries import Cause, Frozen, Restated, Taken, Told

A_PART = 5000
"""So many lines are kept in one transaction: nobody else waits longer than for these."""

VISITS = 6
"""Of so many months, the last among them, it is told who came."""

KEPT_KINDS = ("issue", "day", "story")
"""Of persons the number alone is kept: some of those who are counted hide their name."""


class Draft(Struct, frozen=True):
    """A month as it would be sent now."""

    month: Month
    told: Told

    def numbers(self) -> dict[str, dict[str, Any]]:
        """Give the figures as the API answers them."""
        return figures.numbers(self.month)


async def draft(subject: Subject, month: str, *, now: datetime) -> Draft | None:
    """Count a month as it would be sent now; None where it has not begun. Raises ValueError when it is no month."""
    zone = ZoneInfo(settings().zone)
    if figures.window(month, now=now, zone=zone) is None:
        return None
    earlier = await queries.frozen_among(subject, rules.twelve_before(month))
    sent = {one.month: one.numbers() for one in earlier}
    twelve = rules.twelve_before(month)
    wanted = [name for name in dict.fromkeys((*twelve[-1:], *twelve[:1])) if name not in sent]
    taken = await queries.taken(
        subject, month, beside=wanted, pulses=[name for name in twelve[1:] if name not in sent], earlier=list(sent),
        held=twelve[-VISITS + 1 :], now=now, zone=zone)  # fmt: skip
    if taken is None:
        return None
    counted = {name: figures.numbers(one) for name, one in taken.others.items() if not empty(one)}
    known = counted | sent
    topics = await queries.topics(subject, taken.month, now=now)
    beside = await queries.beside(subject, taken.month, now=now)
    pulses = taken.pulses | {name: figures.pulse_of(name, numbers) for name, numbers in sent.items()}
    pulses[month] = figures.pulse_of(month, figures.numbers(taken.month))
    before, year_before = rules.month_before(month), twelve[0] if twelve else ""
    was = known.get(before, {})
    return Draft(taken.month, Told(
        before=before if was else "", was=_compared(was),
        year_before=year_before if year_before in known else "", year_was=_compared(known.get(year_before, {})),
        year=_begun([pulses[name] for name in (*twelve[1:], month) if name in pulses]),
        fixed=topics.fixed, decisions=topics.decisions, returned=topics.returned, reds=beside.reds,
        quick=beside.quick, hard=beside.hard, stories=beside.stories, came=beside.came,
        visit_months=tuple(taken.held), visits=await queries.visits(subject, taken.held),
        restated=tuple(await restated(taken, earlier)), empty=empty(taken.month),
    ))  # fmt: skip


def _compared(numbers: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: numbers[name] for name in numbers if name not in {"cohorts", "friction"}}


def _begun(year: Sequence[Pulse]) -> tuple[Pulse, ...]:
    """Leave out the months before anything was."""
    first = next((at for at, one in enumerate(year) if one), len(year))
    return tuple(year[first:])


def empty(month: Month) -> bool:
    """Say whether there is nothing to tell of."""
    return figures.is_empty(month)


# --- what changed since --------------------------------------------------------------------------------------------


async def restated(taken: Taken, earlier: Sequence[Frozen]) -> list[Restated]:
    """Say of earlier months what they said and what it is now, where that has not been told yet."""
    told = {(line.month, line.name): line.now for one in earlier for line in one.words().restated}
    found: list[Restated] = []
    for one in earlier:
        numbers = one.numbers()
        for name, figure in taken.recounts.get(one.month, {}).items():
            value, said = int(figure.value or 0), int(numbers[name]["value"])
            if value != told.get((one.month, name), said):
                found.append(Restated(one.month, name, said, value, await _causes(taken, one, name, figure)))
    return found


async def changes(taken: Taken, one: Frozen) -> list[Restated]:
    """Say of one month what it said and what it is now, told already or not."""
    numbers = one.numbers()
    return [
        Restated(one.month, name, said, value, await _causes(taken, one, name, figure))
        for name, figure in taken.recounts[one.month].items()
        if (value := int(figure.value or 0)) != (said := int(numbers[name]["value"]))
    ]


async def _causes(taken: Taken, one: Frozen, name: str, figure: Figure) -> tuple[Cause, ...]:
    was = await queries.things(one.id, name)
    edges = figures.window(one.month, now=taken.month.ends, zone=ZoneInfo(one.zone))
    since = edges.end if edges else taken.month.ends
    others = figures.turned(was, figure.rows)
    trails = await queries.trails(others) if figure.kind == "issue" and others else {}
    turns = figures.turns(trails, was, figure.rows, since)
    if figure.kind == "day":
        days = {queries.raw(line.id): line for line in await queries.day_lines([turn.thing for turn in turns])}
        return tuple(Cause(what="day", at=day.starts_at, team=day.team_name)
                     for turn in turns if (day := days.get(turn.thing)))  # fmt: skip
    issues = [turn.thing for turn in turns if figure.kind == "issue"]
    lines = {queries.raw(line.id): line for line in await queries.issue_lines(issues)} if issues else {}
    return tuple(
        Cause(line.id if line else None, line.number if line else None, turn.what, turn.at)
        for turn in turns for line in [lines.get(turn.thing)]
    )  # fmt: skip


# --- what stands behind figures ------------------------------------------------------------------------------------


class Kept(Struct, frozen=True):
    """Which lines stand behind one figure, packed."""

    name: str
    kind: str
    counted: bytes
    among: bytes


async def kept(month: Month) -> list[Kept]:
    """Keep what is shown of everything that was counted, and say which lines stand behind each figure."""
    behind = {name: figure for name, figure in month.figures.items() if figure.kind in KEPT_KINDS}
    behind["cohorts"] = Figure(None, rows=_all(cohort.raised for cohort in month.cohorts))
    behind["friction"] = Figure(None, rows=_all(one.rows for one in month.friction))
    numbers: dict[Any, int] = {}
    for kind in KEPT_KINDS:
        mine = [figure for figure in behind.values() if figure.kind == kind]
        numbers |= await _lines(kind, list(dict.fromkeys(_all((*one.rows, *one.among) for one in mine))))

    def pack() -> list[Kept]:
        return [
            Kept(name, figure.kind, _packed(figure.rows, numbers), _packed(figure.among, numbers))
            for name, figure in behind.items() if figure.rows or figure.among
        ]  # fmt: skip

    return await asyncio.to_thread(pack)


def _all(parts: Iterable[Iterable[Any]]) -> tuple[Any, ...]:
    return tuple(id for part in parts for id in part)


def _packed(ids: Sequence[Any], numbers: dict[Any, int]) -> bytes:
    return rules.packed([numbers[id] for id in ids if id in numbers])


async def _lines(kind: str, ids: list[Any]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for first in range(0, len(ids), A_PART):
        part = ids[first : first + A_PART]
        known = await queries.lines_of(kind, part)
        if len(known) < len(part):
            async with transaction():
                await moves.keep_lines(kind, part)
            known = await queries.lines_of(kind, part)
        found |= known
    return found


class Comment(Struct, frozen=True):
    """What the head of service says to a month."""

    text: str = ""
    by: UUID | None = None
    name: str = ""


async def preliminary(subject: Subject, name: str, month: str, *, now: datetime) -> Frozen | None:
    """Say how a month that was not sent would stand if it were sent now; None where it has not begun.

    Raises ValueError when it is no month.
    """
    made, row = await draft(subject, month, now=now), await queries.way(month)
    if made is None:
        return None
    said = Comment(row.comment, row.commented_by, row.commented_name or "") if row else Comment()
    return as_sent(made, said, at=now, whose=queries.Whose(subject, name))


def as_sent(made: Draft, comment: Comment, *, at: datetime, whose: queries.Whose | None = None) -> Frozen:
    """Say how a month would stand as it was sent."""
    subject = whose.subject if whose else figures.COMPANY
    return Frozen(
        id=uuid7(), month=made.month.month, key=queries.key_of(subject), name=whose.name if whose else "",
        zone=made.month.zone, frozen_at=at, figures=msgspec.json.encode(made.numbers()).decode(),
        told=msgspec.json.encode(made.told).decode(), comment=comment.text, commented_name=comment.name, corrections=0,
    )  # fmt: skip


async def write(
    whose: queries.Whose, made: Draft, behind: Sequence[Kept], comment: Comment, *, at: datetime
) -> Frozen | None:
    """Write a month as it is sent, inside the transaction that sends it; None where somebody has done so before."""
    one = as_sent(made, comment, at=at, whose=whose)
    new = await moves.freeze(
        id=one.id, month=one.month, key=one.key, subject=whose.subject.id, name=one.name, zone=one.zone,
        frozen_at=at, figures=one.figures, told=one.told, comment=one.comment, commented_by=comment.by,
        commented_name=one.commented_name,
    )  # fmt: skip
    if not new:
        return None
    for part in behind:
        moves.rows_later(one.id, part.name, part.kind, part.counted, part.among)
    return one
