"""What a checkout is: what is to be paid, how the page looks, and where everybody goes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from paydesk import limits, orders
from paydesk.checkouts.states import State
from paydesk.customers import CustomerID, NewCustomer
from paydesk.kit.money import Money
from paydesk.languages import NumberStyle
from paydesk.merchants import BrandLogo, Font, GuardLevel, PageType, Radius, Theme
from paydesk.notifications import Notifications
from paydesk.orders import Amounts, Item, NewOrder, Order, OrderID
from paydesk.payment_methods import MethodType
from paydesk.payments import Wanted
from paydesk.threeds import Policy

CheckoutID = NewType("CheckoutID", str)
# The payment type that only authorises; the merchant captures later.
PRE_AUTHORIZATION = "PRE_AUTHORIZATION"
# The mode that charges a card to see that it is good, gives the amount back, and saves the card.
SAVE = "save"
# The mode whose payment is the first of several: the card is saved and charged again by a schedule.
RECURRING = "recurring"


@dataclass(frozen=True, slots=True)
class Redirects:
    """Where the payer goes afterwards and who hears of it; kept exactly as given."""

    success_url: str
    cancel_url: str
    notify_url: str


@dataclass(frozen=True, slots=True)
class Customization:
    """How the page looks. locale may be `auto`; brand_primary is `#rrggbb` or None."""

    locale: str = "en-ZA"
    theme: Theme = Theme.AUTO
    display_cancel_button: bool = True
    display_total: bool = True
    display_cart: bool = True
    brand_primary: str | None = None
    number_style: NumberStyle = NumberStyle.SPACE_POINT
    type: PageType = PageType.PAGE
    brand_logo: BrandLogo = BrandLogo.ACCOUNT
    brand_radius: Radius = Radius.MEDIUM
    brand_font: Font = Font.SYSTEM


class Phase(StrEnum):
    """What an attempt waits for while its payer is needed elsewhere."""

    METHOD = "method"  # the issuer's method frame
    CHALLENGE = "challenge"  # the payer, who is with the issuer
    RETURNED_LONG_AGO = "returned_long_ago"  # the issuer's word, though the payer is back
    CODE = "code"  # the security code, which the vault has lost
    BANK = "bank"  # the payer, who is to act at their bank
    SCAN = "scan"  # the payer, who is to scan a code
    TRANSFER = "transfer"  # money that the payer is to send by hand


@dataclass(frozen=True, slots=True)
class LastAttempt:
    """The latest attempt to pay, as far as the page needs it.

    waits tells that its outcome is not known yet and will not be within seconds. cardholder_text
    is the issuer's own, for the payer. capture_before is when an authorised amount is let go.
    handover_url is where the payer acts, until handover_until; payer_reference is what a transfer
    is to name, and received what of it has come, in minor units.
    """

    transaction_id: str
    decline_reason: str | None
    waits: bool
    phase: Phase | None = None
    cardholder_text: str | None = None
    capture_before: datetime | None = None
    method: MethodType = MethodType.CARD
    connector: str = ""
    handover_url: str | None = None
    handover_until: datetime | None = None
    handover_seconds_left: int = 0
    payer_reference: str | None = None
    received: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """How the acquirer is told of what is paid."""

    merchant_name: str
    order_reference: str


class Standing(StrEnum):
    """Whether an open checkout's order can still be paid through it."""

    PAYABLE = "payable"
    TAKEN = "taken"  # paid, authorised or being paid through another checkout
    WITHDRAWN = "withdrawn"  # cancelled, deleted, or no longer for this amount


def standing_of(
    *, order_status: orders.State, is_deleted: bool, is_held_elsewhere: bool, has_same_total: bool
) -> Standing:
    """The standing that an order gives its checkouts."""
    if is_held_elsewhere or order_status.is_paid:
        return Standing.TAKEN
    if is_deleted or order_status is not orders.State.PENDING or not has_same_total:
        return Standing.WITHDRAWN
    return Standing.PAYABLE


