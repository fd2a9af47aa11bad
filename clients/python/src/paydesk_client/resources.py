"""Every call of the API, as a method of its resource.

Fields and filters go by the names of Paydesk's API page and are checked by Paydesk. A POST gets an
idempotency_key of its own unless the caller names one; name one to be safe across restarts of
your own program.
"""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from paydesk_client.exchange import Call
from paydesk_client.methods import C_co, Group, method, pages
from paydesk_client.replies import (
    Card,
    Checkout,
    Customer,
    Invoice,
    Lookup,
    Merchant,
    Modification,
    Order,
    Page,
    Payment,
    PaymentMethod,
    Ping,
    Resent,
    SentWebhook,
    Transaction,
    Webhook,
    WebhookEndpoint,
    WebhookSecret,
)

# No amount at all. None is no word for it: an amount that got lost must not move everything.
ALL_THAT_IS_LEFT = "all that is left"
Record = Mapping[str, Any]
Records = list  # the resources below have methods named list


def _get(path: str, key: str, query: Record | None = None) -> Call[Any]:
    return Call("GET", path, lambda body: body[key], query=query)


def _post(path: str, body: Record, idempotency_key: str | None, key: str = "result") -> Call[Any]:
    own = idempotency_key or secrets.token_hex(16)
    return Call("POST", path, lambda answer: answer[key], body=body, idempotency_key=own)


def _page(path: str, key: str, query: Record) -> Call[Page[Any]]:
    def read(body: Any) -> Page[Any]:
        return Page(body[key], body.get("next_cursor"))

    return Call("GET", path, read, query=query)


def _id(record_id: str) -> str:
    return quote(record_id, safe="")


class Checkouts(Group[C_co]):
    """`/checkout`: ask for a checkout, send the payer to its page_url, see how it stands."""

    @method
    def create(self, /, *, idempotency_key: str | None = None, **fields: Any) -> Call[Checkout]:
        """A new checkout, with the fields of `POST /checkout/page`."""
        return _post("/checkout/page", fields, idempotency_key)

    @method
    def show(self, checkout_id: str) -> Call[Checkout]:
        """How the checkout stands."""
        return _get(f"/checkout/page/{_id(checkout_id)}", "result")

    @method
    def change(
        self, /, checkout_id: str, *, idempotency_key: str | None = None, **fields: Any
    ) -> Call[Checkout]:
        """The checkout with these fields changed, while it is open and unpaid."""
        return _post(f"/checkout/page/{_id(checkout_id)}", fields, idempotency_key)

    @method
    def cancel(self, /, checkout_id: str, *, idempotency_key: str | None = None) -> Call[Checkout]:
        """The checkout, ended unpaid."""
        return _post(f"/checkout/page/{_id(checkout_id)}/cancel", {}, idempotency_key)

    @method
    def list(self, /, **filters: Any) -> Call[Page[Checkout]]:
        """One page of the checkouts, newest first."""
        return _page("/checkout/list", "results", filters)

    @pages
    def each(self, /, **filters: Any) -> Call[Page[Checkout]]:
        """All checkouts, newest first."""
        return _page("/checkout/list", "results", filters)


class Orders(Group[C_co]):
    """`/orders`. Creating and changing take several records at once: all are done, or none."""

    @method
    def create(self, *records: Record, idempotency_key: str | None = None) -> Call[Records[Order]]:
        """The new orders."""
        return _post("/orders/create", {"records": records}, idempotency_key, "results")

    @method
    def update(self, *records: Record, idempotency_key: str | None = None) -> Call[Records[Order]]:
        """The orders with these changes. Each record names its order by `id`."""
        return _post("/orders/update", {"records": records}, idempotency_key, "results")

    @method
    def delete(self, *order_ids: str, idempotency_key: str | None = None) -> Call[Records[Order]]:
        """The orders, deleted. A paid one is refused."""
        return _post("/orders/delete", _named(order_ids), idempotency_key, "results")

    @method
    def show(self, order_id: str) -> Call[Order]:
        """The order."""
        return _get(f"/orders/{_id(order_id)}", "result")

    @method
    def list(self, /, **filters: Any) -> Call[Page[Order]]:
        """One page of the orders, newest first."""
        return _page("/orders/list", "results", filters)

    @pages
    def each(self, /, **filters: Any) -> Call[Page[Order]]:
        """All orders, newest first."""
        return _page("/orders/list", "results", filters)


