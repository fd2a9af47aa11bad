"""South African VAT: its rate by date, and how much of an amount it is. Pure.

Rates are dated data: the one planned for 1 May 2025 was withdrawn a week before, and a program that
had it as a constant went out wrong. Amounts of money are exact: no part of a cent is lost.
"""

from datetime import date

# From when a rate holds. Source: VAT Act 89 of 1991, section 7(1), as amended; the increase to
# 15.5 % was withdrawn by Government Notice 6157 of 24 April 2025.
RATES = (
    (date(1991, 9, 30), 1000),
    (date(1993, 4, 7), 1400),
    (date(2018, 4, 1), 1500),
)


def rate_on(day: date) -> int:
    """The standard rate on this day.

    Units: hundredths of a percent.

    >>> rate_on(date(2026, 11, 28))
    1500
    """
    return max((since, rate) for since, rate in RATES if since <= day)[1]


def vat_in(total: int, rate: int) -> int:
    """The VAT that a total includes: the tax fraction of it, to the nearest cent, halves up.

    Units: minor units; rate as rate_on gives it.
    Source: VAT Act 89 of 1991, section 1, "tax fraction".

    >>> vat_in(11500, 1500), vat_in(100, 1500)
    (1500, 13)
    """
    return _nearest(total * rate, 10_000 + rate)


def share(whole: int, *, total: int, before: int, amount: int) -> int:
    """The part of `whole` that falls to `amount` of `total`, `before` of which was dealt with.

    The parts of all amounts that make up the total come to exactly the whole.

    >>> [share(100, total=3, before=before, amount=1) for before in (0, 1, 2)]
    [33, 34, 33]
    """
    return _nearest(whole * (before + amount), total) - _nearest(whole * before, total)


def _nearest(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
