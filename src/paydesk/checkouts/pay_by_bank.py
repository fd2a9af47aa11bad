"""Pays a checkout without a card: at the payer's bank, or by money that they send by hand.

As with cards, the attempt is committed under our own reference before the bank is asked. What the
payer's browser or the bank's notice says is a hint: only an answer to our own question counts, and
it takes effect in settle.
"""

import secrets
from datetime import datetime, timedelta

from paydesk import limits, transactions
from paydesk.checkouts.begin import begin_attempt, may_begin
from paydesk.checkouts.follow import News, told_of
from paydesk.checkouts.model import Checkout, PageCheckout
from paydesk.checkouts.move import move
from paydesk.checkouts.settle import hold, settle, settle_held
from paydesk.checkouts.states import Step
from paydesk.connectors.contract import Declined, DeclineReason
from paydesk.customers import NewCustomer
from paydesk.db import jobs
from paydesk.db.connection import Connection, Database
from paydesk.kit import ids
from paydesk.kit.page_tokens import return_token, token_hash
from paydesk.payment_methods import MethodType, PaymentMethod
from paydesk.transactions import BY_HAND, Acquiring, State, Transaction, TransactionID
from paydesk.transactions import Step as AttemptStep

_LIFE_SECONDS = {
    MethodType.INSTANT_EFT: limits.BANK_PAGE_SECONDS,
    MethodType.SCAN_TO_PAY: limits.SCAN_SECONDS,
    MethodType.PAYIN: limits.TRANSFER_SECONDS,
}
# Of Crockford's letters: none is taken for another, however it is written down.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAYER_REFERENCE_LENGTH = 8


async def begin_at_bank(
    db: Database,
    acquiring: Acquiring,
    page: PageCheckout,
    method: PaymentMethod,
    *,
    attempt: int,
    customer: NewCustomer | None = None,
) -> Transaction | None:
    """Commits the attempt, or None where the page has to be shown anew.

    Raises: MethodLimitReached.
    """
    if not may_begin(page, attempt=attempt, customer=customer):
        return None

    async def insert(connection: Connection, checkout: Checkout, now: datetime) -> Transaction:
        transaction = _attempt(checkout, method, now)
        by_hand = method.type is MethodType.PAYIN
        secret = return_token(transaction.id, acquiring.asking.page_key)
        await transactions.insert(
            connection,
            transaction,
            AttemptStep.HAND_OVER if by_hand else AttemptStep.SUBMIT,
            due_seconds=_due_seconds(acquiring, transaction),
            return_hash=None if by_hand else token_hash(secret),
        )
        if by_hand:
            told = await told_of(connection, transaction, News(now))
            await move(connection, checkout, Step.WAIT, told=told)
        return transaction

    return await begin_attempt(db, page, insert, attempt=attempt, method=method, customer=customer)


async def ask_bank(db: Database, acquiring: Acquiring, transaction: Transaction) -> None:
    """Has the bank asked for a begun attempt. Let it run to its end whoever waits for it."""
    if transaction.state is State.SUBMITTING:
        outcome = await transactions.collect(acquiring, transaction)
        await settle(db, acquiring, transaction, outcome, was_asked=False)


async def come_back(db: Database, acquiring: Acquiring, transaction: Transaction) -> None:
    """Asks the bank what became of an attempt whose payer is back, or which it gave notice of."""
    if transaction.state in _ASKED:
        finding = await transactions.inquire(acquiring, transaction)
        await settle(db, acquiring, transaction, finding, was_asked=False)


async def notice(db: Database, acquiring: Acquiring, reference: str) -> None:
    """Has the worker ask at once about what a bank says that something happened to."""
    found = await _named(db, acquiring, reference)
    if found is None:
        return

    async def work(connection: Connection) -> None:
        await transactions.look_now(connection, found.account_id, found.id)
        row = f"{found.account_id}/{found.id}"
        await jobs.enqueue(connection, jobs.LOOK_AT_TRANSACTION, row, delay_seconds=0)

    if found.state in _ASKED or found.method is MethodType.PAYIN:
        await db.transact(work)


async def leave_bank(db: Database, acquiring: Acquiring, transaction: Transaction) -> None:
    """The payer wants to pay otherwise: the attempt is ended, at the bank first.

    If they have paid meanwhile, that counts.
    """

    async def work(connection: Connection) -> Transaction | None:
        held = await hold(connection, transaction)
        if held.transaction.state is not State.AWAITING:
            return None
        if held.transaction.method is MethodType.PAYIN:
            left = Declined(DeclineReason.CANCELLED_BY_PAYER)
            await settle_held(connection, acquiring, held, left, was_asked=False)
            return None
        return await transactions.begin_reversal(connection, acquiring, held.attempt)

    reversing = await db.transact(work)
    if reversing is not None:
        finding = await transactions.reverse(acquiring, reversing)
        await settle(db, acquiring, reversing, finding, was_asked=False)


async def end_transfer(connection: Connection, transaction: Transaction) -> None:
    """Ends an attempt by hand, held by this transaction, whose checkout is being cancelled."""
    await transactions.save_move(
        connection,
        transaction,
        AttemptStep.DECLINE,
        to=State.DECLINED,
        facts=(),
        look_seconds=None,
        hold_seconds=0,
        learnt={"decline_reason": DeclineReason.CANCELLED_BY_PAYER},
    )


# In these the bank may know more than we do.
_ASKED = {State.AWAITING, State.REVIEW, State.UNKNOWN}


async def _named(db: Database, acquiring: Acquiring, reference: str) -> Transaction | None:
    if ids.looks_like("tra", reference):
        secret = return_token(reference, acquiring.asking.page_key)
        return await transactions.of_return(db, token_hash(secret))
    async with db.connection() as connection:
        return await transactions.of_payer_reference(connection, reference)


def _attempt(checkout: Checkout, method: PaymentMethod, now: datetime) -> Transaction:
    by_hand = method.type is MethodType.PAYIN
    return Transaction(
        account_id=checkout.account_id,
        id=TransactionID(ids.new("tra")),
        checkout_id=checkout.id,
        order_id=checkout.order_id,
        customer_id=checkout.customer_id,
        card_id=None,
        attempt=checkout.attempts,
        amount=checkout.amount,
        connector=method.connector or BY_HAND,
        state=State.AWAITING if by_hand else State.SUBMITTING,
        moves=1,
        method=method.type,
        handover_until=_until(checkout, method, now),
        payer_reference=_new_payer_reference() if by_hand else None,
    )


def _until(checkout: Checkout, method: PaymentMethod, now: datetime) -> datetime:
    """Until when the payer can act: a transfer takes days, all else ends with the checkout."""
    until = now + timedelta(seconds=_LIFE_SECONDS[method.type])
    if method.type is MethodType.PAYIN:
        return until
    soonest = now + timedelta(seconds=limits.HANDOVER_SECONDS_MIN)
    return max(soonest, min(until, checkout.expires_at))


def _due_seconds(acquiring: Acquiring, transaction: Transaction) -> int:
    if transaction.method is not MethodType.PAYIN:
        return acquiring.due_seconds
    return acquiring.inquiry_seconds[0]


def _new_payer_reference() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_PAYER_REFERENCE_LENGTH))
