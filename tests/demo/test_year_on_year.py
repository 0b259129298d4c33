"""On the month and on the year: each month that was sent is set beside what the two earlier ones were."""

from __future__ import annotations

from floorday.summaries import actions as summaries_actions
from floorday.summaries import queries as summaries
from floorday.summaries.figures import COMPANY
from floorday.summaries.words import FIVE, five
from tests.demo.conftest import NOW
from tests.demo.test_company import looked_back  # noqa: F401 - a fixture
from tests.demo.test_past import shown


async def test_a_month_is_compared_with_the_one_before_as_sent_and_with_the_same_a_year_ago(
    looked_back: None,  # noqa: F811
) -> None:
    september, october = [await summaries.frozen(COMPANY, month) for month in ("2026-09", "2026-10")]
    assert september is not None
    assert october is not None
    told, sent = october.words(), september.numbers()
    assert (told.before, told.year_before) == ("2026-09", "2025-10")
    assert {name: figure["value"] for name, figure in told.was.items()} == {
        name: figure["value"] for name, figure in sent.items() if name not in {"cohorts", "friction"}}  # fmt: skip
    known = shown(2025, "2025-10")
    for name in {*FIVE["company"], "issues_confirmed", "promises_kept", "promises_broken", "returns"}:
        assert told.year_was[name]["value"] == known[name]["value"], name
    assert [one.change for one in five("company", october.numbers(), told.was, told.year_was)] == [
        one.change for one in five("company", october.numbers(), sent, known)]  # fmt: skip


async def test_the_first_year_has_nothing_to_be_compared_with(looked_back: None) -> None:  # noqa: F811
    first = await summaries.frozen(COMPANY, "2025-11")
    assert first is not None
    told = first.words()
    assert (told.before, told.year_before, told.year_was) == ("2025-10", "", {})
    made = await summaries_actions.draft(COMPANY, "2025-01", now=NOW)
    assert made is not None
    assert (made.told.before, made.told.was, made.told.year_before) == ("", {}, "")
    assert {one.change for one in five("company", made.numbers(), made.told.was, made.told.year_was)} == {""}
