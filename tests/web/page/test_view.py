from dataclasses import fields, is_dataclass

import pytest

from paydesk.checkouts.model import Customization, LastAttempt
from paydesk.kit.money import Currency, Money
from paydesk.languages import NumberStyle
from paydesk.orders import Amounts
from paydesk.web.page.forms import FormValues
from paydesk.web.page.view import IssuerView

SPACE = "\N{NO-BREAK SPACE}"


def test_a_view_shows_the_order(checkout, view):
    shown = view(checkout())
    assert shown.total == f"R1{SPACE}200.00"
    assert shown.total_code == "ZAR"
    assert [(line.count, line.each, line.amount) for line in shown.lines] == [
        ("2", "R325.00", "R650.00"),
        ("1", "", "R600.00"),
    ]
    assert [(line.label, line.amount) for line in shown.sums] == [
        ("Subtotal", f"R1{SPACE}250.00"),
        ("Discount", "−R100.00"),
        ("Shipping", "R50.00"),
    ]


def test_a_view_holds_only_text_and_yes_or_no(checkout, view):
    def leaves(value):
        if is_dataclass(value):
            for field in fields(value):
                yield from leaves(getattr(value, field.name))
        elif isinstance(value, tuple):
            for part in value:
                yield from leaves(part)
        else:
            yield value

    form = FormValues("A", "B", {"number": "card_number_length"})
    issuer = IssuerView("/a", "/b", "/c", "10", "token", "", "", "https://d", (("creq", "e"),))
    assert all(isinstance(leaf, str | bool) for leaf in leaves(view(checkout(), form, issuer)))


def test_what_the_issuer_tells_the_payer_is_shown_as_it_is(checkout, view):
    said = LastAttempt("tra_1", "authentication_failed", waits=False, cardholder_text="Ask <us>.")
    assert view(checkout(last_attempt=said)).cardholder_text == "Ask <us>."
    silent = LastAttempt("tra_1", "authentication_failed", waits=False)
    assert view(checkout(last_attempt=silent)).cardholder_text == ""
    assert view(checkout()).cardholder_text == ""


def test_an_order_with_a_total_alone_shows_no_sums(checkout, view):
    amount = Money(120_000, Currency("ZAR", 2))
    assert view(checkout(amounts=Amounts(amount, subtotal=amount))).sums == ()


def test_what_the_merchant_hides_is_not_shown(checkout, view):
    hidden = Customization(display_cart=False, display_total=False, display_cancel_button=False)
    shown = view(checkout(customization=hidden))
    assert not shown.shows_cart
    assert not shown.shows_total
    assert not shown.shows_cancel
    assert (shown.lines, shown.sums) == ((), ())
    assert shown.total == f"R1{SPACE}200.00"


def test_amounts_are_written_in_the_style_of_the_merchant(checkout, view):
    custom = Customization(number_style=NumberStyle.SPACE_COMMA)
    shown = view(checkout(customization=custom))
    assert shown.total == "R1\N{NO-BREAK SPACE}200,00"


def test_faults_stand_in_the_order_of_the_form(checkout, view):
    faults = {"name": "name_missing", "form": "form_stale", "number": "card_number_missing"}
    shown = view(checkout(), FormValues(faults=faults))
    assert [error.target for error in shown.errors] == ["", "card-number", "card-name"]
    assert shown.number_error == "Enter your card number."
    assert shown.expiry_error == ""


@pytest.mark.parametrize(("attempts", "told"), [(1, ""), (2, ""), (3, "2"), (4, "1"), (5, "")])
def test_tries_are_counted_down_only_near_the_end(checkout, view, attempts, told):
    declined = checkout(
        attempts=attempts, last_attempt=LastAttempt("tra_1", "declined_generic", waits=False)
    )
    assert view(declined).tries_left == told


def test_addresses_of_the_shop_stay_as_they_are_but_for_html(checkout, view):
    assert view(checkout()).success_url == "https://shop.example/thanks?order=42&amp;by=card"
