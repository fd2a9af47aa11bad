from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk import limits
from paydesk.kit.money import Currency, Money, MoneyFault

ZAR, JPY, BHD, CLF = Currency("ZAR", 2), Currency("JPY", 0), Currency("BHD", 3), Currency("CLF", 4)
CURRENCIES = [ZAR, JPY, BHD, CLF]

minors = st.integers(min_value=0, max_value=10**limits.AMOUNT_DIGITS_MAX - 1)
currencies = st.sampled_from(CURRENCIES)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1200.00", ZAR, 120000),
        ("1200", ZAR, 120000),
        ("1200.5", ZAR, 120050),
        ("19.99", ZAR, 1999),
        ("0", ZAR, 0),
        ("0.00", ZAR, 0),
        ("0.01", ZAR, 1),
        ("1.15", ZAR, 115),
        ("1200", JPY, 1200),
        ("0.001", BHD, 1),
        ("1.1", BHD, 1100),
        ("0.0001", CLF, 1),
        ("999999999999.99", ZAR, 99999999999999),
    ],
)
def test_plain_decimal_text_is_money(text: str, currency: Currency, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@given(minors, currencies)
def test_what_is_written_is_read_back(minor: int, currency: Currency) -> None:
    money = Money(minor, currency)
    assert Money.parse(money.text(), currency) == money
    assert Decimal(money.text()).scaleb(currency.digits) == minor


@given(st.decimals(min_value=0, max_value=10**11, places=2, allow_nan=False))
def test_parsing_agrees_with_exact_decimals(amount: Decimal) -> None:
    assert Money.parse(f"{amount:f}", ZAR).minor == int(amount * 100)


NUMBER_LIKE = [
    *("", " ", ".", "-", "+", "0x", "e", "E1", "--1", "1-", "1+", "+-1", "()", "(1)", "1)", "#1"),
    # signs
    *("-1", "+1", "-0", "+0", "-0.00", "−1", "－1", "＋1", "﹢1", "- 1", "1.-5", "1.+5"),
    # exponents, special values, other bases, separators of programs
    *("1e3", "1E3", "1e+3", "1e-3", "1.5e1", "1e", "1e0", "0e0", "1d3", "1.e3", ".1e1"),
    *("NaN", "nan", "sNaN", "NAN1", "Infinity", "inf", "-inf", "+Infinity", "INF", "∞"),
    *("0x10", "0X10", "0b1", "0o7", "1_000", "1_0.00", "_1", "1_", "1__0", "1L", "1n", "1f", "1u"),
    # separators of people
    *("1,000", "1,000.00", "1.000,00", "1 000", "1 000.00", "1'000", "1’000", "1,5", ",5", "1,"),
    *("1٬000", "1٫5", "1\u00a0000", "1\u202f000", "1\u2009000", "1·5", "1．5", "1。5", "1‚5"),
    # blanks and invisible characters
    *(" 1", "1 ", "\t1", "1\t", "1\n", "\n1", "1\r\n", "1 .0", "1. 0", "1\x00", "\x001", "1\x0b"),
    *("1\x0c", "1\x1f", "1\x7f", "1\x85", "1\u00a0", "\u00a01", "1\u2028", "1\u2029", "\ufeff1"),
    *("1\ufeff", "1\u200b", "\u200b1", "1\u200d", "1\u2060", "\u202e1", "1\u00ad", "1\u3000"),
    # points
    *("1.", ".5", "..5", "1..0", "1.0.0", "1.2.3", "0.", ".0", "1.0.", ".1.", "1. ", "1.x"),
    # leading zeros
    *("00", "01", "00.00", "01.00", "000", "007", "0000000000001", "00.5", "-01", "010"),
    # surplus digits, even zeros
    *("1.000", "1.001", "0.000", "1.999", "0.005", "1.0000000000", "0.001", "12.345", "9.9999"),
    *("1" + "0" * limits.AMOUNT_DIGITS_MAX, "9" * 13, "9" * 13 + ".99", "1" * 400, "9" * 5000),
    *("0." + "0" * 400, "1." + "1" * 5000),
    # digits of other scripts and other numerals
    *("١٢٣", "۱۲۳", "१२३", "১২৩", "๑๒๓", "１２３", "1２3", "𝟏𝟐𝟑", "𝟙", "①", "⑴", "⒈", "²", "1²"),
    *("₂", "½", "1½", "¼", "Ⅳ", "ⅳ", "一", "壹", "〇", "௧", "፩", "༡", "᠑", "๐", "٠", "０", "१.५"),
    *("1.٥", "٣.14", "0.５", "O", "l", "1O", "I0", "O.5", "S5"),
    # currencies and words
    *("R1", "R 1", "1R", "ZAR1", "1 ZAR", "$1", "1$", "€1", "£1", "¥1", "1%", "1‰", "one", "1c"),
    *("true", "false", "null", "None", "undefined", "[1]", "{1}", '"1"', "'1'", "1;", "1/2", "1:2"),
    *("1*1", "1=1", "1|1", "1&1", "1;--", "1\\0", "${1}", "{{1}}", "<1>", "%31", "&#49;", "1\\n"),
]


def test_there_are_two_hundred_hostile_spellings() -> None:
    assert len(set(NUMBER_LIKE)) == len(NUMBER_LIKE) >= 200


@pytest.mark.parametrize("text", NUMBER_LIKE, ids=ascii)
def test_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(MoneyFault):
        Money.parse(text, ZAR)


@pytest.mark.parametrize(
    ("text", "currency"),
    [("1.0", JPY), ("1.", JPY), ("0.0", JPY), ("1.0001", BHD), ("1.00001", CLF)],
)
def test_decimals_the_currency_does_not_have_are_refused(text: str, currency: Currency) -> None:
    with pytest.raises(MoneyFault):
        Money.parse(text, currency)


@given(st.text(), currencies)
def test_any_text_is_refused_or_ascii_digits(text: str, currency: Currency) -> None:
    try:
        money = Money.parse(text, currency)
    except MoneyFault:
        return
    assert set(text) <= set("0123456789.")
    assert Decimal(text) == Decimal(money.text())


@pytest.mark.parametrize("value", [19.99, 1, None, True, Decimal("1.00"), b"1.00"])
def test_only_text_is_parsed(value: object) -> None:
    with pytest.raises(TypeError):
        Money.parse(value, ZAR)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (0, ZAR, "0.00"),
        (5, ZAR, "0.05"),
        (-5, ZAR, "-0.05"),
        (-12345, ZAR, "-123.45"),
        (7, JPY, "7"),
        (-7, JPY, "-7"),
        (0, JPY, "0"),
        (1, BHD, "0.001"),
        (123456, CLF, "12.3456"),
        (10**30, ZAR, "1" + "0" * 28 + ".00"),
    ],
)
def test_an_amount_shows_all_decimals_of_its_currency(
    minor: int, currency: Currency, text: str
) -> None:
    assert Money(minor, currency).text() == text


@given(minors, minors, st.integers(min_value=0, max_value=limits.ITEM_QUANTITY_MAX))
def test_sums_are_exact(first: int, second: int, count: int) -> None:
    a, b = Money(first, ZAR), Money(second, ZAR)
    assert (a + b).minor == first + second
    assert (a + b) - b == a
    assert (a * count).minor == first * count


def test_two_currencies_do_not_add() -> None:
    for other in (Money(1, JPY), Money(1, Currency("ZAR", 3))):
        with pytest.raises(TypeError):
            Money(1, ZAR) + other
        with pytest.raises(TypeError):
            Money(1, ZAR) - other
        assert Money(1, ZAR) != other
