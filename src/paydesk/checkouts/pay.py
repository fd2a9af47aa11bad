"""Pays a checkout with a card: begin, authorise, settle. A crash after any of them loses nothing.

`begin` commits the attempt under our own reference; the acquirer is asked with no transaction
open; `settle` commits what it said. Whatever happens in between, the worker finds the attempt.
"""

from dataclasses import dataclass

from paydesk import transactions
from paydesk.cards import CardForm, KeptCard
from paydesk.checkouts import store
from paydesk.checkouts.errors import CheckoutEnded
from paydesk.checkouts.model import PRE_AUTHORIZATION, Checkout, PageCheckout, Standing
from paydesk.checkouts.move import move
from paydesk.checkouts.settle import settle
from paydesk.checkouts.states import State, Step
from paydesk.db.connection import Connection, Database
from paydesk.kit import ids
from paydesk.kit.moves import IllegalMove, Raced
from paydesk.transactions import Acquiring, Transaction, TransactionID
from paydesk.transactions import State as AttemptState


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that may be sent."""

    transaction: Transaction
    card: KeptCard
    order_reference: str


async def begin(
    db: Database, acquiring: Acquiring, page: PageCheckout, entry: CardForm, *, attempt: int
) -> Begun | None:
    """Keeps the card and commits the attempt, or None where the page has to be shown anew.

    That is where there is an attempt already, or the order can't be paid here any more.

    attempt is the number that the payer's form carried: a form sent twice is one attempt.
    Raises: CardFaults, VaultAway, CheckoutEnded.
    """
    if page.state is not State.OPEN or page.has_expired or attempt != page.attempts + 1:
        return None
    if page.standing is not Standing.PAYABLE:
        return None
    card = await acquiring.vault.keep(account_id=page.account_id, is_live=page.is_live, entry=entry)

    async def work(connection: Connection) -> Transaction:
        checkout, standing, now = await store.lock_to_pay(connection, page.account_id, page.id)
        if standing is not Standing.PAYABLE or checkout.expires_at <= now:
            raise Raced
        if checkout.attempts + 1 != attempt or checkout.amount != page.amount:
            raise Raced
        return await _commit(connection, acquiring, checkout, card, page.connector)

    try:
        transaction = await db.transact(work)
    except (Raced, IllegalMove):
        return None
    return Begun(transaction, card, page.order_reference)


async def _commit(
    connection: Connection,
    acquiring: Acquiring,
    checkout: Checkout,
    card: KeptCard,
    connector: str | None,
) -> Transaction:
    if connector is None:
        raise CheckoutEnded
    checkout = await move(
        connection, checkout, Step.BEGIN, changes={"attempts": checkout.attempts + 1}
    )
    transaction = Transaction(
        account_id=checkout.account_id,
        id=TransactionID(ids.new("tra")),
        checkout_id=checkout.id,
        order_id=checkout.order_id,
        customer_id=checkout.customer_id,
        card_id=card.id,
        attempt=checkout.attempts,
        amount=checkout.amount,
        connector=connector,
        state=AttemptState.SUBMITTING,
        is_hold=checkout.payment_type == PRE_AUTHORIZATION,
        moves=1,
    )
    await transactions.insert_submitting(
        connection,
        transaction,
        due_seconds=acquiring.due_seconds,
        new_card=card,
    )
    return transaction


async def finish(db: Database, acquiring: Acquiring, begun: Begun) -> None:
    """Asks the acquirer and settles what it says. Let it run to its end whoever waits for it."""
    outcome = await transactions.authorise(
        acquiring, begun.transaction, order_reference=begun.order_reference
    )
    await settle(db, acquiring, begun.transaction, outcome, was_asked=False, card=begun.card)
