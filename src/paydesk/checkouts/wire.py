"""JSON ⇄ checkouts: a request's bytes to a checked command, a checkout to the reply's object."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from paydesk import limits, lookups
from paydesk.checkouts.model import (
    MODES,
    CardWishes,
    Checkout,
    CheckoutID,
    CreateCheckout,
    Customization,
    Notifications,
    Redirects,
    ShownCheckout,
    Theme,
)
from paydesk.customers import CustomerBody, CustomerID, check_customer, new_customer
from paydesk.errors import Invalid, Kind
from paydesk.kit import clock, ids
from paydesk.kit.addresses import BadURL, check_url
from paydesk.kit.fields import (
    ID,
    Amount,
    Body,
    Email,
    Flag,
    Given,
    Metadata,
    Names,
    Text,
    check,
    fault,
    names_in,
)
from paydesk.kit.money import Money
from paydesk.orders import OrderBody, OrderID, check_order, money, new_order

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# Language, and optionally script, region and variants. Source: RFC 5646, section 2.1.
_LOCALE = re.compile(r"[a-zA-Z]{2,3}([-_][a-zA-Z0-9]{2,8}){0,3}")
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
_MODE_SPELLINGS = {"one_off": "one-off", "one-time": "one-off", "one_time": "one-off"}
NOT_AVAILABLE = "This version of Paydesk does not serve this yet."


@dataclass(frozen=True, slots=True)
class Terms:
    """What an account and the settings say about the requests they take."""

    is_live: bool
    loopback_allowed: bool
    payment_method_ids: frozenset[str]
    life_seconds: int


def _one_of(rule: str, sentence: str, *choices: str) -> AfterValidator:
    def known(value: str | None) -> str | None:
        if value is not None and value.lower() not in choices:
            raise fault(rule, sentence)
        return None if value is None else value.lower()

    return AfterValidator(known)


def _matching(pattern: re.Pattern[str], rule: str, sentence: str) -> AfterValidator:
    def known(value: str | None) -> str | None:
        if value is not None and not pattern.fullmatch(value):
            raise fault(rule, sentence)
        return value

    return AfterValidator(known)


def _mode(value: str | None) -> str | None:
    if value is None:
        return None
    mode = MODES.get(_MODE_SPELLINGS.get(value.lower(), value.lower()))
    if mode is None:
        raise fault("mode", "The mode is one-off, recurring or save.")
    if not mode.is_available:
        raise fault("not_available", NOT_AVAILABLE)
    return mode.name


def _page_type(value: str | None) -> str | None:
    if value == "embed":
        raise fault("not_available", NOT_AVAILABLE)
    return value


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


class PaymentBody(Body):
    payment_methods_ids: Names = None
    payment_method_ids: Names = None
    payment_type_lookups_id: Annotated[Text, lookups.lookup_id("payment_type")] = None
    payment_type: Annotated[Text, lookups.lookup_enum("payment_type")] = None
    save_card: Flag = None
    metadata: Metadata = None


class CardsBody(Body):
    save_cards: Flag = None
    show_cards: Flag = None
    card_ids: CardIDs = None


class NotificationsBody(Body):
    send_invoice: Flag = None
    send_confirmation_email: Flag = None
    confirmation_email_override: Email = None


class BrandBody(Body):
    primary: Annotated[
        Text, _matching(_COLOUR, "colour", "A colour is # and six digits 0-9, a-f.")
    ] = None


class CustomizationBody(Body):
    locale: Annotated[Text, _matching(_LOCALE, "locale", "A locale is written such as en-ZA.")] = (
        None
    )
    theme: Annotated[Text, _one_of("theme", "The theme is light, dark or auto.", *Theme)] = None
    type: Annotated[
        Text,
        _one_of("page_type", "The type is page or embed.", "page", "embed"),
        AfterValidator(_page_type),
    ] = None
    display_cancel_button: Flag = None
    display_total: Flag = None
    display_cart: Flag = None
    brand: BrandBody | None = None


class CreateBody(Body):
    mode: Annotated[Text, AfterValidator(_mode)] = None
    amount: Amount = None
    currency_lookups_id: Annotated[Text, lookups.lookup_id("currency")] = None
    currency: Annotated[Text, lookups.lookup_enum("currency")] = None
    order_id: ID = None
    order: OrderBody | None = None
    customer_fields: Annotated[Names, AfterValidator(_customer_field_names)] = None
    customer_id: ID = None
    customer: CustomerBody | None = None
    redirects: RedirectsBody | None = None
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


def read_create(record: Mapping[str, Any], terms: Terms) -> CreateCheckout:
    """The command that the body of `POST /checkout/page` asks for.

    Raises: Invalid, with every fault of the body at once.
    Source: the reference, Request Parameters; design §4.
    """
    body, faults = check(CreateBody, record)
    given = Given(record, faults)
    amount = _check_amount(given)
    if given("customer") is not None:
        check_customer(given)
    _check_redirects(given, terms)
    _check_cards(given)
    _check_methods(given, terms)
    if body is None or amount is None or given.faults:
        raise Invalid(given.faults)
    return _command(body, given, amount, terms)


def _check_amount(given: Given) -> Money | None:
    given.require("mode")
    given.require("amount")
    lookups.require(given, "currency")
    code = lookups.chosen(given, "currency")
    currency = None if code is None else lookups.currency(code)
    amount = None if currency is None else money(given, currency, "amount")
    if amount is not None and amount.minor == 0:
        given.add("amount", "amount", "The amount is more than nothing.")
        amount = None
    check_order(given, currency, amount)
    return amount


def _check_redirects(given: Given, terms: Terms) -> None:
    for field in ("success_url", "cancel_url", "notify_url"):
        given.require("redirects", field)
        url = given("redirects", field)
        if not isinstance(url, str):
            continue
        try:
            check_url(
                url,
                may_be_plain_http_to_loopback=not terms.is_live,
                is_dialled_by_us=field == "notify_url",
                loopback_allowed=terms.loopback_allowed and not terms.is_live,
            )
        except BadURL as bad:
            given.add(f"redirects.{field}", bad.rule, str(bad))


def _check_cards(given: Given) -> None:
    given.same(("payment", "save_card"), ("cards", "save_cards"))
    given.same(("show_cards",), ("cards", "show_cards"))
    given.same(("card_ids",), ("cards", "card_ids"))


def _check_methods(given: Given, terms: Terms) -> None:
    payment_type = lookups.chosen(given, "payment_type", "payment")
    if payment_type not in {None, "DIRECT_DEBIT"}:
        path = lookups.path_given(given, "payment_type", "payment")
        given.add(path, "not_available", NOT_AVAILABLE)
    given.same(("payment", "payment_methods_ids"), ("payment", "payment_method_ids"))
    for field in ("payment_methods_ids", "payment_method_ids"):
        wanted = given("payment", field)
        named = names_in(wanted) if isinstance(wanted, str) else wanted or []
        if any(str(method) not in terms.payment_method_ids for method in named):
            given.add(
                f"payment.{field}",
                "payment_method",
                "This names no payment method of the account. GET /payment-methods lists them.",
                Kind.LOOKUP,
            )


def _command(body: CreateBody, given: Given, amount: Money, terms: Terms) -> CreateCheckout:
    payment, cards = body.payment or PaymentBody(), body.cards or CardsBody()
    redirects = body.redirects or RedirectsBody()
    fields = body.customer_fields
    return CreateCheckout(
        id=CheckoutID(ids.new("chk")),
        session_id=ids.new("ses"),
        mode=MODES[body.mode or ""],
        payment_type="DIRECT_DEBIT",
        amount=amount,
        order_id=None if body.order_id is None else OrderID(body.order_id),
        order=new_order(body.order, given, amount),
        order_reference_given=None if body.order is None else body.order.reference or "",
        customer_id=None if body.customer_id is None else CustomerID(body.customer_id),
        customer=None if body.customer is None else new_customer(body.customer, given),
        customer_reference_given=None if body.customer is None else body.customer.reference or "",
        customer_fields=None if fields is None else tuple(_CUSTOMER_FIELDS[f] for f in fields),
        redirects=Redirects(
            success_url=redirects.success_url or "",
            cancel_url=redirects.cancel_url or "",
            notify_url=redirects.notify_url or "",
        ),
        payment_method_ids=_tuple(payment.payment_methods_ids or payment.payment_method_ids),
        payment_metadata=payment.metadata,
        cards=CardWishes(
            save_card=bool(payment.save_card or cards.save_cards),
            show_cards=bool(body.show_cards or cards.show_cards),
            card_ids=_tuple(body.card_ids or cards.card_ids),
        ),
        notifications=_notifications(body.notifications or NotificationsBody()),
        customization=_customization(body.customization or CustomizationBody()),
        life_seconds=(body.expires_in_minutes or 0) * 60 or terms.life_seconds,
    )


def _notifications(body: NotificationsBody) -> Notifications:
    return Notifications(
        send_invoice=bool(body.send_invoice),
        send_confirmation_email=bool(body.send_confirmation_email),
        confirmation_email_override=body.confirmation_email_override,
    )


def _customization(body: CustomizationBody) -> Customization:
    return Customization(
        locale=body.locale or "en-ZA",
        theme=Theme(body.theme or Theme.AUTO),
        display_cancel_button=body.display_cancel_button is not False,
        display_total=body.display_total is not False,
        display_cart=body.display_cart is not False,
        brand_primary=None if body.brand is None else body.brand.primary,
    )


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def named(checkout: Checkout) -> dict[str, Any]:
    """What replies and webhooks alike say of a checkout: its names and its amount."""
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


def reply(checkout: Checkout, page_url: str) -> dict[str, Any]:
    """The `result` of `POST /checkout/page`.

    Source: the reference, Response Parameters. `currency` is added.
    """
    return {
        **named(checkout),
        "page_url": page_url,
        "expires_at": clock.iso(checkout.expires_at),
    }


def show(shown: ShownCheckout, page_url: str) -> dict[str, Any]:
    """The `result` of `GET /checkout/page/{id}`: the create reply and what has come of it."""
    checkout = shown.checkout
    return {
        **reply(checkout, page_url),
        "status": checkout.state,
        "transaction_id": checkout.transaction_id,
        "card_id": checkout.card_id,
        "completed_at": _iso(checkout.completed_at),
        "cancelled_at": _iso(checkout.cancelled_at),
        "cancellation_reason": checkout.cancellation_reason,
        "payment": {"metadata": checkout.payment_metadata},
        "order": {
            "id": checkout.order_id,
            "reference": shown.order_reference,
            "description": shown.order_description,
            "items": [
                {
                    "sku": item.sku,
                    "name": item.name,
                    "quantity": item.quantity,
                    "unit_amount": item.unit_amount.text(),
                    "metadata": item.metadata,
                }
                for item in shown.items
            ],
        },
        "customer": _customer(shown),
    }


def _customer(shown: ShownCheckout) -> dict[str, Any] | None:
    if shown.checkout.customer_id is None:
        return None
    return {
        "id": shown.checkout.customer_id,
        "reference": shown.customer_reference,
        "metadata": shown.customer_metadata,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else clock.iso(at)
