"""`paydesk migrate`, and what serve does of the same: brings a database to our schema."""

import asyncio
import time

import asyncpg

from paydesk.cli.data_folder import DataFault
from paydesk.settings import SettingFault, read_settings

_CONNECT_SECONDS = 5
_AWAIT_SECONDS = 15  # a server that is started together with us gets this long
_STARTING = (OSError, TimeoutError, asyncpg.CannotConnectNowError)


def migrate_outside_database() -> list[str]:
    """The names of the files applied.

    Raises: SettingFault, when no database is set; DataFault, as migrate_database.
    """
    settings = read_settings()
    url = settings.owner_database_url or settings.database_url
    if url is None:
        raise SettingFault("Set PAYDESK_OWNER_DATABASE_URL or PAYDESK_DATABASE_URL first.")
    return asyncio.run(migrate_database(url))


async def migrate_database(owner_url: str) -> list[str]:
    """The names of the files applied.

    Raises: DataFault, when the server is away, refuses us, or has a schema we can't continue.
    """
    # Late, because it takes longer to load than an embedded server takes to start.
    from paydesk.db.migrate import MigrationFault, migrate

    await _await_server(owner_url)
    try:
        return await migrate(owner_url)
    except MigrationFault as fault:
        raise DataFault(str(fault)) from fault
    except asyncpg.PostgresError as fault:
        raise DataFault(f"The database refuses a migration: {fault}.") from fault


async def _await_server(url: str) -> None:
    deadline = time.monotonic() + _AWAIT_SECONDS
    while True:
        try:
            connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
        except _STARTING as fault:
            if time.monotonic() > deadline:
                raise DataFault(f"The database can't be reached: {fault}.") from fault
            await asyncio.sleep(0.2)
        except (ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
            raise DataFault(f"The database refuses us: {fault}.") from fault
        else:
            await connection.close()
            return