@dataclass(frozen=True, slots=True)
class PageCheckout:
    """All that the payer's page shows or decides by; read in one query by the page's token.

    logo names the merchant's logo by its hash. is_hold: the amount is only authorised. language is
    the code of the one that the payer chose, if any. customer_id is None while nobody is known to
    pay: then the page asks, for customer_fields too. payment_method_ids are the ways to pay that
    the merchant named, empty for all. is_fraud: the guard has cancelled it. is_acknowledged: the
    merchant has taken the webhook about the payment, which the page waits for as long as
    redirect_wait_seconds, the account's. asks_to_save: the payer is asked whether their card may be
    saved. has_cards: they have saved cards that may be shown, of shown_card_ids where these are
    named.
    Units: surplus is what came by hand and still goes back, and returned what did, in minor units;
        seconds_left until it expires, below 0 afterwards; extensions is how often the payer
        has put that off; pause_milliseconds until the next card is taken; it was paid
        paid_seconds ago. embed_origins are the account's.
    """

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
    is_hold: bool = False
    standing: Standing = Standing.PAYABLE
    policy: Policy = field(default_factory=Policy)
    logo: str | None = None
    embed_origins: tuple[str, ...] = ()
    seconds_left: int = 7200
    extensions: int = 0
    language: str | None = None
    customer_id: str | None = None
    customer_fields: tuple[str, ...] | None = None
    payment_method_ids: tuple[str, ...] = ()
    surplus: int = 0
    returned: int = 0
    guard_level: GuardLevel = GuardLevel.NORMAL
    pause_milliseconds: int = 0
    is_fraud: bool = False
    completed_at: datetime | None = None
    paid_seconds: int = 0
    is_acknowledged: bool = False
    redirect_wait_seconds: int = limits.REDIRECT_WAIT_SECONDS
    signs_receipts: bool = False
    payment_id: str | None = None
    recurring: Wanted | None = None
    mode: str = "one-off"
    asks_to_save: bool = False
    has_cards: bool = False
    shown_card_ids: tuple[str, ...] | None = None

    @property
    def saves_card(self) -> bool:
        """Whether whoever pays here agrees to have their card saved, without being asked."""
        return MODES[self.mode].saves_card

    @property
    def is_verification(self) -> bool:
        return MODES[self.mode].is_verification

    @property
    def is_for_nothing(self) -> bool:
        return self.amount.minor == 0

    @property
    def cards_only(self) -> bool:
        """Whether no bank can do what is wanted here."""
        return self.is_hold or self.saves_card


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to use a checkout, and what it implies. Modes are rows, not branches."""

    name: str
    saves_card: bool = False  # so the payer has to agree to it
    is_verification: bool = False  # the amount goes back at once


MODES: Mapping[str, Mode] = {
    "one-off": Mode("one-off"),
    RECURRING: Mode(RECURRING, saves_card=True),
    SAVE: Mode(SAVE, saves_card=True, is_verification=True),
}


@dataclass(frozen=True, slots=True)
class CardWishes:
    """What the merchant wants done with cards."""

    save_card: bool = False
    show_cards: bool = False
    card_ids: tuple[str, ...] | None = None
    card_ids_path: str = "card_ids"


@dataclass(frozen=True, slots=True)
class CreateCheckout:
    """The command behind `POST /checkout/page`: complete, checked, with its ids made.

    order_id and customer_id name existing records; order and customer describe new ones, or,
    beside an id, the same one: then the reference that was given tells ("" where none was).
    Both customer fields None: the page is to ask. customer_is_new: an existing customer of the
    same reference is left alone. recurring is the schedule that goes on after this payment.
    replaces_card_id is the card that the one saved here stands in for.
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
    customer_is_new: bool = False
    customer_path: str = "customer_id"
    recurring: Wanted | None = None
    replaces_card_id: str | None = None


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout as it stands, as far as it can be told or moved on.

    moves, events, attempts, failures and extensions count what has happened to it.
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
    payment_type: str = "DIRECT_DEBIT"
    payment_metadata: Mapping[str, Any] | None = None
    extensions: int = 0
    recurring: Wanted | None = None
    replaces_card_id: str | None = None


@dataclass(frozen=True, slots=True)
class ShownCheckout:
    """A checkout with what the merchant gave it, for the API's show call.

    transaction_id is the attempt that decided it or, while it is pending, the one under way.
    """

    checkout: Checkout
    created_at: datetime
    redirects: Redirects
    transaction_id: str | None
    order_status: str
    order_reference: str
    order_description: str | None
    items: tuple[Item, ...]
    customer_reference: str | None
    customer_metadata: Mapping[str, Any] | None
    transaction_status: str | None
    capture_before: datetime | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which checkouts a list is of. What is None is not asked."""

    state: str | None = None
    order_id: str | None = None
    customer_id: str | None = None
    order_reference: str | None = None
    session_id: str | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    completed_from: datetime | None = None
    completed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckoutList:
    """One page of a list of checkouts."""

    checkouts: Sequence[ShownCheckout]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Changeable:
    """An open checkout, held with its order so that both can be changed."""

    checkout: Checkout
    order: Order
    redirects: Redirects
    customization: Customization
    payment_method_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeCheckout:
    """The command behind `POST /checkout/page/{id}`: everything as it is to be afterwards.

    order None leaves the order alone, life_seconds None the time at which the checkout expires.
    """

    amount: Money
    order: Order | None
    redirects: Redirects
    customization: Customization
    payment_metadata: Mapping[str, Any] | None
    life_seconds: int | None
