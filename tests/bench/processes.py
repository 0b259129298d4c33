"""Server processes that are measured: started, watched through /proc, ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.bench.databases import FLOORDAY, ROOT, environment

START_SECONDS = 60


@contextmanager
def running(command: list[str], url: str, extra: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command over a database until the block ends."""
    process = subprocess.Popen(
        command, env=environment(url) | (extra or {}), cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the group is its own, see above
            process.wait()


def serve(port: int, *, processes: int = 1) -> list[str]:
    """Say how floorday is served."""
    return [str(FLOORDAY), "serve", "--port", str(port), "--processes", str(processes)]


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def first_answer(port: int, path: str, process: subprocess.Popen[bytes]) -> float:
    """Ask until the first 200, and give the moment it came."""
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    until = time.perf_counter() + START_SECONDS
    while time.perf_counter() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as client:
            client.sendall(asked)
            if client.recv(64).split(b" ")[1:2] == [b"200"]:
                return time.perf_counter()
        time.sleep(0.005)
    raise RuntimeError("The server did not come up.")


def cold_start(url: str, *, tries: int) -> float:
    """Give the seconds from the command to the first answer that asked the database; the best of some tries."""
    best = float("inf")
    for _ in range(tries):
        port, began = free_port(), time.perf_counter()
        with running(serve(port), url) as process:
            best = min(best, first_answer(port, "/health/ready", process) - began)
    return best


def busiest(pid: int) -> float:
    """Give the most memory (resident, in MB) that one of a server's processes has held."""
    return max(_most_held(one) for one in (pid, *below(pid)))


def own(pid: int) -> float:
    """Give the memory (in MB) that a process holds for itself now; pages of a mapped database belong to the system."""
    with suppress(OSError, IndexError):
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("RssAnon:")[2].split()[0]) / 1000
    return 0.0


def below(pid: int) -> list[int]:
    """List the processes that a process has started, and theirs; one that just ended has none."""
    with suppress(OSError):
        told = [(task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
        children = [int(child) for words in told for child in words.split()]
        return [one for child in children for one in (child, *below(child))]
    return []


def _most_held(pid: int) -> float:
    with suppress(OSError, IndexError):
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1000
    return 0.0
