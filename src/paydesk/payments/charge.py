"""Charges stored cards on their day: claim, begin, authorise, settle. A crash loses nothing.

`_begin` commits the charges under our own references; the acquirer is asked with no transaction
open; `settle` commits what was said. Whatever happens in between, the worker finds the attempt.
Several workers share what is due: each claims what no other has, and a charge of a day is
committed once for each of its tries, which the database sees to.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from paydesk import cards, limits, orders, transactions
from paydesk.cards import SavedCard
from paydesk.connectors.contract import Declined, DeclineReason, FirstPayment, Outcome
from paydesk.db.connection import Connection, Database
from paydesk.kit import ids
from paydesk.orders import Amounts, NewOrder, OrderID
from paydesk.payments import store
from paydesk.payments.move import move
from paydesk.payments.schedule import day_of
from paydesk.payments.settle import settle
from paydesk.payments.states import Step
from paydesk.payments.store import Due
from paydesk.transactions import Acquiring, State, Transaction, TransactionID
from paydesk.transactions import Step as AttemptStep

log = structlog.get_logger()

# What is not sent, because the card is gone, has ended, or was never authenticated.
_NO_CARD = Declined(DeclineReason.CARD_NOT_SUPPORTED, "card_not_active")


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge that may be sent. first None: its card can't be charged."""

    transaction: Transaction
    order_reference: str
    first: FirstPayment | None


async def charge_due(db: Database, acquiring: Acquiring, *, now: datetime | None = None) -> int:
    """Charges all that is due, some at a time; how many charges there were.

    now is the database's own where none is given.
    """
    count = 0
    under_way: set[asyncio.Task[None]] = set()
    while True:
        room = limits.CHARGES_TOGETHER - len(under_way)
        begun = await begin_due(db, acquiring, now, count_max=room)
        count += len(begun)
        under_way |= {asyncio.create_task(_send(db, acquiring, charge, now)) for charge in begun}
        if not under_way:
            return count
        # Not one by one, so that one database transaction begins several.
        while len(under_way) > limits.CHARGES_TOGETHER // 2 or (under_way and not begun):
            _, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)


async def begin_due(
    db: Database, acquiring: Acquiring, now: datetime | None, *, count_max: int
) -> Sequence[Charge]:
    """Commits charges that are due to being sent: bytes may leave under their ids from now on."""

    async def work(connection: Connection) -> list[Charge]:
        found = await store.claim_due(connection, now, count_max=count_max)
        return [await _begin(connection, acquiring, due) for due in found]

    return await db.transact(work)


async def _begin(connection: Connection, acquiring: Acquiring, due: Due) -> Charge:
    payment = due.payment
    assert payment.due_on is not None, "what is due is due on a day"
    order = NewOrder(
        id=OrderID(ids.new("ord")),
        reference=payment.reference,
        description=payment.description,
        amounts=Amounts(payment.amount),
        items=(),
    )
    await orders.insert(connection, payment.account_id, order, payment.customer_id)
    transaction = Transaction(
        account_id=payment.account_id,
        id=TransactionID(ids.new("tra")),
        checkout_id=None,
        order_id=order.id,
        customer_id=payment.customer_id,
        card_id=payment.card_id,
        attempt=payment.try_number,
        amount=payment.amount,
        connector=due.connector,
        state=State.SUBMITTING,
        moves=1,
        payment_id=payment.id,
        due_on=payment.due_on,
    )
    await transactions.insert(
        connection, transaction, AttemptStep.SUBMIT, due_seconds=acquiring.due_seconds
    )
    await move(
        connection,
        payment,
        Step.BEGIN,
        charge_at=None,
        transaction_id=transaction.id,
        tried_on=payment.tried_on or day_of(due.at),
    )
    card = await cards.saved_card(connection, payment.account_id, payment.card_id)
    return Charge(transaction, payment.reference, _first_payment(card))


def _first_payment(card: SavedCard | None) -> FirstPayment | None:
    """What a charge of this card refers to, None where it can't be charged."""
    if card is None or card.status != "ACTIVE":
        return None
    if card.scheme_id is None or card.authenticated_at is None:
        return None
    return FirstPayment(
        at=card.authenticated_at,
        scheme_id=card.scheme_id,
        directory_id=card.directory_id,
        issuer_id=card.issuer_id,
    )


async def _send(db: Database, acquiring: Acquiring, charge: Charge, now: datetime | None) -> None:
    try:
        outcome: Outcome = _NO_CARD
        if charge.first is not None:
            outcome = await transactions.authorise(
                acquiring,
                charge.transaction,
                order_reference=charge.order_reference,
                first=charge.first,
            )
        await settle(db, acquiring, charge.transaction, outcome, was_asked=False, at=now)
    except Exception:
        # The attempt is committed and due: it is looked at again, as after a crash.
        log.exception("charge_failed", transaction_id=charge.transaction.id)
