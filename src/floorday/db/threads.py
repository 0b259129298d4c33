"""One thread that does one piece of work after the other for whoever waits in an event loop.

Python's own executor can do more (many threads, results that other threads wait for) and takes twice as much of the
processor for a way there and back, which is most of what a short statement costs.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any


class Job:
    """A piece of work; `done` says that it has been left for good, whatever became of it."""

    __slots__ = ("args", "done", "left", "loop", "told", "work")

    def __init__(self, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.work, self.args = work, args
        self.loop = asyncio.get_running_loop()
        self.told: asyncio.Future[Any] = self.loop.create_future()
        self.left: asyncio.Future[None] | None = None
        self.done = False

    def do(self) -> None:
        """Do it, in the thread."""
        result, error = None, None
        try:
            result = self.work(*self.args)
        except BaseException as raised:
            error = raised
        self.done = True
        try:
            self.loop.call_soon_threadsafe(self._tell, result, error)
        except RuntimeError:  # the loop was closed, so nobody waits any more
            return
        finally:
            del result, error

    def _tell(self, result: Any, error: BaseException | None) -> None:
        if self.left is not None and not self.left.done():
            self.left.set_result(None)
        if self.told.done():  # whoever waited was cancelled
            return
        if error is None:
            self.told.set_result(result)
        else:
            self.told.set_exception(error)

    async def leave(self, seconds: float) -> None:
        """Wait until it is left, but no longer than this."""
        if not self.done:
            self.left = self.loop.create_future()
            await asyncio.wait([self.left], timeout=seconds)


class Thread:
    """A thread of its own, from the first piece of work until `end`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self.begun = False

    def begin(self, work: Callable[..., Any], args: tuple[Any, ...]) -> Job:
        """Let it do a piece of work after those that it has; await the job's `told`."""
        if not self.begun:
            self.begun = True
            threading.Thread(target=_work, args=(self.jobs,), name=self.name, daemon=True).start()
        job = Job(work, args)
        self.jobs.put(job)
        return job

    def end(self) -> None:
        """Let it end when all that it was given is done."""
        self.jobs.put(None)

    def __del__(self) -> None:
        self.end()


def _work(jobs: SimpleQueue[Job | None]) -> None:
    while (job := jobs.get()) is not None:
        job.do()
        del job
