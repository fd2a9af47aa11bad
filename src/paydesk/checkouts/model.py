"""What a checkout is: what is to be paid, how the page looks, and where everybody goes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from paydesk.checkouts.states import State
from paydesk.customers import CustomerID, NewCustomer
from paydesk.kit.money import Money
from paydesk.orders import Amounts, Item, NewOrder, OrderID

CheckoutID = NewType("CheckoutID", str)


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Redirects:
    """Where the payer goes afterwards and who hears of it; kept exactly as given."""

    success_url: str
    cancel_url: str
    notify_url: str


@dataclass(frozen=True, slots=True)
class Customization:
    """How the page looks. brand_primary is `#rrggbb` or None."""

    locale: str = "en-ZA"
    theme: Theme = Theme.AUTO
    display_cancel_button: bool = True
    display_total: bool = True
    display_cart: bool = True
    brand_primary: str | None = None


@dataclass(frozen=True, slots=True)
class LastAttempt:
    """The latest attempt to pay, as far as the page needs it.

    waits tells that its outcome is not known yet and will not be within seconds.
    """

    decline_reason: str | None
    waits: bool


@dataclass(frozen=True, slots=True)
class PageCheckout:
    """All that the payer's page shows or decides by; read in one query by the page's token."""

    account_id: int
    id: CheckoutID
    is_live: bool
    connector: str | None
    merchant_name: str
    state: State
    amount: Money
    order_reference: str
    order_description: str | None
    items: tuple[Item, ...]
    amounts: Amounts
    redirects: Redirects
    customization: Customization
    expires_at: datetime
    has_expired: bool
    attempts: int
    last_attempt: LastAttempt | None


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to use a checkout, and what it implies. Modes are rows, not branches."""

    name: str
    is_available: bool


MODES: Mapping[str, Mode] = {
    "one-off": Mode("one-off", is_available=True),
    "recurring": Mode("recurring", is_available=False),
    "save": Mode("save", is_available=False),
}


@dataclass(frozen=True, slots=True)
class Notifications:
    """Which mails follow a payment."""

    send_invoice: bool = False
    send_confirmation_email: bool = False
    confirmation_email_override: str | None = None


@dataclass(frozen=True, slots=True)
class CardWishes:
    """What the merchant wants done with cards."""

    save_card: bool = False
    show_cards: bool = False
    card_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CreateCheckout:
    """The command behind `POST /checkout/page`: complete, checked, with its ids made.

    order_id and customer_id name existing records; order and customer describe new ones, or,
    beside an id, the same one: then the reference that was given tells ("" where none was).
    Both customer fields None: the page is to ask.
    """

    id: CheckoutID
    session_id: str
    mode: Mode
    payment_type: str
    amount: Money
    order_id: OrderID | None
    order: NewOrder
    order_reference_given: str | None
    customer_id: CustomerID | None
    customer: NewCustomer | None
    customer_reference_given: str | None
    customer_fields: tuple[str, ...] | None
    redirects: Redirects
    payment_method_ids: tuple[str, ...] | None
    payment_metadata: Mapping[str, Any] | None
    cards: CardWishes
    notifications: Notifications
    customization: Customization
    life_seconds: int


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout as it stands, as far as it can be told or moved on.

    moves, events, attempts and failures count what has happened to it.
    """

    account_id: int
    id: CheckoutID
    session_id: str
    order_id: str
    customer_id: str | None
    mode: str
    amount: Money
    state: State
    attempts: int
    failures: int
    events: int
    moves: int
    notify_url: str
    transaction_id: str | None
    card_id: str | None
    cancellation_reason: str | None
    expires_at: datetime
    completed_at: datetime | None
    cancelled_at: datetime | None
    abandoned_at: datetime | None
    payment_metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ShownCheckout:
    """A checkout with what the merchant gave it, for the API's show call."""

    checkout: Checkout
    order_reference: str
    order_description: str | None
    items: tuple[Item, ...]
    customer_reference: str | None
    customer_metadata: Mapping[str, Any] | None
