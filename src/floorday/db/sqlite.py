"""SQLite for a service: one writer behind a fair gate, some readers, no surprises.

Piccolo's own engine opens a thread and a file for every statement and begins transactions
that cannot become writers. Here writes queue for the one connection that may write, in the
order they came; reads go to connections that cannot write at all; a wait that is too long
ends with Busy. Without started pools (the command line, migrations) each statement or
transaction gets a connection of its own, with the same rules.
"""

# Piccolo's engine and queries are only partly typed:
# pyright: reportUnknownMemberType=false, reportIncompatibleMethodOverride=false

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from piccolo.engine.base import BaseBatch
from piccolo.engine.sqlite import SQLiteEngine

from floorday.db.cells import read_as_python
from floorday.db.routing import only_reads
from floorday.db.threads import Thread
from floorday.db.transactions import Lender, Link, Rows, Transaction
from floorday.db.turns import Waiting, for_sqlite
from floorday.db.violations import name_unique

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from piccolo.query.base import Query
    from piccolo.querystring import QueryString

logger = logging.getLogger(__name__)

read_as_python()

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=1",
    "PRAGMA temp_store=MEMORY",
    # No file is mapped: each connection's map counts as memory of the process once more.
    "PRAGMA mmap_size=0",
)
# Pages are kept by the KiB: who reads looks far and wide, who writes comes back to the same few.
READING = ("PRAGMA cache_size=-4500", "PRAGMA query_only=1")
WRITING = ("PRAGMA cache_size=-2000",)
# SQLite itself waits this long (seconds) for another process; longer waits are ours, and can be cancelled.
PATIENCE = 0.1
OTHER_LOOP = (
    "The database's connections were opened in another event loop. "
    "Open them where they are used: floorday.db.open_pools() in this loop."
)


def is_busy(error: BaseException) -> bool:
    """Tell whether SQLite says that another process is in the way."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Connection:
    """One sqlite3 connection kept on one thread; a statement is one hop."""

    raw: sqlite3.Connection

    def __init__(self, path: str, *, reading: bool) -> None:
        self.path = path
        self.reading = reading
        self.broken = False
        self.thread = Thread("sqlite-reader" if reading else "sqlite-writer")

    async def open(self, deadline: float) -> Self:
        """Connect; another process that is just now making the file is waited for."""
        try:
            while True:
                try:
                    await self._hop(self._connect)
                    return self
                except sqlite3.OperationalError as error:
                    if not is_busy(error) or time.monotonic() > deadline:
                        raise
        except BaseException:
            if hasattr(self, "raw"):
                self.raw.close()
            self.thread.end()
            raise

    async def run(self, sql: str, args: Any = (), *, whole: bool = False) -> Rows:
        """Run one statement; `whole` is never cut short."""
        return await self._hop(self.fetch, sql, args, whole=whole)

    async def call(self, work: Callable[..., Any], *args: Any, whole: bool = False) -> Any:
        """Run a piece of work on the connection's own thread; `whole` is never cut short."""
        return await self._hop(work, *args, whole=whole)

    async def close(self) -> None:
        """Close the connection and end its thread."""
        try:
            await self._hop(self.raw.close, whole=True)
        finally:
            self.thread.end()

    def _connect(self) -> None:
        if not (file := Path(self.path)).exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            # It will hold people's names; SQLite gives its side files the same mode.
            file.touch(mode=0o600, exist_ok=True)
        raw = sqlite3.connect(
            self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=256,
            detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES,
        )
        try:
            for pragma in (*PRAGMAS, *(READING if self.reading else WRITING)):
                raw.execute(pragma)
        except BaseException:
            raw.close()
            raise
        self.raw = raw

    def fetch(self, sql: str, args: Any, *, inside: bool = False) -> Rows:
        """Run one statement on this thread; `inside` a transaction only if it still is one."""
        if inside and not self.raw.in_transaction:
            raise RuntimeError("SQLite has rolled this transaction back after an earlier error.")
        try:
            cursor = self.raw.execute(sql, args)
            if cursor.description is None:
                return []
            names = [column[0] for column in cursor.description]
            rows = cursor.fetchall()
            cursor.close()
        except sqlite3.IntegrityError as error:
            name_unique(error, self.raw)
            raise
        return [dict(zip(names, row, strict=True)) for row in rows]

    def fetch_plain(self, sql: str, args: Any) -> list[tuple[Any, ...]]:
        """Run one statement that reads on this thread, and give its rows without names."""
        cursor = self.raw.execute(sql, args)
        rows = cursor.fetchall()
        cursor.close()
        return rows

    async def _hop(self, work: Callable[..., Any], *args: Any, whole: bool = False) -> Any:
        """Do the work on the thread. When cancelled, cut it short, but never leave while it runs."""
        job = self.thread.begin(work, args)
        try:
            return await job.told
        except asyncio.CancelledError:
            while not job.done:
                if not whole and hasattr(self, "raw"):
                    self.raw.interrupt()
                try:
                    await job.leave(PATIENCE)
                except asyncio.CancelledError:
                    continue
            raise


