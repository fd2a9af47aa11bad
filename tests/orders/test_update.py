"""Orders and the payments they wait for, and what a merchant's policy refuses."""

from dataclasses import replace

import pytest

from paydesk import orders, transactions
from paydesk.merchants import Policies
from world import card

pytestmark = pytest.mark.anyio

TEA = {"currency": "ZAR", "description": "Tea", "amount_total": "1.00"}


async def _update(shop, **record):
    command = orders.read_update(record)
    return await shop.db.transact(
        lambda connection: orders.update_order(
            connection, shop.account, command, transactions.live_on_orders
        )
    )


async def _delete(shop, order_id):
    return await shop.db.transact(
        lambda connection: orders.delete_order(
            connection, shop.account.id, order_id, transactions.live_on_orders
        )
    )


async def test_an_order_that_is_being_paid_is_left_alone(shop):
    page = await shop.create()
    begun = await shop.begin(page)
    order_id = begun.transaction.order_id
    for change in ({"amount_total": "1.00"}, {"order_status": "CANCELLED"}):
        with pytest.raises(orders.OrderInPayment):
            await _update(shop, id=order_id, **change)
    with pytest.raises(orders.OrderInPayment):
        await _delete(shop, order_id)
    changed = await _update(shop, id=order_id, fulfillment_status="PARTIAL")
    assert changed.fulfillment_status == "PARTIAL"
    await transactions.authorise(shop.acquiring, begun.transaction, order_reference="ORD0045")
    await shop.look_until_settled(begun.transaction)
    with pytest.raises(orders.OrderPaid):
        await _delete(shop, order_id)
    await shop.assert_books_are_right()


async def test_a_reference_that_is_paid_can_be_refused(shop):
    page = await shop.create()
    begun = await shop.pay(page, card())
    strict = replace(shop.account, policies=Policies(unique_order_references=True))

    async def create(account, reference):
        command = orders.read_create({**TEA, "reference": reference})
        return await shop.db.transact(
            lambda connection: orders.create_order(connection, account, command)
        )

    paid = await shop.db.value("select reference from orders where id = $1", begun.order_id)
    assert (await create(shop.account, paid)).reference == paid
    assert (await create(strict, "ORD-OTHER")).reference == "ORD-OTHER"
    with pytest.raises(orders.OrderReferencePaid):
        await create(strict, paid)
