"""A program asks for each month of a known history, while the clock is set to a later year."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from floorday import config, db
from floorday.people import queries as persons
from tests.api.house import program
from tests.history.files import FOLDER, bring_in
from tests.summaries.history_file import expected
from tests.summaries.test_known_answers import close

LISTS = {"team": "teams", "manager": "people", "department": "departments"}


@pytest.fixture
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Iterator[str]:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setenv("FLOORDAY_CLOCK", "2027-06-01")
    monkeypatch.setenv("FLOORDAY_DATABASE", f"sqlite:///{tmp_path}/floorday.sqlite")
    monkeypatch.setenv("FLOORDAY_LMTP_LISTEN", "")
    monkeypatch.setenv("FLOORDAY_ZONE", expected(request.node.callspec.params["name"])["zone"])
    config.settings.cache_clear()
    yield "2027-06-01"
    config.settings.cache_clear()


@pytest.mark.parametrize("name", ["demo_year", "open-1"])
async def test_every_month_and_cut_is_answered_number_for_number(clock: str, database: db.Engine, name: str) -> None:
    known = expected(name)
    await bring_in((FOLDER / f"{name}.history.jsonl").read_bytes().splitlines(), now=config.now())
    (reader, *_) = await db.run_sql("SELECT person FROM grants WHERE role = 'head_of_service'")
    actor = await persons.actor(reader["person"])
    assert actor is not None
    asks = await program(actor, "read")
    subjects = {"company": "company"}
    for cut, path in LISTS.items():
        (found,) = await asks.every(f"/{path}?external_id={known['cuts'][cut]['id']}")
        subjects[cut] = f"{cut}/{found['id']}"
    wrong: list[str] = []
    for month, cuts in known["months"].items():
        for cut, figures in cuts.items():
            answer = (await asks.get(f"/summaries/{subjects[cut]}/{month}")).json()
            if not (answer["complete"] and answer["frozen_at"] is None and answer["figures"] == close(figures)):
                wrong.append(f"{month} {cut}")
    assert wrong == []
    assert (await asks.get("/summaries/company/2027-06")).json()["complete"] is False
    assert (await asks.get("/summaries/company/2027-07")).status_code == 404
