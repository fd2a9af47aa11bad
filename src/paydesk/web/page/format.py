"""How the page writes amounts, dates and times. Integers go in, text comes out, never a float."""

from datetime import datetime, timedelta, timezone

from paydesk.kit.money import Money

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"

# South Africa has kept UTC+2 without daylight saving since 1944, so no time zone data is needed.
_SOUTH_AFRICA = timezone(timedelta(hours=2))

# `R` means the rand to everybody here and nothing to others; every other currency shows its
# code, because `$` alone names a dozen currencies.
_SYMBOLS = {"ZAR": "R"}

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


def amount(money: Money) -> str:
    r"""The amount as payers read it, its thousands parted by no-break spaces.

    >>> from paydesk.kit.money import Currency
    >>> amount(Money(120000, Currency("ZAR", 2)))
    'R1\xa0200.00'
    >>> amount(Money(-120000, Currency("USD", 2)))
    '−USD\xa01\xa0200.00'
    """
    sign = MINUS if money.minor < 0 else ""
    whole, point, decimals = Money(abs(money.minor), money.currency).text().partition(".")
    figures = _grouped(whole) + point + decimals
    code = money.currency.code
    return sign + _SYMBOLS.get(code, code + NO_BREAK_SPACE) + figures


def code_beside(money: Money) -> str:
    """The currency's code where `amount` leaves it out, else nothing: it stands there once."""
    code = money.currency.code
    return code if code in _SYMBOLS else ""


def count(number: int) -> str:
    r"""A whole number, its thousands parted as in amounts.

    >>> count(1200)
    '1\xa0200'
    """
    return _grouped(str(number))


def time(at: datetime) -> str:
    """The time of day in South Africa, `13:45`."""
    local = at.astimezone(_SOUTH_AFRICA)
    return f"{local.hour:02}:{local.minute:02}"


def day(at: datetime) -> str:
    """The day in South Africa, `22 November 2026`; the first space does not break."""
    local = at.astimezone(_SOUTH_AFRICA)
    return f"{local.day}{NO_BREAK_SPACE}{_MONTHS[local.month - 1]} {local.year}"


def _grouped(digits: str) -> str:
    return f"{int(digits):,}".replace(",", NO_BREAK_SPACE)
