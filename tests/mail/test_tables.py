"""The database itself keeps the promises of mail."""

from __future__ import annotations

import pytest

from floorday.db import dialect, run_sql
from floorday.mail.tables import GUARDS


@pytest.mark.usefixtures("database")
async def test_every_guard_is_in_the_migrated_database():
    asked = ("SELECT name FROM sqlite_master WHERE type = 'index'" if dialect() == "sqlite"
             else "SELECT indexname AS name FROM pg_indexes")
    there = {row["name"] for row in await run_sql(asked)}
    wanted = {sentence.split(" INDEX ")[1].split()[0] for sentence in GUARDS}
    assert wanted <= there