class Pool:
    """The writer and its gate, and the readers; all of one event loop."""

    def __init__(self, path: str, readers: int, timeout: float) -> None:
        self.path = path
        self.timeout = timeout
        self.loop = asyncio.get_running_loop()
        self.gate = asyncio.Lock()
        self.size = readers
        self.idle: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        self.all: list[Connection] = []
        self.writer: Connection

    async def open(self) -> Self:
        """Open every connection, the writer first, for it makes the file."""
        try:
            self.writer = await self._connect(reading=False)
            for _ in range(self.size):
                self.idle.put_nowait(await self._connect(reading=True))
        except BaseException:
            await self.close()
            raise
        return self

    async def close(self) -> None:
        """Close every connection."""
        for connection in self.all:
            await connection.close()
        self.all.clear()

    async def take(self, *, reading: bool) -> Connection:
        """Wait for a reader, or at the gate for the writer; raise TimeoutError after the longest wait."""
        if asyncio.get_running_loop() is not self.loop:
            raise RuntimeError(OTHER_LOOP)
        if not reading:
            async with asyncio.timeout(self.timeout):
                await self.gate.acquire()
            return self.writer
        if not self.idle.empty():
            return self.idle.get_nowait()
        async with asyncio.timeout(self.timeout):
            return await self.idle.get()

    def at_rest(self) -> Connection | None:
        """Take a reader that is idle, for as long as nobody else gets a turn; it is to be put back into `idle`."""
        if asyncio.get_running_loop() is not self.loop or self.idle.empty():
            return None
        return self.idle.get_nowait()

    async def put_back(self, connection: Connection) -> None:
        """Take a connection back; one that cannot be trusted is replaced first."""
        try:
            if connection.broken:
                connection = await self._replace(connection)
        finally:
            if connection.reading:
                self.idle.put_nowait(connection)
            else:
                self.gate.release()

    async def _replace(self, broken: Connection) -> Connection:
        fresh = await self._connect(reading=broken.reading)
        self.all.remove(broken)
        if not fresh.reading:
            self.writer = fresh
        await broken.close()
        return fresh

    async def _connect(self, *, reading: bool) -> Connection:
        fresh = await Connection(self.path, reading=reading).open(time.monotonic() + self.timeout)
        self.all.append(fresh)
        return fresh


