"""What a move of money looks like in the books. Pure.

Books: `acquirer` is what the acquirer or bank owes us, `merchant` what we owe the merchant,
`deposits` what we owe payers who sent money by hand. Debits are positive, credits negative.
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
    "deposit": ("acquirer", "deposits"),
    "return": ("deposits", "acquirer"),
    "return_reversal": ("acquirer", "deposits"),
}
# Where money came by hand it is there already when it pays.
_FROM_DEPOSITS = ("deposits", "merchant")


def lines_of(fact: str, amount: Money, *, from_deposits: bool = False) -> tuple[Line, Line]:
    """The two lines of an entry, which come to nothing together.

    from_deposits: an approval takes money that payers had sent before.

    >>> from paydesk.kit.money import Currency
    >>> [line.amount.text() for line in lines_of("approval", Money(500, Currency("ZAR", 2)))]
    ['5.00', '-5.00']
    """
    debited, credited = _FROM_DEPOSITS if from_deposits else _BOOKS[fact]
    return Line(debited, amount), Line(credited, Money(-amount.minor, amount.currency))