class Customers(Group[C_co]):
    """`/customers`. Creating and changing take several records at once: all are done, or none."""

    @method
    def create(
        self, *records: Record, idempotency_key: str | None = None
    ) -> Call[Records[Customer]]:
        """The new customers."""
        return _post("/customers/create", {"records": records}, idempotency_key, "results")

    @method
    def update(
        self, *records: Record, idempotency_key: str | None = None
    ) -> Call[Records[Customer]]:
        """The customers with these changes. Each record names its customer by `id`."""
        return _post("/customers/update", {"records": records}, idempotency_key, "results")

    @method
    def archive(
        self, *customer_ids: str, idempotency_key: str | None = None
    ) -> Call[Records[Customer]]:
        """The customers, archived."""
        return _post("/customers/archive", _named(customer_ids), idempotency_key, "results")

    @method
    def show(self, customer_id: str) -> Call[Customer]:
        """The customer."""
        return _get(f"/customers/{_id(customer_id)}", "result")

    @method
    def list(self, /, **filters: Any) -> Call[Page[Customer]]:
        """One page of the customers, newest first."""
        return _page("/customers/list", "results", filters)

    @pages
    def each(self, /, **filters: Any) -> Call[Page[Customer]]:
        """All customers, newest first."""
        return _page("/customers/list", "results", filters)


class Cards(Group[C_co]):
    """`/cards`: cards that their payers had saved. Their numbers are in no reply."""

    @method
    def update(self, *records: Record, idempotency_key: str | None = None) -> Call[Records[Card]]:
        """The cards with these changes. Each record names its card by `id`."""
        return _post("/cards/update", {"records": records}, idempotency_key, "results")

    @method
    def archive(self, *card_ids: str, idempotency_key: str | None = None) -> Call[Records[Card]]:
        """The cards, archived: their numbers are destroyed."""
        return _post("/cards/archive", _named(card_ids), idempotency_key, "results")

    @method
    def link(
        self, /, card_id: str, *, idempotency_key: str | None = None, **fields: Any
    ) -> Call[Checkout]:
        """A checkout on whose page the customer saves another card in the place of this one."""
        return _post(f"/cards/{_id(card_id)}/link", fields, idempotency_key)

    @method
    def show(self, card_id: str) -> Call[Card]:
        """The card."""
        return _get(f"/cards/{_id(card_id)}", "result")

    @method
    def list(self, /, **filters: Any) -> Call[Page[Card]]:
        """One page of the saved cards, newest first."""
        return _page("/cards", "records", filters)

    @pages
    def each(self, /, **filters: Any) -> Call[Page[Card]]:
        """All saved cards, newest first."""
        return _page("/cards", "records", filters)


