"""Shows an order, or a page of the list of them."""

from paydesk.db.connection import Connection
from paydesk.db.listing import Page
from paydesk.orders import store
from paydesk.orders.errors import OrderMissing
from paydesk.orders.model import Filters, Order


async def show_order(connection: Connection, account_id: int, order_id: str) -> Order:
    """The order, also a deleted one. Raises: OrderMissing."""
    order = await store.find(connection, account_id, order_id)
    if order is None:
        raise OrderMissing("id")
    return order


async def list_orders(
    connection: Connection, account_id: int, filters: Filters, page: Page
) -> tuple[list[Order], str | None]:
    """One page of the orders that pass the filters, newest first, and the next one's cursor.

    Deleted orders are in no list.
    """
    return await store.list_page(connection, account_id, filters, page)
