"""Makes a checkout: the command behind `POST /checkout/page`."""

from dataclasses import replace
from datetime import datetime

from paydesk import cards, customers, orders
from paydesk.checkouts import store
from paydesk.checkouts.errors import (
    AccountWithoutConnector,
    CardsNotActive,
    OrderClosed,
    OrderCustomer,
    OrderTotal,
    SameCustomer,
    SameOrder,
)
from paydesk.checkouts.model import Checkout, CreateCheckout
from paydesk.checkouts.states import State
from paydesk.customers import CustomerMissing
from paydesk.db.connection import Connection, Row
from paydesk.merchants import Account
from paydesk.orders import OrderMissing, OrderPaid
from paydesk.payments import check_rest, day_of


async def create_checkout(
    connection: Connection, account: Account, command: CreateCheckout, token_hash: bytes
) -> Checkout:
    """The checkout made, with its session, and its order and customer where they are new.

    One statement writes it all; what the command names by id is looked up before. A command whose
    customer is new needs a transaction around it.
    Raises: DayPast, DayTooFar, NoDayLeft, AccountWithoutConnector, OrderMissing, SameOrder,
        OrderPaid, OrderClosed, OrderTotal, OrderCustomer, OrderReferencePaid, CustomerMissing,
        SameCustomer, CardsNotActive, in this order of checking.
    """
    is_customer_named = command.customer_id is not None
    if command.recurring is not None:
        now: datetime = await connection.fetchval("select now()")
        check_rest(command.recurring, day_of(now))
    if account.connector is None:
        raise AccountWithoutConnector
    if command.order_id is not None:
        command = await _with_named_order(connection, account.id, command)
    elif command.order_reference_given:
        await orders.check_reference(
            connection, account, command.order_reference_given, path="order.reference"
        )
    if is_customer_named:
        command = await _with_named_customer(connection, account.id, command)
    if command.customer_is_new and command.customer_reference_given:
        command = await _with_reference_of_its_own(connection, account.id, command)
    if command.cards.card_ids:
        await _check_cards(connection, account.id, command)
    made = await store.insert(connection, account.id, command, token_hash)
    return Checkout(
        account_id=account.id,
        id=command.id,
        session_id=command.session_id,
        order_id=command.order_id or command.order.id,
        customer_id=made["customer_id"],
        mode=command.mode.name,
        amount=command.amount,
        state=State.OPEN,
        attempts=0,
        failures=0,
        events=0,
        moves=0,
        notify_url=command.redirects.notify_url,
        transaction_id=None,
        card_id=None,
        cancellation_reason=None,
        expires_at=made["expires_at"],
        completed_at=None,
        cancelled_at=None,
        abandoned_at=None,
        payment_type=command.payment_type,
        payment_metadata=command.payment_metadata,
        recurring=command.recurring,
        replaces_card_id=command.replaces_card_id,
    )


async def _check_cards(connection: Connection, account_id: int, command: CreateCheckout) -> None:
    """Raises: CardsNotActive."""
    named = set(command.cards.card_ids or ())
    known = await cards.count_active(
        connection,
        account_id,
        list(named),
        customer_id=command.customer_id,
        customer_reference=command.customer_reference_given or None,
    )
    if known != len(named):
        raise CardsNotActive(command.cards.card_ids_path)


async def _with_named_order(
    connection: Connection, account_id: int, command: CreateCheckout
) -> CreateCheckout:
    """The command, its customer that of the order if the order has one."""
    assert command.order_id is not None
    order = await store.named_order(connection, account_id, command.order_id)
    if order is None:
        raise OrderMissing("order_id")
    if command.order_reference_given not in {None, order["reference"]}:
        raise SameOrder("order.reference")
    if orders.State(order["status"]).is_paid:
        raise OrderPaid("order_id")
    if order["status"] != orders.State.PENDING:
        raise OrderClosed("order_id")
    if (order["amount_total"], order["currency"]) != (
        command.amount.minor,
        command.amount.currency.code,
    ):
        raise OrderTotal("amount")
    return _with_customer_of_order(command, order)


def _with_customer_of_order(command: CreateCheckout, order: Row) -> CreateCheckout:
    customer_id = order["customer_id"]
    if customer_id is None or customer_id == command.customer_id:
        return command
    if command.customer_id is not None:
        raise OrderCustomer(command.customer_path)
    if command.customer is None:
        return replace(command, customer_id=customer_id)
    if command.customer.reference != order["customer_reference"]:
        raise OrderCustomer("customer.reference")
    if command.customer_is_new:  # the one there is, is left alone
        return replace(command, customer_id=customer_id, customer=None, customer_is_new=False)
    return command


async def _with_named_customer(
    connection: Connection, account_id: int, command: CreateCheckout
) -> CreateCheckout:
    assert command.customer_id is not None
    reference = await customers.customer_reference(connection, account_id, command.customer_id)
    if reference is None:
        raise CustomerMissing(command.customer_path)
    if command.customer is None:
        return command
    if command.customer_reference_given != reference:
        raise SameCustomer("customer.reference")
    return replace(command, customer=replace(command.customer, reference=reference))


async def _with_reference_of_its_own(
    connection: Connection, account_id: int, command: CreateCheckout
) -> CreateCheckout:
    """The command, its customer under a generated reference where the given one is taken."""
    assert command.customer is not None
    if await customers.claim_reference(connection, account_id, command.customer):
        return command
    return replace(command, customer=replace(command.customer, reference=str(command.customer.id)))
