"""What Paydesk answers with, as types. Fields added later appear in the objects all the same."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, NotRequired, TypedDict, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, newest first; next_cursor is None on the last one."""

    entries: list[T]
    next_cursor: str | None


class Checkout(TypedDict, total=False):
    """A checkout; what create answers ends with expires_at. Times are ISO 8601 in UTC."""

    id: str
    session_id: str
    amount: str
    currency_lookups_id: str
    currency: str
    order_id: str
    customer_id: str | None
    page_url: str
    expires_at: str
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
    redirects: dict[str, Any]
    payment: dict[str, Any]
    order: dict[str, Any]
    customer: dict[str, Any] | None


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
    currency_lookups_id: str
    currency: str
    order_status_lookups_id: str
    order_status: str
    fulfillment_status_lookups_id: str
    fulfillment_status: str
    items: list[dict[str, Any]]
    metadata: dict[str, Any] | None
    created_at: str
    updated_at: str
    deleted_at: str | None


class Customer(TypedDict, total=False):
    """A customer; its addresses flat, as a create may name them, and as objects.

    Times are of South Africa, `YYYY-MM-DD HH:mm:ss`.
    """

    id: str
    reference: str
    company_name: str | None
    person_name: str | None
    person_surname: str | None
    client_type_lookups_id: str | None
    client_type: str | None
    id_type_lookups_id: str | None
    id_type: str | None
    id_number: str | None
    email: str | None
    contact_number: str | None
    is_tax: bool | None
    tax_number: str | None
    billing_email: str | None
    billing_address_line_1: str | None
    billing_address_line_2: str | None
    city_or_town: str | None
    postal_code: str | None
    billing_province_or_state: str | None
    billing_country_lookups_id: str | None
    billing_country: str | None
    shipping_contact_name: str | None
    shipping_contact_number: str | None
    shipping_address_line_1: str | None
    shipping_address_line_2: str | None
    shipping_city_or_town: str | None
    shipping_postal_code: str | None
    shipping_province_or_state: str | None
    shipping_country_lookups_id: str | None
    shipping_country: str | None
    billing_address: dict[str, Any] | None
    shipping: dict[str, Any] | None
    metadata: dict[str, Any] | None
    customer_status_lookups_id: str
    customer_status: str
    created_at: str
    updated_at: str
    deleted_at: str | None


class Card(TypedDict, total=False):
    """A card that its payer had saved. card_expire is MM/YY, its last month.

    is_recurring: a payment charges it. expire_in_months is below 0 once it has expired.
    Times are of South Africa, `YYYY-MM-DD HH:mm:ss`.
    """

    id: str
    created_at: str
    updated_at: str
    card_status_lookups_id: str
    card_status: str
    customer_id: str
    customers_id: str
    card_nickname: str | None
    card_ending: str
    card_expire: str
    card_brand: str
    card_token: str
    is_expired: bool
    is_recurring: bool
    is_default: bool
    expire_in_months: int


class Payment(TypedDict, total=False):
    """An instruction to charge a saved card, once or by a schedule.

    next_charge_on and next_try are the charge that is to come, or is on its way; error_code is why
    the latest one failed.
    """

    id: str
    payments_id: str
    batch_reference: str | None
    customer_id: str
    customers_id: str
    checkout_id: str | None
    card: dict[str, Any]
    payment: dict[str, Any]
    next_charge_on: str | None
    next_try: int | None
    charges: int
    missed: int
    last_transaction_id: str | None
    error_code: str | None
    created_at: str
    updated_at: str


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
    amount: Decimal
    currency_lookups_id: str
    currency: str
    amount_captured: str
    amount_voided: str
    amount_refunded: str
    payment_data: dict[str, Any]
    unpaid_reason: str | None
    submission_data: list[Any]
    modifications: list["Modification"]


class Modification(TypedDict, total=False):
    """A capture, void or refund.

    modification_status is PENDING as long as its outcome is not known, then COMPLETED or
    DECLINED. transaction is how its transaction stands now; a transaction's own modifications
    have none.
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
    branch_code: NotRequired[str | None]  # of banks


class Invoice(TypedDict, total=False):
    """A tax invoice, receipt or credit note. amount_vat is None where it says nothing of VAT."""

    id: str
    kind: str
    number: str
    issued_at: str
    currency_lookups_id: str
    currency: str
    amount_excluding_vat: str | None
    amount_vat: str | None
    vat_rate: str | None
    amount_total: str
    supplier: dict[str, Any]
    recipient: dict[str, Any]
    lines: list[dict[str, Any]]
    refers_to: list[str]
    order_reference: str
    order_id: str
    checkout_id: str | None
    payments_id: str | None
    transaction_id: str
    modification_id: str | None
    url: str
    pdf_url: str | None


class PaymentMethod(TypedDict, total=False):
    """A way to pay that the account offers."""

    id: str
    payment_method_type_lookups_id: str
    payment_method_type: str
    payment_industry_lookups_id: str | None
    payment_industry: str | None
    provider_bank_lookups_id: str | None
    provider_bank: str | None
    abbreviated_name: str
    item_limit: str | None
    monthly_limit: str | None


class Merchant(TypedDict, total=False):
    """The merchant's own record."""

    id: str
    is_live: bool
    name: str
    logo_url: str | None
    email: str | None
    contact_number: str | None
    legal_name: str | None
    registration_number: str | None
    is_vat_vendor: bool
    vat_number: str | None
    address: dict[str, Any] | None
    allowed_origins: list[str]
    embed_origins: list[str]
    customization: dict[str, Any]
    policies: dict[str, bool]
    redirect_wait_seconds: int
    card_guard: dict[str, Any]
    created_at: str


class Delivery(TypedDict, total=False):
    """How a webhook's delivery to one target stands: notify_url, or an endpoint's id."""

    target: str
    url: str
    status: str
    tries: int
    next_try_at: str | None
    delivered_at: str | None
    dead_at: str | None


class SentWebhook(TypedDict, total=False):
    """A webhook and its deliveries; show alone adds payload and tries."""

    id: str
    event: str
    checkout_id: str | None
    sequence: int
    created_at: str
    deliveries: list[Delivery]
    payload: dict[str, Any]
    tries: list[dict[str, Any]]


class WebhookEndpoint(TypedDict, total=False):
    """Who hears of all of the account's events. Making and rotating alone add its secret."""

    id: str
    url: str
    name: str
    events: list[str]
    status: str
    disabled_by: str | None
    disabled_at: str | None
    retry_schedule: str
    old_secret_ends_at: str | None
    created_at: str
    updated_at: str
    secret: str


class WebhookSecret(TypedDict, total=False):
    """The account's new webhook secret, and until when the one before signs too."""

    old_secret_ends_at: str | None
    secret: str


class Resent(TypedDict, total=False):
    """How many webhooks are sent again; has_more says to repeat the call."""

    resent: int
    has_more: bool


class Ping(TypedDict, total=False):
    """What came of a ping."""

    id: str
    url: str
    is_acknowledged: bool
    status: int | None
    failure: str | None
    milliseconds: int
    answer_headers: dict[str, str]
    answer: str


class Receipt(TypedDict):
    """What a payer brings to success_url. status is paid, or authorised where a capture follows."""

    checkout_id: str
    order_reference: str
    amount: str
    currency: str
    status: str
    time: str


class Webhook(TypedDict, total=False):
    """A webhook's body. data has one element, whose only member is the checkout."""

    id: str
    event: str
    data: list[dict[str, Any]]
    created_at: str
