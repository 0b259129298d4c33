"""SQLite's texts become what Piccolo would make of them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from piccolo.engine.sqlite import CONVERTERS

from floorday.db import uuid7
from floorday.db.cells import read_as_python

IDS = [str(uuid4()), str(uuid7()), str(UUID(int=0)), str(uuid4()).upper(), uuid4().hex]
TIMES = [
    "2026-11-22 14:30:00+00:00", "2026-11-22 14:30:00.000001+00:00", "2026-11-22T14:30:00Z", "2026-11-22 14:30:00",
    "2026-11-22 14:30:00.5+02:00", str(datetime.max.replace(tzinfo=UTC)), str(datetime.now(UTC) - timedelta(days=9999)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "texts"), [("UUID", IDS), ("TIMESTAMPTZ", TIMES), ("BOOLEAN", ["0", "1"])])
def test_a_cell_is_what_piccolo_makes_of_it(kind: str, texts: list[str]) -> None:
    read_as_python()
    with sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES) as raw:
        raw.execute(f"CREATE TABLE cells (n INTEGER, cell {kind})")
        raw.executemany("INSERT INTO cells VALUES (?, ?)", [*enumerate(texts), (len(texts), None)])
        found = [cell for (cell,) in raw.execute("SELECT cell FROM cells ORDER BY n")]
    raw.close()
    expected = [CONVERTERS[kind](text) for text in texts]
    assert found == [*expected, None]
    assert [type(cell) for cell in found[:-1]] == [type(cell) for cell in expected]
    assert [getattr(cell, "tzinfo", None) for cell in found[:-1]] == [getattr(one, "tzinfo", None) for one in expected]
