"""A mail is read in a process of its own: the same facts, and no mail can harm the next."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable, Iterator

import msgspec
import pytest

from floorday.apart import in_child
from floorday.calendar import reader
from floorday.calendar.facts import Incoming
from floorday.calendar.reply import read
from tests.inbox import case

PLAIN = case.mail("019-gmail-change-of-mind")


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    reader.close()


def test_each_case_reads_the_same_apart_as_here() -> None:
    for name in case.CASES:
        assert reader.read_apart(case.mail(name)) == read(case.mail(name)), name


def test_bytes_that_are_no_mail_are_answered_too() -> None:
    for raw in (b"", b"\x00" * 100, b"\xff" * 1_000_000):
        assert reader.read_apart(raw) == read(raw)


def spin(_raw: bytes) -> bytes:
    while True:
        pass


def hoard(_raw: bytes) -> bytes:
    held: list[bytearray] = []
    while True:
        held.append(bytearray(16 * 1024 * 1024))


def write_a_file(_raw: bytes) -> bytes:
    with open("/dev/shm/floorday-probe" if os.path.isdir("/dev/shm") else "floorday-probe", "wb") as probe:
        os.unlink(probe.name)
        probe.write(b"x" * 100_000)
    return b"written"


@pytest.mark.parametrize("bomb", [spin, hoard, write_a_file])
def test_a_bomb_costs_two_seconds_and_the_next_mail_is_read(bomb: Callable[[bytes], bytes]) -> None:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert in_child(bomb, PLAIN, cpu_seconds=reader.CPU_SECONDS, memory=reader.MEMORY) == b""
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime < reader.CPU_SECONDS + 1
    assert after.ru_maxrss * 1024 < reader.MEMORY + resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    answer = in_child(reader.understood, PLAIN, cpu_seconds=reader.CPU_SECONDS, memory=reader.MEMORY)
    assert msgspec.msgpack.decode(answer, type=Incoming) == read(PLAIN)


def test_a_reader_that_was_killed_is_started_again() -> None:
    reader.read_apart(PLAIN)
    first = reader.mails.parent
    assert first is not None
    os.kill(first.process.pid, signal.SIGKILL)
    assert reader.read_apart(PLAIN) == read(PLAIN)


def test_it_ends_with_its_owner_and_a_fork_has_its_own() -> None:
    mine = reader.read_apart(PLAIN)
    back, out = os.pipe()
    child = os.fork()
    if child == 0:
        reader.read_apart(PLAIN)
        own = reader.mails.parent
        os.write(out, str(own.process.pid if own else 0).encode())
        os._exit(0)
    os.waitpid(child, 0)
    its_reader = int(os.read(back, 20))
    os.close(back)
    os.close(out)
    first = reader.mails.parent
    assert first is not None
    assert its_reader not in {0, first.process.pid}
    for _ in range(100):
        if not os.path.exists(f"/proc/{its_reader}/exe"):
            break
        time.sleep(0.1)
    assert not os.path.exists(f"/proc/{its_reader}/exe")
    assert reader.read_apart(PLAIN) == mine


def test_no_settings_go_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOORDAY_SECRET_KEY", "canary-of-the-key")
    reader.read_apart(PLAIN)
    started = reader.mails.parent
    assert started is not None
    with open(f"/proc/{started.process.pid}/environ", "rb") as told:
        assert b"canary" not in told.read()
