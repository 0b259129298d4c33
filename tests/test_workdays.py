"""Working days: weekends, the country's holidays, the company's own days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorday import workdays
from floorday.config import load, settings
from floorday.errors import Misconfigured

FRIDAY = date(2026, 11, 20)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FLOORDAY_HOLIDAYS", "GB-ENG")
    monkeypatch.setenv("FLOORDAY_DAYS_OFF", "2026-12-24, 2026-12-31")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def test_a_weekend_is_none() -> None:
    assert workdays.is_workday(FRIDAY)
    assert workdays.after(FRIDAY, 1) == date(2026, 11, 23)
    assert workdays.after(date(2026, 11, 23), -1) == FRIDAY
    assert workdays.between(FRIDAY, date(2026, 11, 23)) == 1


@pytest.mark.usefixtures("english")
def test_christmas_in_england() -> None:
    """25 December 2026 is a Friday; its Saturday is made good on Monday the 28th."""
    assert not workdays.is_workday(date(2026, 12, 24))
    assert workdays.after(date(2026, 12, 23), 1) == date(2026, 12, 29)
    assert workdays.between(date(2026, 12, 23), date(2027, 1, 4)) == 3


def test_the_third_working_day_of_a_month() -> None:
    assert workdays.nth(date(2026, 8, 1), 1) == date(2026, 8, 3)
    assert workdays.nth(date(2026, 12, 1), 3) == date(2026, 12, 3)


@given(DAYS, st.integers(-300, 300))
def test_counting_there_and_back(day: date, count: int) -> None:
    there = workdays.after(day, count)
    if count > 0:
        assert workdays.between(day, there) == count
        assert workdays.between(day, there - timedelta(days=1)) == count - 1
    assert workdays.is_workday(there) or count == 0


@pytest.mark.parametrize(("name", "value"), [("HOLIDAYS", "Atlantis"), ("HOLIDAYS", "GB-XYZ"), ("DAYS_OFF", "24.12.")])
def test_a_wrong_setting_is_said(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=f"FLOORDAY_{name}"):
        load({f"FLOORDAY_{name}": value})
