"""Transactions, the same on both databases.

A transaction belongs to the task that opened it. A task started inside works outside: it
sees what is committed, and its own writes wait for their turn. Inside the owning task a
second transaction is a savepoint, so a caught error undoes the inner block and no more.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Literal, Self

from piccolo.engine.base import BaseTransaction

from floorday.errors import Busy

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Sequence
    from types import TracebackType

    from floorday.db.turns import Waiting

logger = logging.getLogger(__name__)

BUSY = "The database is busy with other work, so nothing was saved. Please try again in a moment."
HELD = (
    "This task was started inside a transaction that is still open. A task works outside the transaction it was "
    "started in, so its writes wait for that transaction to end: await them in the task that owns the transaction."
)

Rows = list[dict[str, Any]]


class Link(ABC):
    """One connection lent out for a while; what differs between the databases."""

    @abstractmethod
    def begin(self, *, reading: bool, durable: bool) -> None:
        """Begin with the first statement, which raises Busy where that is not possible in time."""

    @abstractmethod
    async def run(self, before: Sequence[Waiting], sql: str, args: list[Any]) -> Any:
        """Run the statements that wait, then one whose rows are wanted, inside the transaction."""

    @abstractmethod
    async def run_each(self, statements: Sequence[Waiting]) -> list[Rows]:
        """Run statements inside the transaction, in one turn where the database can, and give the rows of each."""

    async def run_ahead(self, statements: Sequence[Waiting]) -> list[Rows]:
        """Run statements that the transaction need not hold, before it begins where the database can."""
        return await self.run_each(statements)

    @abstractmethod
    async def commit(self, before: Sequence[Waiting]) -> None:
        """Run the statements that wait and commit, or raise with nothing committed."""

    @abstractmethod
    async def rollback(self) -> None:
        """Undo everything; do nothing where the database already has."""

    @abstractmethod
    async def give_back(self) -> None:
        """Return the connection, or throw it away if it cannot be trusted."""


class Lender(ABC):
    """An engine that lends connections."""

    current_transaction: contextvars.ContextVar[Any]

    @abstractmethod
    async def lend(self, *, reading: bool) -> Link:
        """Lend a connection, or raise Busy when none comes free in time."""

    def mine(self) -> Transaction | None:
        """Find the open transaction of this very task."""
        found: Transaction | None = self.current_transaction.get()
        return found if found is not None and found.open and found.task is asyncio.current_task() else None

    def own(self) -> Transaction:
        """Give the open transaction of this very task; raise where there is none."""
        if (found := self.mine()) is None:
            raise RuntimeError("This runs inside a transaction, and there is none.")
        return found

    def inherited(self) -> bool:
        """Tell whether this task was started inside a transaction that is still open elsewhere."""
        found: Transaction | None = self.current_transaction.get()
        return found is not None and found.open and found.task is not asyncio.current_task()

    def busy(self) -> Busy:
        """Say that the database is busy, and to the log why if the cause is in the program."""
        error = Busy(BUSY)
        if self.inherited():
            error.add_note(HELD)
            logger.warning(HELD)
        return error


class Transaction(BaseTransaction):
    """`async with`: commits at the end, rolls back on any exception, always returns its connection."""

    link: Link

    def __init__(self, engine: Lender, *, reading: bool = False, durable: bool = False) -> None:
        self.engine = engine
        self.reading = reading
        self.durable = durable
        self.open = False
        self.task: asyncio.Task[Any] | None = None
        self.outer: Transaction | None = None
        self._waiting: list[Waiting] = []
        self._savepoints = 0
        self._savepoint = ""
        self._spoiled: BaseException | None = None
        self._ended = False

    async def __aenter__(self) -> Self:  # pyright: ignore[reportIncompatibleMethodOverride]  # Piccolo says None
        self.outer = self.engine.mine()
        if self.outer is not None:
            await self._enter_inner(self.outer)
            return self
        self.link = await self.engine.lend(reading=self.reading)
        self.link.begin(reading=self.reading, durable=self.durable)
        self.task = asyncio.current_task()
        self.open = True
        self._token = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        if self.outer is not None:
            await self._leave_inner(self.outer, error)
            return False
        self.open = False
        self._forget()
        try:
            if error is None and not self._ended:
                if self._spoiled is not None:
                    raise RuntimeError(
                        "Part of this transaction could not be undone, so none of it was saved."
                    ) from self._spoiled
                await self.link.commit(self._taken())
        finally:
            await self._undo_and_return()
        return False

    async def run(self, sql: str, args: list[Any]) -> Any:
        """Run one statement inside, after those that wait."""
        if self._ended:
            raise RuntimeError("This transaction has been rolled back; open a new one.")
        return await self.link.run(self._taken(), sql, args)

    async def run_each(self, statements: Sequence[Waiting], *, ahead: bool = False) -> list[Rows]:
        """Run statements, after those that wait, and give the rows of each; `ahead` of BEGIN where that may be."""
        if self._ended:
            raise RuntimeError("This transaction has been rolled back; open a new one.")
        if ahead and not self._waiting:
            return await self.link.run_ahead(statements)
        before = self._taken()
        return (await self.link.run_each([*before, *statements]))[len(before) :]

    def later(self, statement: Waiting) -> None:
        """Let a statement run with the next one that is waited for."""
        if self._ended:
            raise RuntimeError("This transaction has been rolled back; open a new one.")
        self._waiting.append(statement)

    def _taken(self) -> list[Waiting]:
        waiting, self._waiting = self._waiting, []
        return waiting

    async def rollback(self) -> None:
        """Undo everything now; the block may only be left afterwards."""
        if self.outer is not None:
            raise RuntimeError("Only the outermost transaction can be rolled back by hand; raise instead.")
        self._ended = True
        self._waiting.clear()
        await self.link.rollback()

    async def _enter_inner(self, outer: Transaction) -> None:
        while outer.outer is not None:
            outer = outer.outer
        self.outer = outer
        if self.reading:
            return
        if outer.reading:
            raise RuntimeError("A transaction that only reads cannot hold one that writes.")
        outer._savepoints += 1
        self._savepoint = f"inner_{outer._savepoints}"
        await outer.run(f"SAVEPOINT {self._savepoint}", [])

    async def _leave_inner(self, outer: Transaction, error: BaseException | None) -> None:
        if not self._savepoint or outer._ended:
            return
        if error is None:
            try:
                await outer.run(f"RELEASE SAVEPOINT {self._savepoint}", [])
            except BaseException as failure:
                await self._undo_inner(outer, failure)
                raise
        else:
            await self._undo_inner(outer, error)

    async def _undo_inner(self, outer: Transaction, error: BaseException) -> None:
        outer._waiting.clear()  # what had waited outside went ahead with the savepoint
        try:
            await outer.run(f"ROLLBACK TO SAVEPOINT {self._savepoint}", [])
            await outer.run(f"RELEASE SAVEPOINT {self._savepoint}", [])
        except Exception as failure:
            outer._spoiled = failure
            if isinstance(error, Exception):
                logger.exception("An inner transaction could not be undone; the outer one will not be saved.")
        except BaseException as failure:
            outer._spoiled = failure
            raise

    async def _undo_and_return(self) -> None:
        """Leave nothing open on the connection, whatever went wrong before, and return it."""
        try:
            await self.link.rollback()
        except Exception:
            logger.exception("A transaction could not be rolled back; its connection is given up.")
        finally:
            await self.link.give_back()

    def _forget(self) -> None:
        try:
            self.engine.current_transaction.reset(self._token)
        except ValueError:
            # Left in another context than it was entered in; what is not open counts for nothing.
            self.engine.current_transaction.set(None)
