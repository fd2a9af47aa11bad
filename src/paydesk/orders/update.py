"""Changes an order: the command behind a record of `POST /orders/update`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from paydesk.db.connection import Connection
from paydesk.merchants import Account
from paydesk.orders import store
from paydesk.orders.create import check_customer, check_reference
from paydesk.orders.errors import OrderInPayment, OrderMissing, OrderPaid, OrderStatus
from paydesk.orders.model import Order, UpdateOrder
from paydesk.orders.move import move
from paydesk.orders.states import MERCHANT_STEPS, MOVES, Step
from paydesk.orders.wire import order_after

# Which of an account's orders have an attempt to pay that holds money or may yet. Attempts are
# not this package's business, so the caller brings the question.
LiveOnOrders = Callable[[Connection, int, Sequence[str]], Awaitable[set[str]]]


async def update_order(
    connection: Connection, account: Account, command: UpdateOrder, live_on_orders: LiveOnOrders
) -> Order:
    """The order as changed. What the command says as it already is counts as no change.

    Raises: OrderMissing, Invalid, OrderStatus, OrderPaid, OrderInPayment, CustomerMissing,
        OrderReferencePaid, in this order of checking.
    """
    order = await store.lock(connection, account.id, command.id)
    if order is None:
        raise OrderMissing("id")
    after = order_after(order, command)
    step = _step(order, command)
    if step is not None or _bound_to_payment(after) != _bound_to_payment(order):
        await check_unpaid(connection, account.id, order, live_on_orders)
    if after.customer_id != order.customer_id:
        await check_customer(connection, account, after.customer_id, path=command.customer_path)
    if after.reference != order.reference:
        await check_reference(connection, account, after.reference)
    updated_at = await store.save(
        connection, account.id, after, items_changed=after.items != order.items
    )
    if step is not None:
        await move(connection, account.id, order.id, step)
        after = replace(after, status=MOVES[order.status, step].to)
    return replace(after, updated_at=updated_at)


async def check_unpaid(
    connection: Connection, account_id: int, order: Order, live_on_orders: LiveOnOrders
) -> None:
    """Raises: OrderPaid; OrderInPayment, where an attempt holds money or may yet."""
    if order.status.is_paid:
        raise OrderPaid("id")
    if order.id in await live_on_orders(connection, account_id, [order.id]):
        raise OrderInPayment("id")


def _step(order: Order, command: UpdateOrder) -> Step | None:
    """The step to the status that the command wants, None where the order has it already."""
    if command.status in {None, order.status}:
        return None
    step = None if command.status is None else MERCHANT_STEPS.get(command.status)
    if step is None or (order.status, step) not in MOVES:
        raise OrderStatus(command.status_path)
    return step


def _bound_to_payment(order: Order) -> tuple[object, ...]:
    """What may not change once money was asked for."""
    return order.amounts, order.items, order.customer_id
