"""Keeping payment methods in the real database."""

import shutil
import tempfile
from pathlib import Path

import asyncpg
import pytest

from paydesk import lookups, merchants
from paydesk.db.migrate import migrate
from paydesk.db.postgres import Postgres
from paydesk.db.postgres_home import remove_home
from paydesk.kit.money import Money
from paydesk.kit.sealing import Sealer
from paydesk.payment_methods import add_payment_method, list_payment_methods


@pytest.fixture(scope="module")
def owner_url():
    data = Path(tempfile.mkdtemp(prefix="paydesk-test-"))
    data.chmod(0o711)
    server = Postgres(data)
    yield server.start().owner
    server.stop()
    remove_home(data)
    shutil.rmtree(data)


@pytest.fixture
async def connection(owner_url):
    await migrate(owner_url)
    connection = await asyncpg.connect(owner_url)
    await merchants.create_merchant(connection, Sealer(bytes(32)), name="Corner shop")
    yield connection
    await connection.close()


@pytest.fixture
async def accounts(connection):
    """The numbers of the newest merchant's two accounts."""
    rows = await connection.fetch("select id from accounts order by id desc limit 2")
    return [row["id"] for row in rows]


@pytest.mark.anyio
async def test_an_added_method_is_listed_for_its_account_only(connection, accounts):
    mine, other = accounts

    added = await add_payment_method(connection, mine, type="CARD")

    assert await list_payment_methods(connection, mine) == (added,)
    assert await list_payment_methods(connection, other) == ()


@pytest.mark.anyio
async def test_limits_are_kept(connection, accounts):
    rand = lookups.currency("ZAR")
    limits = {"item_limit": Money(500000, rand), "monthly_limit": Money(10000001, rand)}

    added = await add_payment_method(connection, accounts[0], type="CARD", **limits)

    assert (added.item_limit, added.monthly_limit) == tuple(limits.values())
    assert await list_payment_methods(connection, accounts[0]) == (added,)


@pytest.mark.anyio
async def test_an_inactive_method_is_not_listed(connection, accounts):
    added = await add_payment_method(connection, accounts[0], type="CARD")
    await connection.execute("update payment_methods set is_active = false where id = $1", added.id)

    assert await list_payment_methods(connection, accounts[0]) == ()


@pytest.mark.anyio
async def test_an_account_has_one_method_of_a_type(connection, accounts):
    await add_payment_method(connection, accounts[0], type="CARD")

    with pytest.raises(asyncpg.UniqueViolationError):
        await add_payment_method(connection, accounts[0], type="CARD")


@pytest.mark.anyio
async def test_a_type_not_served_is_refused(connection, accounts):
    with pytest.raises(ValueError, match="OZOW"):
        await add_payment_method(connection, accounts[0], type="OZOW")
