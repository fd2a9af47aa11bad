"""The pool of database connections, and what happens when the database is away."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import structlog

from paydesk import limits
from paydesk.errors import DatabaseAway

R = TypeVar("R")
Row = asyncpg.Record
if TYPE_CHECKING:
    Connection = asyncpg.Connection[Row] | asyncpg.pool.PoolConnectionProxy[Row]
else:
    Connection = asyncpg.Connection
log = structlog.get_logger()

# What a lost, refused, stopping or overfull server raises, in asyncpg and below it.
AWAY: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DiskFullError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
_WORTH_REPEATING = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_REPEATS_MAX = 5


class _Connection(asyncpg.Connection):
    """A connection that is not reset when it goes back to the pool.

    The reset costs a round trip per statement. It is safe to leave out because nothing here
    keeps session state on a pooled connection (no SET, LISTEN or session lock); a test reads
    the source for them.
    """

    def get_reset_query(self) -> str:
        return ""


class Database:
    """Statements and transactions over a pool.

    Raises: DatabaseAway from every method while the server can't be reached.
    """

    def __init__(
        self, url: str, *, connections_max: int, settings: Mapping[str, str] | None = None
    ) -> None:
        """Its connections have these settings of the server on top of those that all have."""
        self._url = url
        self._connections_max = connections_max
        self._settings = settings or {}
        self._pool: asyncpg.Pool | None = None

    async def open(self) -> None:
        """Connects; waits for a server that is still starting.

        Raises: DatabaseAway after some 15 seconds.
        """
        for pause in (0.05, 0.1, 0.2, 0.5, 1, 2, 3, 4, 5):
            try:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=1,
                    max_size=self._connections_max,
                    max_inactive_connection_lifetime=0,
                    connection_class=_Connection,
                    server_settings={
                        "application_name": "paydesk",
                        "statement_timeout": f"{limits.DATABASE_STATEMENT_SECONDS_MAX}s",
                        "lock_timeout": f"{limits.DATABASE_LOCK_SECONDS_MAX}s",
                        "idle_in_transaction_session_timeout": "30s",
                        "timezone": "UTC",
                        "jit": "off",
                        "max_parallel_workers_per_gather": "0",
                        # Statements here look rows up by key, so one plan suits all values. Left
                        # to itself the server takes the arrays' lengths for a reason to plan
                        # the creating statement anew each time, which triples its cost.
                        "plan_cache_mode": "force_generic_plan",
                        **self._settings,
                    },
                )
            except AWAY:
                await asyncio.sleep(pause)
            else:
                return
        raise DatabaseAway

    async def close(self) -> None:
        if self._pool is not None:
            try:
                await asyncio.wait_for(self._pool.close(), 3)
            except TimeoutError:
                self._pool.terminate()

    async def row(self, sql: str, *values: Any) -> Row | None:
        return await self._repeat(lambda connection: connection.fetchrow(sql, *values))

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        return await self._repeat(lambda connection: connection.fetch(sql, *values))

    async def value(self, sql: str, *values: Any) -> Any:
        return await self._repeat(lambda connection: connection.fetchval(sql, *values))

    async def execute(self, sql: str, *values: Any) -> str:
        return await self._repeat(lambda connection: connection.execute(sql, *values))

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for one statement, outside any transaction."""
        pool = self._pool
        if pool is None:
            raise DatabaseAway(retry_after_seconds=2)
        try:
            # The pool's own timeout would start a task for every statement.
            async with asyncio.timeout(limits.DATABASE_LOCK_SECONDS_MAX):
                connection = await pool.acquire()
            try:
                yield connection
            finally:
                await pool.release(connection, timeout=limits.DATABASE_LOCK_SECONDS_MAX)
        except asyncpg.DataError:
            # A value that does not fit its column is our bug, not the server's absence, though
            # the driver derives it from InterfaceError.
            raise
        except AWAY as away:
            log.warning("database_away", reason=type(away).__name__)
            raise DatabaseAway(retry_after_seconds=2) from away

    async def transact(self, work: Callable[[Connection], Awaitable[R]]) -> R:
        """Runs the work in one transaction and commits it.

        It may be run anew, at most five times, so it must have no effect but on the database.
        """

        async def begun(connection: Connection) -> R:
            async with connection.transaction():
                return await work(connection)

        return await self._repeat(begun)

    async def _repeat(self, work: Callable[[Connection], Awaitable[R]]) -> R:
        """Runs the work, and again where the server asks for it.

        That is what a deadlock or serialization failure is: all that was done is undone.
        """
        for _ in range(_REPEATS_MAX):
            try:
                async with self.connection() as connection:
                    return await work(connection)
            except _WORTH_REPEATING:
                await asyncio.sleep(random.uniform(0.005, 0.05))  # noqa: S311 (jitter, no secret)
        raise DatabaseAway(retry_after_seconds=1)
