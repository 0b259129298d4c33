"""A program lets somebody go: it sees what hangs on them, chooses, and is told what is wrong."""

from __future__ import annotations

import pytest

from floorday import config
from floorday.issues import queries as issues
from floorday.people import queries as people
from tests.api.house import program
from tests.cast import Cast, make_cast
from tests.leavers.test_leaving import an_issue


@pytest.fixture
async def cast(database: object) -> Cast:
    return await make_cast(config.now())


async def test_a_program_sees_chooses_and_lets_go(cast: Cast) -> None:
    issue = await an_issue(cast)
    eva = await program(cast.eva)
    path = f"/people/{cast.ann.person}/leaving"
    (thing,) = (await eva.get(path)).json()["things"]
    assert (thing["kind"], thing["id"], thing["proposal"]) == ("sponsors", str(issue), str(cast.max.person))
    assert thing["candidates"] == [{"id": str(cast.max.person), "name": "Max Moor"}]
    wrong = await eva.post(path, hands=[{"kind": "sponsors", "id": str(issue), "to": str(cast.gus.person)}])
    assert wrong.status_code == 422
    assert f"sponsors/{issue}" in wrong.text
    unread = await eva.post(path, hands=[{"kind": "eats", "to": "x"}])
    assert unread.status_code == 422
    done = await eva.post(path, hands=[{"kind": "sponsors", "to": str(cast.max.person)}], reason="Ann moves on.")
    assert done.status_code == 200, done.text
    assert (done.json()["handed"], done.json()["cancelled"]) == (1, 0)
    assert (await issues.issue(None, issue)).sponsor == cast.max.person
    card = await people.person(cast.ann.person)
    assert card is not None
    assert card.left_at is not None
    assert (await eva.post(path)).status_code == 409


async def test_a_token_ends_with_whoever_it_stands_for(cast: Cast) -> None:
    ann, eva = await program(cast.ann), await program(cast.eva)
    assert (await ann.get("/shifts")).status_code == 200
    assert (await eva.post(f"/people/{cast.ann.person}/leaving")).status_code == 200
    assert (await ann.get("/shifts")).status_code == 401
