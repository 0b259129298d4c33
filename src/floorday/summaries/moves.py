"""Guarded writes: whatever was read must still be so, else nothing is written.

Called by actions alone, inside their transaction.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from floorday.db import Insert, dialect, run_sql
from floorday.errors import Raced
from floorday.render.words import gettext as _
from floorday.summaries.queries.frozen import NEWEST
from floorday.summaries.queries.past import among
from floorday.summaries.tables import (
    Correction,
    IssueFold,
    IssueTale,
    Summary,
    SummaryMonth,
    SummaryReader,
    SummaryRows,
)

_LINES = 20_261_122
"""The lock under which lines get their numbers."""

_MONTH = Insert(SummaryMonth, "ON CONFLICT DO NOTHING RETURNING id")
_SUMMARY = Insert(Summary, "ON CONFLICT DO NOTHING RETURNING id")
_ROWS = Insert(SummaryRows)
_READER = Insert(SummaryReader, "ON CONFLICT DO NOTHING")
_CORRECTION = Insert(Correction)


async def begin(month: str, *, now: datetime) -> None:
    """Note the month before floorday ran, once."""
    await _MONTH(month=month, before_us=now)


async def known(month: str) -> None:
    """Let a month be on its way, if it is not yet."""
    await _MONTH(month=month)


async def preview(month: str, *, now: datetime) -> bool:
    """Note that a month was shown to the coordinator; False where that had been done."""
    await known(month)
    return bool(await SummaryMonth.update({SummaryMonth.previewed_at: now}).where(
        SummaryMonth.month == month, SummaryMonth.previewed_at.is_null(), SummaryMonth.before_us.is_null(),
    ).returning(SummaryMonth.id))  # fmt: skip


async def change(month: str, values: dict[Any, Any]) -> None:
    """Change what is said of a month that has not been begun."""
    await known(month)
    changed = await SummaryMonth.update(values).where(
        SummaryMonth.month == month, SummaryMonth.begun_at.is_null(), SummaryMonth.before_us.is_null(),
    ).returning(SummaryMonth.id)  # fmt: skip
    if not changed:
        raise Raced(_("This month has just been sent. Look at it again."))


async def send(month: str, *, now: datetime) -> datetime | None:
    """Begin to send a month, or go on; gives since when that is under way, None where it is held or has been sent."""
    await known(month)
    await SummaryMonth.update({SummaryMonth.begun_at: now}).where(
        SummaryMonth.month == month, SummaryMonth.begun_at.is_null(), SummaryMonth.held_at.is_null(),
        SummaryMonth.before_us.is_null())
    rows = await SummaryMonth.select(SummaryMonth.begun_at).where(
        SummaryMonth.month == month, SummaryMonth.begun_at.is_not_null(), SummaryMonth.sent_at.is_null())
    return rows[0]["begun_at"] if rows else None


async def done(month: str, *, now: datetime) -> None:
    """Note that every summary of a month has been sent."""
    await SummaryMonth.update({SummaryMonth.sent_at: now}).where(
        SummaryMonth.month == month, SummaryMonth.sent_at.is_null())


# --- as it was sent ------------------------------------------------------------------------------------------------


async def freeze(**values: Any) -> bool:
    """Write a subject's month; False where somebody has written it before."""
    return bool(await _SUMMARY(**values))


def rows_later(summary: UUID, name: str, kind: str, counted: bytes, in_whole: bytes) -> None:
    """Write which lines stand behind a figure, with what follows."""
    _ROWS.later(summary=summary, name=name, kind=kind, counted=counted, among=in_whole)


_COLUMNS = {
    "issue": "x.id, x.number, x.title, x.team, t.name, {id}, '', {at}, {at}, ''",
    "day": "x.id, NULL, '', s.team, t.name, x.manager, p.name, x.starts_at, x.ends_at, x.zone",
    "story": "x.id, NULL, '', x.team, t.name, {id}, '', x.at, {at}, ''",
}
"""What a new line says; PostgreSQL wants to know what kind of nothing stands in a column."""


