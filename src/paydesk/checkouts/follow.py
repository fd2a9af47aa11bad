"""Moves a checkout by what became of its attempt: paid, declined, or waiting."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from paydesk import abuse, cards, limits, notifications, orders, payments, transactions
from paydesk.cards import CardChange, KeptCard, card_of
from paydesk.checkouts.announce import Told
from paydesk.checkouts.model import SAVE, Checkout
from paydesk.checkouts.move import move
from paydesk.checkouts.states import State, Step
from paydesk.db.connection import Connection
from paydesk.payments import Agreed, ShownPayment
from paydesk.transactions import State as AttemptState
from paydesk.transactions import Transaction


@dataclass(frozen=True, slots=True)
class News:
    """When something became of an attempt, why it failed if it did, and its card if at hand."""

    at: datetime
    reason: str | None = None
    card: KeptCard | None = None


async def follow(
    connection: Connection,
    checkout: Checkout,
    was: AttemptState,
    transaction: Transaction,
    news: News,
) -> None:
    """Moves a pending checkout, and its order, as its attempt's move from `was` demands."""
    step = _step(was, transaction, checkout)
    if checkout.state is not State.PENDING or step is None:
        return
    account_id = checkout.account_id
    changes: dict[str, Any] = {}
    card = news.card or await card_of(connection, account_id, transaction.card_id)
    consent = None if card is None else card.consent
    if step is Step.APPROVE:
        if card is not None:
            card = await cards.keep_if_agreed(connection, account_id, checkout.customer_id, card)
            await _replace(connection, checkout, card)
        changes = {
            "transaction_id": transaction.id,
            "card_id": card and card.id,
            "completed_at": news.at,
        }
        if not transaction.is_hold and checkout.mode != SAVE:
            await orders.follow(connection, account_id, checkout.order_id, orders.Step.PAY)
    elif step in {Step.DECLINE, Step.DECLINE_LAST}:
        if card is not None:
            await cards.let_go(connection, account_id, card)
        changes = {"failures": checkout.failures + 1}
        was_asked = was not in transactions.BEFORE_SENDING
        await abuse.learn(connection, transaction, news.reason, was_asked=was_asked)
    told = await told_of(connection, transaction, replace(news, card=card))
    if step is Step.APPROVE and checkout.recurring is not None:
        assert card is not None, "only cards are charged again"
        begun = await _begin_payment(connection, checkout, card.id, consent, news.at)
        told = replace(told, payment=begun)
    await move(connection, checkout, step, told=told, changes=changes)
    if step is Step.APPROVE and checkout.mode != SAVE:
        await notifications.tell_of_payment(connection, transaction)


async def _begin_payment(
    connection: Connection, checkout: Checkout, card_id: str, consent: str | None, at: datetime
) -> ShownPayment:
    """The recurring payment whose first charge this is."""
    assert checkout.recurring is not None, "only recurring checkouts begin payments"
    assert checkout.customer_id is not None, "whoever pays is known by then"
    agreed = Agreed(
        account_id=checkout.account_id,
        checkout_id=checkout.id,
        customer_id=checkout.customer_id,
        card_id=card_id,
        amount=checkout.amount,
        wanted=checkout.recurring,
        consent=consent,
    )
    return await payments.begin(connection, agreed, at)


async def _replace(connection: Connection, checkout: Checkout, card: KeptCard) -> None:
    """Puts a card just saved in the place of the one that the checkout asked to replace."""
    old = checkout.replaces_card_id
    if old is None or not card.is_saved or card.id == old:
        return
    account_id = checkout.account_id
    await payments.charge_other_card(connection, account_id, old, card.id)
    was = await cards.saved_card(connection, account_id, old)
    await cards.archive_card(connection, account_id, old)
    if was is not None and was.is_default:
        await cards.change_card(connection, account_id, CardChange(card.id, is_default=True))


async def told_of(connection: Connection, transaction: Transaction, news: News) -> Told:
    """What an event tells of an attempt."""
    return Told(
        transaction_id=transaction.id,
        status=transaction.status,
        method=transaction.method,
        card=news.card or await card_of(connection, transaction.account_id, transaction.card_id),
        decline_reason=news.reason if transaction.state in transactions.WITHOUT_MONEY else None,
        capture_before=transaction.capture_before,
    )


def _step(was: AttemptState, transaction: Transaction, checkout: Checkout) -> Step | None:
    if transaction.state is AttemptState.APPROVED:
        return Step.APPROVE
    if transaction.state in transactions.WITHOUT_MONEY:
        is_last = checkout.failures + 1 >= limits.FAILED_ATTEMPTS_MAX
        return Step.DECLINE_LAST if is_last else Step.DECLINE
    # It is announced once that an attempt waits: when its payer is sent to the issuer, or else
    # when it stops being on its way.
    is_waiting = was is AttemptState.SUBMITTING and transaction.state in transactions.IN_FLIGHT
    return Step.WAIT if is_waiting and not transaction.is_challenged else None
