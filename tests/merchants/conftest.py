"""A database with one merchant in it."""

import asyncio
from itertools import count

import asyncpg
import pytest

from paydesk import merchants
from paydesk.db.connection import Database
from paydesk.db.migrate import migrate
from paydesk.kit.sealing import Sealer

_numbers = count(1)


async def _make(postgres, name):
    connection = await asyncpg.connect(postgres.owner)
    await connection.execute(f"create database {name}")
    await connection.close()
    await migrate(postgres.owner.replace("/paydesk?", f"/{name}?"))


@pytest.fixture(scope="module")
def database_url(postgres):
    name = f"merchants_{next(_numbers)}"
    asyncio.run(_make(postgres, name))
    return postgres.app.replace("/paydesk?", f"/{name}?")


@pytest.fixture
async def db(database_url, anyio_backend):
    opened = Database(database_url, connections_max=4)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def connection(db):
    async with db.connection() as opened:
        yield opened


@pytest.fixture
async def credentials(connection):
    """A fresh merchant's credentials, test before live."""
    sealer = Sealer(bytes(32))
    merchant_id = await merchants.create_merchant(connection, sealer, name="Corner shop")
    return await merchants.issue_keys(connection, sealer, merchant_id=merchant_id)
