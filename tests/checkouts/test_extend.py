"""A payer's more time: how much, how often, and what comes in between."""

import asyncio
from datetime import timedelta

import pytest

from paydesk import limits
from paydesk.checkouts import CheckoutEnded, ExtensionsUsedUp, expire_due, extend_checkout
from paydesk.checkouts.model import State

pytestmark = pytest.mark.anyio

LENGTH = timedelta(seconds=limits.EXTENSION_SECONDS)


async def bring_near(shop, page, *, seconds=60):
    """The checkout, so many seconds before its end."""
    await shop.owner.execute(
        "update checkouts set expires_at = now() + $2 * interval '1 second' where id = $1",
        page.id,
        seconds,
    )
    return await shop.page(page.id)


async def extend(shop, page):
    return await shop.db.transact(
        lambda connection: extend_checkout(connection, page.account_id, page.id)
    )


async def steps(shop, page):
    rows = await shop.owner.fetch(
        "select step, event from checkout_moves where checkout_id = $1 order by sequence", page.id
    )
    return [tuple(row) for row in rows]


async def test_a_payer_near_the_end_gets_a_quarter_of_an_hour(shop):
    page = await bring_near(shop, await shop.create())
    after = await extend(shop, page)
    assert after.expires_at == page.expires_at + LENGTH
    again = await shop.page(page.id)
    assert (again.expires_at, again.extensions) == (after.expires_at, 1)
    assert await steps(shop, page) == [("extend", None)]
    assert await shop.events(page) == []
    await expire_due(shop.db)
    assert (await shop.page(page.id)).state is State.OPEN


async def test_two_presses_at_once_are_one_extension(shop):
    page = await bring_near(shop, await shop.create())
    await asyncio.gather(*(extend(shop, page) for _ in range(5)))
    again = await shop.page(page.id)
    assert (again.expires_at, again.extensions) == (page.expires_at + LENGTH, 1)


async def test_there_is_no_more_where_there_is_enough(shop):
    near = limits.EXTENSION_OFFERED_SECONDS
    page = await bring_near(shop, await shop.create(), seconds=near + 30)
    assert (await extend(shop, page)).expires_at == page.expires_at
    page = await bring_near(shop, page, seconds=near - 1)
    assert (await extend(shop, page)).expires_at == page.expires_at + LENGTH


async def test_ten_times_and_no_more(shop):
    page = await shop.create()
    for _ in range(limits.EXTENSIONS_MAX):
        await extend(shop, await bring_near(shop, page))
    page = await bring_near(shop, page)
    with pytest.raises(ExtensionsUsedUp):
        await extend(shop, page)
    again = await shop.page(page.id)
    assert (again.expires_at, again.extensions) == (page.expires_at, limits.EXTENSIONS_MAX)
    assert len(await steps(shop, page)) == limits.EXTENSIONS_MAX


async def test_what_has_ended_stays_ended(shop):
    page = await bring_near(shop, await shop.create(), seconds=0)
    with pytest.raises(CheckoutEnded):
        await extend(shop, page)
    await expire_due(shop.db)
    with pytest.raises(CheckoutEnded):
        await extend(shop, page)
    assert (await shop.page(page.id)).state is State.EXPIRED


async def test_what_is_being_paid_needs_no_more_time(shop):
    page = await bring_near(shop, await shop.create())
    await shop.begin(page)
    with pytest.raises(CheckoutEnded):
        await extend(shop, page)


async def test_extending_and_expiring_at_once_is_one_or_the_other(shop):
    for _ in range(10):
        page = await bring_near(shop, await shop.create(), seconds=0.05)
        await asyncio.gather(
            extend(shop, page), asyncio.sleep(0.05), expire_due(shop.db), return_exceptions=True
        )
        await expire_due(shop.db)
        told = await steps(shop, page)
        assert told in ([("extend", None)], [("expire", "checkout.expired")]), told
