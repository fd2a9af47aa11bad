"""What a move of money looks like in the books. Pure.

Books: `acquirer` is what the acquirer owes us, `merchant` what we owe the merchant. Debits are
positive, credits negative.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from paydesk.kit.money import Money


@dataclass(frozen=True, slots=True)
class Line:
    book: str
    amount: Money


_BOOKS: Mapping[str, tuple[str, str]] = {
    # fact: (debited, credited)
    "approval": ("acquirer", "merchant"),
    "reversal": ("merchant", "acquirer"),
    "capture": ("acquirer", "merchant"),
    "capture_reversal": ("merchant", "acquirer"),
    "refund": ("merchant", "acquirer"),
    "refund_reversal": ("acquirer", "merchant"),
}


def lines_of(fact: str, amount: Money) -> tuple[Line, Line]:
    """The two lines of an entry, which come to nothing together.

    >>> from paydesk.kit.money import Currency
    >>> [line.amount.text() for line in lines_of("approval", Money(500, Currency("ZAR", 2)))]
    ['5.00', '-5.00']
    """
    debited, credited = _BOOKS[fact]
    return Line(debited, amount), Line(credited, Money(-amount.minor, amount.currency))
