"""What Paydesk answers with, as types. Fields added later appear in the objects all the same."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypedDict, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, newest first; next_cursor is None on the last one."""

    entries: list[T]
    next_cursor: str | None


class Checkout(TypedDict, total=False):
    """A checkout. Times are ISO 8601 in UTC."""

    id: str
    session_id: str
    amount: str
    currency: str
    currency_lookups_id: str
    order_id: str | None
    customer_id: str | None
    page_url: str
    expires_at: str
    status: str
    mode: str
    transaction_id: str | None
    transaction_status_lookups_id: str | None
    completed_at: str | None
    cancelled_at: str | None
    cancellation_reason: str | None


class Order(TypedDict, total=False):
    """An order. Times are of South Africa, `YYYY-MM-DD HH:mm:ss`."""

    id: str
    reference: str
    description: str | None
    customer_id: str | None
    amount_subtotal: str | None
    amount_discount: str | None
    amount_shipping: str | None
    amount_tax: str | None
    amount_total: str
    currency: str
    currency_lookups_id: str
    order_status: str
    order_status_lookups_id: str
    fulfillment_status: str
    fulfillment_status_lookups_id: str
    items: list[dict[str, Any]]
    metadata: dict[str, Any] | None
    created_at: str
    updated_at: str
    deleted_at: str | None


class Customer(TypedDict, total=False):
    """A customer, with a flat address as `/customers` has it."""

    id: str
    reference: str
    company_name: str | None
    person_name: str | None
    person_surname: str | None
    client_type: str | None
    id_type: str | None
    id_number: str | None
    email: str
    contact_number: str | None
    customer_status: str
    metadata: dict[str, Any] | None
    created_at: str
    updated_at: str
    deleted_at: str | None


class Transaction(TypedDict, total=False):
    """One attempt to move money, and what was done with it since.

    amount is exact: a Decimal, as Paydesk writes a number here. The other amounts are texts.
    """

    id: str
    created_at: str
    updated_at: str
    charged_at: str | None
    status_changed_at: str
    authorised_at: str | None
    capture_before: str | None
    payment_method_id: str | None
    customer_id: str | None
    checkout_id: str
    order_id: str
    card_id: str | None
    transaction_reference: str
    payment_reference: str | None
    transaction_status: str
    transaction_status_lookups_id: str
    amount: Decimal
    currency: str
    currency_lookups_id: str
    amount_captured: str
    amount_voided: str
    amount_refunded: str
    payment_data: dict[str, Any]
    unpaid_reason: str | None
    modifications: list["Modification"]


class Modification(TypedDict, total=False):
    """A capture, void or refund.

    modification_status is PENDING as long as its outcome is not known, then COMPLETED.
    transaction is how its transaction stands now.
    """

    id: str
    transaction_id: str
    modification_type: str
    modification_status: str
    amount: str
    is_automatic: bool
    error_code: str | None
    created_at: str
    updated_at: str
    completed_at: str | None
    transaction: Transaction


class Lookup(TypedDict):
    """A value that other calls name by its id or its enum."""

    id: str
    parent_lookups_id: str | None
    title: str
    enum: str
    type: str


class PaymentMethod(TypedDict, total=False):
    """A way to pay that the account offers."""

    id: str
    payment_method_type: str
    payment_method_type_lookups_id: str


class Merchant(TypedDict, total=False):
    """The merchant's own record."""

    name: str
    logo_url: str | None
    allowed_origins: list[str]
    customization: dict[str, Any]


class Webhook(TypedDict, total=False):
    """A webhook's body. data has exactly one element."""

    id: str
    event: str
    created_at: str
    sequence: int
    data: list[dict[str, Any]]
