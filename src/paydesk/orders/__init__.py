"""ord_: what is sold."""

from paydesk.orders.model import Amounts, Item, NewOrder, OrderID

__all__ = ["Amounts", "Item", "NewOrder", "OrderID"]
