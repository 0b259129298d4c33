"""Ids sort by the time they were made, and cannot be guessed."""

from __future__ import annotations

import time
from uuid import RFC_4122

from floorday.db import uuid7


def test_an_id_is_a_version_7_uuid_of_now():
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= after


def test_ids_of_later_milliseconds_sort_later():
    first = uuid7()
    time.sleep(0.002)
    assert first < uuid7()
    assert str(first) < str(uuid7())


def test_ids_made_one_after_the_other_sort_so():
    ids = [uuid7() for _ in range(2000)]
    assert ids == sorted(ids)
    assert [str(one) for one in ids] == sorted(map(str, ids))


def test_ids_of_one_moment_differ_in_every_random_bit():
    ids = [uuid7().int for _ in range(2000)]
    assert len(set(ids)) == 2000
    tails = [id_ & ((1 << 62) - 1) for id_ in ids]
    for bit in range(62):
        assert 0.4 < sum(tail >> bit & 1 for tail in tails) / len(tails) < 0.6
