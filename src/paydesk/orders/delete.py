"""Deletes an order: the command behind a record of `POST /orders/delete`."""

from dataclasses import replace

from paydesk.db.connection import Connection
from paydesk.orders import store
from paydesk.orders.errors import OrderMissing
from paydesk.orders.model import Order
from paydesk.orders.update import LiveOnOrders, check_unpaid


async def delete_order(
    connection: Connection, account_id: int, order_id: str, live_on_orders: LiveOnOrders
) -> Order:
    """The order, deleted: kept as a record, but not listed, changed or sold any more.

    Deleting it again changes nothing.
    Raises: OrderMissing, OrderPaid, OrderInPayment.
    """
    order = await store.lock(connection, account_id, order_id)
    if order is None:
        deleted = await store.find(connection, account_id, order_id)
        if deleted is None:
            raise OrderMissing("id")
        return deleted
    await check_unpaid(connection, account_id, order, live_on_orders)
    deleted_at = await store.mark_deleted(connection, account_id, order_id)
    return replace(order, updated_at=deleted_at, deleted_at=deleted_at)
