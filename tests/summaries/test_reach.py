"""What a month leaves out changes none of its figures: read from the database, and told in full."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from floorday import db
from floorday.people.tables import Department, Person, Team
from floorday.summaries import actions, queries
from floorday.summaries.figures import (
    COMPANY,
    History,
    Ledger,
    Month,
    Subject,
    month,
    numbers,
    window,
)
from floorday.summaries.queries.history import Wanted, found
from tests.history.files import bring_in
from tests.summaries.history_file import KINDS, fact
from tests.summaries.long_history import lines
from tests.summaries.test_known_answers import close

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2030, 6, 14, 12, tzinfo=UTC)
MONTHS = ("2023-02", "2024-03", "2025-10", "2026-07", "2026-08", "2027-01", "2030-06")
MORE = tuple(f"{year}-{number:02d}" for year in (2024, 2025, 2026, 2027, 2028) for number in (1, 4, 6, 9, 11, 12))
"""Months of the company alone: the more are asked for, the more of what is left out would be missed."""


def whole_history(file: list[bytes]) -> Ledger:
    """Tell everything, as the file has it."""
    told: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for line in map(json.loads, file[1:]):
        if (kind := line.pop("type")) in KINDS:
            told[kind].append(fact(kind, line))
    return Ledger(History(*(tuple(told[kind]) for kind in ("team", "department", "day", "issue", "story"))))


async def ids_of(table: Any) -> dict[str, Any]:
    return {row["external_id"]: row["id"] for row in await table.select(table.external_id, table.id)}


def rows_of(answer: Month) -> dict[str, Any]:
    """Give how many rows stand behind each figure, in the part and in the whole."""
    return {name: (len(figure.rows), len(figure.among)) for name, figure in answer.figures.items()}


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_figure_of_a_long_history_is_as_if_all_of_it_were_told(database: db.Engine, seed: int) -> None:
    file = lines(seed, issues=240)
    await bring_in(file, now=NOW)
    everything = whole_history(file)
    here = {"team": await ids_of(Team), "manager": await ids_of(Person), "department": await ids_of(Department)}
    subjects: list[tuple[Any, Any]] = [(COMPANY, COMPANY)]
    for cut, ids in here.items():
        subjects += [(Subject(cut, known), Subject(cut, ids[known])) for known in sorted(ids)[:2]]
    asked = [(text, *subject) for text in MONTHS for subject in subjects]
    for text, known, ours in asked + [(text, COMPANY, COMPANY) for text in MORE]:
        expected = month(everything, known, text, now=NOW, zone=BERLIN)
        (answer,) = (await queries.counted(ours, (text,), now=NOW, zone=BERLIN)).months
        assert expected is not None
        assert answer is not None
        assert numbers(answer) == close(numbers(expected)), (text, known)
        assert rows_of(answer) == rows_of(expected), (text, known)


async def test_months_counted_together_are_as_if_counted_alone(database: db.Engine) -> None:
    await bring_in(lines(3, issues=120), now=NOW)
    together = await queries.counted(COMPANY, ("2026-07", "2025-06", "2026-06"), now=NOW, zone=BERLIN)
    for answer in together.months:
        assert answer is not None
        alone = (await queries.counted(COMPANY, (answer.month,), now=NOW, zone=BERLIN)).months[0]
        assert alone is not None
        assert numbers(answer) == numbers(alone)
        assert rows_of(answer) == rows_of(alone)


async def test_what_came_to_rest_long_ago_is_told_together_and_the_rest_is_not(database: db.Engine) -> None:
    """Without this the tests above would hold even if nothing were ever left out."""
    await bring_in(lines(4, issues=160), now=NOW)
    edges = window("2026-07", now=NOW, zone=BERLIN)
    assert edges is not None
    told = await found(Wanted(COMPANY, (edges,)))
    (view,) = told.months
    settled = sum(group.count for group in view.rested)
    assert settled > 30
    assert settled == sum(len(group.ids) for group in view.rested)
    assert {group.state for group in view.rested} == {"confirmed", "unconfirmed", "cannot", "declined"}
    assert {one.state for one in view.seen} == {"open", "waiting", "confirmed", "unconfirmed", "cannot", "declined"}
    assert 10 < len(told.full) < 80
    assert not {id for group in view.rested for id in group.ids} & set(told.full)


async def test_what_is_not_folded_is_told_in_full(database: db.Engine) -> None:
    await bring_in(lines(4, issues=160), now=NOW)
    await db.run_sql("DELETE FROM issue_fold")
    edges = window("2026-07", now=NOW, zone=BERLIN)
    assert edges is not None
    assert len((await found(Wanted(COMPANY, (edges,)))).full) == 160
    assert await actions.fold() == 160
    assert await actions.fold() == 0
    assert len((await found(Wanted(COMPANY, (edges,)))).full) < 80
