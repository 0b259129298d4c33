"""What an import writes to be looked for is what the same issues would have got one by one."""

from __future__ import annotations

from typing import Any

import pytest

from floorday import db
from floorday.db import folding
from floorday.history import actions as history
from floorday.issues import actions, queries
from floorday.issues.queries import Filters, Search
from floorday.issues.rules import Kind, Stream, Turn
from tests.cast import make_cast
from tests.history.files import FOLDER, bring_in
from tests.history.test_round_trip import LATER
from tests.history.test_rules import GROUND, NOW, day, event, file, issue, note, story
from tests.issues.test_search_slowly import everything, letters, slowly

WORDS = "SELECT number, face, whole, due, tags FROM issue_words ORDER BY number"

PAST = file(
    *GROUND, day(event("accepted")),
    issue(event("returned", reporter="ben", team="t1"), day="y1", notes=[note(), note(reporter=None, text="Thrice")]),
    issue(event("joined", into="i3"), id="i2", notes=[note(reporter="ben", stream="customer said", text="A zebra")]),
    issue(event("declined", because="By law"), id="i3", kind="red tape", owner="ann", department="d1"),
    issue(id="i4", notes=[note(at="1950-01-01T10:00:00Z", text="A zebra, too")]),
)  # fmt: skip


async def words() -> list[dict[str, Any]]:
    """Read what is looked for; nothing is left to be folded."""
    rows = await db.run_sql(WORDS)
    assert [row for row in rows if row["due"] or not row["tags"] or not row["whole"]] == []
    return rows


async def everyday() -> list[dict[str, Any]]:
    """Let every issue be folded, and given its letters, as one that is there already."""
    await db.run_sql("DELETE FROM issue_words")
    for row in await db.run_sql("SELECT number FROM issue"):
        await db.run_sql("INSERT INTO issue_words (number, face, whole, due) VALUES ({}, '', '', TRUE)", row["number"])
    await actions.fold_due()
    return await words()


@pytest.mark.parametrize("name", ["demo_year", "open-1"])
async def test_an_import_writes_the_words_and_letters_of_everyday_writes(
    database: object, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "COUNTED", (40,))  # as many as are in one of the two
    await bring_in((FOLDER / f"{name}.history.jsonl").read_bytes().splitlines(), now=LATER)
    brought = await words()
    assert len(brought) >= 40
    assert brought == await everyday()


async def test_what_was_brought_has_the_letters_of_what_stands_there_and_is_found(database: object) -> None:
    cast = await make_cast()
    await bring_in(PAST, now=NOW)
    all_of = await everything()
    assert {one.row.number: letters(one) for one in all_of} == {
        row["number"]: set(row["tags"]) - {" ", ","} for row in await words()}
    asked = [
        Search(words=folding.read("zebra"), filters=Filters(joined=True, closed=None)),
        Search(words=folding.read("twice"), filters=Filters(joined=True, closed=None, turn=Turn.CLOSED)),
        Search(words=folding.read(""), filters=Filters(joined=True, closed=None, kind=Kind.RED_TAPE)),
        Search(words=folding.read("zebra"), filters=Filters(joined=True, closed=None), stream=Stream.CUSTOMER_SAID),
    ]
    found = [[hit.shown.row.number for hit in await queries.search(cast.eva, wanted)] for wanted in asked]
    assert found == [slowly(cast.eva, all_of, wanted) for wanted in asked]
    assert all(found)


async def test_after_an_import_everyday_writes_keep_the_letters(database: object) -> None:
    await bring_in(PAST, now=NOW)
    before = {row["number"]: row["tags"] for row in await words()}
    await db.run_sql("UPDATE issue SET turn = 'closed' WHERE external_id = 'i4'")
    await db.run_sql("UPDATE note SET withdrawn_at = {} WHERE text = 'Thrice'", NOW)
    await actions.fold_due()
    now = await words()
    assert [row["number"] for row in now if row["tags"] != before[row["number"]]]
    assert now == await everyday()


async def test_a_file_that_fails_after_its_issues_leaves_no_words(database: object) -> None:
    steps: list[int] = []

    def gone(count: int) -> None:
        steps.append(count)
        if len(steps) == len(("who", "days", "issues", "stories")):
            raise RuntimeError("The terminal is gone.")

    lines = [*PAST, *file(story())[1:]]
    with pytest.raises(RuntimeError):
        await history.bring_in(history.read(lines, now=NOW), now=NOW, progress=gone)
    assert await db.run_sql(WORDS) == []
    await bring_in(lines, now=NOW)
    assert len(await words()) == 4
