"""Example data for `paydesk mail preview`: a letter of each kind, by the name of its file."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from paydesk.kit.money import Currency, Money
from paydesk.languages import NumberStyle
from paydesk.notifications import Letter, Paid, confirmation
from paydesk.orders import Amounts, Item

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
        number_style=NumberStyle.SPACE_POINT,
        colour="#7a3b12",
        amount=_rand(123_400),
        at=_AT,
        hold_until=None,
        reference="ORD0045",
        description="Beans for November",
        items=(_item("Karoo Dark, 1 kg", 2, 45_000), _item("Filter papers", 1, 26_400)),
        amounts=Amounts(
            total=_rand(123_400), subtotal=_rand(116_400), shipping=_rand(7_000), tax=None
        ),
        card_brand="visa",
        card_ending="4242",
    )


def _confirmation(locale: str) -> Letter:
    return confirmation(example_paid(locale))


def _authorisation(locale: str) -> Letter:
    return confirmation(replace(example_paid(locale), hold_until=_AT + timedelta(days=7)))


def _test_confirmation(locale: str) -> Letter:
    return confirmation(replace(example_paid(locale), is_live=False))


EXAMPLES: Mapping[str, Callable[[str], Letter]] = {
    "confirmation": _confirmation,
    "confirmation-authorised": _authorisation,
    "confirmation-test": _test_confirmation,
}
