"""The figures of two histories whose answers are known."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from floorday.summaries.figures import Ledger, Subject, month, numbers
from tests.summaries.history_file import expected, read

NOW = datetime(2027, 6, 1, tzinfo=UTC)
CASES = [
    (name, text, cut)
    for name in ("demo_year", "open-1")
    for text in expected(name)["months"]
    for cut in ("company", "team", "manager", "department")
]


@cache
def ledger(name: str) -> Ledger:
    return Ledger(read(name)[0])


def close(value: Any) -> Any:
    """Compare every number within a millionth, and everything else exactly."""
    match value:
        case dict():
            return {key: close(part) for key, part in value.items()}
        case list():
            return [close(part) for part in value]
        case int() | float():
            return pytest.approx(value, abs=1e-6, rel=0)
        case _:
            return value


@pytest.mark.parametrize(("name", "text", "cut"), CASES)
def test_every_figure_of_a_known_history_is_right(name: str, text: str, cut: str) -> None:
    known = expected(name)
    subject = Subject(cut, (known["cuts"][cut] or {}).get("id"))
    answer = month(ledger(name), subject, text, now=NOW, zone=read(name)[1])
    assert answer is not None
    assert answer.complete
    assert numbers(answer) == close(known["months"][text][cut])
    assert list(numbers(answer)) == list(known["months"][text][cut])


@pytest.mark.parametrize(("name", "text", "cut"), CASES)
def test_every_count_is_as_long_as_its_rows(name: str, text: str, cut: str) -> None:
    subject = Subject(cut, (expected(name)["cuts"][cut] or {}).get("id"))
    answer = month(ledger(name), subject, text, now=NOW, zone=read(name)[1])
    assert answer is not None
    for title, figure in answer.figures.items():
        if isinstance(figure.denominator, int):
            assert len(figure.among) == figure.denominator, title
        if title not in {"met_by", "hours_lost", "time_to_fix_median", "time_to_fix_p90"}:
            counted = figure.numerator if isinstance(figure.numerator, int) else figure.value
            assert len(figure.rows) == counted, title
    assert sum(len(pair.rows) for pair in answer.friction) == answer.figures["issues_open"].value
