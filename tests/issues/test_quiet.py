"""An issue is quiet when the silence clock says so: in working days, with holidays and the company's own days off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floorday.config import settings
from floorday.issues import actions, clocks, pages, queries
from floorday.issues.actions.steps import today
from floorday.issues.clocks import Charter, Deed, Facts
from floorday.issues.pages.steps import quiet_days
from floorday.issues.queries import Filters
from floorday.issues.rules import Stage
from floorday.people.tables import Department
from tests.cast import NOW, Cast, make_cast
from tests.issues.test_actions import owned
from tests.site import Site

ZONE = "Europe/London"
MOMENTS = st.integers(0, 730 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


@pytest.fixture
def days_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FLOORDAY_DAYS_OFF", "2026-11-05, 2026-11-06")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@given(MOMENTS, st.integers(0, 60), st.sampled_from([None, 1, 3, 5, 10, 20]))
def test_the_board_and_the_ladder_begin_on_the_same_day(last: datetime, days: int, allowed: int | None) -> None:
    on = last.astimezone(ZoneInfo(ZONE)).date() + timedelta(days=days)
    now = datetime.combine(on, time(9), ZoneInfo(ZONE)).astimezone(UTC)
    if now < last:
        return
    quiet = last < clocks.quiet_before(allowed, now=now, zone=ZONE)
    facts = Facts(id=uuid4(), stage=Stage.BEING_FIXED, last_word_at=last, owner=uuid4(),
                  charter=Charter(word_days=allowed or 0))  # fmt: skip
    told = [one for one in clocks.due(facts, now=now, zone=ZONE) if one.deed is Deed.WORD]
    if on.weekday() < 5:
        assert bool(told) is quiet
    for one in told:
        assert one.days == clocks.silent_days(last, now=now, zone=ZONE)


@pytest.mark.usefixtures("days_off")
def test_days_off_do_not_count() -> None:
    now = datetime(2026, 11, 9, 9, tzinfo=UTC)  # a Monday; only Tuesday and Wednesday before it were worked
    assert clocks.quiet_before(2, now=now, zone=ZONE) == datetime(2026, 11, 3, tzinfo=UTC)
    assert clocks.silent_days(datetime(2026, 11, 3, 12, tzinfo=UTC), now=now, zone=ZONE) == 2


def test_who_was_cached_before_the_settings_changed_is_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 9, 9, tzinfo=UTC)
    before = clocks.quiet_before(2, now=now, zone=ZONE)
    assert before == datetime(2026, 11, 5, tzinfo=UTC)
    monkeypatch.setenv("FLOORDAY_DAYS_OFF", "2026-11-05, 2026-11-06")
    settings.cache_clear()
    try:
        assert clocks.quiet_before(2, now=now, zone=ZONE) == datetime(2026, 11, 3, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        settings.cache_clear()


async def test_the_board_counts_a_week_end_as_none(database: object) -> None:
    cast: Cast = await make_cast()
    await Department.update({Department.word_days: 3}).where(Department.id == cast.it)
    issue = await owned(cast)  # on Monday
    for days, quiet in ((1, 0), (3, 0), (4, 4), (5, 4), (6, 4), (7, 5)):
        now = NOW + timedelta(days=days)
        row = await queries.issue(None, issue.id)
        assert quiet_days(row, now) == quiet, days
        found, _places = await queries.turns(cast.eva, Filters(), "quiet", now=now, today=today(now), cards=2)
        assert found.quiet == (quiet > 0), days
    site = Site(pages.router, clock=NOW + timedelta(days=7))
    eva = await site.visitor(cast.eva)
    assert "Quiet for 5 working days" in (await eva.get("/issues?view=quiet")).text
    await actions.update(cast.gus, issue.id, "We look at it.", now=NOW + timedelta(days=6))
    assert "Quiet for" not in (await eva.get("/issues?view=quiet")).text


def test_three_days_after_a_thursday_are_over_on_wednesday() -> None:
    thursday = datetime(2026, 11, 5, 12, tzinfo=UTC)
    for day, quiet in ((date(2026, 11, 10), False), (date(2026, 11, 11), True)):
        now = datetime.combine(day, time(8), UTC)
        assert (thursday < clocks.quiet_before(3, now=now, zone=ZONE)) is quiet
