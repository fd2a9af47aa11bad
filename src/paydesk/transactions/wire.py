"""How a transaction looks in the API.

Source: kwik-api paper, section 8.4; what it does not have is added and told in divergences.md.
"""

from typing import Any

from jiter import LosslessFloat
from typing_extensions import TypedDict

from paydesk import lookups, threeds
from paydesk.cards import KeptCard
from paydesk.kit import clock
from paydesk.kit.fields import Number
from paydesk.kit.money import Money
from paydesk.transactions.model import ShownTransaction, Transaction
from paydesk.transactions.states import State


class CardReply(TypedDict):
    """The card that paid, as far as it may be shown."""

    id: str
    brand: str
    ending: str
    expire: str


class AuthenticationReply(TypedDict):
    """How the payer was authenticated, by 3-D Secure. status is Y, N, A, … or null meanwhile."""

    version: str
    status: str | None
    is_challenged: bool
    eci: str | None
    liability_shifted: bool


class TransferReply(TypedDict):
    """Money that the payer sends by hand: what it is to name, until when, and what came of it.

    amount_to_return came and pays for nothing: it was too much, too late, or twice.
    """

    payer_reference: str
    pay_until: str | None
    amount_received: str
    amount_returned: str
    amount_to_return: str


class PaymentDataReply(TypedDict):
    """What is particular to the way it was paid."""

    authorisation_code: str | None
    card: CardReply | None
    authentication: AuthenticationReply | None
    transfer: TransferReply | None


class TransactionRecord(TypedDict):
    """A transaction by itself."""

    id: str
    created_at: str
    updated_at: str
    charged_at: str | None
    status_changed_at: str
    authorised_at: str | None
    capture_before: str | None
    payment_methods_id: str | None
    payment_method_id: str | None
    payment_method: str
    payments_id: str | None
    customers_id: str | None
    customer_id: str | None
    bank_accounts_id: str | None
    mandates_id: str | None
    checkout_id: str | None
    order_id: str
    card_id: str | None
    attempt: int
    transaction_reference: str
    payment_reference: str | None
    submission_batch_reference: str | None
    transaction_status_lookups_id: str
    transaction_status: str
    amount: Number
    currency_lookups_id: str
    currency: str
    amount_captured: str
    amount_voided: str
    amount_refunded: str
    payment_data: PaymentDataReply
    unpaid_reason: str | None
    submission_data: list[Any]


def show(shown: ShownTransaction) -> TransactionRecord:
    """The record of a transaction, with the plural and the singular spelling of its ids."""
    transaction = shown.transaction
    currency = transaction.amount.currency

    def text(minor: int) -> str:
        return Money(minor, currency).text()

    return {
        "id": transaction.id,
        "created_at": clock.sast(shown.created_at),
        "updated_at": clock.sast(shown.updated_at),
        "charged_at": clock.sast_or_none(shown.charged_at),
        "status_changed_at": clock.sast(shown.status_changed_at),
        "authorised_at": clock.sast_or_none(transaction.approved_at),
        "capture_before": clock.sast_or_none(transaction.capture_before),
        "payment_methods_id": shown.payment_method_id,
        "payment_method_id": shown.payment_method_id,
        "payment_method": transaction.method,
        "payments_id": transaction.payment_id,
        "customers_id": transaction.customer_id,
        "customer_id": transaction.customer_id,
        "bank_accounts_id": None,
        "mandates_id": None,
        "checkout_id": transaction.checkout_id,
        "order_id": transaction.order_id,
        "card_id": transaction.card_id,
        "attempt": transaction.attempt,
        "transaction_reference": shown.order_reference,
        "payment_reference": transaction.provider_id,
        "submission_batch_reference": None,
        "transaction_status_lookups_id": lookups.id_of("transaction_status", transaction.status),
        "transaction_status": transaction.status,
        # A number here and a text everywhere else, as the reference has it.
        "amount": LosslessFloat(transaction.amount.text().encode()),
        "currency_lookups_id": lookups.id_of("currency", currency.code),
        "currency": currency.code,
        "amount_captured": text(transaction.captured),
        "amount_voided": text(transaction.voided),
        "amount_refunded": text(transaction.refunded),
        "payment_data": {
            "authorisation_code": shown.authorisation_code,
            "card": _card(shown.card),
            "authentication": _authentication(shown),
            "transfer": _transfer(transaction),
        },
        "unpaid_reason": shown.decline_reason,
        "submission_data": [],
    }


def _authentication(shown: ShownTransaction) -> AuthenticationReply | None:
    made, card = shown.authentication, shown.card
    if made is None or card is None:
        return None
    return {
        "version": made.version,
        "status": made.status,
        "is_challenged": made.is_challenged,
        "eci": made.eci,
        "liability_shifted": shown.transaction.state is State.APPROVED
        and threeds.shifts_liability(made.eci or "", card.brand),
    }


def _transfer(transaction: Transaction) -> TransferReply | None:
    if transaction.payer_reference is None:
        return None
    currency = transaction.amount.currency
    return {
        "payer_reference": transaction.payer_reference,
        "pay_until": clock.sast_or_none(transaction.handover_until),
        "amount_received": Money(transaction.received, currency).text(),
        "amount_returned": Money(transaction.returned, currency).text(),
        "amount_to_return": Money(transaction.surplus, currency).text(),
    }


def _card(card: KeptCard | None) -> CardReply | None:
    if card is None:
        return None
    return {
        "id": card.id,
        "brand": card.brand.upper(),
        "ending": card.ending,
        "expire": card.expire,
    }
