"""The bench itself: a tiny company measured for a moment, so that the table is known to come out whole."""

from __future__ import annotations

from pathlib import Path

from tests.bench.__main__ import Effort, measured
from tests.bench.table import Goal, Row, aligned

MOMENT = Effort(budget=0.05, load_seconds=0.2, bookings=60, races=1, starts=1, answers=12, readers=2)
ASKED = ("bare answer", "raw driver", "raw create", "JSON 50", "board", "board of a member", "issue page", "search",
         "search of a member", "search, open", "JSON search", "similar", "company month", "company figures",
         "month as sent", "figures as sent", "create", "one booking")  # fmt: skip


def test_a_tiny_company_gives_a_whole_table(tmp_path: Path) -> None:
    rows = measured([50], ["sqlite"], MOMENT, folder=tmp_path)
    found = {row.what: row for row in rows}
    for what in ASKED:
        assert all((found[what].cpu, found[what].rate, found[what].p99)), what
    for what in ("JSON 50", "board"):
        after = found[f"{what} after a write"]
        assert after.cpu, what
        assert after.size, what
    assert not [row.what for row in rows for goal in row.goals if "refused" in str(goal)]
    words = " ".join(found)
    assert "for one seat" in words
    assert "busy process" in words
    assert "first answer" in words
    assert [file.name for file in tmp_path.iterdir()] == [
        file.name for file in tmp_path.glob("bench_50_*.sqlite")], "a run leaves the kept database and nothing else"


def test_the_table_is_aligned_and_says_what_is_not_reached_yet() -> None:
    rows = [Row("sqlite", 10000, "board", cpu=1234.5, goals=[Goal("<= 60 x bare", reached=False)]),
            Row("sqlite", 100000, "board", cpu=12.34)]  # fmt: skip
    assert aligned(rows) == [
        "database   issues  what   CPU us  x bare  req/s  p50 ms  p99 ms  bytes  goal",
        "",
        "sqlite     10,000  board   1,234                                        <= 60 x bare: not yet",
        "",
        "sqlite    100,000  board    12.3",
    ]
