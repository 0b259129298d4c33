"""When Python looks for what may be thrown away: not while a program is loaded, all of which stays."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


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
