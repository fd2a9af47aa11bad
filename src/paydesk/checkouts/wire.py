"""JSON → checkouts: what a create asks for, as a checked command."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from paydesk import limits, lookups, notifications
from paydesk.checkouts.errors import NoPaymentMethod
from paydesk.checkouts.model import (
    MODES,
    PRE_AUTHORIZATION,
    RECURRING,
    CardWishes,
    CheckoutID,
    CreateCheckout,
    Customization,
    Mode,
    Redirects,
)
from paydesk.customers import (
    CustomerBody,
    CustomerID,
    NewCustomer,
    check_customer,
    new_customer,
)
from paydesk.errors import Invalid, Kind
from paydesk.kit import ids
from paydesk.kit.addresses import BadURL, check_url
from paydesk.kit.fields import (
    ID,
    Amount,
    Body,
    Checked,
    Flag,
    Given,
    Metadata,
    Names,
    Required,
    Shown,
    Text,
    as_names,
    check,
    fault,
    nothing,
)
from paydesk.kit.money import Currency, Money
from paydesk.languages import NumberStyle
from paydesk.merchants import BrandLogo, CustomizationBody, Font, PageType, Radius, Theme
from paydesk.notifications import NotificationsBody
from paydesk.orders import OrderBody, OrderID, check_order, money, new_order
from paydesk.payment_methods import PaymentMethod, offered, unknown_ids
from paydesk.payments import RecurringBody, Wanted, read_recurring

_CUSTOMER_FIELDS = {
    "reference": "reference",
    "id_number": "id_number",
    "email": "email",
    "contact_number": "contact_number",
    "billing": "billing",
    "billing_address": "billing",
    "shipping": "shipping",
    "shipping_address": "shipping",
}
_METHOD_SPELLINGS = (
    "payment_methods_ids",
    "payment_method_ids",
    "payment_methods_id",
    "payment_method_id",
)
_MODE_SPELLINGS = {"one_off": "one-off", "one-time": "one-off", "one_time": "one-off"}


@dataclass(frozen=True, slots=True)
class Terms:
    """What an account and the settings say about the requests they take.

    customization holds what the account has for a request that says nothing of it. A form is
    trusted if the merchant has signed it; one that is not may have been written by anybody.
    With unique_order_references a reference that is paid is not to be had again.
    verification_amount is what a card is charged to be saved, where the request says nothing; it
    may be nothing where the acquirer verifies_for_nothing.
    """

    is_live: bool
    loopback_allowed: bool
    payment_methods: tuple[PaymentMethod, ...]
    life_seconds: int
    customization: Mapping[str, Any] = field(default_factory=dict)
    is_form: bool = False
    is_trusted: bool = True
    allowed_origins: frozenset[str] = frozenset()
    unique_order_references: bool = False
    verification_amount: str = "2.00"
    verifies_for_nothing: bool = False


def _mode(value: str | None) -> str | None:
    if value is None:
        return None
    mode = MODES.get(_MODE_SPELLINGS.get(value.lower(), value.lower()))
    if mode is None:
        raise fault("mode", "The mode is one-off, recurring or save.")
    return mode.name


_MODE = Checked(
    _mode,
    Shown(
        [
            {
                "type": "string",
                "enum": [*MODES, *_MODE_SPELLINGS],
            }
        ]
    ),
)


def _customer_field_names(values: list[str] | None) -> list[str] | None:
    if values is not None and (unknown := [v for v in values if v not in _CUSTOMER_FIELDS]):
        raise fault("customer_field", f"There is no customer field {unknown[0]}.")
    return values


def _card_ids(values: list[str] | None) -> list[str] | None:
    if values is not None and not all(ids.looks_like("crd", value) for value in values):
        raise fault("card_id", "A card id is crd_ and 26 letters and digits.")
    return values


CardIDs = Annotated[Names, AfterValidator(_card_ids)]


class RedirectsBody(Body):
    success_url: str | None = None
    cancel_url: str | None = None
    notify_url: str | None = None


class NewRedirectsBody(RedirectsBody):
    REQUIRED: ClassVar[Required] = ("success_url", "cancel_url", "notify_url")


class PaymentBody(Body):
    payment_methods_ids: Names = None
    payment_method_ids: Names = None
    payment_methods_id: Names = None
    payment_method_id: Names = None
    payment_type_lookups_id: Annotated[Text, lookups.lookup_id("payment_type")] = None
    payment_type: Annotated[Text, lookups.lookup_enum("payment_type")] = None
    save_card: Flag = None
    metadata: Metadata = None
    recurring: RecurringBody | None = None


class CardsBody(Body):
    save_cards: Flag = None
    show_cards: Flag = None
    card_ids: CardIDs = None


class CreateBody(Body):
    REQUIRED: ClassVar[Required] = (
        "mode",
        ("currency_lookups_id", "currency"),
        "redirects",
    )

    mode: Annotated[Text, _MODE] = None
    amount: Amount = None
    currency_lookups_id: Annotated[Text, lookups.lookup_id("currency")] = None
    currency: Annotated[Text, lookups.lookup_enum("currency")] = None
    order_id: ID = None
    order: OrderBody | None = None
    customer_fields: Annotated[Names, AfterValidator(_customer_field_names)] = None
    customer_id: ID = None
    customers_id: ID = None
    customer: CustomerBody | None = None
    redirects: NewRedirectsBody | None = None
    payment: PaymentBody | None = None
    cards: CardsBody | None = None
    show_cards: Flag = None
    card_ids: CardIDs = None
    notifications: NotificationsBody | None = None
    customization: CustomizationBody | None = None
    expires_in_minutes: Annotated[
        int | None,
        Field(ge=limits.EXPIRES_IN_MINUTES_MIN, le=limits.EXPIRES_IN_MINUTES_MAX),
    ] = None


class CardLinkBody(Body):
    """What may be said of a checkout that asks for a card in the place of another."""

    REQUIRED: ClassVar[Required] = ("redirects",)

    amount: Amount = None
    currency_lookups_id: Annotated[Text, lookups.lookup_id("currency")] = None
    currency: Annotated[Text, lookups.lookup_enum("currency")] = None
    redirects: NewRedirectsBody | None = None
    customization: CustomizationBody | None = None
    expires_in_minutes: Annotated[
        int | None,
        Field(ge=limits.EXPIRES_IN_MINUTES_MIN, le=limits.EXPIRES_IN_MINUTES_MAX),
    ] = None


def read_create(record: Mapping[str, Any], terms: Terms) -> CreateCheckout:
    """The command that the body of `POST /checkout/page` asks for.

    Raises: Invalid, with every fault of the body at once.
    Source: the reference, Request Parameters; design §4.
    """
    body, faults = check(CreateBody, record)
    given = Given(record, faults)
    mode = _mode_of(given)
    amount = _check_amount(given, mode, terms)
    if given("customer") is not None:
        check_customer(given)
    given.same(("customer_id",), ("customers_id",))
    for name in RedirectsBody.model_fields:
        given.require("redirects", name)
    check_redirects(given, terms)
    if not terms.is_trusted:
        _check_untrusted(given, terms)
    _check_cards(given)
    _check_methods(given, terms)
    recurring = _recurring(body, given)
    if amount is not None and not given.faults:
        _check_offer(given, terms, amount, mode)
    if body is None or amount is None or given.faults:
        raise Invalid(given.faults)
    return replace(_command(body, given, amount, terms), recurring=recurring)


def _mode_of(given: Given) -> Mode | None:
    """The mode that is asked for; notes where none is."""
    given.require("mode")
    name = str(given("mode") or "").strip().lower()
    return MODES.get(_MODE_SPELLINGS.get(name, name))


def _check_amount(given: Given, mode: Mode | None, terms: Terms) -> Money | None:
    is_verification = mode is not None and mode.is_verification
    if not is_verification:
        given.require("amount")
    lookups.require(given, "currency")
    code = lookups.chosen(given, "currency")
    currency = None if code is None else lookups.currency(code)
    amount = None
    if is_verification and currency is not None and given("amount") is None:
        amount = _minor(terms.verification_amount, currency)
    may_be_nothing = is_verification and terms.verifies_for_nothing
    return check_sum(given, currency, amount=amount, may_be_nothing=may_be_nothing)


def _minor(text: str, currency: Currency) -> Money:
    """The sum of a setting in this currency, its decimals as many as the currency has."""
    whole, _, decimals = text.partition(".")
    digits = currency.digits
    return Money(int(whole + decimals.ljust(digits, "0")[:digits]), currency)


def check_sum(
    given: Given,
    currency: Currency | None,
    *,
    amount: Money | None = None,
    may_be_nothing: bool = False,
) -> Money | None:
    """The amount to pay; notes what is wrong with it, and with the order that it is for.

    amount is what is to be paid where the request says nothing.
    """
    if amount is None and currency is not None:
        amount = money(given, currency, "amount")
    if amount is not None and amount.minor == 0 and not may_be_nothing:
        given.note(nothing("amount"))
        amount = None
    check_order(given, currency, amount)
    return amount


def check_redirects(given: Given, terms: Terms) -> None:
    """Notes what is wrong with the redirects that are given."""
    for name in RedirectsBody.model_fields:
        text = given("redirects", name)
        if not isinstance(text, str):
            continue
        try:
            url = check_url(
                text,
                may_be_plain_http_to_loopback=not terms.is_live,
                is_dialled_by_us=name == "notify_url",
                loopback_allowed=terms.loopback_allowed and not terms.is_live,
            )
        except BadURL as bad:
            given.add(f"redirects.{name}", bad.rule, str(bad))
            continue
        # Else the form would send payers, and our own requests, wherever its writer likes.
        if not terms.is_trusted and url.origin not in terms.allowed_origins:
            given.add(
                f"redirects.{name}",
                "origin_not_allowed",
                "An unsigned form leads to the account's allowed origins only. Allow this one, "
                "or sign the form.",
            )


def _check_untrusted(given: Given, terms: Terms) -> None:
    """Notes what only the merchant may say."""
    paths: list[tuple[str, ...]] = [
        # These would show, or charge, the cards of a customer whom the form's writer picks.
        ("customer_id",),
        ("customers_id",),
        ("show_cards",),
        ("card_ids",),
        ("cards", "show_cards"),
        ("cards", "card_ids"),
    ]
    if terms.unique_order_references:
        # An outsider who pays one cent for a reference would keep its merchant from using it.
        paths.append(("order", "reference"))
    if str(given("customization", "type") or "").strip().lower() == PageType.EMBED:
        paths.append(("customization", "type"))
    for path in paths:
        if given(*path) is not None:
            given.add(".".join(path), "signature_needed", "Only a signed form may say this.")


def _check_cards(given: Given) -> None:
    given.same(("payment", "save_card"), ("cards", "save_cards"))
    given.same(("show_cards",), ("cards", "show_cards"))
    given.same(("card_ids",), ("cards", "card_ids"))


def _check_methods(given: Given, terms: Terms) -> None:
    lookups.chosen(given, "payment_type", "payment")
    for one, other in combinations(_METHOD_SPELLINGS, 2):
        given.same(("payment", one), ("payment", other))
    for name in _METHOD_SPELLINGS:
        wanted = given("payment", name)
        named = as_names(wanted) or []
        if unknown_ids(terms.payment_methods, [str(method) for method in named]):
            given.add(
                f"payment.{name}",
                "payment_method",
                "This names no payment method of the account. GET /payment-methods lists them.",
                Kind.LOOKUP,
            )


def _check_offer(given: Given, terms: Terms, amount: Money, mode: Mode | None) -> None:
    """Notes that the payer would find no way to pay."""
    named = {name: as_names(given("payment", name)) for name in _METHOD_SPELLINGS}
    path = next((f"payment.{name}" for name, ids_ in named.items() if ids_), "amount")
    wanted: list[str] = next((ids_ for ids_ in named.values() if ids_), [])
    is_hold = lookups.chosen(given, "payment_type", "payment") == PRE_AUTHORIZATION
    saves_card = mode is not None and mode.saves_card
    if is_hold and saves_card:
        given.add(
            "payment.payment_type",
            "saves_card",
            "A card is saved with a charge; this mode can't only authorise.",
        )
    check_ways(given, terms, wanted, amount, cards_only=is_hold or saves_card, path=path)


def check_ways(
    given: Given,
    terms: Terms,
    wanted: Collection[str],
    amount: Money,
    *,
    cards_only: bool,
    path: str,
) -> None:
    """Notes at the path where none of the wanted ways to pay takes the amount."""
    if not offered(terms.payment_methods, wanted, amount, cards_only=cards_only):
        for fault_ in NoPaymentMethod(path).faults():
            given.note(fault_)


def _recurring(body: CreateBody | None, given: Given) -> Wanted | None:
    """The schedule of a recurring checkout; notes what is wrong with it."""
    told = given("payment", "recurring")
    if body is None or body.mode != RECURRING:
        if told is not None and given("mode") is not None and body is not None:
            given.add(
                "payment.recurring", "recurring", "Only a checkout of mode recurring has this."
            )
        return None
    asked = body.payment and body.payment.recurring
    return read_recurring(given, asked or RecurringBody(), "payment", "recurring")


def _customer(body: CreateBody, given: Given, terms: Terms) -> NewCustomer | None:
    if body.customer is None:
        return None
    customer = new_customer(body.customer, given)
    # Else an outsider could take a reference before its merchant uses it, and be found under it.
    return customer if terms.is_trusted else replace(customer, reference=str(customer.id))


def _command(body: CreateBody, given: Given, amount: Money, terms: Terms) -> CreateCheckout:
    payment, cards = body.payment or PaymentBody(), body.cards or CardsBody()
    customer_id = body.customer_id or body.customers_id
    methods = (getattr(payment, name) for name in _METHOD_SPELLINGS)
    redirects = body.redirects or RedirectsBody()
    fields = body.customer_fields
    return CreateCheckout(
        id=CheckoutID(ids.new("chk")),
        session_id=ids.new("ses"),
        mode=MODES[body.mode or ""],
        payment_type=lookups.chosen(given, "payment_type", "payment") or "DIRECT_DEBIT",
        amount=amount,
        order_id=None if body.order_id is None else OrderID(body.order_id),
        order=new_order(body.order, given, amount),
        order_reference_given=None if body.order is None else body.order.reference or "",
        customer_id=None if customer_id is None else CustomerID(customer_id),
        customer_path="customer_id" if body.customers_id is None else "customers_id",
        customer=_customer(body, given, terms),
        customer_reference_given=None if body.customer is None else body.customer.reference or "",
        customer_is_new=terms.is_form and terms.is_trusted and customer_id is None,
        customer_fields=None if fields is None else tuple(_CUSTOMER_FIELDS[f] for f in fields),
        redirects=Redirects(
            success_url=redirects.success_url or "",
            cancel_url=redirects.cancel_url or "",
            notify_url=redirects.notify_url or "",
        ),
        payment_method_ids=_tuple(next((named for named in methods if named), None)),
        payment_metadata=payment.metadata,
        cards=CardWishes(
            save_card=bool(payment.save_card or cards.save_cards),
            show_cards=bool(body.show_cards or cards.show_cards),
            card_ids=_tuple(body.card_ids or cards.card_ids),
            card_ids_path="cards.card_ids" if cards.card_ids and not body.card_ids else "card_ids",
        ),
        notifications=notifications.wanted(body.notifications),
        customization=_look(body.customization, terms),
        life_seconds=(body.expires_in_minutes or 0) * 60 or terms.life_seconds,
    )


def _look(body: CustomizationBody | None, terms: Terms) -> Customization:
    look = customization_of(body, terms.customization)
    # Whoever wrote the form would choose, by its redirects, who may frame the page.
    return look if terms.is_trusted else replace(look, type=PageType.PAGE)


def customization_of(body: CustomizationBody | None, defaults: Mapping[str, Any]) -> Customization:
    """How the page is to look: as the body says, else as the defaults do."""
    given = {} if body is None else body.model_dump(exclude_none=True)
    chosen = {**defaults, **given}
    brand = {**defaults.get("brand", {}), **given.get("brand", {})}
    return Customization(
        locale=chosen.get("locale", "en-ZA"),
        number_style=NumberStyle(chosen.get("number_style", NumberStyle.SPACE_POINT)),
        theme=Theme(chosen.get("theme", Theme.AUTO)),
        display_cancel_button=chosen.get("display_cancel_button", True),
        display_total=chosen.get("display_total", True),
        display_cart=chosen.get("display_cart", True),
        brand_primary=brand.get("primary"),
        type=PageType(chosen.get("type", PageType.PAGE)),
        brand_logo=BrandLogo(brand.get("logo", BrandLogo.ACCOUNT)),
        brand_radius=Radius(brand.get("radius", Radius.MEDIUM)),
        brand_font=Font(brand.get("font", Font.SYSTEM)),
    )


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
