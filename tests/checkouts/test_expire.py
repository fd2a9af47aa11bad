"""What time does to checkouts nobody pays."""

import asyncio

import pytest

from paydesk.checkouts import abandon_due, expire_due, finish
from paydesk.checkouts.model import State
from world import card

pytestmark = pytest.mark.anyio


async def end_time(shop, page):
    await shop.owner.execute("update checkouts set expires_at = now() where id = $1", page.id)


async def leave_alone(shop, page, *, seconds=1000):
    await shop.owner.execute(
        """
        update sessions set last_seen_at = now() - $2 * interval '1 second'
        where checkout_id = $1
        """,
        page.id,
        seconds,
    )


async def test_an_open_checkout_expires_once(shop):
    page = await shop.create()
    await end_time(shop, page)
    await asyncio.gather(*(expire_due(shop.db) for _ in range(5)))
    assert (await shop.page(page.id)).state is State.EXPIRED
    assert await shop.events(page) == ["checkout.expired"]


async def test_time_left_is_left(shop):
    page = await shop.create()
    await expire_due(shop.db)
    assert (await shop.page(page.id)).state is State.OPEN


@pytest.mark.parametrize(
    ("f1", "events"),
    [(0, ["checkout.completed"]), (1, ["checkout.failed", "checkout.expired"])],
    ids=["paid", "declined"],
)
async def test_a_payment_under_way_is_waited_for(shop, f1, events):
    page = await shop.create()
    begun = await shop.begin(page, card(f1))
    await end_time(shop, page)
    await expire_due(shop.db)
    assert (await shop.page(page.id)).state is State.PENDING
    await finish(shop.db, shop.acquiring, begun)
    await expire_due(shop.db)
    assert await shop.events(page) == events


async def test_paying_and_expiring_at_once_is_one_or_the_other(shop):
    for _ in range(10):
        page = await shop.create()
        await end_time(shop, page)
        begun, _ = await asyncio.gather(shop.begin(page), expire_due(shop.db))
        assert begun is None
        assert (await shop.page(page.id)).state is State.EXPIRED


async def test_a_page_left_alone_is_told_of_once(shop):
    page = await shop.create()
    await leave_alone(shop, page)
    await asyncio.gather(*(abandon_due(shop.db, after_seconds=900) for _ in range(5)))
    await abandon_due(shop.db, after_seconds=900)
    assert await shop.events(page) == ["checkout.abandoned"]
    assert (await shop.page(page.id)).state is State.OPEN


async def test_an_abandoned_checkout_can_still_be_paid(shop):
    page = await shop.create()
    await leave_alone(shop, page)
    await abandon_due(shop.db, after_seconds=900)
    await shop.pay(await shop.page(page.id))
    assert await shop.events(page) == ["checkout.abandoned", "checkout.completed"]


async def test_a_paid_page_is_not_abandoned(shop):
    page = await shop.create()
    await shop.pay(page)
    await leave_alone(shop, page)
    await abandon_due(shop.db, after_seconds=900)
    assert await shop.events(page) == ["checkout.completed"]


async def test_it_all_left_the_books_right(shop):
    await shop.assert_books_are_right()
