"""A full turn is lived once for each database, and its mails are read by many tests."""

from __future__ import annotations

import pytest

from floorday import db
from tests.calendar.turn import Left, full_turn
from tests.cast import make_cast

_lived: dict[str, list[Left]] = {}


@pytest.fixture
async def turn(database: object) -> list[Left]:
    """Every calendar mail of a booking's life, in order, as it left."""
    if db.dialect() not in _lived:
        _lived[db.dialect()] = await full_turn(await make_cast())
    return _lived[db.dialect()]
