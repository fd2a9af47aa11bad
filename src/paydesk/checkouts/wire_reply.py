"""How a checkout looks in the API's replies; webhooks say the same things in the same words."""

from collections.abc import Mapping
from typing import Any

# pydantic, which makes the OpenAPI document of these, takes no other before Python 3.12.
from typing_extensions import TypedDict

from paydesk import lookups
from paydesk.checkouts.model import Checkout, ShownCheckout
from paydesk.kit import clock
from paydesk.orders import Item


class NamedReply(TypedDict):
    """What replies and webhooks alike say of a checkout: its names and its amount."""

    id: str
    session_id: str
    amount: str
    currency_lookups_id: str
    currency: str
    order_id: str
    customer_id: str | None


class CheckoutReply(NamedReply):
    """The `result` of a create. Source: the reference, Response Parameters; `currency` is added."""

    page_url: str
    expires_at: str


class RedirectsReply(TypedDict):
    success_url: str
    cancel_url: str
    notify_url: str


class PaymentReply(TypedDict):
    metadata: Mapping[str, Any] | None


class ItemReply(TypedDict):
    sku: str | None
    name: str
    quantity: int
    unit_amount: str
    metadata: Mapping[str, Any] | None


class OrderReply(TypedDict):
    id: str
    reference: str
    description: str | None
    items: list[ItemReply]


class CustomerReply(TypedDict):
    id: str
    reference: str | None
    metadata: Mapping[str, Any] | None


class ShownCheckoutReply(CheckoutReply):
    """The create reply, and what has come of the checkout."""

    mode: str
    payment_type_lookups_id: str
    payment_type: str
    status: str
    attempts: int
    transaction_id: str | None
    transaction_status_lookups_id: str | None
    transaction_status: str | None
    card_id: str | None
    capture_before: str | None
    order_status_lookups_id: str
    order_status: str
    created_at: str
    completed_at: str | None
    cancelled_at: str | None
    cancellation_reason: str | None
    redirects: RedirectsReply
    payment: PaymentReply
    order: OrderReply
    customer: CustomerReply | None


def named(checkout: Checkout) -> NamedReply:
    """The checkout's names and its amount."""
    currency = checkout.amount.currency.code
    return {
        "id": checkout.id,
        "session_id": checkout.session_id,
        "amount": checkout.amount.text(),
        "currency_lookups_id": lookups.id_of("currency", currency),
        "currency": currency,
        "order_id": checkout.order_id,
        "customer_id": checkout.customer_id,
    }


def reply(checkout: Checkout, page_url: str) -> CheckoutReply:
    """The checkout as its create answers it."""
    return {
        **named(checkout),
        "page_url": page_url,
        "expires_at": clock.iso(checkout.expires_at),
    }


def show(shown: ShownCheckout, page_url: str) -> ShownCheckoutReply:
    """The checkout as it stands, for the show call, the list and whatever changes it."""
    checkout = shown.checkout
    status = shown.transaction_status
    return {
        **reply(checkout, page_url),
        "mode": checkout.mode,
        "payment_type_lookups_id": lookups.id_of("payment_type", checkout.payment_type),
        "payment_type": checkout.payment_type,
        "status": checkout.state,
        "attempts": checkout.attempts,
        "transaction_id": shown.transaction_id,
        "transaction_status_lookups_id": status and lookups.id_of("transaction_status", status),
        "transaction_status": status,
        "card_id": checkout.card_id,
        "capture_before": clock.iso_or_none(shown.capture_before),
        "order_status_lookups_id": lookups.id_of("order_status", shown.order_status),
        "order_status": shown.order_status,
        "created_at": clock.iso(shown.created_at),
        "completed_at": clock.iso_or_none(checkout.completed_at),
        "cancelled_at": clock.iso_or_none(checkout.cancelled_at),
        "cancellation_reason": checkout.cancellation_reason,
        "redirects": {
            "success_url": shown.redirects.success_url,
            "cancel_url": shown.redirects.cancel_url,
            "notify_url": shown.redirects.notify_url,
        },
        "payment": {"metadata": checkout.payment_metadata},
        "order": {
            "id": checkout.order_id,
            "reference": shown.order_reference,
            "description": shown.order_description,
            "items": [_item(item) for item in shown.items],
        },
        "customer": _customer(shown),
    }


def _item(item: Item) -> ItemReply:
    return {
        "sku": item.sku,
        "name": item.name,
        "quantity": item.quantity,
        "unit_amount": item.unit_amount.text(),
        "metadata": item.metadata,
    }


def _customer(shown: ShownCheckout) -> CustomerReply | None:
    if shown.checkout.customer_id is None:
        return None
    return {
        "id": shown.checkout.customer_id,
        "reference": shown.customer_reference,
        "metadata": shown.customer_metadata,
    }
