"""Cancelling, by whoever may, as long as no money is on its way."""

import asyncio

import pytest

from paydesk.checkouts import CheckoutEnded
from paydesk.checkouts.model import State
from world import card

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("reason", ["customer", "merchant"])
async def test_an_open_checkout_is_cancelled(shop, reason):
    page = await shop.create()
    cancelled = await shop.cancel(page, reason)
    assert (cancelled.state, cancelled.cancellation_reason) == (State.CANCELLED, reason)
    assert cancelled.cancelled_at is not None
    assert await shop.events(page) == ["checkout.cancelled"]


async def test_cancelling_eight_times_at_once_is_cancelling_once(shop):
    page = await shop.create()
    await asyncio.gather(*(shop.cancel(page) for _ in range(8)))
    assert await shop.events(page) == ["checkout.cancelled"]


async def test_a_declined_checkout_can_be_cancelled(shop):
    page = await shop.create()
    await shop.pay(page, card(f1=1))
    await shop.cancel(page)
    assert await shop.events(page) == ["checkout.failed", "checkout.cancelled"]


async def test_a_checkout_that_is_being_paid_can_not(shop):
    page = await shop.create()
    begun = await shop.begin(page)
    with pytest.raises(CheckoutEnded):
        await shop.cancel(page)
    await shop.look_until_settled(begun.transaction)


async def test_a_paid_checkout_can_not(shop):
    page = await shop.create()
    await shop.pay(page)
    with pytest.raises(CheckoutEnded):
        await shop.cancel(page)


async def test_paying_and_cancelling_at_once_is_one_or_the_other(shop):
    for _ in range(10):
        page = await shop.create()
        begun, cancelled = await asyncio.gather(
            shop.begin(page), shop.cancel(page), return_exceptions=True
        )
        assert (begun is None) != isinstance(cancelled, CheckoutEnded)
        if begun is not None:
            await shop.look_until_settled(begun.transaction)


async def test_it_all_left_the_books_right(shop):
    await shop.assert_books_are_right()
