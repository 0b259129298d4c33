"""The one engine that every table uses, and what may be asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from piccolo.table import Table

from floorday.config import settings, sqlite_path
from floorday.db.postgres import PooledPostgres
from floorday.db.sqlite import PooledSQLite
from floorday.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floorday.db.transactions import Transaction

Engine = PooledSQLite | PooledPostgres

_bound: Engine | None = None


def make_engine(
    url: str, *, readers: int = 3, gate_timeout: float = 15.0, pgbouncer: bool = False, pool_size: int = 10
) -> Engine:
    """Make an engine for an address, sqlite:///path or postgresql://...; nothing is opened yet.

    `readers` is for SQLite, `pool_size` and `pgbouncer` (transaction pooling) for PostgreSQL;
    `gate_timeout` is the longest wait for a turn, in seconds.
    """
    if url.startswith("sqlite:///") and (path := sqlite_path(url)) not in ("", ":memory:"):
        return PooledSQLite(path, readers=readers, gate_timeout=gate_timeout)
    if url.startswith(("postgresql://", "postgres://")):
        return PooledPostgres(url, pool_size=pool_size, gate_timeout=gate_timeout, pgbouncer=pgbouncer)
    raise Misconfigured("database", "This is the address of neither an SQLite file nor a PostgreSQL database.",
                        example="sqlite:///var/floorday.sqlite")


def bind(engine: Engine) -> None:
    """Point every table at this engine, those that are loaded later too."""
    global _bound  # noqa: PLW0603 - one engine a process
    _bound = engine
    for table in _below(Table):
        table._meta.db = engine  # pyright: ignore[reportPrivateUsage]  # the only place Piccolo keeps it


def current() -> Engine:
    """Give the bound engine; where none is bound, bind the one the settings ask for."""
    if _bound is None:
        chosen = settings()
        bind(make_engine(chosen.database, readers=chosen.readers, gate_timeout=chosen.gate_timeout,
                         pgbouncer=chosen.pgbouncer, pool_size=chosen.pool_size))
    assert _bound is not None
    return _bound


def dialect() -> Literal["sqlite", "postgres"]:
    """Name the bound database's kind."""
    return "sqlite" if isinstance(current(), PooledSQLite) else "postgres"


async def open_pools() -> None:
    """Open the bound engine's connections in this event loop; harmless where they are open."""
    await current().start_connection_pool()


async def close_pools() -> None:
    """Close the bound engine's connections; harmless where they are closed."""
    if _bound is not None:
        await _bound.close_connection_pool()


class Transactions:
    """What `transaction` is: call it to write, or `transaction.read()` to read."""

    def __call__(self, *, durable: bool = False) -> Transaction:
        """Open a transaction: all of it is saved, or none.

            async with transaction():
                ...

        Inside another one it is a savepoint. With `durable` even a power cut loses nothing
        once the block is left: for what the outside world is told has been kept.
        """
        return current().transaction(durable=durable)

    def read(self) -> Transaction:
        """See one state of the whole database for a number of queries; writing is refused."""
        return current().transaction(reading=True)


transaction = Transactions()


def _below(table: type[Table]) -> Iterator[type[Table]]:
    for child in table.__subclasses__():
        yield child
        yield from _below(child)
