"""Guarded writes of the register: whatever was read must still be so. Called by actions alone, in their transaction."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Piccolo's columns are typed Any.)

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from floorday.db import violated
from floorday.errors import BadInput, Raced
from floorday.issues.tables import Measure, MeasureEvent
from floorday.measures import queries
from floorday.render.words import gettext as _


@asynccontextmanager
async def _named_once() -> AsyncGenerator[None]:
    """Say in words that the department has a measure of this name."""
    try:
        yield
    except Exception as error:
        if violated(error) != "measure_named_once":
            raise
        wrong = _("This department has a measure of this name already.")
        raise BadInput(wrong, fields={"name": wrong}) from error


async def insert(row: Measure) -> None:
    """Write a new measure."""
    async with _named_once():
        await Measure.insert(row)


async def record(row: MeasureEvent) -> None:
    """Write a line of history."""
    await MeasureEvent.insert(row)


async def save(measure: queries.Measure, values: dict[Any, Any]) -> None:
    """Change a measure that still stands as it was read; else somebody was faster."""
    async with _named_once():
        saved = await Measure.update({**values, Measure.version: measure.version + 1}).where(
            Measure.id == measure.id, Measure.version == measure.version).returning(Measure.id)
    if not saved:
        raise Raced(_("Somebody else has just changed this measure. Look at it again."))
