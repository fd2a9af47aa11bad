"""Changes an open checkout by what `wire_change.py` read: what is paid, till when, how it looks."""

from paydesk import limits, orders, transactions
from paydesk.checkouts import store
from paydesk.checkouts.errors import ChangesUsedUp, CheckoutEnded, CheckoutMissing, OrderClosed
from paydesk.checkouts.model import Changeable, ChangeCheckout
from paydesk.checkouts.move import move
from paydesk.checkouts.states import State, Step
from paydesk.db.connection import Connection
from paydesk.merchants import Account

_CLOSED = {orders.State.CANCELLED, orders.State.EXPIRED}


async def hold_to_change(connection: Connection, account_id: int, checkout_id: str) -> Changeable:
    """The open checkout, held for this transaction with its order.

    Raises: CheckoutMissing; CheckoutEnded, where it has ended, is being paid, or its order is
        deleted; ChangesUsedUp.
    """
    if not await store.exists(connection, account_id, checkout_id):
        raise CheckoutMissing("id")
    # The checkout first: everybody who locks both does so in this order.
    checkout, now = await store.lock(connection, account_id, checkout_id)
    if checkout.state is not State.OPEN or checkout.expires_at <= now:
        raise CheckoutEnded("id")
    if checkout.moves >= limits.CHECKOUT_MOVES_MAX:
        raise ChangesUsedUp("id")
    order = await orders.lock(connection, account_id, checkout.order_id)
    if order is None:
        raise CheckoutEnded("id")
    terms = await store.page_terms(connection, account_id, checkout_id)
    return Changeable(checkout, order, *terms)


async def change_checkout(
    connection: Connection, account: Account, before: Changeable, command: ChangeCheckout
) -> None:
    """Makes the change. No event tells of it, because it is the merchant's own.

    Raises: OrderClosed, OrderPaid, OrderInPayment, OrderReferencePaid, for a change of the order.
    """
    if command.order is not None and before.order.status in _CLOSED:
        raise OrderClosed("id")
    if command.order is not None:
        await orders.replace_content(
            connection, account, before.order, command.order, transactions.live_on_orders
        )
    await move(connection, before.checkout, Step.CHANGE)
    await store.save_change(connection, before.checkout, command)
