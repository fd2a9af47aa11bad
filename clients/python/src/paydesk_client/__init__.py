"""A client of Paydesk, the self-hosted checkout server.

>>> from paydesk_client import Paydesk
>>> paydesk = Paydesk("http://127.0.0.1:8000", "key", "secret")
"""

from paydesk_client.client import AsyncPaydesk, Paydesk
from paydesk_client.errors import Fault, NoAnswer, PaydeskError
from paydesk_client.replies import (
    Checkout,
    Customer,
    Delivery,
    Lookup,
    Merchant,
    Modification,
    Order,
    Page,
    PaymentMethod,
    Ping,
    Receipt,
    Resent,
    SentWebhook,
    Transaction,
    Webhook,
    WebhookEndpoint,
    WebhookSecret,
)
from paydesk_client.signatures import (
    ReceiptForged,
    WebhookForged,
    sign_form,
    verify_receipt,
    verify_signature,
    verify_webhook,
)

__all__ = [
    "AsyncPaydesk",
    "Checkout",
    "Customer",
    "Delivery",
    "Fault",
    "Lookup",
    "Merchant",
    "Modification",
    "NoAnswer",
    "Order",
    "Page",
    "Paydesk",
    "PaydeskError",
    "PaymentMethod",
    "Ping",
    "Receipt",
    "ReceiptForged",
    "Resent",
    "SentWebhook",
    "Transaction",
    "Webhook",
    "WebhookEndpoint",
    "WebhookForged",
    "WebhookSecret",
    "sign_form",
    "verify_receipt",
    "verify_signature",
    "verify_webhook",
]
