"""Begins an attempt to pay: what every way to pay checks, and commits before a byte leaves."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from paydesk import customers, orders, transactions
from paydesk.checkouts import store
from paydesk.checkouts.errors import MethodLimitReached
from paydesk.checkouts.model import Checkout, PageCheckout, Standing
from paydesk.checkouts.move import move
from paydesk.checkouts.states import State, Step
from paydesk.customers import NewCustomer
from paydesk.db.connection import Connection, Database
from paydesk.kit.moves import IllegalMove, Raced
from paydesk.payment_methods import PaymentMethod

T = TypeVar("T")


def may_begin(page: PageCheckout, *, attempt: int, customer: NewCustomer | None) -> bool:
    """Whether the page that the payer saw still stands, as far as can be told without a lock.

    attempt is the number that the payer's form carried: a form sent twice is one attempt. customer
    is who the payer says they are, for a checkout that has no customer yet.
    """
    return (
        page.state is State.OPEN
        and not page.has_expired
        and attempt == page.attempts + 1
        and page.standing is Standing.PAYABLE
        and (page.customer_id is not None or customer is not None)
    )


async def begin_attempt(
    db: Database,
    page: PageCheckout,
    insert: Callable[[Connection, Checkout, datetime], Awaitable[T]],
    *,
    attempt: int,
    method: PaymentMethod,
    customer: NewCustomer | None,
) -> T | None:
    """What insert made of the pending checkout, or None where the page has to be shown anew.

    That is where somebody was faster, or the order can't be paid here any more.
    Raises: MethodLimitReached.
    """

    async def work(connection: Connection) -> T:
        checkout, standing, now = await store.lock_to_pay(connection, page.account_id, page.id)
        if standing is not Standing.PAYABLE or checkout.expires_at <= now:
            raise Raced
        if checkout.attempts + 1 != attempt or checkout.amount != page.amount:
            raise Raced
        if await transactions.is_above_month(
            connection,
            checkout.account_id,
            method.type,
            method.monthly_limit,
            checkout.amount,
            now,
        ):
            raise MethodLimitReached("form")
        changes = {"attempts": checkout.attempts + 1}
        if checkout.customer_id is None and customer is not None:
            changes |= await _introduce(connection, checkout, customer)
        checkout = await move(connection, checkout, Step.BEGIN, changes=changes)
        return await insert(connection, checkout, now)

    try:
        return await db.transact(work)
    except (Raced, IllegalMove):
        return None


async def _introduce(
    connection: Connection, checkout: Checkout, customer: NewCustomer
) -> dict[str, Any]:
    """Makes the customer, also the order's where it has none: what changes of the checkout."""
    made = await customers.create_customer(connection, checkout.account_id, customer)
    await orders.introduce_customer(
        connection, checkout.account_id, checkout.order_id, customer_id=made.id
    )
    return {"customer_id": made.id}
