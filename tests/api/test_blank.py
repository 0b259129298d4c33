"""What has to be said is not said by blanks, and each field that is wrong is named at once."""

from __future__ import annotations

import pytest

from tests.api.house import program
from tests.cast import Cast

BLANK = {
    "/people": {"email": "new@floorday.example"}, "/teams": {}, "/departments": {},
    "/vendors": {"email": "x@firm.example"},
}  # fmt: skip


@pytest.mark.parametrize("path", BLANK)
@pytest.mark.parametrize("name", ["", " \t"])
async def test_a_name_of_blanks_is_none(cast: Cast, path: str, name: str) -> None:
    eva = await program(cast.eva)
    sent = BLANK[path] | ({"department": str(cast.it)} if path == "/vendors" else {})
    answer = await eva.post(path, **sent, name=name)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == ["name"]
    assert name not in [row["name"] for row in await eva.every(path)]


async def test_blanks_are_told_beside_what_else_is_wrong(cast: Cast) -> None:
    eva = await program(cast.eva)
    answer = await eva.post("/people", name=" ", email="nobody", zone="Mars", colour="red")
    assert [error["field"] for error in answer.json()["errors"]] == ["colour", "email", "name", "zone"]


async def test_a_department_has_no_tracker_any_more_when_nothing_is_said(cast: Cast) -> None:
    eva = await program(cast.eva)
    for said in ({"link_pattern": "https://t.example/{ref}"}, {"link_pattern": ""}, {}):
        assert (await eva.post(f"/departments/{cast.it}/tracker", **said)).status_code == 200
