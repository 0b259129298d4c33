"""How often a page that anybody may open is opened from one place: counted by all processes of a machine together.

A page like that changes nothing when it is read, so there is no row to count in. The counts stand in a small file
beside the database that every process maps into its memory: counting is no write to a disk that anybody waits for, and
holds however many processes answer. Network addresses are hashed with the server's key, and stand there for a minute.
"""

from __future__ import annotations

import fcntl
import hmac
import logging
import mmap
import os
import struct
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from litestar import Request

from floorday.config import beside, nanoseconds, settings
from floorday.errors import TooMany
from floorday.render.words import gettext as _
from floorday.web.networks import network_of

log = logging.getLogger(__name__)

MINUTE = 60
PLACE = struct.Struct("<8sQQ")
"""Who came (a hash), in which minute, how often."""
NEAR, GROUPS = 16, 1024
"""A place is looked for among so many neighbours, in one of so many groups."""
SIZE = PLACE.size * NEAR * GROUPS
PATIENCE = 200
"""So many milliseconds another process is waited for that counts at this very moment, which takes microseconds."""


class Throttle:
    """So many times a minute from one network; processes that share `file` count together.

    Where no file can be kept, each process counts for itself.
    """

    def __init__(self, most: int, file: Path | None = None) -> None:
        self.most = most
        self._file = file
        self._opened: tuple[int, mmap.mmap] | None = None

    def count(self, request: Request[Any, Any, Any]) -> None:
        """Count somebody who comes now; raise TooMany where they came too often in this minute."""
        self.count_place(network_of(request), seconds=nanoseconds() / 1e9)

    def count_place(self, place: str, *, seconds: float) -> None:
        """Do the same for a network at this second of the clock."""
        who = hmac.digest(settings().secret_key.encode(), f"throttle|{place}".encode(), "sha256")
        if self._add(who, int(seconds // MINUTE)) > self.most:
            raise TooMany(_("This was opened very often in the last minute. Please wait a little."), after=MINUTE)

    def _add(self, who: bytes, minute: int) -> int:
        """Count one more; who came least in this minute makes room where a group is full."""
        handle, kept = self._opened = self._opened or self._open()
        first = int.from_bytes(who[8:10]) % GROUPS * NEAR * PLACE.size
        with _alone(handle):
            others: list[tuple[int, int]] = []
            for at in range(first, first + NEAR * PLACE.size, PLACE.size):
                stands, then, count = PLACE.unpack_from(kept, at)
                if stands == who[:8] and then == minute:
                    break
                others.append((count if then == minute else 0, at))
            else:
                count, (_least, at) = 0, min(others)
            PLACE.pack_into(kept, at, who[:8], minute, count + 1)
        return count + 1

    def _open(self) -> tuple[int, mmap.mmap]:
        file = self._file or beside(settings(), ".opened")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if os.fstat(handle).st_size != SIZE:
                os.ftruncate(handle, SIZE)
            return handle, mmap.mmap(handle, SIZE)
        except OSError as wrong:
            log.info("Each process counts for itself how often its public pages are opened: %s.", wrong)
            return -1, mmap.mmap(-1, SIZE)


@contextmanager
def _alone(handle: int) -> Generator[None]:
    """Let no other process count meanwhile; one that stopped in the middle is not waited for."""
    held = False
    for _try in range(PATIENCE if handle >= 0 else 0):
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = True
            break
        except OSError:
            time.sleep(0.001)
    try:
        yield
    finally:
        if held:
            fcntl.lockf(handle, fcntl.LOCK_UN)
