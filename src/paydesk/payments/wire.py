"""JSON → payments and back. Source: kwik-api paper, section 8.3, and its section 15, row 14."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict

from paydesk import lookups, notifications
from paydesk.errors import Invalid, Kind
from paydesk.kit import clock, ids
from paydesk.kit.fields import (
    BLANK,
    ID,
    Amount,
    Body,
    Given,
    Reference,
    Required,
    Shown,
    Text,
    check,
    fault,
    not_of_currency,
    nothing,
)
from paydesk.kit.money import Currency, Money, MoneyFault
from paydesk.merchants import Locale
from paydesk.notifications import Notifications, NotificationsBody
from paydesk.payment_methods import MethodType, PaymentMethod, offered
from paydesk.payments.model import Payment, PaymentID, ShownPayment
from paydesk.payments.schedule import Interval, Schedule
from paydesk.payments.wanted import Wanted


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise fault("day", "A day is written 2026-01-31.") from None


def _process_day(value: Any) -> Any:
    is_digits = isinstance(value, str) and value.isascii() and value.isdigit()
    return int(value[:3]) if is_digits else value


Day = Annotated[
    date | None,
    BeforeValidator(_day),
    BLANK,
    Shown([{"type": "string", "format": "date"}]),
]
ProcessDay = Annotated[
    int | None,
    Field(ge=1, le=31),
    BeforeValidator(_process_day),
    BLANK,
    Shown([{"type": "integer", "minimum": 1, "maximum": 31}]),
]


class RecurringBody(Body):
    payment_interval_lookups_id: Annotated[Text, lookups.lookup_id("payment_interval")] = None
    payment_interval: Annotated[Text, lookups.lookup_enum("payment_interval")] = None
    process_day: ProcessDay = None
    date_start: Day = None
    date_end: Day = None


class OneTimeBody(Body):
    process_date: Day = None


class PaidCardBody(Body):
    REQUIRED: ClassVar[Required] = ("token",)

    token: Text = None


class InstructionBody(Body):
    REQUIRED: ClassVar[Required] = ("amount",)

    amount: Amount = None
    amount_tax: Amount = None
    currency_lookups_id: Annotated[Text, lookups.lookup_id("currency")] = None
    currency: Annotated[Text, lookups.lookup_enum("currency")] = None
    payment_methods_id: ID = None
    payment_method_id: ID = None
    transaction_reference: Reference = None
    description: Text = None
    recurring: RecurringBody | None = None
    one_time_: OneTimeBody | None = Field(default=None, alias="one-time")
    one_time: OneTimeBody | None = None


class LanguageBody(Body):
    locale: Locale = None


class SubmittedBody(Body):
    REQUIRED: ClassVar[Required] = (("customer_id", "customers_id"), "card", "payment")

    customer_id: ID = None
    customers_id: ID = None
    card: PaidCardBody | None = None
    payment: InstructionBody | None = None
    notifications: NotificationsBody | None = None
    customization: LanguageBody | None = None


class SubmitBody(Body):
    REQUIRED: ClassVar[Required] = ("payments",)

    batch_reference: Reference = None
    payments: list[SubmittedBody] | None = None


@dataclass(frozen=True, slots=True)
class Submit:
    """The command to make a payment, complete and checked as far as its record tells.

    monthly_limit is that of the account's cards.
    """

    id: PaymentID
    customer_id: str
    customer_path: str
    card_token: str
    amount: Money
    reference: str
    description: str | None
    wanted: Wanted
    notifications: Notifications
    tax: Money | None
    locale: str | None
    batch_reference: str | None = None
    monthly_limit: Money | None = None


def read_submit(record: Mapping[str, Any], methods: tuple[PaymentMethod, ...]) -> Submit:
    """The command of one entry of `POST /payments/submit`. Raises: Invalid, with all its faults."""
    body, faults = check(SubmittedBody, record)
    given = Given(record, faults)
    given.same(("customer_id",), ("customers_id",))
    if given("customers_id") is None:
        given.require("customer_id")
    given.require("card", "token")
    given.require("payment")
    amount = _amount(given)
    tax = _tax(given, amount)
    _check_method(given, methods, amount)
    wanted = read_wanted(given, body and body.payment, "payment")
    if body is None or body.payment is None or amount is None or given.faults:
        raise Invalid(given.faults)
    id_ = PaymentID(ids.new("pay"))
    return Submit(
        id=id_,
        customer_id=body.customer_id or body.customers_id or "",
        customer_path="customer_id" if body.customers_id is None else "customers_id",
        card_token=str(given("card", "token")),
        amount=amount,
        reference=body.payment.transaction_reference or id_,
        description=body.payment.description,
        wanted=wanted,
        monthly_limit=next((card.monthly_limit for card in _cards(methods)), None),
        notifications=notifications.wanted(body.notifications),
        tax=tax,
        locale=None if body.customization is None else body.customization.locale,
    )


def _amount(given: Given) -> Money | None:
    if given("payment") is None:
        return None
    given.require("payment", "amount")
    code = lookups.chosen(given, "currency", "payment") or "ZAR"
    amount = _money(given, "amount", lookups.currency(code))
    if amount is not None and amount.minor == 0:
        given.note(nothing("payment.amount"))
        return None
    return amount


def _tax(given: Given, amount: Money | None) -> Money | None:
    tax = None if amount is None else _money(given, "amount_tax", amount.currency)
    if tax is not None and amount is not None and tax.minor > amount.minor:
        given.add("payment.amount_tax", "amount_tax", "The tax is part of the amount.")
    return tax


def _money(given: Given, name: str, currency: Currency) -> Money | None:
    text = given("payment", name)
    if text is None or given.is_faulty("payment", name):
        return None
    try:
        return Money.parse(str(text), currency)
    except MoneyFault:
        given.note(not_of_currency(f"payment.{name}", currency))
        return None


def _check_method(given: Given, methods: tuple[PaymentMethod, ...], amount: Money | None) -> None:
    given.same(("payment", "payment_methods_id"), ("payment", "payment_method_id"))
    for name in ("payment_methods_id", "payment_method_id"):
        wanted = given("payment", name)
        if wanted is not None and not any(method.id == wanted for method in methods):
            given.add(
                f"payment.{name}",
                "payment_method",
                "This names no payment method of the account. GET /payment-methods lists them.",
                Kind.LOOKUP,
            )
        elif wanted is not None and not _takes_cards(methods, str(wanted)):
            given.add(f"payment.{name}", "card_method", "A saved card is charged by card.")
    if amount is not None and not offered(_cards(methods), (), amount, cards_only=True):
        given.add(
            "payment.amount", "no_payment_method", "The account takes no such amount by card."
        )


def _takes_cards(methods: tuple[PaymentMethod, ...], id_: str) -> bool:
    return any(method.id == id_ for method in _cards(methods))


def _cards(methods: tuple[PaymentMethod, ...]) -> tuple[PaymentMethod, ...]:
    return tuple(method for method in methods if method.type is MethodType.CARD)


def read_wanted(given: Given, body: Any, *parents: str) -> Wanted:
    """The schedule that a body with `recurring` or `one-time` asks for; notes what is wrong.

    With neither it is a single charge, today.
    """
    spellings = [name for name in ("one-time", "one_time") if given(*parents, name) is not None]
    if spellings and given(*parents, "recurring") is not None:
        path = ".".join((*parents, spellings[0]))
        given.add(path, "one_of", "A payment is recurring or one-time; give one of the two.")
    if len(spellings) > 1:
        given.same((*parents, "one-time"), (*parents, "one_time"))
    recurring = None if body is None else body.recurring
    if recurring is not None:
        return read_recurring(given, recurring, *parents, "recurring")
    once = None if body is None else body.one_time_ or body.one_time
    day = None if once is None else once.process_date
    path = ".".join((*parents, spellings[0] if spellings else "one-time", "process_date"))
    return Wanted(Interval.ONCE, None, day, None, path, path)


def read_recurring(given: Given, body: RecurringBody, *path: str) -> Wanted:
    """The schedule of a recurring payment, monthly where nothing is said; notes what is wrong."""
    enum = lookups.chosen(given, "payment_interval", *path)
    interval = Interval(enum or Interval.MONTHLY)
    start, end = body.date_start, body.date_end
    if body.process_day is not None and interval in {Interval.DAILY, Interval.WEEKLY}:
        given.add(
            ".".join((*path, "process_day")),
            "process_day",
            "Only monthly and yearly payments have a process_day.",
        )
    if start is not None and end is not None and end < start:
        given.add(".".join((*path, "date_end")), "date_end", "A payment ends after it begins.")
    return Wanted(
        interval=interval,
        process_day=body.process_day,
        start=start,
        end=end,
        start_path=".".join((*path, "date_start")),
        end_path=".".join((*path, "date_end")),
    )


class RecurringReply(TypedDict):
    """When a recurring payment is charged."""

    payment_interval_lookups_id: str
    payment_interval: str
    process_day: int | None
    date_start: str
    date_end: str | None


OneTimeReply = TypedDict("OneTimeReply", {"process_date": str})  # noqa: UP013
InstructionReply = TypedDict(
    "InstructionReply",
    {
        "amount": str,
        "amount_tax": str | None,
        "currency_lookups_id": str,
        "currency": str,
        "payment_methods_id": str | None,
        "payment_method_id": str | None,
        "transaction_reference": str,
        "description": str | None,
        "payment_status_lookups_id": str,
        "payment_status": str,
        "recurring": RecurringReply | None,
        "one-time": OneTimeReply | None,
    },
)


class PaidCardReply(TypedDict):
    """The card that a payment charges."""

    id: str
    token: str | None


class PaymentReply(TypedDict):
    """A payment.

    next_charge_on and next_try are the charge that is to come, or is on its way; error_code is why
    the latest one failed.
    """

    id: str
    payments_id: str
    batch_reference: str | None
    customer_id: str
    customers_id: str
    checkout_id: str | None
    card: PaidCardReply
    payment: InstructionReply
    next_charge_on: str | None
    next_try: int | None
    charges: int
    missed: int
    last_transaction_id: str | None
    error_code: str | None
    created_at: str
    updated_at: str


def show(shown: ShownPayment) -> PaymentReply:
    """One payment in a reply. Shape: times and days are South African."""
    it = shown.payment
    return {
        "id": it.id,
        "payments_id": it.id,
        "batch_reference": it.batch_reference,
        "customer_id": it.customer_id,
        "customers_id": it.customer_id,
        "checkout_id": it.checkout_id,
        "card": {"id": it.card_id, "token": shown.card_token},
        "payment": _instruction(it, shown.payment_method_id),
        "next_charge_on": None if it.state.is_final or it.due_on is None else str(it.due_on),
        "next_try": None if it.state.is_final or it.due_on is None else it.try_number,
        "charges": it.charges,
        "missed": it.missed,
        "last_transaction_id": shown.last_transaction_id,
        "error_code": it.decline_reason,
        "created_at": clock.sast(shown.created_at),
        "updated_at": clock.sast(shown.updated_at),
    }


def _instruction(payment: Payment, method_id: str | None) -> InstructionReply:
    schedule, currency = payment.schedule, payment.amount.currency
    is_once = schedule.interval is Interval.ONCE
    return {
        "amount": payment.amount.text(),
        "amount_tax": None if payment.tax is None else payment.tax.text(),
        "currency_lookups_id": lookups.id_of("currency", currency.code),
        "currency": currency.code,
        "payment_methods_id": method_id,
        "payment_method_id": method_id,
        "transaction_reference": payment.reference,
        "description": payment.description,
        "payment_status_lookups_id": lookups.id_of("payment_status", payment.state),
        "payment_status": payment.state,
        "recurring": None if is_once else _recurring(schedule),
        "one-time": {"process_date": str(schedule.start)} if is_once else None,
    }


def _recurring(schedule: Schedule) -> RecurringReply:
    return {
        "payment_interval_lookups_id": lookups.id_of("payment_interval", schedule.interval),
        "payment_interval": schedule.interval,
        "process_day": schedule.process_day,
        "date_start": str(schedule.start),
        "date_end": None if schedule.end is None else str(schedule.end),
    }
