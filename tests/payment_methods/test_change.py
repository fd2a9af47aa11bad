"""Setting up ways to pay, by two operators at once."""

import asyncio

import pytest

from paydesk.payment_methods import MethodType, list_payment_methods
from paydesk.payment_methods.change import remove_payment_method, set_up_payment_method

pytestmark = pytest.mark.anyio

BANKS = {"sandbox-bank": False}


async def set_up(db, account_id):
    return await db.transact(
        lambda connection: set_up_payment_method(
            connection,
            account_id,
            MethodType.SCAN_TO_PAY,
            {"connector": "sandbox-bank"},
            banks=BANKS,
            is_live=False,
        )
    )


async def race(shop):
    return await asyncio.gather(
        *(set_up(shop.db, shop.account.id) for _ in range(4)), return_exceptions=True
    )


@pytest.mark.parametrize("was_there", [False, True])
async def test_of_several_at_once_one_sets_it_up_and_the_others_are_told(shop, was_there):
    if was_there:
        async with shop.owner.transaction():
            await remove_payment_method(shop.owner, shop.account.id, MethodType.SCAN_TO_PAY)
    done = await race(shop)
    assert sorted(type(one).__name__ for one in done) == [*["MethodThere"] * 3, "PaymentMethod"]
    methods = await list_payment_methods(shop.owner, shop.account.id)
    assert [one.type for one in methods].count(MethodType.SCAN_TO_PAY) == 1