class SQLiteLink(Link):
    """A lent connection, and how to begin and end a transaction on it."""

    def __init__(self, engine: PooledSQLite, connection: Connection, pool: Pool | None, deadline: float) -> None:
        self.engine = engine
        self.connection = connection
        self.pool = pool
        self.deadline = deadline
        self.opening: list[str] = []
        self.durable = False

    def begin(self, *, reading: bool, durable: bool) -> None:
        """Begin with the first statement, as the one writer at once, so that a read can be trusted until the write."""
        self.durable = durable and not reading
        self.opening = ["PRAGMA synchronous=FULL"] if self.durable else []
        self.opening.append("BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE")

    async def run(self, before: Sequence[Waiting], sql: str, args: list[Any]) -> Rows:
        """Run the statements that wait and one more, in one hop."""
        steps: list[tuple[str, list[Any]]] = [*((for_sqlite(one.sql), one.args) for one in before), (sql, args)]
        with self.engine.patience():
            return (await self._script(steps, whole=False))[-1]

    async def run_each(self, statements: Sequence[Waiting]) -> list[Rows]:
        """Run statements in one hop, and give the rows of each."""
        with self.engine.patience():
            return await self._script([(for_sqlite(one.sql), one.args) for one in statements], whole=False)

    async def commit(self, before: Sequence[Waiting]) -> None:
        """Commit; a reader of another process may be in the way only outside WAL, and is waited for."""
        if self.opening and not before:
            return
        self.deadline = time.monotonic() + self.engine.gate_timeout
        last: list[tuple[str, list[Any]]] = [*((for_sqlite(one.sql), one.args) for one in before), ("COMMIT", [])]
        with self.engine.patience():
            await self._script(last, whole=True)

    async def _script(self, steps: list[tuple[str, list[Any]]], *, whole: bool) -> list[Rows]:
        """Begin where that is still to be done, and take the steps; what another process holds up is tried again."""
        while True:
            try:
                return await self.connection.call(self._steps, steps, whole=whole)
            except sqlite3.OperationalError as error:
                waits = self.opening or steps[0][0] == "COMMIT"
                if not waits or not is_busy(error):
                    raise
                if time.monotonic() > self.deadline:
                    raise self.engine.busy() from error

    def _steps(self, steps: list[tuple[str, list[Any]]]) -> list[Rows]:
        """Take the steps, on the connection's own thread; those that were taken are gone from the lists."""
        for words in self.opening:
            self.connection.raw.execute(words)
        self.opening = []
        rows: list[Rows] = []
        while steps:
            rows.append(self.connection.fetch(*steps[0], inside=True))
            del steps[0]
        return rows

    async def rollback(self) -> None:
        """Roll back, unless SQLite has."""
        try:
            if self.connection.raw.in_transaction:
                await self.connection.run("ROLLBACK", whole=True)
            if self.durable:
                await self.connection.run("PRAGMA synchronous=NORMAL", whole=True)
        except BaseException:
            self.connection.broken = self.connection.raw.in_transaction
            raise

    async def give_back(self) -> None:
        """Return the connection, or close the one made for this alone."""
        if self.pool is not None:
            await self.pool.put_back(self.connection)
        else:
            await self.connection.close()

    async def patiently(self, sql: str, args: Any = (), *, plain: bool = False) -> Any:
        """Run one statement that is its own transaction, until other processes let it through; or raise Busy."""
        work = self.connection.fetch_plain if plain else self.connection.fetch
        while True:
            try:
                return await self.connection.call(work, sql, args)
            except sqlite3.OperationalError as error:
                if not is_busy(error):
                    raise
                if time.monotonic() > self.deadline:
                    raise self.engine.busy() from error


