"""Replaces what an order is for: the part of changing a checkout that concerns its order."""

from paydesk.db.connection import Connection
from paydesk.merchants import Account
from paydesk.orders import store
from paydesk.orders.create import check_reference
from paydesk.orders.model import Order
from paydesk.orders.update import LiveOnOrders, check_unpaid


async def replace_content(
    connection: Connection,
    account: Account,
    before: Order,
    after: Order,
    live_on_orders: LiveOnOrders,
) -> None:
    """Writes the order, which this transaction holds, as it is to be.

    Raises: OrderPaid, OrderInPayment, OrderReferencePaid, in this order of checking.
    """
    await check_unpaid(connection, account.id, before, live_on_orders)
    if after.reference != before.reference:
        await check_reference(connection, account, after.reference, path="order.reference")
    await store.save(connection, account.id, after, items_changed=after.items != before.items)
