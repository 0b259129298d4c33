"""What has left, kept beside the database: going back to an older copy of the database does not make it unsaid.

A folder of files, one for each month and machine, to which lines are added and nothing else is done: a moment, and the
id of a letter. What time causes is also kept by its `mark`, a name made of the deed itself with the installation's key,
which is the letter's id and so its Message-ID: whoever does the deed again, in whatever copy of the database, writes
the same letter. No line holds a name, an address or a word, and nobody can tell from a mark what it was about.

Several workers write to one folder, each machine to files of its own; what one has written the others read.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import hmac
import logging
import os
import re
import socket
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import BinaryIO
from uuid import UUID

from msgspec import Struct

from floorday.config import settings

log = logging.getLogger(__name__)

ENDING = ".sent"
LINE = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([0-9a-f]{32})")
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\.")


def mark(deed: str) -> UUID:
    """Name what time causes, the same in every copy of the database and on every machine with the same secret key."""
    mac = hmac.new(settings().secret_key.encode(), f"deed|{deed}".encode(), hashlib.sha256)
    return UUID(bytes=mac.digest()[:16], version=4)


class _Read(Struct):
    """How far a file has been read."""

    inode: int
    until: int


class Journal:
    """What has left, in one folder. `failed` says why the last line could not be written; "" when it was."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.failed = ""
        self._left: dict[bytes, datetime] = {}
        self._read: dict[str, _Read] = {}
        self._owed: list[bytes] = []
        self._unread: set[str] = set()
        self._turn = Lock()

    async def left(self, marks: Iterable[UUID]) -> dict[UUID, datetime]:
        """Say which of these have left, and when last; what cannot be read has not: rather twice than never."""
        wanted = list(marks)
        if wanted:
            await self.look()
        return self.known(wanted)

    async def look(self) -> None:
        """Read what was added since, by whomever."""
        await asyncio.to_thread(self._look)

    def known(self, marks: Iterable[UUID]) -> dict[UUID, datetime]:
        """Say the same as `left` of what has been read."""
        return {one: at for one in marks if (at := self._left.get(one.bytes)) is not None}

    async def add(self, marks: Iterable[UUID], *, at: datetime) -> None:
        """Keep that these have left. What cannot be written is tried again with the next, and stops no letter."""
        at = at.astimezone(UTC).replace(microsecond=0)
        await asyncio.to_thread(self._add, list(marks), at)

    def forget(self, *, before: date) -> int:
        """Clear away the months that ended before a day; returns how many files that were."""
        gone = [file for file in self._files() if (ends := _ends(file)) is not None and ends <= before]
        with self._turn:
            for file in gone:
                file.unlink(missing_ok=True)
            if gone:    # what was read of them is forgotten, too
                self._left, self._read = {}, {}
        return len(gone)

    def trouble(self) -> str:
        """Say what keeps it from being read or written by whoever asks; "" for nothing. Changes nothing."""
        place = self.folder.absolute()
        if place.exists() and not place.is_dir():
            return f"{place} is not a folder."
        for file in self._files():
            if not os.access(file, os.R_OK | os.W_OK):
                return f"{file} cannot be read and written."
        above = next(folder for folder in (place, *place.parents) if folder.exists())
        return "" if os.access(above, os.W_OK | os.X_OK) else f"Nothing can be written in {above}."

    def count(self) -> int:
        """Count what it knows to have left."""
        self._look()
        return len(self._left)

    def _add(self, marks: list[UUID], at: datetime) -> None:
        with self._turn:
            for one in marks:
                self._left[one.bytes] = max(at, self._left.get(one.bytes, at))
                self._owed.append(f"{at:%Y-%m-%dT%H:%M:%SZ} {one.hex}\n".encode())
            try:
                self._write(b"".join(self._owed), at)
            except OSError as error:
                if not self.failed:
                    log.warning("What has left cannot be kept in %s (%s); letters leave all the same.",
                                self.folder, error)  # fmt: skip
                self.failed = str(error)
            else:
                self._owed, self.failed = [], ""

    def _write(self, lines: bytes, at: datetime) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = self._own(at)
        fresh = not place.exists()
        with place.open("ab", buffering=0) as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            size = os.fstat(out.fileno()).st_size
            if size and not _ends_whole(place, size):   # its writer was cut off in the middle of a line
                lines = b"\n" + lines
            while lines:
                lines = lines[out.write(lines) or 0:]
            os.fsync(out.fileno())
        if fresh:
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _own(self, at: datetime) -> Path:
        machine = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:60] or "here"
        return self.folder / f"{at:%Y-%m}.{machine}{ENDING}"

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{ENDING}")) if self.folder.is_dir() else []

    def _look(self) -> None:
        with self._turn:
            for file in self._files():
                try:
                    with file.open("rb") as lines:
                        self._take(file.name, lines)
                except OSError as error:
                    if file.name not in self._unread:
                        log.warning("What has left cannot be read in %s: %s", file, error)
                    self._unread.add(file.name)

    def _take(self, name: str, lines: BinaryIO) -> None:
        stat = os.fstat(lines.fileno())
        known = self._read.get(name)
        start = known.until if known and known.inode == stat.st_ino and known.until <= stat.st_size else 0
        if start == stat.st_size:
            return
        lines.seek(start)
        whole, _cut, _rest = lines.read().rpartition(b"\n")
        for line in whole.split(b"\n"):
            if found := LINE.fullmatch(line):
                at = datetime.strptime(found[1].decode(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
                key = bytes.fromhex(found[2].decode())
                self._left[key] = max(at, self._left.get(key, at))
        self._read[name] = _Read(stat.st_ino, start + (len(whole) + 1 if _cut else 0))


def _ends(file: Path) -> date | None:
    """Say on which day the month of a file is over."""
    if (named := MONTH.match(file.name)) is None:
        return None
    year, month = int(named[1]), int(named[2])
    return date(year + month // 12, month % 12 + 1, 1)


def _ends_whole(file: Path, size: int) -> bool:
    with file.open("rb") as written:
        written.seek(size - 1)
        return written.read(1) == b"\n"


@cache
def of(folder: str) -> Journal:
    """Give the journal of a folder, one for each process."""
    return Journal(folder)
