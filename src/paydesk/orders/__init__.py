"""ord_: what is sold."""

from paydesk.orders.create import check_reference, create_order
from paydesk.orders.delete import delete_order
from paydesk.orders.errors import (
    OrderInPayment,
    OrderMissing,
    OrderPaid,
    OrderReferencePaid,
    OrderStatus,
)
from paydesk.orders.model import (
    Amounts,
    CreateOrder,
    Filters,
    Item,
    NewOrder,
    Order,
    OrderID,
    UpdateOrder,
)
from paydesk.orders.move import follow, move
from paydesk.orders.replace import replace_content
from paydesk.orders.show import list_orders, show_order
from paydesk.orders.states import MOVES, State, Step
from paydesk.orders.store import (
    INSERT_ITEMS,
    INSERT_ORDER,
    insert,
    introduce_customer,
    lock,
    lock_orders,
    order_values,
)
from paydesk.orders.update import update_order
from paydesk.orders.wire import (
    CreateOrderBody,
    DeleteOrderBody,
    OrderBody,
    OrderReply,
    UpdateOrderBody,
    check_order,
    money,
    new_order,
    read_create,
    read_delete,
    read_update,
    show,
)

__all__ = [
    "INSERT_ITEMS",
    "INSERT_ORDER",
    "MOVES",
    "Amounts",
    "CreateOrder",
    "CreateOrderBody",
    "DeleteOrderBody",
    "Filters",
    "Item",
    "NewOrder",
    "Order",
    "OrderBody",
    "OrderID",
    "OrderInPayment",
    "OrderMissing",
    "OrderPaid",
    "OrderReferencePaid",
    "OrderReply",
    "OrderStatus",
    "State",
    "Step",
    "UpdateOrder",
    "UpdateOrderBody",
    "check_order",
    "check_reference",
    "create_order",
    "delete_order",
    "follow",
    "insert",
    "introduce_customer",
    "list_orders",
    "lock",
    "lock_orders",
    "money",
    "move",
    "new_order",
    "order_values",
    "read_create",
    "read_delete",
    "read_update",
    "replace_content",
    "show",
    "show_order",
    "update_order",
]
