"""Cancels a checkout: by the payer's button, by the merchant, or as a fraud."""

from datetime import datetime

from paydesk import cards, transactions
from paydesk.cards import KeptCard
from paydesk.checkouts import store
from paydesk.checkouts.authenticate import abandon, stop
from paydesk.checkouts.errors import CheckoutEnded, CheckoutMissing
from paydesk.checkouts.model import Checkout
from paydesk.checkouts.move import move
from paydesk.checkouts.pay_by_bank import end_transfer
from paydesk.checkouts.states import State, Step
from paydesk.db.connection import Connection
from paydesk.kit.moves import IllegalMove
from paydesk.payment_methods import MethodType
from paydesk.transactions import State as AttemptState
from paydesk.transactions import Transaction


async def cancel_checkout(
    connection: Connection, account_id: int, checkout_id: str, *, reason: str
) -> Checkout:
    """The checkout, cancelled. Cancelling a cancelled one changes nothing.

    One whose payer is being authenticated, or was told where to send money, can be cancelled:
    nobody was asked for any.
    Raises: CheckoutMissing; CheckoutEnded, where it is paid, over, or being paid.
    """
    if not await store.exists(connection, account_id, checkout_id):
        raise CheckoutMissing("id")
    checkout, now = await store.lock(connection, account_id, checkout_id)
    if checkout.state is State.CANCELLED:
        return checkout
    if checkout.state is State.PENDING:
        await _leave_attempt(connection, checkout)
    changes = {
        "cancelled_at": now,
        "cancellation_reason": reason,
    }
    try:
        return await move(connection, checkout, Step.CANCEL, changes=changes)
    except IllegalMove:
        raise CheckoutEnded("id") from None


async def cancel_as_fraud(
    connection: Connection,
    checkout: Checkout,
    transaction: Transaction,
    at: datetime,
    card: KeptCard,
) -> None:
    """Cancels a checkout whose attempt, begun in this transaction, the guard has stopped."""
    await stop(connection, transaction)
    await cards.let_go(connection, checkout.account_id, card)
    changes = {"cancelled_at": at, "cancellation_reason": "fraud"}
    await move(connection, checkout, Step.CANCEL, changes=changes)


async def _leave_attempt(connection: Connection, checkout: Checkout) -> None:
    attempt = await transactions.lock_attempt(
        connection, checkout.account_id, checkout.id, checkout.attempts
    )
    if attempt.state is AttemptState.AWAITING and attempt.method is MethodType.PAYIN:
        # Nobody else has been asked for anything. What the payer has sent goes back.
        await end_transfer(connection, attempt)
    elif attempt.state in transactions.BEFORE_SENDING:
        await abandon(connection, attempt)
    else:
        raise CheckoutEnded("id")
