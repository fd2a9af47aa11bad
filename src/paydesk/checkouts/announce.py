"""What a webhook says: the payload of each event.

Source: the reference, Webhook Payload and Webhook Events; design §4, "webhook body".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from paydesk import lookups
from paydesk.cards import KeptCard
from paydesk.checkouts.model import Checkout
from paydesk.checkouts.states import Event
from paydesk.checkouts.wire_reply import named
from paydesk.kit import clock, ids, json
from paydesk.payment_methods import MethodType
from paydesk.payments import ShownPayment
from paydesk.webhooks import NewEvent

# What merchants are told of a decline, in words; the code beside it is the same word.
_MESSAGES: Mapping[str, str] = {
    "declined_generic": "The card issuer declined the payment.",
    "insufficient_funds": "The card has insufficient funds.",
    "expired_card": "The card has expired.",
    "incorrect_number": "The card number is incorrect.",
    "incorrect_cvc": "The security code is incorrect.",
    "card_not_supported": "The card does not support this payment.",
    "authentication_failed": "The payer could not be authenticated.",
    "authentication_unavailable": "The payer's authentication is not available at the moment.",
    "risk_blocked": "The payment was stopped as too risky.",
    "issuer_unavailable": "The card issuer could not be reached.",
    "limit_exceeded": "The card's limit is exceeded.",
    "duplicate": "The acquirer took the payment for a duplicate.",
    "invalid_request": "The acquirer did not understand the payment.",
    "configuration": "The account is not set up for this payment.",
    "rate_limited": "The acquirer is too busy at the moment.",
    "provider_unavailable": "The acquirer could not be reached; no money was taken.",
    "cancelled_by_payer": "The payer cancelled the payment.",
    "expired": "The payment took too long.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """The attempt that an event tells of: its status, how it pays, and why it failed if it did.

    capture_before: until when an authorised amount can be captured. payment is the recurring
    payment that begins with it.
    """

    transaction_id: str
    status: str
    card: KeptCard | None
    method: MethodType = MethodType.CARD
    decline_reason: str | None = None
    capture_before: datetime | None = None
    payment: ShownPayment | None = None


def event(checkout: Checkout, type: Event, told: Told | None) -> NewEvent:  # noqa: A002
    """The event about a checkout as it is after the move that announces it."""
    id_ = ids.new("web")
    body = {
        "id": id_,
        "event": type,
        "data": [{"checkout": {**_checkout(checkout), **_attempt(told)}, **_payment(told)}],
        "created_at": clock.iso(clock.now()),
    }
    return NewEvent(id_, type, checkout.id, checkout.events, json.write(body))


def _checkout(checkout: Checkout) -> dict[str, Any]:
    return {
        **named(checkout),
        "mode": checkout.mode,
        "status": checkout.state,
        "sequence": checkout.events,
        "expires_at": clock.iso(checkout.expires_at),
        "completed_at": clock.iso_or_none(checkout.completed_at),
        **_if_given("abandoned_at", clock.iso_or_none(checkout.abandoned_at)),
        **_if_given("cancelled_at", clock.iso_or_none(checkout.cancelled_at)),
        **_if_given("cancellation_reason", checkout.cancellation_reason),
    }


def _attempt(told: Told | None) -> dict[str, Any]:
    if told is None:
        return {}
    reason = told.decline_reason
    return {
        "transaction_id": told.transaction_id,
        "transaction_status_lookups_id": lookups.id_of("transaction_status", told.status),
        "transaction_status": told.status,
        **_if_given("capture_before", clock.iso_or_none(told.capture_before)),
        "payment_method": told.method,
        "card_id": None if told.card is None else told.card.id,
        "card": _card(told.card),
        **({} if reason is None else {"error": {"code": reason, "message": _MESSAGES[reason]}}),
    }


def _payment(told: Told | None) -> dict[str, Any]:
    """The recurring payment that begins; in both spellings of the reference.

    status is that of its first charge, payment_status the payment's own.
    """
    if told is None or told.payment is None:
        return {}
    payment = told.payment.payment
    currency = payment.amount.currency.code
    record = {
        "id": payment.id,
        "amount": payment.amount.text(),
        "currency_lookups_id": lookups.id_of("currency", currency),
        "currency": currency,
        "status": told.status.lower(),
        "payment_status_lookups_id": lookups.id_of("payment_status", payment.state),
        "payment_status": payment.state,
        "payment_method_id": told.payment.payment_method_id,
        "payment_method": told.method.lower(),
        "next_charge_on": None if payment.due_on is None else str(payment.due_on),
        "created_at": clock.iso(told.payment.created_at),
    }
    return {"payment": record}


def _card(card: KeptCard | None) -> dict[str, Any] | None:
    if card is None:
        return None
    return {
        "id": card.id,
        # A token is for charging a saved card again.
        "token": card.token if card.is_saved else None,
        "ending": card.ending,
        "brand": card.brand.upper(),
        "expire": card.expire,
    }


def _if_given(name: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {name: value}
