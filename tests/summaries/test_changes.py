"""How a number changed, in words: on the month and on the year, good or bad; no percentages of few, and no ranking."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorday.summaries import words
from floorday.summaries.words import FIVE, LESS_IS_BETTER, NEITHER, changed, figure_words, said


def count(value: float | None) -> dict[str, Any]:
    return {"value": value}


def rate(part: int, whole: int) -> dict[str, Any]:
    return {"value": part / whole if whole else None, "numerator": part, "denominator": whole}


@pytest.mark.parametrize(
    ("name", "now", "before", "year", "told", "tone"),
    [
        ("days_held", 3, None, None, "", ""),
        ("days_held", 0, None, None, "", ""),
        ("days_held", 3, 3, None, "as the month before", ""),
        ("days_held", 0, 0, 0, "as the month before; as a year before", ""),
        ("days_held", 4, 0, None, "4 more than the month before: better", "good"),
        ("days_held", 0, 4, None, "4 fewer than the month before: worse", "bad"),
        ("days_held", 4, 3, 5, "1 more than the month before: better; 1 fewer than a year before", "good"),
        ("days_held", 3, 4, 3, "1 fewer than the month before: worse; as a year before", "bad"),
        ("days_held", 3, None, 5, "2 fewer than a year before", ""),
        ("days_held", 3, None, 0, "3 more than a year before", ""),
        ("promises_broken", 0, 2, 0, "2 fewer than the month before: better; as a year before", "good"),
        ("promises_broken", 2, 0, 1, "2 more than the month before: worse; 1 more than a year before", "bad"),
        ("issues_raised", 9, 4, 11, "5 more than the month before; 2 fewer than a year before", ""),
        ("time_to_fix_median", 12.4, 14.6, None, "3 less than the month before: better", "good"),
        ("time_to_fix_median", 12.4, 12.2, 40.0, "as the month before; 28 less than a year before", ""),
        ("time_to_fix_median", None, 14.6, 10.0, "", ""),
        ("time_to_fix_median", 12.4, None, None, "", ""),
        ("hours_lost", 10.4, 7.9, None, "2 more than the month before: worse", "bad"),
    ],
)  # fmt: skip
def test_a_change_in_words(
    name: str, now: float | None, before: float | None, year: float | None, told: str, tone: str
) -> None:
    was, then = (None if one is None else count(one) for one in (before, year))
    assert changed(name, count(now), was, then) == (told, tone)


def test_a_month_that_had_no_such_number_is_nothing_to_compare_with() -> None:
    assert changed("time_to_fix_median", count(12.0), count(None), count(None)) == ("", "")
    assert changed("time_to_fix_median", count(12.0), count(None), count(11.0)) == ("1 more than a year before", "")


@pytest.mark.parametrize("whole", [0, 1, 4, 5, 200])
def test_a_rate_is_not_compared_and_one_of_few_is_no_percentage(whole: int) -> None:
    one = rate(whole // 2, whole)
    assert changed("confirmed_rate", one, rate(1, 4), rate(3, 4)) == ("", "")
    assert ("%" in said(one)) == (whole >= 5)
    if 0 < whole < 5:
        assert said(one) == f"{whole // 2} of {whole}"


@given(st.sampled_from(sorted({*figure_words()} - {"cohorts", "friction"})), st.integers(0, 300), st.integers(0, 300))
def test_what_is_better_goes_the_way_the_figure_says(name: str, now: int, before: int) -> None:
    told, tone = changed(name, count(now), count(before))
    if name in NEITHER or now == before:
        assert tone == ""
        assert "better" not in told
        assert "worse" not in told
    else:
        assert tone == ("good" if (now < before) == (name in LESS_IS_BETTER) else "bad")
    assert ("more" in told, "fewer" in told or "less" in told) == (now > before, now < before)
    assert str(abs(now - before)) in told or now == before


def test_the_five_compare_each_number_with_itself_a_year_ago() -> None:
    names = sorted({name for cut in FIVE for name in FIVE[cut]} | {"days_due"})
    now, before, year = ({name: count(10 * place + at) for place, name in enumerate(names)} for at in (5, 4, 7))
    for cut in FIVE:
        shown = words.five(cut, now, before, year)
        assert len(shown) == 5
        for one in shown:
            assert one.change.startswith("1 more than the month before")
            assert "; 2 " in one.change
            assert one.change.endswith(" than a year before")
        assert [one.change for one in words.five(cut, now, {}, {})] == [""] * 5
