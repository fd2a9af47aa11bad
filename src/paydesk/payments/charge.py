"""Charges stored cards on their day: claim, begin, authorise, settle. A crash loses nothing.

`begin_due` commits the charges under our own references; the acquirer is asked with no transaction
open; `settle` commits what was said. Whatever happens in between, the worker finds the attempt.
Several workers share what is due: each claims what no other has, and a charge of a day is
committed once for each of its tries, which the database sees to.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import structlog

from paydesk import cards, limits, orders, transactions
from paydesk.cards import CardStatus
from paydesk.connectors.contract import Declined, DeclineReason, FirstPayment, Outcome
from paydesk.db.connection import Connection, Database
from paydesk.kit import ids
from paydesk.kit.moves import IllegalMove, Raced
from paydesk.orders import Amounts, NewOrder, OrderID
from paydesk.payment_methods import MethodType
from paydesk.payments import store
from paydesk.payments.decide import LIMIT_REACHED
from paydesk.payments.model import Payment
from paydesk.payments.move import move
from paydesk.payments.schedule import day_of
from paydesk.payments.settle import settle
from paydesk.payments.states import Step
from paydesk.payments.store import Due
from paydesk.transactions import Acquiring, State, Transaction, TransactionID
from paydesk.transactions import Step as AttemptStep

log = structlog.get_logger()

# What is not sent: the card is over, or it is gone, or nobody was ever present with it.
_CARD_ENDED = Declined(DeclineReason.EXPIRED_CARD, "card_not_active")
_NO_CARD = Declined(DeclineReason.CARD_NOT_SUPPORTED, "card_not_active")
# What no repeat mends: a charge that was begun before, or a row that does not fit.
_STUCK = (Raced, IllegalMove, asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge that may be sent, with the payment that it refers to; or why it can't be."""

    transaction: Transaction
    order_reference: str
    first: FirstPayment | Declined


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
        begun = []
        for due in found:
            try:
                async with connection.transaction():
                    begun.append(await _begin(connection, acquiring, due))
            except _STUCK:
                # One payment must not keep all others from being charged.
                log.exception("charge_not_begun", payment_id=due.payment.id)
                await store.postpone(connection, due, seconds=limits.CHARGE_AGAIN_SECONDS)
        return begun

    return await db.transact(work)


async def _begin(connection: Connection, acquiring: Acquiring, due: Due) -> Charge:
    payment = due.payment
    assert payment.due_on is not None, "what is due is due on a day"
    order = NewOrder(
        id=OrderID(ids.new("ord")),
        reference=payment.reference,
        description=payment.description,
        amounts=Amounts(payment.amount, tax=payment.tax),
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
    has_room = not await transactions.is_above_month(
        connection,
        payment.account_id,
        MethodType.CARD,
        due.monthly_limit,
        payment.amount,
        due.at,
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
    first = await _first_payment(connection, payment)
    if not has_room and isinstance(first, FirstPayment):
        first = LIMIT_REACHED
    return Charge(transaction, payment.reference, first)


async def _first_payment(connection: Connection, payment: Payment) -> FirstPayment | Declined:
    """What a charge of its card refers to, or why that can't be charged."""
    card = await cards.saved_card(connection, payment.account_id, payment.card_id)
    if card is not None and card.status is CardStatus.EXPIRED:
        return _CARD_ENDED
    if card is None or card.status is not CardStatus.ACTIVE:
        return _NO_CARD
    return await store.first_payment(connection, payment) or _NO_CARD


async def _send(db: Database, acquiring: Acquiring, charge: Charge, now: datetime | None) -> None:
    try:
        first = charge.first
        outcome: Outcome
        if isinstance(first, Declined):
            outcome = first
        else:
            outcome = await transactions.authorise(
                acquiring,
                charge.transaction,
                order_reference=charge.order_reference,
                first=first,
            )
        await settle(db, acquiring, charge.transaction, outcome, was_asked=False, at=now)
    except Exception:
        # The attempt is committed and due: it is looked at again, as after a crash.
        log.exception("charge_failed", transaction_id=charge.transaction.id)
