"""The database as its owner reaches it, for commands that work beside serve or without it."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from paydesk.cli import data_folder
from paydesk.cli.data_folder import DataFault
from paydesk.db.dump import Server
from paydesk.db.postgres import Postgres
from paydesk.settings import Settings, inherited_environment

_CONNECT_SECONDS = 5


@contextlib.contextmanager
def owner_database(settings: Settings, data: Path) -> Iterator[Server]:
    """The database of the settings or of DIR; an embedded one runs for as long as the block does.

    Raises: DataFault, PostgresFault.
    """
    if url := settings.owner_database_url or settings.database_url:
        yield _server(settings, url)
    elif data_folder.find_running(data) is not None:
        url = (data / "database-url").read_text().strip()
        yield _server(settings, url)
    else:
        with data_folder.lock(data):
            postgres = Postgres(data, preference=settings.postgres)
            try:
                url = postgres.start().owner
                yield _server(settings, url)
            finally:
                postgres.stop()


def _server(settings: Settings, url: str) -> Server:
    return Server(url, asyncio.run(_major(url)), settings.postgres, inherited_environment())


async def _major(url: str) -> int:
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
        raise DataFault(f"The database can't be reached: {fault}.") from fault
    try:
        return int(connection.get_server_version().major)
    finally:
        await connection.close()
