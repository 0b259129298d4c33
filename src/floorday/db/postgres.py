"""PostgreSQL for a service: every connection comes back to the pool, whatever failed.

Piccolo's own transaction keeps its connection when COMMIT fails, so that a few failures
empty the pool for ever; and a COMMIT that PostgreSQL turned into ROLLBACK passes for saved.
"""

# asyncpg has no types, Piccolo's engine and queries only some:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportIncompatibleMethodOverride=false

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Self

import asyncpg
from piccolo.engine.base import BaseBatch
from piccolo.engine.postgres import PostgresEngine

from floorday.db.transactions import Lender, Link, Rows, Transaction
from floorday.db.turns import Waiting, for_postgres, postgres_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from piccolo.query.base import Query
    from piccolo.querystring import QueryString

OTHER_LOOP = (
    "The database's connections were opened in another event loop. "
    "Open them where they are used: floorday.db.open_pools() in this loop."
)
# Nothing was written, and the same work may well pass a moment later.
PASSING = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
)
# The connection is gone, and with it whatever its transaction had not committed.
LOST = (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.InterfaceError, OSError)


async def _as_it_is(_connection: Any) -> None:
    """Take a connection back without asking the server to forget anything: all that is ever set ends with COMMIT.

    A transaction that is still open is rolled back before this is called.
    """


class PostgresLink(Link):
    """A lent connection, and how to begin and end a transaction on it."""

    def __init__(self, engine: PooledPostgres, connection: Any, pool: Any) -> None:
        self.engine = engine
        self.connection = connection
        self.pool = pool
        self.opening = ""
        self.tried = False

    def begin(self, *, reading: bool, durable: bool) -> None:
        """Begin with the first statement; one that reads sees one state of the whole database."""
        self.opening = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if reading else "BEGIN"
        self.reading = reading

    async def run(self, before: Sequence[Waiting], sql: str, args: list[Any]) -> Any:
        """Run the statements that wait in as few turns as may be, then one more."""
        if self.opening:
            await self._open()
        for words, values in postgres_turns(before):
            await self._inside(words, values)
        return await self._inside(sql, args)

    async def run_each(self, statements: Sequence[Waiting]) -> list[Rows]:
        """Run statements one after the other, and give the rows of each."""
        if self.opening:
            await self._open()
        return [[dict(row) for row in await self._inside(for_postgres(one.sql), one.args)] for one in statements]

    async def run_ahead(self, statements: Sequence[Waiting]) -> list[Rows]:
        """Run statements before BEGIN, where that has not been said and a state of the database is not to be kept."""
        if not self.opening or self.reading:
            return await self.run_each(statements)
        found = [[dict(row) for row in await self._first(for_postgres(one.sql), one.args)] for one in statements]
        self.tried = True
        return found

    async def _inside(self, sql: str, args: list[Any]) -> Any:
        try:
            return await self.connection.fetch(sql, *args)
        except (*PASSING, *LOST) as error:
            if isinstance(error, asyncpg.InterfaceError) and not self.connection.is_closed():
                raise
            raise self.engine.busy() from error

    async def run_alone(self, sql: str, args: list[Any]) -> Any:
        """Run one statement that is its own transaction; with the connection lost nobody knows what became of it."""
        try:
            return await self.connection.fetch(sql, *args)
        except PASSING as error:
            raise self.engine.busy() from error

    async def _open(self) -> None:
        words, self.opening = self.opening, ""
        await self._first(words, [], prepared=False)

    async def _first(self, sql: str, args: list[Any], *, prepared: bool = True) -> Any:
        """Run what may be run again, on another connection if this one turns out to be dead."""
        try:
            return await (self.connection.fetch(sql, *args) if prepared else self.connection.execute(sql))
        except (*PASSING, *LOST, asyncpg.InternalClientError):
            # The server went away since the connection was last used; it may be back already.
            with contextlib.suppress(asyncpg.InterfaceError):  # the pool may have noticed first, and taken it back
                self.connection.terminate()
            await self.give_back()
            fresh = await self.engine.lend(reading=self.reading)
            self.connection, self.pool = fresh.connection, fresh.pool
            return await self._inside(sql, args)

    async def commit(self, before: Sequence[Waiting]) -> None:
        """Commit, and do not take PostgreSQL's silent ROLLBACK for it."""
        if self.opening and not before:
            return
        turns = list(postgres_turns(before))
        if self.opening and self.tried and len(turns) == 1:
            words, values = turns[0]
            await self._last(self.connection.fetch(words, *values))  # a transaction by itself
            return
        if self.opening:
            await self._open()
        for words, values in turns:
            await self._inside(words, values)
        done = await self._last(self.connection.execute("COMMIT"))
        if done != "COMMIT":
            raise RuntimeError(
                "Nothing was saved: a statement in this transaction had failed and its error was caught. "
                "To go on after an error, catch it outside a transaction() of its own."
            )

    async def _last(self, ending: Coroutine[Any, Any, Any]) -> Any:
        """Wait for what saves the transaction."""
        committing: asyncio.Future[Any] = asyncio.ensure_future(ending)
        try:
            return await asyncio.shield(committing)
        except PASSING as error:
            raise self.engine.busy() from error
        except asyncio.CancelledError:
            # Cut short it would be neither saved nor undone for certain.
            await asyncio.wait([committing], timeout=self.engine.gate_timeout)
            if committing.done() and not committing.cancelled():
                committing.exception()
            raise

    async def rollback(self) -> None:
        """Roll back, unless PostgreSQL has or the connection is gone."""
        if not self.connection.is_closed() and self.connection.is_in_transaction():
            await self.connection.execute("ROLLBACK")

    async def give_back(self) -> None:
        """Return the connection, or close the one made for this alone."""
        if self.pool is not None:
            await self.pool.release(self.connection)
        else:
            await self.connection.close()


