"""What is old is dropped: events, their deliveries and their places in the feed."""

import asyncio
import time

import asyncpg
import pytest

from paydesk import limits, webhooks
from paydesk.errors import Invalid
from paydesk.kit import ids

pytestmark = pytest.mark.anyio

KEPT_DAYS = 90
OLD, YOUNG = 91, 89


class Shelf:
    """An account's events, made as if some days ago; account_id is one with a row of its own."""

    def __init__(self, shop, account_id):
        self.shop, self.account_id, self._made = shop, account_id, 0

    async def append(self, days, *, state="delivered"):
        self._made += 1
        id_ = ids.first_at("web", time.time() - days * 86_400 + self._made)
        event = webhooks.NewEvent(id_, "checkout.completed", ids.new("chk"), 1, b'{"id": 1}')
        await self.shop.db.transact(
            lambda connection: webhooks.append(
                connection, self.account_id, event, url="https://m.example/hook"
            )
        )
        await self.shop.db.execute(
            """
            update deliveries set state = $2::text, due_at = case when $2 = 'due' then now() end,
                dead_at = case when $2 = 'dead' then now() end
            where event_id = $1
            """,
            id_,
            state,
        )
        owner = await asyncpg.connect(self.shop.programs.owner_url)
        await owner.execute(
            "update events set created_at = now() - $2 * interval '1 day' where id = $1", id_, days
        )
        await owner.close()
        await self.shop.db.execute(
            """
            insert into delivery_tries (account_id, event_id, target, url, try, milliseconds)
            values ($1, $2, 'notify_url', 'https://m.example/hook', 1, 1)
            """,
            self.account_id,
            id_,
        )
        return id_

    async def ids(self, table, column="event_id"):
        rows = await self.shop.db.rows(
            f"select {column} as id from {table} where account_id = $1", self.account_id
        )
        return {row["id"] for row in rows}

    async def everywhere(self):
        """The ids that all tables agree on."""
        known = await self.ids("events", "id")
        for table in ("deliveries", "delivery_tries", "feed"):
            assert await self.ids(table) == known, table
        return known

    async def read(self, after=None):
        async with self.shop.db.connection() as connection:
            told = await webhooks.read_feed(
                connection, self.account_id, after=after, types=None, count=100, kept_days=KEPT_DAYS
            )
        return [one.id for one in told]


@pytest.fixture
async def shelf(shop):
    merchant = ids.new("mer")
    await shop.db.execute("insert into merchants (id, name) values ($1, 'Old shop')", merchant)
    account_id = await shop.db.value(
        """
        insert into accounts (merchant_id, is_live, webhook_secret) values ($1, false, '\\x00')
        returning id
        """,
        merchant,
    )
    return Shelf(shop, account_id)


async def drop(shop):
    await webhooks.drop_old_events(shop.db, kept_days=KEPT_DAYS)


async def test_old_events_go_with_all_that_is_known_of_them(shop, shelf):
    for state in ("delivered", "dead"):
        await shelf.append(OLD, state=state)
    kept = {await shelf.append(YOUNG), await shelf.append(YOUNG, state="dead")}
    await drop(shop)
    assert await shelf.everywhere() == kept


async def test_one_that_is_still_on_its_way_stays_until_it_is_not(shop, shelf):
    on_its_way = await shelf.append(OLD, state="due")
    await shelf.append(OLD)
    await drop(shop)
    assert await shelf.everywhere() == {on_its_way}
    await shop.db.execute(
        "update deliveries set state = 'delivered', due_at = null where event_id = $1", on_its_way
    )
    await drop(shop)
    assert await shelf.everywhere() == set()


async def test_more_than_a_batch_goes_in_one_sweep(shop, shelf, monkeypatch):
    monkeypatch.setattr(limits, "EVENT_SWEEP_BATCH", 3)
    for _ in range(8):
        await shelf.append(OLD)
    on_its_way = {await shelf.append(OLD, state="due") for _ in range(4)}
    await drop(shop)
    assert await shelf.everywhere() == on_its_way


async def test_who_goes_on_after_a_dropped_event_is_given_all_there_is(shop, shelf):
    dropped = await shelf.append(OLD)
    kept = [await shelf.append(YOUNG), await shelf.append(YOUNG)]
    await webhooks.place_events(shop.db)
    assert await shelf.read(dropped) == kept
    await drop(shop)
    assert await shelf.read(dropped) == kept
    with pytest.raises(Invalid):
        await shelf.read(ids.first_at("web", time.time() - YOUNG * 86_400 + 1000))


_ONE_WAITS = """
    select exists (
        select from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%drop_old_events%'
    )
"""


async def test_one_that_is_sent_again_meanwhile_stays(shop, shelf):
    """By hand, in a transaction that ends after the sweep has begun."""
    event_id = await shelf.append(OLD, state="dead")
    other = await shelf.append(OLD)

    async def resend(connection):
        await webhooks.resend_webhook(connection, shelf.account_id, event_id, target=None)
        dropping = asyncio.create_task(drop(shop))
        while not await shop.db.value(_ONE_WAITS):  # noqa: ASYNC110  (it only can be asked)
            await asyncio.sleep(0.01)
        return dropping

    await (await shop.db.transact(resend))
    assert await shelf.everywhere() == {event_id}
    with pytest.raises(webhooks.WebhookMissing):
        await shop.db.transact(
            lambda connection: webhooks.resend_webhook(
                connection, shelf.account_id, other, target=None
            )
        )


async def test_what_is_younger_than_a_day_stays_whoever_asks(shop, shelf):
    young = await shelf.append(0.5)
    await shelf.append(2)
    await webhooks.drop_old_events(shop.db, kept_days=0)
    assert await shelf.everywhere() == {young}
