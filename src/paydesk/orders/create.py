"""Makes an order: the command behind a record of `POST /orders/create`."""

from dataclasses import replace

from paydesk.customers import CustomerMissing, has_customer
from paydesk.db.connection import Connection
from paydesk.merchants import Account
from paydesk.orders import store
from paydesk.orders.errors import OrderReferencePaid, OrderStatus
from paydesk.orders.model import CreateOrder, Order
from paydesk.orders.move import move
from paydesk.orders.states import MERCHANT_STEPS, State


async def create_order(connection: Connection, account: Account, command: CreateOrder) -> Order:
    """The order made, and set to the status that the command wants.

    Raises: OrderStatus, CustomerMissing, OrderReferencePaid, in this order of checking.
    """
    new, wanted = command.order, command.status or State.PENDING
    if wanted not in MERCHANT_STEPS:
        raise OrderStatus(command.status_path)
    await check_customer(connection, account, command.customer_id, path=command.customer_path)
    await check_reference(connection, account, new.reference)
    created_at = await store.insert(connection, account.id, new, command.customer_id)
    order = Order(
        id=new.id,
        reference=new.reference,
        description=new.description,
        customer_id=command.customer_id,
        amounts=new.amounts,
        items=new.items,
        metadata=new.metadata,
        status=State.PENDING,
        fulfillment_status=new.fulfillment_status,
        created_at=created_at,
        updated_at=created_at,
        deleted_at=None,
    )
    if wanted is State.PENDING:
        return order
    await move(connection, account.id, order.id, MERCHANT_STEPS[wanted])
    return replace(order, status=wanted)


async def check_customer(
    connection: Connection, account: Account, customer_id: str | None, *, path: str
) -> None:
    """Raises: CustomerMissing, where there is no such customer."""
    if customer_id is None:
        return
    if not await has_customer(connection, account.id, customer_id):
        raise CustomerMissing(path)


async def check_reference(
    connection: Connection, account: Account, reference: str, *, path: str = "reference"
) -> None:
    """Raises: OrderReferencePaid, where the merchant allows a paid reference only once."""
    if not account.policies.unique_order_references:
        return
    if await store.is_reference_paid(connection, account.id, reference):
        raise OrderReferencePaid(path)
