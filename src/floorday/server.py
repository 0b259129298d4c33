"""The HTTP server: uvicorn with the limits that a service facing people needs.

uvicorn leaves a client that says nothing, or says it a byte at a time, connected for ever; a few hundred of those
are enough to shut everybody else out. Here each gets a deadline.
"""

from __future__ import annotations

import copy
import logging
from typing import TYPE_CHECKING, Any

import h11
import uvicorn
from uvicorn.config import LOGGING_CONFIG
from uvicorn.protocols.http.h11_impl import H11Protocol

from floorday import garbage
from floorday.render.tokens import mask_tokens

if TYPE_CHECKING:
    import asyncio

    from litestar import Litestar

HEAD_SECONDS = 20
BODY_SECONDS = 120
HEAD_BYTES = 32 * 1024
CONNECTIONS = 1000
GOODBYE_SECONDS = 10
PAGES = "floorday.server:pages"
PAGES_AND_WORKER = "floorday.server:pages_and_worker"


class PatientProtocol(H11Protocol):
    """Wait for a request's head and for its body, each for so long and no longer."""

    waiting_for: Any = None
    deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] - as h11_impl
        """Begin to wait when somebody connects."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came, and see what is still missing."""
        super().data_received(data)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._forget()
        super().connection_lost(exc)

    def _wait(self) -> None:
        state: Any = self.conn.their_state
        if state is self.waiting_for:
            return
        self._forget()
        self.waiting_for = state
        seconds = {h11.IDLE: HEAD_SECONDS, h11.SEND_BODY: BODY_SECONDS}.get(state)
        if seconds:
            self.deadline = self.loop.call_later(seconds, self.transport.close)

    def _forget(self) -> None:
        if self.deadline:
            self.deadline.cancel()
        self.deadline = None


def pages() -> Litestar:
    """Load and make the application in this process, which may be one of several."""
    garbage.one_heap()
    with garbage.put_off():
        from floorday.app import create_app

        return create_app()


def pages_and_worker() -> Litestar:
    """Do so with the worker inside, as `floorday run` and `floorday demo` serve it."""
    garbage.one_heap()
    with garbage.put_off():
        from floorday.app import create_app

        return create_app(working=True)


def options(app: str = PAGES, *, host: str, port: int, log_level: str) -> dict[str, Any]:
    """Say how uvicorn is to be run, in one process or several."""
    return {
        "app": app,
        "factory": True,
        "host": host,
        "port": port,
        "log_level": log_level,
        "http": PatientProtocol,
        "h11_max_incomplete_event_size": HEAD_BYTES,
        "limit_concurrency": CONNECTIONS,
        "timeout_graceful_shutdown": GOODBYE_SECONDS,
        "server_header": False,
        "access_log": log_level == "debug",
        "log_config": _log_config(),
    }


class Masked(logging.Filter):
    """Hide the tokens in the addresses that are asked for."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line through, masked."""
        if isinstance(record.args, tuple):
            record.args = tuple(mask_tokens(one) if isinstance(one, str) else one for one in record.args)
        return True


def _log_config() -> dict[str, Any]:
    """Take uvicorn's way of writing logs, with tokens left out; every process of several reads it for itself."""
    config = copy.deepcopy(LOGGING_CONFIG)
    config["filters"] = {"masked": {"()": f"{__name__}.Masked"}}
    for handler in config["handlers"].values():
        handler["filters"] = ["masked"]
    return config


def serve(app: str = PAGES, *, host: str, port: int, log_level: str, processes: int = 1) -> None:
    """Answer requests until told to stop."""
    uvicorn.run(**options(app, host=host, port=port, log_level=log_level), workers=processes)
