"""What payers type, and what is said about it."""

from datetime import date

import pytest

from paydesk.cards.entry import CardEntry, check_entry
from paydesk.cards.model import CardForm
from paydesk.connectors.sandbox.numbers import is_test_number

TODAY = date(2026, 11, 22)
REAL = "4111 1111 1111 1111"


def check(number="4242 4242 4242 4242", expiry="12/30", code="123", name="J Doe", **options):
    return check_entry(
        CardForm(number, expiry, code, name),
        **{"today": TODAY, "is_live": False, "is_test_number": is_test_number} | options,
    )


def fault(field, **fields):
    found = check(**fields)
    return None if isinstance(found, CardEntry) else found.get(field)


def test_a_card_as_payers_type_it_is_taken():
    entry = check(number=" 4242 4242-4242 4242 ", code=" 123 ", name="  J \t Doe ")
    assert isinstance(entry, CardEntry)
    assert (entry.number, entry.brand.name) == ("4242424242424242", "visa")
    assert (entry.expire_month, entry.expire_year) == (12, 2030)
    assert (entry.security_code, entry.name) == ("123", "J Doe")


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("", "card_number_missing"),
        (" - ", "card_number_missing"),
        ("4242–4242–4242 4242", None),
        ("4242 4242 4242", "card_number_length"),
        ("42424242424", "card_number_length"),
        ("42424242424242424242", "card_number_length"),
        ("4242x4242424242424", "card_number_length"),
        ("４２４２４２４２４２４２４２４２", "card_number_length"),
        ("424242424242424", "card_number_length"),
        ("4242424242424241", "card_number_checksum"),
        ("9999999999999995", "card_brand_not_supported"),
        (REAL, "card_number_not_test"),
        ("4000001200010007", None),
        ("4000001200010008", "card_number_checksum"),
    ],
)
def test_a_number_that_can_not_be_charged_is_told_why(number, rule):
    assert fault("number", number=number) == rule


@pytest.mark.parametrize(
    ("number", "rule"),
    [(REAL, None), ("4242424242424242", "card_number_test_only")],
)
def test_live_checkouts_take_real_cards_only(number, rule):
    assert fault("number", number=number, is_live=True) == rule


@pytest.mark.parametrize(
    "text",
    ["12/30", "12 / 30", "1230", "12/2030", "12-30", "122030", " 12/30 ", "12 30", "2030-12"],
)
def test_expiry_is_understood_as_it_is_written(text):
    entry = check(expiry=text)
    assert (entry.expire_month, entry.expire_year) == (12, 2030)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("1/30", None),
        ("11/26", None),
        ("10/26", "expiry_past"),
        ("12/25", "expiry_past"),
        ("11/46", None),
        ("12/46", "expiry_far"),
        ("12/2099", "expiry_far"),
        ("", "expiry_missing"),
        ("  ", "expiry_missing"),
        ("13/30", "expiry_format"),
        ("00/30", "expiry_format"),
        ("12", "expiry_format"),
        ("12/3", "expiry_format"),
        ("12/030", "expiry_format"),
        ("12/12/30", "expiry_format"),
        ("１２/30", "expiry_format"),
        ("Dec 30", "expiry_format"),
    ],
)
def test_an_expiry_that_does_not_fit_is_told_why(text, rule):
    assert fault("expiry", expiry=text) == rule


@pytest.mark.parametrize(
    ("number", "code", "rule"),
    [
        ("4242424242424242", "", "security_code_missing"),
        ("4242424242424242", "12", "security_code_length"),
        ("4242424242424242", "1234", "security_code_length"),
        ("4242424242424242", "12a", "security_code_length"),
        ("4242424242424242", "１２３", "security_code_length"),
        ("378282246310005", "123", "security_code_length"),
        ("378282246310005", "1234", None),
        ("", "1234", None),
        ("", "12345", "security_code_length"),
    ],
)
def test_the_security_code_fits_the_brand(number, code, rule):
    assert fault("security_code", number=number, code=code) == rule


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("", "name_missing"),
        ("\0\n", "name_missing"),
        ("X", "name_length"),
        ("x" * 100, None),
        ("x" * 101, "name_length"),
        ("4242 4242 4242 4242", "name_is_number"),
        ("J Doe 424242424242", "name_is_number"),
        ("123", "name_is_number"),
        ("1234", "name_is_number"),
        ("Zoë Ngũgĩ wa Thiong'o", None),
        ("Henry 8", None),
    ],
)
def test_a_name_is_a_name(name, rule):
    assert fault("name", name=name) == rule


def test_all_fields_are_told_at_once():
    assert set(check("", "", "", "")) == {"number", "expiry", "security_code", "name"}


def test_neither_the_form_nor_the_card_shows_itself():
    form = CardForm("4242424242424242", "12/30", "917", "J Doe")
    entry = check(number="4242424242424242", code="917")
    assert repr(form) == "CardForm()"
    for secret in ("4242424242424242", "917", "Doe"):
        assert secret not in repr(entry)
