"""What is remembered of an account's payment methods, and when it is forgotten."""

import asyncio

import asyncpg
import pytest

from paydesk import merchants
from paydesk.db.connection import Database
from paydesk.db.migrate import migrate
from paydesk.kit.sealing import Sealer
from paydesk.payment_methods import KnownMethods, add_payment_method

pytestmark = pytest.mark.anyio


@pytest.fixture
async def db(postgres, anyio_backend):
    """A database that is reached over a single connection."""
    await migrate(postgres.owner)
    connection = await asyncpg.connect(postgres.owner)
    await merchants.create_merchant(connection, Sealer(bytes(32)), name="Corner shop")
    await connection.close()
    opened = Database(postgres.owner, connections_max=1)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def account_id(db):
    return await db.value("select max(id) from accounts")


async def add(db, account_id):
    async with db.connection() as connection:
        return await add_payment_method(connection, account_id, type="CARD")


async def test_methods_are_remembered_until_they_are_forgotten(db, account_id):
    known = KnownMethods(db)
    assert await known.of(account_id) == ()
    added = await add(db, account_id)
    assert await known.of(account_id) == ()
    known.forget()
    assert await known.of(account_id) == (added,)


async def test_a_change_told_of_while_they_are_read_is_not_overlooked(db, account_id):
    known = KnownMethods(db)
    async with db.connection():
        asked = asyncio.create_task(known.of(account_id))
        await asyncio.sleep(0)
        known.forget()
    assert await asked == ()
    added = await add(db, account_id)
    assert await known.of(account_id) == (added,)
