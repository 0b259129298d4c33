"""How often a public page is opened from one place: counted by all processes together, and nobody else pays for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from floorday.errors import TooMany
from floorday.web.throttle import GROUPS, NEAR, SIZE, Throttle

COMES = """
import sys
from pathlib import Path
from floorday.errors import TooMany
from floorday.web.throttle import Throttle
throttle, passed = Throttle(most=100, file=Path(sys.argv[1])), 0
for _time in range(80):
    try:
        throttle.count_place("192.0.2.7", seconds=600)
        passed += 1
    except TooMany:
        pass
print(passed)
"""


def came(throttle: Throttle, place: str, *, times: int, seconds: float) -> int:
    """Say how often somebody was let in who came so many times."""
    let_in = 0
    for _time in range(times):
        try:
            throttle.count_place(place, seconds=seconds)
            let_in += 1
        except TooMany:
            pass
    return let_in


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "floorday.opened"


def test_who_comes_too_often_waits_for_the_next_minute_and_nobody_else_does(file: Path) -> None:
    throttle = Throttle(most=3, file=file)
    assert came(throttle, "192.0.2.1", times=5, seconds=600) == 3
    assert came(throttle, "192.0.2.2", times=1, seconds=659) == 1
    assert came(throttle, "192.0.2.1", times=1, seconds=659) == 0
    assert came(throttle, "192.0.2.1", times=5, seconds=660) == 3


def test_a_clock_that_is_set_back_locks_nobody_out_for_longer_than_a_minute(file: Path) -> None:
    throttle = Throttle(most=1, file=file)
    assert came(throttle, "192.0.2.1", times=2, seconds=6000) == 1
    assert came(throttle, "192.0.2.1", times=2, seconds=600) == 1


def test_processes_count_together(file: Path) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", COMES, str(file)], stdout=subprocess.PIPE, text=True)
                 for _one in range(2)]  # fmt: skip
    assert sum(int(one.communicate(timeout=60)[0]) for one in processes) == 100
    assert came(Throttle(most=100, file=file), "192.0.2.7", times=1, seconds=600) == 0
    assert came(Throttle(most=100, file=file), "192.0.2.8", times=1, seconds=600) == 1


def test_many_places_take_no_more_room_and_hide_nobody_who_comes_often(file: Path) -> None:
    throttle = Throttle(most=5, file=file)
    assert came(throttle, "192.0.2.1", times=4, seconds=600) == 4
    for place in range(2 * NEAR * GROUPS):
        throttle.count_place(f"2001:db8::{place:x}", seconds=600)
    assert came(throttle, "192.0.2.1", times=4, seconds=600) == 1
    assert file.stat().st_size == SIZE


def test_no_address_stands_in_the_file_and_nobody_else_reads_it(file: Path) -> None:
    came(Throttle(most=1, file=file), "192.0.2.1", times=1, seconds=600)
    assert b"192.0.2.1" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_where_no_file_can_be_kept_each_process_counts_for_itself(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("A file stands where the folder should be.")
    nowhere = tmp_path / "var" / "floorday.opened"
    assert came(Throttle(most=2, file=nowhere), "192.0.2.1", times=3, seconds=600) == 2
    assert came(Throttle(most=2, file=nowhere), "192.0.2.1", times=3, seconds=600) == 2
