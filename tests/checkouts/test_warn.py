"""What merchants are told of money that is authorised and not captured."""

import asyncio

import pytest

from paydesk.checkouts import warn_due

pytestmark = pytest.mark.anyio

HOUR = 3600


async def test_a_hold_about_to_lapse_is_told_of_once(shop):
    hold = await shop.hold()
    page = await shop.page(hold.checkout_id)
    assert await shop.events(page) == ["checkout.completed"]
    await warn_due(shop.db, before_seconds=HOUR // 2)
    assert await shop.events(page) == ["checkout.completed"]
    await asyncio.gather(*(warn_due(shop.db, before_seconds=2 * HOUR) for _ in range(5)))
    assert await shop.events(page) == ["checkout.completed", "checkout.capture_due"]
    await shop.assert_books_are_right()


@pytest.mark.parametrize("kind", ["capture", "void"])
async def test_of_a_hold_that_is_dealt_with_nothing_is_told(shop, kind):
    hold = await shop.hold()
    await shop.modify(hold, kind)
    await warn_due(shop.db, before_seconds=2 * HOUR)
    page = await shop.page(hold.checkout_id)
    assert await shop.events(page) == ["checkout.completed"]


async def test_of_a_sale_nothing_is_told(shop):
    sale = await shop.sale()
    await warn_due(shop.db, before_seconds=2 * HOUR)
    assert await shop.events(await shop.page(sale.checkout_id)) == ["checkout.completed"]
