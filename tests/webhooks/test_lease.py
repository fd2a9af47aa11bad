"""Leasing: what it costs does not grow with what is due."""

import json
from contextlib import asynccontextmanager

import pytest

from paydesk.db.connection import Database
from paydesk.webhooks import store

pytestmark = pytest.mark.anyio

BACKLOG = 2_000
BATCH = 50


@pytest.fixture
async def leasing(shop):
    """The database as a worker's deliverer has it."""
    opened = Database(
        shop.programs.settings.database_url, connections_max=1, settings=store.BY_INDEX
    )
    await opened.open()
    yield opened
    await opened.close()


@asynccontextmanager
async def undone(database):
    async with database.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


async def test_a_backlog_is_not_read_to_lease_a_batch_though_statistics_know_nothing_of_it(leasing):
    async with undone(leasing) as connection:
        await connection.execute("analyze deliveries, events")
        await connection.execute(
            """
            insert into events (account_id, id, type, checkout_id, sequence, body)
            select 1, 'web_' || n, 'checkout.completed', 'chk_' || n, 1, '{}'
            from generate_series(1, $1) n
            """,
            BACKLOG,
        )
        await connection.execute(
            """
            insert into deliveries (account_id, event_id, target, url, endpoint)
            select 1, 'web_' || n, 'notify_url', 'http://127.0.0.1:9/', 'http://127.0.0.1:9'
            from generate_series(1, $1) n
            """,
            BACKLOG,
        )
        told = await connection.fetchval(
            "explain (analyze, format json) " + store._LEASE, BATCH, [], [], [], BATCH, 30, []
        )
    (explained,) = json.loads(told)
    read = [
        node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0)
        for node in nodes(explained["Plan"])
        if node.get("Relation Name") == "deliveries" and "Scan" in node["Node Type"]
    ]
    assert read
    assert max(read) <= 2 * BATCH, told
