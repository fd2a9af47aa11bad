"""The feed: whoever goes on after the last event it saw passes over none."""

import asyncio
import random

import asyncpg
import pytest

from paydesk import webhooks
from paydesk.errors import Invalid
from paydesk.kit import ids

pytestmark = pytest.mark.anyio


async def append(connection, account_id, *, type_="checkout.completed"):
    id_ = ids.new("web")
    body = b'{"id": "%s"}' % id_.encode()
    event = webhooks.NewEvent(id_, type_, ids.new("chk"), 1, body)
    await webhooks.append(connection, account_id, event, url="https://m.example/hook")
    return id_


async def read(shop, account_id, after=None, *, types=None, count=100):
    async with shop.db.connection() as connection:
        told = await webhooks.read_feed(
            connection, account_id, after=after, types=types, count=count, kept_days=90
        )
    return [one.id for one in told]


@pytest.fixture
async def writers(shop):
    """Connections that each hold a transaction open."""
    made = [await asyncpg.connect(shop.programs.app_url) for _ in range(3)]
    yield made
    for connection in made:
        await connection.close()


async def test_events_come_in_the_order_they_were_placed(shop):
    account = 101
    made = [
        await shop.db.transact(lambda connection: append(connection, account)) for _ in range(5)
    ]
    await webhooks.place_events(shop.db)
    assert await read(shop, account) == made
    assert await read(shop, account, made[1], count=2) == made[2:4]
    assert await read(shop, account, made[-1]) == []


async def test_one_that_is_committed_late_is_read_late_and_not_passed_over(shop, writers):
    account = 102
    slow, quick, _ = writers
    transaction = slow.transaction()
    await transaction.start()
    late = await append(slow, account)
    early = await append(quick, account)
    await webhooks.place_events(shop.db)
    assert await read(shop, account) == [early]
    await transaction.commit()
    await webhooks.place_events(shop.db)
    # The late one has the smaller id and the smaller number, and still comes after.
    assert late < early
    assert await read(shop, account, early) == [late]
    assert await read(shop, account) == [early, late]


async def test_what_was_rolled_back_is_never_there(shop, writers):
    account = 103
    transaction = writers[0].transaction()
    await transaction.start()
    await append(writers[0], account)
    await transaction.rollback()
    await webhooks.place_events(shop.db)
    assert await read(shop, account) == []


async def test_two_programs_never_place_at_once(shop, writers):
    account = 104
    holder = writers[0].transaction()
    await holder.start()
    first = await shop.db.transact(lambda connection: append(connection, account))
    from paydesk.webhooks import store

    assert await store.place_events(writers[0], count_max=10) >= 1
    second = await shop.db.transact(lambda connection: append(connection, account))
    # While the first has not committed its batch, nobody gives out a later one.
    await webhooks.place_events(shop.db)
    assert await read(shop, account) == []
    await holder.commit()
    await webhooks.place_events(shop.db)
    assert await read(shop, account) == [first, second]


async def test_readers_miss_nothing_while_many_write(shop):
    """Writers with transactions of random length; a reader that always goes on where it was."""
    account, made, is_over = 105, [], asyncio.Event()

    async def write(seed):
        chance = random.Random(seed)
        connection = await asyncpg.connect(shop.programs.app_url)
        for _ in range(15):
            async with connection.transaction():
                id_ = await append(connection, account)
                await asyncio.sleep(chance.random() / 30)
            made.append(id_)
        await connection.close()

    async def place():
        while not is_over.is_set():
            await webhooks.place_events(shop.db)
            await asyncio.sleep(0.003)

    seen, cursor = [], None

    async def follow():
        nonlocal cursor
        page = await read(shop, account, cursor, count=7)
        seen.extend(page)
        cursor = page[-1] if page else cursor
        return page

    placing = [asyncio.create_task(place()) for _ in range(2)]
    writing = [asyncio.create_task(write(seed)) for seed in range(8)]
    while not all(task.done() for task in writing):
        await follow()
        await asyncio.sleep(0.001)
    is_over.set()
    await asyncio.gather(*placing, *writing)
    await webhooks.place_events(shop.db)
    while await follow():
        pass
    assert len(seen) == len(set(seen)) == 120
    assert sorted(seen) == sorted(made)


async def test_a_type_can_be_asked_for(shop):
    account = 106
    for type_ in ("checkout.completed", "checkout.failed", "checkout.completed"):
        await shop.db.transact(lambda connection, t=type_: append(connection, account, type_=t))
    await webhooks.place_events(shop.db)
    every = await read(shop, account)
    failed = await read(shop, account, types=["checkout.failed"])
    assert failed == every[1:2]
    # A reader of one type may go on after an event of another.
    assert await read(shop, account, every[0], types=["checkout.failed"]) == failed


async def test_an_event_that_is_not_in_the_feed_is_no_place_to_go_on_from(shop):
    account = 107
    unplaced = await shop.db.transact(lambda connection: append(connection, account))
    for cursor in (unplaced, ids.new("web")):
        with pytest.raises(Invalid):
            await read(shop, account, cursor)
    await webhooks.place_events(shop.db)
    assert await read(shop, account, unplaced) == []
    # Nor is another account's.
    with pytest.raises(Invalid):
        await read(shop, 108, unplaced)
