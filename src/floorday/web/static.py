"""Style, scripts and pictures, named by their content so that browsers may keep them."""

# pyright: reportUnknownVariableType=false
# Litestar leaves the file system parameter of its static router open.
from __future__ import annotations

import functools
import hashlib
import time
from pathlib import Path

from litestar.router import Router
from litestar.static_files import create_static_files_router

PATH = "/static"


@functools.cache
def folder() -> Path:
    """Find the files: beside the package when installed, at the top of a clone otherwise."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_static"
    return installed if installed.is_dir() else package.parent.parent / "static"


def static(name: str) -> str:
    """Return the address of a file; its mark changes with its content, within a second."""
    return _address(name, int(time.monotonic()))


@functools.lru_cache(maxsize=64)
def _address(name: str, second: int) -> str:
    del second  # part of the key: a file that has changed since is marked anew
    file = folder() / name
    return f"{PATH}/{name}?v={_mark(file, file.stat().st_mtime_ns)}"


def router() -> Router:
    """Serve the files."""
    return create_static_files_router(path=PATH, directories=[folder()], name="static", include_in_schema=False)


@functools.lru_cache(maxsize=256)
def _mark(file: Path, changed: int) -> str:
    del changed  # part of the key: a changed file is read again
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
