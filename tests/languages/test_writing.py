from datetime import UTC, datetime

import pytest

from paydesk.kit.money import Currency, Money
from paydesk.languages import ENGLISH, LANGUAGES, NumberStyle, writing_of

written = writing_of(ENGLISH, NumberStyle.SPACE_POINT)
RAND = Currency("ZAR", 2)


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
    assert written.day(at) == "01\N{NO-BREAK SPACE}January 2027"


def test_counts_are_grouped_like_amounts():
    assert written.count(2) == "2"
    assert written.count(1_000_000) == "1\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}000"


@pytest.mark.parametrize(
    ("code", "style", "text"),
    [
        ("en", NumberStyle.LOCALE, "R1 200,00"),
        ("zu", NumberStyle.LOCALE, "R1,200.00"),
        ("en", NumberStyle.SPACE_COMMA, "R1 200,00"),
        ("zu", NumberStyle.SPACE_COMMA, "R1 200,00"),
        ("nso", NumberStyle.COMMA_POINT, "R1,200.00"),
        # Other languages are not the merchant's to choose.
        ("de", NumberStyle.SPACE_POINT, "1.200,00 ZAR"),
        ("pt", NumberStyle.COMMA_POINT, "ZAR 1.200,00"),
        ("zh", NumberStyle.SPACE_POINT, "ZAR 1,200.00"),
        ("ar", NumberStyle.SPACE_POINT, "\N{RIGHT-TO-LEFT MARK}1,200.00 ZAR"),
    ],
)
def test_each_language_writes_amounts_its_own_way(code, style, text):
    amount = writing_of(LANGUAGES[code], style).amount(Money(120_000, RAND))
    assert amount == text.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_every_language_writes_amounts_days_and_times(language):
    for style in NumberStyle:
        writing = writing_of(language, style)
        amount = writing.amount(Money(-1_234_567, RAND))
        assert "".join(sign for sign in amount if sign.isdigit()) == "1234567"
        assert "\N{MINUS SIGN}" in amount
        assert ("ZAR" in amount) != (writing.code_beside(Money(1, RAND)) == "ZAR")
        assert "2026" in writing.day(datetime(2026, 11, 22, tzinfo=UTC))
        assert ":45" in writing.time(datetime(2026, 11, 22, 11, 45, tzinfo=UTC))
