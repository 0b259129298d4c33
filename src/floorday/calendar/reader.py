"""Mails are taken apart in a process of their own, with limits: a mail that is a bomb harms nobody but itself.

A small parent, started at the first mail and asked over a pipe, forks a child for each mail. A child may use
`CPU_SECONDS` and `MEMORY` and no files; it keeps nothing for the next mail, so no mail can prepare the ground for
another (IN-07). The parent ends with its owner, since its pipe then closes.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import struct
import subprocess
import sys
import threading
from time import monotonic
from typing import IO

import msgspec

from floorday.calendar.facts import Incoming
from floorday.calendar.reply import read

CPU_SECONDS = 2
MEMORY = 256 * 1024 * 1024
PATIENCE = 10.0
"""Seconds by the clock for one mail, on a machine that is busy with other things."""

TOO_MUCH_WORK = Incoming(refused="too-much-work")

_LENGTH = struct.Struct(">I")
_ANSWER_LONGEST = 16 * 1024 * 1024


# --- the owner's side


class _Reader:
    """The parent as its owner sees it; asked by one thread at a time."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "floorday.calendar.reader"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            # Foreign bytes are read there: no settings, no secrets.
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONHASHSEED": "random"},
        )

    def ask(self, raw: bytes) -> bytes:
        """Give the answer's bytes; none when the mail went over a limit. Raise OSError when the parent is gone."""
        to, back = self.process.stdin, self.process.stdout
        if to is None or back is None:
            raise BrokenPipeError
        to.write(_LENGTH.pack(len(raw)) + raw)
        to.flush()
        # The parent keeps the limits; this is for a parent that hangs itself.
        if not select.select([back], [], [], PATIENCE * 2)[0]:
            raise BrokenPipeError
        return _message(back)

    def end(self) -> None:
        """Let it go; only by its owner, never by a fork of it."""
        if os.getpid() == self.owner:
            self.process.kill()
            self.process.wait()


_lock = threading.Lock()
_reader: _Reader | None = None


def read_apart(raw: bytes) -> Incoming:
    """Read a mail as `reply.read` does, in a process with limits. Blocks: call it in a thread.

    Over a limit the result says `refused="too-much-work"`. Raise OSError when no process can be started at all.
    """
    global _reader  # noqa: PLW0603 - one for the process
    with _lock:
        for _attempt in range(2):
            if _reader is None or _reader.owner != os.getpid():
                _reader = _Reader()
            try:
                answer = _reader.ask(raw)
            except OSError:
                _reader.end()
                _reader = None
                continue
            return msgspec.msgpack.decode(answer, type=Incoming) if answer else TOO_MUCH_WORK
    raise OSError("The process that reads mails ended twice.")


def close() -> None:
    """End the parent, if one was started here; the next mail starts another."""
    global _reader  # noqa: PLW0603 - likewise
    with _lock:
        if _reader is not None:
            _reader.end()
        _reader = None


def _message(stream: IO[bytes]) -> bytes:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise BrokenPipeError
    length = _LENGTH.unpack(head)[0]
    body = stream.read(length)
    if len(body) < length:
        raise BrokenPipeError
    return body


# --- the parent, and its child for one mail


def _serve() -> None:
    """Answer one mail after the other until the owner closes the pipe."""
    read(b"From: a@b.example\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n" + _WARM)  # load what reading needs
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            raw = _message(asked)
        except BrokenPipeError:
            return
        answer = _in_child(raw)
        answers.write(_LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _in_child(raw: bytes) -> bytes:
    """Read one mail in a fork; give nothing when it went over a limit."""
    back, out = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(back)
            _limit()
            _write(out, msgspec.msgpack.encode(read(raw)))
        finally:
            os._exit(0)
    os.close(out)
    try:
        return _until(back, monotonic() + PATIENCE)
    finally:
        os.close(back)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _write(out: int, answer: bytes) -> None:
    """Write the answer's length and the answer, so that half of one is never taken for a whole."""
    for piece in (_LENGTH.pack(len(answer)), answer):
        view = memoryview(piece)
        while view:
            view = view[os.write(out, view):]


def _until(back: int, deadline: float) -> bytes:
    """Collect what the child writes until it closes its end; nothing when that is late, too long or cut."""
    found = bytearray()
    while len(found) <= _ANSWER_LONGEST:
        if not select.select([back], [], [], max(deadline - monotonic(), 0))[0]:
            return b""
        piece = os.read(back, 65536)
        if not piece:
            break
        found += piece
    whole = len(found) >= _LENGTH.size and _LENGTH.unpack(found[:_LENGTH.size])[0] == len(found) - _LENGTH.size
    return bytes(found[_LENGTH.size:]) if whole else b""


_WARM = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\n"
    b"DTSTART;TZID=Europe/London:20260101T090000\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's to hear
    _serve()
