"""The cast at work: a day accepted, an issue raised."""

from __future__ import annotations

import pytest

from floorday import config
from tests.cast import Cast, make_cast


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now())
