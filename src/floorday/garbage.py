"""What becomes of memory: when Python looks for what may be thrown away, and who gets what was given back."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Generator
from contextlib import contextmanager, suppress

M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3
"""As in glibc's malloc.h; other C libraries have one heap, or no `mallopt`."""

LARGE = 64 * 1024
"""Blocks of this many bytes and more are kept apart from the heap, and given back as soon as they are free."""


def one_heap() -> None:
    """Let all threads of this process share one heap; to be said before there are threads.

    glibc gives each thread a heap of its own. What a reader of the database, or the count of a month, has given back
    is then of use to no other thread: some 10 MB of a busy process. Our threads hardly ever allocate at one moment.
    Large blocks leave holes in such a heap, 5 MB with 100,000 issues; glibc would take ever larger ones into it.
    """
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_MMAP_THRESHOLD, LARGE)


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
