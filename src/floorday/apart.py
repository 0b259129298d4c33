"""What strangers send is read in a process of its own, with limits: a bomb harms nobody but itself.

    reading = Apart("floorday.calendar.reader:understood", cpu_seconds=2, memory=256 * 1024 * 1024)
    answer = reading.ask(raw)     # b"" when it went over a limit

The work is a function of bytes that gives bytes. A small parent, started when it is first asked, forks a child for
each question. A child may use so much time and memory and no files; it keeps nothing for the next one, so nobody can
prepare the ground for another. The parent ends with its owner, since its pipe then closes.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from time import monotonic
from typing import IO

Work = Callable[[bytes], bytes]

PATIENCE = 10.0
"""Seconds by the clock for one question, on a machine that is busy with other things."""

_LENGTH = struct.Struct(">I")
_ANSWER_LONGEST = 16 * 1024 * 1024


# --- the owner's side


class _Parent:
    """The parent as its owner sees it; asked by one thread at a time."""

    def __init__(self, work: str, cpu_seconds: int, memory: int, told: Mapping[str, str]) -> None:
        self.owner = os.getpid()
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-m", "floorday.apart", work, str(cpu_seconds), str(memory)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            # Foreign bytes are read there: no settings but what is told, no secrets.
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONHASHSEED": "random", **told},
        )

    def ask(self, raw: bytes) -> bytes:
        """Give the answer's bytes; none when it went over a limit. Raise OSError when the parent is gone."""
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


class Apart:
    """A kind of work that is done apart; `work` is "module:function", the limits are for each question.

    What it may know of our settings is `told` when its process starts, as variables of its environment.
    """

    def __init__(
        self, work: str, *, cpu_seconds: int, memory: int, told: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        self.work, self.cpu_seconds, self.memory, self.told = work, cpu_seconds, memory, told
        self.parent: _Parent | None = None
        self._lock = threading.Lock()

    def ask(self, raw: bytes) -> bytes:
        """Give the work's answer, b"" when it went over a limit. Blocks: call it in a thread.

        Raise OSError when no process can be started at all.
        """
        with self._lock:
            for _attempt in range(2):
                if self.parent is None or self.parent.owner != os.getpid():
                    self.parent = _Parent(self.work, self.cpu_seconds, self.memory, self.told())
                try:
                    return self.parent.ask(raw)
                except OSError:
                    self.parent.end()
                    self.parent = None
        raise OSError("The process that reads what strangers send ended twice.")

    def close(self) -> None:
        """End the parent, if one was started here; the next question starts another."""
        with self._lock:
            if self.parent is not None:
                self.parent.end()
            self.parent = None


def _message(stream: IO[bytes]) -> bytes:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise BrokenPipeError
    length = _LENGTH.unpack(head)[0]
    body = stream.read(length)
    if len(body) < length:
        raise BrokenPipeError
    return body


# --- the parent, and its child for one question


def _serve(name: str, cpu_seconds: int, memory: int) -> None:
    """Answer one question after the other until the owner closes the pipe."""
    module, _colon, function = name.partition(":")
    work: Work = getattr(import_module(module), function)
    work(b"")  # load what the work needs once, before anybody forks
    gc.disable()  # a child ends before it would pay to look for what may be thrown away, which copies every page
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            raw = _message(asked)
        except BrokenPipeError:
            return
        answer = in_child(work, raw, cpu_seconds=cpu_seconds, memory=memory)
        answers.write(_LENGTH.pack(len(answer)) + answer)
        answers.flush()


def in_child(work: Work, raw: bytes, *, cpu_seconds: int, memory: int) -> bytes:
    """Do the work in a fork; give nothing when it went over a limit."""
    back, out = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(back)
            _limit(cpu_seconds, memory)
            _write(out, work(raw))
        finally:
            os._exit(0)
    os.close(out)
    try:
        return _until(back, monotonic() + PATIENCE)
    finally:
        os.close(back)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _limit(cpu_seconds: int, memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


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


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's to hear
    _serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
