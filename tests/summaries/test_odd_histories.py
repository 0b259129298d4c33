"""Small histories of odd things, brought in and asked for month by month."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from floorday import config, db
from floorday.people import queries as persons
from floorday.summaries.figures import window
from tests.api.house import Program, program
from tests.history.files import bring_in

HEADER = {"format": "floorday-history/1", "zone": "Europe/London"}


def places(**ids: str) -> list[dict[str, Any]]:
    """One team, one department, a coordinator, a manager and a member."""
    team, department = ids.get("team", "t"), ids.get("department", "d")
    manager = ids.get("manager", "m")
    zone = "Europe/London"
    return [
        {"type": "team", "id": team, "name": "Billing", "site": "Leeds", "zone": zone},
        {"type": "department", "id": department, "name": "IT"},
        {"type": "person", "id": "h", "name": "Eva", "email": "h@floor.example", "zone": zone,
         "roles": ["coordinator"]},
        {"type": "person", "id": manager, "name": "Max", "email": "m@floor.example", "zone": zone,
         "roles": ["manager"]},
        {"type": "person", "id": "p", "name": "Pia", "email": "p@floor.example", "zone": zone, "roles": ["member"],
         "team": team},
    ]  # fmt: skip


async def brought(*records: dict[str, Any], **ids: str) -> Program:
    """Bring a history in, and give the program that its coordinator asks with."""
    lines = [json.dumps(line).encode() for line in (HEADER, *places(**ids), *records)]
    await bring_in(lines, now=datetime(2026, 6, 1, tzinfo=UTC))
    (one,) = await db.run_sql("SELECT id FROM person WHERE email = 'h@floor.example'")
    actor = await persons.actor(one["id"])
    assert actor is not None
    assert config.now() > datetime(2026, 6, 1, tzinfo=UTC)
    return await program(actor, "read")


async def test_a_day_of_which_nothing_is_recorded_is_its_managers_and_so_are_its_stories(database: db.Engine) -> None:
    day = {"type": "day", "id": "y", "manager": "m", "team": "t", "start": "2026-02-02T09:00:00Z",
           "end": "2026-02-02T15:00:00Z", "events": []}  # fmt: skip
    story = {"type": "story", "id": "s", "at": "2026-03-02T09:00:00Z", "team": "t", "hero": "p", "text": "Good",
             "day": "y"}  # fmt: skip
    asks = await brought(day, story)
    (found,) = await asks.every("/people?external_id=m")
    march = (await asks.get(f"/summaries/manager/{found['id']}/2026-03")).json()["figures"]
    assert march["stories"] == {"value": 1}
    february = (await asks.get(f"/summaries/manager/{found['id']}/2026-02")).json()["figures"]
    assert (february["stories"], february["days_due"]) == ({"value": 0}, {"value": 0})


ODD = ["t 1", "%2F", "100%", "ünï", "日本", "e\u0301", "x" * 200, "a?b=1&c", "a#b", "..x",
       "0199031c-243f-7000-8000-00099f674b36"]  # fmt: skip


async def test_who_had_a_day_or_sponsors_an_issue_has_months_without_the_role_of_a_manager(
    database: db.Engine,
) -> None:
    at = "2026-02-02T09:00:00Z"
    day = {"type": "day", "id": "y", "manager": "p", "team": "t", "start": at, "end": "2026-02-02T15:00:00Z",
           "events": [{"at": "2026-01-02T09:00:00Z", "what": "accepted"}]}  # fmt: skip
    issue = {"type": "issue", "id": "i", "title": "Slow", "kind": "glitch", "team": "t", "sponsor": "h", "events": [],
             "notes": [{"at": at, "reporter": "p", "stream": "staff told", "text": "Slow"}]}  # fmt: skip
    nobody = {"type": "person", "id": "n", "name": "Nora", "email": "n@floor.example", "zone": "UTC", "roles": []}
    asks = await brought(day, issue, nobody)
    assert (await asks.get("/summaries/manager/p/2026-02")).json()["figures"]["days_due"] == {"value": 1}
    assert (await asks.get("/summaries/manager/h/2026-02")).json()["figures"]["issues_raised"] == {"value": 1}
    assert (await asks.get("/summaries/manager/m/2026-02")).json()["figures"]["days_due"] == {"value": 0}
    assert (await asks.get("/summaries/manager/n/2026-02")).status_code == 404


async def test_a_hero_is_found_by_the_id_as_the_file_spells_it(database: db.Engine) -> None:
    odd = "e\u0301 "
    story = {"type": "story", "id": "s", "at": "2026-03-02T09:00:00Z", "team": "t", "hero": odd, "text": "Good"}
    await brought(story, {**story, "id": "n", "hero": " Ane\u0301 "}, manager=odd)
    (found,) = await db.run_sql("SELECT p.name FROM story s JOIN person p ON p.id = s.hero")
    assert found["name"] == "Max"
    (named,) = await db.run_sql("SELECT hero_name FROM story WHERE hero IS NULL")
    assert named["hero_name"] == "An\u00e9"


@pytest.mark.parametrize("odd", ODD)
async def test_a_month_is_asked_for_by_our_id_or_by_the_id_of_the_file(database: db.Engine, odd: str) -> None:
    asks = await brought(team=odd, department=odd, manager=odd)
    for cut, path in (("team", "teams"), ("department", "departments"), ("manager", "people")):
        (found,) = await asks.every(f"/{path}?external_id={quote(odd, safe='')}")
        assert found["external_id"] == odd
        by_ours = await asks.get(f"/summaries/{cut}/{found['id']}/2026-05")
        by_theirs = await asks.get(f"/summaries/{cut}/{quote(odd, safe='')}/2026-05")
        assert by_theirs.json() == by_ours.json()
        assert by_ours.json()["subject"] == f"{cut}/{found['id']}"
    assert (await asks.get("/summaries/team/nobody/2026-05")).status_code == 404


def test_a_month_has_begun_with_its_first_instant_though_clocks_go_back_over_it() -> None:
    zone = ZoneInfo("America/St_Johns")  # on 2009-11-01 it was 00:01 once more 23:01
    started, again = datetime(2009, 11, 1, 2, 30, tzinfo=UTC), datetime(2009, 11, 1, 2, 45, tzinfo=UTC)
    assert again.astimezone(zone).date() == date(2009, 10, 31)
    november = window("2009-11", now=again, zone=zone)
    assert november is not None
    assert (november.start, november.end) == (started, again)
    assert window("2009-11", now=datetime(2009, 11, 1, 2, 29, tzinfo=UTC), zone=zone) is None
    assert window("9999-11", now=again, zone=zone) is None