PLANS = {"jit": "off", "max_parallel_workers_per_gather": "0"}
"""Our statements are short: to start two more processes for one, or to compile it, takes longer than to answer it."""


class PooledPostgres(PostgresEngine, Lender):
    """Piccolo's engine for PostgreSQL, with transactions that cannot leak."""

    def __init__(self, dsn: str, *, pool_size: int = 10, gate_timeout: float = 15.0, pgbouncer: bool = False) -> None:
        self.gate_timeout = gate_timeout
        self.pool_size = pool_size
        self.loop: asyncio.AbstractEventLoop | None = None
        self.watchers: list[Callable[[str], Any]] = []
        config: dict[str, Any] = {"dsn": dsn, "timeout": gate_timeout}
        if pgbouncer:
            # A statement prepared on one server connection is unknown on the next.
            config["statement_cache_size"] = 0
        else:
            config["server_settings"] = {
                "application_name": "floorday", "timezone": "UTC", "lock_timeout": f"{int(gate_timeout * 1000)}",
                **PLANS,
            }
        super().__init__(config=config)

    async def check_version(self) -> None:
        """Ask nothing: making an engine opens no connection."""

    async def prep_database(self) -> None:
        """Install nothing: no extension is needed."""

    async def start_connection_pool(self, **kwargs: Any) -> None:
        """Open the connections in this event loop; do nothing where they are open."""
        here = asyncio.get_running_loop()
        if self.pool is not None and self.loop is not here:
            if self.loop is not None and not self.loop.is_closed():
                raise RuntimeError(OTHER_LOOP)
            self.pool = None
        if self.pool is None:
            settings: dict[str, Any] = {"min_size": 1, "max_size": self.pool_size, "reset": _as_it_is}
            settings |= self.config | kwargs
            try:
                self.pool = await asyncpg.create_pool(**settings)
            except (TimeoutError, OSError, *PASSING) as error:
                raise self.busy() from error
            self.loop = here

    async def close_connection_pool(self) -> None:
        """Close the connections; those still at work after the longest wait are cut."""
        pool, self.pool = self.pool, None
        if pool is None or self.loop is not asyncio.get_running_loop():
            return
        try:
            async with asyncio.timeout(self.gate_timeout):
                await pool.close()
        except TimeoutError:
            pool.terminate()

    async def lend(self, *, reading: bool, apart: bool = False) -> PostgresLink:
        """Lend a connection of the pool, or a new one where no pool is open or it is to be kept `apart`."""
        pool = None if apart else self.pool
        if pool is not None and self.loop is not asyncio.get_running_loop():
            raise RuntimeError(OTHER_LOOP)
        try:
            if pool is None:
                return PostgresLink(self, await asyncpg.connect(**self.config), None)
            return PostgresLink(self, await pool.acquire(timeout=self.gate_timeout), pool)
        except (TimeoutError, OSError, *PASSING) as error:
            raise self.busy() from error

    def transaction(self, *_: Any, reading: bool = False, durable: bool = False, **__: Any) -> Transaction:
        """Open a transaction, or `reading` one state of the whole database; all are `durable`."""
        return Transaction(self, reading=reading, durable=durable)

    def transaction_exists(self) -> bool:
        """Tell whether this task has a transaction open."""
        return self.mine() is not None

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        """Run one of Piccolo's queries."""
        sql, args = querystring.compile_string(engine_type=self.engine_type)
        return await self._run(sql, args)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        """Run one statement that defines."""
        return await self._run(ddl, [])

    async def run_statement(self, sql: str, args: list[Any]) -> Rows:
        """Run a statement with `{}` for each argument."""
        return [dict(row) for row in await self._run(for_postgres(sql), args)]

    async def run_plain(self, sql: str, args: list[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement with `{}` for each argument, and give its rows without names."""
        return await self._run(for_postgres(sql), args)

    async def run_at_once(self, sql: str, args: list[Any]) -> Rows:
        """Run a statement that finds a few rows by an index: here as any other."""
        return await self.run_statement(sql, args)

    def run_later(self, statement: Waiting) -> None:
        """Let a statement run with the next one that this task's transaction waits for."""
        for watch in self.watchers:
            watch(for_postgres(statement.sql))
        self.own().later(statement)

    async def run_each(self, statements: Sequence[Waiting], *, ahead: bool = False) -> list[Rows]:
        """Run statements inside this task's transaction, or `ahead` of it, and give the rows of each."""
        for watch in self.watchers:
            for one in statements:
                watch(for_postgres(one.sql))
        return await self.own().run_each(statements, ahead=ahead)

    async def _run(self, sql: str, args: list[Any]) -> Any:
        for watch in self.watchers:
            watch(sql)
        if (own := self.mine()) is not None:
            return await own.run(sql, args)
        link = await self.lend(reading=False)
        try:
            return await link.run_alone(sql, args)
        finally:
            await link.give_back()

    async def batch(self, query: Query[Any, Any], batch_size: int = 100, node: str | None = None) -> Batch:
        """Read a long result in parts, from one committed state of the database."""
        return Batch(self, query, batch_size)


class Batch(BaseBatch):
    """Rows in parts: `async with await query.batch() as parts: async for rows in parts`."""

    def __init__(self, engine: PooledPostgres, query: Query[Any, Any], size: int) -> None:
        self.engine = engine
        self.query = query
        self.size = size

    async def __aenter__(self) -> Self:
        sql, args = self.query.querystrings[0].compile_string(engine_type=self.engine.engine_type)
        self.link = await self.engine.lend(reading=True)
        try:
            self.reading = self.link.connection.transaction(isolation="repeatable_read", readonly=True)
            await self.reading.start()
            self.cursor = await self.link.connection.cursor(sql, *args)
        except BaseException:
            await self.link.give_back()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.reading.rollback()
        finally:
            await self.link.give_back()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Rows:
        rows = await self.cursor.fetch(self.size)
        if not rows:
            raise StopAsyncIteration
        return await self.query._process_results(rows)  # pyright: ignore[reportPrivateUsage]  # as Piccolo's batches
