"""What a checkout is: what is to be paid, how the page looks, and where everybody goes next."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from paydesk.checkouts.states import State
from paydesk.kit.money import Money
from paydesk.orders import Amounts, Item

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
