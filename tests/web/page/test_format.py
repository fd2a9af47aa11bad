from datetime import UTC, datetime

import pytest

from paydesk.kit.money import Currency, Money
from paydesk.web.page import format as written


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (120_000, Currency("ZAR", 2), "R1 200.00"),
        (5, Currency("ZAR", 2), "R0.05"),
        (0, Currency("ZAR", 2), "R0.00"),
        (99_999, Currency("ZAR", 2), "R999.99"),
        (123_456_789_012_345, Currency("ZAR", 2), "R1 234 567 890 123.45"),
        (-10_000, Currency("ZAR", 2), "−R100.00"),
        (120_000, Currency("USD", 2), "USD 1 200.00"),
        (1_200, Currency("JPY", 0), "JPY 1 200"),
        (1_234_567, Currency("KWD", 3), "KWD 1 234.567"),
    ],
)
def test_amounts_are_written_for_payers(minor, currency, text):
    assert written.amount(Money(minor, currency)) == text.replace(" ", "\N{NO-BREAK SPACE}")


def test_the_code_stands_beside_an_amount_that_does_not_carry_it():
    assert written.code_beside(Money(1, Currency("ZAR", 2))) == "ZAR"
    assert written.code_beside(Money(1, Currency("USD", 2))) == ""


def test_times_and_days_are_those_of_south_africa():
    at = datetime(2026, 12, 31, 22, 5, tzinfo=UTC)
    assert written.time(at) == "00:05"
    assert written.day(at) == "1\N{NO-BREAK SPACE}January 2027"


def test_counts_are_grouped_like_amounts():
    assert written.count(2) == "2"
    assert written.count(1_000_000) == "1\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}000"
