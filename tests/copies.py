"""An older copy of the database, put back: what `cp` does to a file, and a template to PostgreSQL."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from floorday import db
from floorday.config import sqlite_path
from tests.conftest import administer


class Copies:
    """Copies of the bound database; `done` throws them away."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self._made: list[str] = []

    async def take(self) -> str:
        """Copy the database as it stands, and give the copy's name."""
        name = f"copy_{uuid4().hex}"
        if db.dialect() == "sqlite":
            with (closing(sqlite3.connect(sqlite_path(self.url))) as here,
                  closing(sqlite3.connect(self.folder / name)) as copy):  # fmt: skip
                here.backup(copy)
            return name
        await db.close_pools()
        await administer(self._cluster, f"CREATE DATABASE {name} TEMPLATE {self._name}")
        self._made.append(name)
        await db.open_pools()
        return name

    async def put_back(self, name: str) -> None:
        """Let the database be again what it was."""
        await db.close_pools()
        if db.dialect() == "sqlite":
            file = Path(sqlite_path(self.url))
            for beside in ("-wal", "-shm"):
                file.with_name(file.name + beside).unlink(missing_ok=True)
            shutil.copyfile(self.folder / name, file)
        else:
            await administer(self._cluster, f"DROP DATABASE {self._name} WITH (FORCE)")
            await administer(self._cluster, f"CREATE DATABASE {self._name} TEMPLATE {name}")
        await db.open_pools()

    async def done(self) -> None:
        """Throw the copies away."""
        for name in self._made:
            await administer(self._cluster, f"DROP DATABASE {name} WITH (FORCE)")

    @property
    def _name(self) -> str:
        return urlsplit(self.url).path.lstrip("/")

    @property
    def _cluster(self) -> str:
        return self.url.replace(f"/{self._name}?", "/postgres?")
