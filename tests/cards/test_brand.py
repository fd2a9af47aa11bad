"""Brands by leading digits, and the check digit."""

import pytest

from paydesk.cards.brand import BRANDS, brand_of, has_right_check_digit, shown_bin


@pytest.mark.parametrize(
    ("digits", "name"),
    [
        ("4", "visa"),
        ("4242424242424242", "visa"),
        ("51", "mastercard"),
        ("5555555555554444", "mastercard"),
        ("2221", "mastercard"),
        ("2720", "mastercard"),
        ("34", "amex"),
        ("378282246310005", "amex"),
        ("305", "diners"),
        ("3095", "diners"),
        ("36", "diners"),
        ("6011", "discover"),
        ("649", "discover"),
        ("65", "discover"),
        ("3528", "jcb"),
        ("3589", "jcb"),
        ("62", "unionpay"),
        ("81", "unionpay"),
        ("50", "maestro"),
        ("6304", "maestro"),
        ("6759", "maestro"),
        ("2220", None),
        ("2721", None),
        ("3", None),
        ("35", None),
        ("9", None),
        ("", None),
        ("４２４２", None),
    ],
)
def test_leading_digits_tell_the_brand(digits, name):
    brand = brand_of(digits)
    assert (brand.name if brand else None) == name


def test_american_express_is_grouped_four_six_five_with_a_code_of_four():
    amex = brand_of("37")
    assert amex.groups == (4, 6, 5)
    assert amex.security_code_length == 4
    assert {brand.security_code_length for brand in BRANDS if brand is not amex} == {3}


@pytest.mark.parametrize(
    "number",
    [
        "4242424242424242",
        "378282246310005",
        "4000001200010007",
        "5200001200020720",
        "4222222222222",
    ],
)
def test_one_changed_digit_spoils_the_check_digit(number):
    assert has_right_check_digit(number)
    for place, digit in enumerate(number):
        for other in set("0123456789") - {digit}:
            assert not has_right_check_digit(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize(
    ("number", "shown"), [("4242424242424242", "42424242"), ("378282246310005", "378282")]
)
def test_at_most_the_permitted_digits_are_shown(number, shown):
    assert shown_bin(number) == shown
