"""Example data for `paydesk mail preview`: a letter of each kind, by the name of its file."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from paydesk.invoices import Content, Invoice, InvoiceID, Kind, Line, Party
from paydesk.kit.money import Currency, Money
from paydesk.languages import NumberStyle
from paydesk.notifications import (
    Enclosed,
    Informed,
    Letter,
    Mail,
    Missed,
    Paid,
    Planned,
    card_testing_letter,
    confirmation,
    invoice_letter,
    missed_letter,
    payment_letter,
    reminder,
    undelivered_letter,
    with_plan,
)
from paydesk.notifications import Kind as MailKind
from paydesk.orders import Amounts, Item
from paydesk.payment_methods import MethodType

_ZAR = Currency("ZAR", 2)
_AT = datetime(2026, 11, 28, 9, 41, tzinfo=UTC)


def _rand(minor: int) -> Money:
    return Money(minor, _ZAR)


def _item(name: str, quantity: int, minor: int) -> Item:
    return Item(None, name, quantity, _rand(minor), None, None, None)


def example_paid(locale: str) -> Paid:
    return Paid(
        is_live=True,
        merchant_name="Karoo Coffee Roasters",
        email="help@karoo.example",
        contact_number="021 555 0123",
        logo=None,
        locale=locale,
        merchant_locale=locale,
        number_style=NumberStyle.SPACE_POINT,
        colour="#7a3b12",
        amount=_rand(123_400),
        at=_AT,
        is_hold=False,
        hold_until=None,
        reference="ORD0045",
        description="Beans for November",
        items=(_item("Karoo Dark, 1 kg", 2, 45_000), _item("Filter papers", 1, 26_400)),
        amounts=Amounts(
            total=_rand(123_400), subtotal=_rand(116_400), shipping=_rand(7_000), tax=None
        ),
        method=MethodType.CARD,
        card_brand="visa",
        card_ending="4242",
    )


def _confirmation(locale: str) -> Letter:
    return confirmation(example_paid(locale))


def _authorisation(locale: str) -> Letter:
    return confirmation(
        replace(example_paid(locale), is_hold=True, hold_until=_AT + timedelta(days=7))
    )


def _test_confirmation(locale: str) -> Letter:
    return confirmation(replace(example_paid(locale), is_live=False))


def _invoice(locale: str) -> Letter:
    return invoice_letter(example_paid(locale), _enclosed(Kind.ABRIDGED_TAX_INVOICE))


def _credit_note(locale: str) -> Letter:
    return invoice_letter(example_paid(locale), _enclosed(Kind.CREDIT_NOTE))


def _enclosed(kind: Kind) -> Enclosed:
    return Enclosed(example_invoice(kind), "https://pay.example/documents/inv_1/example")


def example_invoice(kind: Kind) -> Invoice:
    return Invoice(
        account_id=1,
        id=InvoiceID("inv_1"),
        kind=kind,
        number=f"{kind.series}-000045",
        issued_at=_AT,
        checkout_id="chk_1",
        payment_id=None,
        order_id="ord_1",
        transaction_id="tra_1",
        modification_id=None,
        total=_rand(123_400),
        vat=_rand(16_096),
        content=Content(
            is_live=True,
            supplier=Party(
                "Karoo Coffee Roasters (Pty) Ltd",
                ("1 Church Street", "Prince Albert 6930", "South Africa"),
                vat_number="4123456789",
                registration_number="2019/123456/07",
                email="help@karoo.example",
                contact_number="021 555 0123",
            ),
            recipient=Party("Thandi Nkosi", ("1 Loop Street", "Cape Town 8001", "South Africa")),
            order_reference="ORD0045",
            lines=(
                Line("Karoo Dark, 1 kg", 2, _rand(90_000)),
                Line("Filter papers", 1, _rand(26_400)),
                Line("Shipping", 0, _rand(7_000), words="Shipping"),
            ),
            rate=1500,
            refers_to=("INV-000044",) if kind.is_refund else (),
        ),
    )


def _payment(locale: str) -> Letter:
    return payment_letter(example_paid(locale), _mail(MailKind.PAYMENT, "chk_1"))


def _later_payment(locale: str) -> Letter:
    paid = replace(example_paid(locale), is_charge=True)
    return payment_letter(paid, _mail(MailKind.PAYMENT, "tra_1"))


def _later_confirmation(locale: str) -> Letter:
    paid = replace(example_paid(locale), is_charge=True)
    return with_plan(
        confirmation(paid, _enclosed(Kind.ABRIDGED_TAX_INVOICE)),
        "https://pay.example/plan/pay_1/example",
    )


def _reminder(kind: MailKind) -> Callable[[str], Letter]:
    def reminded(locale: str) -> Letter:
        like = example_paid(locale)
        planned = Planned(
            is_live=True,
            merchant_name=like.merchant_name,
            email=like.email,
            contact_number=like.contact_number,
            locale=locale,
            number_style=like.number_style,
            amount=like.amount,
            interval="MONTHLY",
            reference=like.reference,
            description="Beans for every month",
        )
        return reminder(planned, kind, date(2026, 12, 28), "https://pay.example/plan/pay_1/example")

    return reminded


def _charge_missed(locale: str) -> Letter:
    like = example_paid(locale)
    missed = Missed(
        informed=Informed(like.merchant_name, is_live=True, locale=locale),
        number_style=like.number_style,
        amount=like.amount,
        day=date(2026, 12, 28),
        reference=like.reference,
        description="Beans for every month",
        reason="insufficient_funds",
    )
    return missed_letter(missed, _mail(MailKind.CHARGE_MISSED, "tra_1"))


def _undelivered(locale: str) -> Letter:
    about = "https://shop.example:443 2026-11-28"
    informed = Informed("Karoo Coffee Roasters", is_live=True, locale=locale)
    return undelivered_letter(informed, _mail(MailKind.UNDELIVERED, about))


def _card_testing(locale: str) -> Letter:
    return card_testing_letter(Informed("Karoo Coffee Roasters", is_live=True, locale=locale))


def _mail(kind: MailKind, about: str) -> Mail:
    return Mail(1, "mai_1", kind, about, "help@karoo.example", 1, _AT)


EXAMPLES: Mapping[str, Callable[[str], Letter]] = {
    "confirmation": _confirmation,
    "confirmation-authorised": _authorisation,
    "confirmation-test": _test_confirmation,
    "confirmation-later": _later_confirmation,
    "invoice": _invoice,
    "credit-note": _credit_note,
    "upcoming": _reminder(MailKind.UPCOMING),
    "charge-failed": _reminder(MailKind.CHARGE_FAILED),
    "card-ending": _reminder(MailKind.CARD_ENDING),
    "payment": _payment,
    "payment-later": _later_payment,
    "charge-missed": _charge_missed,
    "undelivered": _undelivered,
    "card-testing": _card_testing,
}
