"""An order may be paid through several checkouts, and never twice."""

import asyncio

import pytest

from paydesk.checkouts import finish
from paydesk.checkouts.model import Standing, State
from world import card

pytestmark = pytest.mark.anyio


async def two(shop):
    """Two open checkouts of one order."""
    first = await shop.create()
    order_id = await shop.db.value("select order_id from checkouts where id = $1", first.id)
    return first, await shop.create(order_id=order_id, order=None)


async def test_what_one_checkout_has_paid_the_other_can_t(shop):
    first, second = await two(shop)
    await shop.pay(first)
    second = await shop.page(second.id)
    assert (second.state, second.standing) == (State.OPEN, Standing.TAKEN)
    assert await shop.begin(second) is None
    await shop.assert_books_are_right()


async def test_while_one_is_being_paid_the_other_waits(shop):
    first, second = await two(shop)
    begun = await shop.begin(first)
    assert await shop.begin(second) is None  # the page had been opened before
    assert (await shop.page(second.id)).standing is Standing.TAKEN
    await finish(shop.db, shop.acquiring, begun)
    await shop.assert_books_are_right()


async def test_after_a_no_the_other_can_be_paid(shop):
    first, second = await two(shop)
    await shop.pay(first, card(f1=1))
    assert (await shop.page(second.id)).standing is Standing.PAYABLE
    await shop.pay(second)
    assert (await shop.page(first.id)).standing is Standing.TAKEN
    await shop.assert_books_are_right()


async def test_of_eight_who_pay_an_order_at_once_one_does(shop):
    first, second = await two(shop)
    begun = await asyncio.gather(
        *(shop.begin(page) for page in [first, second] * 4), return_exceptions=True
    )
    (one,) = [each for each in begun if each is not None]
    await finish(shop.db, shop.acquiring, one)
    await shop.assert_books_are_right()


@pytest.mark.parametrize(
    "change",
    [
        "status = 'CANCELLED'",
        "deleted_at = now()",
        "amount_total = amount_total + 1",
        "currency = 'USD'",
    ],
)
async def test_an_order_that_was_withdrawn_can_t_be_paid(shop, change):
    page = await shop.create()
    order = "(select order_id from checkouts where id = $1)"
    await shop.owner.execute(f"update orders set {change} where id = {order}", page.id)
    assert await shop.begin(page) is None  # opened before the change
    assert (await shop.page(page.id)).standing is Standing.WITHDRAWN


async def test_what_is_held_counts_as_paid(shop):
    hold = await shop.hold()
    other = await shop.create(order_id=hold.order_id, order=None)
    assert (await shop.page(other.id)).standing is Standing.TAKEN
    assert await shop.begin(other) is None
    await shop.modify(hold, "void")
    assert (await shop.page(other.id)).standing is Standing.WITHDRAWN
    await shop.assert_books_are_right()
