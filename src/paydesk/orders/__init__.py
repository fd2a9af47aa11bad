"""ord_: what is sold."""

from paydesk.orders.model import Amounts, Item, NewOrder, OrderID
from paydesk.orders.store import INSERT_ITEMS, INSERT_ORDER, mark_paid, order_values
from paydesk.orders.wire import OrderBody, check_order, money, new_order

__all__ = [
    "INSERT_ITEMS",
    "INSERT_ORDER",
    "Amounts",
    "Item",
    "NewOrder",
    "OrderBody",
    "OrderID",
    "check_order",
    "mark_paid",
    "money",
    "new_order",
    "order_values",
]
