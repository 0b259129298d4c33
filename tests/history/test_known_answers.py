"""The files whose figures are known give the same figures once they have come in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from floorday import db
from floorday.history import actions
from floorday.mail.tables import Letter
from floorday.people.tables import Department, Person, Team
from floorday.summaries import queries
from floorday.summaries.figures import Subject, numbers
from tests.history.files import FOLDER, bring_in, gave_out
from tests.summaries.history_file import expected
from tests.summaries.test_known_answers import close

NOW = datetime(2027, 6, 1, tzinfo=UTC)
CUTS: dict[str, Any] = {"team": Team, "manager": Person, "department": Department}


async def wrong(name: str) -> list[str]:
    """Name every month and cut whose figures, counted from the database, are not the known ones."""
    known, zone = expected(name), ZoneInfo(expected(name)["zone"])
    subjects = {"company": Subject("company", None)}
    for cut, table in CUTS.items():
        row = await table.select(table.id).where(table.external_id == known["cuts"][cut]["id"]).first()
        subjects[cut] = Subject(cut, row["id"])
    found: list[str] = []
    for text, cuts in known["months"].items():
        for cut, figures in cuts.items():
            answer = (await queries.counted(subjects[cut], (text,), now=NOW, zone=zone)).months[0]
            assert answer is not None
            if numbers(answer) != close(figures):
                found.append(f"{text} {cut}")
    return found


@pytest.mark.parametrize("name", ["demo_year", "open-1"])
async def test_a_known_history_gives_its_known_figures_and_does_so_again_when_given_out(
    database: db.Engine, sqlite_url: str, name: str
) -> None:
    file = (FOLDER / f"{name}.history.jsonl").read_bytes().splitlines()
    await bring_in(file, now=NOW)
    assert await wrong(name) == []
    assert await Letter.count() == 0
    lines = await gave_out(now=NOW)
    other = db.make_engine(sqlite_url.replace("floorday.sqlite", "other.sqlite"))
    db.bind(other)
    await db.migrate()
    await db.open_pools()
    await bring_in(lines, now=NOW)
    assert await wrong(name) == []
    assert sorted(await gave_out(now=NOW)) == sorted(lines)
    await other.close_connection_pool()


async def test_a_figure_that_is_a_minute_off_is_seen(database: db.Engine) -> None:
    await bring_in((FOLDER / "open-1.history.jsonl").read_bytes().splitlines(), now=NOW)
    await db.run_sql("UPDATE story SET at = {}", datetime(2024, 1, 1, tzinfo=UTC))
    assert await wrong("open-1") != []


async def test_a_history_comes_in_once(database: db.Engine) -> None:
    file = (FOLDER / "open-1.history.jsonl").read_bytes().splitlines()
    await bring_in(file, now=NOW)
    with pytest.raises(actions.BadHistory) as refused:
        await bring_in(file, now=NOW)
    assert {fault.line for fault in refused.value.faults} == set(range(2, len(file) + 1))
