"""What becomes of memory: when Python looks for what may be thrown away, and who gets what was given back."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Generator
from contextlib import contextmanager, suppress

M_ARENA_MAX = -8
"""As in glibc's malloc.h; other C libraries have one heap, or no `mallopt`."""


def one_heap() -> None:
    """Let all threads of this process share one heap; to be said before there are threads.

    glibc gives each thread a heap of its own. What a reader of the database, or the count of a month, has given back
    is then of use to no other thread: some 10 MB of a busy process. Our threads hardly ever allocate at one moment.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


@contextmanager
def put_off() -> Generator[None]:
    """Look for none until the block ends: to go through what is being loaded again and again is a sixth of a start."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()
