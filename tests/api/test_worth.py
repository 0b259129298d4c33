"""What an issue costs, hard ones and friction for programs; friction of a known past adds up."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from floorday import config
from floorday.issues import queries
from floorday.issues.actions.steps import today
from floorday.issues.queries import Filters, Wanted
from floorday.issues.queries.friction import YEAR
from floorday.issues.rules import Ending, PromiseState
from floorday.issues.tables import Issue
from floorday.people.access import Actor, Grant, Role
from tests.api.house import program
from tests.cast import Cast
from tests.history.files import FOLDER, bring_in
from tests.site import whole_app


@pytest.fixture
def now() -> datetime:
    return config.now().replace(microsecond=0)


async def test_cost_is_said_filtered_and_hidden(cast: Cast) -> None:
    app = whole_app()
    fay, eva, cleo = [await program(who, app=app) for who in (cast.fay, cast.eva, cast.cleo)]
    made = await fay.post(
        "/notes", None, text="Refunds wait", stream="staff told", team=str(cast.billing), minutes_per_case=6,
        cases_per_month=400, reputation=2)  # fmt: skip
    assert made.status_code == 201, made.text
    path = f"/issues/{made.json()['issue']}"
    shown = (await fay.get(path)).json()
    assert (shown["hours_lost"], shown["gain"], shown["reputation"], shown["effort"]) == (40.0, "much", 2, "")
    assert (await fay.post("/notes", None, text="More", stream="staff told", team=str(cast.billing),
                           reputation=5)).status_code == 422  # fmt: skip
    refused = await fay.post(f"{path}/measure", None, minutes_per_case=6, cases_per_month=400, effort="small")
    assert refused.status_code == 403
    assert "coordinator and the department" in refused.json()["detail"]
    done = await eva.post(f"{path}/measure", None, minutes_per_case=3, cases_per_month=400, effort="small")
    assert (done.json()["effort"], done.json()["reputation"], done.json()["hours_lost"]) == ("small", 2, 20.0)
    cleared = await eva.post(f"{path}/measure", None, minutes_per_case=3, cases_per_month=400, reputation=None)
    assert (cleared.json()["effort"], cleared.json()["reputation"]) == ("small", None)
    assert "our name: several customers complain" in cleared.json()["history"][-1]["text"]
    for query, found in (("effort=small", 1), ("effort=large", 0), ("effort=unsaid", 0), ("gain=some", 1),
                         ("gain=much", 0), ("reputation=1", 0)):  # fmt: skip
        assert len((await fay.get(f"/issues?{query}")).json()["items"]) == found, query
        assert (await cleo.get(f"/issues?{query}")).json()["items"] == [], query
    face = (await cleo.get(path)).json()
    assert face["whole"] is False
    assert {face[name] for name in ("effort", "hours_lost", "gain", "reputation", "returns")} == {None}


async def test_hard_ones_are_picked_and_exchanged(cast: Cast, now: datetime) -> None:
    app = whole_app()
    hana, fay = await program(cast.hana, app=app), await program(cast.fay, app=app)
    eva = await program(cast.eva, app=app)
    month, ids = f"{today(now):%Y-%m}", list[str]()
    for n in range(3):
        made = await fay.post("/notes", None, text=f"Hard {n}", stream="staff told", team=str(cast.billing))
        ids.append(made.json()["issue"])
        assert (await eva.post(f"/issues/{ids[-1]}/sponsor", None, sponsor=str(cast.ann.person))).status_code == 200
        assert (await eva.post(f"/issues/{ids[-1]}/measure", None, effort="large")).status_code == 200
    for n in (0, 1):
        assert (await hana.post("/hard-ones", None, month=month, issue=ids[n])).status_code == 200
    third = await hana.post("/hard-ones", None, month=month, issue=ids[2])
    assert (third.status_code, "Exchange one of them" in third.json()["detail"]) == (409, True)
    done = await hana.post("/hard-ones/exchange", None, month=month, issue=ids[2], out=ids[0], because="It is stuck")
    assert [one["id"] for one in done.json()["items"]] == [ids[2], ids[1]]
    assert [one["id"] for one in (await fay.get("/hard-ones")).json()["items"]] == [ids[2], ids[1]]
    assert (await fay.get("/hard-ones?month=2020-01")).json() == {"month": "2020-01", "items": []}
    assert (await fay.get("/hard-ones?month=2020-13")).status_code == 422
    friction = (await fay.get("/friction")).json()
    assert friction["open"] == 3
    assert [(one["department"], one["team"], one["open"]) for one in friction["items"]] == [
        (None, str(cast.billing), 3)]


async def test_friction_of_a_known_past_adds_up(database: object) -> None:
    at, zone = datetime(2026, 6, 1, tzinfo=UTC), ZoneInfo("Europe/London")
    await bring_in((FOLDER / "open-1.history.jsonl").read_bytes().splitlines(), now=at)
    reader = Actor(person=UUID(int=7), name="Eva", email="eva@x.example", grants=frozenset({Grant(Role.COORDINATOR)}))
    links = await queries.friction(reader, now=at, zone=zone)
    rows = await queries.board(reader, Filters(limit=100_000))
    counted = Counter((row.department, row.team) for row in rows)
    assert {(one.department, one.team): one.n for one in links if one.n} == counted
    assert sum(one.hours for one in links) == pytest.approx(sum(row.hours or 0 for row in rows))
    for one in links:
        ages = sorted(row.raised_at for row in rows if (row.department, row.team) == (one.department, one.team))
        if ages:
            middle = ages[(len(ages) - 1) // 2], ages[len(ages) // 2]
            assert one.median == middle[0] + (middle[1] - middle[0]) / 2
    joined = {row["id"] for row in await Issue.select(Issue.id).where(Issue.ending == Ending.JOINED.value)}
    day = at.astimezone(zone).date()
    promises = await queries.listed_promises(
        reader, Wanted(what="promised", limit=100_000, due_from=day - YEAR, due_before=day), state=PromiseState.BROKEN,
        zone=zone, now=at)  # fmt: skip
    assert sum(one.broken for one in links) == sum(row.issue not in joined for row in promises) > 0