class PooledSQLite(SQLiteEngine, Lender):
    """Piccolo's engine for SQLite, with pools."""

    def __init__(self, path: str, *, readers: int = 3, gate_timeout: float = 15.0) -> None:
        self.readers = readers
        self.gate_timeout = gate_timeout
        self.pool: Pool | None = None
        self.watchers: list[Callable[[str], Any]] = []
        self.file = path
        super().__init__(path=path)

    async def check_version(self) -> None:
        """Ask nothing: Python carries its SQLite."""

    async def start_connection_pool(self, **_: Any) -> None:
        """Open the connections in this event loop; do nothing where they are open."""
        if self.pool is not None and self.pool.loop is not asyncio.get_running_loop():
            if not self.pool.loop.is_closed():
                raise RuntimeError(OTHER_LOOP)
            await self.close_connection_pool()
        if self.pool is None:
            with self.patience():
                self.pool = await Pool(self.file, self.readers, self.gate_timeout).open()

    async def close_connection_pool(self) -> None:
        """Close the connections once the writer is free."""
        pool, self.pool = self.pool, None
        if pool is None:
            return
        try:
            if pool.loop is asyncio.get_running_loop():
                await (await pool.take(reading=False)).run("PRAGMA optimize")
        except (TimeoutError, sqlite3.Error) as error:
            logger.warning("The database was closed without being tidied: %s", error)
        finally:
            await pool.close()

    async def lend(self, *, reading: bool) -> SQLiteLink:
        """Lend the writer or a reader."""
        deadline = time.monotonic() + self.gate_timeout
        pool = self.pool
        with self.patience():
            if pool is None:
                connection = await Connection(self.file, reading=reading).open(deadline)
            else:
                connection = await pool.take(reading=reading)
        return SQLiteLink(self, connection, pool, deadline)

    @contextmanager
    def patience(self) -> Generator[None]:
        """Turn a wait that was too long, here or in SQLite, into Busy."""
        try:
            yield
        except TimeoutError as error:
            raise self.busy() from error
        except sqlite3.OperationalError as error:
            if is_busy(error):
                raise self.busy() from error
            raise

    def transaction(self, *_: Any, reading: bool = False, durable: bool = False, **__: Any) -> Transaction:
        """Open a transaction: as the one writer, or `reading` one state of the whole database.

        `durable` waits for the disk, so that even a power cut loses nothing that was committed.
        """
        return Transaction(self, reading=reading, durable=durable)

    def atomic(self, *_: Any, **__: Any) -> Any:
        """Collect statements for one transaction."""
        return super().atomic()

    def transaction_exists(self) -> bool:
        """Tell whether this task has a transaction open."""
        return self.mine() is not None

    async def run_querystring(self, querystring: QueryString, in_pool: bool = False) -> Rows:
        """Run one of Piccolo's queries."""
        sql, args = querystring.compile_string(engine_type=self.engine_type)
        return await self._run(sql, args)

    async def run_ddl(self, ddl: str, in_pool: bool = False) -> Rows:
        """Run one statement that defines."""
        return await self._run(ddl, [])

    async def run_statement(self, sql: str, args: list[Any]) -> Rows:
        """Run a statement with `{}` for each argument."""
        return await self._run(for_sqlite(sql), args)

    async def run_plain(self, sql: str, args: list[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement with `{}` for each argument, and give its rows without names."""
        words = for_sqlite(sql)
        if self.mine() is not None:
            return [tuple(row.values()) for row in await self._run(words, args)]
        return await self._run(words, args, plain=True)

    async def run_at_once(self, sql: str, args: list[Any]) -> Rows:
        """Run a statement that finds a few rows by an index here and now, by a reader that has nothing to do.

        The way to its thread and back would take longer than the answer.
        """
        pool, words = self.pool, for_sqlite(sql)
        idle = pool.at_rest() if pool is not None and self.mine() is None else None
        if pool is None or idle is None:
            return await self._run(words, args)
        for watch in self.watchers:
            watch(words)
        try:
            return idle.fetch(words, args)
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
        finally:
            pool.idle.put_nowait(idle)
        return await self._run(words, args)

    def run_later(self, statement: Waiting) -> None:
        """Let a statement run with the next one that this task's transaction waits for."""
        for watch in self.watchers:
            watch(for_sqlite(statement.sql))
        self.own().later(statement)

    async def run_each(self, statements: Sequence[Waiting], *, ahead: bool = False) -> list[Rows]:
        """Run statements inside this task's transaction, and give the rows of each; nothing goes `ahead` of BEGIN."""
        for watch in self.watchers:
            for one in statements:
                watch(for_sqlite(one.sql))
        return await self.own().run_each(statements, ahead=ahead)

    async def _run(self, sql: str, args: list[Any], *, plain: bool = False) -> Any:
        for watch in self.watchers:
            watch(sql)
        if (own := self.mine()) is not None:
            return await own.run(sql, args)
        link = await self.lend(reading=only_reads(sql))
        try:
            return await link.patiently(sql, args, plain=plain)
        finally:
            await link.give_back()

    async def batch(self, query: Query[Any, Any], batch_size: int = 100, node: str | None = None) -> Batch:
        """Read a long result in parts, from one committed state of the database."""
        return Batch(self, query, batch_size)


class Batch(BaseBatch):
    """Rows in parts: `async with await query.batch() as parts: async for rows in parts`."""

    def __init__(self, engine: PooledSQLite, query: Query[Any, Any], size: int) -> None:
        self.engine = engine
        self.query = query
        self.size = size

    async def __aenter__(self) -> Self:
        querystring = self.query.querystrings[0]
        sql, args = querystring.compile_string(engine_type=self.engine.engine_type)
        self.link = await self.engine.lend(reading=True)
        try:
            with self.engine.patience():
                self.cursor = await self.link.connection.call(self.link.connection.raw.execute, sql, args)
        except BaseException:
            await self.link.give_back()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.link.connection.call(self.cursor.close)
        finally:
            await self.link.give_back()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Rows:
        rows: list[tuple[Any, ...]] = await self.link.connection.call(self.cursor.fetchmany, self.size)
        if not rows:
            raise StopAsyncIteration
        names = [column[0] for column in self.cursor.description]
        return await self.query._process_results(  # pyright: ignore[reportPrivateUsage]  # Piccolo's batches do so
            [dict(zip(names, row, strict=True)) for row in rows]
        )
