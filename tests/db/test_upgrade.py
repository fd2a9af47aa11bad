"""What the migrations make of an older database that has payments in it."""

from importlib.resources import files

import asyncpg
import pytest

pytestmark = pytest.mark.anyio

MIGRATIONS = sorted(
    (file for file in (files("paydesk.db") / "migrations").iterdir() if file.name.endswith(".sql")),
    key=lambda file: file.name,
)
MODIFICATIONS = next(file for file in MIGRATIONS if file.name.startswith("0006"))


@pytest.fixture
async def older(postgres, anyio_backend):
    """A database as it was before captures and refunds, without its own checks for a moment."""
    owner = await asyncpg.connect(postgres.owner)
    await owner.execute("drop database if exists older")
    await owner.execute("create database older")
    connection = await asyncpg.connect(postgres.owner.replace("/paydesk?", "/older?"))
    for migration in MIGRATIONS[: MIGRATIONS.index(MODIFICATIONS)]:
        await connection.execute(migration.read_text())
    await connection.execute("set session_replication_role = replica")
    yield connection
    await connection.close()
    await owner.execute("drop database older")
    await owner.close()


async def attempt(connection, id_, *, checkout, order, state):
    await connection.execute(
        """
        insert into transactions (account_id, id, checkout_id, order_id, attempt, amount, currency,
            state, connector, approved_at)
        values (1, $1, $2, $3, 1, 500, 'ZAR', $4, 'sandbox',
            case $4 when 'approved' then now() end)
        """,
        id_,
        checkout,
        order,
        state,
    )


async def test_payments_keep_what_they_were(older):
    for state in ("approved", "declined", "reversed", "unknown"):
        await attempt(
            older, f"tra_{state}", checkout=f"chk_{state}", order=f"ord_{state}", state=state
        )
    await older.execute(MODIFICATIONS.read_text())
    rows = await older.fetch("select state, status, captured, captured_at from transactions")
    told = {
        row["state"]: (row["status"], row["captured"], row["captured_at"] is None) for row in rows
    }
    assert told == {
        "approved": ("PAID", 500, False),
        "declined": ("DECLINED", 0, True),
        "reversed": ("REVERSED", 0, True),
        "unknown": ("PENDING", 0, True),
    }


async def test_an_order_that_was_paid_twice_stops_it_and_is_named(older):
    await attempt(older, "tra_1", checkout="chk_1", order="ord_twice", state="approved")
    await attempt(older, "tra_2", checkout="chk_2", order="ord_twice", state="approved")
    with pytest.raises(asyncpg.RaiseError, match="ord_twice"):
        await older.execute(MODIFICATIONS.read_text())
