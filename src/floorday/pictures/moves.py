"""Guarded writes of pictures. Called by actions alone, inside their transaction."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from floorday.db import dialect, run_sql
from floorday.errors import Raced
from floorday.people.tables import Agreement, Statement
from floorday.render.words import gettext as _


async def hold(team: UUID) -> None:
    """Let nobody else change a team's picture until this transaction ends."""
    if dialect() == "postgres":  # SQLite has one writer, and needs nothing
        await run_sql("SELECT id FROM team WHERE id = {} FOR UPDATE", team)


async def insert(*rows: Statement) -> None:
    """Write new statements."""
    if rows:
        await Statement.insert(*rows)


async def agreed(row: Agreement) -> None:
    """Write an agreement."""
    await Agreement.insert(row)


async def begin(ids: Collection[UUID], agreement: UUID) -> None:
    """Let proposed statements become part of the picture."""
    if ids:
        await Statement.update({Statement.agreement: agreement}).where(
            Statement.id.is_in(sorted(ids)), Statement.agreement.is_null())


async def order(ids: Sequence[UUID]) -> None:
    """Put statements into an order."""
    for place, one in enumerate(ids, start=1):
        await Statement.update({Statement.place: place}).where(Statement.id == one)


async def retire(ids: Collection[UUID], *, on: date, by: UUID | None) -> None:
    """Retire statements that are not; raise Raced where one was meanwhile."""
    if not ids:
        return
    gone = await Statement.update({Statement.retired_on: on, Statement.retired_by: by}).where(
        Statement.id.is_in(sorted(ids)), Statement.retired_on.is_null()).returning(Statement.id)
    if len(gone) != len(ids):
        raise Raced(_("Somebody else has just changed this picture. Look at it again."))


async def bring_back(statement: UUID, *, place: int) -> None:
    """Let a retired statement stand again."""
    back = await Statement.update(
        {Statement.retired_on: None, Statement.retired_by: None, Statement.place: place}
    ).where(Statement.id == statement, Statement.retired_on.is_not_null()).returning(Statement.id)
    if not back:
        raise Raced(_("Somebody else has just changed this picture. Look at it again."))


async def reword(statement: UUID, *, was: str, text: str) -> None:
    """Say a statement better that still says what was read."""
    saved = await Statement.update({Statement.text: text}).where(
        Statement.id == statement, Statement.text == was).returning(Statement.id)
    if not saved:
        raise Raced(_("Somebody else has just changed this picture. Look at it again."))
