"""Guarded writes of teams' public pages. Called by actions alone, inside their transaction."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from floorday.db import dialect, run_sql
from floorday.public.queries import Page
from floorday.public.tables import PublicLine, PublicPage


async def hold(team: UUID) -> None:
    """Let nobody else change a team's page until this transaction ends."""
    if dialect() == "postgres":  # SQLite has one writer, and needs nothing
        await run_sql("SELECT id FROM team WHERE id = {} FOR UPDATE", team)


async def insert(row: PublicPage) -> UUID:
    """Write the page of a team that has had none, and give its id."""
    await PublicPage.insert(row)
    return row.id


async def put_on(page: UUID, *, by: UUID, generation: int, now: datetime) -> None:
    """Let everybody with the address read a page."""
    values: dict[Any, Any] = {PublicPage.on_at: now, PublicPage.on_by: by, PublicPage.generation: generation}
    await PublicPage.update(values).where(PublicPage.id == page)


async def renew(page: UUID, *, generation: int) -> None:
    """Count one address more."""
    await PublicPage.update({PublicPage.generation: generation}).where(PublicPage.id == page)


async def put_off(page: UUID) -> None:
    """Let nobody read a page."""
    await PublicPage.update({PublicPage.on_at: None}).where(PublicPage.id == page)


async def write(page: UUID, said: str, *, now: datetime) -> None:
    """Keep what a page tells."""
    await PublicPage.update({PublicPage.said: said, PublicPage.written_at: now}).where(PublicPage.id == page)


async def write_once(page: Page, said: str, *, now: datetime) -> bool:
    """Keep what a page tells, if nobody has written it since it was read."""
    written = await PublicPage.update({PublicPage.said: said, PublicPage.written_at: now}).where(
        PublicPage.id == page.id, PublicPage.written_at == page.written_at, PublicPage.on_at.is_not_null()
    ).returning(PublicPage.id)  # fmt: skip
    return bool(written)


async def agree(page: UUID, lines: Collection[PublicLine]) -> None:
    """Keep which issues may be listed; those agreed before under the same title stay as they are."""
    await PublicLine.delete().where(PublicLine.page == page)
    if lines:
        await PublicLine.delete().where(PublicLine.issue.is_in(sorted(line.issue for line in lines)))
        await PublicLine.insert(*lines)
