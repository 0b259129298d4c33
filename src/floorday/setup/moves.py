"""Guarded writes of an import, inside the caller's transaction."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any
from uuid import UUID

from piccolo.columns import Column
from piccolo.table import Table

from floorday.db import violated
from floorday.errors import Raced
from floorday.people.tables import ApiToken, Session
from floorday.render.words import gettext as _
from floorday.setup.tables import SheetImport

CHUNK = 500
"""Rows of one statement; with the widest table that stays well below what either database takes."""


async def keep(row: SheetImport) -> None:
    """Keep an upload instead of the one of the same kind that its person has not imported."""
    earlier = (SheetImport.person == row.person) & (SheetImport.subject == row.subject) & SheetImport.done_at.is_null()
    await SheetImport.delete().where(earlier)
    await SheetImport.insert(row)


async def claim(sheet_id: UUID, *, now: datetime) -> bool:
    """Take an upload to import it; False when somebody did already."""
    taken = SheetImport.update({SheetImport.done_at: now, SheetImport.sheet: ""}).where(
        (SheetImport.id == sheet_id) & SheetImport.done_at.is_null()
    )
    return bool(await taken.returning(SheetImport.id))


async def settle(sheet_id: UUID, wrote: str) -> None:
    """Keep what an import wrote."""
    await SheetImport.update({SheetImport.wrote: wrote}).where(SheetImport.id == sheet_id)


async def claim_undo(sheet_id: UUID, *, now: datetime) -> bool:
    """Take an import to undo it; False when that was done already."""
    taken = SheetImport.update({SheetImport.undone_at: now, SheetImport.wrote: ""}).where(
        (SheetImport.id == sheet_id) & SheetImport.done_at.is_not_null() & SheetImport.undone_at.is_null()
    )
    return bool(await taken.returning(SheetImport.id))


async def forget(before: datetime) -> None:
    """Forget what was uploaded or imported before then."""
    await SheetImport.delete().where(SheetImport.created_at < before)


async def insert(rows: Sequence[Table]) -> None:
    """Store new rows of one table; one that somebody else has stored meanwhile is `Raced`."""
    try:
        for first in range(0, len(rows), CHUNK):
            await type(rows[0]).insert(*rows[first : first + CHUNK])
    except Exception as error:
        if violated(error) is None:
            raise
        raise _changed() from error


async def change(
    table: type[Table], row_id: UUID, values: dict[Column | str, Any], *, before: Mapping[str, Any]
) -> None:
    """Change columns of a row that still says what it said; else it is `Raced`."""
    column = {one._meta.name: one for one in table._meta.columns}  # pyright: ignore[reportPrivateUsage]
    same = [column[name].is_null() if held is None else column[name] == held for name, held in before.items()]
    wanted = reduce(and_, same, column["id"] == row_id)
    try:
        done = await table.update(values).where(wanted).returning(column["id"])
    except Exception as error:
        if violated(error) is None:
            raise
        raise _changed() from error
    if not done:
        raise _changed()


def _changed() -> Raced:
    return Raced(_("Somebody changed the same people or places at this moment. Look again; nothing was written."))


async def drop(table: type[Table], ids: Sequence[UUID]) -> bool:
    """Delete rows by id; False where something else holds on to one of them, which ends the transaction."""
    key = next(one for one in table._meta.columns if one._meta.name == "id")  # pyright: ignore[reportPrivateUsage]
    try:
        for first in range(0, len(ids), CHUNK):
            await table.delete().where(key.is_in(list(ids[first : first + CHUNK])))
    except Exception as error:
        if violated(error) is None:
            raise
        return False
    return True


async def end_sessions(persons: Sequence[UUID], *, now: datetime) -> None:
    """End every session of these persons, and every token they made for the API."""
    for first in range(0, len(persons), CHUNK):
        some = list(persons[first : first + CHUNK])
        await ApiToken.update({ApiToken.revoked_at: now}).where(
            ApiToken.person.is_in(some) & ApiToken.revoked_at.is_null()
        )
        await Session.update({Session.ended_at: now}).where(Session.person.is_in(some) & Session.ended_at.is_null())


