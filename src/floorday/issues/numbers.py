"""Which public numbers are kept back for anonymous issues, so that neither number nor order tells when one came. Pure.

One number in `EVERY` is never given to an issue that somebody raised under a name; which ones, only a number kept in
the database knows (`salt`). An anonymous issue gets any of them: of those that lie among the issues of the last weeks,
and where few of these are left, of those that are still to be reached. What there is to choose from depends on what was
raised before its day, never on what has happened on it.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Collection, Iterable
from hashlib import blake2b

EVERY = 8
FIRST = 64
"""Smaller numbers are for everybody: a small company's issues are counted one by one."""
BACK = 512
"""So far back an anonymous number may lie: some weeks of issues."""
ENOUGH = 12
"""At least so many to choose from."""

chance: random.Random = secrets.SystemRandom()


def kept_back(number: int, salt: int) -> bool:
    """Say whether a number is for anonymous issues alone."""
    if number < FIRST:
        return False
    return blake2b(number.to_bytes(8), key=salt.to_bytes(8), digest_size=4).digest()[0] % EVERY == 0


def openly(numbers: Iterable[int], salt: int) -> list[int]:
    """Leave out the numbers that are kept back."""
    return [one for one in numbers if not kept_back(one, salt)]


def window(last: int, salt: int, taken: Collection[int], *, ahead: int) -> list[int]:
    """List what an anonymous issue may be called, where `last` is the last number given openly before its day."""
    given = range(max(last - BACK, 1), last + ahead + 1)
    return [one for one in given if kept_back(one, salt) and one not in taken]


def choose(free: list[int]) -> int:
    """Take one of them, whichever."""
    return chance.choice(free)