class Payments(Group[C_co]):
    """`/payments`: saved cards that are charged, once or by a schedule."""

    @method
    def submit(
        self,
        *payments: Record,
        batch_reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[Records[Payment]]:
        """The new payments. All are taken, or none; each is charged on its first day."""
        body: dict[str, Any] = {"payments": payments}
        if batch_reference is not None:
            body["batch_reference"] = batch_reference
        return _post("/payments/submit", body, idempotency_key, "results")

    @method
    def set_status(
        self, payment_id: str, status: str, *, idempotency_key: str | None = None
    ) -> Call[Payment]:
        """The payment, set to PAUSED, RUNNING, STOPPED or CANCELLED."""
        path = f"/payments/status/{_id(payment_id)}/{_id(status)}"
        return _post(path, {}, idempotency_key)

    @method
    def show(self, payment_id: str) -> Call[Payment]:
        """The payment."""
        return _get(f"/payments/{_id(payment_id)}", "result")

    @method
    def list(self, /, **filters: Any) -> Call[Page[Payment]]:
        """One page of the payments, newest first."""
        return _page("/payments/list", "results", filters)

    @pages
    def each(self, /, **filters: Any) -> Call[Page[Payment]]:
        """All payments, newest first."""
        return _page("/payments/list", "results", filters)


class Transactions(Group[C_co]):
    """`/transactions`: what was paid, and what to do with it."""

    @method
    def show(self, transaction_id: str) -> Call[Transaction]:
        """The transaction."""
        return _get(f"/transactions/{_id(transaction_id)}", "result")

    @method
    def record(self, id_or_reference: str) -> Call[Transaction]:
        """The transaction of this id or this reference of yours."""
        return _get(f"/transactions/record/{_id(id_or_reference)}", "transaction")

    @method
    def capture(
        self,
        transaction_id: str,
        *,
        amount: str = ALL_THAT_IS_LEFT,
        idempotency_key: str | None = None,
    ) -> Call[Modification]:
        """Takes an authorised amount, or all that is left of it."""
        return _move_money(transaction_id, "capture", amount, idempotency_key)

    @method
    def void(
        self, transaction_id: str, *, idempotency_key: str | None = None
    ) -> Call[Modification]:
        """Lets go of what is left of an authorised amount."""
        return _move_money(transaction_id, "void", ALL_THAT_IS_LEFT, idempotency_key)

    @method
    def refund(
        self,
        transaction_id: str,
        *,
        amount: str = ALL_THAT_IS_LEFT,
        idempotency_key: str | None = None,
    ) -> Call[Modification]:
        """Gives an amount back, or all that is left of it."""
        return _move_money(transaction_id, "refund", amount, idempotency_key)

    @method
    def receive(
        self,
        transaction_id: str,
        *,
        amount: str,
        sender: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[Transaction]:
        """Records what came in by bank transfer: the transaction as it is then."""
        body = {"amount": amount} | ({} if sender is None else {"sender": sender})
        path = f"/transactions/{_id(transaction_id)}/receive"
        return _post(path, body, idempotency_key)

    @method
    def list(self, /, **filters: Any) -> Call[Page[Transaction]]:
        """One page of the transactions, newest first."""
        return _page("/transactions", "transactions", filters)

    @pages
    def each(self, /, **filters: Any) -> Call[Page[Transaction]]:
        """All transactions, newest first."""
        return _page("/transactions", "transactions", filters)


class Invoices(Group[C_co]):
    """`/invoices`: tax invoices, receipts and credit notes."""

    @method
    def show(self, invoice_id: str) -> Call[Invoice]:
        """The invoice."""
        return _get(f"/invoices/{_id(invoice_id)}", "result")

    @method
    def list(self, /, **filters: Any) -> Call[Page[Invoice]]:
        """One page of the invoices, newest first."""
        return _page("/invoices", "invoices", filters)

    @pages
    def each(self, /, **filters: Any) -> Call[Page[Invoice]]:
        """All invoices, newest first."""
        return _page("/invoices", "invoices", filters)


class Lookups(Group[C_co]):
    """`/lookups`: currencies, countries, statuses and types."""

    @method
    def list(
        self, group: str | None = None, payment_methods_id: str | None = None
    ) -> Call[Records[Lookup]]:
        """All lookups, or those of one group; banks as one payment method supports them."""
        parts = [_id(part) for part in (group, payment_methods_id) if part is not None]
        return _get("/".join(["/lookups", *parts]), "lookups")


class PaymentMethods(Group[C_co]):
    """`/payment-methods`."""

    @method
    def list(self) -> Call[Records[PaymentMethod]]:
        """The ways to pay that the account offers."""
        return _get("/payment-methods", "payment_methods")


class Events(Group[C_co]):
    """`/events`: what happened, oldest first, for whoever would rather ask than be told."""

    @method
    def list(self, /, **filters: Any) -> Call[Page[Webhook]]:
        """The next events. Keep next_cursor, and go on with it as cursor: none is passed over."""
        return _page("/events", "results", filters)


class Webhooks(Group[C_co]):
    """`/webhooks`: what was sent, how that went, and sending it again."""

    @method
    def show(self, webhook_id: str) -> Call[SentWebhook]:
        """The webhook with its payload and every try to deliver it."""
        return _get(f"/webhooks/{_id(webhook_id)}", "result")

    @method
    def resend(
        self, webhook_id: str, *, target: str | None = None, idempotency_key: str | None = None
    ) -> Call[SentWebhook]:
        """The webhook, on its way again: to all it is meant for, or to one target."""
        body = {} if target is None else {"target": target}
        return _post(f"/webhooks/{_id(webhook_id)}/resend", body, idempotency_key)

    @method
    def resend_dead(self, /, *, idempotency_key: str | None = None, **filters: Any) -> Call[Resent]:
        """Sends again what was given up, with the fields of `POST /webhooks/resend`."""
        return _post("/webhooks/resend", filters, idempotency_key)

    @method
    def list(self, /, **filters: Any) -> Call[Page[SentWebhook]]:
        """One page of the webhooks, newest first."""
        return _page("/webhooks", "results", filters)

    @pages
    def each(self, /, **filters: Any) -> Call[Page[SentWebhook]]:
        """All webhooks, newest first."""
        return _page("/webhooks", "results", filters)

    @method
    def rotate_secret(
        self, *, overlap_hours: int = 24, idempotency_key: str | None = None
    ) -> Call[WebhookSecret]:
        """A new secret for `notify_url`s, forms and receipts; the one before goes on meanwhile."""
        body = {"overlap_hours": overlap_hours}
        return _post("/webhook-secret/rotate", body, idempotency_key)


class WebhookEndpoints(Group[C_co]):
    """`/webhook-endpoints`: who hears of all of the account's events."""

    @method
    def create(
        self, /, *, idempotency_key: str | None = None, **fields: Any
    ) -> Call[WebhookEndpoint]:
        """A new endpoint; its secret is shown here and never again."""
        return _post("/webhook-endpoints", fields, idempotency_key)

    @method
    def show(self, endpoint_id: str) -> Call[WebhookEndpoint]:
        """The endpoint."""
        return _get(f"/webhook-endpoints/{_id(endpoint_id)}", "result")

    @method
    def change(
        self, /, endpoint_id: str, *, idempotency_key: str | None = None, **fields: Any
    ) -> Call[WebhookEndpoint]:
        """The endpoint with these fields changed."""
        return _post(f"/webhook-endpoints/{_id(endpoint_id)}", fields, idempotency_key)

    @method
    def remove(
        self, endpoint_id: str, *, idempotency_key: str | None = None
    ) -> Call[WebhookEndpoint]:
        """The endpoint, removed."""
        return _post(f"/webhook-endpoints/{_id(endpoint_id)}/remove", {}, idempotency_key)

    @method
    def rotate(
        self, endpoint_id: str, *, overlap_hours: int = 24, idempotency_key: str | None = None
    ) -> Call[WebhookEndpoint]:
        """The endpoint with a new secret; the one before signs too for the overlap."""
        body = {"overlap_hours": overlap_hours}
        return _post(f"/webhook-endpoints/{_id(endpoint_id)}/rotate", body, idempotency_key)

    @method
    def ping(self, endpoint_id: str) -> Call[Ping]:
        """Sends the endpoint a test, and says what it answered."""
        return _post(f"/webhook-endpoints/{_id(endpoint_id)}/ping", {}, None)

    @method
    def list(self, /, **filters: Any) -> Call[Page[WebhookEndpoint]]:
        """One page of the endpoints, newest first."""
        return _page("/webhook-endpoints", "results", filters)

    @pages
    def each(self, /, **filters: Any) -> Call[Page[WebhookEndpoint]]:
        """All endpoints, newest first."""
        return _page("/webhook-endpoints", "results", filters)


class MerchantRecord(Group[C_co]):
    """`/merchant`: your own name, logo, VAT data, allowed origins, defaults and policies."""

    @method
    def show(self) -> Call[Merchant]:
        """The merchant's record."""
        return _get("/merchant", "result")

    @method
    def update(self, /, *, idempotency_key: str | None = None, **fields: Any) -> Call[Merchant]:
        """The record with these fields changed."""
        return _post("/merchant", fields, idempotency_key)


def _named(record_ids: tuple[str, ...]) -> Record:
    return {"records": [{"id": record_id} for record_id in record_ids]}


def _move_money(
    transaction_id: str, verb: str, amount: str, idempotency_key: str | None
) -> Call[Modification]:
    body = {} if amount is ALL_THAT_IS_LEFT else {"amount": amount}
    return _post(f"/transactions/{_id(transaction_id)}/{verb}", body, idempotency_key)