async def keep_lines(kind: str, ids: Sequence[Any]) -> None:
    """Say what is shown of these things, where no line says it yet."""
    if dialect() == "postgres":
        await run_sql("SELECT pg_advisory_xact_lock({}) IS NULL AS held", _LINES)
    source, same = NEWEST[kind]
    nothing = {"id": "NULL", "at": "NULL"}
    if dialect() == "postgres":
        nothing = {"id": "CAST(NULL AS uuid)", "at": "CAST(NULL AS timestamp with time zone)"}
    columns = _COLUMNS[kind].format(**nothing)
    listed, arg = among(ids)
    await run_sql(
        "INSERT INTO summary_line (id, kind, thing, number, title, team, team_name, manager, manager_name, starts_at,"  # noqa: S608 - own words
        " ends_at, zone) SELECT (SELECT COALESCE(MAX(id), 0) FROM summary_line) + ROW_NUMBER() OVER (ORDER BY x.id),"
        f" '{kind}', {columns} {source} WHERE x.id IN ({listed})"
        f" AND NOT EXISTS (SELECT 1 FROM summary_line l WHERE l.thing = x.id AND {same})", arg)  # fmt: skip


async def correct(**values: Any) -> None:
    """Write down a notice about a month that was sent."""
    await _CORRECTION(**values)


# --- readers -------------------------------------------------------------------------------------------------------


async def reads(person: UUID, cut: str) -> UUID:
    """Give the name under which somebody gets a kind of summary, made where there is none."""
    await _READER(person=person, cut=cut)
    rows = await run_sql("SELECT id FROM summary_reader WHERE person = {} AND cut = {}", person, cut)
    found = rows[0]["id"]
    return found if isinstance(found, UUID) else UUID(str(found))


async def stop(reader: UUID, *, now: datetime) -> None:
    """Note that somebody wants no more of it; the first time counts."""
    await SummaryReader.update({SummaryReader.stopped_at: now}).where(
        SummaryReader.id == reader, SummaryReader.stopped_at.is_null())


async def go_on(person: UUID, cut: str) -> None:
    """Note that somebody wants it again."""
    await SummaryReader.update({SummaryReader.stopped_at: None}).where(
        SummaryReader.person == person, SummaryReader.cut == cut)


# --- folded pasts --------------------------------------------------------------------------------------------------

_FOLD = tuple(column._meta.name for column in IssueFold._meta.columns)  # pyright: ignore[reportPrivateUsage]
_TALE = tuple(column._meta.name for column in IssueTale._meta.columns)  # pyright: ignore[reportPrivateUsage]
_FOLD_LOCK_MS = "200"


async def keep_folds(rows: Sequence[Sequence[Any]], tales: Sequence[tuple[int, bytes]]) -> bool:
    """Keep folded pasts, where none of these issues has changed since it was read; else say so, having kept only some.

    Whoever wants to write to an issue comes first: on PostgreSQL this gives up (Busy) before they would be waited for.
    """
    if dialect() == "postgres":
        await run_sql("SELECT set_config('lock_timeout', {}, TRUE)", _FOLD_LOCK_MS)
    kept = await run_sql(
        f"INSERT INTO issue_fold ({', '.join(_FOLD)}) VALUES {_values(len(rows), len(_FOLD))}"  # noqa: S608 - own words
        f" ON CONFLICT (number) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _FOLD[2:])}"
        " WHERE issue_fold.turn = excluded.turn RETURNING number", *(value for row in rows for value in row))
    if len(kept) < len(rows):
        return False
    await run_sql(
        f"INSERT INTO issue_tale ({', '.join(_TALE)}) VALUES {_values(len(tales), len(_TALE))}"  # noqa: S608 - own words
        " ON CONFLICT (number) DO UPDATE SET tale = excluded.tale", *(value for row in tales for value in row))
    return True


def _values(rows: int, columns: int) -> str:
    return ", ".join([f"({', '.join(['{}'] * columns)})"] * rows)
